import type { ExitCode } from "./exit-code.js";
import type { FlagName, FlagValues } from "./flags.js";

/** What a command gets from its command line. */
export interface Invocation {
  /** The positional arguments; an optional one that was left out is not there. */
  readonly arguments: readonly string[];
  readonly flags: FlagValues;
  /** The command line that does the same again. */
  readonly commandLine: string;
}

/** A positional argument. */
export interface Argument {
  readonly name: string;
  readonly help: string;
  /** Only the last one may be. */
  readonly optional?: true;
}

export interface Command {
  readonly name: string;
  readonly arguments: readonly Argument[];
  readonly summary: string;
  readonly flags: readonly FlagName[];
  /** Loads the command's code: what another command needs is not read at the start. */
  readonly load: () => Promise<(invocation: Invocation) => Promise<ExitCode>>;
}

/** Every command, once. */
export const COMMANDS: readonly Command[] = [
  {
    name: "run",
    arguments: [{ name: "scenario", help: "a built-in scenario, or a YAML or JSON file" }],
    summary: "simulate a scenario in virtual time, deterministically",
    flags: [
      ...(["afs", "machines", "shards", "workers", "seed", "duration", "set", "repeat"] as const),
      ...(["out", "report", "hlog", "csv", "trace", "perfetto", "trace-af", "trace-time", "json", "quiet"] as const),
    ],
    load: async () => (await import("./run-start.js")).startRun,
  },
  {
    name: "check",
    arguments: [{ name: "trace", help: "a trace as JSON Lines, also packed by gzip, or - for stdin" }],
    summary: "judge a trace, ours or a real driver's, by the contract",
    flags: ["map", "scenario", "window", "strict", "af", "chart", "json", "quiet"],
    load: async () => (await import("./check-command.js")).executeCheck,
  },
  {
    name: "live",
    arguments: [{ name: "scenario", help: "a built-in scenario, or a YAML or JSON file" }],
    summary: "play a scenario with real threads on one shared handle table, in wall-clock time",
    flags: [
      ...(["afs", "machines", "lanes", "dispatch", "pace", "seed", "duration-wall", "set"] as const),
      ...(["out", "report", "hlog", "csv", "trace-live", "json", "quiet"] as const),
    ],
    load: async () => (await import("./live-command.js")).executeLive,
  },
  {
    name: "sweep",
    arguments: [{ name: "scenario", help: "a built-in scenario, or a YAML or JSON file" }],
    summary: "measure how a scenario's speed scales with address families and threads",
    flags: [
      ...(["afs-axis", "workers-axis", "lanes-axis", "dispatch-axis", "rounds"] as const),
      ...(["machines", "seed", "duration-sweep", "set"] as const),
      ...(["out-sweep", "report", "json", "quiet"] as const),
    ],
    load: async () => (await import("./sweep-command.js")).executeSweep,
  },
  {
    name: "compare",
    arguments: [
      { name: "a", help: "a result.json, or a folder of results" },
      { name: "b", help: "another; how b differs from a is what is said" },
    ],
    summary: "compare results: whether they are the same, and which is faster",
    flags: ["format", "margin", "first-difference", "json", "quiet"],
    load: async () => (await import("./compare-command.js")).executeCompare,
  },
  {
    name: "report",
    arguments: [{ name: "result", help: "a result.json or sweep.json, a folder that has one, or - for stdin" }],
    summary: "a result or a sweep as an HTML page on stdout: one file, without scripts and network",
    flags: [],
    load: async () => (await import("./report-command.js")).executeReport,
  },
  {
    name: "list",
    arguments: [{ name: "what", help: "scenarios (default), rules, faults or schema", optional: true }],
    summary: "what there is: scenarios, rules, faults, the schema of scenario files",
    flags: ["json"],
    load: async () => (await import("./list-command.js")).executeList,
  },
];
