// Closes that fail, in NDIS or at the call manager, and are given up or tried again (src/contract/MODEL-DRIVERS.md "Readings").
import { AF_TICK, AF_WORD, CM_HALTED, CM_PROFILE, PROFILE_REFUSES, STATE_BITS, TOTAL_OTHER_CALLS } from "../abi/layout";
import {
  CALL_CL_CLOSE,
  CALL_CL_CLOSE_COMPLETE,
  FAULT_OUTSTANDING_CLOSE,
  OP_CALL,
  PASSIVE_LEVEL,
  PURPOSE_CLOSE_REFUSED,
  READING_FORWARDED,
  READING_NOT_ACCEPTED_TABLE,
  READING_RETRY,
  RULE_CLOSE_OUTSTANDING,
  RULE_CLOSE_STATUS,
  STATUS_FAILURE,
  STATUS_NONE,
  STATUS_NOT_ACCEPTED,
  TRANSITION_CLOSE_AGAIN,
  TRANSITION_CLOSE_FAILED,
  TRANSITION_CLOSE_FAILED_RETRY,
  TRANSITION_CLOSE_REFUSED,
  TRANSITION_CLOSE_REFUSED_RETRY,
} from "../abi/codes";
import { happens } from "../core/random";
import { isTraced } from "../engine/mode";
import { hasObjects } from "../objects/table";
import { recordOf, transit } from "../table/handle-table";
import { isBound, leave } from "./bindings";
import { answerClose, askSlot } from "./close";
import { addTotal } from "./counts";
import { strikes } from "./faults";
import { leaveAdapter } from "./halt";
import { finishNotify } from "./notify";
import { hasReading } from "./readings";
import { violate } from "./rules";
import { leftOf, tearDown, workOf } from "./teardown";
import { clientContext, traceOnce, traceSelf } from "./trace";

/** Whether the call manager refuses a close with work left in this generation. */
@inline
export function refuses(machine: usize, callManager: usize, slot: u32, generation: u32): bool {
  const threshold = load<u64>(load<u32>(callManager, CM_PROFILE), PROFILE_REFUSES);
  return happens(machine, PURPOSE_CLOSE_REFUSED, slot, generation, threshold);
}

/** Whether the first close in this generation, with work on its AF, has failed. */
export function failsAtFirst(machine: usize, callManager: usize, slot: u32, generation: u32): bool {
  if (!hasReading(READING_FORWARDED) && strikes(machine, FAULT_OUTSTANDING_CLOSE, slot, generation)) return true;
  return refuses(machine, callManager, slot, generation);
}

/** The mistake of closing an AF with VCs or SAPs on it: NDIS fails the close without asking, or forwards it all the same. */
export function closeWithWork<M>(
  machine: usize,
  now: u32,
  slot: u32,
  record: usize,
  callManager: usize,
  who: u32,
  parent: u32,
): void {
  const word = load<u32>(record, AF_WORD);
  if (hasReading(READING_FORWARDED)) {
    const work = hasObjects(machine) ? leftOf(machine, slot) : workOf(machine, slot, word >>> STATE_BITS);
    askSlot<M>(machine, now, slot, record, callManager, who, parent, work, true);
    return;
  }
  violate(machine, callManager, now, slot, word, RULE_CLOSE_OUTSTANDING, STATUS_FAILURE);
  addTotal(TOTAL_OTHER_CALLS, 2);
  if (isTraced<M>()) {
    traceOnce(machine, now, slot, word, OP_CALL, CALL_CL_CLOSE, parent, who, STATUS_NONE, STATUS_FAILURE);
    traceSelf(machine, now, slot, word, CALL_CL_CLOSE_COMPLETE, parent, who, STATUS_FAILURE, false);
  }
  if (hasReading(READING_RETRY)) {
    transit(callManager, record, now, slot, word, TRANSITION_CLOSE_FAILED_RETRY);
    tearDown<M>(machine, now, slot, word, callManager, who, parent);
  } else {
    giveUp<M>(machine, now, slot, record, callManager, TRANSITION_CLOSE_FAILED);
  }
}

/** The call manager refuses a close because of the work that is left. */
export function refuse<M>(
  machine: usize,
  now: u32,
  slot: u32,
  record: usize,
  callManager: usize,
  who: u32,
  parent: u32,
  frame: u32,
): void {
  const word = load<u32>(record, AF_WORD);
  if (hasReading(READING_NOT_ACCEPTED_TABLE)) {
    violate(machine, callManager, now, slot, word, RULE_CLOSE_STATUS, STATUS_NOT_ACCEPTED);
  }
  addTotal(TOTAL_OTHER_CALLS, 3);
  answerClose<M>(machine, now, slot, word, frame, who, STATUS_NOT_ACCEPTED, STATUS_NOT_ACCEPTED);
  if (isTraced<M>()) traceSelf(machine, now, slot, word, CALL_CL_CLOSE_COMPLETE, parent, who, STATUS_NOT_ACCEPTED, false);
  if (hasReading(READING_RETRY)) transit(callManager, record, now, slot, word, TRANSITION_CLOSE_REFUSED_RETRY);
  else giveUp<M>(machine, now, slot, record, callManager, TRANSITION_CLOSE_REFUSED);
}

/** The client has lost the handle with which it could close the AF. */
function giveUp<M>(
  machine: usize,
  now: u32,
  slot: u32,
  record: usize,
  callManager: usize,
  transition: u32,
): void {
  transit(callManager, record, now, slot, load<u32>(record, AF_WORD), transition);
  if (load<u32>(callManager, CM_HALTED)) {
    // From here on a notification is owed that is not completed now.
    store<u32>(record, now, AF_TICK);
    finishNotify<M>(machine, now, slot, callManager, STATUS_FAILURE);
    leaveAdapter<M>(machine, now, slot, callManager);
  }
  if (!isBound(machine, slot)) leave<M>(machine, now, slot);
}

/** The work is done because of which a close had failed: the client closes again. */
export function closeAgain<M>(machine: usize, now: u32, slot: u32, callManager: usize): void {
  const record = recordOf(machine, slot);
  transit(callManager, record, now, slot, load<u32>(record, AF_WORD), TRANSITION_CLOSE_AGAIN);
  askSlot<M>(machine, now, slot, record, callManager, clientContext<M>(machine, slot, PASSIVE_LEVEL), 0, 0, false);
}
