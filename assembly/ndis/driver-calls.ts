// Calls that are about no AF: of a client and its binding (`op` OP_BINDING_CALL, with the number of the client) and of a call manager
// (OP_ADAPTER_CALL, with that of its adapter).
import { TOTAL_OTHER_CALLS } from "../abi/layout";
import { PASSIVE_LEVEL } from "../abi/codes";
import { isTraced } from "../engine/mode";
import { addTotal } from "./counts";
import { traceDriverCall, traceDriverReturn } from "./trace";

/** Makes such a call in the frame `parent`; answers its frame. */
@inline
export function beginCall<M>(
  machine: usize,
  now: u32,
  op: u32,
  number: u32,
  call: u32,
  parent: u32,
  irql: u32 = PASSIVE_LEVEL,
): u32 {
  addTotal(TOTAL_OTHER_CALLS, 1);
  return isTraced<M>() ? traceDriverCall(machine, now, op, number, call, parent, irql) : 0;
}

/** Returns from it. */
@inline
export function endCall<M>(
  machine: usize,
  now: u32,
  op: u32,
  number: u32,
  call: u32,
  frame: u32,
  status: u32,
  irql: u32 = PASSIVE_LEVEL,
): void {
  if (isTraced<M>()) traceDriverReturn(machine, now, op, number, call, frame, irql, status);
}

/** Makes such a call, which returns at once. */
export function callOnce<M>(
  machine: usize,
  now: u32,
  op: u32,
  number: u32,
  call: u32,
  parent: u32,
  status: u32,
): void {
  endCall<M>(machine, now, op, number, call, beginCall<M>(machine, now, op, number, call, parent), status);
}
