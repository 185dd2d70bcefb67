/** Results as they stand in files, written by hand: as few fields as a result may have. */

import { readStoredResult, type StoredResult } from "../../src/result/stored.js";

export const TOOL = { name: "condis-sim", version: "0.2.0" };

const CLOSE = { count: 49_755, meanNs: 973_400, p99Ns: 4_420_000, hdr: "HISTAAAA" };

const SCENARIO = {
  name: "churn",
  description: "How fast do AFs open and close?",
  seed: 1,
  topology: { machines: 8, afs: 2000 },
  callManager: { close: { service: { exponential: "1ms" }, serve: null as object | null } },
  thresholds: ["latency.close.p99Ns < 5ms"],
};

/** The first of all: churn, ended, nothing broken. */
export const CHURN = {
  schemaVersion: 1,
  tool: { name: "condis-sim", version: "0.2.0" },
  mode: "run",
  scenario: SCENARIO,
  seed: 1,
  digest: "9a320492abf67ded",
  command: "condis-sim run churn --seed 1 --afs 2k",
  totals: { events: 100_517, completions: 49_755 },
  afs: { configured: 2000 },
  latency: { close: { ...CLOSE, phases: { requestToCompletion: CLOSE } } },
  ordering: {
    reorderedRatio: 0.718,
    inversionRatio: 0.018_924,
    density: [
      { from: -8, to: -8, count: 40 },
      { from: 0, to: 0, count: 6022 },
    ],
    perClient: { worst: { client: 37 } },
  },
  violations: { total: 0, byRule: {} as Record<string, number>, first: [] as object[] },
  warnings: { total: 0, byRule: {}, first: [] },
  thresholds: [{ text: "latency.close.p99Ns < 5ms", value: 4_420_000, pass: true }],
  host: {
    nsPerEvent: 22.3,
    workers: 2,
    shards: 8,
    node: "20.20.2",
    cpu: "Some Processor",
    runs: runsOf([22.9, 22.1, 22.3, 22.2, 22.6, 22.4]),
  },
};

/** With three servers: other totals, latencies and order, a rule that broke and a threshold that is missed. */
export const SERVED: typeof CHURN = {
  ...CHURN,
  scenario: { ...SCENARIO, callManager: { close: { ...SCENARIO.callManager.close, serve: { servers: 3 } } } },
  digest: "23731577bab3b121",
  totals: { events: 91_112, completions: 45_556 },
  latency: { close: { ...CLOSE, p99Ns: 12_400_000, hdr: "HISTBBBB", phases: { requestToCompletion: { ...CLOSE, p99Ns: 1 } } } },
  ordering: {
    reorderedRatio: 0.4,
    inversionRatio: 0.018_918,
    density: [
      { from: -8, to: -8, count: 41 },
      { from: -4, to: -4, count: 2 },
      { from: 0, to: 0, count: 6022 },
    ],
    perClient: { worst: { client: 46 } },
  },
  violations: { total: 1, byRule: { "close/owed": 1 }, first: [{ rule: "close/owed", timeNs: 12e9, reproduce: "…" }] },
  thresholds: [{ text: "latency.close.p99Ns < 5ms", value: 12_400_000, pass: false }],
};

/** Fields of a host. */
export function runsOf(nsPerEvent: readonly number[]): { readonly nsPerEvent: number }[] {
  return nsPerEvent.map((ns) => ({ nsPerEvent: ns }));
}

/** The same result with times of its own. */
export function timed<Fields extends typeof CHURN>(result: Fields, nsPerEvent: readonly number[]): Fields {
  return { ...result, host: { ...result.host, runs: runsOf(nsPerEvent) } };
}

/** As read from a file of this name. */
export function stored(fields: object, file: string): StoredResult {
  return readStoredResult(JSON.stringify(fields), file, TOOL);
}
