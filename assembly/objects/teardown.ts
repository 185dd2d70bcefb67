// How a client takes down what is on an AF to close it: calls first, then SAPs, then the AF itself (src/contract/MODEL-OBJECTS.md "Close").
import { CM_HALTED, STATE_BITS, STATE_MASK } from "../abi/layout";
import {
  FAULT_OUTSTANDING_CLOSE,
  FAULT_SAPS_FIRST,
  RULE_NOTIFY_ORDER,
  STATE_CLOSE_PENDED,
  STATE_OPEN,
  STATE_REFUSED,
  STATE_STRANDED,
  STATUS_SUCCESS,
} from "../abi/codes";
import {
  EVENT_PARTY_DONE,
  EVENT_SAP_DONE,
  EVENT_VC_DONE,
  KIND_PARTY,
  KIND_SAP,
  KIND_VC,
  NOTE_PENDED,
  NOTE_TEARING,
  OBJECT_VACANT,
  SAP_REGISTERED,
  SAP_REGISTERING,
  VC_ACTIVATING,
  VC_CALLING,
  VC_CLOSING,
  VC_CONNECTED,
  VC_CREATED,
  VC_ENDING,
  VC_OFFERED,
} from "../abi/object-codes";
import { flush } from "../engine/agenda";
import { isLane } from "../engine/mode";
import { closeTornDown } from "../live/object-closes";
import { noteGone } from "../live/owners";
import { askSlot } from "../ndis/close";
import { strikes } from "../ndis/faults";
import { addSlotNote, clearSlotNotes, slotNotes } from "../ndis/notes";
import { isForgotten } from "../ndis/notify";
import { finishWork, leftOf } from "../ndis/teardown";
import { recordOf } from "../table/handle-table";
import { finishActivation, finishAnswer, finishMaking, waitForCall } from "./call";
import { advance, finishClosing, finishDeactivation, lineOver } from "./call-end";
import { blame } from "./operation";
import { finishParty } from "./party";
import { deregister, finishSap, register } from "./sap";
import {
  afWordOf,
  callManagerOfSlot,
  changeLeft,
  hasObjects,
  isTearing,
  perSlot,
  setVcNotes,
  slotOf,
  stateOf,
  vcNotes,
} from "./table";
import { clientPlace, parentOf, whereOf, whoOf } from "./trace";

/** A bit for every state of a VC whose client has not called the close of its call, or has none. */
const VC_LEFT: u32 =
  (1 << VC_CREATED) | (1 << VC_CALLING) | (1 << VC_ACTIVATING) | (1 << VC_OFFERED) | (1 << VC_CONNECTED);

/** An AF was opened and its client knows: nothing of it is taken down. */
@inline
export function noteTaken(machine: usize, slot: u32): void {
  if (hasObjects(machine)) clearSlotNotes(machine, slot, NOTE_TEARING);
}

/** An AF is open, and its hold is scheduled: the client registers its SAPs, and calls are to come. */
@inline
export function begin<M>(machine: usize, now: u32, slot: u32): void {
  if (hasObjects(machine)) beginSlot<M>(machine, now, slot);
}

export function beginSlot<M>(machine: usize, now: u32, slot: u32): void {
  // The due tick of the hold is noted when it is inserted.
  if (!isLane<M>()) flush<M>(machine, now);
  const saps = perSlot(machine, KIND_SAP);
  for (let n: u32 = 0; n < saps; n++) register<M>(machine, now, slot, n);
  const vcs = perSlot(machine, KIND_VC);
  for (let vc = slot * vcs; vc < (slot + 1) * vcs; vc++) {
    // On lanes what a VC has waited for since its AF's last life may have come first.
    if (!isLane<M>() || stateOf(machine, KIND_VC, vc) == OBJECT_VACANT) waitForCall<M>(machine, now, slot, vc);
  }
}

/** A close of an AF was accepted. */
@inline
export function noteAccepted(machine: usize, slot: u32, pended: bool): void {
  if (!hasObjects(machine)) return;
  if (pended) addSlotNote(machine, slot, NOTE_PENDED);
  else clearSlotNotes(machine, slot, NOTE_PENDED);
}

/** Whether the last accepted close of an AF was pended. */
@inline
export function wasPended(machine: usize, slot: u32): bool {
  return slotNotes(machine, slot, NOTE_PENDED) != 0;
}

/** Whether an AF is open of which the client takes down what is on it, to close it. */
@inline
export function isOpenTearing(machine: usize, slot: u32, word: u32): bool {
  return (word & STATE_MASK) == STATE_OPEN && isTearing(machine, slot);
}

/** Whether a client has not called the close of a call of an AF, or has a VC without one. */
function hasVcs(machine: usize, slot: u32): bool {
  const vcs = perSlot(machine, KIND_VC);
  for (let vc = slot * vcs; vc < (slot + 1) * vcs; vc++) {
    if ((VC_LEFT >>> stateOf(machine, KIND_VC, vc)) & 1) return true;
  }
  return false;
}

/** Whether an AF has a SAP in a state. */
function hasSaps(machine: usize, slot: u32, state: u32): bool {
  const saps = perSlot(machine, KIND_SAP);
  for (let sap = slot * saps; sap < (slot + 1) * saps; sap++) {
    if (stateOf(machine, KIND_SAP, sap) == state) return true;
  }
  return false;
}

/** Whether a client closes an AF by mistake though it has not taken down what is on it. */
export function closesTooEarly(machine: usize, slot: u32, generation: u32): bool {
  if (!strikes(machine, FAULT_OUTSTANDING_CLOSE, slot, generation)) return false;
  return (
    hasVcs(machine, slot) || hasSaps(machine, slot, SAP_REGISTERED) || hasSaps(machine, slot, SAP_REGISTERING)
  );
}

/** The client takes down what is on an AF because it closes it. On a halted adapter that is because of a notification, unless that was forgotten. */
export function tearToClose<M>(machine: usize, now: u32, slot: u32, callManager: usize, who: u32, parent: u32): void {
  const notified = load<u32>(callManager, CM_HALTED) != 0 && !isForgotten(machine, slot);
  tear<M>(machine, now, slot, whereOf(who, parent), notified);
}

/** The client takes down what is on an AF whose close has failed, or was forwarded. */
export function tearAfterwards<M>(machine: usize, now: u32, slot: u32, who: u32, parent: u32): void {
  tear<M>(machine, now, slot, whereOf(who, parent), false);
}

export function tear<M>(machine: usize, now: u32, slot: u32, where: u64, notified: bool): void {
  addSlotNote(machine, slot, NOTE_TEARING);
  if (notified && deregistersFirst<M>(machine, now, slot)) deregisterAll<M>(machine, now, slot, where);
  const vcs = perSlot(machine, KIND_VC);
  for (let vc = slot * vcs; vc < (slot + 1) * vcs && isTearing(machine, slot); vc++) {
    const state = stateOf(machine, KIND_VC, vc);
    if (state == OBJECT_VACANT || vcNotes(machine, vc, VC_ENDING)) continue;
    setVcNotes(machine, vc, 0, VC_ENDING);
    if (state == VC_CONNECTED) advance<M>(machine, now, slot, vc, where);
  }
  settle<M>(machine, now, slot, where);
}

/** The mistake of a notified client that deregisters SAPs while calls are not closed. */
function deregistersFirst<M>(machine: usize, now: u32, slot: u32): bool {
  const word = afWordOf(machine, slot);
  if (!strikes(machine, FAULT_SAPS_FIRST, slot, word >>> STATE_BITS)) return false;
  const vcs = perSlot(machine, KIND_VC);
  let isCalling = false;
  for (let vc = slot * vcs; vc < (slot + 1) * vcs; vc++) {
    if (stateOf(machine, KIND_VC, vc) != OBJECT_VACANT) isCalling = true;
  }
  if (!isCalling || !hasSaps(machine, slot, SAP_REGISTERED)) return false;
  blame<M>(machine, now, slot, RULE_NOTIFY_ORDER, STATUS_SUCCESS);
  return true;
}

/** The client deregisters the SAPs that are registered. What it does can end the close, and open the AF again. */
function deregisterAll<M>(machine: usize, now: u32, slot: u32, where: u64): void {
  const saps = perSlot(machine, KIND_SAP);
  for (let sap = slot * saps; sap < (slot + 1) * saps && isTearing(machine, slot); sap++) {
    if (stateOf(machine, KIND_SAP, sap) == SAP_REGISTERED) deregister<M>(machine, now, slot, sap, where);
  }
}

/** The client goes on: when every call is closed it deregisters the SAPs, and when that is called of all of them it closes the AF. */
function settle<M>(machine: usize, now: u32, slot: u32, where: u64): void {
  if (!isTearing(machine, slot) || hasVcs(machine, slot)) return;
  deregisterAll<M>(machine, now, slot, where);
  if (!isTearing(machine, slot) || hasSaps(machine, slot, SAP_REGISTERING)) return;
  if ((afWordOf(machine, slot) & STATE_MASK) != STATE_OPEN) return;
  if (isLane<M>()) {
    closeTornDown<M>(machine, slot, parentOf(where));
    return;
  }
  const left = leftOf(machine, slot);
  const callManager = callManagerOfSlot(machine, slot);
  const record = recordOf(machine, slot);
  askSlot<M>(machine, now, slot, record, callManager, whoOf(where), parentOf(where), left, false);
}

/** An object of a slot is vacant. After the last one a close that is under way goes on. */
export function gone<M>(machine: usize, now: u32, slot: u32): void {
  if (changeLeft(machine, slot, -1) || !isTearing(machine, slot)) return;
  const word = afWordOf(machine, slot);
  const state = word & STATE_MASK;
  if (isLane<M>()) {
    // A close that has not come so far finds nothing left.
    if (state != STATE_OPEN) noteGone(machine);
    return;
  }
  if (state != STATE_CLOSE_PENDED && state != STATE_REFUSED && state != STATE_STRANDED) return;
  finishWork<M>(machine, now, slot, word, callManagerOfSlot(machine, slot));
}

/** An event of an object, with its index in its table. */
export function objectEvent<M>(machine: usize, now: u32, index: u32, event: u32): void {
  if (event == EVENT_SAP_DONE) {
    finishSap<M>(machine, now, index);
    settleAtLast<M>(machine, now, slotOf(machine, KIND_SAP, index));
  } else if (event == EVENT_PARTY_DONE) {
    finishParty<M>(machine, now, index);
    settleAtLast<M>(machine, now, slotOf(machine, KIND_PARTY, index));
  } else {
    if (event == EVENT_VC_DONE) finishVc<M>(machine, now, index);
    else lineOver<M>(machine, now, index);
    settleAtLast<M>(machine, now, slotOf(machine, KIND_VC, index));
  }
}

@inline
function settleAtLast<M>(machine: usize, now: u32, slot: u32): void {
  if (isTearing(machine, slot)) settle<M>(machine, now, slot, clientPlace<M>(machine, slot));
}

/** The service of an operation on a VC has ended. */
function finishVc<M>(machine: usize, now: u32, vc: u32): void {
  const slot = slotOf(machine, KIND_VC, vc);
  const state = stateOf(machine, KIND_VC, vc);
  if (state == VC_CALLING) finishMaking<M>(machine, now, slot, vc);
  else if (state == VC_ACTIVATING) finishActivation<M>(machine, now, slot, vc);
  else if (state == VC_OFFERED) finishAnswer<M>(machine, now, slot, vc);
  else if (state == VC_CLOSING) finishClosing<M>(machine, now, slot, vc);
  else finishDeactivation<M>(machine, now, slot, vc);
}
