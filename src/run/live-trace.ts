import * as C from "../../assembly/abi/codes.js";
import { LANE_TRACE, LANE_TRACE_END } from "../../assembly/abi/lane-layout.js";
import * as L from "../../assembly/abi/layout.js";
import { SlotPlaces } from "../kernel/topology.js";
import { TRACE_RECORD_BYTES, TraceFormatter } from "../kernel/trace-record.js";
import type { LivePlan } from "./live-plan.js";
import { startRecords, writeStart } from "./live-start.js";

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
