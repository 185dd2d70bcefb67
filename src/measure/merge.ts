/**
 * Merging of what shards counted. The merge is associative and commutative, and its value depends on the machines alone:
 * however they are grouped into shards and whatever order the outcomes come in.
 */

import {
  FIRST_VIOLATIONS,
  formOf,
  sortByPlace,
  type MachineOutcome,
  type ObjectTotals,
  type ShardOutcome,
  type Totals,
  type Violation,
} from "./outcome.js";
import type { LatencyCounts, OrderingCounts, PhasedLatency } from "./counts.js";
import { mergeSeries } from "./series.js";

/** Outcomes of some of a run's machines, or of all. Wall times are left out: they add up differently on every host. */
export type MergedOutcome = Omit<ShardOutcome, "shard" | "kernelSeconds" | "setupSeconds" | "histories">;

type CountsByRule = Readonly<Record<string, number>>;

function add(arrays: readonly Float64Array[]): Float64Array {
  const sums = new Float64Array(Math.max(0, ...arrays.map((array) => array.length)));
  for (const array of arrays) array.forEach((count, index) => (sums[index] = (sums[index] ?? 0) + count));
  return sums;
}

function total(numbers: readonly number[]): number {
  return numbers.reduce((sum, number) => sum + number, 0);
}

function totalBig(numbers: readonly bigint[]): bigint {
  return numbers.reduce((sum, number) => sum + number, 0n);
}

function largest(numbers: readonly number[]): number {
  return numbers.reduce((max, number) => Math.max(max, number), 0);
}

function mergeLatencies(latencies: readonly LatencyCounts[]): LatencyCounts {
  const counted = latencies.filter((latency) => latency.count > 0);
  return {
    counts: add(latencies.map((latency) => latency.counts)),
    count: total(counted.map((latency) => latency.count)),
    sumTicks: totalBig(counted.map((latency) => latency.sumTicks)),
    minTicks: counted.length === 0 ? 0 : Math.min(...counted.map((latency) => latency.minTicks)),
    maxTicks: largest(counted.map((latency) => latency.maxTicks)),
  };
}

function mergePhased(latencies: readonly PhasedLatency[]): PhasedLatency {
  return {
    total: mergeLatencies(latencies.map((latency) => latency.total)),
    requestToCompletion: mergeLatencies(latencies.map((latency) => latency.requestToCompletion)),
    completionToClient: mergeLatencies(latencies.map((latency) => latency.completionToClient)),
  };
}

function mergeTotals(totals: readonly Totals[]): Totals {
  const sum = (field: keyof Totals): number => total(totals.map((one) => one[field]));
  return {
    events: sum("events"),
    calls: sum("calls"),
    opens: sum("opens"),
    failedOpens: sum("failedOpens"),
    closes: sum("closes"),
    synchronousCloses: sum("synchronousCloses"),
    inlineCompletions: sum("inlineCompletions"),
    pendedCloses: sum("pendedCloses"),
    completions: sum("completions"),
    lifecycles: sum("lifecycles"),
    refused: sum("refused"),
    undecided: sum("undecided"),
    virtualTicks: largest(totals.map((one) => one.virtualTicks)),
  };
}

function mergeObjects(objects: readonly (ObjectTotals | null)[]): ObjectTotals | null {
  const counted = objects.filter((one) => one !== null);
  if (counted.length === 0) return null;
  const sum = (of: (one: ObjectTotals) => number): number => total(counted.map(of));
  return {
    saps: {
      registered: sum(({ saps }) => saps.registered),
      deregistered: sum(({ saps }) => saps.deregistered),
      atEnd: sum(({ saps }) => saps.atEnd),
    },
    vcs: {
      created: sum(({ vcs }) => vcs.created),
      deleted: sum(({ vcs }) => vcs.deleted),
      atEnd: sum(({ vcs }) => vcs.atEnd),
    },
    calls: {
      connected: sum(({ calls }) => calls.connected),
      failed: sum(({ calls }) => calls.failed),
      rejected: sum(({ calls }) => calls.rejected),
      closed: sum(({ calls }) => calls.closed),
    },
    parties: {
      added: sum(({ parties }) => parties.added),
      dropped: sum(({ parties }) => parties.dropped),
      atEnd: sum(({ parties }) => parties.atEnd),
    },
  };
}

function mergeByRule(counts: readonly CountsByRule[]): CountsByRule {
  const rules = [...new Set(counts.flatMap(Object.keys))].sort();
  return Object.fromEntries(rules.map((rule) => [rule, total(counts.map((one) => one[rule] ?? 0))]));
}

/**
 * The earliest violation or warning of each rule. Rules that were first broken in one tick of one machine come by name, whatever
 * shards they come from.
 */
export function mergeFirstOfRules(outcomes: readonly MergedOutcome[]): Violation[] {
  const violations = outcomes.flatMap((outcome) => outcome.firstOfRules);
  const byName = violations.toSorted((a, b) => (formOf(a) < formOf(b) ? -1 : Number(formOf(a) > formOf(b))));
  const forms = new Set<string>();
  return sortByPlace(byName).filter((violation) => !forms.has(formOf(violation)) && forms.add(formOf(violation)));
}

/** A machine and its clients' counts. */
interface MachineClients {
  readonly outcome: MachineOutcome;
  readonly completions: Float64Array;
  readonly reordered: Float64Array;
}

/** Takes the clients' counts of an outcome apart, machine by machine; all machines have the same number of clients. */
function splitMachines({ machines, ordering }: MergedOutcome): MachineClients[] {
  const clientCount = ordering.clientCompletions.length / machines.length;
  return machines.map((outcome, index) => ({
    outcome,
    completions: ordering.clientCompletions.subarray(index * clientCount, (index + 1) * clientCount),
    reordered: ordering.clientReordered.subarray(index * clientCount, (index + 1) * clientCount),
  }));
}

function sortMachines(outcomes: readonly MergedOutcome[]): MachineClients[] {
  const sorted = outcomes.flatMap(splitMachines).sort((a, b) => a.outcome.machine - b.outcome.machine);
  sorted.forEach(({ outcome: { machine } }, index) => {
    if (machine === sorted[index + 1]?.outcome.machine) {
      throw new Error(`internal error: machine ${machine} was simulated by two shards`);
    }
  });
  return sorted;
}

function concatenate(arrays: readonly Float64Array[]): Float64Array {
  const [only, ...others] = arrays;
  if (only !== undefined && others.length === 0) return only;
  const all = new Float64Array(total(arrays.map((array) => array.length)));
  let at = 0;
  for (const array of arrays) {
    all.set(array, at);
    at += array.length;
  }
  return all;
}

function mergeOrdering(orderings: readonly OrderingCounts[], machines: readonly MachineClients[]): OrderingCounts {
  return {
    completions: total(orderings.map((one) => one.completions)),
    reordered: total(orderings.map((one) => one.reordered)),
    beyondWindow: total(orderings.map((one) => one.beyondWindow)),
    maxExtent: largest(orderings.map((one) => one.maxExtent)),
    extents: add(orderings.map((one) => one.extents)),
    nReordering: add(orderings.map((one) => one.nReordering)),
    nBeyondWindow: total(orderings.map((one) => one.nBeyondWindow)),
    density: add(orderings.map((one) => one.density)),
    inversions: totalBig(orderings.map((one) => one.inversions)),
    pairs: totalBig(orderings.map((one) => one.pairs)),
    windows: total(orderings.map((one) => one.windows)),
    clientCompletions: concatenate(machines.map((machine) => machine.completions)),
    clientReordered: concatenate(machines.map((machine) => machine.reordered)),
  };
}

/**
 * Merges outcomes of different machines; machines are sorted, of the first violations the earliest are kept. A machine's
 * violations of one tick keep their order.
 * @throws Error (internal) when a machine is in two outcomes
 */
export function mergeOutcomes(outcomes: readonly MergedOutcome[]): MergedOutcome {
  const machines = sortMachines(outcomes);
  return {
    complete: outcomes.every((outcome) => outcome.complete),
    machines: machines.map((machine) => machine.outcome),
    totals: mergeTotals(outcomes.map((outcome) => outcome.totals)),
    objects: mergeObjects(outcomes.map((outcome) => outcome.objects)),
    close: mergePhased(outcomes.map((outcome) => outcome.close)),
    open: mergePhased(outcomes.map((outcome) => outcome.open)),
    ordering: mergeOrdering(
      outcomes.map((outcome) => outcome.ordering),
      machines,
    ),
    series: mergeSeries(outcomes.map((outcome) => outcome.series)),
    violationsByRule: mergeByRule(outcomes.map((outcome) => outcome.violationsByRule)),
    warningsByRule: mergeByRule(outcomes.map((outcome) => outcome.warningsByRule)),
    firstViolations: sortByPlace(outcomes.flatMap((outcome) => outcome.firstViolations)).slice(0, FIRST_VIOLATIONS),
    firstOfRules: mergeFirstOfRules(outcomes),
  };
}

const DIGEST_FACTOR = 0xd6e8feb86659fd93n;

/**
 * The digest of a run: its call managers' digests folded in (machine, adapter) order (MODEL.md, "States and digest").
 * @param machines sorted, as in a merged outcome
 * @returns 16 hexadecimal digits
 */
export function foldDigest(machines: readonly MachineOutcome[]): string {
  let run = 0n;
  for (const { digests } of machines) {
    for (const digest of digests) {
      const product = BigInt.asUintN(64, (run ^ digest) * DIGEST_FACTOR);
      run = BigInt.asUintN(64, product << 31n) | (product >> 33n);
    }
  }
  return run.toString(16).padStart(16, "0");
}
