import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { removeAtExit } from "../pool/output-path.js";
import type { RunProgress } from "../pool/pool.js";
import type { FirstDifference } from "../result/comparison.js";
import type { Tool } from "../result/schema.js";
import type { StoredResult } from "../result/stored.js";
import { forecast } from "../run/forecast.js";
import type { TraceFilter } from "../run/plan.js";
import { describeScenario } from "../scenario/describe.js";
import { InputError } from "../scenario/input-error.js";
import { virtualNsOf } from "../scenario/phases.js";
import type { Scenario } from "../scenario/scenario.js";
import { formatDuration } from "../scenario/units.js";
import { run } from "./run.js";
import { prepareScenario } from "./scenario-input.js";

/** Trace records that are expected in the first window of virtual time, and in the largest: about 25 MB and 1 GB on the disk. */
const RECORDS_FIRST = 100_000;
const RECORDS_MAX = 4_000_000;
const RECORDS_FACTOR = 4;

export interface DifferenceOptions {
  readonly tool: Tool;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: RunProgress) => void;
}

/** One side, run again. */
interface Rerun {
  readonly result: StoredResult;
  readonly scenario: Scenario;
  readonly endNs: number;
  readonly file: string;
}

type Window = NonNullable<TraceFilter["timeNs"]>;

/**
 * Runs both results' scenarios again, with this version, and finds the first record in which their traces differ. Virtual time is
 * gone through in windows, each traced into a temporary folder, so that no trace has to be kept whole.
 *
 * @throws InputError when this version cannot run one of the scenarios, or the disk has no room for a window
 */
export async function findFirstDifference(
  a: StoredResult,
  b: StoredResult,
  options: DifferenceOptions,
): Promise<FirstDifference> {
  const [ofA, ofB] = [await readScenario(a), await readScenario(b)];
  if (isSame(ofA, ofB)) {
    return {
      kind: "unknown",
      reason:
        "both have the same scenario and seed, which this version runs alike; to see the difference, trace each with the " +
        `version that wrote it: ${a.command} --trace FILE`,
    };
  }
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "condis-sim-compare-"));
  const remove = removeAtExit(() => fs.rmSync(folder, { recursive: true, force: true }));
  try {
    const rerun = (result: StoredResult, scenario: Scenario, name: string): Rerun => {
      return { result, scenario, endNs: virtualNsOf(scenario), file: path.join(folder, name) };
    };
    return await searchWindows([rerun(a, ofA, "a.jsonl"), rerun(b, ofB, "b.jsonl")], options);
  } finally {
    remove();
  }
}

async function readScenario({ file, scenario }: StoredResult): Promise<Scenario> {
  try {
    return await prepareScenario({ value: scenario });
  } catch (error) {
    if (error instanceof InputError) throw new InputError(`${file}: this version cannot run it: ${error.message}`);
    throw error;
  }
}

function isSame(a: Scenario, b: Scenario): boolean {
  const effectOf = (scenario: Scenario): string =>
    JSON.stringify(describeScenario({ ...scenario, description: "", thresholds: [] }));
  return effectOf(a) === effectOf(b);
}

async function searchWindows(
  sides: readonly [a: Rerun, b: Rerun],
  options: DifferenceOptions,
): Promise<FirstDifference> {
  const endNs = Math.max(...sides.map((side) => side.endNs));
  const notes = versionNotes(sides, options.tool);
  let equalRecords = 0;
  let records = RECORDS_FIRST;
  for (let fromNs = 0; fromNs <= endNs;) {
    const window = planWindow(sides, fromNs, endNs, records);
    for (const side of sides) {
      const digest = await traceWindow(side, window, options);
      if (digest === null) {
        const sameSoFar = fromNs === 0 ? "" : `; the traces are the same up to ${formatDuration(fromNs - 1)}`;
        return { kind: "unknown", reason: `stopped${sameSoFar}` };
      }
      if (fromNs === 0 && digest !== side.result.digest)
        notes.push(`${side.result.file}: this version gives another digest, ${digest}`);
    }
    const found = await compareLines(sides[0].file, sides[1].file);
    equalRecords += found.equal;
    if (found.differs) return { kind: "found", equalRecords, a: found.a, b: found.b, notes };
    fromNs = window.to;
    records = Math.min(RECORDS_MAX, records * RECORDS_FACTOR);
  }
  return { kind: "none", equalRecords, notes };
}

function versionNotes(sides: readonly Rerun[], { version }: Tool): string[] {
  return sides
    .filter(({ result }) => result.tool.version !== version)
    .map(({ result }) => `${result.file} was written by ${result.tool.version}; the trace is that of ${version}`);
}

/** The longest window from there on in which about so many records are expected; never less than a tick. */
function planWindow(sides: readonly Rerun[], fromNs: number, endNs: number, records: number): Window {
  const tickNs = Math.max(...sides.map(({ scenario }) => scenario.tickNs));
  // What happens at the very end of a run still belongs to it.
  const windowOf = (spanNs: number): Window => ({ from: fromNs, to: fromNs + spanNs + 1 });
  const fits = (spanNs: number): boolean =>
    sides.every(({ scenario }) => forecast(scenario, { afs: null, timeNs: windowOf(spanNs) }).traceRecords <= records);
  let spanNs = endNs - fromNs;
  while (spanNs > tickNs && !fits(spanNs)) spanNs = Math.max(tickNs, Math.floor(spanNs / 2));
  return windowOf(spanNs);
}

/** @returns the digest of the run; null when it was stopped */
async function traceWindow(
  { result: stored, scenario, endNs, file }: Rerun,
  window: Window,
  { tool, signal, onProgress }: DifferenceOptions,
): Promise<string | null> {
  if (window.from >= endNs) {
    fs.writeFileSync(file, "");
    return stored.digest;
  }
  const { result, traceWritten } = await run({
    scenario,
    describedScenario: describeScenario(scenario),
    tool,
    command: stored.command,
    shards: null,
    workers: null,
    repeat: 1,
    trace: { file, filter: { afs: null, timeNs: window } },
    ...(signal && { signal }),
    ...(onProgress && { onProgress }),
  });
  return traceWritten ? (result?.digest ?? null) : null;
}

interface LineDifference {
  /** Lines before the first that differs. */
  readonly equal: number;
  readonly differs: boolean;
  readonly a: string | null;
  readonly b: string | null;
}

/** Reads both files side by side, line by line. */
async function compareLines(fileA: string, fileB: string): Promise<LineDifference> {
  const files = [await fs.promises.open(fileA), await fs.promises.open(fileB)] as const;
  try {
    const [linesA, linesB] = [
      files[0].readLines()[Symbol.asyncIterator](),
      files[1].readLines()[Symbol.asyncIterator](),
    ];
    for (let equal = 0; ; equal++) {
      const [nextA, nextB] = [await linesA.next(), await linesB.next()];
      const [a, b] = [nextA, nextB].map((next) => (next.done === true ? null : next.value)) as [
        string | null,
        string | null,
      ];
      if (a !== b) return { equal, differs: true, a, b };
      if (a === null) return { equal, differs: false, a, b };
    }
  } finally {
    for (const file of files) await file.close();
  }
}
