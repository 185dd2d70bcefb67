import * as C from "../../assembly/abi/codes.js";
import * as L from "../../assembly/abi/layout.js";
import { OBJECT_FAULT_FIRST } from "../../assembly/abi/object-codes.js";
import { CALLS, type CallName } from "../contract/calls.js";
import { buildCountTable } from "../contract/count-table.js";
import { GENERATION_MAX, machineKey } from "../contract/draw.js";
import { isFaultId } from "../contract/faults.js";
import { dealProfiles } from "../contract/profiles.js";
import { RULE_FORMS } from "../contract/rule-forms.js";
import { samplerOf, type SamplerTable } from "../contract/sampler.js";
import { KERNEL_CALLS } from "../kernel/call-codes.js";
import { bitmapBytes, type MachineMap, type ShardMap } from "../kernel/memory-map.js";
import { adapterScaleOf, firstAfOf, slotCountOf, SlotPlaces, type Topology } from "../kernel/topology.js";
import { TICKS_MAX } from "../scenario/limits.js";
import type {
  CallManagerProfile,
  ClientProfile,
  CountDistribution,
  Distribution,
  Scenario,
} from "../scenario/scenario.js";
import { MemoryWriter } from "./memory-writer.js";
import { writeObjects, writeServes, writeSharedObjects } from "./object-configure.js";
import { horizonTicksOf, type AfRange, type ShardPlan } from "./plan.js";
import { CALL_RULES, FAULT_KINDS, habitBits, JUDGED_CALLS, readingBits, STANDINGS, TRANSITIONS } from "./tables.js";

const ORDERS = { fifo: C.ORDER_FIFO, lifo: C.ORDER_LIFO, random: C.ORDER_RANDOM } as const;
const IRQLS = { PASSIVE_LEVEL: C.PASSIVE_LEVEL, DISPATCH_LEVEL: C.DISPATCH_LEVEL } as const;
const CALLS_OF_KIND = {
  mcm: {
    register: C.CALL_MCM_REGISTER,
    notify: C.CALL_MCM_NOTIFY,
    open: C.CALL_MCM_OPEN_COMPLETE,
    close: C.CALL_MCM_CLOSE_COMPLETE,
    vc: C.CALL_MCM_CLOSE_CALL_COMPLETE,
    sap: C.CALL_MCM_DEREGISTER_SAP_COMPLETE,
  },
  standalone: {
    register: C.CALL_CM_REGISTER,
    notify: C.CALL_CM_NOTIFY,
    open: C.CALL_CM_OPEN_COMPLETE,
    close: C.CALL_CM_CLOSE_COMPLETE,
    vc: C.CALL_CM_CLOSE_CALL_COMPLETE,
    sap: C.CALL_CM_DEREGISTER_SAP_COMPLETE,
  },
} as const;

/** Writes samplers one after the other and knows their addresses; equal distributions share one. */
class SamplerWriter {
  #next: number;
  readonly #written = new Map<string, number>();
  constructor(
    readonly writer: MemoryWriter,
    readonly tickNs: number,
    address: number,
  ) {
    this.#next = address;
  }

  write(distribution: Distribution): number {
    const key = JSON.stringify(distribution);
    const known = this.#written.get(key);
    if (known !== undefined) return known;
    const address = this.#next;
    this.#next += L.SAMPLER_BYTES;
    this.#written.set(key, address);
    this.#writeTable(address, samplerOf(distribution, this.tickNs));
    return address;
  }

  #writeTable(address: number, { base, drop, constantTicks }: SamplerTable): void {
    const { writer } = this;
    writer.u32(address + L.SAMPLER_CONSTANT, constantTicks === null ? 0 : 1);
    writer.u32(address + L.SAMPLER_TICKS, constantTicks ?? 0);
    let knot = address + L.SAMPLER_CELLS;
    for (let octave = L.SAMPLER_OCTAVES - 1; octave >= 0; octave--) {
      for (let cell = 0; cell < L.SAMPLER_CELLS_PER_OCTAVE; cell++, knot += 8) {
        writer.u64(knot, base[octave * L.SAMPLER_CELLS_PER_OCTAVE + cell]!);
      }
    }
    const last = L.SAMPLER_CELLS_PER_OCTAVE - 1;
    writer.u64(knot, base[last]! - drop[last]!);
  }
}

/** Mean time between two arrivals at one machine. */
function arrivalGap(scenario: Scenario): Distribution | null {
  if (scenario.arrivals === null) return null;
  const ns = (scenario.topology.machines * 1e9) / scenario.arrivals.perSecond;
  return scenario.arrivals.kind === "poisson" ? { kind: "exponential", meanNs: ns } : { kind: "constant", ns };
}

/** Writes what is the same in every run: the tables of tables.ts, the calls' IRQLs and which rules are warnings. */
function writeTables(writer: MemoryWriter): void {
  for (const { transition, from, to, status, code } of TRANSITIONS) {
    writer.u32(L.SHARD_TRANSITIONS + 4 * transition, from | (to << 8) | (status << 16) | (code << 24));
  }
  for (let i = 0; i < JUDGED_CALLS * STANDINGS; i++) writer.u8(L.SHARD_CALL_RULES + i, C.NO_RULE);
  for (const [judged, standing, rule] of CALL_RULES) {
    writer.u8(L.SHARD_CALL_RULES + judged * STANDINGS + standing, rule);
  }
  for (const { code, name } of KERNEL_CALLS) {
    writer.u32(L.SHARD_CALL_IRQL + 4 * code, IRQLS[CALLS[name as CallName].irqlMax]);
  }
  for (const { number, warning } of RULE_FORMS) if (warning) writer.bit(L.SHARD_WARNINGS, number);
}

function writeCounts(writer: MemoryWriter, address: number, counts: CountDistribution): void {
  const thresholds = buildCountTable(counts);
  writer.u32(address + L.COUNT_MAX, thresholds.length);
  thresholds.forEach((threshold, i) => writer.u32(address + L.COUNT_THRESHOLDS + 4 * i, threshold));
}

function writeShard(
  writer: MemoryWriter,
  map: ShardMap,
  plan: ShardPlan,
  samplers: SamplerWriter,
  generationMax: number,
): void {
  const { scenario, trace } = plan;
  const gap = arrivalGap(scenario);
  const [closeTotal, closeFirst, openTotal, openFirst] = [0, 1, 2, 3].map(
    (i) => map.latency + i * map.latencyBytes,
  ) as [number, number, number, number];
  writer.u64(L.SHARD_TICK_NS, BigInt(scenario.tickNs));
  const traceTicks = {
    from: trace?.timeNs == null ? 0 : Math.ceil(trace.timeNs.from / scenario.tickNs),
    // A halt, an unbind or a bind may stand at tick TICKS_MAX; a window may end long after the run.
    last: trace?.timeNs == null ? TICKS_MAX : Math.min(TICKS_MAX, Math.ceil(trace.timeNs.to / scenario.tickNs) - 1),
  };
  writer.fields(0, [
    [L.SHARD_CLOSE_DEADLINE, scenario.deadlines.closeNs / scenario.tickNs],
    [L.SHARD_OPEN_DEADLINE, scenario.deadlines.openNs / scenario.tickNs],
    [L.SHARD_HOLD_SAMPLER, samplers.write(scenario.client.hold)],
    [L.SHARD_THINK_SAMPLER, samplers.write(scenario.client.think)],
    [L.SHARD_ARRIVAL_SAMPLER, gap === null ? 0 : samplers.write(gap)],
    [L.SHARD_REOPEN, scenario.client.reopen ? 1 : 0],
    [L.SHARD_AGENDA, map.agenda],
    [L.SHARD_AGENDA_END, map.agenda],
    [L.SHARD_SCRATCH, map.scratch],
    [L.SHARD_ORDER, map.order],
    [L.SHARD_CLOSE_TOTAL, closeTotal],
    [L.SHARD_CLOSE_FIRST, closeFirst],
    [L.SHARD_OPEN_TOTAL, openTotal],
    [L.SHARD_OPEN_FIRST, openFirst],
    [L.SHARD_SERIES, map.series],
    [L.SHARD_MOMENT_BYTES, map.momentBytes],
    [L.SHARD_VIOLATIONS, map.violations],
    [L.SHARD_TRACE, map.trace],
    // For a history the buffer begins as if it were full: the host looks before the first record, too.
    [L.SHARD_TRACE_END, plan.history ? map.traceEnd : map.trace],
    [L.SHARD_TRACE_LIMIT, map.traceEnd],
    [L.SHARD_TRACE_FROM, traceTicks.from],
    [L.SHARD_TRACE_LAST, traceTicks.last],
    [L.SHARD_GENERATION_MAX, generationMax],
  ]);
  writer.probability(L.SHARD_WAIT, scenario.client.wait);
  writer.probability(L.SHARD_NOTIFY_PENDS, scenario.client.notify.pend);
  writer.u64(L.SHARD_READINGS, BigInt(readingBits(scenario.contract)));
  writeCounts(writer, L.SHARD_VCS, scenario.client.outstanding.vcs);
  writeCounts(writer, L.SHARD_SAPS, scenario.client.outstanding.saps);
  for (const latency of [closeTotal, closeFirst, openTotal, openFirst])
    writer.u32(latency + L.LATENCY_MIN, 2 ** 32 - 1);
}

function writeProfile(
  writer: MemoryWriter,
  address: number,
  profile: CallManagerProfile,
  client: ClientProfile,
  samplers: SamplerWriter,
): void {
  const { open, close, teardown, notify } = profile;
  const calls = CALLS_OF_KIND[profile.kind];
  writer.probability(address + L.PROFILE_OPEN_PENDS, open.pend);
  writer.probability(address + L.PROFILE_OPEN_FAILS, open.fail);
  writer.probability(address + L.PROFILE_CLOSE_PENDS, close.pend);
  writer.probability(address + L.PROFILE_INLINE, close.inline);
  writer.probability(address + L.PROFILE_REFUSES, close.refuse);
  writer.fields(address, [
    [L.PROFILE_OPEN_SAMPLER, samplers.write(open.service)],
    [L.PROFILE_CLOSE_SAMPLER, samplers.write(close.service)],
    [L.PROFILE_TEARDOWN_SAMPLER, samplers.write(teardown.service)],
    [L.PROFILE_SERVERS, close.serve?.servers ?? 0],
    [L.PROFILE_ORDER, ORDERS[close.serve?.order ?? "fifo"]],
    [L.PROFILE_COALESCE, close.coalesce?.count ?? 0],
    [L.PROFILE_TIMER, (close.coalesce?.timerNs ?? 0) / samplers.tickNs],
    [L.PROFILE_IRQL, IRQLS[profile.irql]],
    [L.PROFILE_OPEN_COMPLETE, calls.open],
    [L.PROFILE_CLOSE_COMPLETE, calls.close],
    [L.PROFILE_CALL_CLOSED, calls.vc],
    [L.PROFILE_SAP_DEREGISTERED, calls.sap],
    [L.PROFILE_REGISTER, calls.register],
    [L.PROFILE_NOTIFY, calls.notify],
    [L.PROFILE_NOTIFY_CLOSING, notify.closing ? 1 : 0],
    [L.PROFILE_STANDALONE, profile.kind === "standalone" ? 1 : 0],
    [L.PROFILE_HABITS, habitBits([...profile.habit, ...client.habit])],
  ]);
}

function writeCallManagers(
  writer: MemoryWriter,
  map: MachineMap,
  scenario: Scenario,
  slots: number,
  profiles: readonly number[],
): void {
  const scale = adapterScaleOf(scenario.topology.adaptersPerMachine, slots);
  const firstSlot = (adapter: number): number => Number(((BigInt(adapter) << 32n) + scale - 1n) / scale);
  profiles.forEach((profile, adapter) => {
    const at = map.callManagers + adapter * L.CM_BYTES;
    const window = map.windows + adapter * L.WINDOW * 4;
    const first = Math.min(firstSlot(adapter), slots);
    writer.fields(at, [
      [L.CM_PROFILE, profile],
      [L.CM_WINDOW, window],
      [L.CM_WINDOW_END, window],
      [L.CM_WAITING, map.waiting + 4 * first],
      [L.CM_WAITING_CAPACITY, map.waiting === 0 ? 0 : Math.min(firstSlot(adapter + 1), slots) - first],
    ]);
  });
}

function writeMachine(
  writer: MemoryWriter,
  shardMap: ShardMap,
  map: MachineMap,
  plan: ShardPlan,
  machine: number,
  profiles: readonly number[],
): void {
  const { scenario, trace } = plan;
  const { topology, processors } = scenario;
  const slots = slotCountOf(topology, machine);
  writer.fields(map.header, [
    [L.MACHINE_HORIZON, horizonTicksOf(scenario)],
    [L.MACHINE_INDEX, machine],
    [L.MACHINE_SLOTS, slots],
    [L.MACHINE_TABLE, map.table],
    [L.MACHINE_WHEEL, map.wheel],
    [L.MACHINE_RUN, map.run],
    [L.MACHINE_RUN_CHUNKS, map.runChunks],
    [L.MACHINE_RUN_NEXT, map.run],
    [L.MACHINE_RUN_END, map.run],
    [L.MACHINE_CHUNK_NEXT, map.chunks],
    [L.MACHINE_CHUNK_END, map.chunksEnd],
    [L.MACHINE_CHUNK_BYTES, map.chunkBytes],
    [L.MACHINE_ADAPTERS, topology.adaptersPerMachine],
    [L.MACHINE_CLIENTS_PER_ADAPTER, topology.clientsPerAdapter],
    [L.MACHINE_CALL_MANAGERS, map.callManagers],
    [L.MACHINE_CLIENTS, map.clients],
    [L.MACHINE_PROCESSORS, map.processors],
    [L.MACHINE_PROCESSOR_COUNT, processors.count],
    [L.MACHINE_DPC_BUDGET, processors.dpcBudget],
    [L.MACHINE_COMPLETION_COST, processors.completionCostNs / scenario.tickNs],
    [L.MACHINE_TRACE_AFS, map.traceAfs],
    [L.MACHINE_TRACE_CLIENTS, map.traceClients],
    [L.MACHINE_TRACE_ADAPTERS, map.traceAdapters],
    [L.MACHINE_LEFT, map.left],
    [L.MACHINE_BINDINGS, map.bindings],
    [L.MACHINE_NOTES, map.notes],
    [L.MACHINE_OPENING, map.opening],
  ]);
  writer.u64(map.header + L.MACHINE_ADAPTER_SCALE, adapterScaleOf(topology.adaptersPerMachine, slots));
  const purposes = C.PURPOSE_FAULT + scenario.faults.length;
  for (let purpose = 0; purpose < purposes; purpose++) {
    writer.u64(map.header + L.MACHINE_KEYS + 8 * purpose, machineKey(scenario.seed, machine, purpose));
  }
  writeTraceFilter(writer, map, topology, machine, trace?.afs ?? []);
  writeCallManagers(writer, map, scenario, slots, profiles);
  const objectFaults = writeFaults(writer, map, scenario, machine);
  if (map.objects === null || scenario.client.objects === null) return;
  writer.u32(map.header + L.MACHINE_OBJECTS, map.objects.header);
  writeObjects(writer, shardMap, map.objects, scenario.client.objects, objectFaults);
}

/** Marks what a filter of AFs keeps of a machine: the AFs, the bindings through which they are opened, and their call managers. */
function writeTraceFilter(
  writer: MemoryWriter,
  map: MachineMap,
  topology: Topology,
  machine: number,
  afs: readonly AfRange[],
): void {
  const slots = slotCountOf(topology, machine);
  const firstAf = firstAfOf(topology, machine);
  const places = new SlotPlaces(topology, slots);
  for (const { from, to } of afs) {
    const end = Math.min(to - firstAf + 1, slots);
    for (let slot = Math.max(from - firstAf, 0); slot < end; slot++) {
      const { client, adapter } = places.placeOf(slot);
      writer.bit(map.traceAfs, slot);
      writer.bit(map.traceClients, client);
      writer.bit(map.traceAdapters, adapter);
    }
  }
}

/** Writes the scenario's faults for one machine, and which habits there are; answers the kinds that are about objects. */
function writeFaults(writer: MemoryWriter, map: MachineMap, scenario: Scenario, machine: number): bigint {
  const slots = slotCountOf(scenario.topology, machine);
  const firstAf = firstAfOf(scenario.topology, machine);
  let bitmap = map.faultAfs;
  const habits = [...scenario.callManagers.flatMap(({ habit }) => habit), ...scenario.client.habit];
  let kinds = BigInt(habitBits(habits)) << BigInt(C.HABITS_SHIFT);
  let objectKinds = 0n;
  scenario.faults.forEach((fault, i) => {
    const at = map.faults + i * L.FAULT_BYTES;
    if (!isFaultId(fault.kind)) throw new RangeError(`the kernel knows no fault ${fault.kind}`);
    const kind = FAULT_KINDS[fault.kind];
    if (kind < OBJECT_FAULT_FIRST) kinds |= 1n << BigInt(kind);
    else objectKinds |= 1n << BigInt(kind - OBJECT_FAULT_FIRST);
    writer.u32(at + L.FAULT_KIND, kind);
    writer.probability(at + L.FAULT_RATE, fault.rate ?? 0);
    if (fault.at === null) return;
    writer.u32(at + L.FAULT_AFS, bitmap);
    for (const af of fault.at) if (af >= firstAf && af < firstAf + slots) writer.bit(bitmap, af - firstAf);
    bitmap += bitmapBytes(slots);
  });
  writer.fields(map.header, [
    [L.MACHINE_FAULTS, map.faults],
    [L.MACHINE_FAULT_COUNT, scenario.faults.length],
  ]);
  writer.u64(map.header + L.MACHINE_FAULT_KINDS, kinds);
  return objectKinds;
}

/** Writes a shard's tables and headers into its memory, which must be zero. */
export function configureShard(
  memory: WebAssembly.Memory,
  map: ShardMap,
  plan: ShardPlan,
  generationMax = GENERATION_MAX,
): void {
  const { scenario } = plan;
  const { topology, callManagers } = scenario;
  const writer = new MemoryWriter(memory);
  const samplers = new SamplerWriter(writer, scenario.tickNs, map.samplers);
  writeTables(writer);
  writeShard(writer, map, plan, samplers, generationMax);
  const { objects } = scenario.client;
  if (objects !== null) writeSharedObjects(writer, map, objects, samplers);
  const addresses = callManagers.map((profile, i) => {
    const address = map.profiles + i * L.PROFILE_BYTES;
    writeProfile(writer, address, profile, scenario.client, samplers);
    if (objects !== null) {
      writer.u32(address + L.PROFILE_SERVES, writeServes(writer, map, i, profile, objects, samplers));
    }
    return address;
  });
  const adapters = topology.adaptersPerMachine;
  const dealt = dealProfiles(
    callManagers.map((profile) => profile.weight),
    (plan.firstMachine + plan.machineCount) * adapters,
  ).map((profile) => addresses[profile]!);
  map.machines.forEach((machineMap, i) => {
    const machine = plan.firstMachine + i;
    writeMachine(writer, map, machineMap, plan, machine, dealt.slice(machine * adapters, (machine + 1) * adapters));
  });
}
