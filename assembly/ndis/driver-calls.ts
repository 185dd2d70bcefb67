// Calls that are about no AF: of a client and its binding (`op` OP_BINDING_CALL, with the number of the client) and of a call manager
// (OP_ADAPTER_CALL, with that of its adapter).
import { AF_WORD, STATE_BITS, TOTAL_OTHER_CALLS } from "../abi/layout";
import { CALL_CLOSE_ADAPTER, DISPATCH_LEVEL, PASSIVE_LEVEL, RULE_IRQL_CALLER } from "../abi/codes";
import { isTraced } from "../engine/mode";
import { recordOf } from "../table/handle-table";
import { addTotal } from "./counts";
import { strikes } from "./faults";
import { observeCall, observeReturn } from "./judge-ndis";
import { checkIrql } from "./rules";
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
  observeCall(machine, now, op, number, call, irql);
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
  observeReturn(machine, op, number, call, status);
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
  irql: u32 = PASSIVE_LEVEL,
): void {
  const frame = beginCall<M>(machine, now, op, number, call, parent, irql);
  endCall<M>(machine, now, op, number, call, frame, status, irql);
}

/**
 * The IRQL at which a driver closes its binding to an adapter, with the AFs from `first` to `end`: PASSIVE_LEVEL, or by a mistake of `kind`,
 * which is judged, DISPATCH_LEVEL. The lowest slot stands for the binding, with generation 0: the call is about no AF.
 */
export function bindingIrqlOf(machine: usize, now: u32, callManager: usize, first: u32, end: u32, kind: u32): u32 {
  if (first == end) return PASSIVE_LEVEL;
  const generation = load<u32>(recordOf(machine, first), AF_WORD) >>> STATE_BITS;
  if (!strikes(machine, kind, first, generation)) return PASSIVE_LEVEL;
  checkIrql(machine, callManager, now, first, 0, RULE_IRQL_CALLER, CALL_CLOSE_ADAPTER, DISPATCH_LEVEL);
  return DISPATCH_LEVEL;
}
