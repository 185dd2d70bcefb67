import {
  AF_BYTES,
  RUN_EVENTS_MAX,
  RUN_PLACES_END,
  RUN_SHARE,
  BINDING_BYTES,
  CHUNK_BYTES_LARGE,
  CHUNK_BYTES_SMALL,
  CHUNK_EVENTS,
  CLIENT_BYTES,
  CM_BYTES,
  EVENT_BYTES,
  FAULT_BYTES,
  LATENCY_COUNTS,
  LEVEL0_BITS,
  LEVEL1_BITS,
  LEVEL2_BITS,
  MACHINE_BYTES,
  MOMENTS_MAX,
  MOMENT_BUCKETS,
  MOMENT_COUNTS,
  ORDER_BYTES,
  PROCESSOR_BYTES,
  PROFILE_BYTES,
  SAMPLER_BYTES,
  SCRATCH_BYTES,
  AGENDA_BYTES,
  AGENDA_LIMIT,
  TRACE_RECORD_BYTES,
  VIOLATIONS_PER_MACHINE,
  VIOLATION_BYTES,
  WHEEL_BYTES,
  WINDOW,
} from "../../assembly/abi/layout.js";
import { SERVE_BYTES, SHARED_BYTES } from "../../assembly/abi/object-layout.js";
import { mapObjects, objectEvents, type ObjectsMap } from "./object-map.js";
import type { ObjectCounts } from "./object-handles.js";

/** Sizes from which a shard's memory map follows. */
export interface ShardSizes {
  readonly profiles: number;
  readonly samplers: number;
  readonly latencyBuckets: number;
  /** A time series is recorded. */
  readonly series: boolean;
  /** Records of trace that are collected before the host takes them; 0 without a trace. */
  readonly traceRecords: number;
  readonly machines: readonly MachineSizes[];
}

export interface MachineSizes {
  readonly slots: number;
  readonly adapters: number;
  readonly clients: number;
  readonly processors: number;
  /** Closes wait for servers. */
  readonly waiting: boolean;
  /** VCs and SAPs on an AF, together: their mean and the most there can be. */
  readonly work: { readonly mean: number; readonly most: number };
  /** What is on an AF as objects; null: nothing. */
  readonly objects: ObjectCounts | null;
  /** Clients may be unbound. */
  readonly unbinds: boolean;
  /** Adapters may be halted. */
  readonly halts: boolean;
  /** Pended opens are counted, client by client. */
  readonly openings: boolean;
  /** How often a slot's hold or think can be cut short: that stays in the queue, beside the slot's next event. */
  readonly cuts: number;
  readonly traceFilter: boolean;
  readonly faults: number;
  /** Of them, those that name AFs. */
  readonly faultFilters: number;
  readonly horizonTicks: number;
}

export interface ShardMap {
  readonly profiles: number;
  /** What is shared of objects, and how each profile serves them; 0 without any. */
  readonly shared: number;
  readonly serves: number;
  readonly samplers: number;
  /** Four latency counts, each this long. */
  readonly latency: number;
  readonly latencyBytes: number;
  /** Moments of the time series, each this long: the one where measuring begins, then at most MOMENTS_MAX; 0: none. */
  readonly series: number;
  readonly momentBytes: number;
  readonly order: number;
  readonly scratch: number;
  readonly violations: number;
  readonly agenda: number;
  readonly trace: number;
  readonly traceEnd: number;
  readonly machines: readonly MachineMap[];
  /** Size of the memory, in whole pages. */
  readonly bytes: number;
}

export interface MachineMap {
  readonly header: number;
  readonly callManagers: number;
  readonly processors: number;
  readonly clients: number;
  readonly windows: number;
  readonly waiting: number;
  /** A bit a slot, a client and an adapter, or 0 without a filter. */
  readonly traceAfs: number;
  readonly traceClients: number;
  readonly traceAdapters: number;
  readonly faults: number;
  /** A bit a slot for each fault that names AFs, one after the other. */
  readonly faultAfs: number;
  /** 0 when no client is ever unbound. */
  readonly bindings: number;
  /** A number a client, or 0 when no reading of the contract asks which opens are pended. */
  readonly opening: number;
  /** A byte a slot, or 0 when no AF has work. */
  readonly left: number;
  /** A byte a slot, or 0 when no adapter is ever halted and AFs have no objects. */
  readonly notes: number;
  /** Null without objects. */
  readonly objects: ObjectsMap | null;
  readonly table: number;
  readonly wheel: number;
  readonly run: number;
  readonly runChunks: number;
  readonly chunks: number;
  readonly chunkBytes: number;
  readonly chunksEnd: number;
}

export const PAGE_BYTES = 65536;
/** The last page stays unused, so that every address and every end fits 32 bits. */
export const MEMORY_BYTES_MAX = 65535 * PAGE_BYTES;
/** Trace records that are collected where only their number counts. */
export const TRACE_BUFFER_RECORDS = 32768;

/** From this many slots on the chunks of the event queue are large. */
const SLOTS_LARGE = 2 ** 19;

function chunkBytesOf(slots: number): number {
  return slots < SLOTS_LARGE ? CHUNK_BYTES_SMALL : CHUNK_BYTES_LARGE;
}

/**
 * Events that these slots have in a queue at most: an AF has one, or one for each of its teardowns. Random counts are bounded for all
 * AFs together, not for each: those that tear down at a time have at most one more than a Poisson number each, as the AFs with many are
 * seen more often, and a Poisson number exceeds m by 12 sqrt(m) + 64 with a probability below e^-70, whatever m is (Chernoff).
 */
export function slotEvents(slots: number, work: MachineSizes["work"]): number {
  const mean = slots * work.mean;
  return Math.min(slots * Math.max(1, work.most), Math.ceil(slots + mean + 12 * Math.sqrt(mean) + 64));
}

/** Events that a machine's queue can hold at most. */
function eventCount(sizes: MachineSizes): number {
  const { slots, adapters, clients, processors, unbinds, halts, cuts, work } = sizes;
  const ofSlots = slotEvents(slots, work);
  const ofObjects = sizes.objects === null ? 0 : slots * objectEvents(sizes.objects);
  return ofSlots + ofObjects + cuts * slots + (unbinds ? clients : 0) + (halts ? 2 : 1) * adapters + processors + 1;
}

/** Chunks that the events of a machine can occupy at most: full ones, and one begun for every slot of the wheel in reach. */
function chunkCount(sizes: MachineSizes): number {
  const { slots, horizonTicks } = sizes;
  const events = eventCount(sizes);
  const level0 = 2 ** LEVEL0_BITS;
  const level1 = Math.min(2 ** LEVEL1_BITS, Math.ceil(horizonTicks / level0) + 1);
  const level2 = Math.min(2 ** LEVEL2_BITS, Math.ceil(horizonTicks / 2 ** (LEVEL0_BITS + LEVEL1_BITS)) + 1);
  return (
    Math.ceil((events * EVENT_BYTES) / (chunkBytesOf(slots) - CHUNK_EVENTS)) +
    Math.min(events, level0 + level1 + level2) +
    2
  );
}

/** Lays regions one after the other. */
export class Cursor {
  at: number;
  constructor(at: number) {
    this.at = at;
  }
  take(bytes: number, align = 16): number {
    const address = Math.ceil(this.at / align) * align;
    this.at = address + bytes;
    return address;
  }
}

/** Bytes of a bit for each of so many things. */
export function bitmapBytes(things: number): number {
  return Math.ceil(things / 8);
}

function mapMachine(cursor: Cursor, sizes: MachineSizes): MachineMap {
  const { slots, adapters, clients, processors } = sizes;
  const chunkBytes = chunkBytesOf(slots);
  const chunksBytes = chunkCount(sizes) * chunkBytes;
  const header = cursor.take(MACHINE_BYTES, 64);
  const callManagers = cursor.take(adapters * CM_BYTES, 64);
  const processorsAt = cursor.take(processors * PROCESSOR_BYTES);
  const clientsAt = cursor.take(clients * CLIENT_BYTES);
  const bindings = sizes.unbinds ? cursor.take(clients * BINDING_BYTES) : 0;
  const opening = sizes.openings ? cursor.take(clients * 4) : 0;
  const windows = cursor.take(adapters * WINDOW * 4);
  const waiting = sizes.waiting ? cursor.take(slots * 4) : 0;
  const takeFilter = (things: number): number => (sizes.traceFilter ? cursor.take(bitmapBytes(things)) : 0);
  const [traceAfs, traceClients, traceAdapters] = [takeFilter(slots), takeFilter(clients), takeFilter(adapters)];
  const faults = cursor.take(sizes.faults * FAULT_BYTES);
  const faultAfs = cursor.take(sizes.faultFilters * bitmapBytes(slots));
  const hasObjects = sizes.objects !== null;
  const left = sizes.work.most > 0 || hasObjects ? cursor.take(slots) : 0;
  const notes = sizes.halts || hasObjects ? cursor.take(slots) : 0;
  const objects = sizes.objects === null ? null : mapObjects(cursor, slots, sizes.objects);
  const table = cursor.take(slots * AF_BYTES, 64);
  const wheel = cursor.take(WHEEL_BYTES, 64);
  const eventsPerChunk = (chunkBytes - CHUNK_EVENTS) / EVENT_BYTES;
  const runChunks = Math.ceil(Math.min(eventCount(sizes) / RUN_SHARE, RUN_EVENTS_MAX) / eventsPerChunk);
  const run = cursor.take(runChunks * eventsPerChunk * EVENT_BYTES, 64);
  const chunks = cursor.take(chunksBytes, chunkBytes);
  return {
    header,
    callManagers,
    processors: processorsAt,
    clients: clientsAt,
    bindings,
    opening,
    windows,
    waiting,
    traceAfs,
    traceClients,
    traceAdapters,
    faults,
    faultAfs,
    left,
    notes,
    objects,
    table,
    wheel,
    run,
    runChunks,
    chunks,
    chunkBytes,
    chunksEnd: chunks + chunksBytes,
  };
}

/** Places every region of a shard's memory. The result may exceed MEMORY_BYTES_MAX: the caller checks. */
export function mapShard(sizes: ShardSizes): ShardMap {
  const cursor = new Cursor(RUN_PLACES_END);
  const latencyBytes = LATENCY_COUNTS + sizes.latencyBuckets * 8;
  const traceBytes = sizes.traceRecords * TRACE_RECORD_BYTES;
  const profiles = cursor.take(sizes.profiles * PROFILE_BYTES, 64);
  const hasObjects = sizes.machines.some(({ objects }) => objects !== null);
  const shared = hasObjects ? cursor.take(SHARED_BYTES, 64) : 0;
  const serves = hasObjects ? cursor.take(sizes.profiles * SERVE_BYTES) : 0;
  const samplers = cursor.take(sizes.samplers * SAMPLER_BYTES, 64);
  const latency = cursor.take(4 * latencyBytes);
  const momentBytes = MOMENT_COUNTS + 8 * Math.ceil(sizes.latencyBuckets / MOMENT_BUCKETS);
  const series = sizes.series ? cursor.take((MOMENTS_MAX + 1) * momentBytes) : 0;
  const order = cursor.take(ORDER_BYTES);
  const scratch = cursor.take(SCRATCH_BYTES, 64);
  const violations = cursor.take(sizes.machines.length * VIOLATIONS_PER_MACHINE * VIOLATION_BYTES);
  const agenda = cursor.take(AGENDA_LIMIT * AGENDA_BYTES, 64);
  const trace = cursor.take(traceBytes, 64);
  const machines = sizes.machines.map((machine) => mapMachine(cursor, machine));
  return {
    profiles,
    shared,
    serves,
    samplers,
    latency,
    latencyBytes,
    series,
    momentBytes,
    order,
    scratch,
    violations,
    agenda,
    trace,
    traceEnd: trace + traceBytes,
    machines,
    bytes: Math.ceil(cursor.at / PAGE_BYTES) * PAGE_BYTES,
  };
}
