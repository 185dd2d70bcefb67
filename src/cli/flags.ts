import { InputError } from "../scenario/input-error.js";
import { parseCount, parseDuration } from "../scenario/units.js";

const WORKERS_MAX = 1024;
const REPEAT_MAX = 1000;

/** A flag that takes a value, or none. `parse` throws InputError; the flag's name is put before its message. */
export interface Flag<Value> {
  /** Placeholder of the value in the help, or null for a flag that is on or off. */
  readonly value: string | null;
  readonly help: string;
  readonly parse: (text: string) => Value;
  /** May be given several times; the values are collected. */
  readonly repeatable?: true;
}

/** Half-open interval of virtual time. */
export interface TimeRange {
  readonly from: number;
  readonly to: number;
}

/** AF indices from `from` to `to`, both included. */
export interface AfRange {
  readonly from: number;
  readonly to: number;
}

const on = (): true => true;
const text = (value: string): string => value;

function parsePath(value: string): string {
  if (value === "") throw new InputError("a path is missing");
  return value;
}

/** Every flag, once: the parser and the help are made from this table. What changes the scenario is parsed with it. */
export const FLAGS = {
  afs: { value: "N", help: "address families of all machines together (suffixes k, M, G)", parse: text },
  machines: { value: "N", help: "machines that share the AFs", parse: text },
  shards: { value: "N", help: "groups of machines, each in a memory of its own", parse: parsePositive },
  workers: {
    value: "N",
    help: "threads (default: as many as processors, at most one a shard)",
    parse: between(1, WORKERS_MAX),
  },
  seed: { value: "X", help: "of every draw, 0 to 2^53 - 1", parse: text },
  duration: { value: "T", help: "length of the run phase, in virtual time (ns, us, ms, s)", parse: text },
  set: {
    value: "path=value",
    help: "any field of the scenario, as in topology.clientsPerAdapter=4",
    parse: text,
    repeatable: true,
  },
  repeat: {
    value: "N",
    help: "the same run again, to compare times; digests must agree",
    parse: between(1, REPEAT_MAX),
  },
  out: { value: "DIR", help: "writes result.json and scenario.yaml there", parse: parsePath },
  trace: { value: "FILE", help: "writes every call, return and release there, as JSON Lines", parse: parsePath },
  "trace-af": { value: "LIST", help: "only of these AFs, as in 3,7,100-120", parse: parseAfRanges },
  "trace-time": {
    value: "A..B",
    help: "only from virtual time A on and before B, as in 1ms..2ms",
    parse: parseTimeRange,
  },
  json: { value: null, help: "the result on stdout as JSON, and nothing else", parse: on },
  quiet: { value: null, help: "no progress", parse: on },
} as const satisfies Record<string, Flag<unknown>>;

export type FlagName = keyof typeof FLAGS;

type FlagValue<F extends Flag<unknown>> = F extends { readonly repeatable: true }
  ? ReturnType<F["parse"]>[]
  : ReturnType<F["parse"]>;

/** The values of the flags that were given. */
export type FlagValues = { readonly [Name in FlagName]?: FlagValue<(typeof FLAGS)[Name]> };

function parsePositive(value: string): number {
  const count = parseCount(value);
  if (count < 1) throw new InputError(`${value} is less than 1`);
  return count;
}

function between(least: number, most: number): (value: string) => number {
  return (value) => {
    const count = parseCount(value);
    if (count < least || count > most) throw new InputError(`${value} is not between ${least} and ${most}`);
    return count;
  };
}

function parseTimeRange(value: string): TimeRange {
  const [from, to, ...rest] = value.split("..");
  if (!from || !to || rest.length > 0) throw new InputError(`${JSON.stringify(value)} is not A..B, as in 1ms..2ms`);
  const range = { from: parseDuration(from), to: parseDuration(to) };
  if (range.from >= range.to) throw new InputError(`${value} is empty: ${from} is not before ${to}`);
  return range;
}

function parseAfRanges(value: string): AfRange[] {
  return value.split(",").map((part) => {
    const match = /^(\d+)(?:-(\d+))?$/.exec(part.trim());
    if (!match)
      throw new InputError(`${JSON.stringify(part)} is not an AF index or a range of them, as in 3,7,100-120`);
    const range = { from: Number(match[1]), to: Number(match[2] ?? match[1]) };
    if (range.from > range.to) throw new InputError(`${part} is empty: ${range.from} is greater than ${range.to}`);
    return range;
  });
}
