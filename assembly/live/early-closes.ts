// The mistake of closing a binding while some of its AFs have not ended: by a client that is unbound, or by a stand-alone call manager that is
// halted. Only of an AF whose close the walk itself has pended is it certain, whatever other lanes do, that it has not ended: its
// close is handed over when the walk is over.
import { BINDING_NOTES } from "../abi/layout";
import { LANE_WALK_CLOSING, LANE_WALK_WORD } from "../abi/lane-layout";
import { CALL_CLOSE_ADAPTER, DISPATCH_LEVEL, NOTE_CLOSED_EARLY, PASSIVE_LEVEL, RULE_CLOSE_ADAPTER, RULE_IRQL_CALLER, STATUS_PENDING } from "../abi/codes";
import { hasFaults, strikes } from "../ndis/faults";
import { isTooHigh } from "../ndis/rules";
import { handOver } from "./closes";
import { generationOf, violate, wordOf } from "./lane";
import { callOnce } from "./records";

/** Hands a close over that a walk has pended, at once or, if it is the first and the mistake of `kind` may strike, when the walk is over. */
export function handOverInWalk(lane: usize, slot: u32, word: u32, kind: u32): void {
  if (!hasFaults(lane, (1 as u64) << kind) || load<u32>(lane, LANE_WALK_CLOSING)) return handOver(lane, slot, word);
  store<u32>(lane, slot + 1, LANE_WALK_CLOSING);
  store<u32>(lane, word, LANE_WALK_WORD);
}

/** The walk is over: the binding is closed by mistake, in the frame `parent`, or not. */
export function endWalk<M>(lane: usize, binding: usize, op: u32, number: u32, parent: u32, kind: u32): void {
  const closing = load<u32>(lane, LANE_WALK_CLOSING);
  if (closing == 0) return;
  const word = load<u32>(lane, LANE_WALK_WORD);
  store<u32>(lane, 0, LANE_WALK_CLOSING);
  if (strikes(lane, kind, closing - 1, generationOf(word))) {
    violate(lane, closing - 1, word, RULE_CLOSE_ADAPTER);
    callOnce<M>(lane, op, number, CALL_CLOSE_ADAPTER, STATUS_PENDING, parent);
    store<u32>(binding, load<u32>(binding, BINDING_NOTES) | NOTE_CLOSED_EARLY, BINDING_NOTES);
  }
  handOver(lane, closing - 1, word);
}

/**
 * The IRQL at which a binding with the AFs from `first` to `end` is closed: PASSIVE_LEVEL, or by a mistake of `kind`, which is judged,
 * DISPATCH_LEVEL. The lowest slot stands for the binding, with generation 0: the call is about no AF.
 */
export function bindingIrqlOf(lane: usize, first: u32, end: u32, kind: u32): u32 {
  if (first == end || !strikes(lane, kind, first, generationOf(wordOf(lane, first)))) return PASSIVE_LEVEL;
  if (isTooHigh(CALL_CLOSE_ADAPTER, DISPATCH_LEVEL)) violate(lane, first, 0, RULE_IRQL_CALLER);
  return DISPATCH_LEVEL;
}
