import { bucketCountFor } from "../measure/histogram.js";
import {
  mapShard,
  MEMORY_BYTES_MAX,
  TRACE_BUFFER_RECORDS,
  type MachineSizes,
  type ShardSizes,
} from "../kernel/memory-map.js";
import { firstAfOf, slotCountOf } from "../kernel/topology.js";
import type { Violation } from "../measure/outcome.js";
import { InputError } from "../scenario/input-error.js";
import { virtualNsOf } from "../scenario/phases.js";
import type { Scenario } from "../scenario/scenario.js";
import { formatRoundedDown } from "../scenario/units.js";
import { forecast } from "./forecast.js";
import { meanWork, mostWork } from "./work.js";

/** AF indices from `from` to `to`, both included, counted through all machines. */
export interface AfRange {
  readonly from: number;
  readonly to: number;
}

/** Which trace records are wanted; everything is when both are null. */
export interface TraceFilter {
  readonly afs: readonly AfRange[] | null;
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
  /** Only of a machine that is run again for the histories of these violations. */
  readonly history?: HistoryRequest;
}

/** Why one machine is run again, with a trace of the AFs concerned. */
export interface HistoryRequest {
  /** Each the machine's first of its rule. */
  readonly violations: readonly Violation[];
  /** The last tick that is wanted; null: the machine's end, where what is owed is judged. */
  readonly lastTick: number | null;
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
/** How near the largest population that fits has to be found. */
const AFS_STEP = 64;
/** Closes that a call manager can number: its sequence has 32 bits. */
const CLOSES_PER_ADAPTER_MAX = 2 ** 32 - 1;

/** End of the last phase, in ticks. */
export function horizonTicksOf(scenario: Scenario): number {
  return virtualNsOf(scenario) / scenario.tickNs;
}

/** AFs of a shard's machines. */
export function afCountOf({ scenario: { topology }, firstMachine, machineCount }: ShardPlan): number {
  return firstAfOf(topology, firstMachine + machineCount) - firstAfOf(topology, firstMachine);
}

type Simulated = Pick<ShardPlan, "scenario" | "firstMachine" | "machineCount" | "trace" | "history">;

/**
 * What the memory of these machines of a scenario must hold. For a history every record is handed over before the next one is
 * written, so that it is seen between which two of them a rule was broken.
 */
export function shardSizesOf({ scenario, firstMachine, machineCount, trace, history }: Simulated): ShardSizes {
  const { topology, callManagers, client, processors } = scenario;
  const horizonTicks = horizonTicksOf(scenario);
  const unbinds = scenario.phases.filter((phase) => phase.kind === "unbind").length;
  const halts = scenario.phases.some((phase) => phase.kind === "halt");
  const machine = (index: number): MachineSizes => ({
    slots: slotCountOf(topology, firstMachine + index),
    adapters: topology.adaptersPerMachine,
    clients: topology.adaptersPerMachine * topology.clientsPerAdapter,
    processors: processors.count,
    waiting: callManagers.some((profile) => profile.close.serve !== null),
    work: { mean: meanWork(client), most: mostWork(client) },
    objects: client.objects,
    unbinds: unbinds > 0,
    halts,
    openings: scenario.contract.openScope === "binding",
    // A halted adapter opens nothing again.
    cuts: unbinds + (halts ? 1 : 0),
    traceFilter: trace?.afs != null,
    faults: scenario.faults.length,
    faultFilters: scenario.faults.filter((fault) => fault.at !== null).length,
    horizonTicks,
  });
  return {
    profiles: callManagers.length,
    // Of objects: of each profile's operations, and of clients.
    samplers: 3 * callManagers.length + 3 + (client.objects === null ? 0 : 4 * callManagers.length + 3),
    latencyBuckets: bucketCountFor(horizonTicks * scenario.tickNs),
    series: history === undefined,
    traceRecords: trace === null ? 0 : history ? 1 : TRACE_BUFFER_RECORDS,
    machines: Array.from({ length: machineCount }, (_, index) => machine(index)),
  };
}

function memoryBytesOf(simulated: Simulated): number {
  return mapShard(shardSizesOf(simulated)).bytes;
}

/** The plan of one machine of a scenario that is run again, as a shard of its own. */
export function planMachineAgain(
  scenario: Scenario,
  machine: number,
  trace: TraceFilter,
  history: HistoryRequest,
): ShardPlan {
  const simulated = { scenario, firstMachine: machine, machineCount: 1, trace, history };
  return { ...simulated, shard: 0, memoryBytes: memoryBytesOf(simulated) };
}

/**
 * Bytes of the machine with most AFs when it is run again for a history. It takes the memory of its shard, which grows where the
 * machine was alone in it: by a bit an AF and a trace record.
 */
export function historyBytesOf(scenario: Scenario): number {
  const { topology } = scenario;
  const afs = Math.ceil(topology.afs / topology.machines);
  const one = { ...scenario, topology: { ...topology, machines: 1, afs } };
  return planMachineAgain(one, 0, { afs: [], timeNs: null }, { violations: [], lastTick: null }).memoryBytes;
}

/** Bytes of all kernel memories, grown as far as they may, when a scenario has so many shards. */
export function kernelBytesOf(scenario: Scenario, shards: number, trace: TraceFilter | null): number {
  const historyBytes = historyBytesOf(scenario);
  return planShards(scenario, shards, trace).reduce(
    (bytes, shard) => bytes + Math.max(shard.memoryBytes, historyBytes),
    0,
  );
}

function planShards(scenario: Scenario, shards: number, trace: TraceFilter | null): ShardPlan[] {
  const { machines } = scenario.topology;
  const plans = Array.from({ length: shards }, (_, shard) => {
    const firstMachine = Math.floor((shard * machines) / shards);
    const machineCount = Math.floor(((shard + 1) * machines) / shards) - firstMachine;
    const memoryBytes = memoryBytesOf({ scenario, firstMachine, machineCount, trace });
    return { shard, scenario, firstMachine, machineCount, memoryBytes, trace };
  });
  assertCovered(plans, machines);
  return plans;
}

/** Every machine must be in one shard, and none may be empty: a result would silently lack machines. */
function assertCovered(plans: readonly ShardPlan[], machines: number): void {
  let next = 0;
  for (const { firstMachine, machineCount } of plans) {
    if (firstMachine !== next || machineCount < 1)
      throw new Error(`internal error: no shard begins with machine ${next}`);
    next += machineCount;
  }
  if (next !== machines) throw new Error(`internal error: the shards have ${next} of ${machines} machines`);
}

/** Most AFs that one machine of this scenario can have in a memory of its own. */
function afsPerMachineMax(scenario: Scenario, trace: TraceFilter | null): number {
  const fits = (afs: number): boolean => {
    const one = { ...scenario, topology: { ...scenario.topology, machines: 1, afs } };
    return memoryBytesOf({ scenario: one, firstMachine: 0, machineCount: 1, trace }) <= MEMORY_BYTES_MAX;
  };
  let low = 0;
  let high = scenario.topology.afs;
  while (high - low > AFS_STEP) {
    const middle = Math.floor((low + high) / 2);
    if (fits(middle)) low = middle;
    else high = middle;
  }
  return low;
}

function checkMachineFits(scenario: Scenario, trace: TraceFilter | null): void {
  const { machines, afs } = scenario.topology;
  if (memoryBytesOf({ scenario, firstMachine: machines - 1, machineCount: 1, trace }) <= MEMORY_BYTES_MAX) return;
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

/** Rejects what would use a call manager's close sequence up, after hours. */
function checkCloses({ topology }: Scenario, closes: number): void {
  const perAdapter = closes / (topology.machines * topology.adaptersPerMachine);
  if (perAdapter <= CLOSES_PER_ADAPTER_MAX) return;
  throw new InputError(
    `about ${formatRoundedDown(Math.floor(perAdapter))} closes are planned for each call manager, which can count 2^32 - 1 of them: ` +
      "use more adapters or a shorter run",
  );
}

function shardCountOf(scenario: Scenario, wanted: number | null, trace: TraceFilter | null): number {
  const { machines, afs } = scenario.topology;
  if (wanted !== null) {
    if (wanted > machines) {
      throw new InputError(
        `--shards ${wanted} is more than the scenario's ${machines} machines: a machine is never split`,
        {
          suggestion: `--shards ${machines}`,
        },
      );
    }
    return wanted;
  }
  let shards = Math.min(machines, Math.max(1, Math.floor(afs / AFS_PER_SHARD_MIN)));
  const fit = (count: number): boolean => {
    const machineCount = Math.ceil(machines / count);
    return memoryBytesOf({ scenario, firstMachine: machines - machineCount, machineCount, trace }) <= MEMORY_BYTES_MAX;
  };
  while (shards < machines && !fit(shards)) shards++;
  return shards;
}

/**
 * Plans a run: which machines share a kernel memory, how large it is, and what to expect.
 *
 * @param options.shards a whole number of at least 1, or null for as many as are best
 * @throws InputError when a population does not fit a kernel memory, when there are more shards than machines, or when a call
 *   manager would have more closes than it can count
 */
export function planRun(
  scenario: Scenario,
  options: { readonly shards: number | null; readonly trace: TraceFilter | null },
): RunPlan {
  checkMachineFits(scenario, options.trace);
  const count = shardCountOf(scenario, options.shards, options.trace);
  const { closes, lifecycles, traceRecords } = forecast(scenario, options.trace);
  checkCloses(scenario, closes);
  const shards = planShards(scenario, count, options.trace);
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
    expectedEvents: Math.ceil(closes + lifecycles),
    expectedTraceRecords: traceRecords,
  };
}
