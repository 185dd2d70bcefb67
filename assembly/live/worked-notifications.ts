// Notifications of AFs with work on them, and of those whose client is about to close them again. The call manager's lane claims the AF before
// it notifies, so that its client's lane cannot close it meanwhile.
import { CM_PROFILE, PROFILE_NOTIFY, SHARD_NOTIFY_PENDS, TOTAL_OTHER_CALLS } from "../abi/layout";
import { LANE_TOTAL_LOST_RACES } from "../abi/lane-layout";
import {
  CALL_CL_NOTIFIED,
  DISPATCH_LEVEL,
  FAULT_NOTIFY_IRQL,
  FAULT_NOTIFY_SUCCESS,
  FAULT_NOTIFY_WAIT,
  OP_CALL,
  OP_WAIT,
  OP_WAKE,
  PASSIVE_LEVEL,
  PURPOSE_NOTIFY_PENDS,
  RULE_CLOSE_BLOCKED,
  RULE_IRQL_CALLER,
  RULE_NOTIFY_OWED,
  STATE_CLOSE_PENDED,
  STATE_REFUSED,
  STATE_STRANDED,
  STATE_VACANT,
  STATUS_FAILURE,
  STATUS_NONE,
  STATUS_PENDING,
  STATUS_SUCCESS,
} from "../abi/codes";
import { happens } from "../core/random";
import { strikes } from "../ndis/faults";
import { isTooHigh } from "../ndis/rules";
import { adapterOf, callManagerOf, placeOf } from "../table/handle-table";
import { count, countOwn, generationOf, inState, swap, violate, STATE_CLOSING } from "./lane";
import { completeEarly, finishNotification, noteOwes, returnBoth } from "./notifications";
import { traceAct, traceCall } from "./records";
import { claim, closeClaimed, goOn } from "./worked-closes";

/** The call manager of a halting adapter notifies of an AF that was open, in the frame `parent`; the client tears down and closes. */
export function notifyWithWork<M>(lane: usize, slot: u32, word: u32, work: u32, parent: u32): void {
  // Its client was faster.
  if (!claim(lane, slot, word)) return countOwn(lane, LANE_TOTAL_LOST_RACES, 1);
  const generation = generationOf(word);
  const irql = begin(lane, slot, word);
  const call = callOf(lane, slot);
  const pends = happens(lane, PURPOSE_NOTIFY_PENDS, slot, generation, load<u64>(SHARD_NOTIFY_PENDS));
  const outer = traceCall<M>(lane, OP_CALL, call, slot, word, STATUS_NONE, parent, irql);
  const inner = traceCall<M>(lane, OP_CALL, CALL_CL_NOTIFIED, slot, word, STATUS_NONE, outer, irql);
  if (pends) {
    noteOwes(lane, slot);
    returnBoth<M>(lane, call, slot, word, STATUS_PENDING, outer, inner, irql);
  }
  const state = closeClaimed<M>(lane, slot, word, work, pends ? 0 : inner, true);
  answer<M>(lane, slot, word, state, pends, outer, inner, irql);
  goOn<M>(lane, slot, word, state);
}

/** The client, whose close in a notification has brought the AF to `state`, answers it, unless it has pended it before. */
export function answer<M>(
  lane: usize,
  slot: u32,
  word: u32,
  state: u32,
  pends: bool,
  outer: u32,
  inner: u32,
  irql: u32,
): void {
  let owes = pends;
  if (!pends) {
    if (state == STATE_CLOSE_PENDED && strikes(lane, FAULT_NOTIFY_WAIT, slot, generationOf(word))) waitInside<M>(lane, slot, word, inner, irql);
    let status = STATUS_SUCCESS;
    if (state == STATE_STRANDED) status = STATUS_FAILURE;
    else if (state != STATE_VACANT) status = answerOf(lane, slot, word, state);
    owes = status == STATUS_PENDING;
    if (owes) noteOwes(lane, slot);
    returnBoth<M>(lane, callOf(lane, slot), slot, word, status, outer, inner, irql);
  } else if (state == STATE_STRANDED) finishNotification<M>(lane, slot, word, STATUS_FAILURE);
  if (owes && state != STATE_STRANDED && state != STATE_VACANT) completeEarly<M>(lane, slot, word);
}

/** The mistake of waiting for the completion of the close inside of the notification; it is given up at once. */
function waitInside<M>(lane: usize, slot: u32, word: u32, parent: u32, irql: u32): void {
  violate(lane, slot, word, RULE_CLOSE_BLOCKED);
  traceAct<M>(lane, OP_WAIT, slot, word, parent, irql);
  traceAct<M>(lane, OP_WAKE, slot, word, parent, irql);
}

/** The call manager of a halting adapter notifies of an AF whose client is about to close it again. */
export function notifyRefused<M>(lane: usize, slot: u32, word: u32, parent: u32): void {
  // Its client is closing it.
  if (!claim(lane, slot, word)) return;
  deliver<M>(lane, slot, word, parent);
  swap(lane, slot, inState(word, STATE_CLOSING), inState(word, STATE_REFUSED));
}

/** The client is notified of an AF that it closes anyway, and that this lane holds: it only pends. */
export function deliver<M>(lane: usize, slot: u32, word: u32, parent: u32): void {
  const irql = begin(lane, slot, word);
  const call = callOf(lane, slot);
  const status = answerOf(lane, slot, word, STATE_CLOSE_PENDED);
  if (status == STATUS_PENDING) noteOwes(lane, slot);
  const outer = traceCall<M>(lane, OP_CALL, call, slot, word, STATUS_NONE, parent, irql);
  const inner = traceCall<M>(lane, OP_CALL, CALL_CL_NOTIFIED, slot, word, STATUS_NONE, outer, irql);
  returnBoth<M>(lane, call, slot, word, status, outer, inner, irql);
  if (status == STATUS_PENDING) completeEarly<M>(lane, slot, word);
}

/** Judges and counts the call of a notification; answers its IRQL. */
export function begin(lane: usize, slot: u32, word: u32): u32 {
  const irql = strikes(lane, FAULT_NOTIFY_IRQL, slot, generationOf(word)) ? DISPATCH_LEVEL : PASSIVE_LEVEL;
  count(lane, TOTAL_OTHER_CALLS, 2);
  if (isTooHigh(callOf(lane, slot), irql)) violate(lane, slot, word, RULE_IRQL_CALLER);
  return irql;
}

@inline
export function callOf(lane: usize, slot: u32): u32 {
  return load<u32>(load<u32>(callManagerOf(lane, adapterOf(placeOf(lane, slot))), CM_PROFILE), PROFILE_NOTIFY);
}

/** PENDING, which a client returns whose close has not ended, or by mistake SUCCESS where that is pended. */
function answerOf(lane: usize, slot: u32, word: u32, state: u32): u32 {
  if (state != STATE_CLOSE_PENDED || !strikes(lane, FAULT_NOTIFY_SUCCESS, slot, generationOf(word))) return STATUS_PENDING;
  violate(lane, slot, word, RULE_NOTIFY_OWED);
  return STATUS_SUCCESS;
}
