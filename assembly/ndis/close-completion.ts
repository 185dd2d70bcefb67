// Completing a pended close: the call manager calls, and the client is told, in this tick or after the cost of the call.
import {
  AF_SEQUENCE,
  AF_TICK,
  AF_WORD,
  CM_PROFILE,
  MACHINE_COMPLETION_COST,
  MACHINE_PENDED,
  PROFILE_CLOSE_COMPLETE,
  PROFILE_STANDALONE,
  SHARD_CLOSE_DEADLINE,
  SHARD_CLOSE_FIRST,
  SHARD_CLOSE_TOTAL,
  STATE_BITS,
  TOTAL_CLOSE_COMPLETED,
  TOTAL_CLOSE_TOLD,
} from "../abi/layout";
import {
  CALL_CL_CLOSE_COMPLETE,
  FAULT_DOUBLE_COMPLETE,
  FAULT_RELEASE_AT_CALL,
  FAULT_STALE_CLOSE,
  FAULT_USE_AFTER_COMPLETION,
  FAULT_USE_IN_COMPLETION,
  NO_RULE,
  OP_CALL,
  OP_RELEASE_CALL_MANAGER,
  OP_RELEASE_CLIENT,
  OP_WAKE,
  PASSIVE_LEVEL,
  READING_EXPIRY_AT_CALL,
  READING_RELEASE_FROM_CALL,
  RULE_CLOSE_CM_STALE,
  RULE_CLOSE_COMPLETE_STATUS,
  RULE_CLOSE_CONTEXT_EARLY,
  RULE_CLOSE_OWED,
  STATUS_NONE,
  STATUS_SUCCESS,
  TRANSITION_CLOSE_COMPLETED,
  TRANSITION_CLOSE_TOLD,
  TRANSITION_CLOSE_TOLD_DIRECT,
} from "../abi/codes";
import { isTraced } from "../engine/mode";
import { countLatency } from "../measure/latency";
import { countOrder } from "../measure/ordering";
import { clientOf, placeOf, transit } from "../table/handle-table";
import { waits } from "./after-pending";
import { callManagerReleases, releasesAtCall, releasesWhenTold } from "./contexts";
import { addTotal } from "./counts";
import { extraClose, extraCloseCompletion, extraNotification } from "./extra-calls";
import { closeCompletionOf, closeStatusOf, hasFaults, strikes } from "./faults";
import { deadlocks, NOTED, noteTold } from "./habits";
import { hasReading } from "./readings";
import { ended } from "./reopen";
import { judgeCompletion, violate } from "./rules";
import { clientContext, irqlOf, traceAct, traceCall, traceReturn } from "./trace";

/** Mistakes between the call and the client's being told, and those after the end. */
const MIDWAY: u64 = (1 << FAULT_USE_IN_COMPLETION) | (1 << FAULT_RELEASE_AT_CALL);
const LATE_MISTAKES: u64 = (1 << FAULT_DOUBLE_COMPLETE) | (1 << FAULT_STALE_CLOSE) | (1 << FAULT_USE_AFTER_COMPLETION);

/** The call manager's release and its completion call; answers the frame. */
export function traceCompletion(
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

/** The callback of a close, what the client does in it, and the return of the completion call around it, where there is one. */
export function traceTold(
  machine: usize,
  now: u32,
  slot: u32,
  word: u32,
  call: u32,
  frame: u32,
  who: u32,
  wakes: bool,
  releases: bool,
  returns: bool,
): void {
  const told = traceCall(machine, now, slot, word, OP_CALL, CALL_CL_CLOSE_COMPLETE, frame, who, STATUS_SUCCESS);
  if (wakes) traceAct(machine, now, slot, word, OP_WAKE, who);
  if (releases) traceAct(machine, now, slot, word, OP_RELEASE_CLIENT, who);
  traceReturn(machine, now, slot, word, CALL_CL_CLOSE_COMPLETE, told, who, STATUS_NONE);
  if (returns) traceReturn(machine, now, slot, word, call, frame, who, STATUS_NONE);
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
  const frame = isTraced<M>() ? traceCompletion(machine, now, slot, word, call, 0, who, status) : 0;
  if (hasFaults(machine, MIDWAY)) actMidway<M>(machine, now, slot, record, callManager);
  return frame;
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
    const releases = releasesWhenTold(machine, slot, generation);
    const returns = !deadlocks(machine, slot, generation, callManager);
    traceTold(machine, now, slot, word, call, frame, who, waits(machine, slot, generation), releases, returns);
  }
  const transition = direct ? TRANSITION_CLOSE_TOLD_DIRECT : TRANSITION_CLOSE_TOLD;
  transit(callManager, record, now, slot, word, transition);
  if (hasFaults(machine, NOTED)) noteTold(machine, slot, generation, callManager);
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
  if (strikes(machine, FAULT_USE_AFTER_COMPLETION, slot, generation)) {
    extraNotification<M>(machine, now, slot, generation, callManager, 0, RULE_CLOSE_CM_STALE);
  }
}

/** Mistakes between the call of a close's completion and the moment when the client is told. */
function actMidway<M>(machine: usize, now: u32, slot: u32, record: usize, callManager: usize): void {
  const word = load<u32>(record, AF_WORD);
  const generation = word >>> STATE_BITS;
  if (strikes(machine, FAULT_USE_IN_COMPLETION, slot, generation)) {
    const rule = expiresAtCall(callManager) ? RULE_CLOSE_CM_STALE : NO_RULE;
    extraNotification<M>(machine, now, slot, generation, callManager, 0, rule);
  }
  if (!releasesAtCall(machine, slot, generation)) return;
  if (!hasReading(READING_RELEASE_FROM_CALL)) {
    violate(machine, callManager, now, slot, word, RULE_CLOSE_CONTEXT_EARLY, STATUS_SUCCESS);
  }
  if (isTraced<M>()) {
    traceAct(machine, now, slot, word, OP_RELEASE_CLIENT, clientContext<M>(machine, slot, PASSIVE_LEVEL));
  }
}

/** Whether a call manager's handle ends with the completion call, not with its return. */
@inline
function expiresAtCall(callManager: usize): bool {
  return load<u32>(load<u32>(callManager, CM_PROFILE), PROFILE_STANDALONE) != 0 || hasReading(READING_EXPIRY_AT_CALL);
}
