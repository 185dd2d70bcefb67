/** A whole result read back from a file, for reports: every field that a report shows is checked. */

import type { TraceRecord } from "../measure/history.js";
import { decodeHdr, HdrFailure } from "../measure/hdr-decode.js";
import type { LatencySummary } from "../measure/percentiles.js";
import {
  SCHEMA_VERSION,
  type HostRun,
  type PartialRun,
  type Result,
  type ResultAfs,
  type ResultHost,
  type ResultLatency,
  type ResultOrdering,
  type ResultTotals,
  type ResultViolation,
  type ResultViolations,
  type ThresholdResult,
  type Tool,
} from "./schema.js";
import {
  addedLater,
  amount,
  anyObject,
  integer,
  list,
  nullable,
  object,
  oneOf,
  record,
  text,
  truth,
  type Shape,
} from "./shape.js";
import { Misfit, readChecked } from "./stored.js";

const totals = object<ResultTotals>({
  events: amount,
  calls: amount,
  opens: amount,
  failedOpens: addedLater(amount, 0),
  closes: amount,
  synchronousCloses: amount,
  inlineCompletions: addedLater(amount, 0),
  pendedCloses: amount,
  completions: amount,
  lifecycles: amount,
  refused: addedLater(amount, 0),
  undecided: addedLater(amount, 0),
  virtualNs: amount,
});

const afs = object<ResultAfs>({
  configured: amount,
  peakOpen: amount,
  peakPendedCloses: amount,
  openAtEnd: amount,
  pendedAtEnd: amount,
});

const histogram: Shape<string> = (value, path) => {
  const encoded = text(value, path);
  try {
    decodeHdr(encoded);
    return encoded;
  } catch (error) {
    if (error instanceof HdrFailure) throw new Misfit(`${path} cannot be decoded: ${error.message}`);
    throw error;
  }
};

const SUMMARY = {
  count: amount,
  minNs: nullable(amount),
  meanNs: nullable(amount),
  p50Ns: nullable(amount),
  p90Ns: nullable(amount),
  p99Ns: nullable(amount),
  p999Ns: nullable(amount),
  p9999Ns: nullable(amount),
  maxNs: nullable(amount),
  hdr: nullable(histogram),
};

const summary = object<LatencySummary>(SUMMARY);

const latency = object<ResultLatency>({
  ...SUMMARY,
  phases: object<ResultLatency["phases"]>({ requestToCompletion: summary, completionToClient: summary }),
});

const groups = list(object<ResultOrdering["density"][number]>({ from: integer, to: integer, count: amount }));

const ordering = object<ResultOrdering>({
  completions: amount,
  reordered: amount,
  reorderedRatio: nullable(amount),
  maxExtent: amount,
  beyondWindow: amount,
  windowCompletions: amount,
  windows: amount,
  extents: groups,
  nReordering: groups,
  nBeyondWindow: amount,
  density: groups,
  inversions: amount,
  pairs: amount,
  inversionRatio: nullable(amount),
  perClient: object<ResultOrdering["perClient"]>({
    clients: amount,
    medianReorderedRatio: nullable(amount),
    worst: nullable(
      object<NonNullable<ResultOrdering["perClient"]["worst"]>>({
        machine: amount,
        client: amount,
        reorderedRatio: amount,
        completions: amount,
      }),
    ),
  }),
});

const traceRecord: Shape<TraceRecord> = object(
  {
    seq: amount,
    timeNs: amount,
    machine: amount,
    processor: amount,
    irql: text,
    op: oneOf("call", "return", "release", "wait", "wake"),
  },
  {
    frame: amount,
    parent: amount,
    call: text,
    from: text,
    to: text,
    adapter: amount,
    af: text,
    status: text,
    context: nullable(text),
  },
);

const violation: Shape<ResultViolation> = object(
  {
    rule: text,
    timeNs: amount,
    machine: amount,
    adapter: amount,
    af: nullable(text),
    text,
    source: list(text),
    reproduce: text,
  },
  {
    brokenBy: nullable(amount),
    leftOut: object<NonNullable<ResultViolation["leftOut"]>>({
      lives: amount,
      recordsOfLives: amount,
      recordsBetween: amount,
    }),
    history: list(traceRecord),
  },
);

const violations = object<ResultViolations>({ total: amount, byRule: record(amount), first: list(violation) });

const HOST_RUN = { wallMs: amount, setupMs: amount, eventsPerSecond: amount, nsPerEvent: amount };

const host: Shape<ResultHost> = object<Omit<ResultHost, "runs">, Required<Pick<ResultHost, "runs">>>(
  {
    ...HOST_RUN,
    workers: amount,
    shards: amount,
    memoryBytes: amount,
    bytesPerAf: amount,
    rssBytes: amount,
    node: text,
    cpu: text,
  },
  { runs: list(object<HostRun>(HOST_RUN)) },
);

const partial = object<PartialRun>({
  done: amount,
  shards: amount,
  shardsStarted: amount,
  shardsDone: amount,
  machines: amount,
  machinesStarted: amount,
  afs: amount,
  afsStarted: amount,
});

const result: Shape<Omit<Result, "schemaVersion" | "scenario">> = object(
  {
    tool: object<Tool>({ name: text, version: text }),
    mode: oneOf("run", "live"),
    seed: amount,
    command: text,
    totals,
    afs,
    latency: object<Result["latency"]>({ close: latency, open: latency }),
    ordering,
    violations,
    warnings: violations,
    thresholds: list(object<ThresholdResult>({ text, value: nullable(amount), pass: truth })),
    host,
  },
  { partial, digest: text },
);

/**
 * Reads a result for a report.
 *
 * @param content the file's text
 * @param tool this program: what it says when another version's schema cannot be read
 * @throws InputError when it is no JSON, no result, a result of another schema, or lacks what a result has
 */
export function readWholeResult(content: string, file: string, tool: Tool): Result {
  const { stored, read } = readChecked(content, file, tool, (fields) => ({
    ...result(fields, ""),
    scenario: anyObject(fields["scenario"], "scenario"),
  }));
  return { schemaVersion: SCHEMA_VERSION, ...read, scenario: { ...read.scenario, name: stored.name } };
}
