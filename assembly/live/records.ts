// Trace records of a lane, in traced mode only. The number of a record counts the records of its adapter's AFs, of its clients and of its call
// manager, whichever lanes write them: it is taken before a call takes effect and after it has. The host merges the lanes' records by these numbers.
import {
  MACHINE_CLIENTS_PER_ADAPTER,
  STATE_BITS,
  TRACE_CALL,
  TRACE_CONTEXT,
  TRACE_FRAME,
  TRACE_GENERATION,
  TRACE_IRQL,
  TRACE_OP,
  TRACE_PARENT,
  TRACE_PROCESSOR,
  TRACE_RECORD_BYTES,
  TRACE_SEQ,
  TRACE_SLOT,
  TRACE_STATUS,
  TRACE_TICK,
  MACHINE_FRAME,
  SHARD_STOP,
  TOTAL_OTHER_CALLS,
} from "../abi/layout";
import { LANE_INDEX, LANES_MAX, LANE_SHARED, LANE_TRACE_END, LANE_TRACE_LIMIT, SHARED_NUMBERS } from "../abi/lane-layout";
import {
  CONTEXT_NULL,
  OP_ADAPTER_CALL,
  OP_ADAPTER_RETURN,
  OP_BINDING_CALL,
  OP_BINDING_RETURN,
  OP_RETURN,
  PASSIVE_LEVEL,
  STATUS_NONE,
} from "../abi/codes";
import { isTraced } from "../engine/mode";
import { adapterOf, placeOf } from "../table/handle-table";
import { count, stampOf } from "./lane";

/** A frame that no other lane has. */
@inline
function newFrame<M>(lane: usize): u32 {
  if (!isTraced<M>()) return 0;
  const frame = load<u32>(lane, MACHINE_FRAME) + LANES_MAX;
  store<u32>(lane, frame, MACHINE_FRAME);
  return frame + load<u32>(lane, LANE_INDEX);
}

/** Where the next record goes: what was written from there on can be taken back. */
@inline
export function tracePlace<M>(lane: usize): u32 {
  return isTraced<M>() ? load<u32>(lane, LANE_TRACE_END) : 0;
}

/** Takes records back: the call was not made. Their numbers stay unused. */
@inline
export function takeBack<M>(lane: usize, place: u32): void {
  if (isTraced<M>()) store<u32>(lane, place, LANE_TRACE_END);
}

/** Gives the record at `place` another status: one that was decided after the record had its number. */
@inline
export function restate<M>(place: u32, status: u32): void {
  if (isTraced<M>()) store<u8>(place, status as u8, TRACE_STATUS);
}

/** The next number of an adapter's records. */
function takeNumber(lane: usize, adapter: u32): u32 {
  const numbers = load<u32>(load<u32>(lane, LANE_SHARED), SHARED_NUMBERS) as usize;
  return atomic.add<u32>(numbers + (adapter << 2), 1);
}

function write(
  lane: usize,
  op: u32,
  call: u32,
  slot: u32,
  word: u32,
  status: u32,
  frame: u32,
  parent: u32,
  irql: u32,
): void {
  const at = load<u32>(lane, LANE_TRACE_END) as usize;
  store<u32>(at, stampOf(lane), TRACE_TICK);
  store<u32>(at, takeNumber(lane, adapterOf(placeOf(lane, slot))), TRACE_SEQ);
  store<u32>(at, slot, TRACE_SLOT);
  store<u32>(at, word >>> STATE_BITS, TRACE_GENERATION);
  store<u32>(at, frame, TRACE_FRAME);
  store<u32>(at, parent, TRACE_PARENT);
  store<u8>(at, op as u8, TRACE_OP);
  store<u8>(at, call as u8, TRACE_CALL);
  store<u8>(at, status as u8, TRACE_STATUS);
  store<u8>(at, (status & CONTEXT_NULL ? 1 : 0) as u8, TRACE_CONTEXT);
  store<u16>(at, load<u32>(lane, LANE_INDEX) as u16, TRACE_PROCESSOR);
  store<u16>(at, irql as u16, TRACE_IRQL);
  store<u32>(lane, at + TRACE_RECORD_BYTES, LANE_TRACE_END);
}

/** A call of a new frame, which is answered; `status` only of completions. */
@inline
export function traceCall<M>(
  lane: usize,
  op: u32,
  call: u32,
  slot: u32,
  word: u32,
  status: u32,
  parent: u32,
  irql: u32,
): u32 {
  if (!isTraced<M>()) return 0;
  const frame = newFrame<M>(lane);
  write(lane, op, call, slot, word, status, frame, parent, irql);
  return frame;
}

@inline
export function traceReturn<M>(lane: usize, call: u32, slot: u32, word: u32, status: u32, frame: u32, irql: u32): void {
  if (isTraced<M>()) write(lane, OP_RETURN, call, slot, word, status, frame, 0, irql);
}

/** A record about no AF but a client or an adapter. */
function writeDriver(
  lane: usize,
  op: u32,
  call: u32,
  number: u32,
  status: u32,
  frame: u32,
  parent: u32,
  irql: u32,
): void {
  const at = load<u32>(lane, LANE_TRACE_END) as usize;
  const isClient = op == OP_BINDING_CALL || op == OP_BINDING_RETURN;
  const adapter = isClient ? number / load<u32>(lane, MACHINE_CLIENTS_PER_ADAPTER) : number;
  memory.fill(at, 0, TRACE_RECORD_BYTES);
  store<u32>(at, stampOf(lane), TRACE_TICK);
  store<u32>(at, takeNumber(lane, adapter), TRACE_SEQ);
  store<u32>(at, number, TRACE_SLOT);
  store<u32>(at, frame, TRACE_FRAME);
  store<u32>(at, parent, TRACE_PARENT);
  store<u8>(at, op as u8, TRACE_OP);
  store<u8>(at, call as u8, TRACE_CALL);
  store<u8>(at, status as u8, TRACE_STATUS);
  store<u16>(at, load<u32>(lane, LANE_INDEX) as u16, TRACE_PROCESSOR);
  store<u16>(at, irql as u16, TRACE_IRQL);
  store<u32>(lane, at + TRACE_RECORD_BYTES, LANE_TRACE_END);
}

/**
 * Makes a call that is about no AF: of a client and its binding (`op` OP_BINDING_CALL, with the number of the client), or of a call manager
 * (OP_ADAPTER_CALL, with that of its adapter). Answers its frame.
 */
export function beginCall<M>(
  lane: usize,
  op: u32,
  number: u32,
  call: u32,
  parent: u32 = 0,
  irql: u32 = PASSIVE_LEVEL,
): u32 {
  count(lane, TOTAL_OTHER_CALLS, 1);
  if (!isTraced<M>()) return 0;
  const frame = newFrame<M>(lane);
  writeDriver(lane, op, call, number, STATUS_NONE, frame, parent, irql);
  return frame;
}

/** Returns from it. */
export function endCall<M>(
  lane: usize,
  op: u32,
  number: u32,
  call: u32,
  frame: u32,
  status: u32,
  irql: u32 = PASSIVE_LEVEL,
): void {
  if (!isTraced<M>()) return;
  const returns = op == OP_BINDING_CALL ? OP_BINDING_RETURN : OP_ADAPTER_RETURN;
  writeDriver(lane, returns, call, number, status, frame, 0, irql);
}

/** Makes such a call, which returns at once. */
export function callOnce<M>(
  lane: usize,
  op: u32,
  number: u32,
  call: u32,
  status: u32,
  parent: u32 = 0,
  irql: u32 = PASSIVE_LEVEL,
): void {
  const frame = beginCall<M>(lane, op, number, call, parent, irql);
  endCall<M>(lane, op, number, call, frame, status, irql);
}

/** A call that returns at once, without a status. */
@inline
export function traceBoth<M>(
  lane: usize,
  op: u32,
  call: u32,
  slot: u32,
  word: u32,
  status: u32,
  parent: u32,
  irql: u32,
): void {
  if (!isTraced<M>()) return;
  const frame = traceCall<M>(lane, op, call, slot, word, status, parent, irql);
  traceReturn<M>(lane, call, slot, word, STATUS_NONE, frame, irql);
}

/** A release of a context, a wait or a wake. */
@inline
export function traceAct<M>(lane: usize, op: u32, slot: u32, word: u32, parent: u32, irql: u32): void {
  if (isTraced<M>()) write(lane, op, 0, slot, word, STATUS_NONE, 0, parent, irql);
}

/** Whether the buffer has no room for another step; the run is stopped then. */
@inline
export function isTraceFull<M>(lane: usize): bool {
  if (!isTraced<M>() || load<u32>(lane, LANE_TRACE_END) <= load<u32>(lane, LANE_TRACE_LIMIT)) return false;
  atomic.store<u32>(SHARD_STOP, 1);
  return true;
}

