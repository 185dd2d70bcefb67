import { checkAfRange, checkCount, checkTimeRange, type CountName } from "../modes/request-checks.js";
import { parseAxis } from "../modes/sweep-axes.js";
import { DISPATCHES, PACES, type Dispatch } from "../run/live-plan.js";
import type { AfRange, TraceFilter } from "../run/plan.js";
import { InputError } from "../scenario/input-error.js";
import { nearest } from "../scenario/suggest.js";
import { parseAfName } from "../trace/af-calls.js";
import { parseCount, parseDuration, quote } from "../scenario/units.js";

/** A flag that takes a value, or none. `parse` throws InputError; the flag's name is put before its message. */
export interface Flag<Value> {
  /** On the command line; without it that is the name in the table. */
  readonly name?: string;
  /** Placeholder of the value in the help, or null for a flag that is on or off. */
  readonly value: string | null;
  readonly help: string;
  readonly parse: (text: string) => Value;
  /** May be given several times; the values are collected. */
  readonly repeatable?: true;
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
  "afs-axis": {
    name: "afs",
    value: "LIST",
    help: "numbers of address families, as in 1k,10k,100k or 1k,10k,...,100M",
    parse: parseAxis,
  },
  machines: { value: "N", help: "machines that share the AFs", parse: text },
  shards: { value: "N", help: "groups of machines, each in a memory of its own", parse: countOf("shards") },
  workers: {
    value: "N",
    help: "threads (default: as many as processors; at most one a shard, and as many as processors or 8, are started)",
    parse: countOf("workers"),
  },
  "workers-axis": {
    name: "workers",
    value: "LIST",
    help: "numbers of threads, as in 1,2,4 (default 1)",
    parse: parseAxis,
  },
  "lanes-axis": {
    name: "lanes",
    value: "LIST",
    help: "measures live runs with so many lanes, as in 1,2 (default: as many as live starts)",
    parse: (value) => parseAxis(value).map((count) => checkCount("lanes", count)),
  },
  "dispatch-axis": {
    name: "dispatch",
    value: "LIST",
    help: "measures live runs whose lanes hand closes over so, as in spsc,mpmc,lock (default spsc)",
    parse: parseDispatches,
  },
  rounds: {
    name: "repeat",
    value: "N",
    help: "measurements of each point (default 5, from which on medians have an interval)",
    parse: countOf("repeat"),
  },
  "out-sweep": {
    name: "out",
    value: "DIR",
    help: "keeps every measurement and sweep.json there; the same command goes on where it was stopped",
    parse: parsePath,
  },
  seed: { value: "X", help: "of every draw, 0 to 2^53 - 1", parse: text },
  duration: { value: "T", help: "length of the run phase, in virtual time (ns, us, ms, s)", parse: text },
  lanes: {
    value: "N",
    help: "worker threads on the one handle table (default: as many as processors, at most 8)",
    parse: countOf("lanes"),
  },
  dispatch: {
    value: "D",
    help: "how lanes hand closes over: spsc, a ring for every pair of lanes (default); mpmc, one ring for all; lock, one list under a spin lock",
    parse: choiceOf(DISPATCHES),
  },
  pace: {
    value: "P",
    help: "free (default): flat out, scenario times only order a lane's events; wall: they are wall-clock times",
    parse: choiceOf(PACES),
  },
  "duration-sweep": {
    name: "duration",
    value: "T",
    help: "length of the run phase, in virtual time (default: as long as gives 64 million events), or of a live run (default 1s)",
    parse: text,
  },
  "duration-wall": {
    name: "duration",
    value: "T",
    help: "length of the run phase, in wall-clock time (ns, us, ms, s)",
    parse: text,
  },
  "trace-live": {
    name: "trace",
    value: "FILE",
    help: "writes every call, return and release of all lanes there, as JSON Lines; for short runs",
    parse: parsePath,
  },
  set: {
    value: "path=value",
    help: "any field of the scenario, as in topology.clientsPerAdapter=4",
    parse: text,
    repeatable: true,
  },
  repeat: {
    value: "N",
    help: "the same run again, to compare times; digests must agree",
    parse: countOf("repeat"),
  },
  out: { value: "DIR", help: "writes result.json and scenario.yaml there", parse: parsePath },
  report: { value: "FILE", help: "writes the result there as an HTML page", parse: parsePath },
  hlog: {
    value: "FILE",
    help: "writes latencies there as an HdrHistogram V2 interval log, a tag each",
    parse: parsePath,
  },
  csv: {
    value: "FILE",
    help: "writes percentiles, counts of order and what happened over time there as CSV",
    parse: parsePath,
  },
  trace: { value: "FILE", help: "writes every call, return and release there, as JSON Lines", parse: parsePath },
  perfetto: {
    value: "FILE",
    help: "writes the same there for ui.perfetto.dev; --trace-af and --trace-time make it smaller, too",
    parse: parsePath,
  },
  "trace-af": { value: "LIST", help: "only of these AFs and their drivers, as in 3,7,100-120", parse: parseAfRanges },
  "trace-time": {
    value: "A..B",
    help: "only from virtual time A on and before B, as in 1ms..2ms",
    parse: parseTimeRange,
  },
  format: {
    value: "F",
    help: "text (default), json, or markdown for a pull request",
    parse: choiceOf(["text", "json", "markdown"]),
  },
  margin: {
    value: "P%",
    help: "times that differ by less are no difference (default 5%); given, it is an error when times allow no verdict",
    parse: parseMargin,
  },
  "first-difference": {
    value: null,
    help: "runs what differs again, traced, for the first record that does",
    parse: on,
  },
  map: { value: "FILE", help: "says which fields and names of a foreign log are which of ours", parse: parsePath },
  scenario: {
    value: "NAME",
    help: "the scenario of the run that left it, for its readings of the contract and its deadlines",
    parse: parsePath,
  },
  window: {
    value: "N",
    help: "records within which those out of order are sorted (default 1000)",
    parse: parseWindow,
  },
  strict: { value: null, help: "the first line that is no record ends it", parse: on },
  af: {
    value: "AF",
    help: "one AF, as in AF#12v3, 4/AF#12v3 (of machine 4) or '0xffff8a01 (3rd life)'",
    parse: parseAfName,
  },
  chart: { value: null, help: "the calls of --af AF as a message sequence chart", parse: on },
  json: { value: null, help: "the result on stdout as JSON, and nothing else", parse: on },
  quiet: { value: null, help: "no progress", parse: on },
} as const satisfies Record<string, Flag<unknown>>;

export type FlagName = keyof typeof FLAGS;

type FlagValue<F extends Flag<unknown>> = F extends { readonly repeatable: true }
  ? ReturnType<F["parse"]>[]
  : ReturnType<F["parse"]>;

/** The values of the flags that were given. */
export type FlagValues = { readonly [Name in FlagName]?: FlagValue<(typeof FLAGS)[Name]> };

/** One of a few words. */
function choiceOf<const Choice extends string>(choices: readonly Choice[]): (value: string) => Choice {
  return (value) => {
    const choice = choices.find((one) => one === value);
    if (choice) return choice;
    const suggestion = nearest(value, choices);
    throw new InputError(
      `${quote(value)} is not one of ${choices.join(", ")}`,
      suggestion === undefined ? {} : { suggestion },
    );
  };
}

/** Per cent, as a share. */
function parseMargin(value: string): number {
  const match = /^(\d{1,3}(?:\.\d{1,6})?)\s*%$/.exec(value.trim());
  const percent = Number(match?.[1] ?? Number.NaN);
  if (percent > 0 && percent <= 100) return percent / 100;
  const isBare = /^\d{1,2}(?:\.\d+)?$/.test(value.trim()) && Number(value) > 0;
  throw new InputError(
    `${quote(value)} is not a percentage above 0% and up to 100%`,
    isBare ? { suggestion: `${value.trim()}%` } : {},
  );
}

/** More records would be held back in memory than help. */
const WINDOW_MAX = 10_000_000;

function parseWindow(value: string): number {
  const window = parseCount(value);
  if (window <= WINDOW_MAX) return window;
  throw new InputError(`${quote(value)} is more than ${WINDOW_MAX}, the largest window`);
}

function parseDispatches(value: string): Dispatch[] {
  const dispatches = value.split(",").map((word) => choiceOf(DISPATCHES)(word.trim()));
  const twice = dispatches.find((dispatch, index) => dispatches.indexOf(dispatch) < index);
  if (twice !== undefined) throw new InputError(`${quote(twice)} is there twice`);
  return dispatches;
}

function countOf(name: CountName): (value: string) => number {
  return (value) => checkCount(name, parseCount(value));
}

function parseTimeRange(value: string): NonNullable<TraceFilter["timeNs"]> {
  const [from, to, ...rest] = value.split("..");
  if (!from || !to || rest.length > 0) throw new InputError(`${JSON.stringify(value)} is not A..B, as in 1ms..2ms`);
  return checkTimeRange({ from: parseDuration(from), to: parseDuration(to) }, Infinity);
}

function parseAfRanges(value: string): AfRange[] {
  return value.split(",").map((part) => {
    const match = /^(\d+)(?:-(\d+))?$/.exec(part.trim());
    if (!match)
      throw new InputError(`${JSON.stringify(part)} is not an AF index or a range of them, as in 3,7,100-120`);
    return checkAfRange({ from: Number(match[1]), to: Number(match[2] ?? match[1]) }, Infinity);
  });
}
