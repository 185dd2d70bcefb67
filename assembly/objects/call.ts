// The life of a call on a VC until it is connected: who creates the VC, makes the call, activates the VC and answers
// (src/contract/MODEL-OBJECTS.md "Life"). How it ends is in call-end.ts.
import {
  AF_LINK,
  MACHINE_BEYOND,
  MACHINE_DRAINING,
  MACHINE_HORIZON,
  SAMPLER_CONSTANT,
  SAMPLER_TICKS,
  SHARD_GENERATION_MAX,
  STATE_MASK,
} from "../abi/layout";
import { SERVE_FAILS, SHARED_GAP, SHARED_LASTS, SHARED_REJECTS } from "../abi/object-layout";
import {
  FAULT_CALL_COMPLETION_STATUS,
  FAULT_CREATE_PENDING,
  FAULT_DELETE_ACTIVE,
  FAULT_DISPATCH_FIRST,
  FAULT_LOST_ANSWER,
  FAULT_LOST_CALL_COMPLETION,
  FAULT_UNACTIVATED_CALL,
  NO_RULE,
  OP_CALL,
  OP_CALL_AS_CLIENT,
  PURPOSE_CALL_FAILS,
  PURPOSE_CALL_LASTS,
  PURPOSE_GAP,
  STATE_OPEN,
  STATUS_FAILURE,
  STATUS_NONE,
  STATUS_NOT_ACCEPTED,
  STATUS_PENDING,
  STATUS_SUCCESS,
} from "../abi/codes";
import {
  CHANGE_ACTIVATION_PENDED,
  CHANGE_ANSWER_PENDED,
  CHANGE_CALL_FAILED,
  CHANGE_CALL_PENDED,
  CHANGE_CONNECTED,
  CHANGE_CREATED,
  CHANGE_REJECTED,
  EVENT_LINE,
  EXCHANGE_CONNECTED,
  EXCHANGE_CREATE_INCOMING,
  EXCHANGE_CREATE_OUTGOING,
  EXCHANGE_DELETE_OUTGOING,
  KIND_SAP,
  KIND_VC,
  OPERATION_ACTIVATE,
  OPERATION_ANSWER,
  OPERATION_MAKE,
  RULE_CALL_OWED,
  RULE_VC_ACTIVATE,
  RULE_VC_CREATE,
  RULE_VC_DELETE,
  RULE_VC_ORDER,
  VC_ENDING,
  VC_REMOTE,
  VC_RUNNING,
} from "../abi/object-codes";
import { draw, happens } from "../core/random";
import { sampleTicks } from "../core/sampler";
import { scheduleAfter } from "../engine/agenda";
import { isLane } from "../engine/mode";
import { handOverLine } from "../live/object-events";
import { recordOf } from "../table/handle-table";
import { advance, deactivate, deleteVc } from "./call-end";
import { strikesObject } from "./fault";
import {
  answerOperation,
  beginExchange,
  beginOperation,
  blame,
  completeOperation,
  endInner,
  endOuter,
  exchange,
  innerOf,
  isLate,
  isPended,
  outerOf,
  scheduleDone,
  servesOf,
  tellDriver,
  tellItself,
} from "./operation";
import { addParties } from "./party";
import {
  afWordOf,
  change,
  changeLeft,
  generationOf,
  isOutgoing,
  isTearing,
  numberOf,
  outgoingPerSlot,
  perSlot,
  setGeneration,
  setSince,
  setVcNotes,
  sharedOf,
  vcNotes,
} from "./table";
import { callHandles, callOnce, clientPlace, inside, managerPlace, sapHandle, vcHandle } from "./trace";

/** A VC waits for its next call, or a call for its end: unless the AF is to be closed before. */
function wait<M>(machine: usize, now: u32, slot: u32, vc: u32, sampler: usize, purpose: u32): void {
  if (vcNotes(machine, vc, VC_RUNNING)) return;
  if (isLane<M>()) {
    // It may come when the AF is closed: then it does nothing.
    setVcNotes(machine, vc, 0, VC_RUNNING);
    handOverLine(machine, slot, vc, purpose);
    return;
  }
  let ticks: u64 = load<u32>(sampler, SAMPLER_TICKS);
  if (load<u32>(sampler, SAMPLER_CONSTANT) == 0) {
    ticks = sampleTicks(sampler, draw(machine, purpose, vc, generationOf(machine, KIND_VC, vc)));
  }
  ticks = max(1, ticks);
  const due = (now as u64) + ticks;
  if (due >= (load<u32>(recordOf(machine, slot), AF_LINK) as u64)) return;
  if (due >= (load<u32>(machine, MACHINE_HORIZON) as u64)) {
    store<u32>(machine, 1, MACHINE_BEYOND);
    return;
  }
  setVcNotes(machine, vc, 0, VC_RUNNING);
  scheduleAfter<M>(machine, now, vc, EVENT_LINE, ticks as u32);
}

/** A VC waits for its next call. */
export function waitForCall<M>(machine: usize, now: u32, slot: u32, vc: u32): void {
  wait<M>(machine, now, slot, vc, load<u32>(sharedOf(machine), SHARED_GAP), PURPOSE_GAP);
}

/** A VC is created for its next call, if its AF is open and stays so. */
export function start<M>(machine: usize, now: u32, slot: u32, vc: u32): void {
  if ((afWordOf(machine, slot) & STATE_MASK) != STATE_OPEN || isTearing(machine, slot)) return;
  if (load<u32>(machine, MACHINE_DRAINING)) return;
  const generation = generationOf(machine, KIND_VC, vc) + 1;
  if (generation > load<u32>(SHARD_GENERATION_MAX)) return;
  setGeneration(machine, KIND_VC, vc, generation);
  setVcNotes(machine, vc, VC_ENDING | VC_REMOTE, 0);
  if (isOutgoing(machine, vc)) startOutgoing<M>(machine, now, slot, vc);
  else startIncoming<M>(machine, now, slot, vc);
}

function startOutgoing<M>(machine: usize, now: u32, slot: u32, vc: u32): void {
  const where = clientPlace<M>(machine, slot);
  const handle = vcHandle(machine, vc);
  const number = EXCHANGE_CREATE_OUTGOING;
  const frame = beginExchange<M>(machine, now, slot, number, where, 0, handle, STATUS_NONE);
  if (strikesObject(machine, FAULT_CREATE_PENDING, KIND_VC, vc)) {
    blame<M>(machine, now, slot, RULE_VC_CREATE, STATUS_PENDING);
    endInner<M>(machine, now, slot, number, frame, where, handle, STATUS_PENDING);
    undoCreation<M>(machine, now, slot, inside(where, frame), handle);
    endOuter<M>(machine, now, slot, number, frame, where, 0, STATUS_FAILURE);
    waitForCall<M>(machine, now, slot, vc);
    return;
  }
  endInner<M>(machine, now, slot, number, frame, where, handle, STATUS_SUCCESS);
  endOuter<M>(machine, now, slot, number, frame, where, handle, STATUS_SUCCESS);
  created(machine, now, slot, vc);
  make<M>(machine, now, slot, vc, where);
}

/** NDIS has the call manager delete a VC whose creation it has pended. */
function undoCreation<M>(machine: usize, now: u32, slot: u32, where: u64, handle: u64): void {
  const inner = innerOf(machine, EXCHANGE_DELETE_OUTGOING);
  callOnce<M>(machine, now, slot, OP_CALL_AS_CLIENT, inner, where, STATUS_NONE, STATUS_SUCCESS, handle);
}

@inline
function created(machine: usize, now: u32, slot: u32, vc: u32): void {
  change(machine, now, KIND_VC, vc, CHANGE_CREATED);
  changeLeft(machine, slot, 1);
}

function startIncoming<M>(machine: usize, now: u32, slot: u32, vc: u32): void {
  const where = managerPlace<M>(machine, slot);
  const handle = vcHandle(machine, vc);
  exchange<M>(machine, now, slot, EXCHANGE_CREATE_INCOMING, where, 0, handle, STATUS_SUCCESS);
  created(machine, now, slot, vc);
  if (strikesObject(machine, FAULT_DISPATCH_FIRST, KIND_VC, vc)) {
    blame<M>(machine, now, slot, RULE_VC_ORDER, STATUS_SUCCESS);
    offer<M>(machine, now, slot, vc, true);
  } else if (!activate<M>(machine, now, slot, vc, where, true)) {
    offer<M>(machine, now, slot, vc, false);
  }
}

/** The call manager activates a VC at `where`; answers whether that is pended, where it `may` be. */
function activate<M>(machine: usize, now: u32, slot: u32, vc: u32, where: u64, may: bool): bool {
  const operation = OPERATION_ACTIVATE;
  const handle = vcHandle(machine, vc);
  const pended = may && isPended(machine, slot, operation, KIND_VC, vc);
  const status = pended ? STATUS_PENDING : STATUS_SUCCESS;
  const frame = beginOperation<M>(machine, now, slot, operation, where, handle);
  answerOperation<M>(machine, now, slot, operation, frame, where, handle, status);
  if (!pended) {
    tellItself<M>(machine, now, slot, operation, where, handle, status);
    return false;
  }
  change(machine, now, KIND_VC, vc, CHANGE_ACTIVATION_PENDED);
  scheduleDone<M>(machine, now, slot, operation, KIND_VC, vc);
  return true;
}

/** How an outgoing call that is made ends. */
@inline
function outcomeOf(machine: usize, slot: u32, vc: u32): u32 {
  const threshold = load<u64>(servesOf(machine, slot), SERVE_FAILS);
  const fails = happens(machine, PURPOSE_CALL_FAILS, vc, generationOf(machine, KIND_VC, vc), threshold);
  return fails ? STATUS_FAILURE : STATUS_SUCCESS;
}

/** How a client answers an incoming call. */
@inline
function answerOf(machine: usize, vc: u32): u32 {
  const threshold = load<u64>(sharedOf(machine), SHARED_REJECTS);
  const rejects = happens(machine, PURPOSE_CALL_FAILS, vc, generationOf(machine, KIND_VC, vc), threshold);
  return rejects ? STATUS_FAILURE : STATUS_SUCCESS;
}

/** The client makes a call; the call manager activates the VC inside that, unless it pends or fails the call. */
function make<M>(machine: usize, now: u32, slot: u32, vc: u32, where: u64): void {
  const operation = OPERATION_MAKE;
  const handles = callHandles(machine, vc);
  const result = outcomeOf(machine, slot, vc);
  const pended = isPended(machine, slot, operation, KIND_VC, vc);
  setSince(machine, now, KIND_VC, vc);
  const frame = beginOperation<M>(machine, now, slot, operation, where, handles);
  if (!pended && result == STATUS_SUCCESS) {
    if (strikesObject(machine, FAULT_UNACTIVATED_CALL, KIND_VC, vc)) {
      blame<M>(machine, now, slot, RULE_VC_ACTIVATE, STATUS_SUCCESS);
    } else {
      activate<M>(machine, now, slot, vc, inside(where, frame + 1), false);
    }
  }
  answerOperation<M>(machine, now, slot, operation, frame, where, handles, pended ? STATUS_PENDING : result);
  if (pended) {
    change(machine, now, KIND_VC, vc, CHANGE_CALL_PENDED);
    scheduleDone<M>(machine, now, slot, operation, KIND_VC, vc);
    return;
  }
  tellItself<M>(machine, now, slot, operation, where, handles, result);
  made<M>(machine, now, slot, vc, result);
}

/** An outgoing call has succeeded or failed. */
function made<M>(machine: usize, now: u32, slot: u32, vc: u32, result: u32): void {
  if (result == STATUS_SUCCESS) {
    change(machine, now, KIND_VC, vc, CHANGE_CONNECTED);
    connected<M>(machine, now, slot, vc);
  } else {
    change(machine, now, KIND_VC, vc, CHANGE_CALL_FAILED);
    deleteVc<M>(machine, now, slot, vc);
  }
}

/** The call manager completes the making or closing of a call, which may break a rule, of which it breaks the first. */
export function completeCall<M>(
  machine: usize,
  now: u32,
  slot: u32,
  vc: u32,
  operation: u32,
  result: u32,
  rule: u32,
): void {
  const struck = strikesObject(machine, FAULT_CALL_COMPLETION_STATUS, KIND_VC, vc);
  if (isLate(machine, now, KIND_VC, vc)) blame<M>(machine, now, slot, RULE_CALL_OWED, STATUS_SUCCESS);
  else if (struck) blame<M>(machine, now, slot, RULE_CALL_OWED, STATUS_PENDING);
  else if (rule != NO_RULE) blame<M>(machine, now, slot, rule, STATUS_SUCCESS);
  const status = struck ? STATUS_PENDING : result;
  const where = managerPlace<M>(machine, slot);
  completeOperation<M>(machine, now, slot, operation, where, callHandles(machine, vc), status, result);
}

/** The service of a call that is made has ended. */
export function finishMaking<M>(machine: usize, now: u32, slot: u32, vc: u32): void {
  if (strikesObject(machine, FAULT_LOST_CALL_COMPLETION, KIND_VC, vc)) return;
  const result = outcomeOf(machine, slot, vc);
  let rule = NO_RULE;
  if (result == STATUS_SUCCESS) {
    if (strikesObject(machine, FAULT_UNACTIVATED_CALL, KIND_VC, vc)) rule = RULE_VC_ACTIVATE;
    else if (activate<M>(machine, now, slot, vc, managerPlace<M>(machine, slot), true)) return;
  }
  completeCall<M>(machine, now, slot, vc, OPERATION_MAKE, result, rule);
  made<M>(machine, now, slot, vc, result);
}

/** NDIS has activated a VC. */
export function finishActivation<M>(machine: usize, now: u32, slot: u32, vc: u32): void {
  const where = managerPlace<M>(machine, slot);
  tellDriver<M>(machine, now, slot, OPERATION_ACTIVATE, where, vcHandle(machine, vc), STATUS_SUCCESS);
  if (isOutgoing(machine, vc)) {
    completeCall<M>(machine, now, slot, vc, OPERATION_MAKE, STATUS_SUCCESS, NO_RULE);
    made<M>(machine, now, slot, vc, STATUS_SUCCESS);
  } else {
    offer<M>(machine, now, slot, vc, false);
  }
}

/** The call manager offers an incoming call to the client. By mistake the VC is active only after that. */
function offer<M>(machine: usize, now: u32, slot: u32, vc: u32, activates: bool): void {
  const operation = OPERATION_ANSWER;
  const where = managerPlace<M>(machine, slot);
  const sap = (numberOf(machine, vc) - outgoingPerSlot(machine)) % perSlot(machine, KIND_SAP);
  const handle = vcHandle(machine, vc);
  const handles = handle | sapHandle(sap);
  const result = answerOf(machine, vc);
  const pended = isPended(machine, slot, operation, KIND_VC, vc);
  const status = pended ? STATUS_PENDING : result;
  setSince(machine, now, KIND_VC, vc);
  const frame = beginOperation<M>(machine, now, slot, operation, where, handles);
  answerOperation<M>(machine, now, slot, operation, frame, where, handles, status);
  if (activates) activate<M>(machine, now, slot, vc, where, false);
  if (pended) {
    change(machine, now, KIND_VC, vc, CHANGE_ANSWER_PENDED);
    scheduleDone<M>(machine, now, slot, operation, KIND_VC, vc);
    return;
  }
  tellItself<M>(machine, now, slot, operation, where, handle, status);
  answered<M>(machine, now, slot, vc, result);
}

/** The client has thought about an incoming call for long enough. */
export function finishAnswer<M>(machine: usize, now: u32, slot: u32, vc: u32): void {
  if (strikesObject(machine, FAULT_LOST_ANSWER, KIND_VC, vc)) return;
  const result = answerOf(machine, vc);
  if (isLate(machine, now, KIND_VC, vc)) blame<M>(machine, now, slot, RULE_CALL_OWED, STATUS_SUCCESS);
  const where = clientPlace<M>(machine, slot);
  completeOperation<M>(machine, now, slot, OPERATION_ANSWER, where, vcHandle(machine, vc), result, result);
  answered<M>(machine, now, slot, vc, result);
}

/** The client has accepted or rejected an incoming call. */
function answered<M>(machine: usize, now: u32, slot: u32, vc: u32, result: u32): void {
  const where = managerPlace<M>(machine, slot);
  if (result == STATUS_SUCCESS) {
    const handle = vcHandle(machine, vc);
    exchange<M>(machine, now, slot, EXCHANGE_CONNECTED, where, handle, handle, STATUS_NONE);
    change(machine, now, KIND_VC, vc, CHANGE_CONNECTED);
    connected<M>(machine, now, slot, vc);
  } else {
    deactivate<M>(machine, now, slot, vc, where);
    change(machine, now, KIND_VC, vc, CHANGE_REJECTED);
    deleteVc<M>(machine, now, slot, vc);
  }
}

/** A call is connected: it lasts for some time, unless it is to end at once. */
function connected<M>(machine: usize, now: u32, slot: u32, vc: u32): void {
  const where = clientPlace<M>(machine, slot);
  if (strikesObject(machine, FAULT_DELETE_ACTIVE, KIND_VC, vc)) {
    const call = outerOf(machine, slot, EXCHANGE_DELETE_OUTGOING);
    blame<M>(machine, now, slot, RULE_VC_DELETE, STATUS_NOT_ACCEPTED);
    callOnce<M>(machine, now, slot, OP_CALL, call, where, STATUS_NONE, STATUS_NOT_ACCEPTED, vcHandle(machine, vc));
  }
  if (vcNotes(machine, vc, VC_ENDING)) {
    advance<M>(machine, now, slot, vc, where);
    return;
  }
  wait<M>(machine, now, slot, vc, load<u32>(sharedOf(machine), SHARED_LASTS), PURPOSE_CALL_LASTS);
  addParties<M>(machine, now, slot, vc);
}
