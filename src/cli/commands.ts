import type { ExitCode } from "./exit-code.js";
import type { FlagName, FlagValues } from "./flags.js";

/** What a command gets from its command line. */
export interface Invocation {
  /** The positional argument, or null when an optional one was left out. */
  readonly argument: string | null;
  readonly flags: FlagValues;
  /** The command line that does the same again. */
  readonly commandLine: string;
}

export interface Command {
  readonly name: string;
  readonly argument: { readonly name: string; readonly help: string; readonly optional: boolean };
  readonly summary: string;
  readonly flags: readonly FlagName[];
  /** Loads the command's code: what another command needs is not read at the start. */
  readonly load: () => Promise<(invocation: Invocation) => Promise<ExitCode>>;
}

/** Commands that a later version has. */
export const LATER_COMMANDS: readonly string[] = ["live", "check", "sweep", "compare", "report"];

/** Every command, once. */
export const COMMANDS: readonly Command[] = [
  {
    name: "run",
    argument: { name: "scenario", help: "a built-in scenario, or a YAML or JSON file", optional: false },
    summary: "simulate a scenario in virtual time, deterministically",
    flags: [
      ...(["afs", "machines", "shards", "workers", "seed", "duration", "set", "repeat"] as const),
      ...(["out", "trace", "trace-af", "trace-time", "json", "quiet"] as const),
    ],
    load: async () => (await import("./run-start.js")).startRun,
  },
  {
    name: "list",
    argument: { name: "what", help: "scenarios (default), rules, faults or schema", optional: true },
    summary: "what there is: scenarios, rules, faults, the schema of scenario files",
    flags: ["json"],
    load: async () => (await import("./list-command.js")).executeList,
  },
];
