import type { Checker } from "../contract/checker/checker.js";
import type { CodedEvent } from "../contract/checker/event.js";
import type { Finding } from "../contract/checker/verdict.js";
import type { CheckReport } from "../result/check-report.js";
import type { Tool } from "../result/schema.js";
import { InputError } from "../scenario/input-error.js";
import { AfCollector, type AfName, type FindingHistory, HistoryCollector } from "../trace/af-calls.js";
import type { RecordTaker } from "../trace/json-lines.js";
import type { LineTaker } from "../trace/lines.js";
import { type SkippedLine, TraceReader } from "../trace/reader.js";
import type { Ending, Flow } from "./trace-source.js";

/** Records within which what is out of order is sorted, unless the user says it. */
export const WINDOW_DEFAULT = 1000;
/** Milliseconds between two tellings of progress. */
const PROGRESS_MS = 100;

export interface CheckProgress {
  /** From 0 to 1; null: the trace's size is not known. */
  readonly done: number | null;
  readonly records: number;
  readonly elapsedMs: number;
}

/** Where the bytes of a trace come from (trace-source.ts). */
export interface TraceBytes {
  readonly name: string;
  /** Null: not known. */
  readonly sizeBytes: number | null;
  read(flow: Flow): Promise<Ending>;
  /** Reads it once more; false when that is not possible. */
  readAgain(flow: Flow): Promise<boolean>;
}

export interface CheckRequest {
  readonly source: TraceBytes;
  readonly checker: Checker;
  readonly tool: Tool;
  readonly window: number;
  /** Stop at the first line that is no record. */
  readonly strict: boolean;
  /** Makes what reads the lines: as JSON Lines, or of a foreign log. */
  readonly open: (taker: RecordTaker) => LineTaker;
  /** The AF whose calls are wanted. */
  readonly af: AfName | null;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: CheckProgress) => void;
}

/**
 * Judges a trace.
 *
 * @throws InputError when it cannot be read, has no record, or has a line that is none and strict is asked for
 */
export async function check(request: CheckRequest): Promise<CheckReport> {
  const { source, checker, tool, signal, onProgress } = request;
  const collector = request.af === null ? null : new AfCollector(request.af);
  const startMs = performance.now();
  let toldMs = startMs;
  const reader = new TraceReader(
    {
      window: request.window,
      onEvent: (event) => {
        collector?.take(event);
        checker.takeCoded(event);
      },
      ...(request.strict && { onSkip: (line) => fail(source.name, line) }),
    },
    request.open,
  );
  const { cut, stopped } = await source.read({
    push: (bytes) => reader.push(bytes),
    signal,
    onRead: (bytes) => {
      const nowMs = performance.now();
      if (nowMs < toldMs + PROGRESS_MS) return;
      toldMs = nowMs;
      const done = source.sizeBytes === null ? null : bytes / source.sizeBytes;
      onProgress?.({ done, records: reader.reading.records, elapsedMs: nowMs - startMs });
    },
  });
  reader.finish();
  const { reading } = reader;
  if (cut !== null && request.strict) throw new InputError(`${source.name}: ${cut}`);
  if (reading.records === 0 && !stopped) failEmpty(source.name, reading.firstSkipped[0], cut);
  const verdict = checker.end();
  const histories = await readHistories(request, verdict.findings);
  return { tool, trace: source.name, reading, verdict, histories, cut, stopped, af: collector?.finish() ?? null };
}

function fail(file: string, { line, message, suggestion }: SkippedLine): never {
  throw new InputError(message, {
    position: { file, line, column: 1 },
    ...(suggestion !== undefined && { suggestion }),
  });
}

/** A trace in which nothing was judged must not look like one in which nothing was broken. */
function failEmpty(file: string, first: SkippedLine | undefined, cut: string | null): never {
  if (first === undefined)
    throw new InputError(cut ?? "the trace is empty", { position: { file, line: 1, column: 1 } });
  fail(file, { ...first, message: `no line is a record; the first: ${first.message}` });
}

/** Reads the trace again for what led to the findings: while it is judged, nobody knows which AFs will matter. */
async function readHistories(
  { source, open, signal, window }: CheckRequest,
  findings: readonly Finding[],
): Promise<ReadonlyMap<Finding, FindingHistory>> {
  const collector = new HistoryCollector(findings);
  if (collector.isDone || signal?.aborted === true) return collector.histories;
  const done = new AbortController();
  const stop = (): void => done.abort();
  signal?.addEventListener("abort", stop);
  const onEvent = (event: CodedEvent): void => {
    collector.take(event);
    if (collector.isDone) stop();
  };
  const reader = new TraceReader({ window, onEvent }, open);
  await source.readAgain({ push: (bytes) => reader.push(bytes), signal: done.signal });
  if (!done.signal.aborted) {
    reader.finish();
    collector.finish();
  }
  signal?.removeEventListener("abort", stop);
  return collector.histories;
}
