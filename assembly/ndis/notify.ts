// Close notifications: a call manager that goes has the client of an AF close it; a client that pends the notification completes it
// when the close has ended (src/contract/MODEL-DRIVERS.md "Halt"). All of it happens on halted adapters only.
import {
  AF_WORD,
  CM_PROFILE,
  PROFILE_NOTIFY,
  PROFILE_NOTIFY_CLOSING,
  SHARD_NOTIFY_PENDS,
  STATE_BITS,
  STATE_MASK,
  TOTAL_OTHER_CALLS,
} from "../abi/layout";
import {
  CALL_CL_NOTIFIED,
  CALL_CL_NOTIFY_COMPLETE,
  CALL_CM_NOTIFY_COMPLETE,
  DISPATCH_LEVEL,
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
  PASSIVE_LEVEL,
  PURPOSE_NOTIFY_PENDS,
  READING_DELIVERED,
  RULE_CLOSE_BLOCKED,
  RULE_CLOSE_CM_STALE,
  RULE_IRQL_CALLER,
  RULE_NOTIFY_OWED,
  RULE_NOTIFY_REQUIRED,
  STATE_CLOSE_PENDED,
  STATE_REFUSED,
  STATE_STRANDED,
  STATE_VACANT,
  STATUS_FAILURE,
  STATUS_NONE,
  STATUS_PENDING,
  STATUS_SUCCESS,
  TRANSITION_NOT_NOTIFIED,
} from "../abi/codes";
import { happens } from "../core/random";
import { isTraced } from "../engine/mode";
import { isOpenTearing } from "../objects/teardown";
import { recordOf, transit } from "../table/handle-table";
import { isBound } from "./bindings";
import { closeSlot } from "./close";
import { addTotal } from "./counts";
import { extraNotification, extraNotifyCompletion } from "./extra-calls";
import { strikes } from "./faults";
import { judgeTold, observeAnswer, observeNotifyCompletion } from "./judge-ndis";
import { addSlotNote, slotNotes, clearSlotNotes } from "./notes";
import { hasReading } from "./readings";
import { checkIrql, violate } from "./rules";
import {
  callManagerContext,
  clientContext,
  irqlOf,
  traceCall,
  traceNested,
  traceOnce,
  traceReturn,
  traceReturns,
  traceWaiting,
} from "./trace";

/** Whether a slot's client owes the completion of a notification. */
@inline
export function owesNotification(machine: usize, slot: u32): bool {
  return slotNotes(machine, slot, NOTE_OWES) != 0;
}

/** Whether it completes it when its close has ended, as it should. */
@inline
export function completesNotification(machine: usize, slot: u32, generation: u32): bool {
  return owesNotification(machine, slot) && !strikes(machine, FAULT_LOST_NOTIFY_COMPLETION, slot, generation);
}

/** Whether a halt has passed a slot over that its client has not closed since. */
@inline
export function isForgotten(machine: usize, slot: u32): bool {
  return slotNotes(machine, slot, NOTE_FORGOTTEN) != 0;
}

/** The client closes an open AF because it is unbound; on a halted adapter that is one that a halt forgot. */
export function closeUnnotified<M>(machine: usize, now: u32, slot: u32, callManager: usize): void {
  closeSlot<M>(machine, now, slot, callManager, clientContext<M>(machine, slot, PASSIVE_LEVEL), 0);
  clearSlotNotes(machine, slot, NOTE_FORGOTTEN);
}

/** The mistake of not notifying of an open AF: its client closes it when it is unbound, now or later. */
export function passOver<M>(machine: usize, now: u32, slot: u32, callManager: usize): void {
  const record = recordOf(machine, slot);
  const word = load<u32>(record, AF_WORD);
  violate(machine, callManager, now, slot, word, RULE_NOTIFY_REQUIRED, STATUS_SUCCESS);
  addSlotNote(machine, slot, NOTE_FORGOTTEN);
  if (isBound(machine, slot)) transit(callManager, record, now, slot, word, TRANSITION_NOT_NOTIFIED);
  else closeUnnotified<M>(machine, now, slot, callManager);
}

/**
 * The call manager of a halted adapter notifies the client of an open AF, in the frame `parent`; the client closes it. It does so in the walk
 * of a halt (`walking`), or later, when an open that was pended then has ended.
 */
export function notify<M>(
  machine: usize,
  now: u32,
  slot: u32,
  callManager: usize,
  parent: u32,
  walking: bool,
): void {
  const record = recordOf(machine, slot);
  const word = load<u32>(record, AF_WORD);
  const generation = word >>> STATE_BITS;
  if (strikes(machine, FAULT_FORGOTTEN_NOTIFY, slot, generation)) {
    passOver<M>(machine, now, slot, callManager);
    return;
  }
  const who = notifier<M>(machine, now, slot, word, callManager);
  const call = notificationOf(callManager);
  addTotal(TOTAL_OTHER_CALLS, 2);
  let frame: u32 = 0;
  if (isTraced<M>()) frame = traceNested(machine, now, slot, word, call, CALL_CL_NOTIFIED, parent, who, STATUS_NONE);
  const pends = happens(machine, PURPOSE_NOTIFY_PENDS, slot, generation, load<u64>(SHARD_NOTIFY_PENDS));
  let status: u32 = STATUS_PENDING;
  if (!pends) {
    closeSlot<M>(machine, now, slot, callManager, who, frame + 1);
    status = answerOf<M>(machine, now, slot, callManager, who, frame + 1);
  }
  if (status == STATUS_PENDING) addSlotNote(machine, slot, NOTE_OWES);
  answer<M>(machine, now, slot, word, call, frame, who, status);
  if (pends) closeSlot<M>(machine, now, slot, callManager, clientContext<M>(machine, slot, PASSIVE_LEVEL), 0);
  completeEarly<M>(machine, now, slot, generation, callManager);
  if (!walking || (load<u32>(record, AF_WORD) & STATE_MASK) != STATE_VACANT) return;
  if (!strikes(machine, FAULT_WALK_REPEATS, slot, generation)) return;
  extraNotification<M>(machine, now, slot, generation, callManager, parent, RULE_CLOSE_CM_STALE);
}

/** The client returns from ProtocolClNotifyCloseAf, and NDIS to the call manager with the same status. */
@inline
function answer<M>(
  machine: usize,
  now: u32,
  slot: u32,
  word: u32,
  call: u32,
  frame: u32,
  who: u32,
  status: u32,
): void {
  observeAnswer(machine, slot, status);
  if (isTraced<M>()) traceReturns(machine, now, slot, word, call, CALL_CL_NOTIFIED, frame, who, status, status);
}

/** What the client returns from ProtocolClNotifyCloseAf, the frame `parent`, in which it has closed the AF. */
@inline
function answerOf<M>(machine: usize, now: u32, slot: u32, callManager: usize, who: u32, parent: u32): u32 {
  const word = load<u32>(recordOf(machine, slot), AF_WORD);
  const generation = word >>> STATE_BITS;
  const state = word & STATE_MASK;
  if (state == STATE_VACANT) return STATUS_SUCCESS;
  if (state == STATE_STRANDED) return STATUS_FAILURE;
  if (state != STATE_CLOSE_PENDED) return STATUS_PENDING;
  if (strikes(machine, FAULT_NOTIFY_WAIT, slot, generation)) {
    violate(machine, callManager, now, slot, word, RULE_CLOSE_BLOCKED, STATUS_SUCCESS);
    if (isTraced<M>()) traceWaiting(machine, now, slot, word, who, parent);
  }
  return unlessSuccess(machine, now, slot, word, callManager);
}

/** PENDING, which a client returns whose close has not ended, or by mistake SUCCESS. */
function unlessSuccess(machine: usize, now: u32, slot: u32, word: u32, callManager: usize): u32 {
  if (!strikes(machine, FAULT_NOTIFY_SUCCESS, slot, word >>> STATE_BITS)) return STATUS_PENDING;
  violate(machine, callManager, now, slot, word, RULE_NOTIFY_OWED, STATUS_SUCCESS);
  return STATUS_SUCCESS;
}

/** What a halt does with an AF that is not open: of one whose client is about to close it again, or is closing it, it may notify. */
export function notifyClosing<M>(machine: usize, now: u32, slot: u32, callManager: usize, parent: u32): void {
  const word = load<u32>(recordOf(machine, slot), AF_WORD);
  const state = word & STATE_MASK;
  if (state == STATE_REFUSED || isOpenTearing(machine, slot, word)) {
    deliver<M>(machine, now, slot, word, callManager, parent);
  } else if (state == STATE_CLOSE_PENDED && load<u32>(load<u32>(callManager, CM_PROFILE), PROFILE_NOTIFY_CLOSING)) {
    if (hasReading(READING_DELIVERED)) deliver<M>(machine, now, slot, word, callManager, parent);
    else failNotification<M>(machine, now, slot, word, callManager, parent);
  }
}

/** NDIS fails the notification of an AF that is closing. */
function failNotification<M>(
  machine: usize,
  now: u32,
  slot: u32,
  word: u32,
  callManager: usize,
  parent: u32,
): void {
  const who = notifier<M>(machine, now, slot, word, callManager);
  const call = notificationOf(callManager);
  addTotal(TOTAL_OTHER_CALLS, 1);
  if (!isTraced<M>()) return;
  traceOnce(machine, now, slot, word, OP_CALL, call, parent, who, STATUS_NONE, STATUS_FAILURE);
}

/** The client is notified of an AF that it closes anyway: it only pends. */
function deliver<M>(machine: usize, now: u32, slot: u32, word: u32, callManager: usize, parent: u32): void {
  const who = notifier<M>(machine, now, slot, word, callManager);
  const call = notificationOf(callManager);
  const status = unlessSuccess(machine, now, slot, word, callManager);
  addTotal(TOTAL_OTHER_CALLS, 2);
  if (status == STATUS_PENDING) addSlotNote(machine, slot, NOTE_OWES);
  let frame: u32 = 0;
  if (isTraced<M>()) frame = traceNested(machine, now, slot, word, call, CALL_CL_NOTIFIED, parent, who, STATUS_NONE);
  answer<M>(machine, now, slot, word, call, frame, who, status);
  completeEarly<M>(machine, now, slot, word >>> STATE_BITS, callManager);
}

/** The call by which a call manager notifies. */
@inline
function notificationOf(callManager: usize): u32 {
  return load<u32>(load<u32>(callManager, CM_PROFILE), PROFILE_NOTIFY);
}

/** Who makes that call: the call manager's processor, at PASSIVE_LEVEL but for a mistake, which is judged. */
@inline
function notifier<M>(machine: usize, now: u32, slot: u32, word: u32, callManager: usize): u32 {
  const high = strikes(machine, FAULT_NOTIFY_IRQL, slot, word >>> STATE_BITS);
  const irql = high ? DISPATCH_LEVEL : PASSIVE_LEVEL;
  checkIrql(machine, callManager, now, slot, word, RULE_IRQL_CALLER, notificationOf(callManager), irql);
  return callManagerContext<M>(machine, slot, irql);
}

/** The mistake of completing a notification while the close is still pended. */
@inline
function completeEarly<M>(machine: usize, now: u32, slot: u32, generation: u32, callManager: usize): void {
  if (!owesNotification(machine, slot)) return;
  const word = load<u32>(recordOf(machine, slot), AF_WORD);
  const state = word & STATE_MASK;
  if (state != STATE_CLOSE_PENDED && state != STATE_REFUSED && !isOpenTearing(machine, slot, word)) return;
  if (!strikes(machine, FAULT_EARLY_NOTIFY_COMPLETION, slot, generation)) return;
  extraNotifyCompletion<M>(machine, now, slot, generation, callManager, RULE_NOTIFY_OWED);
}

/** A close on a halted adapter has ended: a client that has pended the notification completes it with a status. */
export function finishNotify<M>(machine: usize, now: u32, slot: u32, callManager: usize, status: u32): void {
  const word = load<u32>(recordOf(machine, slot), AF_WORD);
  const generation = word >>> STATE_BITS;
  if (!completesNotification(machine, slot, generation)) return;
  clearSlotNotes(machine, slot, NOTE_OWES);
  const who = clientContext<M>(machine, slot, PASSIVE_LEVEL);
  const call = CALL_CL_NOTIFY_COMPLETE;
  addTotal(TOTAL_OTHER_CALLS, 1);
  checkIrql(machine, callManager, now, slot, word, RULE_IRQL_CALLER, call, irqlOf(who));
  let frame: u32 = 0;
  if (isTraced<M>()) frame = traceCall(machine, now, slot, word, OP_CALL, call, 0, who, status);
  observeNotifyCompletion(machine, slot, status);
  tellCallManager<M>(machine, now, slot, word, callManager, frame, who, status);
  if (isTraced<M>()) traceReturn(machine, now, slot, word, call, frame, who, STATUS_NONE);
  if (!strikes(machine, FAULT_DOUBLE_NOTIFY_COMPLETION, slot, generation)) return;
  extraNotifyCompletion<M>(machine, now, slot, generation, callManager, RULE_NOTIFY_OWED);
}

/** NDIS tells the call manager that the client has completed a notification, in the frame of that call. */
function tellCallManager<M>(
  machine: usize,
  now: u32,
  slot: u32,
  word: u32,
  callManager: usize,
  parent: u32,
  who: u32,
  status: u32,
): void {
  const call = CALL_CM_NOTIFY_COMPLETE;
  addTotal(TOTAL_OTHER_CALLS, 1);
  judgeTold(machine, now, slot, callManager, status);
  if (!isTraced<M>()) return;
  traceOnce(machine, now, slot, word, OP_CALL, call, parent, who, status, STATUS_NONE);
}
