import fc from "fast-check";
import { describe, expect, it, vi } from "vitest";
import { runReference, type ReferenceRun } from "../../src/contract/reference.js";
import { emptyLatency } from "../../src/measure/histogram.js";
import { checkTotals } from "../../src/measure/totals.js";
import { recordLatency } from "../support/latency.js";
import { clearOrdering, emptyOrdering, OrderingStream } from "../support/ordering.js";
import type { LatencyCounts, OrderingCounts } from "../../src/measure/counts.js";
import { foldDigest } from "../../src/measure/merge.js";
import { FIRST_VIOLATIONS, type Violation } from "../../src/measure/outcome.js";
import { prepareScenario } from "../../src/modes/scenario-input.js";
import { horizonTicksOf } from "../../src/run/plan.js";
import { catalogueNames } from "../../src/scenario/catalogue.js";
import { TICKS_MAX } from "../../src/scenario/limits.js";
import type { Scenario } from "../../src/scenario/scenario.js";
import { hasPlainDrivers } from "../../src/run/shard.js";
import { PLAIN_CALL_MANAGER, PLAIN_CLIENT, plainScenario } from "../support/plain-scenario.js";
import { faultyScenario, scenario as arbitraryScenario } from "../support/scenario-generator.js";
import { runKernel, type KernelRun } from "../support/run-kernel.js";

const EXPONENTIAL = { kind: "exponential", meanNs: 1_000_000 } as const;
const pendingCallManager = {
  ...PLAIN_CALL_MANAGER,
  close: { ...PLAIN_CALL_MANAGER.close, pend: 1, service: EXPONENTIAL },
};
const EVERYTHING = { afs: null, timeNs: null };

function latencyCounts(ticks: readonly number[], scenario: Scenario): LatencyCounts {
  const counts = emptyLatency(horizonTicksOf(scenario) * scenario.tickNs);
  for (const value of ticks) recordLatency(counts, value, scenario.tickNs);
  return counts;
}

const ARRAYS = ["extents", "nReordering", "density", "clientCompletions", "clientReordered"] as const;

function countByRule(broken: readonly Violation[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { rule } of broken) counts[rule] = (counts[rule] ?? 0) + 1;
  return counts;
}

/** The first of every rule, by place; of those at one place by name. Each rule's own are in order. */
function firstOfRules(broken: readonly Violation[]): Violation[] {
  const rules = [...new Set(broken.map(({ rule }) => rule))].toSorted();
  return rules
    .map((rule) => broken.find((violation) => violation.rule === rule)!)
    .toSorted((a, b) => a.tick - b.tick || a.machine - b.machine);
}

/** Measures the reference's completion streams with the plain ordering code. */
function orderingOf(run: ReferenceRun, scenario: Scenario): OrderingCounts {
  const { adaptersPerMachine, clientsPerAdapter, machines } = scenario.topology;
  const clients = adaptersPerMachine * clientsPerAdapter;
  const sum = emptyOrdering(machines * clients);
  const streams = run.machines.flatMap((machine) =>
    machine.streams.map((stream) => ({ stream, machine: machine.machine })),
  );
  for (const { stream, machine } of streams) {
    const counts = emptyOrdering(machines * clients);
    const ordering = new OrderingStream(counts);
    const warmedUp = (): void => {
      ordering.restart();
      clearOrdering(counts);
    };
    stream.sequences.forEach((sequence, i) => {
      if (i === stream.measuredFrom) warmedUp();
      ordering.complete(sequence, machine * clients + stream.clients[i]!);
    });
    if (stream.measuredFrom === stream.sequences.length) warmedUp();
    ordering.flush();
    sum.completions += counts.completions;
    sum.reordered += counts.reordered;
    sum.beyondWindow += counts.beyondWindow;
    sum.maxExtent = Math.max(sum.maxExtent, counts.maxExtent);
    sum.nBeyondWindow += counts.nBeyondWindow;
    sum.inversions += counts.inversions;
    sum.pairs += counts.pairs;
    sum.windows += counts.windows;
    for (const key of ARRAYS) counts[key].forEach((n, i) => (sum[key][i]! += n));
  }
  return sum;
}

function expectSame(kernel: KernelRun, reference: ReferenceRun, scenario: Scenario): void {
  const { merged } = kernel;
  expect(merged.totals).toEqual(reference.totals);
  const pick = ({
    machine,
    peakOpen,
    peakPendedCloses,
    openAtEnd,
    pendedAtEnd,
    endTick,
  }: (typeof merged.machines)[number]) => ({
    machine,
    peakOpen,
    peakPendedCloses,
    openAtEnd,
    pendedAtEnd,
    endTick,
  });
  expect(merged.machines.map(pick)).toEqual(
    reference.machines.map((run) => pick({ ...run, digests: new BigUint64Array() })),
  );
  expect(merged.violationsByRule).toEqual(countByRule(reference.violations));
  expect(merged.warningsByRule).toEqual(countByRule(reference.warnings));
  expect(merged.firstViolations).toEqual(reference.violations.slice(0, FIRST_VIOLATIONS));
  expect(merged.firstOfRules).toEqual(firstOfRules([...reference.violations, ...reference.warnings]));
  for (const part of ["total", "requestToCompletion", "completionToClient"] as const) {
    expect(merged.close[part]).toEqual(latencyCounts(reference.close[part], scenario));
    expect(merged.open[part]).toEqual(latencyCounts(reference.open[part], scenario));
  }
  expect(merged.ordering).toEqual(orderingOf(reference, scenario));
  expect(merged.machines.map((machine) => [...machine.digests])).toEqual(reference.machines.map((run) => run.digests));
  expect(foldDigest(merged.machines)).toBe(reference.digest);
  checkTotals(merged);
}

/** Runs a scenario in both, traced with a shard for each machine and untraced in one, and compares everything. */
function compare(scenario: Scenario, generationMax?: number): void {
  const limit = generationMax === undefined ? {} : { generationMax };
  const reference = runReference(scenario, true, generationMax);
  const traced = runKernel(scenario, { trace: EVERYTHING, shards: scenario.topology.machines, ...limit });
  expect(traced.trace).toEqual(reference.trace);
  expectSame(traced, reference, scenario);
  expectSame(runKernel(scenario, { shards: 1, ...limit }), reference, scenario);
}

const RUNS = Number(process.env["CONDIS_MODEL_RUNS"] ?? 60);

describe("the kernel and the reference model", () => {
  vi.setConfig({ testTimeout: 600_000 });

  it("agree on every record of the trace, every count, every latency and the digest of any scenario", () => {
    fc.assert(
      fc.property(arbitraryScenario, (scenario) => compare(scenario)),
      { numRuns: RUNS },
    );
  });

  it.each(catalogueNames)("agree on the built-in %s with few AFs", async (name) => {
    compare(await prepareScenario({ name }, { afs: "200", machines: "2" }));
  });

  it("agree on every scenario whose drivers make mistakes", () => {
    fc.assert(
      fc.property(faultyScenario, (scenario) => compare(scenario)),
      { numRuns: RUNS },
    );
  });

  it("agree when slots use up their generations and retire", () => {
    fc.assert(
      fc.property(
        fc.oneof(arbitraryScenario, faultyScenario),
        fc.integer({ min: 1, max: 4 }),
        (scenario, generationMax) => compare(scenario, generationMax),
      ),
      { numRuns: Math.ceil(RUNS / 3) },
    );
  });

  it("agree on the yardstick scenario, which the kernel runs in its plain loop", () => {
    for (const [afs, seed] of [
      [1, 1],
      [50, 2],
      [700, 3],
    ] as const) {
      const churn = plainScenario({
        seed,
        topology: { machines: 2, adaptersPerMachine: 3, clientsPerAdapter: 4, afs: 2 * afs },
        callManagers: [pendingCallManager],
        client: { ...PLAIN_CLIENT, hold: EXPONENTIAL, think: { kind: "constant", ns: 0 } },
        phases: [
          { kind: "warmup", ns: 200_000 },
          { kind: "run", ns: 3_000_000 },
          { kind: "halt", adapters: [{ from: 1, to: 2 }] },
          { kind: "run", ns: 500_000 },
          { kind: "drain", ns: 40_000_000 },
        ],
      });
      expect(hasPlainDrivers(churn)).toBe(true);
      compare(churn);
    }
  });

  it("agree that what the plain loop cannot do is not for it", () => {
    const plain = plainScenario({
      callManagers: [pendingCallManager],
      client: { ...PLAIN_CLIENT, think: { kind: "constant", ns: 0 } },
    });
    const one = { kind: "constant", count: 1 } as const;
    const others: Scenario[] = [
      { ...plain, callManagers: [{ ...pendingCallManager, open: { ...pendingCallManager.open, fail: 0.1 } }] },
      { ...plain, client: { ...plain.client, outstanding: { ...plain.client.outstanding, vcs: one } } },
      { ...plain, client: { ...plain.client, outstanding: { ...plain.client.outstanding, saps: one } } },
      { ...plain, client: { ...plain.client, wait: 0.5 } },
      { ...plain, faults: [{ kind: "cm-leak", rate: 0.1, at: null }] },
    ];
    expect(hasPlainDrivers(plain)).toBe(true);
    for (const scenario of others) {
      expect(hasPlainDrivers(scenario)).toBe(false);
      compare(scenario);
    }
  });

  it("agree on what happens at the last tick of virtual time", () => {
    const binding = { adapters: [{ from: 0, to: 0 }], clients: [{ from: 0, to: 0 }] };
    const longest = plainScenario({
      phases: [
        { kind: "run", ns: 10_000 },
        { kind: "drain", ns: TICKS_MAX * 100 - 10_000 },
        { kind: "unbind", ...binding },
      ],
    });
    compare(longest);
    // A window may end after virtual time does.
    const traced = runKernel(longest, { trace: { afs: null, timeNs: { from: 0, to: (TICKS_MAX + 2) * 100 } } });
    expect(traced.trace).toEqual(runReference(longest, true).trace);
  });

  it("agree on the order of completions over many windows of one call manager", () => {
    for (const serve of [null, { servers: 40, order: "lifo" as const }, { servers: 40, order: "random" as const }]) {
      const crowd = plainScenario({
        topology: { machines: 1, adaptersPerMachine: 1, clientsPerAdapter: 7, afs: 3000 },
        callManagers: [
          {
            ...pendingCallManager,
            close: { ...pendingCallManager.close, serve, service: { kind: "exponential", meanNs: 20_000 } },
          },
        ],
        client: { ...PLAIN_CLIENT, hold: EXPONENTIAL, think: { kind: "constant", ns: 0 } },
        phases: [{ kind: "run", ns: 6_000_000 }],
      });
      const reference = runReference(crowd, false);
      const kernel = runKernel(crowd);
      expect(kernel.merged.ordering.windows).toBeGreaterThan(2);
      expectSame(kernel, reference, crowd);
    }
  });
});
