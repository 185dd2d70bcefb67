// Opening an AF, as src/contract/MODEL.md "Events" has it.
import {
  AF_TICK,
  AF_WORD,
  CM_HALTED,
  CM_PROFILE,
  MACHINE_COMPLETION_COST,
  PROFILE_OPEN_COMPLETE,
  PROFILE_OPEN_PENDS,
  PROFILE_OPEN_SAMPLER,
  SHARD_GENERATION_MAX,
  SHARD_HOLD_SAMPLER,
  SHARD_OPEN_DEADLINE,
  SHARD_OPEN_FIRST,
  SHARD_OPEN_TOTAL,
  STATE_BITS,
  STATE_MASK,
  TOTAL_OPENED,
  TOTAL_OPEN_COMPLETED,
  TOTAL_OPEN_FAILED,
  TOTAL_OPEN_PENDED,
  TOTAL_OPEN_TOLD,
  TOTAL_OTHER_CALLS,
} from "../abi/layout";
import {
  CALL_CL_OPEN,
  CALL_CL_OPEN_COMPLETE,
  CALL_CM_OPEN,
  CONTEXT_NULL,
  DISPATCH_LEVEL,
  EVENT_HOLD,
  EVENT_OPEN_DONE,
  FAULT_DOUBLE_OPEN_COMPLETE,
  FAULT_EARLY_CLOSE,
  FAULT_EARLY_COMPLETION,
  FAULT_OPEN_IRQL,
  FAULT_OPEN_SELF_COMPLETE,
  NO_RULE,
  OP_CALL,
  OP_RELEASE_CALL_MANAGER,
  OP_RELEASE_CLIENT,
  PASSIVE_LEVEL,
  PURPOSE_HOLD,
  PURPOSE_OPEN_PENDS,
  PURPOSE_OPEN_SERVICE,
  RULE_IRQL_CALLBACK,
  RULE_OPEN_COMPLETES_ONCE,
  RULE_OPEN_CONTEXT,
  RULE_OPEN_FAILED_HANDLE,
  RULE_OPEN_OWED,
  RULE_OPEN_STATUS,
  STATE_OPEN_FAILED,
  STATUS_NONE,
  STATUS_PENDING,
  STATUS_RESOURCES,
  STATUS_SUCCESS,
  TRANSITION_FAILURE_COMPLETED,
  TRANSITION_FAILURE_TOLD,
  TRANSITION_OPENED,
  TRANSITION_OPEN_COMPLETED,
  TRANSITION_OPEN_FAILED,
  TRANSITION_OPEN_PENDED,
  TRANSITION_OPEN_TOLD,
  TRANSITION_RETIRED,
} from "../abi/codes";
import { happens } from "../core/random";
import { isTraced } from "../engine/mode";
import { scheduleDrawn } from "../engine/agenda";
import { countLatency } from "../measure/latency";
import { begin, noteTaken } from "../objects/teardown";
import { adapterOf, callManagerOf, placeOf, recordOf, transit } from "../table/handle-table";
import { countOpening, isBound } from "./bindings";
import { closeSlot } from "./close";
import { contextRuleOf, judgeLeaks, mayLeak, openFails } from "./contexts";
import { addTotal, countOpen } from "./counts";
import { extraClose, extraCloseCompletion, extraOpenCompletion, extraSelfCall } from "./extra-calls";
import { hasFaults, openStatusOf, strikes } from "./faults";
import { noteOpened } from "./habits";
import { notify } from "./notify";
import { failed } from "./reopen";
import { request } from "./request";
import { checkIrql, judgeCompletion, violate } from "./rules";
import { clientContext, irqlOf, traceAct, traceCall, traceReturn, traceReturns, traceSelf } from "./trace";

const PENDING_MISTAKES: u64 = (1 << FAULT_OPEN_SELF_COMPLETE) | (1 << FAULT_EARLY_CLOSE);

/** What is decided of a vacant slot when it is opened again or retires: nothing can release its contexts any more. */
@inline
function forget(machine: usize, now: u32, slot: u32, vacant: u32, callManager: usize): void {
  if (mayLeak(machine)) judgeLeaks(machine, callManager, now, slot, vacant, true);
}

/** A vacant slot whose generations are used up. */
export function retire(machine: usize, now: u32, slot: u32, record: usize, callManager: usize): void {
  const vacant = load<u32>(record, AF_WORD);
  forget(machine, now, slot, vacant, callManager);
  transit(callManager, record, now, slot, vacant, TRANSITION_RETIRED);
}

/** The client opens the vacant slot's AF. */
@inline
export function open<M>(machine: usize, now: u32, slot: u32, record: usize, callManager: usize): void {
  const vacant = load<u32>(record, AF_WORD);
  if (vacant >>> STATE_BITS >= load<u32>(SHARD_GENERATION_MAX)) {
    retire(machine, now, slot, record, callManager);
    return;
  }
  forget(machine, now, slot, vacant, callManager);
  const word = vacant + (1 << STATE_BITS);
  const generation = word >>> STATE_BITS;
  const high = strikes(machine, FAULT_OPEN_IRQL, slot, generation);
  const who = clientContext<M>(machine, slot, high ? DISPATCH_LEVEL : PASSIVE_LEVEL);
  const frame = request<M>(machine, callManager, now, slot, word, CALL_CL_OPEN, CALL_CM_OPEN, 0, who);
  const profile = load<u32>(callManager, CM_PROFILE) as usize;
  if (happens(machine, PURPOSE_OPEN_PENDS, slot, generation, load<u64>(profile, PROFILE_OPEN_PENDS))) {
    store<u32>(record, now, AF_TICK);
    transit(callManager, record, now, slot, word, TRANSITION_OPEN_PENDED);
    addTotal(TOTAL_OPEN_PENDED, 1);
    countOpening(machine, slot, 1);
    noteOpened(machine, slot, callManager);
    answerOpen<M>(machine, now, slot, word, frame, who, STATUS_PENDING, NO_RULE);
    if (hasFaults(machine, PENDING_MISTAKES)) misuseOpening<M>(machine, now, slot, generation, callManager);
    const sampler = load<u32>(profile, PROFILE_OPEN_SAMPLER);
    scheduleDrawn<M>(machine, now, slot, EVENT_OPEN_DONE, generation, sampler, PURPOSE_OPEN_SERVICE);
    return;
  }
  if (openFails(machine, callManager, slot, generation)) {
    failOpen<M>(machine, now, slot, record, callManager, word, who, frame);
    return;
  }
  const rule = contextRuleOf(machine, slot, generation, false);
  if (rule != NO_RULE) violate(machine, callManager, now, slot, word, rule, STATUS_SUCCESS);
  transit(callManager, record, now, slot, word, TRANSITION_OPENED);
  addTotal(TOTAL_OPENED, 1);
  noteOpened(machine, slot, callManager);
  answerOpen<M>(machine, now, slot, word, frame, who, STATUS_SUCCESS, rule);
  if (isTraced<M>()) traceSelf(machine, now, slot, word, CALL_CL_OPEN_COMPLETE, 0, who, STATUS_SUCCESS, false);
  countOpen(machine);
  noteTaken(machine, slot);
  completeEarly<M>(machine, now, slot, generation, callManager);
  scheduleDrawn<M>(machine, now, slot, EVENT_HOLD, generation, load<u32>(SHARD_HOLD_SAMPLER), PURPOSE_HOLD);
  begin<M>(machine, now, slot);
}

/** The returns of an open, of which the call manager's says that it gave no context where that is the `rule` it breaks. */
@inline
function answerOpen<M>(
  machine: usize,
  now: u32,
  slot: u32,
  word: u32,
  frame: u32,
  who: u32,
  status: u32,
  rule: u32,
): void {
  const inner = status | (rule == RULE_OPEN_CONTEXT ? CONTEXT_NULL : 0);
  if (isTraced<M>()) traceReturns(machine, now, slot, word, CALL_CL_OPEN, CALL_CM_OPEN, frame, who, inner, status);
}

/** The mistakes of a client whose open has just been pended. */
function misuseOpening<M>(machine: usize, now: u32, slot: u32, generation: u32, callManager: usize): void {
  if (strikes(machine, FAULT_OPEN_SELF_COMPLETE, slot, generation)) {
    const rule = RULE_OPEN_COMPLETES_ONCE;
    extraSelfCall<M>(machine, now, slot, generation, callManager, CALL_CL_OPEN_COMPLETE, rule);
  }
  if (strikes(machine, FAULT_EARLY_CLOSE, slot, generation)) {
    extraClose<M>(machine, now, slot, generation, callManager);
  }
}

/** The call manager lets an open fail that it did not pend. */
function failOpen<M>(
  machine: usize,
  now: u32,
  slot: u32,
  record: usize,
  callManager: usize,
  word: u32,
  who: u32,
  frame: u32,
): void {
  const rule = contextRuleOf(machine, slot, word >>> STATE_BITS, true);
  if (rule != NO_RULE) violate(machine, callManager, now, slot, word, rule, STATUS_RESOURCES);
  transit(callManager, record, now, slot, word, TRANSITION_OPEN_FAILED);
  addTotal(TOTAL_OPEN_FAILED, 1);
  addTotal(TOTAL_OTHER_CALLS, 2);
  if (isTraced<M>()) {
    if (rule == NO_RULE) traceAct(machine, now, slot, word, OP_RELEASE_CALL_MANAGER, who);
    answerOpen<M>(machine, now, slot, word, frame, who, STATUS_RESOURCES, rule);
    traceSelf(machine, now, slot, word, CALL_CL_OPEN_COMPLETE, 0, who, STATUS_RESOURCES, true);
  }
  failed<M>(machine, now, slot, record, callManager);
}

/** The mistake of completing the close of an AF that has just been opened. */
@inline
function completeEarly<M>(machine: usize, now: u32, slot: u32, generation: u32, callManager: usize): void {
  if (!strikes(machine, FAULT_EARLY_COMPLETION, slot, generation)) return;
  extraCloseCompletion<M>(machine, now, slot, generation, callManager);
}

/** `open`, for callers outside the loop. */
export function openSlot<M>(machine: usize, now: u32, slot: u32): void {
  const callManager = callManagerOf(machine, adapterOf(placeOf(machine, slot)));
  open<M>(machine, now, slot, recordOf(machine, slot), callManager);
}

/** The call manager calls the completion of a pended open; answers the trace frame. */
export function completeOpen<M>(machine: usize, now: u32, slot: u32, callManager: usize, who: u32): u32 {
  const record = recordOf(machine, slot);
  const word = load<u32>(record, AF_WORD);
  const generation = word >>> STATE_BITS;
  const call = openCompletionOf(callManager);
  addTotal(TOTAL_OPEN_COMPLETED, 1);
  if (now - load<u32>(record, AF_TICK) > load<u32>(SHARD_OPEN_DEADLINE)) {
    violate(machine, callManager, now, slot, word, RULE_OPEN_OWED, STATUS_SUCCESS);
  }
  const fails = openFails(machine, callManager, slot, generation);
  const status = openStatusOf(machine, slot, generation, fails ? STATUS_RESOURCES : STATUS_SUCCESS);
  const contextRule = contextRuleOf(machine, slot, generation, fails);
  const rule = status == STATUS_PENDING ? RULE_OPEN_STATUS : contextRule;
  judgeCompletion(machine, callManager, now, slot, word, call, call, irqlOf(who), status, rule);
  const transition = fails ? TRANSITION_FAILURE_COMPLETED : TRANSITION_OPEN_COMPLETED;
  transit(callManager, record, now, slot, word, transition);
  if (!isTraced<M>()) return 0;
  if (fails && contextRule != RULE_OPEN_FAILED_HANDLE) {
    traceAct(machine, now, slot, word, OP_RELEASE_CALL_MANAGER, who);
  }
  const passed = status | (contextRule == RULE_OPEN_CONTEXT ? CONTEXT_NULL : 0);
  return traceCall(machine, now, slot, word, OP_CALL, call, 0, who, passed);
}

/** The call by which an open is completed. */
@inline
export function openCompletionOf(callManager: usize): u32 {
  return load<u32>(load<u32>(callManager, CM_PROFILE), PROFILE_OPEN_COMPLETE);
}

/** The mistake of completing an open again. */
export function completeOpenAgain<M>(
  machine: usize,
  now: u32,
  slot: u32,
  generation: u32,
  callManager: usize,
): void {
  if (!strikes(machine, FAULT_DOUBLE_OPEN_COMPLETE, slot, generation)) return;
  extraOpenCompletion<M>(machine, now, slot, generation, callManager);
}

/** A completion called at PASSIVE_LEVEL: NDIS tells the client before it returns. */
export function tellOpenNested<M>(machine: usize, now: u32, slot: u32, callManager: usize, who: u32, frame: u32): void {
  const word = load<u32>(recordOf(machine, slot), AF_WORD);
  callBack<M>(machine, now, slot, word, callManager, who, frame);
  if (isTraced<M>()) traceReturn(machine, now, slot, word, openCompletionOf(callManager), frame, who, STATUS_NONE);
  told<M>(machine, now, slot, word, callManager, true);
}

/** NDIS tells the client of a completed open from a thread of its own, at PASSIVE_LEVEL. */
export function tellOpen<M>(machine: usize, now: u32, slot: u32): void {
  const callManager = callManagerOf(machine, adapterOf(placeOf(machine, slot)));
  const word = load<u32>(recordOf(machine, slot), AF_WORD);
  callBack<M>(machine, now, slot, word, callManager, clientContext<M>(machine, slot, PASSIVE_LEVEL), 0);
  told<M>(machine, now, slot, word, callManager, false);
}

/** NDIS calls the client back, in which a client whose open has failed releases its context. */
function callBack<M>(
  machine: usize,
  now: u32,
  slot: u32,
  word: u32,
  callManager: usize,
  who: u32,
  parent: u32,
): void {
  checkIrql(machine, callManager, now, slot, word, RULE_IRQL_CALLBACK, CALL_CL_OPEN_COMPLETE, irqlOf(who));
  if (!isTraced<M>()) return;
  const fails = (word & STATE_MASK) == STATE_OPEN_FAILED;
  const status = fails ? STATUS_RESOURCES : STATUS_SUCCESS;
  const frame = traceCall(machine, now, slot, word, OP_CALL, CALL_CL_OPEN_COMPLETE, parent, who, status);
  if (fails) traceAct(machine, now, slot, word, OP_RELEASE_CLIENT, who);
  traceReturn(machine, now, slot, word, CALL_CL_OPEN_COMPLETE, frame, who, STATUS_NONE);
}

/** The client was told how its pended open ended, inside the completion call (`nested`) or by a thread of NDIS. */
function told<M>(machine: usize, now: u32, slot: u32, word: u32, callManager: usize, nested: bool): void {
  const record = recordOf(machine, slot);
  const generation = word >>> STATE_BITS;
  countOpening(machine, slot, -1);
  if ((word & STATE_MASK) == STATE_OPEN_FAILED) {
    transit(callManager, record, now, slot, word, TRANSITION_FAILURE_TOLD);
    addTotal(TOTAL_OPEN_FAILED, 1);
    if (nested) completeOpenAgain<M>(machine, now, slot, generation, callManager);
    failed<M>(machine, now, slot, record, callManager);
    return;
  }
  transit(callManager, record, now, slot, word, TRANSITION_OPEN_TOLD);
  addTotal(TOTAL_OPEN_TOLD, 1);
  countOpen(machine);
  noteTaken(machine, slot);
  const latency = now - load<u32>(record, AF_TICK);
  countLatency(load<u32>(SHARD_OPEN_TOTAL), latency);
  const cost = load<u32>(machine, MACHINE_COMPLETION_COST);
  if (cost) countLatency(load<u32>(SHARD_OPEN_FIRST), latency - cost);
  if (nested) completeOpenAgain<M>(machine, now, slot, generation, callManager);
  completeEarly<M>(machine, now, slot, generation, callManager);
  if (load<u32>(callManager, CM_HALTED)) {
    notify<M>(machine, now, slot, callManager, 0, false);
  } else if (!isBound(machine, slot)) {
    closeSlot<M>(machine, now, slot, callManager, clientContext<M>(machine, slot, PASSIVE_LEVEL), 0);
  } else {
    scheduleDrawn<M>(machine, now, slot, EVENT_HOLD, generation, load<u32>(SHARD_HOLD_SAMPLER), PURPOSE_HOLD);
    begin<M>(machine, now, slot);
  }
}
