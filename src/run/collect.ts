import * as L from "../../assembly/abi/layout.js";
import * as O from "../../assembly/abi/object-codes.js";
import { SHARED_AT_END, SHARED_COUNTS } from "../../assembly/abi/object-layout.js";
import { RULE_FORMS, type RuleForm } from "../contract/rule-forms.js";
import { ruleOf } from "../contract/rules.js";
import type { MachineMap, ShardMap } from "../kernel/memory-map.js";
import type { Topology } from "../kernel/topology.js";
import { ORDER_WINDOW, type LatencyCounts, type OrderingCounts, type PhasedLatency } from "../measure/counts.js";
import { bucketOf, emptyLatency } from "../measure/histogram.js";
import {
  FIRST_VIOLATIONS,
  sortByPlace,
  type MachineOutcome,
  type ObjectTotals,
  type ShardOutcome,
  type Totals,
  type Violation,
} from "../measure/outcome.js";
import { horizonTicksOf, type ShardPlan } from "./plan.js";

function u64(view: DataView, address: number): number {
  return Number(view.getBigUint64(address, true));
}

function u64s(view: DataView, address: number, count: number): Float64Array {
  return Float64Array.from(new BigUint64Array(view.buffer, address, count), Number);
}

/** What a machine says at its end. `counts`: AFs open (low half) and closes pended (high half). */
export function collectMachine(
  view: DataView,
  map: MachineMap,
  machine: number,
  topology: Topology,
  endTick: number,
  counts: bigint,
): MachineOutcome {
  const field = (offset: number): number => view.getUint32(map.header + offset, true);
  const digests = Array.from({ length: topology.adaptersPerMachine }, (_, adapter) =>
    view.getBigUint64(map.callManagers + adapter * L.CM_BYTES + L.CM_DIGEST, true),
  );
  return {
    machine,
    digests: BigUint64Array.from(digests),
    peakOpen: field(L.MACHINE_PEAK_OPEN),
    peakPendedCloses: field(L.MACHINE_PEAK_PENDED),
    openAtEnd: Number(counts & 0xffffffffn),
    pendedAtEnd: Number(counts >> 32n),
    endTick,
  };
}

function collectTotals(view: DataView, machines: readonly MachineOutcome[]): Totals {
  const total = (address: number): number => u64(view, address);
  const [opened, openPended, openTold] = [total(L.TOTAL_OPENED), total(L.TOTAL_OPEN_PENDED), total(L.TOTAL_OPEN_TOLD)];
  const [closed, closePended, closeTold] = [
    total(L.TOTAL_CLOSED),
    total(L.TOTAL_CLOSE_PENDED),
    total(L.TOTAL_CLOSE_TOLD),
  ];
  const lifecycles = closed + closeTold;
  return {
    events: closed + closePended + lifecycles,
    // A synchronous open or close is three calls: the client's, the call manager's, and the client's of itself.
    calls:
      3 * (opened + closed) +
      2 * (openPended + closePended) +
      total(L.TOTAL_OPEN_COMPLETED) +
      openTold +
      total(L.TOTAL_CLOSE_COMPLETED) +
      closeTold +
      total(L.TOTAL_OPEN_FAILED) +
      // Below 0 where mistakes leave out more calls than others add.
      Number(view.getBigInt64(L.TOTAL_OTHER_CALLS, true)),
    opens: opened + openTold,
    failedOpens: total(L.TOTAL_OPEN_FAILED),
    closes: closed + closePended,
    synchronousCloses: closed,
    pendedCloses: closePended,
    completions: closeTold,
    inlineCompletions: total(L.TOTAL_INLINE),
    lifecycles,
    refused: total(L.TOTAL_TURNED_AWAY),
    undecided: total(L.TOTAL_UNDECIDED),
    virtualTicks: Math.max(...machines.map((machine) => machine.endTick)),
  };
}

function collectObjects(view: DataView, shared: number): ObjectTotals {
  const count = (...changes: readonly number[]): number =>
    changes.reduce((sum, change) => sum + u64(view, shared + SHARED_COUNTS + 8 * (change - O.CHANGE_FIRST)), 0);
  const atEnd = (kind: number): number => u64(view, shared + SHARED_AT_END + 8 * kind);
  return {
    saps: {
      registered: count(O.CHANGE_REGISTERED, O.CHANGE_REGISTRATION_COMPLETED),
      deregistered: count(O.CHANGE_DEREGISTERED, O.CHANGE_DEREGISTRATION_COMPLETED, O.CHANGE_DEREGISTERED_CLOSING),
      atEnd: atEnd(O.KIND_SAP),
    },
    vcs: { created: count(O.CHANGE_CREATED), deleted: count(O.CHANGE_DELETED), atEnd: atEnd(O.KIND_VC) },
    calls: {
      connected: count(O.CHANGE_CONNECTED),
      failed: count(O.CHANGE_CALL_FAILED),
      rejected: count(O.CHANGE_REJECTED),
      closed: count(O.CHANGE_CALL_CLOSED, O.CHANGE_CLOSE_COMPLETED),
    },
    parties: {
      added: count(O.CHANGE_PARTY_ADDED, O.CHANGE_ADDING_COMPLETED),
      dropped: count(O.CHANGE_PARTY_DROPPED, O.CHANGE_DROPPING_COMPLETED),
      atEnd: atEnd(O.KIND_PARTY),
    },
  };
}

function collectLatency(view: DataView, address: number, buckets: number): LatencyCounts {
  const counts = u64s(view, address + L.LATENCY_COUNTS, buckets);
  const count = counts.reduce((sum, n) => sum + n, 0);
  return {
    counts,
    count,
    sumTicks: view.getBigUint64(address + L.LATENCY_SUM, true),
    minTicks: count === 0 ? 0 : view.getUint32(address + L.LATENCY_MIN, true),
    maxTicks: view.getUint32(address + L.LATENCY_MAX, true),
  };
}

/** Adds `count` equal latencies. */
function addLatencies(latency: LatencyCounts, ticks: number, tickNs: number, count: number): void {
  if (count === 0) return;
  latency.counts[bucketOf(ticks * tickNs)]! += count;
  latency.minTicks = latency.count === 0 ? ticks : Math.min(latency.minTicks, ticks);
  latency.maxTicks = Math.max(latency.maxTicks, ticks);
  latency.count += count;
  latency.sumTicks += BigInt(ticks) * BigInt(count);
}

/**
 * A latency with its parts. The kernel counts the total, and with a completionCost the first part of those that went
 * through a processor; the second part of these is that cost, and all else has no second part.
 */
function collectPhases(
  view: DataView,
  { latencyBytes }: ShardMap,
  addresses: { readonly total: number; readonly first: number },
  costTicks: number,
  tickNs: number,
  latencyNsMax: number,
): PhasedLatency {
  const buckets = (latencyBytes - L.LATENCY_COUNTS) / 8;
  const total = collectLatency(view, addresses.total, buckets);
  const queued = costTicks === 0 ? emptyLatency(latencyNsMax) : collectLatency(view, addresses.first, buckets);
  const completionToClient = emptyLatency(latencyNsMax);
  addLatencies(completionToClient, costTicks, tickNs, queued.count);
  addLatencies(completionToClient, 0, tickNs, total.count - queued.count);
  if (costTicks === 0)
    return { total, requestToCompletion: { ...total, counts: total.counts.slice() }, completionToClient };
  addLatencies(queued, 0, tickNs, total.count - queued.count);
  return { total, requestToCompletion: queued, completionToClient };
}

function collectOrdering(view: DataView, map: ShardMap, topology: Topology): OrderingCounts {
  const at = map.order;
  const clients = topology.adaptersPerMachine * topology.clientsPerAdapter;
  const perClient = (offset: number): Float64Array => {
    const counts = new Float64Array(map.machines.length * clients);
    map.machines.forEach((machine, i) => {
      for (let client = 0; client < clients; client++) {
        counts[i * clients + client] = view.getUint32(machine.clients + client * L.CLIENT_BYTES + offset, true);
      }
    });
    return counts;
  };
  const clientCompletions = perClient(L.CLIENT_COMPLETIONS);
  const extents = u64s(view, at + L.ORDER_EXTENTS, ORDER_WINDOW);
  return {
    completions: clientCompletions.reduce((sum, n) => sum + n, 0),
    reordered: u64(view, at + L.ORDER_REORDERED),
    beyondWindow: u64(view, at + L.ORDER_BEYOND),
    maxExtent: Math.max(
      0,
      extents.findLastIndex((n) => n > 0),
    ),
    extents,
    nReordering: u64s(view, at + L.ORDER_N_REORDERING, ORDER_WINDOW),
    nBeyondWindow: u64(view, at + L.ORDER_N_BEYOND),
    density: u64s(view, at + L.ORDER_DENSITY, 2 * ORDER_WINDOW - 1),
    inversions: view.getBigUint64(at + L.ORDER_INVERSIONS, true),
    pairs: view.getBigUint64(at + L.ORDER_PAIRS, true),
    windows: u64(view, at + L.ORDER_WINDOWS),
    clientCompletions,
    clientReordered: perClient(L.CLIENT_REORDERED),
  };
}

function countByRule(view: DataView, warnings: boolean): Record<string, number> {
  const entries = RULE_FORMS.filter((form) => form.warning === warnings).map(
    (form) => [form.id, u64(view, L.SHARD_RULES + 8 * form.number)] as const,
  );
  return Object.fromEntries(entries.filter(([, count]) => count > 0));
}

const FORMS: ReadonlyMap<number, RuleForm> = new Map(RULE_FORMS.map((form) => [form.number, form]));

function readViolation(view: DataView, at: number): Violation {
  const field = (offset: number): number => view.getUint32(at + offset, true);
  const form = FORMS.get(field(L.VIOLATION_RULE));
  if (form === undefined) throw new Error(`internal error: no rule has the number ${field(L.VIOLATION_RULE)}`);
  return {
    rule: form.id,
    ...(ruleOf(form.id).warningForm === form.number ? { warningForm: true as const } : {}),
    tick: field(L.VIOLATION_TICK),
    machine: field(L.VIOLATION_MACHINE),
    slot: field(L.VIOLATION_SLOT),
    generation: field(L.VIOLATION_GENERATION),
  };
}

function collectViolations(view: DataView, map: ShardMap): Violation[] {
  const count = view.getUint32(L.SHARD_VIOLATION_COUNT, true);
  return sortByPlace(
    Array.from({ length: count }, (_, i) => readViolation(view, map.violations + i * L.VIOLATION_BYTES)),
  ).slice(0, FIRST_VIOLATIONS);
}

/** The first violation of every form of a rule that was broken, warnings included. */
function collectFirstOfRules(view: DataView): Violation[] {
  return sortByPlace(
    RULE_FORMS.filter(({ number }) => u64(view, L.SHARD_RULES + 8 * number) > 0).map(({ number }) =>
      readViolation(view, L.SHARD_FIRST + number * L.VIOLATION_BYTES),
    ),
  );
}

/** What a shard says at its end. */
export function collectShard(
  view: DataView,
  map: ShardMap,
  plan: ShardPlan,
  machines: readonly MachineOutcome[],
  complete: boolean,
  times: { readonly setupSeconds: number; readonly kernelSeconds: number },
): Omit<ShardOutcome, "series"> {
  const { scenario } = plan;
  const costTicks = scenario.processors.completionCostNs / scenario.tickNs;
  const latencyNsMax = horizonTicksOf(scenario) * scenario.tickNs;
  const phased = (first: number): PhasedLatency => {
    const total = map.latency + first * map.latencyBytes;
    const addresses = { total, first: total + map.latencyBytes };
    return collectPhases(view, map, addresses, costTicks, scenario.tickNs, latencyNsMax);
  };
  return {
    shard: plan.shard,
    complete,
    machines,
    totals: collectTotals(view, machines),
    objects: map.shared === 0 ? null : collectObjects(view, map.shared),
    close: phased(0),
    open: phased(2),
    ordering: collectOrdering(view, map, scenario.topology),
    violationsByRule: countByRule(view, false),
    warningsByRule: countByRule(view, true),
    firstViolations: collectViolations(view, map),
    firstOfRules: collectFirstOfRules(view),
    ...times,
  };
}

/** Forgets all latencies and order counts, at the end of a warm-up; the streams themselves go on. */
export function resetMeasures(view: DataView, map: ShardMap, topology: Topology): void {
  for (let i = 0; i < 4; i++) {
    const at = map.latency + i * map.latencyBytes;
    new Uint8Array(view.buffer, at, map.latencyBytes).fill(0);
    view.setUint32(at + L.LATENCY_MIN, 2 ** 32 - 1, true);
  }
  new Uint8Array(view.buffer, map.order, L.ORDER_BYTES).fill(0);
  const clients = topology.adaptersPerMachine * topology.clientsPerAdapter;
  for (const machine of map.machines) {
    for (let client = 0; client < clients; client++) {
      const at = machine.clients + client * L.CLIENT_BYTES;
      view.setUint32(at + L.CLIENT_COMPLETIONS, 0, true);
      view.setUint32(at + L.CLIENT_REORDERED, 0, true);
    }
  }
}
