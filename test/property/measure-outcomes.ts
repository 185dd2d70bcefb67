/** Arbitrary outcomes of machines that add up, and grouping them into shards. */

import * as fc from "fast-check";
import type { OrderingCounts, PhasedLatency } from "../../src/measure/counts.js";
import { emptyPhasedLatency, recordLatency } from "../support/latency.js";
import { OrderingStream, emptyOrdering } from "../support/ordering.js";
import type { ObjectTotals, ShardOutcome, Violation } from "../../src/measure/outcome.js";
import { bucketOf } from "../../src/measure/histogram.js";
import { STEP_BUCKETS, type SeriesCounts } from "../../src/measure/series.js";

export const TICK_NS = 100;
export const CLIENTS = 3;
/** Small, so that arrays are short. */
const TICKS_MAX = 50;
const WINDOW = 6;
const STEPS_MAX = 4;
const RULES = ["close/owed", "irql/caller", "close/family"];
const WARNING = "open/failed-unbind";

/** Everything that one machine did, small enough to shrink. */
export interface MachineSketch {
  /** In the order in which they come: the client and the two parts of the latency; their close sequences. */
  readonly completions: readonly { readonly client: number; readonly ticks: readonly [number, number] }[];
  readonly order: readonly number[];
  readonly opens: readonly (readonly [number, number])[];
  readonly synchronousCloses: number;
  readonly pendedAtEnd: number;
  readonly openAtEnd: number;
  readonly endTick: number;
  readonly failedOpens: number;
  /** Of each count of objects, in their order, but VCs created. */
  readonly objects: readonly number[];
  /** In the order of time: in which tick how many closes were requested. */
  readonly closes: readonly number[];
  readonly digests: readonly bigint[];
  readonly violations: readonly { readonly rule: string; readonly tick: number; readonly slot: number }[];
}

const anyTicks = fc.nat(TICKS_MAX);
const anyParts = fc.tuple(anyTicks, anyTicks);

export const anyMachine: fc.Arbitrary<MachineSketch> = fc
  .array(fc.record({ client: fc.nat(CLIENTS - 1), ticks: anyParts }), { maxLength: 8 })
  .chain((completions) =>
    fc.record({
      completions: fc.constant(completions),
      order: fc.shuffledSubarray([...completions.keys()], { minLength: completions.length }),
      opens: fc.array(anyParts, { maxLength: 4 }),
      synchronousCloses: fc.nat(5),
      pendedAtEnd: fc.nat(5),
      openAtEnd: fc.nat(5),
      endTick: fc.nat(100_000),
      failedOpens: fc.nat(5),
      objects: fc.array(fc.nat(9), { minLength: 12, maxLength: 12 }),
      closes: fc.array(fc.nat(3), { minLength: 1, maxLength: 20 }),
      digests: fc.array(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), { minLength: 1, maxLength: 3 }),
      violations: fc.array(fc.record({ rule: fc.constantFrom(...RULES, WARNING), tick: fc.nat(3), slot: fc.nat(9) }), {
        maxLength: 12,
      }),
    }),
  );

export const anyMachines = fc.array(anyMachine, { minLength: 1, maxLength: 5 });

function objectTotalsOf(machines: readonly (readonly number[])[]): ObjectTotals {
  const sum = (index: number): number => machines.reduce((total, counts) => total + counts[index]!, 0);
  return {
    saps: { registered: sum(0), deregistered: sum(1), atEnd: sum(2) },
    vcs: { created: sum(3) + sum(4), deleted: sum(3), atEnd: sum(4) },
    calls: { connected: sum(5), failed: sum(6), rejected: sum(7), closed: sum(8) },
    parties: { added: sum(9), dropped: sum(10), atEnd: sum(11) },
  };
}

function recordPhased(latency: PhasedLatency, [first, second]: readonly [number, number]): void {
  recordLatency(latency.total, first + second, TICK_NS);
  recordLatency(latency.requestToCompletion, first, TICK_NS);
  recordLatency(latency.completionToClient, second, TICK_NS);
}

function violationsOf(sketch: MachineSketch, machine: number): Violation[] {
  return sketch.violations
    .map(({ rule, tick, slot }) => ({ rule, tick, machine, slot, generation: 1 }))
    .sort((a, b) => a.tick - b.tick);
}

function countByRule(violations: readonly Violation[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { rule } of violations) counts[rule] = (counts[rule] ?? 0) + 1;
  return counts;
}

/** The first of each rule, in (tick, machine) order; of those in one tick of one machine by name. */
function firstOfRules(violations: readonly Violation[]): Violation[] {
  return [...RULES, WARNING]
    .toSorted()
    .flatMap((rule) => violations.find((violation) => violation.rule === rule) ?? [])
    .toSorted((a, b) => a.tick - b.tick || a.machine - b.machine);
}

/** Of some machines; with steps so long that there are at most STEPS_MAX. */
function seriesOf(sketches: readonly MachineSketch[]): SeriesCounts {
  const ticks = Math.max(...sketches.map(({ closes }) => closes.length));
  let stepTicks = 1;
  while (Math.ceil(ticks / stepTicks) > STEPS_MAX) stepTicks *= 2;
  const steps = Array.from({ length: Math.ceil(ticks / stepTicks) }, (_, index) => {
    const inStep = sketches.flatMap(({ closes }) => closes.slice(index * stepTicks, (index + 1) * stepTicks));
    const untilNow = sketches.flatMap(({ closes }) => closes.slice(0, (index + 1) * stepTicks));
    const counts = new Float64Array(9);
    for (const close of inStep) counts[Math.floor(bucketOf(close * TICK_NS) / STEP_BUCKETS)]!++;
    const sum = (numbers: readonly number[]): number => numbers.reduce((all, n) => all + n, 0);
    return {
      opens: 2 * sum(inStep),
      closes: sum(inStep),
      completions: sum(inStep),
      lifecycles: sum(inStep),
      openAtEnd: 3 * sum(untilNow),
      pendedAtEnd: sum(untilNow),
      close: {
        sumTicks: BigInt(sum(inStep)),
        minTicks: Math.min(2 ** 32 - 1, ...inStep),
        maxTicks: Math.max(0, ...inStep),
        counts,
      },
    };
  });
  return { fromTick: 0, stepTicks, steps };
}

/** The outcome of a shard that simulates some machines, counted in one pass as a shard does, without any merging. */
export function shardOutcome(
  shard: number,
  sketches: readonly (readonly [machine: number, sketch: MachineSketch])[],
): ShardOutcome {
  const close = emptyPhasedLatency(2 * TICKS_MAX * TICK_NS);
  const open = emptyPhasedLatency(2 * TICKS_MAX * TICK_NS);
  const ordering: OrderingCounts = emptyOrdering(CLIENTS * sketches.length, WINDOW);
  const totals = {
    events: 0,
    calls: 0,
    opens: 0,
    failedOpens: 0,
    closes: 0,
    inlineCompletions: 0,
    synchronousCloses: 0,
    pendedCloses: 0,
    completions: 0,
    lifecycles: 0,
    refused: 0,
    undecided: 0,
    virtualTicks: 0,
  };
  sketches.forEach(([, sketch], index) => {
    const { completions, order, synchronousCloses, pendedAtEnd, openAtEnd } = sketch;
    const stream = new OrderingStream(ordering);
    order.forEach((sequence, arrival) => {
      const { client, ticks } = completions[arrival] ?? { client: 0, ticks: [0, 0] };
      stream.complete(sequence, index * CLIENTS + client);
      recordPhased(close, ticks);
    });
    stream.flush();
    for (const ticks of sketch.opens) recordPhased(open, ticks);
    const lifecycles = synchronousCloses + completions.length;
    totals.events += 2 * lifecycles + pendedAtEnd;
    totals.calls += 5 * lifecycles;
    totals.opens += lifecycles + openAtEnd + pendedAtEnd;
    totals.failedOpens += sketch.failedOpens;
    totals.closes += lifecycles + pendedAtEnd;
    totals.synchronousCloses += synchronousCloses;
    totals.pendedCloses += completions.length + pendedAtEnd;
    totals.completions += completions.length;
    totals.lifecycles += lifecycles;
    totals.virtualTicks = Math.max(totals.virtualTicks, sketch.endTick);
  });
  const all = sketches
    .flatMap(([machine, sketch]) => violationsOf(sketch, machine))
    .toSorted((a, b) => a.tick - b.tick || a.machine - b.machine);
  const violations = all.filter(({ rule }) => rule !== WARNING);
  return {
    shard,
    complete: true,
    machines: sketches.map(([machine, sketch]) => ({
      machine,
      digests: BigUint64Array.from(sketch.digests),
      peakOpen: sketch.openAtEnd + 1,
      peakPendedCloses: sketch.pendedAtEnd + 1,
      openAtEnd: sketch.openAtEnd,
      pendedAtEnd: sketch.pendedAtEnd,
      endTick: sketch.endTick,
    })),
    totals,
    objects: objectTotalsOf(sketches.map(([, { objects }]) => objects)),
    close,
    open,
    ordering,
    series: seriesOf(sketches.map(([, sketch]) => sketch)),
    violationsByRule: countByRule(violations),
    warningsByRule: countByRule(all.filter(({ rule }) => rule === WARNING)),
    firstViolations: violations.slice(0, 20),
    firstOfRules: firstOfRules(all),
    kernelSeconds: 0.5,
    setupSeconds: 0.1,
  };
}

/** One shard with all machines. */
export function wholeOutcome(sketches: readonly MachineSketch[]): ShardOutcome {
  return shardOutcome(0, [...sketches.entries()]);
}

/**
 * The machines in shards.
 * @param shardOf the shard of each machine; machines of a shard keep their order
 */
export function shardedOutcomes(sketches: readonly MachineSketch[], shardOf: readonly number[]): ShardOutcome[] {
  const machines = [...sketches.entries()];
  return [...new Set(shardOf.slice(0, sketches.length))].map((shard) =>
    shardOutcome(
      shard,
      machines.filter(([machine]) => shardOf[machine] === shard),
    ),
  );
}

/** A shard for each of at most five machines, in no particular order. */
export const anyGrouping = fc.array(fc.nat(4), { minLength: 5, maxLength: 5 });
