// Halts: the call manager's lane walks the adapter's slots, a piece a step, and notifies of every open AF; the client closes it inside of
// the notification, on that lane, while its own lane may be closing it too. A notification that the client has pended is completed by
// whoever ends the close.
import {
  CM_HALT_FRAME,
  CM_PROFILE,
  MACHINE_NOTES,
  PROFILE_CLOSE_PENDS,
  PROFILE_NOTIFY,
  PROFILE_STANDALONE,
  SHARD_NOTIFY_PENDS,
  STATE_MASK,
  TOTAL_OTHER_CALLS,
} from "../abi/layout";
import {
  LANE_HALTED,
  LANE_INDEX,
  LANE_WALK_ADAPTER,
  LANE_WALK_END,
  LANE_WALK_LAST,
  LANE_WALK_SLOT,
  STEP_SLOTS,
} from "../abi/lane-layout";
import {
  CALL_CL_NOTIFIED,
  CALL_CL_NOTIFY_COMPLETE,
  CALL_CM_NOTIFY_COMPLETE,
  CALL_HALT,
  CALL_UNBIND_ADAPTER,
  DISPATCH_LEVEL,
  FAULT_DOUBLE_NOTIFY_COMPLETION,
  FAULT_FORGOTTEN_NOTIFY,
  FAULT_LOST_NOTIFY_COMPLETION,
  FAULT_NOTIFY_IRQL,
  FAULT_NOTIFY_SUCCESS,
  NOTE_OWES,
  OP_ADAPTER_CALL,
  OP_CALL,
  PASSIVE_LEVEL,
  PURPOSE_CLOSE_PENDS,
  PURPOSE_NOTIFY_PENDS,
  RULE_IRQL_CALLER,
  RULE_NOTIFY_OWED,
  RULE_NOTIFY_REQUIRED,
  STATE_CLOSE_PENDED,
  STATE_OPEN,
  STATE_REFUSED,
  STATE_STRANDED,
  STATUS_NONE,
  STATUS_PENDING,
  STATUS_SUCCESS,
} from "../abi/codes";
import { happens } from "../core/random";
import { strikes } from "../ndis/faults";
import { isTooHigh } from "../ndis/rules";
import { adapterOf, callManagerOf, firstSlotOf, placeOf } from "../table/handle-table";
import { handOver, requestClose } from "./closes";
import { count, generationOf, inState, laneOfAdapter, swap, violate, wordOf } from "./lane";
import { notifyRefused, notifyWithWork } from "./worked-notifications";
import { workOf } from "./worked-closes";
import { beginCall, takeBack, traceCall, tracePlace, traceReturn } from "./records";

/** The call manager of a halting adapter notifies of an AF that was open with this word; in the walk `parent` is the halt's trace frame. */
export function notify<M>(lane: usize, slot: u32, word: u32, parent: u32): void {
  const generation = generationOf(word);
  const profile = load<u32>(callManagerOf(lane, adapterOf(placeOf(lane, slot))), CM_PROFILE) as usize;
  if (strikes(lane, FAULT_FORGOTTEN_NOTIFY, slot, generation)) {
    if (swap(lane, slot, word, inState(word, STATE_STRANDED)) == word) violate(lane, slot, word, RULE_NOTIFY_REQUIRED);
    return;
  }
  const work = workOf(lane, slot, word);
  if (work) return notifyWithWork<M>(lane, slot, word, work, parent);
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
  if (!pends) returnBoth<M>(lane, call, slot, word, status, outer, inner, irql);
  if (isClosePended) handOver(lane, slot, inState(word, STATE_CLOSE_PENDED));
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

/** Notes that the client owes the completion of a notification; before anybody can end the close. */
@inline
export function noteOwes(lane: usize, slot: u32): void {
  store<u8>(load<u32>(lane, MACHINE_NOTES) + slot, NOTE_OWES as u8);
}

/** The close has ended: the client completes the notification that it had pended. */
@inline
export function finishNotification<M>(lane: usize, slot: u32, word: u32, status: u32 = STATUS_SUCCESS): void {
  const notes = load<u32>(lane, MACHINE_NOTES);
  if (notes && load<u8>(notes + slot)) completeNotification<M>(lane, slot, word, (notes + slot) as usize, status);
}

function completeNotification<M>(lane: usize, slot: u32, word: u32, note: usize, status: u32): void {
  const generation = generationOf(word);
  if (strikes(lane, FAULT_LOST_NOTIFY_COMPLETION, slot, generation)) return;
  store<u8>(note, 0);
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

/** Begins the halt of those adapters from `from` to before `to` whose call managers this lane plays. */
export function beginHalts(lane: usize, from: u32, to: u32): void {
  store<u32>(lane, from, LANE_WALK_ADAPTER);
  store<u32>(lane, to, LANE_WALK_END);
}

@inline
export function isWalking(lane: usize): bool {
  return load<u32>(lane, LANE_WALK_SLOT) != load<u32>(lane, LANE_WALK_LAST) || load<u32>(lane, LANE_WALK_ADAPTER) != load<u32>(lane, LANE_WALK_END);
}

/** An MCM is halted with its adapter, a stand-alone call manager is unbound from it; neither has returned when the run ends. */
@inline
function traceHalt<M>(lane: usize, adapter: u32): u32 {
  const profile = load<u32>(callManagerOf(lane, adapter), CM_PROFILE) as usize;
  return beginCall<M>(lane, OP_ADAPTER_CALL, adapter, load<u32>(profile, PROFILE_STANDALONE) ? CALL_UNBIND_ADAPTER : CALL_HALT);
}

/** Walks the next slots. First the adapter is marked, then its slots are looked at: an AF that is opened later sees the mark itself. */
export function walk<M>(lane: usize): void {
  let slot = load<u32>(lane, LANE_WALK_SLOT);
  let last = load<u32>(lane, LANE_WALK_LAST);
  for (let n: u32 = 0; n < STEP_SLOTS; n++) {
    if (slot == last) {
      let adapter = load<u32>(lane, LANE_WALK_ADAPTER);
      const end = load<u32>(lane, LANE_WALK_END);
      while (adapter != end && laneOfAdapter(lane, adapter) != load<u32>(lane, LANE_INDEX)) adapter++;
      if (adapter != end) {
        atomic.store<u8>(load<u32>(lane, LANE_HALTED) + adapter, 1);
        store<u32>(callManagerOf(lane, adapter), traceHalt<M>(lane, adapter), CM_HALT_FRAME);
        slot = firstSlotOf(lane, adapter, 0);
        last = firstSlotOf(lane, adapter + 1, 0);
        adapter++;
      }
      store<u32>(lane, adapter, LANE_WALK_ADAPTER);
      if (slot == last) break;
    }
    const word = wordOf(lane, slot);
    const frame = load<u32>(callManagerOf(lane, adapterOf(placeOf(lane, slot))), CM_HALT_FRAME);
    if ((word & STATE_MASK) == STATE_OPEN) notify<M>(lane, slot, word, frame);
    else if ((word & STATE_MASK) == STATE_REFUSED) notifyRefused<M>(lane, slot, word, frame);
    slot++;
  }
  store<u32>(lane, slot, LANE_WALK_SLOT);
  store<u32>(lane, last, LANE_WALK_LAST);
}
