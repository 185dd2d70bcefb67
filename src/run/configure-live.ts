import * as A from "../../assembly/abi/lane-layout.js";
import * as L from "../../assembly/abi/layout.js";
import * as O from "../../assembly/abi/object-layout.js";
import type { LaneMap } from "../kernel/lane-map.js";
import type { Scenario } from "../scenario/scenario.js";
import { configureShard } from "./configure.js";
import {
  agendaOf,
  laneOfAdapter,
  laneOfClient,
  stepEventsOf,
  type AgendaEntry,
  type Dispatch,
  type LivePlan,
} from "./live-plan.js";
import { conductsOf, writeConducts } from "./live-conduct.js";
import { MemoryWriter } from "./memory-writer.js";
import { seriesStartOf } from "./series.js";

const DISPATCH_CODES: Readonly<Record<Dispatch, number>> = {
  spsc: A.DISPATCH_SPSC,
  mpmc: A.DISPATCH_MPMC,
  lock: A.DISPATCH_LOCK,
};

const AGENDA_CODES: Readonly<Record<AgendaEntry["what"], number>> = {
  reset: A.AGENDA_RESET,
  halt: A.AGENDA_HALT,
  drain: A.AGENDA_DRAIN,
  stop: A.AGENDA_STOP,
  unbind: A.AGENDA_UNBIND,
  bind: A.AGENDA_BIND,
};

/** Frames of a lane's trace, before those of the next one: more than the records that a lane keeps. */
const FRAMES_PER_LANE = 2 ** 27;

/** Faults that strike inside of an open. */
const OPEN_FAULTS: ReadonlySet<string> = new Set([
  "open-irql",
  "null-context",
  "early-completion",
  "open-self-complete",
  "early-close",
  "no-unbind",
  "failed-open-leak",
  "failed-open-close",
]);

/** Whether an open succeeds at once, without a mistake, and follows a close without a pause. */
function opensAtOnce({ callManagers, client, arrivals, faults }: Scenario): boolean {
  return (
    callManagers.every(({ open }) => open.pend === 0 && open.fail === 0) &&
    client.reopen &&
    client.think.kind === "constant" &&
    client.think.ns === 0 &&
    arrivals === null &&
    !faults.some(({ kind }) => OPEN_FAULTS.has(kind))
  );
}

function hasNoThink({ client: { think } }: Scenario): boolean {
  return think.kind === "constant" && think.ns === 0;
}

/** Writes tables and headers of a live run into its memory, which must be zero. */
export function configureLive(memory: WebAssembly.Memory, plan: LivePlan, generationMax?: number): void {
  const { scenario, map, lanes } = plan;
  const memoryBytes = map.bytes;
  configureShard(
    memory,
    map.shard,
    { shard: 0, scenario, firstMachine: 0, machineCount: 1, memoryBytes, trace: null },
    generationMax,
  );
  const writer = new MemoryWriter(memory);
  const { adaptersPerMachine: adapters, clientsPerAdapter } = scenario.topology;
  for (let client = 0; client < adapters * clientsPerAdapter; client++)
    writer.u8(map.clientLanes + client, laneOfClient(client, lanes));
  for (let adapter = 0; adapter < adapters; adapter++)
    writer.u8(map.adapterLanes + adapter, laneOfAdapter(adapter, lanes));
  writer.fields(map.shared, [
    [A.SHARED_LANE_BYTES, map.laneBytes],
    [A.SHARED_FIRST_LANE, map.lanes[0]!.header],
    [A.SHARED_RINGS, map.rings],
    [A.SHARED_ASKED, map.asked],
    [A.SHARED_OLDER, map.older],
    [A.SHARED_NUMBERS, map.numbers],
  ]);
  if (plan.dispatch !== "spsc")
    for (let cell = 0; cell < A.CELLS; cell++) writer.u32(map.rings + cell * A.CELL_BYTES + A.CELL_TURN, cell);
  const conducts = conductsOf(scenario);
  if (conducts !== null) writeConducts(writer, map, conducts);
  map.lanes.forEach((lane, index) => writeLane(writer, memory, plan, lane, index));
}

/** A lane counts what becomes of objects in tables of its own. */
function writeLaneObjects(
  writer: MemoryWriter,
  bytes: Uint8Array,
  { map }: LivePlan,
  { header, objects }: LaneMap,
): void {
  if (objects === null || map.machine.objects === null) return;
  const { shared } = map.shard;
  bytes.copyWithin(objects.header, map.machine.objects.header, map.machine.objects.header + O.OBJECTS_BYTES);
  bytes.copyWithin(objects.shared, shared, shared + O.SHARED_BYTES);
  writer.u32(objects.header + O.OBJECTS_SHARED, objects.shared);
  writer.u32(header + L.MACHINE_OBJECTS, objects.header);
}

function writeLane(
  writer: MemoryWriter,
  memory: WebAssembly.Memory,
  plan: LivePlan,
  lane: LaneMap,
  index: number,
): void {
  const { scenario, map, lanes, pace, dispatch } = plan;
  const bytes = new Uint8Array(memory.buffer);
  const { adaptersPerMachine: adapters } = scenario.topology;
  bytes.copyWithin(lane.header, map.machine.header, map.machine.header + L.MACHINE_BYTES);
  bytes.copyWithin(lane.callManagers, map.machine.callManagers, map.machine.callManagers + adapters * L.CM_BYTES);
  for (let adapter = 0; adapter < adapters; adapter++) {
    const isOwn = laneOfAdapter(adapter, lanes) === index;
    const shared = isOwn ? map.machine.windows + adapter * L.WINDOW * 4 : 0;
    const window = lane.windows === null ? shared : lane.windows + adapter * L.WINDOW * 4;
    writer.fields(lane.callManagers + adapter * L.CM_BYTES, [
      [L.CM_WINDOW, window],
      [L.CM_WINDOW_END, window],
    ]);
  }
  const { fromTick, stepTicks } = seriesStartOf(scenario);
  const agenda = agendaOf(scenario);
  agenda.forEach(({ tick, what, from, to, clientsFrom, clientsTo }, i) =>
    writer.fields(lane.agenda + i * A.AGENDA_ENTRY_BYTES, [
      [A.AGENDA_WHEN, tick],
      [A.AGENDA_WHAT, AGENDA_CODES[what]],
      [A.AGENDA_FROM, from],
      [A.AGENDA_TO, to],
      [A.AGENDA_CLIENTS_FROM, clientsFrom],
      [A.AGENDA_CLIENTS_TO, clientsTo],
    ]),
  );
  writer.fields(lane.header, [
    [L.MACHINE_CALL_MANAGERS, lane.callManagers],
    [L.MACHINE_CLIENTS, lane.clients],
    [L.MACHINE_WHEEL, lane.wheel],
    [L.MACHINE_CHUNK_NEXT, lane.chunks],
    [L.MACHINE_CHUNK_END, lane.chunksEnd],
    [L.MACHINE_CHUNK_BYTES, lane.chunkBytes],
    [L.MACHINE_ENTERED, 1],
    [L.MACHINE_FRAME, index * FRAMES_PER_LANE],
    [A.LANE_INDEX, index],
    [A.LANE_SHARED, map.shared],
    [A.LANE_DISPATCH, DISPATCH_CODES[dispatch]],
    [A.LANE_LANES, lanes],
    [A.LANE_OUT, map.rings + index * lanes * A.RING_BYTES],
    [A.LANE_IN, map.rings + index * A.RING_BYTES],
    [A.LANE_IN_STRIDE, lanes * A.RING_BYTES],
    [A.LANE_CLIENT_LANES, map.clientLanes],
    [A.LANE_ADAPTER_LANES, map.adapterLanes],
    [A.LANE_HALTED, map.halted],
    [A.LANE_BINDINGS, map.bindings],
    [A.LANE_KEPT, map.kept],
    [A.LANE_CLAIMS, scenario.callManagers.some(({ notify }) => notify.closing) ? 1 : 0],
    [A.LANE_BATCH, lane.batch],
    [A.LANE_INBOX, lane.inbox],
    [A.LANE_CALLS, lane.calls],
    [A.LANE_CALLS_END, lane.calls],
    [A.LANE_ORDER, lane.order],
    [A.LANE_SCRATCH, lane.scratch],
    [A.LANE_CLOSE_COUNTS, lane.closeCounts],
    [A.LANE_OPEN_COUNTS, lane.openCounts],
    [A.LANE_COUNTS_BYTES, map.shard.latencyBytes],
    [A.LANE_SERIES, lane.series],
    [A.LANE_MOMENT_FROM, fromTick],
    [A.LANE_MOMENT_STEP, stepTicks],
    [A.LANE_MOMENT_NEXT, fromTick + stepTicks],
    [A.LANE_AGENDA_NEXT, lane.agenda],
    [A.LANE_AGENDA_END, lane.agenda + agenda.length * A.AGENDA_ENTRY_BYTES],
    [A.LANE_AT_ONCE, opensAtOnce(scenario) ? 1 : 0],
    [A.LANE_WORK, map.work],
    [A.LANE_SCOPES, map.scopes],
    [A.LANE_STEP_EVENTS, stepEventsOf(scenario)],
    [A.LANE_STEP_SLOTS, Math.min(A.STEP_SLOTS, stepEventsOf(scenario))],
    [A.LANE_REOPENS, scenario.client.reopen ? 1 : 0],
    // The sampler's address stands in the shard's header.
    [A.LANE_THINK, hasNoThink(scenario) ? 0 : new DataView(memory.buffer).getUint32(L.SHARD_THINK_SAMPLER, true)],
    [A.LANE_WALL, pace === "wall" ? 1 : 0],
    [A.LANE_TRACE, lane.trace],
    [A.LANE_TRACE_END, lane.trace],
    [A.LANE_TRACE_LIMIT, lane.traceLimit],
    [A.LANE_CONDUCTS, map.conducts],
    [A.LANE_SELF_DRAINS, scenario.phases.at(-1)?.kind === "drain" ? 1 : 0],
  ]);
  // So that no page is touched for the first time while the clock runs.
  bytes.fill(0, lane.series, lane.series + (L.MOMENTS_MAX + 1) * map.shard.momentBytes);
  writeLaneObjects(writer, bytes, plan, lane);
  for (const counts of [lane.closeCounts, lane.openCounts]) writer.u32(counts + L.LATENCY_MIN, 2 ** 32 - 1);
}
