import { CONDUCT_BYTES, ENTRY_BYTES } from "../../assembly/abi/conduct-layout.js";
import {
  AGENDA_ENTRY_BYTES,
  APART,
  CELLS,
  CELL_BYTES,
  LANE_BINDING_BYTES,
  LANE_BYTES,
  LANE_CHUNK_EVENTS,
  LANE_EVENT_BYTES,
  LANE_INDEX,
  OPEN_CALL_BYTES,
  RING_BYTES,
  SCOPE_BYTES,
  SHARED_BYTES,
  STEP_EVENTS,
  STEP_ITEMS,
  STEP_SLOTS,
  WORK_BYTES,
} from "../../assembly/abi/lane-layout.js";
import {
  CHUNK_BYTES_LARGE,
  CHUNK_BYTES_SMALL,
  CLIENT_BYTES,
  CM_BYTES,
  LEVEL0_BITS,
  LEVEL1_BITS,
  LEVEL2_BITS,
  MACHINE_BYTES,
  MOMENTS_MAX,
  ORDER_BYTES,
  SCRATCH_BYTES,
  TRACE_RECORD_BYTES,
  WHEEL_BYTES,
  WINDOW,
} from "../../assembly/abi/layout.js";
import { OBJECTS_BYTES, SHARED_BYTES as SHARED_OBJECTS_BYTES } from "../../assembly/abi/object-layout.js";
import {
  Cursor,
  mapShard,
  PAGE_BYTES,
  type MachineMap,
  type MachineSizes,
  type ShardMap,
  type ShardSizes,
} from "./memory-map.js";

/** Sizes from which the memory map of a live run follows, beside those of a shard with its AFs on one machine. */
export interface LiveSizes {
  /** Events that each lane can have in its queue. */
  readonly laneEvents: readonly number[];
  /** One ring for every pair of lanes, or one for all. */
  readonly pairs: boolean;
  /** Any lane may complete closes of any call manager, and has windows of order for all of them; else the shard's windows serve. */
  readonly windows: boolean;
  /** Closes that wait and completions that are gathered at most, at all call managers together; null where none does either. */
  readonly conductEntries: number | null;
  /** Somebody is unbound or halted. */
  readonly bindings: boolean;
  /** Slots may have to wait for the bind of their client. */
  readonly keepsSlots: boolean;
  readonly agendaEntries: number;
  /** Of each lane; 0 without a trace. */
  readonly traceRecords: number;
  /** Of these, what a step may write. */
  readonly stepRecords: number;
}

export interface LaneMap {
  readonly header: number;
  readonly callManagers: number;
  readonly clients: number;
  /** Null where the shard's windows serve. */
  readonly windows: number | null;
  readonly order: number;
  readonly scratch: number;
  readonly closeCounts: number;
  readonly openCounts: number;
  /** Moments of the time series. */
  readonly series: number;
  readonly batch: number;
  readonly inbox: number;
  readonly calls: number;
  /** Of SAPs, VCs and parties: a header and what a shard's machines share, as every lane counts for itself; null where there are none. */
  readonly objects: { readonly header: number; readonly shared: number } | null;
  readonly agenda: number;
  readonly trace: number;
  /** Behind it there is no room for all that a step may write. */
  readonly traceLimit: number;
  readonly wheel: number;
  readonly chunks: number;
  readonly chunksEnd: number;
  readonly chunkBytes: number;
}

export interface LiveMap {
  readonly shard: ShardMap;
  readonly machine: MachineMap;
  readonly shared: number;
  /** A byte an adapter. */
  readonly halted: number;
  /** A byte a client. */
  readonly asked: number;
  /** A byte a client. */
  readonly older: number;
  /** Four bytes an adapter. */
  readonly numbers: number;
  /** A record an adapter, and entries behind each other; where there are none, 0. */
  readonly conducts: number;
  readonly conductEntries: number;
  /** Those of clients, then those of call managers; 0 when nobody is unbound or halted. */
  readonly bindings: number;
  /** A byte a slot, or 0. */
  readonly kept: number;
  /** A record of work a slot, or 0 where no AF has any. */
  readonly work: number;
  /** The opens of each client that are under way, or 0 where nobody asks. */
  readonly scopes: number;
  readonly clientLanes: number;
  readonly adapterLanes: number;
  readonly rings: number;
  readonly lanes: readonly LaneMap[];
  /** From the header of one lane to that of the next. */
  readonly laneBytes: number;
  readonly bytes: number;
}

/** From this many events on the chunks of a lane's queue are large. */
const EVENTS_LARGE = 2 ** 18;
/** Chunks that are begun, one for every slot of a wheel at most. */
const BEGUN_CHUNKS = 2 ** LEVEL0_BITS + 2 ** LEVEL1_BITS + 2 ** LEVEL2_BITS;

/** Places every region of a live run's memory. */
export function mapLive(sizes: ShardSizes, live: LiveSizes): LiveMap {
  const shard = mapShard(sizes);
  const [machine] = shard.machines;
  const [size] = sizes.machines;
  if (MACHINE_BYTES > LANE_INDEX)
    throw new Error("internal error: the header of a machine reaches into that of a lane");
  if (!machine || !size) throw new Error("internal error: a live run has one machine");
  const { adapters, clients, slots } = size;
  // The wheel of the machine comes last, and lanes have their own.
  const cursor = new Cursor(machine.wheel);
  const shared = cursor.take(SHARED_BYTES, APART);
  const bytesOf = (things: number): number => cursor.take(things, APART);
  const halted = bytesOf(adapters);
  const asked = bytesOf(clients);
  const older = bytesOf(clients);
  const clientLanes = bytesOf(clients);
  const adapterLanes = bytesOf(adapters);
  const numbers = bytesOf(live.traceRecords > 0 ? 4 * adapters : 0);
  const hasConducts = live.conductEntries !== null;
  const conducts = hasConducts ? bytesOf(adapters * CONDUCT_BYTES) : 0;
  const conductEntries = hasConducts ? bytesOf(live.conductEntries * ENTRY_BYTES) : 0;
  const bindings = live.bindings ? bytesOf((clients + adapters) * LANE_BINDING_BYTES) : 0;
  const kept = live.keepsSlots ? bytesOf(slots) : 0;
  const work = size.work.most > 0 || size.objects !== null ? bytesOf(slots * WORK_BYTES) : 0;
  const scopes = size.openings ? bytesOf(clients * SCOPE_BYTES) : 0;
  const count = live.laneEvents.length;
  const laneBytes = Math.ceil(LANE_BYTES / APART) * APART;
  const headers = cursor.take(count * laneBytes, APART);
  const rings = cursor.take(live.pairs ? count * count * RING_BYTES : CELLS * CELL_BYTES, APART);
  const lanes = live.laneEvents.map((events, lane) =>
    mapLane(cursor, headers + lane * laneBytes, events, size, shard, live),
  );
  return {
    shard,
    machine,
    shared,
    halted,
    asked,
    older,
    numbers,
    conducts,
    conductEntries,
    bindings,
    kept,
    work,
    scopes,
    clientLanes,
    adapterLanes,
    rings,
    lanes,
    laneBytes,
    bytes: Math.ceil(cursor.at / PAGE_BYTES) * PAGE_BYTES,
  };
}

function mapLane(
  cursor: Cursor,
  header: number,
  events: number,
  { adapters, clients, objects }: MachineSizes,
  { latencyBytes, momentBytes }: ShardMap,
  live: LiveSizes,
): LaneMap {
  const chunkBytes = events < EVENTS_LARGE ? CHUNK_BYTES_SMALL : CHUNK_BYTES_LARGE;
  const perChunk = (chunkBytes - LANE_CHUNK_EVENTS) / LANE_EVENT_BYTES;
  const chunksBytes = (Math.ceil(events / perChunk) + Math.min(events, BEGUN_CHUNKS) + 2) * chunkBytes;
  const traceBytes = live.traceRecords * TRACE_RECORD_BYTES;
  const take = (bytes: number): number => cursor.take(bytes, APART);
  const trace = take(traceBytes);
  const chunks = cursor.take(chunksBytes, chunkBytes);
  return {
    header,
    callManagers: take(adapters * CM_BYTES),
    clients: take(clients * CLIENT_BYTES),
    windows: live.windows ? take(adapters * WINDOW * 4) : null,
    order: take(ORDER_BYTES),
    scratch: take(SCRATCH_BYTES),
    closeCounts: take(latencyBytes),
    openCounts: take(latencyBytes),
    series: take((MOMENTS_MAX + 1) * momentBytes),
    batch: take(STEP_EVENTS * LANE_EVENT_BYTES),
    inbox: take(STEP_ITEMS * 8),
    // Of this step and the one before.
    calls: take(2 * (STEP_EVENTS + STEP_SLOTS) * OPEN_CALL_BYTES),
    objects: objects === null ? null : { header: take(OBJECTS_BYTES), shared: take(SHARED_OBJECTS_BYTES) },
    agenda: take(live.agendaEntries * AGENDA_ENTRY_BYTES),
    wheel: take(WHEEL_BYTES),
    trace,
    traceLimit: trace + traceBytes - live.stepRecords * TRACE_RECORD_BYTES,
    chunks,
    chunksEnd: chunks + chunksBytes,
    chunkBytes,
  };
}
