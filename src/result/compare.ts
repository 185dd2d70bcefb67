/** Two results of the same scenario: what went in, what came out, and how fast. */

import { compareSpeed, type SpeedComparison } from "./compare-speed.js";
import { countFields, findDifferences, type Difference } from "./differences.js";
import type { JsonObject, StoredResult } from "./stored.js";

export interface PairComparison {
  /** At least one result each. Several on a side are of the same scenario and have the same digest. */
  readonly a: readonly StoredResult[];
  readonly b: readonly StoredResult[];
  /** Of what came out: "not comparable" when there is a problem, else whether every field is the same. */
  readonly verdict: "same" | "differ" | "not comparable";
  /** Why the results say nothing about one another. */
  readonly problems: readonly string[];
  /** Where scenario and seed differ. */
  readonly inputs: readonly Difference[];
  /** Where what came out differs. */
  readonly outputs: readonly Difference[];
  /** Fields that only one side's version of the tool measures; they are not compared. */
  readonly unmeasured: readonly Difference[];
  /** Fields of what came out. */
  readonly fieldCount: number;
  readonly speed: SpeedComparison;
}

/** Fields of a scenario that change nothing in a run. */
const WORDS_ONLY = ["scenario.description", "scenario.thresholds"];
/** In lists and counts by rule a field that is not there has a meaning: nothing was counted. */
const MAY_LACK = /\.byRule\.|\.-?\d+\.\.|\.\d+(?:\.|$)/;

/**
 * Compares results of one scenario.
 *
 * @param a at least one; the first stands for all, times apart
 * @param margin of speed, a share
 */
export function compareResults(
  a: readonly [StoredResult, ...StoredResult[]],
  b: readonly [StoredResult, ...StoredResult[]],
  margin: number,
): PairComparison {
  const [one, other] = [a[0], b[0]];
  // A file may stand on both sides.
  const problems = [...new Set([...problemsBetween(one, other), ...contradictionsOf(a), ...contradictionsOf(b)])];
  const inputs = findDifferences(inputOf(one), inputOf(other));
  const found = findDifferences(...yieldedOf(one, other));
  const isUnmeasured = ({ path, a: ofA, b: ofB }: Difference): boolean =>
    one.tool.version !== other.tool.version && (ofA === undefined || ofB === undefined) && !MAY_LACK.test(path);
  const outputs = found.filter((difference) => !isUnmeasured(difference));
  const isOtherWork = changesWork(inputs) && !(one.tool.version !== other.tool.version && isOneSided(inputs));
  const otherWork = problems[0] ?? (isOtherWork ? "they did different work: scenario or seed differ" : null);
  return {
    a,
    b,
    verdict: problems.length > 0 ? "not comparable" : outputs.length > 0 ? "differ" : "same",
    problems,
    inputs,
    outputs,
    unmeasured: found.filter(isUnmeasured),
    fieldCount: countFields(one.yielded),
    speed: compareSpeed(a, b, otherWork, margin),
  };
}

/** What came out; of a result that an earlier version wrote, without a series over time, no other's series is of interest. */
function yieldedOf(one: StoredResult, other: StoredResult): [JsonObject, JsonObject] {
  if (one.yielded["series"] && other.yielded["series"]) return [one.yielded, other.yielded];
  return [withoutSeries(one.yielded), withoutSeries(other.yielded)];
}

function withoutSeries({ series: _series, ...rest }: JsonObject): JsonObject {
  return rest;
}

function changesWork(inputs: readonly Difference[]): boolean {
  return inputs.some(({ path }) => !WORDS_ONLY.some((words) => path.startsWith(words)));
}

/** Whether one scenario has fields that the other lacks, and nothing else: those that a later version of the tool knows. */
function isOneSided(inputs: readonly Difference[]): boolean {
  return inputs.every(({ a }) => a === undefined) || inputs.every(({ b }) => b === undefined);
}

/** The seed stands beside the scenario, and in it. */
function inputOf({ scenario, seed }: StoredResult) {
  const { seed: _seed, ...rest } = scenario;
  return { seed, scenario: rest };
}

function problemsBetween(a: StoredResult, b: StoredResult): string[] {
  const problems: string[] = [];
  if (a.name !== b.name) problems.push(`they are of different scenarios, ${a.name} and ${b.name}`);
  if (a.mode !== b.mode) problems.push(`one is of ${a.mode} and one of ${b.mode}`);
  else if (a.mode === "live") problems.push("no two runs with real threads are the same");
  for (const { file, partialDone } of [a, b]) {
    if (partialDone !== null)
      problems.push(`${file} is partial: its run was stopped when ${Math.floor(partialDone * 100)} % were done`);
  }
  return problems;
}

function contradictionsOf([first, ...rest]: readonly StoredResult[]): string[] {
  const other = rest.find(({ digest }) => digest !== first?.digest);
  if (first === undefined || other === undefined) return [];
  return [`${first.file} and ${other.file} are of the same scenario and have different digests`];
}
