import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { runReference, type ReferenceRun } from "../../src/contract/reference.js";
import { emptyLatency, recordLatency } from "../../src/measure/histogram.js";
import { checkTotals } from "../../src/measure/totals.js";
import { clearOrdering, emptyOrdering, OrderingStream } from "../../src/measure/ordering.js";
import type { LatencyCounts, OrderingCounts } from "../../src/measure/counts.js";
import { foldDigest } from "../../src/measure/merge.js";
import { FIRST_VIOLATIONS } from "../../src/run/outcome.js";
import { horizonTicksOf } from "../../src/run/plan.js";
import type { Scenario } from "../../src/scenario/scenario.js";
import { scenario as arbitraryScenario } from "../support/scenario-generator.js";
import { runKernel, type KernelRun } from "../support/run-kernel.js";

const EVERYTHING = { afs: null, timeNs: null };

function latencyCounts(ticks: readonly number[], scenario: Scenario): LatencyCounts {
  const counts = emptyLatency(horizonTicksOf(scenario) * scenario.tickNs);
  for (const value of ticks) recordLatency(counts, value, scenario.tickNs);
  return counts;
}

const ARRAYS = ["extents", "nReordering", "density", "clientCompletions", "clientReordered"] as const;

function countByRule(run: ReferenceRun): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { rule } of run.violations) counts[rule] = (counts[rule] ?? 0) + 1;
  return counts;
}

/** Measures the reference's completion streams with the plain ordering code. */
function orderingOf(run: ReferenceRun, scenario: Scenario): OrderingCounts {
  const { adaptersPerMachine, clientsPerAdapter, machines } = scenario.topology;
  const clients = adaptersPerMachine * clientsPerAdapter;
  const sum = emptyOrdering(machines * clients);
  const streams = run.machines.flatMap((machine) => machine.streams.map((stream) => ({ stream, machine: machine.machine })));
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
  const pick = ({ machine, peakOpen, peakPendedCloses, openAtEnd, pendedAtEnd, endTick }: (typeof merged.machines)[number]) => ({
    machine,
    peakOpen,
    peakPendedCloses,
    openAtEnd,
    pendedAtEnd,
    endTick,
  });
  expect(merged.machines.map(pick)).toEqual(
    reference.machines.map((run) => pick({ ...run, digests: new BigUint64Array(), traceRecords: 0 })),
  );
  expect(merged.violationsByRule).toEqual(countByRule(reference));
  expect(merged.firstViolations).toEqual(reference.violations.slice(0, FIRST_VIOLATIONS));
  for (const part of ["total", "requestToCompletion", "completionToClient"] as const) {
    expect(merged.close[part]).toEqual(latencyCounts(reference.close[part], scenario));
    expect(merged.open[part]).toEqual(latencyCounts(reference.open[part], scenario));
  }
  expect(merged.ordering).toEqual(orderingOf(reference, scenario));
  expect(merged.machines.map((machine) => [...machine.digests])).toEqual(reference.machines.map((run) => run.digests));
  expect(foldDigest(merged.machines)).toBe(reference.digest);
  checkTotals(merged);
}

describe("the kernel and the reference model", () => {
  it("agree on every record of the trace, every count, every latency and the digest of any scenario", () => {
    fc.assert(
      fc.property(arbitraryScenario, (scenario) => {
        const reference = runReference(scenario);
        const traced = runKernel(scenario, { trace: EVERYTHING });
        expect(traced.trace).toEqual(reference.trace);
        expectSame(traced, reference, scenario);
        expectSame(runKernel(scenario, { shards: 1 }), reference, scenario);
      }),
      { numRuns: Number(process.env["CONDIS_MODEL_RUNS"] ?? 150) },
    );
  });
});
