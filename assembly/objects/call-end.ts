// How a call ends: its parties are dropped, it is closed, its VC deactivated and deleted (src/contract/MODEL-OBJECTS.md "Life").
import { STATE_MASK } from "../abi/layout";
import { SHARED_REMOTE } from "../abi/object-layout";
import {
  FAULT_CLOSE_WITH_PARTIES,
  FAULT_DEACTIVATE_TWICE,
  FAULT_DROP_LAST,
  FAULT_IGNORED_CLOSE,
  FAULT_LOST_CALL_COMPLETION,
  FAULT_NO_DEACTIVATE,
  FAULT_REUSE_VC,
  NO_RULE,
  OP_CALL,
  PURPOSE_REMOTE,
  READING_VC_REUSE,
  STATE_OPEN,
  STATUS_FAILURE,
  STATUS_NONE,
  STATUS_NOT_ACCEPTED,
  STATUS_PENDING,
  STATUS_SUCCESS,
} from "../abi/codes";
import {
  CHANGE_CALL_CLOSED,
  CHANGE_CLOSE_COMPLETED,
  CHANGE_CLOSE_PENDED,
  CHANGE_DEACTIVATION_PENDED,
  CHANGE_DELETED,
  EXCHANGE_DELETE_INCOMING,
  EXCHANGE_DELETE_OUTGOING,
  EXCHANGE_INCOMING_CLOSE,
  KIND_PARTY,
  KIND_VC,
  OBJECT_VACANT,
  OPERATION_CLOSE,
  OPERATION_DEACTIVATE,
  OPERATION_MAKE,
  PARTY_CONNECTED,
  RULE_CALL_CLOSE,
  RULE_CALL_INCOMING_CLOSE,
  RULE_CALL_MAKE,
  RULE_VC_DEACTIVATE,
  VC_CLOSED,
  VC_CONNECTED,
  VC_ENDING,
  VC_REMOTE,
  VC_RUNNING,
} from "../abi/object-codes";
import { happens } from "../core/random";
import { hasReading } from "../ndis/readings";
import { completeCall, start, waitForCall } from "./call";
import { strikesObject } from "./fault";
import {
  answerOperation,
  beginExchange,
  beginOperation,
  blame,
  endInner,
  endOuter,
  exchange,
  isPended,
  requestOf,
  scheduleDone,
  standaloneOf,
  tellDriver,
  tellItself,
} from "./operation";
import { dropParties, dropWrongly } from "./party";
import {
  afWordOf,
  change,
  generationOf,
  isOutgoing,
  isTearing,
  partiesOf,
  partyOf,
  setSince,
  setVcNotes,
  sharedOf,
  slotOf,
  stateOf,
  vcNotes,
} from "./table";
import { gone } from "./teardown";
import { callHandles, callOnce, clientPlace, endCall, inside, makeCall, managerPlace, vcHandle } from "./trace";

/** What a VC has waited for: its next call, or the end of the present one. */
export function lineOver<M>(machine: usize, now: u32, vc: u32): void {
  const slot = slotOf(machine, KIND_VC, vc);
  setVcNotes(machine, vc, VC_RUNNING, 0);
  const state = stateOf(machine, KIND_VC, vc);
  if (state == OBJECT_VACANT) start<M>(machine, now, slot, vc);
  else if (state == VC_CONNECTED && vcNotes(machine, vc, VC_ENDING) == 0) endCallOf<M>(machine, now, slot, vc);
}

/** A call has lasted long enough: the client or the network ends it. */
function endCallOf<M>(machine: usize, now: u32, slot: u32, vc: u32): void {
  const threshold = load<u64>(sharedOf(machine), SHARED_REMOTE);
  const remote = happens(machine, PURPOSE_REMOTE, vc, generationOf(machine, KIND_VC, vc), threshold);
  setVcNotes(machine, vc, 0, remote ? VC_ENDING | VC_REMOTE : VC_ENDING);
  const where = clientPlace<M>(machine, slot);
  if (!remote && hasParty(machine, vc) && strikesObject(machine, FAULT_CLOSE_WITH_PARTIES, KIND_VC, vc)) {
    blame<M>(machine, now, slot, RULE_CALL_CLOSE, STATUS_FAILURE);
    failAtCallManager<M>(machine, now, slot, vc, OPERATION_CLOSE, where);
  }
  advance<M>(machine, now, slot, vc, where);
}

/** Whether a party is connected that was added to a call. */
function hasParty(machine: usize, vc: u32): bool {
  const count = partiesOf(machine, vc);
  for (let number: u32 = 1; number <= count; number++) {
    if (stateOf(machine, KIND_PARTY, partyOf(machine, vc, number)) == PARTY_CONNECTED) return true;
  }
  return false;
}

/** The client asks for an operation on a call that the call manager fails, and tells itself. */
function failAtCallManager<M>(machine: usize, now: u32, slot: u32, vc: u32, operation: u32, where: u64): void {
  const handles = callHandles(machine, vc);
  const frame = beginOperation<M>(machine, now, slot, operation, where, handles);
  answerOperation<M>(machine, now, slot, operation, frame, where, handles, STATUS_FAILURE);
  tellItself<M>(machine, now, slot, operation, where, handles, STATUS_FAILURE);
}

/** A call that is to end goes on to its end: its parties are dropped, and when they are gone it is closed. */
export function advance<M>(machine: usize, now: u32, slot: u32, vc: u32, where: u64): void {
  if (stateOf(machine, KIND_VC, vc) != VC_CONNECTED) return;
  const remote = vcNotes(machine, vc, VC_REMOTE) != 0;
  if (!dropParties<M>(machine, now, slot, vc, where, remote)) return;
  if (remote) {
    closeRemotely<M>(machine, now, slot, vc);
    return;
  }
  if (partiesOf(machine, vc) && strikesObject(machine, FAULT_DROP_LAST, KIND_VC, vc)) {
    dropWrongly<M>(machine, now, slot, where, callHandles(machine, vc));
  }
  closed<M>(machine, now, slot, vc, askToClose<M>(machine, now, slot, vc, where));
}

/** The network has ended a call: the call manager tells the client, which closes the call in that. */
function closeRemotely<M>(machine: usize, now: u32, slot: u32, vc: u32): void {
  const handle = vcHandle(machine, vc);
  const where = managerPlace<M>(machine, slot);
  const number = EXCHANGE_INCOMING_CLOSE;
  const ignores = strikesObject(machine, FAULT_IGNORED_CLOSE, KIND_VC, vc);
  const frame = beginExchange<M>(machine, now, slot, number, where, handle, handle, STATUS_SUCCESS);
  let pended = false;
  if (ignores) blame<M>(machine, now, slot, RULE_CALL_INCOMING_CLOSE, STATUS_SUCCESS);
  else pended = askToClose<M>(machine, now, slot, vc, inside(where, frame + 1));
  endInner<M>(machine, now, slot, number, frame, where, handle, STATUS_NONE);
  endOuter<M>(machine, now, slot, number, frame, where, handle, STATUS_NONE);
  if (ignores) setVcNotes(machine, vc, VC_ENDING | VC_REMOTE, 0);
  else closed<M>(machine, now, slot, vc, pended);
}

/** The client asks for the close of a call, in which the call manager deactivates the VC unless it pends; answers whether it does. */
function askToClose<M>(machine: usize, now: u32, slot: u32, vc: u32, where: u64): bool {
  const operation = OPERATION_CLOSE;
  const handles = callHandles(machine, vc);
  const pended = isPended(machine, slot, operation, KIND_VC, vc);
  const status = pended ? STATUS_PENDING : STATUS_SUCCESS;
  setSince(machine, now, KIND_VC, vc);
  const frame = beginOperation<M>(machine, now, slot, operation, where, handles);
  if (!pended) {
    if (strikesObject(machine, FAULT_NO_DEACTIVATE, KIND_VC, vc)) {
      blame<M>(machine, now, slot, RULE_CALL_CLOSE, STATUS_SUCCESS);
    } else {
      deactivate<M>(machine, now, slot, vc, inside(where, frame + 1));
    }
  }
  answerOperation<M>(machine, now, slot, operation, frame, where, handles, status);
  if (!pended) tellItself<M>(machine, now, slot, operation, where, handles, status);
  return pended;
}

/** The client has asked for the close of a call. */
function closed<M>(machine: usize, now: u32, slot: u32, vc: u32, pended: bool): void {
  if (pended) {
    change(machine, now, KIND_VC, vc, CHANGE_CLOSE_PENDED);
    scheduleDone<M>(machine, now, slot, OPERATION_CLOSE, KIND_VC, vc);
  } else {
    change(machine, now, KIND_VC, vc, CHANGE_CALL_CLOSED);
    deleteVc<M>(machine, now, slot, vc);
  }
}

/** The call manager deactivates a VC, which is not pended. */
export function deactivate<M>(machine: usize, now: u32, slot: u32, vc: u32, where: u64): void {
  askToDeactivate<M>(machine, now, slot, vc, where, STATUS_SUCCESS);
  tellItself<M>(machine, now, slot, OPERATION_DEACTIVATE, where, vcHandle(machine, vc), STATUS_SUCCESS);
  if (standaloneOf(machine, slot) || !strikesObject(machine, FAULT_DEACTIVATE_TWICE, KIND_VC, vc)) return;
  const request = requestOf(machine, slot, OPERATION_DEACTIVATE);
  blame<M>(machine, now, slot, RULE_VC_DEACTIVATE, STATUS_NOT_ACCEPTED);
  callOnce<M>(machine, now, slot, OP_CALL, request, where, STATUS_NONE, STATUS_NOT_ACCEPTED, vcHandle(machine, vc));
}

@inline
function askToDeactivate<M>(machine: usize, now: u32, slot: u32, vc: u32, where: u64, status: u32): void {
  const handle = vcHandle(machine, vc);
  const frame = beginOperation<M>(machine, now, slot, OPERATION_DEACTIVATE, where, handle);
  answerOperation<M>(machine, now, slot, OPERATION_DEACTIVATE, frame, where, handle, status);
}

/** The service of a call that is closed has ended. An MCM never pends the deactivation that comes then. */
export function finishClosing<M>(machine: usize, now: u32, slot: u32, vc: u32): void {
  if (strikesObject(machine, FAULT_LOST_CALL_COMPLETION, KIND_VC, vc)) return;
  const where = managerPlace<M>(machine, slot);
  if (strikesObject(machine, FAULT_NO_DEACTIVATE, KIND_VC, vc)) {
    completeClose<M>(machine, now, slot, vc, RULE_CALL_CLOSE);
  } else if (standaloneOf(machine, slot) && isPended(machine, slot, OPERATION_DEACTIVATE, KIND_VC, vc)) {
    askToDeactivate<M>(machine, now, slot, vc, where, STATUS_PENDING);
    change(machine, now, KIND_VC, vc, CHANGE_DEACTIVATION_PENDED);
    scheduleDone<M>(machine, now, slot, OPERATION_DEACTIVATE, KIND_VC, vc);
  } else {
    deactivate<M>(machine, now, slot, vc, where);
    completeClose<M>(machine, now, slot, vc, NO_RULE);
  }
}

/** NDIS has deactivated a VC. */
export function finishDeactivation<M>(machine: usize, now: u32, slot: u32, vc: u32): void {
  const where = managerPlace<M>(machine, slot);
  tellDriver<M>(machine, now, slot, OPERATION_DEACTIVATE, where, vcHandle(machine, vc), STATUS_SUCCESS);
  completeClose<M>(machine, now, slot, vc, NO_RULE);
}

function completeClose<M>(machine: usize, now: u32, slot: u32, vc: u32, rule: u32): void {
  completeCall<M>(machine, now, slot, vc, OPERATION_CLOSE, STATUS_SUCCESS, rule);
  change(machine, now, KIND_VC, vc, CHANGE_CLOSE_COMPLETED);
  deleteVc<M>(machine, now, slot, vc);
}

/** Who has created a VC deletes it; it waits for its next call. */
export function deleteVc<M>(machine: usize, now: u32, slot: u32, vc: u32): void {
  const outgoing = isOutgoing(machine, vc);
  const client = clientPlace<M>(machine, slot);
  const isOver = stateOf(machine, KIND_VC, vc) == VC_CLOSED;
  if (isOver && outgoing && strikesObject(machine, FAULT_REUSE_VC, KIND_VC, vc)) reuse<M>(machine, now, slot, vc, client);
  const handle = vcHandle(machine, vc);
  const where = outgoing ? client : managerPlace<M>(machine, slot);
  const number = outgoing ? EXCHANGE_DELETE_OUTGOING : EXCHANGE_DELETE_INCOMING;
  exchange<M>(machine, now, slot, number, where, handle, handle, STATUS_SUCCESS);
  change(machine, now, KIND_VC, vc, CHANGE_DELETED);
  const isOpen = (afWordOf(machine, slot) & STATE_MASK) == STATE_OPEN;
  if (isOpen && !isTearing(machine, slot)) waitForCall<M>(machine, now, slot, vc);
  gone<M>(machine, now, slot);
}

/** The client makes another call on a VC whose call was closed: NDIS fails it, or the call manager where the contract is read so that it may. */
function reuse<M>(machine: usize, now: u32, slot: u32, vc: u32, where: u64): void {
  if (hasReading(READING_VC_REUSE)) {
    failAtCallManager<M>(machine, now, slot, vc, OPERATION_MAKE, where);
    return;
  }
  const request = requestOf(machine, slot, OPERATION_MAKE);
  blame<M>(machine, now, slot, RULE_CALL_MAKE, STATUS_FAILURE);
  const frame = makeCall<M>(machine, now, slot, OP_CALL, request, where, STATUS_NONE, vcHandle(machine, vc));
  endCall<M>(machine, now, slot, request, frame, where, STATUS_FAILURE, callHandles(machine, vc));
}
