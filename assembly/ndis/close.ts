// Closing an AF, as src/contract/MODEL.md "Events" has it.
import {
  AF_SEQUENCE,
  AF_TICK,
  AF_WORD,
  CM_HALTED,
  CM_PROFILE,
  CM_SEQUENCE,
  MACHINE_COMPLETION_COST,
  MACHINE_LEFT,
  MACHINE_OPEN,
  MACHINE_PENDED,
  PROFILE_CLOSE_COMPLETE,
  PROFILE_CLOSE_PENDS,
  PROFILE_INLINE,
  SHARD_CLOSE_DEADLINE,
  SHARD_CLOSE_FIRST,
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
  FAULT_DOUBLE_COMPLETE,
  FAULT_OUTSTANDING_CLOSE,
  FAULT_STALE_CLOSE,
  FAULT_STALE_COMPLETION,
  NO_RULE,
  OP_CALL,
  OP_RELEASE_CALL_MANAGER,
  OP_RELEASE_CLIENT,
  OP_WAKE,
  PURPOSE_CLOSE_PENDS,
  PURPOSE_INLINE,
  RULE_CLOSE_COMPLETE_STATUS,
  RULE_CLOSE_OUTSTANDING,
  RULE_CLOSE_OWED,
  RULE_CLOSE_STATUS,
  STATUS_FAILURE,
  STATUS_NONE,
  STATUS_NOT_ACCEPTED,
  STATUS_PENDING,
  STATUS_SUCCESS,
  TRANSITION_CLOSED,
  TRANSITION_CLOSE_COMPLETED,
  TRANSITION_CLOSE_FAILED,
  TRANSITION_CLOSE_PENDED,
  TRANSITION_CLOSE_TOLD,
  TRANSITION_CLOSE_TOLD_DIRECT,
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
import { clientOf, placeOf, recordOf, transit } from "../table/handle-table";
import { followPending, mayFollow, waits } from "./after-pending";
import { isBound, leave } from "./bindings";
import { callManagerReleases, clientReleases, releasesEarly } from "./contexts";
import { addTotal, countPended } from "./counts";
import { extraClose, extraCloseCompletion } from "./extra-calls";
import { closeCompletionOf, closeStatusOf, hasFaults, strikes } from "./faults";
import { leaveAdapter } from "./halt";
import { finishNotify } from "./notify";
import { ended } from "./reopen";
import { request } from "./request";
import { judgeCompletion, violate } from "./rules";
import { tearDown, workOf } from "./teardown";
import { irqlOf, traceAct, traceCall, traceReturn, traceReturns, traceSelf } from "./trace";

const LATE_MISTAKES: u64 = (1 << FAULT_DOUBLE_COMPLETE) | (1 << FAULT_STALE_CLOSE);

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
    work = workOf(machine, slot, generation);
    if (work && strikes(machine, FAULT_OUTSTANDING_CLOSE, slot, generation)) {
      failClose<M>(machine, now, slot, record, callManager, who, parent);
      return;
    }
    tearDown<M>(machine, now, slot, word, callManager, who, parent);
  }
  const sequence = load<u32>(callManager, CM_SEQUENCE);
  if (sequence == 0xffffffff) trap(TRAP_SEQUENCE, slot);
  store<u32>(callManager, sequence + 1, CM_SEQUENCE);
  store<u32>(machine, load<u32>(machine, MACHINE_OPEN) - 1, MACHINE_OPEN);
  store<u32>(record, now, AF_TICK);
  const frame = request<M>(machine, callManager, now, slot, word, CALL_CL_CLOSE, CALL_CM_CLOSE, parent, who);
  const profile = load<u32>(callManager, CM_PROFILE) as usize;
  if (work == 0) {
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
  answerClose<M>(machine, now, slot, word, frame, who, STATUS_PENDING, STATUS_PENDING);
  store<u32>(record, sequence, AF_SEQUENCE);
  transit(callManager, record, now, slot, word, TRANSITION_CLOSE_PENDED);
  countPended(machine);
  if (mayFollow<M>(machine)) followPending<M>(machine, now, slot, record, generation, callManager);
  if (work == 0) startService<M>(machine, now, slot, generation, callManager);
}

@inline
function answerClose<M>(
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
  addTotal(TOTAL_CLOSED, 1);
  transit(callManager, record, now, slot, word, TRANSITION_CLOSED);
  if (isTraced<M>()) {
    if (callManagerReleases(machine, slot, generation)) {
      traceAct(machine, now, slot, word, OP_RELEASE_CALL_MANAGER, who);
    }
    answerClose<M>(machine, now, slot, word, frame, who, status, STATUS_SUCCESS);
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
  if (isTraced<M>()) {
    const generation = word >>> STATE_BITS;
    const completion = traceCompletion(machine, now, slot, word, call, frame + 1, who, STATUS_SUCCESS);
    traceTold(machine, now, slot, word, call, completion, who, false, clientReleases(machine, slot, generation));
    answerClose<M>(machine, now, slot, word, frame, who, STATUS_PENDING, STATUS_PENDING);
  }
  const early = transit(callManager, record, now, slot, word, TRANSITION_COMPLETED_INLINE);
  addTotal(TOTAL_CLOSE_TOLD, 1);
  countLatency(load<u32>(SHARD_CLOSE_TOTAL), 0);
  countOrder(machine, callManager, clientOf(machine, placeOf(machine, slot)), sequence);
  transit(callManager, record, now, slot, early, TRANSITION_INLINE_RETURNED);
  ended<M>(machine, now, slot, record, callManager);
}

/** The mistake of closing an AF with VCs or SAPs on it: NDIS fails the close without asking, and the client has lost its handle. */
function failClose<M>(
  machine: usize,
  now: u32,
  slot: u32,
  record: usize,
  callManager: usize,
  who: u32,
  parent: u32,
): void {
  const word = load<u32>(record, AF_WORD);
  violate(machine, callManager, now, slot, word, RULE_CLOSE_OUTSTANDING, STATUS_FAILURE);
  transit(callManager, record, now, slot, word, TRANSITION_CLOSE_FAILED);
  addTotal(TOTAL_OTHER_CALLS, 2);
  if (isTraced<M>()) {
    const frame = traceCall(machine, now, slot, word, OP_CALL, CALL_CL_CLOSE, parent, who, STATUS_NONE);
    traceReturn(machine, now, slot, word, CALL_CL_CLOSE, frame, who, STATUS_FAILURE);
    traceSelf(machine, now, slot, word, CALL_CL_CLOSE_COMPLETE, parent, who, STATUS_FAILURE, false);
  }
  if (load<u32>(callManager, CM_HALTED)) {
    // From here on a notification is owed that is not completed now.
    store<u32>(record, now, AF_TICK);
    finishNotify<M>(machine, now, slot, callManager, STATUS_FAILURE);
    leaveAdapter<M>(machine, now, slot, callManager);
  }
  if (!isBound(machine, slot)) leave<M>(machine, now, slot);
}

/** `close`, for callers outside the loop. */
export function closeSlot<M>(machine: usize, now: u32, slot: u32, callManager: usize, who: u32, parent: u32): void {
  close<M>(machine, now, slot, recordOf(machine, slot), callManager, who, parent);
}

/** The call manager's release and its completion call; answers the frame. */
function traceCompletion(
  machine: usize,
  now: u32,
  slot: u32,
  word: u32,
  call: u32,
  parent: u32,
  who: u32,
  status: u32,
): u32 {
  if (callManagerReleases(machine, slot, word >>> STATE_BITS)) {
    traceAct(machine, now, slot, word, OP_RELEASE_CALL_MANAGER, who);
  }
  return traceCall(machine, now, slot, word, OP_CALL, call, parent, who, status);
}

/** The callback of a close, what the client does in it, and the return of the completion call around it. */
function traceTold(
  machine: usize,
  now: u32,
  slot: u32,
  word: u32,
  call: u32,
  frame: u32,
  who: u32,
  wakes: bool,
  releases: bool,
): void {
  const told = traceCall(machine, now, slot, word, OP_CALL, CALL_CL_CLOSE_COMPLETE, frame, who, STATUS_SUCCESS);
  if (wakes) traceAct(machine, now, slot, word, OP_WAKE, who);
  if (releases) traceAct(machine, now, slot, word, OP_RELEASE_CLIENT, who);
  traceReturn(machine, now, slot, word, CALL_CL_CLOSE_COMPLETE, told, who, STATUS_NONE);
  traceReturn(machine, now, slot, word, call, frame, who, STATUS_NONE);
}

/**
 * The call manager calls the completion of a pended close; answers the trace frame. When the client is told in the
 * same tick (`direct`), the state changes only then.
 */
@inline
export function completeClose<M>(
  machine: usize,
  now: u32,
  slot: u32,
  record: usize,
  callManager: usize,
  who: u32,
  direct: bool,
): u32 {
  const word = load<u32>(record, AF_WORD);
  const generation = word >>> STATE_BITS;
  addTotal(TOTAL_CLOSE_COMPLETED, 1);
  if (now - load<u32>(record, AF_TICK) > load<u32>(SHARD_CLOSE_DEADLINE)) {
    violate(machine, callManager, now, slot, word, RULE_CLOSE_OWED, STATUS_SUCCESS);
  }
  const own = load<u32>(load<u32>(callManager, CM_PROFILE), PROFILE_CLOSE_COMPLETE);
  const call = closeCompletionOf(machine, callManager, slot, generation);
  const status = closeStatusOf(machine, slot, generation);
  const rule = status == STATUS_SUCCESS ? NO_RULE : RULE_CLOSE_COMPLETE_STATUS;
  judgeCompletion(machine, callManager, now, slot, word, own, call, irqlOf(who), status, rule);
  if (!direct) transit(callManager, record, now, slot, word, TRANSITION_CLOSE_COMPLETED);
  return isTraced<M>() ? traceCompletion(machine, now, slot, word, call, 0, who, status) : 0;
}

/** NDIS tells the client that its pended close is done; the lifecycle ends. */
@inline
export function tellClose<M>(
  machine: usize,
  now: u32,
  slot: u32,
  record: usize,
  callManager: usize,
  who: u32,
  frame: u32,
  direct: bool,
): void {
  const word = load<u32>(record, AF_WORD);
  const generation = word >>> STATE_BITS;
  if (isTraced<M>()) {
    const call = closeCompletionOf(machine, callManager, slot, generation);
    const releases = clientReleases(machine, slot, generation) && !releasesEarly(machine, slot, generation);
    traceTold(machine, now, slot, word, call, frame, who, waits(machine, slot, generation), releases);
  }
  const transition = direct ? TRANSITION_CLOSE_TOLD_DIRECT : TRANSITION_CLOSE_TOLD;
  transit(callManager, record, now, slot, word, transition);
  addTotal(TOTAL_CLOSE_TOLD, 1);
  store<u32>(machine, load<u32>(machine, MACHINE_PENDED) - 1, MACHINE_PENDED);
  const latency = now - load<u32>(record, AF_TICK);
  countLatency(load<u32>(SHARD_CLOSE_TOTAL), latency);
  if (!direct) countLatency(load<u32>(SHARD_CLOSE_FIRST), latency - load<u32>(machine, MACHINE_COMPLETION_COST));
  countOrder(machine, callManager, clientOf(machine, placeOf(machine, slot)), load<u32>(record, AF_SEQUENCE));
  ended<M>(machine, now, slot, record, callManager);
  if (hasFaults(machine, LATE_MISTAKES)) misuseEnded<M>(machine, now, slot, generation, callManager);
}

/** The mistakes of using a handle again whose pended close has ended. */
function misuseEnded<M>(machine: usize, now: u32, slot: u32, generation: u32, callManager: usize): void {
  if (strikes(machine, FAULT_DOUBLE_COMPLETE, slot, generation)) {
    extraCloseCompletion<M>(machine, now, slot, generation, callManager);
  }
  if (strikes(machine, FAULT_STALE_CLOSE, slot, generation)) {
    extraClose<M>(machine, now, slot, generation, callManager);
  }
}
