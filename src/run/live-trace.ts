import * as C from "../../assembly/abi/codes.js";
import { LANE_TRACE, LANE_TRACE_END } from "../../assembly/abi/lane-layout.js";
import * as L from "../../assembly/abi/layout.js";
import { dealProfiles } from "../contract/profiles.js";
import { SlotPlaces } from "../kernel/topology.js";
import { TRACE_RECORD_BYTES, TraceFormatter } from "../kernel/trace-record.js";
import type { LivePlan } from "./live-plan.js";

/** A record that no lane writes: how drivers came up before the run. */
interface StartRecord {
  readonly op: number;
  readonly call: number;
  /** Of an adapter or a client. */
  readonly number: number;
  readonly frame: number;
  readonly parent: number;
  readonly status: number;
}

/** Frames of the lanes are larger. */
const START_FRAMES = 0x8000_0000;

/** How drivers come up: as in a run (src/contract/MODEL-DRIVERS.md "Start"). */
function* startRecords({ scenario: { topology, callManagers } }: LivePlan): Generator<StartRecord> {
  const { adaptersPerMachine: adapters, clientsPerAdapter } = topology;
  let frame = START_FRAMES;
  /** A call, what happens inside, and its return. */
  function* inCall(
    ops: readonly [call: number, back: number],
    call: number,
    number: number,
    status: number,
    parent: number,
    inside: readonly number[] = [],
  ): Generator<StartRecord> {
    const own = ++frame;
    yield { op: ops[0], call, number, frame: own, parent, status: C.STATUS_NONE };
    for (const inner of inside) yield* inCall(ops, inner, number, C.STATUS_SUCCESS, own);
    yield { op: ops[1], call, number, frame: own, parent: 0, status };
  }
  const ofAdapter = [C.OP_ADAPTER_CALL, C.OP_ADAPTER_RETURN] as const;
  const ofClient = [C.OP_BINDING_CALL, C.OP_BINDING_RETURN] as const;
  const dealt = dealProfiles(
    callManagers.map(({ weight }) => weight),
    adapters,
  );
  for (const [adapter, profile] of dealt.entries()) {
    if (callManagers[profile]?.kind === "mcm")
      yield* inCall(ofAdapter, C.CALL_INITIALIZE, adapter, C.STATUS_SUCCESS, 0, [C.CALL_MCM_REGISTER]);
    else
      yield* inCall(ofAdapter, C.CALL_BIND_ADAPTER, adapter, C.STATUS_SUCCESS, 0, [
        C.CALL_OPEN_ADAPTER,
        C.CALL_CM_REGISTER,
      ]);
  }
  for (let client = 0; client < adapters * clientsPerAdapter; client++)
    yield* inCall(ofClient, C.CALL_BIND_ADAPTER, client, C.STATUS_SUCCESS, 0, [C.CALL_OPEN_ADAPTER]);
  for (let client = 0; client < adapters * clientsPerAdapter; client++)
    yield* inCall(ofClient, C.CALL_REGISTER_NOTIFY, client, C.STATUS_NONE, 0);
}

function writeStart(view: DataView, { op, call, number, frame, parent, status }: StartRecord): void {
  view.setUint32(L.TRACE_TICK, 0, true);
  view.setUint32(L.TRACE_SLOT, number, true);
  view.setUint32(L.TRACE_FRAME, frame, true);
  view.setUint32(L.TRACE_PARENT, parent, true);
  view.setUint8(L.TRACE_OP, op);
  view.setUint8(L.TRACE_CALL, call);
  view.setUint8(L.TRACE_STATUS, status);
}

/** The records of a lane, in the order in which it wrote them. */
class LaneRecords {
  /** Offset of the next one. */
  at: number;
  readonly end: number;
  readonly #places: SlotPlaces;
  readonly #clientsPerAdapter: number;

  constructor(
    readonly view: DataView,
    header: number,
    { scenario: { topology } }: LivePlan,
  ) {
    this.at = view.getUint32(header + LANE_TRACE, true);
    this.end = view.getUint32(header + LANE_TRACE_END, true);
    this.#places = new SlotPlaces(topology, topology.afs);
    this.#clientsPerAdapter = topology.clientsPerAdapter;
  }

  get tick(): number {
    return this.view.getUint32(this.at + L.TRACE_TICK, true);
  }

  get adapter(): number {
    const op = this.view.getUint8(this.at + L.TRACE_OP);
    const about = this.view.getUint32(this.at + L.TRACE_SLOT, true);
    if (op === C.OP_ADAPTER_CALL || op === C.OP_ADAPTER_RETURN) return about;
    if (op === C.OP_BINDING_CALL || op === C.OP_BINDING_RETURN) return Math.floor(about / this.#clientsPerAdapter);
    return this.#places.placeOf(about).adapter;
  }

  get number(): number {
    return this.view.getUint32(this.at + L.TRACE_SEQ, true);
  }
}

function lanesOf(memory: WebAssembly.Memory, plan: LivePlan): LaneRecords[] {
  const view = new DataView(memory.buffer);
  return plan.map.lanes.map(({ header }) => new LaneRecords(view, header, plan));
}

/** Numbers of each adapter's records that are there, the last first: those that were taken back are missing. */
function numbersByAdapter(memory: WebAssembly.Memory, plan: LivePlan): number[][] {
  const numbers = Array.from({ length: plan.scenario.topology.adaptersPerMachine }, (): number[] => []);
  for (const lane of lanesOf(memory, plan))
    for (; lane.at < lane.end; lane.at += TRACE_RECORD_BYTES) numbers[lane.adapter]?.push(lane.number);
  for (const list of numbers) list.sort((a, b) => b - a);
  return numbers;
}

/** The lines of a live run's trace: its records, formatted. */
export function* liveTraceLines(memory: WebAssembly.Memory, plan: LivePlan): Generator<string> {
  const formatter = new TraceFormatter(plan.scenario, 0);
  for (const record of liveTraceRecords(memory, plan)) yield formatter.format(record, 0);
}

/**
 * The records of a live run's trace, each valid until the next is asked for: the lanes' records merged by the order of the records of each
 * adapter and of each lane; of those that may come next the one with the earliest time comes first. None is earlier than the one before it.
 *
 * @throws Error (internal) when the orders contradict each other
 */
export function* liveTraceRecords(memory: WebAssembly.Memory, plan: LivePlan): Generator<DataView> {
  const record = new Uint8Array(TRACE_RECORD_BYTES);
  const fields = new DataView(record.buffer);
  let seq = 0;
  let tick = 0;
  const number = (): DataView => {
    tick = Math.max(tick, fields.getUint32(L.TRACE_TICK, true));
    fields.setUint32(L.TRACE_TICK, tick, true);
    fields.setUint32(L.TRACE_SEQ, ++seq, true);
    return fields;
  };
  for (const start of startRecords(plan)) {
    writeStart(fields, start);
    yield number();
  }
  const left = numbersByAdapter(memory, plan);
  const bytes = new Uint8Array(memory.buffer);
  const lanes = lanesOf(memory, plan);
  const isNext = (lane: LaneRecords): boolean => lane.at < lane.end && left[lane.adapter]?.at(-1) === lane.number;
  while (lanes.some(({ at, end }) => at < end)) {
    let next: LaneRecords | null = null;
    for (const lane of lanes) if (isNext(lane) && (next === null || lane.tick < next.tick)) next = lane;
    if (next === null) throw new Error("internal error: the orders of lanes and adapters contradict each other");
    left[next.adapter]?.pop();
    // A lane's array is shared; the formatter's is not.
    record.set(bytes.subarray(next.at, next.at + TRACE_RECORD_BYTES));
    next.at += TRACE_RECORD_BYTES;
    yield number();
  }
}
