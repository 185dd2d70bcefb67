// Close notifications, on the lane of a call manager that goes: the client closes the AF inside of the notification, on that lane, while its
// own lane may be closing it too. A notification that the client has pended is completed by whoever ends the close.
import {
  CM_PROFILE,
  MACHINE_NOTES,
  PROFILE_CLOSE_PENDS,
  PROFILE_NOTIFY,
  PROFILE_STANDALONE,
  SHARD_NOTIFY_PENDS,
  TOTAL_OTHER_CALLS,
} from "../abi/layout";
import { LANE_WALK_GONE } from "../abi/lane-layout";
import {
  CALL_CL_NOTIFIED,
  CALL_CL_NOTIFY_COMPLETE,
  CALL_CM_NOTIFY_COMPLETE,
  DISPATCH_LEVEL,
  FAULT_CM_EARLY_CLOSE_ADAPTER,
  FAULT_DOUBLE_NOTIFY_COMPLETION,
  FAULT_EARLY_NOTIFY_COMPLETION,
  FAULT_FORGOTTEN_NOTIFY,
  FAULT_LOST_NOTIFY_COMPLETION,
  FAULT_NOTIFY_IRQL,
  FAULT_NOTIFY_SUCCESS,
  FAULT_NOTIFY_WAIT,
  FAULT_WALK_REPEATS,
  NOTE_FORGOTTEN,
  NOTE_OWES,
  OP_CALL,
  OP_WAIT,
  OP_WAKE,
  PASSIVE_LEVEL,
  PURPOSE_CLOSE_PENDS,
  PURPOSE_NOTIFY_PENDS,
  RULE_CLOSE_BLOCKED,
  RULE_CLOSE_CM_STALE,
  READING_DELIVERED,
  RULE_IRQL_CALLER,
  RULE_NOTIFY_OWED,
  RULE_NOTIFY_REQUIRED,
  STATE_CLOSE_PENDED,
  STATE_STRANDED,
  STATUS_FAILURE,
  STATUS_NONE,
  STATUS_PENDING,
  STATUS_SUCCESS,
} from "../abi/codes";
import { happens } from "../core/random";
import { strikes } from "../ndis/faults";
import { addSlotNote } from "../ndis/notes";
import { hasReading } from "../ndis/readings";
import { isTooHigh } from "../ndis/rules";
import { hasObjects } from "../objects/table";
import { adapterOf, callManagerOf, placeOf } from "../table/handle-table";
import { holdAdapter, isBound } from "./bindings";
import { closeOpen, handOver, requestClose } from "./closes";
import { handOverInWalk } from "./early-closes";
import { count, generationOf, inState, swap, violate } from "./lane";
import { letAfGo, STATE_HELD } from "./claims";
import { haltObjects } from "./object-notifications";
import { takeBack, traceAct, traceBoth, traceCall, tracePlace, traceReturn } from "./records";
import { workOf } from "./worked-closes";
import { deliver, notifyWithWork } from "./worked-notifications";

/**
 * The call manager of a halting adapter notifies of an AF that was open with this word, in the frame `parent`: in the walk of a halt (`walking`), or
 * later, when an open that was pended then has ended.
 */
export function notify<M>(lane: usize, slot: u32, word: u32, parent: u32, walking: bool): void {
  if (hasObjects(lane)) return haltObjects<M>(lane, slot, word, parent, walking);
  const generation = generationOf(word);
  const profile = load<u32>(callManagerOf(lane, adapterOf(placeOf(lane, slot))), CM_PROFILE) as usize;
  if (strikes(lane, FAULT_FORGOTTEN_NOTIFY, slot, generation)) return passOver<M>(lane, slot, word);
  const work = workOf(lane, slot, word);
  if (work) {
    if (walking) store<u32>(lane, 0, LANE_WALK_GONE);
    return notifyWithWork<M>(lane, slot, word, work, parent);
  }
  const call = load<u32>(profile, PROFILE_NOTIFY);
  const irql = strikes(lane, FAULT_NOTIFY_IRQL, slot, generation) ? DISPATCH_LEVEL : PASSIVE_LEVEL;
  const pends = happens(lane, PURPOSE_NOTIFY_PENDS, slot, generation, load<u64>(SHARD_NOTIFY_PENDS));
  const isClosePended = happens(lane, PURPOSE_CLOSE_PENDS, slot, generation, load<u64>(profile, PROFILE_CLOSE_PENDS));
  const lies = !pends && isClosePended && strikes(lane, FAULT_NOTIFY_SUCCESS, slot, generation);
  const owes = pends || (isClosePended && !lies);
  const status = owes ? STATUS_PENDING : STATUS_SUCCESS;
  const before = tracePlace<M>(lane);
  const outer = traceCall<M>(lane, OP_CALL, call, slot, word, STATUS_NONE, parent, irql);
  const inner = traceCall<M>(lane, OP_CALL, CALL_CL_NOTIFIED, slot, word, STATUS_NONE, outer, irql);
  // A client that pends the notification has returned before it closes.
  if (pends) returnBoth<M>(lane, call, slot, word, status, outer, inner, irql);
  if (!requestClose<M>(lane, slot, word, pends ? 0 : inner, true, owes)) {
    // Its client was faster. The call manager was asked to close it, and so does not notify.
    takeBack<M>(lane, before);
    return;
  }
  count(lane, TOTAL_OTHER_CALLS, 2);
  if (isTooHigh(call, irql)) violate(lane, slot, word, RULE_IRQL_CALLER);
  if (lies) violate(lane, slot, word, RULE_NOTIFY_OWED);
  if (!pends && isClosePended && strikes(lane, FAULT_NOTIFY_WAIT, slot, generation)) {
    violate(lane, slot, word, RULE_CLOSE_BLOCKED);
    // The wait is given up at once.
    traceAct<M>(lane, OP_WAIT, slot, word, inner, irql);
    traceAct<M>(lane, OP_WAKE, slot, word, inner, irql);
  }
  if (!pends) returnBoth<M>(lane, call, slot, word, status, outer, inner, irql);
  if (isClosePended) {
    const pended = inState(word, STATE_CLOSE_PENDED);
    if (owes) completeEarly<M>(lane, slot, word);
    if (walking && load<u32>(profile, PROFILE_STANDALONE)) handOverInWalk(lane, slot, pended, FAULT_CM_EARLY_CLOSE_ADAPTER);
    else handOver(lane, slot, pended);
  } else if (walking && strikes(lane, FAULT_WALK_REPEATS, slot, generation)) {
    notifyAgain<M>(lane, slot, word, call, parent);
  }
  if (walking) store<u32>(lane, isClosePended ? 0 : 1, LANE_WALK_GONE);
}

/** The mistake of notifying a second time, in the walk, of an AF that is closed. */
export function notifyAgain<M>(lane: usize, slot: u32, word: u32, call: u32, parent: u32): void {
  violate(lane, slot, word, RULE_CLOSE_CM_STALE);
  count(lane, TOTAL_OTHER_CALLS, 1);
  const again = traceCall<M>(lane, OP_CALL, call, slot, word, STATUS_NONE, parent, PASSIVE_LEVEL);
  traceReturn<M>(lane, call, slot, word, STATUS_FAILURE, again, PASSIVE_LEVEL);
}

/** The mistake of completing a notification while the close is still pended. */
export function completeEarly<M>(lane: usize, slot: u32, word: u32): void {
  if (!strikes(lane, FAULT_EARLY_NOTIFY_COMPLETION, slot, generationOf(word))) return;
  violate(lane, slot, word, RULE_NOTIFY_OWED);
  count(lane, TOTAL_OTHER_CALLS, 1);
  traceBoth<M>(lane, OP_CALL, CALL_CL_NOTIFY_COMPLETE, slot, word, STATUS_SUCCESS, 0, PASSIVE_LEVEL);
}

/** The mistake of not notifying of an open AF: its client closes it when it is unbound, now or later. */
export function passOver<M>(lane: usize, slot: u32, word: u32): void {
  const note = (load<u32>(lane, MACHINE_NOTES) + slot) as usize;
  // Before the swap, so that an unbind which sees the AF stranded sees why.
  if (isBound(lane, slot)) {
    store<u8>(note, NOTE_FORGOTTEN as u8);
    if (swap(lane, slot, word, inState(word, STATE_STRANDED)) == word) return violate(lane, slot, word, RULE_NOTIFY_REQUIRED);
    store<u8>(note, 0);
  } else if (closeOpen<M>(lane, slot, word)) violate(lane, slot, word, RULE_NOTIFY_REQUIRED);
}

@inline
export function returnBoth<M>(
  lane: usize,
  call: u32,
  slot: u32,
  word: u32,
  status: u32,
  outer: u32,
  inner: u32,
  irql: u32,
): void {
  traceReturn<M>(lane, CALL_CL_NOTIFIED, slot, word, status, inner, irql);
  traceReturn<M>(lane, call, slot, word, status, outer, irql);
}

/**
 * A call manager that notifies of every AF, in the walk, meets one whose close was pended: NDIS fails that, or in the other reading tells the client. A completion on another lane
 * waits while the call is made: its handle is good for as long.
 */
export function notifyClosing<M>(lane: usize, slot: u32, word: u32, parent: u32): void {
  const held = inState(word, STATE_HELD);
  if (swap(lane, slot, word, held) != word) return;
  const generation = generationOf(word);
  const profile = load<u32>(callManagerOf(lane, adapterOf(placeOf(lane, slot))), CM_PROFILE) as usize;
  const call = load<u32>(profile, PROFILE_NOTIFY);
  const irql = strikes(lane, FAULT_NOTIFY_IRQL, slot, generation) ? DISPATCH_LEVEL : PASSIVE_LEVEL;
  if (hasReading(READING_DELIVERED)) {
    deliver<M>(lane, slot, word, parent);
    return letAfGo(lane, slot, held, word);
  }
  count(lane, TOTAL_OTHER_CALLS, 1);
  if (isTooHigh(call, irql)) violate(lane, slot, word, RULE_IRQL_CALLER);
  const frame = traceCall<M>(lane, OP_CALL, call, slot, word, STATUS_NONE, parent, irql);
  traceReturn<M>(lane, call, slot, word, STATUS_FAILURE, frame, irql);
  letAfGo(lane, slot, held, word);
}

/** Notes that the client owes the completion of a notification; before anybody can end the close. */
@inline
export function noteOwes(lane: usize, slot: u32): void {
  addSlotNote(lane, slot, NOTE_OWES);
}

/** The close has ended: the client completes the notification that it had pended. */
@inline
export function finishNotification<M>(lane: usize, slot: u32, word: u32, status: u32 = STATUS_SUCCESS): void {
  const notes = load<u32>(lane, MACHINE_NOTES);
  if (notes && load<u8>(notes + slot) & NOTE_OWES) completeNotification<M>(lane, slot, word, (notes + slot) as usize, status);
}

function completeNotification<M>(lane: usize, slot: u32, word: u32, note: usize, status: u32): void {
  const generation = generationOf(word);
  // The call manager waits for it to the end.
  if (strikes(lane, FAULT_LOST_NOTIFY_COMPLETION, slot, generation)) return holdAdapter(lane, adapterOf(placeOf(lane, slot)));
  store<u8>(note, (load<u8>(note) & ~NOTE_OWES) as u8);
  count(lane, TOTAL_OTHER_CALLS, 2);
  const outer = traceCall<M>(lane, OP_CALL, CALL_CL_NOTIFY_COMPLETE, slot, word, status, 0, PASSIVE_LEVEL);
  const inner = traceCall<M>(lane, OP_CALL, CALL_CM_NOTIFY_COMPLETE, slot, word, status, outer, PASSIVE_LEVEL);
  traceReturn<M>(lane, CALL_CM_NOTIFY_COMPLETE, slot, word, STATUS_NONE, inner, PASSIVE_LEVEL);
  traceReturn<M>(lane, CALL_CL_NOTIFY_COMPLETE, slot, word, STATUS_NONE, outer, PASSIVE_LEVEL);
  if (!strikes(lane, FAULT_DOUBLE_NOTIFY_COMPLETION, slot, generation)) return;
  count(lane, TOTAL_OTHER_CALLS, 1);
  violate(lane, slot, word, RULE_NOTIFY_OWED);
  const again = traceCall<M>(lane, OP_CALL, CALL_CL_NOTIFY_COMPLETE, slot, word, STATUS_SUCCESS, 0, PASSIVE_LEVEL);
  traceReturn<M>(lane, CALL_CL_NOTIFY_COMPLETE, slot, word, STATUS_NONE, again, PASSIVE_LEVEL);
}
