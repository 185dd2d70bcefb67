import type { ScenarioOverrides } from "../scenario/override.js";
import type { SweepAxes } from "./sweep-plan.js";
import { PROGRAM } from "./tool.js";

/** Words as one types them into a POSIX shell. */
export function quoteWords(words: readonly string[]): string {
  return words.map(quoteWord).join(" ");
}

function quoteWord(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

/**
 * The command line that gives a run's result again: scenario, seed and overrides, nothing about shards and workers, on
 * which no result depends.
 *
 * @param scenario as on a command line: a built-in scenario or a file
 * @param seed of the resolved scenario
 */
export function describeRun(scenario: string, overrides: ScenarioOverrides, seed: number): string {
  return describe("run", scenario, overrides, seed, []);
}

/** The command line that plays a scenario in the same way again; what comes out depends on the machine. */
export function describeLive(
  scenario: string,
  overrides: ScenarioOverrides,
  seed: number,
  { lanes, dispatch, pace }: { readonly lanes: number | null; readonly dispatch: string; readonly pace: string },
): string {
  const ways = [...(lanes === null ? [] : [["--lanes", String(lanes)]]), ["--dispatch", dispatch], ["--pace", pace]];
  return describe("live", scenario, overrides, seed, ways);
}

/** The command line that measures the same sweep again. */
export function describeSweep(
  scenario: string,
  overrides: ScenarioOverrides,
  { afs, workers, dispatch }: SweepAxes,
  seed: number,
): string {
  const threads = workers.join(",");
  const ways = dispatch
    ? [
        ["--lanes", threads],
        ["--dispatch", dispatch.join(",")],
      ]
    : [["--workers", threads]];
  return describe("sweep", scenario, { ...overrides, afs: afs.join(",") }, seed, ways);
}

function describe(
  command: string,
  scenario: string,
  { afs, machines, duration, set }: ScenarioOverrides,
  seed: number,
  more: readonly string[][],
): string {
  const flags = [
    ["--seed", String(seed)],
    ["--afs", afs],
    ...more,
    ["--machines", machines],
    ["--duration", duration],
    ...(set ?? []).map((assignment) => ["--set", assignment]),
  ];
  const given = flags.filter((pair): pair is string[] => pair[1] !== undefined);
  return quoteWords([PROGRAM, command, scenario, ...given.flat()]);
}
