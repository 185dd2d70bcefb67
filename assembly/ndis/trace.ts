// Trace records, in traced mode only. Every record counts, also those that a filter leaves out, so that `seq` and `frame` of a
// filtered trace are those of the full one.
import {
  MACHINE_FRAME,
  MACHINE_PROCESSOR_COUNT,
  MACHINE_SEQ,
  MACHINE_TRACE_ADAPTERS,
  MACHINE_TRACE_AFS,
  MACHINE_TRACE_CLIENTS,
  SHARD_TRACE,
  SHARD_TRACE_END,
  SHARD_TRACE_FROM,
  SHARD_TRACE_LIMIT,
  SHARD_TRACE_LAST,
  STATE_BITS,
  TRACE_CALL,
  TRACE_CONTEXT,
  TRACE_FRAME,
  TRACE_GENERATION,
  TRACE_HANDLES,
  TRACE_IRQL,
  TRACE_OP,
  TRACE_PARENT,
  TRACE_PROCESSOR,
  TRACE_RECORD_BYTES,
  TRACE_SEQ,
  TRACE_SLOT,
  TRACE_STATUS,
  TRACE_TICK,
} from "../abi/layout";
import {
  OP_ADAPTER_CALL,
  OP_BINDING_CALL,
  OP_CALL,
  OP_CALL_SELF,
  OP_RELEASE_CLIENT,
  OP_RETURN,
  OP_WAIT,
  OP_WAKE,
  STATUS_NONE,
  TRAP_TRACE_SEQUENCE,
} from "../abi/codes";
import { trap } from "../core/assert";
import { isTraced } from "../engine/mode";
import { adapterOf, clientOf, placeOf } from "../table/handle-table";

/** Provided by the host: takes the records between SHARD_TRACE and SHARD_TRACE_END and empties the buffer. */
@external("env", "drainTrace")
declare function drainTrace(machine: usize): void;

/** Who runs a frame: processor, IRQL. Packed so that it passes as one number. */
@inline
function context(processor: u32, irql: u32): u32 {
  return (processor << 8) | irql;
}

/** A slot's client, at an IRQL; its processor is known in traced mode only. */
@inline
export function clientContext<M>(machine: usize, slot: u32, irql: u32): u32 {
  if (!isTraced<M>()) return irql;
  return context(clientOf(machine, placeOf(machine, slot)) % load<u32>(machine, MACHINE_PROCESSOR_COUNT), irql);
}

/** A slot's call manager, likewise. */
@inline
export function callManagerContext<M>(machine: usize, slot: u32, irql: u32): u32 {
  if (!isTraced<M>()) return irql;
  return context(adapterOf(placeOf(machine, slot)) % load<u32>(machine, MACHINE_PROCESSOR_COUNT), irql);
}

/** IRQL of who runs a frame. */
@inline
export function irqlOf(who: u32): u32 {
  return who & 0xff;
}

/** Whether a filter leaves out what is about a slot or, by `op`, a client or an adapter with this number. */
function isLeftOut(machine: usize, op: u32, number: u32): bool {
  const afs = load<u32>(machine, MACHINE_TRACE_AFS);
  if (afs == 0) return false;
  const clients = load<u32>(machine, MACHINE_TRACE_CLIENTS);
  const drivers = op < OP_ADAPTER_CALL ? clients : load<u32>(machine, MACHINE_TRACE_ADAPTERS);
  const bits = (op < OP_BINDING_CALL ? afs : drivers) as usize;
  return ((load<u8>(bits + (number >>> 3)) >>> (number & 7)) & 1) == 0;
}

/** Writes a record; answers its address, 0 where a filter leaves it out. */
export function writeRecord(
  machine: usize,
  now: u32,
  slot: u32,
  word: u32,
  op: u32,
  call: u32,
  frame: u32,
  parent: u32,
  who: u32,
  status: u32,
): usize {
  const seq = load<u32>(machine, MACHINE_SEQ) + 1;
  if (seq == 0) trap(TRAP_TRACE_SEQUENCE, 0);
  store<u32>(machine, seq, MACHINE_SEQ);
  if (now < load<u32>(SHARD_TRACE_FROM) || now > load<u32>(SHARD_TRACE_LAST)) return 0;
  if (isLeftOut(machine, op, slot)) return 0;
  let record = load<u32>(SHARD_TRACE_END) as usize;
  if (record == load<u32>(SHARD_TRACE_LIMIT)) {
    drainTrace(machine);
    record = load<u32>(SHARD_TRACE) as usize;
  }
  store<u32>(record, now, TRACE_TICK);
  store<u32>(record, seq, TRACE_SEQ);
  store<u32>(record, slot, TRACE_SLOT);
  store<u32>(record, word >>> STATE_BITS, TRACE_GENERATION);
  store<u32>(record, frame, TRACE_FRAME);
  store<u32>(record, parent, TRACE_PARENT);
  store<u8>(record, op as u8, TRACE_OP);
  store<u8>(record, call as u8, TRACE_CALL);
  store<u8>(record, irqlOf(who) as u8, TRACE_IRQL);
  store<u8>(record, status as u8, TRACE_STATUS);
  store<u8>(record, (status >>> 8) as u8, TRACE_CONTEXT);
  store<u16>(record, (who >>> 8) as u16, TRACE_PROCESSOR);
  store<u64>(record, 0, TRACE_HANDLES);
  store<u32>(SHARD_TRACE_END, (record as u32) + TRACE_RECORD_BYTES);
  return record;
}

/** The number of the next frame. */
@inline
export function nextFrame(machine: usize): u32 {
  const frame = load<u32>(machine, MACHINE_FRAME) + 1;
  store<u32>(machine, frame, MACHINE_FRAME);
  return frame;
}

/** Records a call (or a client's call of itself); answers its frame. */
export function traceCall(
  machine: usize,
  now: u32,
  slot: u32,
  word: u32,
  op: u32,
  call: u32,
  parent: u32,
  who: u32,
  status: u32,
): u32 {
  const frame = nextFrame(machine);
  writeRecord(machine, now, slot, word, op, call, frame, parent, who, status);
  return frame;
}

/** Records the return of a frame. */
export function traceReturn(
  machine: usize,
  now: u32,
  slot: u32,
  word: u32,
  call: u32,
  frame: u32,
  who: u32,
  status: u32,
): void {
  writeRecord(machine, now, slot, word, OP_RETURN, call, frame, 0, who, status);
}

/** Records a call, made in the frame `parent` with a status, that returns at once with `answer`. */
export function traceOnce(
  machine: usize,
  now: u32,
  slot: u32,
  word: u32,
  op: u32,
  call: u32,
  parent: u32,
  who: u32,
  status: u32,
  answer: u32,
): void {
  const frame = traceCall(machine, now, slot, word, op, call, parent, who, status);
  traceReturn(machine, now, slot, word, call, frame, who, answer);
}

/** Records what a driver does without a call: it releases its context of the AF, or in a thread of its own it waits or wakes. */
export function traceAct(machine: usize, now: u32, slot: u32, word: u32, op: u32, who: u32): void {
  writeRecord(machine, now, slot, word, op, 0, 0, 0, who, STATUS_NONE);
}

/** Records that a client waits in the frame `parent`, and gives up at once. */
export function traceWaiting(machine: usize, now: u32, slot: u32, word: u32, who: u32, parent: u32): void {
  writeRecord(machine, now, slot, word, OP_WAIT, 0, 0, parent, who, STATUS_NONE);
  writeRecord(machine, now, slot, word, OP_WAKE, 0, 0, parent, who, STATUS_NONE);
}

/**
 * Records a call that is about no AF: of a client and its binding (OP_BINDING_CALL) or of a call manager (OP_ADAPTER_CALL), which has the
 * number of the client or the adapter; answers its frame.
 */
export function traceDriverCall(
  machine: usize,
  now: u32,
  op: u32,
  number: u32,
  call: u32,
  parent: u32,
  irql: u32,
): u32 {
  const who = context(number % load<u32>(machine, MACHINE_PROCESSOR_COUNT), irql);
  return traceCall(machine, now, number, 0, op, call, parent, who, STATUS_NONE);
}

/** Records the return of such a call. */
export function traceDriverReturn(
  machine: usize,
  now: u32,
  op: u32,
  number: u32,
  call: u32,
  frame: u32,
  irql: u32,
  status: u32,
): void {
  const who = context(number % load<u32>(machine, MACHINE_PROCESSOR_COUNT), irql);
  writeRecord(machine, now, number, 0, op + 1, call, frame, 0, who, status);
}

/** Records a call in the frame `parent` and the one to which it leads inside it; answers the outer frame, the inner one is the next. */
export function traceNested(
  machine: usize,
  now: u32,
  slot: u32,
  word: u32,
  outer: u32,
  inner: u32,
  parent: u32,
  who: u32,
  status: u32,
): u32 {
  const frame = traceCall(machine, now, slot, word, OP_CALL, outer, parent, who, status);
  traceCall(machine, now, slot, word, OP_CALL, inner, frame, who, status);
  return frame;
}

/** Records the returns of both. */
export function traceReturns(
  machine: usize,
  now: u32,
  slot: u32,
  word: u32,
  outer: u32,
  inner: u32,
  frame: u32,
  who: u32,
  innerStatus: u32,
  outerStatus: u32,
): void {
  traceReturn(machine, now, slot, word, inner, frame + 1, who, innerStatus);
  traceReturn(machine, now, slot, word, outer, frame, who, outerStatus);
}

/** Records that a client calls its own completion handler in the frame `parent`; in it, it may release its context. */
export function traceSelf(
  machine: usize,
  now: u32,
  slot: u32,
  word: u32,
  call: u32,
  parent: u32,
  who: u32,
  status: u32,
  releases: bool,
): void {
  const frame = traceCall(machine, now, slot, word, OP_CALL_SELF, call, parent, who, status);
  if (releases) traceAct(machine, now, slot, word, OP_RELEASE_CLIENT, who);
  traceReturn(machine, now, slot, word, call, frame, who, STATUS_NONE);
}
