/** A whole result read back from a file, for reports: every field that a report shows is checked. */

import { decodeHdr, HdrFailure } from "../measure/hdr-decode.js";
import { boolean, exactOptional, literal, looseObject, type ZodType } from "../scenario/zod.js";
import { SCHEMA_VERSION, type Result, type Tool } from "./schema.js";
import { amount, integer, list, object, readShape, record, text } from "./shape.js";
import { readChecked } from "./stored.js";

const totals = object({
  events: amount,
  calls: amount,
  opens: amount,
  failedOpens: amount.default(0),
  closes: amount,
  synchronousCloses: amount,
  inlineCompletions: amount.default(0),
  pendedCloses: amount,
  completions: amount,
  lifecycles: amount,
  refused: amount.default(0),
  undecided: amount.default(0),
  virtualNs: amount,
  measuredFromNs: amount.default(0),
});

const afs = object({
  configured: amount,
  peakOpen: amount,
  peakPendedCloses: amount,
  openAtEnd: amount,
  pendedAtEnd: amount,
});

const objects = object({
  saps: object({ registered: amount, deregistered: amount, atEnd: amount }),
  vcs: object({ created: amount, deleted: amount, atEnd: amount }),
  calls: object({ connected: amount, failed: amount, rejected: amount, closed: amount }),
  parties: object({ added: amount, dropped: amount, atEnd: amount }),
});

const histogram = text.superRefine((encoded, context) => {
  try {
    decodeHdr(encoded);
  } catch (error) {
    if (!(error instanceof HdrFailure)) throw error;
    context.addIssue({ code: "custom", message: `cannot be decoded: ${error.message}` });
  }
});

const SUMMARY = {
  count: amount,
  minNs: amount.nullable(),
  meanNs: amount.nullable(),
  p50Ns: amount.nullable(),
  p90Ns: amount.nullable(),
  p99Ns: amount.nullable(),
  p999Ns: amount.nullable(),
  p9999Ns: amount.nullable(),
  maxNs: amount.nullable(),
  hdr: histogram.nullable(),
};

const summary = object(SUMMARY);

const latency = object({
  ...SUMMARY,
  phases: object({ requestToCompletion: summary, completionToClient: summary }),
});

const groups = list(object({ from: integer, to: integer, count: amount }));

const ordering = object({
  completions: amount,
  reordered: amount,
  reorderedRatio: amount.nullable(),
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
  inversionRatio: amount.nullable(),
  perClient: object({
    clients: amount,
    medianReorderedRatio: amount.nullable(),
    worst: object({ machine: amount, client: amount, reorderedRatio: amount, completions: amount }).nullable(),
  }),
});

const amounts = list(amount);
const latencies = list(amount.nullable());

const series = object({
  fromNs: amount,
  stepNs: amount,
  toNs: amount,
  opens: amounts,
  closes: amounts,
  completions: amounts,
  lifecycles: amounts,
  openAtEnd: amounts,
  pendedAtEnd: amounts,
  close: object({
    count: amounts,
    meanNs: latencies,
    p50Ns: latencies,
    p99Ns: latencies,
    p999Ns: latencies,
    maxNs: latencies,
  }),
}).superRefine(({ fromNs, stepNs, toNs, close, ...counts }, context) => {
  if (stepNs === 0) return context.addIssue({ code: "custom", message: "has steps of 0 ns" });
  if (toNs <= fromNs) return context.addIssue({ code: "custom", message: "ends where it begins" });
  const steps = Math.ceil((toNs - fromNs) / stepNs);
  const lists = Object.entries({ ...counts, ...close });
  const other = lists.find(([, values]) => values.length !== steps);
  if (other) context.addIssue({ code: "custom", message: `has ${other[1].length} steps of ${other[0]}, not ${steps}` });
});

const OPS = ["call", "return", "release", "wait", "wake"] as const;

const traceRecord = object({
  seq: amount,
  timeNs: amount,
  machine: amount,
  processor: amount,
  irql: text,
  op: literal(OPS, { error: `one of ${OPS.join(", ")}` }),
  frame: exactOptional(amount),
  parent: exactOptional(amount),
  call: exactOptional(text),
  from: exactOptional(text),
  to: exactOptional(text),
  adapter: exactOptional(amount),
  af: exactOptional(text),
  sap: exactOptional(text),
  vc: exactOptional(text),
  party: exactOptional(text),
  address: exactOptional(text),
  status: exactOptional(text),
  context: exactOptional(text.nullable()),
});

const violation = object({
  rule: text,
  timeNs: amount,
  machine: amount,
  adapter: amount,
  af: text.nullable(),
  text,
  source: list(text),
  lane: exactOptional(amount),
  reproduce: text,
  brokenBy: exactOptional(amount.nullable()),
  leftOut: exactOptional(object({ lives: amount, recordsOfLives: amount, recordsBetween: amount })),
  history: exactOptional(list(traceRecord)),
});

const violations = object({ total: amount, byRule: record(amount), first: list(violation) });

const HOST_RUN = { wallMs: amount, setupMs: amount, eventsPerSecond: amount, nsPerEvent: amount };

const host = object({
  ...HOST_RUN,
  workers: amount,
  shards: amount,
  memoryBytes: amount,
  bytesPerAf: amount,
  rssBytes: amount,
  node: text,
  cpu: text,
  runs: exactOptional(list(object(HOST_RUN))),
});

const partial = object({
  done: amount,
  shards: amount,
  shardsStarted: amount,
  shardsDone: amount,
  machines: amount,
  machinesStarted: amount,
  afs: amount,
  afsStarted: amount,
});

const live = object({
  lanes: amount,
  dispatch: literal(["spsc", "mpmc", "lock"], { error: "spsc, mpmc or lock" }),
  pace: literal(["free", "wall"], { error: "free or wall" }),
  lostRaces: amount,
  waits: amount,
  stolen: amount,
  handedOver: amount,
  lag: object({ meanNs: amount, maxNs: amount }).nullable(),
});

const result = object({
  tool: object({ name: text, version: text }),
  mode: literal(["run", "live"], { error: "run or live" }),
  partial: exactOptional(partial),
  scenario: looseObject({ name: text }, { error: "an object" }),
  seed: amount,
  digest: exactOptional(text),
  command: text,
  totals,
  afs,
  objects: objects.nullable().default(null),
  latency: object({ close: latency, open: latency }),
  ordering,
  series: series.nullable().default(null),
  violations,
  warnings: violations,
  thresholds: list(object({ text, value: amount.nullable(), pass: boolean({ error: "true or false" }) })),
  host,
  live: exactOptional(live),
}) satisfies ZodType<Omit<Result, "schemaVersion">>;

/**
 * Reads a result for a report.
 *
 * @param content the file's text
 * @param tool this program: what it says when another version's schema cannot be read
 * @throws InputError when it is no JSON, no result, a result of another schema, or lacks what a result has
 */
export function readWholeResult(content: string, file: string, tool: Tool): Result {
  const { read } = readChecked(content, file, tool, (fields) => readShape(result, fields));
  return { schemaVersion: SCHEMA_VERSION, ...read };
}
