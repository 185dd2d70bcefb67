import {
  CALL_CL_OPEN,
  CALL_CL_OPEN_COMPLETE,
  CALL_CM_CLOSE_COMPLETE,
  CALL_CM_OPEN_COMPLETE,
  CALL_COUNT,
  CALL_MCM_CLOSE_COMPLETE,
  CALL_MCM_OPEN_COMPLETE,
  DISPATCH_LEVEL,
  ORDER_FIFO,
  ORDER_LIFO,
  ORDER_RANDOM,
  PASSIVE_LEVEL,
  PURPOSE_COUNT,
  STATE_CLOSE_PENDED,
  STATE_COMPLETED_EARLY,
  STATE_OPEN,
  STATE_OPEN_COMPLETED,
  STATE_OPEN_PENDED,
  STATE_REPORTING,
  STATE_RETIRED,
  STATE_VACANT,
  STATUS_PENDING,
  STATUS_SUCCESS,
  TRANSITION_CLOSED,
  TRANSITION_CLOSE_COMPLETED,
  TRANSITION_CLOSE_PENDED,
  TRANSITION_CLOSE_TOLD,
  TRANSITION_CLOSE_TOLD_DIRECT,
  TRANSITION_COMPLETED_INLINE,
  TRANSITION_INLINE_RETURNED,
  TRANSITION_OPENED,
  TRANSITION_OPEN_COMPLETED,
  TRANSITION_OPEN_PENDED,
  TRANSITION_OPEN_TOLD,
  TRANSITION_RETIRED,
} from "../../assembly/abi/codes.js";
import * as L from "../../assembly/abi/layout.js";
import { GENERATION_MAX, machineKey, probabilityThreshold } from "../contract/draw.js";
import { dealProfiles } from "../contract/profiles.js";
import { buildSampler } from "../contract/sampler.js";
import type { MachineMap, ShardMap } from "../kernel/memory-map.js";
import { adapterScaleOf, firstAfOf, slotCountOf } from "../kernel/topology.js";
import type { CallManagerProfile, Distribution, Scenario } from "../scenario/scenario.js";
import { horizonTicksOf, type ShardPlan } from "./plan.js";

const ORDERS = { fifo: ORDER_FIFO, lifo: ORDER_LIFO, random: ORDER_RANDOM } as const;
const IRQLS = { PASSIVE_LEVEL, DISPATCH_LEVEL } as const;
const COMPLETIONS = {
  mcm: { open: CALL_MCM_OPEN_COMPLETE, close: CALL_MCM_CLOSE_COMPLETE },
  standalone: { open: CALL_CM_OPEN_COMPLETE, close: CALL_CM_CLOSE_COMPLETE },
} as const;

/** The state machine of an AF: transition, from, to, status, and the code that the digest folds. */
const TRANSITIONS = [
  [TRANSITION_OPENED, STATE_VACANT, STATE_OPEN, STATUS_SUCCESS, TRANSITION_OPENED],
  [TRANSITION_OPEN_PENDED, STATE_VACANT, STATE_OPEN_PENDED, STATUS_PENDING, TRANSITION_OPEN_PENDED],
  [TRANSITION_OPEN_COMPLETED, STATE_OPEN_PENDED, STATE_OPEN_COMPLETED, STATUS_SUCCESS, TRANSITION_OPEN_COMPLETED],
  [TRANSITION_OPEN_TOLD, STATE_OPEN_COMPLETED, STATE_OPEN, STATUS_SUCCESS, TRANSITION_OPEN_TOLD],
  [TRANSITION_CLOSED, STATE_OPEN, STATE_VACANT, STATUS_SUCCESS, TRANSITION_CLOSED],
  [TRANSITION_CLOSE_PENDED, STATE_OPEN, STATE_CLOSE_PENDED, STATUS_PENDING, TRANSITION_CLOSE_PENDED],
  [TRANSITION_COMPLETED_INLINE, STATE_OPEN, STATE_COMPLETED_EARLY, STATUS_SUCCESS, TRANSITION_COMPLETED_INLINE],
  [TRANSITION_INLINE_RETURNED, STATE_COMPLETED_EARLY, STATE_VACANT, STATUS_PENDING, TRANSITION_INLINE_RETURNED],
  [TRANSITION_CLOSE_COMPLETED, STATE_CLOSE_PENDED, STATE_REPORTING, STATUS_SUCCESS, TRANSITION_CLOSE_COMPLETED],
  [TRANSITION_CLOSE_TOLD, STATE_REPORTING, STATE_VACANT, STATUS_SUCCESS, TRANSITION_CLOSE_TOLD],
  [TRANSITION_CLOSE_TOLD_DIRECT, STATE_CLOSE_PENDED, STATE_VACANT, STATUS_SUCCESS, TRANSITION_CLOSE_TOLD],
  [TRANSITION_RETIRED, STATE_VACANT, STATE_RETIRED, STATUS_SUCCESS, TRANSITION_RETIRED],
] as const;

/** Writes fields at addresses of a shard's memory. */
class Writer {
  readonly #view: DataView;
  constructor(memory: WebAssembly.Memory) {
    this.#view = new DataView(memory.buffer);
  }
  u32(address: number, value: number): void {
    this.#view.setUint32(address, value, true);
  }
  u64(address: number, value: bigint): void {
    this.#view.setBigUint64(address, value, true);
  }
  bit(address: number, index: number): void {
    const at = address + Math.floor(index / 8);
    this.#view.setUint8(at, this.#view.getUint8(at) | (1 << (index & 7)));
  }
}

/** Writes samplers one after the other and knows their addresses. */
class SamplerWriter {
  #next: number;
  constructor(
    readonly writer: Writer,
    readonly tickNs: number,
    address: number,
  ) {
    this.#next = address;
  }

  write(distribution: Distribution): number {
    const { writer } = this;
    const table = buildSampler(distribution, this.tickNs);
    const address = this.#next;
    this.#next += L.SAMPLER_BYTES;
    writer.u32(address + L.SAMPLER_CONSTANT, table.constantTicks === null ? 0 : 1);
    writer.u32(address + L.SAMPLER_TICKS, table.constantTicks ?? 0);
    for (let i = 0; i < table.base.length; i++) {
      const cell = address + L.SAMPLER_CELLS + i * L.SAMPLER_CELL_BYTES;
      writer.u64(cell, table.base[i]!);
      writer.u64(cell + 8, table.drop[i]!);
    }
    return address;
  }
}

/** Mean time between two arrivals at one machine. */
function arrivalGap(scenario: Scenario): Distribution | null {
  if (scenario.arrivals === null) return null;
  const ns = (scenario.topology.machines * 1e9) / scenario.arrivals.perSecond;
  return scenario.arrivals.kind === "poisson" ? { kind: "exponential", meanNs: ns } : { kind: "constant", ns };
}

function writeShard(writer: Writer, map: ShardMap, plan: ShardPlan, samplers: SamplerWriter): void {
  const { scenario, trace } = plan;
  const gap = arrivalGap(scenario);
  const [closeTotal, closeFirst, openTotal, openFirst] = [0, 1, 2, 3].map((i) => map.latency + i * map.latencyBytes) as [
    number,
    number,
    number,
    number,
  ];
  writer.u64(L.SHARD_TICK_NS, BigInt(scenario.tickNs));
  const traceTicks = {
    from: trace?.timeNs == null ? 0 : Math.ceil(trace.timeNs.from / scenario.tickNs),
    to: trace?.timeNs == null ? 2 ** 32 - 1 : Math.ceil(trace.timeNs.to / scenario.tickNs),
  };
  const fields: [number, number][] = [
    [L.SHARD_CLOSE_DEADLINE, scenario.deadlines.closeNs / scenario.tickNs],
    [L.SHARD_OPEN_DEADLINE, scenario.deadlines.openNs / scenario.tickNs],
    [L.SHARD_HOLD_SAMPLER, samplers.write(scenario.client.hold)],
    [L.SHARD_THINK_SAMPLER, samplers.write(scenario.client.think)],
    [L.SHARD_ARRIVAL_SAMPLER, gap === null ? 0 : samplers.write(gap)],
    [L.SHARD_REOPEN, scenario.client.reopen ? 1 : 0],
    [L.SHARD_TODO, map.todo],
    [L.SHARD_TODO_END, map.todo],
    [L.SHARD_SCRATCH, map.scratch],
    [L.SHARD_ORDER, map.order],
    [L.SHARD_CLOSE_TOTAL, closeTotal],
    [L.SHARD_CLOSE_FIRST, closeFirst],
    [L.SHARD_OPEN_TOTAL, openTotal],
    [L.SHARD_OPEN_FIRST, openFirst],
    [L.SHARD_VIOLATIONS, map.violations],
    [L.SHARD_TRACE, map.trace],
    [L.SHARD_TRACE_END, map.trace],
    [L.SHARD_TRACE_LIMIT, map.traceEnd],
    [L.SHARD_TRACE_FROM, traceTicks.from],
    [L.SHARD_TRACE_TO, Math.min(traceTicks.to, 2 ** 32 - 1)],
    [L.SHARD_GENERATION_MAX, GENERATION_MAX],
  ];
  for (const [address, value] of fields) writer.u32(address, Math.min(value, 2 ** 32 - 1));
  for (const latency of [closeTotal, closeFirst, openTotal, openFirst]) writer.u32(latency + L.LATENCY_MIN, 2 ** 32 - 1);
  for (const [transition, from, to, status, code] of TRANSITIONS) {
    writer.u32(L.SHARD_TRANSITIONS + 4 * transition, from | (to << 8) | (status << 16) | (code << 24));
  }
  for (let call = 0; call < CALL_COUNT; call++) {
    const passiveOnly = call === CALL_CL_OPEN || call === CALL_CL_OPEN_COMPLETE;
    writer.u32(L.SHARD_CALL_IRQL + 4 * call, passiveOnly ? PASSIVE_LEVEL : DISPATCH_LEVEL);
  }
}

function writeProfile(writer: Writer, address: number, profile: CallManagerProfile, samplers: SamplerWriter): void {
  const { open, close } = profile;
  writer.u64(address + L.PROFILE_OPEN_PENDS, BigInt(probabilityThreshold(open.pend)));
  writer.u64(address + L.PROFILE_CLOSE_PENDS, BigInt(probabilityThreshold(close.pend)));
  writer.u64(address + L.PROFILE_INLINE, BigInt(probabilityThreshold(close.inline)));
  writer.u32(address + L.PROFILE_OPEN_SAMPLER, samplers.write(open.service));
  writer.u32(address + L.PROFILE_CLOSE_SAMPLER, samplers.write(close.service));
  writer.u32(address + L.PROFILE_SERVERS, Math.min(close.serve?.servers ?? 0, 2 ** 32 - 1));
  writer.u32(address + L.PROFILE_ORDER, ORDERS[close.serve?.order ?? "fifo"]);
  writer.u32(address + L.PROFILE_COALESCE, Math.min(close.coalesce?.count ?? 0, 2 ** 32 - 1));
  writer.u32(address + L.PROFILE_TIMER, (close.coalesce?.timerNs ?? 0) / samplers.tickNs);
  writer.u32(address + L.PROFILE_IRQL, IRQLS[profile.irql]);
  writer.u32(address + L.PROFILE_OPEN_COMPLETE, COMPLETIONS[profile.kind].open);
  writer.u32(address + L.PROFILE_CLOSE_COMPLETE, COMPLETIONS[profile.kind].close);
}

function writeCallManagers(writer: Writer, map: MachineMap, scenario: Scenario, slots: number, profiles: number[]): void {
  const scale = adapterScaleOf(scenario.topology.adaptersPerMachine, slots);
  const firstSlot = (adapter: number): number => Number(((BigInt(adapter) << 32n) + scale - 1n) / scale);
  profiles.forEach((profile, adapter) => {
    const at = map.callManagers + adapter * L.CM_BYTES;
    const window = map.windows + adapter * L.WINDOW * 4;
    const first = Math.min(firstSlot(adapter), slots);
    writer.u32(at + L.CM_PROFILE, profile);
    writer.u32(at + L.CM_WINDOW, window);
    writer.u32(at + L.CM_WINDOW_END, window);
    writer.u32(at + L.CM_WAITING, map.waiting + 4 * first);
    writer.u32(at + L.CM_WAITING_CAPACITY, map.waiting === 0 ? 0 : Math.min(firstSlot(adapter + 1), slots) - first);
  });
}

function writeMachine(writer: Writer, map: MachineMap, plan: ShardPlan, machine: number, profiles: number[]): void {
  const { scenario, trace } = plan;
  const { topology, processors } = scenario;
  const slots = slotCountOf(topology, machine);
  const fields: [number, number][] = [
    [L.MACHINE_HORIZON, horizonTicksOf(scenario)],
    [L.MACHINE_INDEX, machine],
    [L.MACHINE_SLOTS, slots],
    [L.MACHINE_TABLE, map.table],
    [L.MACHINE_WHEEL, map.wheel],
    [L.MACHINE_CHUNK_NEXT, map.chunks],
    [L.MACHINE_CHUNK_END, map.chunksEnd],
    [L.MACHINE_ADAPTERS, topology.adaptersPerMachine],
    [L.MACHINE_CLIENTS_PER_ADAPTER, topology.clientsPerAdapter],
    [L.MACHINE_CALL_MANAGERS, map.callManagers],
    [L.MACHINE_CLIENTS, map.clients],
    [L.MACHINE_PROCESSORS, map.processors],
    [L.MACHINE_PROCESSOR_COUNT, processors.count],
    [L.MACHINE_DPC_BUDGET, processors.dpcBudget],
    [L.MACHINE_COMPLETION_COST, processors.completionCostNs / scenario.tickNs],
    [L.MACHINE_TRACE_AFS, map.traceAfs],
  ];
  for (const [offset, value] of fields) writer.u32(map.header + offset, value);
  writer.u64(map.header + L.MACHINE_ADAPTER_SCALE, adapterScaleOf(topology.adaptersPerMachine, slots));
  for (let purpose = 0; purpose < PURPOSE_COUNT; purpose++) {
    writer.u64(map.header + L.MACHINE_KEYS + 8 * purpose, machineKey(scenario.seed, machine, purpose));
  }
  const firstAf = firstAfOf(topology, machine);
  for (const af of trace?.afs ?? []) if (af >= firstAf && af < firstAf + slots) writer.bit(map.traceAfs, af - firstAf);
  writeCallManagers(writer, map, scenario, slots, profiles);
}

/** Writes a shard's tables and headers into its memory, which must be zero. */
export function configureShard(memory: WebAssembly.Memory, map: ShardMap, plan: ShardPlan): void {
  const { scenario } = plan;
  const { topology, callManagers } = scenario;
  const writer = new Writer(memory);
  const samplers = new SamplerWriter(writer, scenario.tickNs, map.samplers);
  writeShard(writer, map, plan, samplers);
  const addresses = callManagers.map((profile, i) => {
    const address = map.profiles + i * L.PROFILE_BYTES;
    writeProfile(writer, address, profile, samplers);
    return address;
  });
  const adapters = topology.adaptersPerMachine;
  const dealt = dealProfiles(
    callManagers.map((profile) => profile.weight),
    (plan.firstMachine + plan.machineCount) * adapters,
  ).map((profile) => addresses[profile]!);
  map.machines.forEach((machineMap, i) => {
    const machine = plan.firstMachine + i;
    writeMachine(writer, machineMap, plan, machine, dealt.slice(machine * adapters, (machine + 1) * adapters));
  });
}
