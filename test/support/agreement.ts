/** The comparison of a run in the kernel with one in the reference model. */
import { isDeepStrictEqual } from "node:util";
import { expect } from "vitest";
import { runReference, type ReferenceRun } from "../../src/contract/reference.js";
import { type RuleId, ruleOf } from "../../src/contract/rules.js";
import type { LatencyCounts, OrderingCounts } from "../../src/measure/counts.js";
import { bucketOf, emptyLatency } from "../../src/measure/histogram.js";
import { foldDigest } from "../../src/measure/merge.js";
import { FIRST_VIOLATIONS, formOf, type Violation } from "../../src/measure/outcome.js";
import { checkTotals } from "../../src/measure/totals.js";
import { STEP_BUCKETS } from "../../src/measure/series.js";
import { horizonTicksOf } from "../../src/run/plan.js";
import type { Scenario } from "../../src/scenario/scenario.js";
import { recordLatency } from "./latency.js";
import { clearOrdering, emptyOrdering, OrderingStream } from "./ordering.js";
import { runKernel, type KernelRun } from "./run-kernel.js";

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

/** The warnings of a reference run, those that are of a rule which is not a warning itself marked. */
export function markedWarnings({ warnings }: ReferenceRun): Violation[] {
  return warnings.map((one) => (ruleOf(one.rule as RuleId).warning ? one : { ...one, warningForm: true }));
}

/** The first of every rule and of its warning form, by place; of those at one place by name. Each rule's own are in order. */
function firstOfRules(broken: readonly Violation[]): Violation[] {
  const forms = [...new Set(broken.map(formOf))].toSorted();
  return forms
    .map((form) => broken.find((violation) => formOf(violation) === form)!)
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

/** As `toEqual`, which takes its time over long arrays that are equal. */
function expectEqual(actual: unknown, expected: unknown): void {
  if (!isDeepStrictEqual(actual, expected)) expect(actual).toEqual(expected);
}

function expectSameSeries({ merged }: KernelRun, reference: ReferenceRun, scenario: Scenario): void {
  const { series } = merged;
  if (series === null) throw new Error("the kernel recorded no series");
  expectEqual([series.fromTick, series.stepTicks], [reference.series.fromTick, reference.series.stepTicks]);
  const groups = Math.ceil(latencyCounts([], scenario).counts.length / STEP_BUCKETS);
  const expected = reference.series.steps.map(({ latencies, ...step }) => {
    const counts = new Float64Array(groups);
    for (const ticks of latencies) counts[Math.floor(bucketOf(ticks * scenario.tickNs) / STEP_BUCKETS)]!++;
    const sumTicks = latencies.reduce((sum, ticks) => sum + BigInt(ticks), 0n);
    return {
      ...step,
      close: {
        sumTicks,
        minTicks: latencies.reduce((least, ticks) => Math.min(least, ticks), 2 ** 32 - 1),
        maxTicks: latencies.reduce((most, ticks) => Math.max(most, ticks), 0),
        counts,
      },
    };
  });
  expectEqual(series.steps, expected);
}

/** Sees that a run of the kernel counted, measured and folded what the reference did. */
export function expectSame(kernel: KernelRun, reference: ReferenceRun, scenario: Scenario): void {
  const { merged } = kernel;
  expectEqual(merged.totals, reference.totals);
  expectEqual(merged.objects, reference.objects);
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
  expectEqual(
    merged.machines.map(pick),
    reference.machines.map((run) => pick({ ...run, digests: new BigUint64Array() })),
  );
  expectEqual(merged.violationsByRule, countByRule(reference.violations));
  expectEqual(merged.warningsByRule, countByRule(reference.warnings));
  expectEqual(merged.firstViolations, reference.violations.slice(0, FIRST_VIOLATIONS));
  expectEqual(merged.firstOfRules, firstOfRules([...reference.violations, ...markedWarnings(reference)]));
  for (const part of ["total", "requestToCompletion", "completionToClient"] as const) {
    expectEqual(merged.close[part], latencyCounts(reference.close[part], scenario));
    expectEqual(merged.open[part], latencyCounts(reference.open[part], scenario));
  }
  expectEqual(merged.ordering, orderingOf(reference, scenario));
  expectSameSeries(kernel, reference, scenario);
  expectEqual(
    merged.machines.map((machine) => [...machine.digests]),
    reference.machines.map((run) => run.digests),
  );
  expect(foldDigest(merged.machines)).toBe(reference.digest);
  checkTotals(merged);
}

/** As many records as show what is different. */
const SHOWN = 10;

/** Sees that a kernel's trace is the reference's, field by field and in their order. */
export function expectSameTrace({ lines }: KernelRun, { trace }: ReferenceRun): void {
  const first = trace.findIndex((record, i) => JSON.stringify(record) !== lines[i]);
  const shown = first === -1 ? [] : trace.slice(first, first + SHOWN);
  expect(lines.slice(first, first + shown.length)).toEqual(shown.map((record) => JSON.stringify(record)));
  expect(lines).toHaveLength(trace.length);
}

export interface CompareOptions {
  /** The generation at which slots retire. */
  readonly generationMax?: number;
  /** Another kernel than the one that is built. */
  readonly module?: WebAssembly.Module;
}

/** Runs a scenario in the kernel, traced with a shard for each machine and untraced in one, and compares everything with a run of the reference. */
export function expectAgreementWith(reference: ReferenceRun, scenario: Scenario, options: CompareOptions = {}): void {
  const traced = runKernel(scenario, { trace: EVERYTHING, shards: scenario.topology.machines, ...options });
  expectSameTrace(traced, reference);
  expectSame(traced, reference, scenario);
  expectSame(runKernel(scenario, { shards: 1, ...options }), reference, scenario);
}

/** Runs a scenario in both and compares everything. */
export function expectAgreement(scenario: Scenario, generationMax?: number): void {
  const limit = generationMax === undefined ? {} : { generationMax };
  expectAgreementWith(runReference(scenario, true, generationMax), scenario, limit);
}
