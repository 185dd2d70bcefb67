// Closing an AF, as src/contract/MODEL.md "Events" has it.
import {
  AF_SEQUENCE,
  AF_TICK,
  AF_WORD,
  CM_PROFILE,
  CM_SEQUENCE,
  MACHINE_LEFT,
  MACHINE_OPEN,
  MACHINE_OPENING,
  PROFILE_CLOSE_COMPLETE,
  PROFILE_CLOSE_PENDS,
  PROFILE_INLINE,
  SHARD_CLOSE_TOTAL,
  STATE_BITS,
  TOTAL_CLOSED,
  TOTAL_CLOSE_COMPLETED,
  TOTAL_CLOSE_PENDED,
  TOTAL_CLOSE_TOLD,
  TOTAL_INLINE,
  TOTAL_OTHER_CALLS,
} from "../abi/layout";
import {
  CALL_CL_CLOSE,
  CALL_CL_CLOSE_COMPLETE,
  CALL_CM_CLOSE,
  FAULT_CLOSE_RETURN_STATUS,
  FAULT_INLINE_SUCCESS,
  FAULT_OUTSTANDING_CLOSE,
  FAULT_STALE_COMPLETION,
  NO_RULE,
  OP_RELEASE_CALL_MANAGER,
  PURPOSE_CLOSE_PENDS,
  PURPOSE_INLINE,
  RULE_CLOSE_COMPLETES_ONCE,
  RULE_CLOSE_DOUBLE_COMPLETE,
  RULE_CLOSE_STATUS,
  STATUS_NOT_ACCEPTED,
  STATUS_PENDING,
  STATUS_SUCCESS,
  TRANSITION_CLOSED,
  TRANSITION_CLOSE_PENDED,
  TRANSITION_COMPLETED_INLINE,
  TRANSITION_INLINE_RETURNED,
  TRAP_SEQUENCE,
} from "../abi/codes";
import { trap } from "../core/assert";
import { happens } from "../core/random";
import { startService } from "../drivers/serve";
import { isTraced } from "../engine/mode";
import { countLatency } from "../measure/latency";
import { countOrder } from "../measure/ordering";
import { hasObjects, isTearing } from "../objects/table";
import { closesTooEarly, noteAccepted, tearToClose } from "../objects/teardown";
import { clientOf, placeOf, recordOf, transit } from "../table/handle-table";
import { followPending, mayFollow } from "./after-pending";
import { judgeScope } from "./bindings";
import { traceCompletion, traceTold } from "./close-completion";
import { closeWithWork, refuse, refuses } from "./close-failed";
import { callManagerReleases, clientReleases } from "./contexts";
import { addTotal, countPended } from "./counts";
import { extraCloseCompletion } from "./extra-calls";
import { strikes } from "./faults";
import { leavesItToNdis, noteAnswered } from "./habits";
import { ended } from "./reopen";
import { request } from "./request";
import { judgeCompletion, violate } from "./rules";
import { tearDown, workOf } from "./teardown";
import { irqlOf, traceAct, traceReturns, traceSelf } from "./trace";

/** The client closes the open AF, after it has torn down what is on it; its calls are made in the frame `parent`. */
@inline
export function close<M>(
  machine: usize,
  now: u32,
  slot: u32,
  record: usize,
  callManager: usize,
  who: u32,
  parent: u32,
): void {
  const word = load<u32>(record, AF_WORD);
  const generation = word >>> STATE_BITS;
  let work: u32 = 0;
  if (load<u32>(machine, MACHINE_LEFT)) {
    if (hasObjects(machine)) {
      closeWithObjects<M>(machine, now, slot, record, callManager, who, parent);
      return;
    }
    work = workOf(machine, slot, generation);
    if (work && strikes(machine, FAULT_OUTSTANDING_CLOSE, slot, generation)) {
      closeWithWork<M>(machine, now, slot, record, callManager, who, parent);
      return;
    }
    tearDown<M>(machine, now, slot, word, callManager, who, parent);
  }
  ask<M>(machine, now, slot, record, callManager, who, parent, work, false);
}

/** The same of an AF that may have SAPs and VCs: it is closed when they are taken down. */
function closeWithObjects<M>(
  machine: usize,
  now: u32,
  slot: u32,
  record: usize,
  callManager: usize,
  who: u32,
  parent: u32,
): void {
  if (isTearing(machine, slot)) return;
  if (closesTooEarly(machine, slot, load<u32>(record, AF_WORD) >>> STATE_BITS)) {
    closeWithWork<M>(machine, now, slot, record, callManager, who, parent);
  } else {
    tearToClose<M>(machine, now, slot, callManager, who, parent);
  }
}

/**
 * The close itself, with `left` teardowns that are not completed: the call manager is asked. When it is `forwarded` with VCs or SAPs on the AF
 * the client tears these down as soon as it has returned.
 */
@inline
function ask<M>(
  machine: usize,
  now: u32,
  slot: u32,
  record: usize,
  callManager: usize,
  who: u32,
  parent: u32,
  left: u32,
  forwarded: bool,
): void {
  const word = load<u32>(record, AF_WORD);
  const generation = word >>> STATE_BITS;
  const profile = load<u32>(callManager, CM_PROFILE) as usize;
  const frame = request<M>(machine, callManager, now, slot, word, CALL_CL_CLOSE, CALL_CM_CLOSE, parent, who);
  if (load<u32>(machine, MACHINE_OPENING)) judgeScope(machine, now, slot, word, callManager);
  if (left && refuses(machine, callManager, slot, generation)) {
    refuse<M>(machine, now, slot, record, callManager, who, parent, frame);
    if (forwarded) tearDown<M>(machine, now, slot, word, callManager, who, parent);
    return;
  }
  const sequence = load<u32>(callManager, CM_SEQUENCE);
  if (sequence == 0xffffffff) trap(TRAP_SEQUENCE, slot);
  store<u32>(callManager, sequence + 1, CM_SEQUENCE);
  store<u32>(machine, load<u32>(machine, MACHINE_OPEN) - 1, MACHINE_OPEN);
  store<u32>(record, now, AF_TICK);
  if (left == 0) {
    if (!happens(machine, PURPOSE_CLOSE_PENDS, slot, generation, load<u64>(profile, PROFILE_CLOSE_PENDS))) {
      closeAtOnce<M>(machine, now, slot, record, callManager, who, parent, frame);
      return;
    }
    if (happens(machine, PURPOSE_INLINE, slot, generation, load<u64>(profile, PROFILE_INLINE))) {
      closeInline<M>(machine, now, slot, record, callManager, sequence, who, frame);
      return;
    }
  }
  addTotal(TOTAL_CLOSE_PENDED, 1);
  noteAccepted(machine, slot, true);
  answerClose<M>(machine, now, slot, word, frame, who, STATUS_PENDING, STATUS_PENDING);
  store<u32>(record, sequence, AF_SEQUENCE);
  transit(callManager, record, now, slot, word, TRANSITION_CLOSE_PENDED);
  countPended(machine);
  if (forwarded) tearDown<M>(machine, now, slot, word, callManager, who, parent);
  if (mayFollow<M>(machine)) followPending<M>(machine, now, slot, record, generation, callManager);
  if (left == 0) startService<M>(machine, now, slot, generation, callManager);
}

/** The returns of a close that the call manager was asked for. */
@inline
export function answerClose<M>(
  machine: usize,
  now: u32,
  slot: u32,
  word: u32,
  frame: u32,
  who: u32,
  innerStatus: u32,
  outerStatus: u32,
): void {
  if (isTraced<M>()) traceReturns(machine, now, slot, word, CALL_CL_CLOSE, CALL_CM_CLOSE, frame, who, innerStatus, outerStatus);
}

/** The call manager has closed the AF when it returns. */
@inline
function closeAtOnce<M>(
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
  const generation = word >>> STATE_BITS;
  let status: u32 = STATUS_SUCCESS;
  if (strikes(machine, FAULT_CLOSE_RETURN_STATUS, slot, generation)) {
    status = STATUS_NOT_ACCEPTED;
    violate(machine, callManager, now, slot, word, RULE_CLOSE_STATUS, status);
  }
  if (isTraced<M>() && callManagerReleases(machine, slot, generation)) {
    traceAct(machine, now, slot, word, OP_RELEASE_CALL_MANAGER, who);
  }
  answerClose<M>(machine, now, slot, word, frame, who, status, STATUS_SUCCESS);
  const tells = !leavesItToNdis(machine, slot, generation);
  noteAnswered(machine, slot, false);
  if (!tells) {
    violate(machine, callManager, now, slot, word, RULE_CLOSE_COMPLETES_ONCE, STATUS_SUCCESS);
    // A synchronous close has one call more than this one: there are others to take it from, as drivers have come up.
    addTotal(TOTAL_OTHER_CALLS, -1);
  }
  addTotal(TOTAL_CLOSED, 1);
  noteAccepted(machine, slot, false);
  transit(callManager, record, now, slot, word, TRANSITION_CLOSED);
  if (isTraced<M>() && tells) {
    const releases = clientReleases(machine, slot, generation);
    traceSelf(machine, now, slot, word, CALL_CL_CLOSE_COMPLETE, parent, who, STATUS_SUCCESS, releases);
  }
  ended<M>(machine, now, slot, record, callManager);
  if (strikes(machine, FAULT_STALE_COMPLETION, slot, generation)) {
    extraCloseCompletion<M>(machine, now, slot, generation, callManager);
  }
}

/** The call manager completes the close inside ProtocolCmCloseAf, which then returns PENDING. */
@inline
function closeInline<M>(
  machine: usize,
  now: u32,
  slot: u32,
  record: usize,
  callManager: usize,
  sequence: u32,
  who: u32,
  frame: u32,
): void {
  const word = load<u32>(record, AF_WORD);
  const call = load<u32>(load<u32>(callManager, CM_PROFILE), PROFILE_CLOSE_COMPLETE);
  judgeCompletion(machine, callManager, now, slot, word, call, call, irqlOf(who), STATUS_SUCCESS, NO_RULE);
  addTotal(TOTAL_CLOSE_PENDED, 1);
  addTotal(TOTAL_INLINE, 1);
  addTotal(TOTAL_CLOSE_COMPLETED, 1);
  noteAccepted(machine, slot, true);
  const generation = word >>> STATE_BITS;
  const returnsSuccess = strikes(machine, FAULT_INLINE_SUCCESS, slot, generation);
  if (isTraced<M>()) {
    const completion = traceCompletion(machine, now, slot, word, call, frame + 1, who, STATUS_SUCCESS);
    traceTold(machine, now, slot, word, call, completion, who, false, clientReleases(machine, slot, generation), true);
  }
  const early = transit(callManager, record, now, slot, word, TRANSITION_COMPLETED_INLINE);
  if (returnsSuccess) violate(machine, callManager, now, slot, early, RULE_CLOSE_DOUBLE_COMPLETE, STATUS_SUCCESS);
  const status = returnsSuccess ? STATUS_SUCCESS : STATUS_PENDING;
  answerClose<M>(machine, now, slot, word, frame, who, status, STATUS_PENDING);
  noteAnswered(machine, slot, true);
  addTotal(TOTAL_CLOSE_TOLD, 1);
  countLatency(load<u32>(SHARD_CLOSE_TOTAL), 0);
  countOrder(machine, callManager, clientOf(machine, placeOf(machine, slot)), sequence);
  transit(callManager, record, now, slot, early, TRANSITION_INLINE_RETURNED);
  ended<M>(machine, now, slot, record, callManager);
}

/** `close`, for callers outside the loop. */
export function closeSlot<M>(machine: usize, now: u32, slot: u32, callManager: usize, who: u32, parent: u32): void {
  close<M>(machine, now, slot, recordOf(machine, slot), callManager, who, parent);
}

/** `ask`, for callers outside the loop. */
export function askSlot<M>(
  machine: usize,
  now: u32,
  slot: u32,
  record: usize,
  callManager: usize,
  who: u32,
  parent: u32,
  left: u32,
  forwarded: bool,
): void {
  ask<M>(machine, now, slot, record, callManager, who, parent, left, forwarded);
}
