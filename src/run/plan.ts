import { bucketCountFor } from "../measure/histogram.js";
import { EVENTS_PER_CHUNK, TRACE_RECORD_BYTES } from "../../assembly/abi/layout.js";
import { mapShard, MEMORY_BYTES_MAX, type MachineSizes, type ShardSizes } from "../kernel/memory-map.js";
import { slotCountOf } from "../kernel/topology.js";
import { InputError } from "../scenario/input-error.js";
import type { Scenario } from "../scenario/scenario.js";
import { forecast } from "./forecast.js";

/** Which trace records are wanted; everything is when both are null. */
export interface TraceFilter {
  /** AF indices, counted through all machines. */
  readonly afs: readonly number[] | null;
  /** Half-open interval of virtual time. */
  readonly timeNs: { readonly from: number; readonly to: number } | null;
}

/** The machines of one kernel instance and the memory they need; plain data that crosses to a worker. */
export interface ShardPlan {
  readonly shard: number;
  readonly scenario: Scenario;
  /** Machines firstMachine to firstMachine + machineCount - 1 of the scenario. */
  readonly firstMachine: number;
  readonly machineCount: number;
  readonly memoryBytes: number;
  readonly trace: TraceFilter | null;
  /** Into how many equal slices of virtual time the shard cuts every phase; the same for all shards of a run. */
  readonly slices: number;
}

export interface RunPlan {
  readonly scenario: Scenario;
  readonly shards: readonly ShardPlan[];
  /** Of all shards. */
  readonly memoryBytes: number;
  /** End of the last phase. */
  readonly horizonTicks: number;
  /** A rough forecast from the means, for progress and for the planned size of a trace. */
  readonly expectedEvents: number;
  readonly expectedTraceRecords: number;
}

/** A shard smaller than this gains nothing from a memory of its own: 65,536 records are 1 MiB, the L2 of a core. */
const AFS_PER_SHARD_MIN = 65_536;
/** Of a slice of a trace that is merged at once. */
const SLICE_TRACE_BYTES = 32 * 2 ** 20;
const SLICES_MIN = 32;
const SLICES_MAX = 4096;

/** End of the last phase, in ticks. */
export function horizonTicksOf(scenario: Scenario): number {
  return scenario.phases.reduce((ticks, phase) => ticks + (phase.kind === "halt" ? 0 : phase.ns / scenario.tickNs), 0);
}

/** What the memory of these machines of a scenario must hold. */
export function shardSizesOf(
  scenario: Scenario,
  firstMachine: number,
  machineCount: number,
  trace: TraceFilter | null,
): ShardSizes {
  const { topology, callManagers, processors } = scenario;
  const horizonTicks = horizonTicksOf(scenario);
  const machine = (index: number): MachineSizes => ({
    slots: slotCountOf(topology, firstMachine + index),
    adapters: topology.adaptersPerMachine,
    clients: topology.adaptersPerMachine * topology.clientsPerAdapter,
    processors: processors.count,
    waiting: callManagers.some((profile) => profile.close.serve !== null),
    halts: scenario.phases.some((phase) => phase.kind === "halt"),
    traceFilter: trace?.afs != null,
    faults: scenario.faults.length,
    faultFilters: scenario.faults.filter((fault) => fault.at !== null).length,
    horizonTicks,
  });
  return {
    profiles: callManagers.length,
    samplers: 2 * callManagers.length + 3,
    latencyBuckets: bucketCountFor(horizonTicks * scenario.tickNs),
    traced: trace !== null,
    machines: Array.from({ length: machineCount }, (_, index) => machine(index)),
  };
}

function memoryBytesOf(scenario: Scenario, firstMachine: number, machineCount: number, trace: TraceFilter | null): number {
  return mapShard(shardSizesOf(scenario, firstMachine, machineCount, trace)).bytes;
}

function planShards(scenario: Scenario, shards: number, trace: TraceFilter | null, slices: number): ShardPlan[] {
  const { machines } = scenario.topology;
  return Array.from({ length: shards }, (_, shard) => {
    const firstMachine = Math.floor((shard * machines) / shards);
    const machineCount = Math.floor(((shard + 1) * machines) / shards) - firstMachine;
    const memoryBytes = memoryBytesOf(scenario, firstMachine, machineCount, trace);
    return { shard, scenario, firstMachine, machineCount, memoryBytes, trace, slices };
  });
}

/** Most AFs that one machine of this scenario can have in a memory of its own. */
function afsPerMachineMax(scenario: Scenario, trace: TraceFilter | null): number {
  const fits = (afs: number): boolean => {
    const one = { ...scenario, topology: { ...scenario.topology, machines: 1, afs } };
    return memoryBytesOf(one, 0, 1, trace) <= MEMORY_BYTES_MAX;
  };
  let low = 0;
  let high = scenario.topology.afs;
  while (high - low > EVENTS_PER_CHUNK) {
    const middle = Math.floor((low + high) / 2);
    if (fits(middle)) low = middle;
    else high = middle;
  }
  return low;
}

function checkMachineFits(scenario: Scenario, trace: TraceFilter | null): void {
  const { machines, afs } = scenario.topology;
  if (memoryBytesOf(scenario, machines - 1, 1, trace) <= MEMORY_BYTES_MAX) return;
  const fitting = afsPerMachineMax(scenario, trace);
  if (fitting === 0) {
    throw new InputError(
      `a machine with ${scenario.topology.adaptersPerMachine} adapters of ${scenario.topology.clientsPerAdapter} clients does not fit a kernel memory of 4 GiB`,
    );
  }
  const needed = Math.ceil(afs / fitting);
  throw new InputError(
    `${Math.ceil(afs / machines)} AFs a machine do not fit a kernel memory of 4 GiB: at most about ${fitting} do`,
    { suggestion: `--machines ${needed}` },
  );
}

function shardCountOf(scenario: Scenario, wanted: number | null, trace: TraceFilter | null): number {
  const { machines, afs } = scenario.topology;
  if (wanted !== null) {
    if (wanted > machines) {
      throw new InputError(`--shards ${wanted} is more than the scenario's ${machines} machines: a machine is never split`, {
        suggestion: `--shards ${machines}`,
      });
    }
    return wanted;
  }
  let shards = Math.min(machines, Math.max(1, Math.floor(afs / AFS_PER_SHARD_MIN)));
  const fit = (count: number): boolean =>
    memoryBytesOf(scenario, machines - Math.ceil(machines / count), Math.ceil(machines / count), trace) <= MEMORY_BYTES_MAX;
  while (shards < machines && !fit(shards)) shards++;
  return shards;
}

/**
 * Plans a run: which machines share a kernel memory, how large it is, and what to expect.
 *
 * @throws InputError when a population does not fit a kernel memory, or when there are more shards than machines
 */
export function planRun(
  scenario: Scenario,
  options: { readonly shards: number | null; readonly trace: TraceFilter | null },
): RunPlan {
  checkMachineFits(scenario, options.trace);
  const count = shardCountOf(scenario, options.shards, options.trace);
  const { events, traceRecords } = forecast(scenario, options.trace);
  const wanted = Math.ceil((traceRecords * TRACE_RECORD_BYTES) / SLICE_TRACE_BYTES);
  const slices = options.trace === null ? SLICES_MIN : Math.min(SLICES_MAX, Math.max(SLICES_MIN, wanted));
  const shards = planShards(scenario, count, options.trace, slices);
  const large = shards.find((shard) => shard.memoryBytes > MEMORY_BYTES_MAX);
  if (large !== undefined) {
    throw new InputError(`${large.machineCount} machines in one shard do not fit a kernel memory of 4 GiB`, {
      suggestion: `--shards ${Math.min(scenario.topology.machines, count + Math.ceil((count * large.memoryBytes) / MEMORY_BYTES_MAX))}`,
    });
  }
  return {
    scenario,
    shards,
    memoryBytes: shards.reduce((bytes, shard) => bytes + shard.memoryBytes, 0),
    horizonTicks: horizonTicksOf(scenario),
    expectedEvents: events,
    expectedTraceRecords: traceRecords,
  };
}
