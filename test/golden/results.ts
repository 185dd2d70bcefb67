/** Results written by hand for the report's goldens. */

import type { LatencySummary } from "../../src/measure/percentiles.js";
import type { Result, ResultLatency, ResultViolations } from "../../src/result/schema.js";
import { completedTwice, failedToOpen, neverCompleted, registeredLate } from "./told-histories.js";

const NOTHING: LatencySummary = {
  count: 0,
  minNs: null,
  meanNs: null,
  p50Ns: null,
  p90Ns: null,
  p99Ns: null,
  p999Ns: null,
  p9999Ns: null,
  maxNs: null,
  hdr: null,
};

function latency(count: number, ns: readonly number[]): LatencySummary {
  const [minNs = 0, meanNs = 0, p50Ns = 0, p90Ns = 0, p99Ns = 0, p999Ns = 0, p9999Ns = 0, maxNs = 0] = ns;
  return { count, minNs, meanNs, p50Ns, p90Ns, p99Ns, p999Ns, p9999Ns, maxNs, hdr: "HISTFAAA" };
}

function phased(total: LatencySummary, first: LatencySummary, second: LatencySummary): ResultLatency {
  return { ...total, phases: { requestToCompletion: first, completionToClient: second } };
}

const NEVER: ResultLatency = phased(NOTHING, NOTHING, NOTHING);

const churnClose = latency(
  24_498_112,
  [100, 999_871.6, 692_223, 2_310_143, 4_620_287, 6_946_815, 9_240_575, 17_612_400],
);

/** The run that a newcomer sees first: churn, nothing broken. */
export const churn: Result = {
  schemaVersion: 1,
  tool: { name: "condis-sim", version: "0.1.0" },
  mode: "run",
  scenario: { name: "churn" },
  seed: 1,
  digest: "8d1f03a6c2b94e57",
  command: "npx condis-sim run churn --seed 1",
  totals: {
    events: 49_496_352,
    calls: 174_985_280,
    opens: 25_498_112,
    failedOpens: 0,
    closes: 24_998_240,
    inlineCompletions: 0,
    synchronousCloses: 0,
    pendedCloses: 24_998_240,
    completions: 24_498_112,
    lifecycles: 24_498_112,
    refused: 0,
    undecided: 500_128,
    virtualNs: 50_000_000,
    measuredFromNs: 0,
  },
  afs: {
    configured: 1_000_000,
    peakOpen: 1_000_000,
    peakPendedCloses: 501_733,
    openAtEnd: 499_872,
    pendedAtEnd: 500_128,
  },
  objects: null,
  latency: {
    close: phased(churnClose, churnClose, latency(24_498_112, [0, 0, 0, 0, 0, 0, 0, 0])),
    open: NEVER,
  },
  ordering: {
    completions: 24_498_112,
    reordered: 23_518_187,
    reorderedRatio: 0.96,
    maxExtent: 4095,
    beyondWindow: 23_102_774,
    windowCompletions: 4096,
    windows: 5984,
    extents: [{ from: 1, to: 1, count: 415_413 }],
    nReordering: [{ from: 1, to: 1, count: 23_518_187 }],
    nBeyondWindow: 3121,
    density: [
      { from: -4096, to: -2049, count: 3_000_000 },
      { from: -2048, to: -1025, count: 4_200_000 },
      { from: -1024, to: -513, count: 2_300_000 },
      { from: -512, to: -257, count: 1_200_000 },
      { from: -128, to: -65, count: 900_000 },
      { from: -64, to: -33, count: 300_000 },
      { from: -8, to: -8, count: 40_000 },
      { from: -1, to: -1, count: 5_990 },
      { from: 0, to: 0, count: 6_022 },
      { from: 1, to: 1, count: 46_100 },
      { from: 33, to: 64, count: 300_000 },
      { from: 65, to: 128, count: 900_000 },
      { from: 257, to: 512, count: 1_200_000 },
      { from: 2049, to: 4096, count: 10_100_000 },
    ],
    inversions: 24_011_000_000,
    pairs: 50_170_000_000,
    inversionRatio: 0.4786,
    perClient: {
      clients: 1024,
      medianReorderedRatio: 0.96,
      worst: { machine: 3, client: 17, reorderedRatio: 0.9634, completions: 23_902 },
    },
  },
  series: null,
  violations: { total: 0, byRule: {}, first: [] },
  warnings: { total: 0, byRule: {}, first: [] },
  thresholds: [],
  host: {
    wallMs: 1312,
    setupMs: 204,
    eventsPerSecond: 44_913_000,
    nsPerEvent: 22.27,
    workers: 2,
    shards: 8,
    memoryBytes: 38_010_880,
    bytesPerAf: 38.01088,
    rssBytes: 141_557_760,
    node: "20.20.2",
    cpu: "2 x Some Processor",
  },
};

/** A run with faults, warnings, thresholds, refused arrivals and pended opens. */
export const broken: Result = {
  ...churn,
  scenario: { name: "slow-call-manager" },
  command: "npx condis-sim run slow-call-manager --seed 7 --afs 1000",
  seed: 7,
  totals: {
    events: 4010,
    calls: 14_112,
    opens: 2520,
    failedOpens: 17,
    closes: 2010,
    inlineCompletions: 0,
    synchronousCloses: 10,
    pendedCloses: 2000,
    completions: 2000,
    lifecycles: 2010,
    refused: 31,
    undecided: 2,
    virtualNs: 1_250_000_000,
    measuredFromNs: 0,
  },
  afs: { configured: 1000, peakOpen: 998, peakPendedCloses: 412, openAtEnd: 510, pendedAtEnd: 0 },
  latency: {
    close: phased(
      latency(2000, [0, 51_234.5, 44_159, 97_279, 154_623, 302_079, 12_999_999, 13_000_000]),
      latency(2000, [0, 51_034.5, 43_903, 97_279, 154_623, 302_079, 12_999_999, 13_000_000]),
      latency(2000, [0, 200, 200, 200, 200, 400, 600, 600]),
    ),
    open: phased(
      latency(252, [1000, 20_000, 13_951, 46_079, 91_647, 110_000, 110_000, 110_000]),
      latency(252, [1000, 20_000, 13_951, 46_079, 91_647, 110_000, 110_000, 110_000]),
      latency(252, [0, 0, 0, 0, 0, 0, 0, 0]),
    ),
  },
  ordering: {
    ...churn.ordering,
    completions: 2000,
    reordered: 412,
    reorderedRatio: 0.206,
    maxExtent: 9,
    beyondWindow: 0,
    density: [
      { from: -9, to: -9, count: 1 },
      { from: -1, to: -1, count: 300 },
      { from: 0, to: 0, count: 1399 },
      { from: 1, to: 1, count: 300 },
    ],
    inversionRatio: 0.0004,
    perClient: {
      clients: 16,
      medianReorderedRatio: 0.2,
      worst: { machine: 0, client: 4, reorderedRatio: 0.31, completions: 121 },
    },
  },
  violations: {
    total: 14,
    byRule: { "close/double-complete": 13, "close/owed": 1 },
    first: [
      {
        rule: "close/double-complete",
        timeNs: 120_400,
        machine: 0,
        adapter: 0,
        af: "AF#12v3",
        text: "A pended close is completed only once: a second completion of the same close is a mistake of the call manager.",
        source: ["nf-ndis-ndismcmcloseaddressfamilycomplete", "nf-ndis-ndiscmcloseaddressfamilycomplete"],
        brokenBy: completedTwice.at(-1)?.seq ?? null,
        leftOut: { lives: 2, recordsOfLives: 30, recordsBetween: 0 },
        history: completedTwice,
        reproduce: "npx condis-sim run slow-call-manager --seed 7 --afs 1000 --trace out.jsonl --trace-af 12",
      },
      {
        rule: "close/owed",
        timeNs: 1_250_000_000,
        machine: 0,
        adapter: 0,
        af: "AF#77v1",
        text: "A pended close is completed.",
        source: ["nf-ndis-ndismcmcloseaddressfamilycomplete"],
        brokenBy: null,
        leftOut: { lives: 0, recordsOfLives: 0, recordsBetween: 0 },
        history: neverCompleted,
        reproduce: "npx condis-sim run slow-call-manager --seed 7 --afs 1000 --trace out.jsonl --trace-af 77",
      },
    ],
  },
  warnings: {
    total: 4,
    byRule: { "register/place": 1, "open/failed-unbind": 3 },
    first: [
      {
        rule: "register/place",
        timeNs: 0,
        machine: 0,
        adapter: 1,
        af: null,
        text: "An MCM registers its AF from MiniportInitializeEx.",
        source: ["nf-ndis-ndismcmregisteraddressfamilyex"],
        brokenBy: registeredLate.at(-1)?.seq ?? null,
        leftOut: { lives: 0, recordsOfLives: 0, recordsBetween: 0 },
        history: registeredLate,
        reproduce: "npx condis-sim run slow-call-manager --seed 7 --afs 1000 --trace out.jsonl --trace-af 500",
      },
      {
        rule: "open/failed-unbind",
        timeNs: 93_100,
        machine: 1,
        adapter: 0,
        af: "AF#5v2",
        text: "After a failed open the client calls NdisUnbindAdapter.",
        source: ["nf-ndis-ndisclopenaddressfamilyex", "deregistering-a-sap"],
        brokenBy: null,
        leftOut: { lives: 1, recordsOfLives: 15, recordsBetween: 0 },
        history: failedToOpen,
        reproduce: "npx condis-sim run slow-call-manager --seed 7 --afs 1000 --trace out.jsonl --trace-af 505",
      },
    ],
  },
  thresholds: [
    { text: "latency.close.p99Ns < 500us", value: 154_623, pass: true },
    { text: "violations.total == 0", value: 14, pass: false },
    { text: "latency.open.phases.completionToClient.p99Ns < 1us", value: null, pass: false },
  ],
  host: {
    ...churn.host,
    wallMs: 31,
    setupMs: 4,
    eventsPerSecond: 148_518,
    nsPerEvent: 6733.2,
    workers: 1,
    shards: 1,
    runs: [churn.host, churn.host, churn.host],
  },
};

function withoutHistories({ first, ...counts }: ResultViolations): ResultViolations {
  return { ...counts, first: first.map(({ brokenBy: _b, leftOut: _l, history: _h, ...violation }) => violation) };
}

/** The same when it was stopped, before the machines could be run again for histories. */
export const stopped: Result = {
  ...broken,
  partial: {
    done: 0.25,
    shards: 8,
    shardsStarted: 2,
    shardsDone: 0,
    machines: 8,
    machinesStarted: 2,
    afs: 1000,
    afsStarted: 250,
  },
  violations: withoutHistories(broken.violations),
  warnings: withoutHistories(broken.warnings),
};

const { digest: _, ...live } = churn;

/** Every close was answered at once; without a digest, as in live mode. */
export const synchronous: Result = {
  ...live,
  mode: "live",
  scenario: { name: "synchronous" },
  command: "npx condis-sim live synchronous",
  totals: { ...churn.totals, closes: 10, synchronousCloses: 10, pendedCloses: 0, completions: 0, lifecycles: 10, opens: 11, undecided: 0 },
  afs: { configured: 1, peakOpen: 1, peakPendedCloses: 0, openAtEnd: 1, pendedAtEnd: 0 },
  latency: { close: NEVER, open: NEVER },
  ordering: {
    ...churn.ordering,
    completions: 0,
    reordered: 0,
    reorderedRatio: null,
    density: [],
    inversionRatio: null,
    perClient: { clients: 0, medianReorderedRatio: null, worst: null },
  },
};

/** Completions came exactly in order. */
export const inOrder: Result = {
  ...churn,
  ordering: { ...churn.ordering, reordered: 0, reorderedRatio: 0, maxExtent: 0, beyondWindow: 0, density: [{ from: 0, to: 0, count: 24_498_112 }] },
};
