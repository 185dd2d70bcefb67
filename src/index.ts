/** The public API of condis-sim: run or play a scenario or check a trace from a program, and read what it found. */
import { createChecker } from "./contract/checker/checker.js";
import { check, type CheckProgress, WINDOW_DEFAULT } from "./modes/check.js";
import { jsonLines } from "./modes/json-lines.js";
import { live } from "./modes/live.js";
import { describeLive, describeRun } from "./modes/reproduction.js";
import { checkCount, naming } from "./modes/request-checks.js";
import { run } from "./modes/run.js";
import { prepareScenario } from "./modes/scenario-input.js";
import { readTool } from "./modes/tool.js";
import { TraceSource } from "./modes/trace-source.js";
import type { RunProgress } from "./pool/pool.js";
import type { CheckReport } from "./result/check-report.js";
import type { Result } from "./result/schema.js";
import type { Dispatch, Pace } from "./run/live-plan.js";
import { LIVE_LIMITS } from "./run/live-limits.js";
import type { TraceFilter } from "./run/plan.js";
import { describeScenario } from "./scenario/describe.js";
import type { ScenarioOverrides } from "./scenario/override.js";
import type { ScenarioSource } from "./scenario/resolve.js";
import { parseAfName } from "./trace/af-calls.js";
import { parseTraceMap } from "./trace/map.js";
import { MappedLines } from "./trace/mapped-lines.js";

export type { TraceEvent } from "./contract/checker/event.js";
export type { CannotSay, Finding, Verdict } from "./contract/checker/verdict.js";
export type { CheckProgress } from "./modes/check.js";
export { RunFailure, type RunProgress } from "./pool/pool.js";
export type { LeftOut, TraceRecord } from "./measure/history.js";
export type { CheckReport } from "./result/check-report.js";
export type * from "./result/schema.js";
export type { Dispatch, Pace } from "./run/live-plan.js";
export type { AfRange, TraceFilter } from "./run/plan.js";
export { catalogueNames } from "./scenario/catalogue.js";
export { InputError, type InputPosition } from "./scenario/input-error.js";
export type { ScenarioOverrides } from "./scenario/override.js";
export type { ScenarioSource } from "./scenario/resolve.js";
export type { ScenarioInput } from "./scenario/schema.js";

export interface RunOptions {
  /** Values as one types them behind the flags of `condis-sim run`: `{ afs: "10k", duration: "20ms" }`. */
  readonly overrides?: ScenarioOverrides;
  /** Groups of machines with a memory of their own; by default as many as are best. No result depends on it. */
  readonly shards?: number;
  /** Threads; by default as many as processors. At most one a shard, and as many as processors or 8, are started. No result depends on it. */
  readonly workers?: number;
  /** Times that the same run is made, 1 by default; the times of each are in `host.runs`. */
  readonly repeat?: number;
  /** Writes a trace, JSON Lines, to a file. */
  readonly trace?: { readonly file: string; readonly filter?: TraceFilter };
  /** Stops the run; the result then says in `partial` how far it came. */
  readonly signal?: AbortSignal;
  /** Called about ten times a second. */
  readonly onProgress?: (progress: RunProgress) => void;
}

const WHOLE_TRACE: TraceFilter = { afs: null, timeNs: null };

/**
 * Runs a scenario in virtual time on worker threads. All of the result but `host` is a function of scenario and seed.
 *
 * @param source a built-in scenario's name, or `{ text, file }` of a scenario file, or `{ value }` of its content
 * @throws InputError when the scenario, an override, an option or the trace file is bad, or the memory does not suffice
 * @throws RunFailure when the simulator itself fails
 * @throws the signal's reason when it came before there was any result
 */
export async function runScenario(source: string | ScenarioSource, options: RunOptions = {}): Promise<Result> {
  const { overrides = {}, trace, signal, onProgress } = options;
  const from = typeof source === "string" ? { name: source } : source;
  const scenario = await prepareScenario(from, overrides);
  const argument = "name" in from ? from.name : "file" in from ? from.file : `${scenario.name}.yaml`;
  const { result } = await run({
    scenario,
    describedScenario: describeScenario(scenario),
    tool: readTool(),
    command: describeRun(argument, overrides, scenario.seed),
    shards: options.shards ?? null,
    workers: options.workers ?? null,
    repeat: options.repeat ?? 1,
    trace: trace ? { file: trace.file, filter: trace.filter ?? WHOLE_TRACE } : null,
    ...(signal && { signal }),
    ...(onProgress && { onProgress }),
  });
  if (result) return result;
  throw signal?.aborted ? signal.reason : new Error("the run ended without a result");
}

export interface CheckOptions {
  /** What a foreign log calls things, as the text of a map (README.md "A log of a real driver"), and the file's name, for messages. */
  readonly map?: { readonly text: string; readonly file: string };
  /** Records within which those that are out of order are sorted, 1000 by default. */
  readonly window?: number;
  /** Whether the first line that is no record is an error. */
  readonly strict?: boolean;
  /** An AF whose calls are wanted: a handle as the trace has it, as in `AF#12v3`. */
  readonly af?: string;
  /** Stops the check; what was judged so far is the result. */
  readonly signal?: AbortSignal;
  /** Called about ten times a second. */
  readonly onProgress?: (progress: CheckProgress) => void;
}

/**
 * Judges a trace by the contract: one of ours, or another as JSON Lines or by a map, also packed by gzip.
 *
 * @param file or `-` for standard input
 * @throws InputError when it cannot be read, has no record, or, where `strict` is asked for, a line that is none
 */
export async function checkTrace(file: string, options: CheckOptions = {}): Promise<CheckReport> {
  const { map, window = WINDOW_DEFAULT, strict = false, af, signal, onProgress } = options;
  const traceMap = map && (await parseTraceMap(map.text, map.file));
  const source = new TraceSource(file);
  try {
    return await check({
      source,
      checker: createChecker(),
      tool: readTool(),
      window,
      strict,
      af: af === undefined ? null : parseAfName(af),
      open: traceMap ? (taker) => new MappedLines(traceMap, source.name, taker) : jsonLines(),
      ...(signal && { signal }),
      ...(onProgress && { onProgress }),
    });
  } finally {
    source.dispose();
  }
}

export interface LiveOptions {
  /** Values as one types them behind the flags of `condis-sim live`; `duration` is wall-clock time. */
  readonly overrides?: ScenarioOverrides;
  /** Threads on the one handle table, 1 to 16; by default as many as processors, at most 8. */
  readonly lanes?: number;
  /** How lanes hand closes over; `spsc` by default. */
  readonly dispatch?: Dispatch;
  /** Whether scenario times are wall-clock times; `free` by default. */
  readonly pace?: Pace;
  /** Stops the run; the result then says in `partial` how far it came. */
  readonly signal?: AbortSignal;
  /** Called about ten times a second. */
  readonly onProgress?: (progress: RunProgress) => void;
}

/**
 * Plays a scenario with real threads on one shared handle table, in wall-clock time.
 *
 * @param source as of `runScenario`
 * @throws InputError when the scenario, an override or an option is bad, has no meaning with real threads, or the memory does not suffice
 * @throws RunFailure when a lane dies or hangs
 */
export async function playScenario(source: string | ScenarioSource, options: LiveOptions = {}): Promise<Result> {
  const { overrides = {}, lanes, dispatch = "spsc", pace = "free", signal, onProgress } = options;
  if (lanes !== undefined) naming("lanes", () => checkCount("lanes", lanes));
  const from = typeof source === "string" ? { name: source } : source;
  const scenario = await prepareScenario(from, overrides, LIVE_LIMITS);
  const argument = "name" in from ? from.name : "file" in from ? from.file : `${scenario.name}.yaml`;
  const ways = { lanes: lanes ?? null, dispatch, pace };
  const { result } = await live({
    scenario,
    describedScenario: describeScenario(scenario),
    tool: readTool(),
    command: describeLive(argument, overrides, scenario.seed, ways),
    ...ways,
    writeTrace: null,
    ...(signal && { signal }),
    ...(onProgress && { onProgress }),
  });
  return result;
}
