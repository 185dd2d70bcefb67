// What a client asks of NDIS and NDIS hands on to the call manager inside that call: an open, a close, a teardown.
import { RULE_IRQL_CALLER, STATUS_NONE } from "../abi/codes";
import { isTraced } from "../engine/mode";
import { checkIrql } from "./rules";
import { irqlOf, traceNested } from "./trace";

/** The client calls `outer` in the frame `parent`, and in it NDIS calls `inner`; answers the trace frame. */
@inline
export function request<M>(
  machine: usize,
  callManager: usize,
  now: u32,
  slot: u32,
  word: u32,
  outer: u32,
  inner: u32,
  parent: u32,
  who: u32,
): u32 {
  checkIrql(machine, callManager, now, slot, word, RULE_IRQL_CALLER, outer, irqlOf(who));
  return isTraced<M>() ? traceNested(machine, now, slot, word, outer, inner, parent, who, STATUS_NONE) : 0;
}
