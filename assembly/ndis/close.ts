// Closing an AF and what follows its end, as src/contract/MODEL.md "Events" has it.
import {
  AF_LINK,
  AF_SEQUENCE,
  AF_TICK,
  AF_WORD,
  CM_HALTED,
  CM_PROFILE,
  CM_SEQUENCE,
  MACHINE_COMPLETION_COST,
  MACHINE_DRAINING,
  MACHINE_FREE_HEAD,
  MACHINE_FREE_TAIL,
  MACHINE_OPEN,
  MACHINE_PENDED,
  PROFILE_CLOSE_COMPLETE,
  PROFILE_CLOSE_PENDS,
  PROFILE_CLOSE_SAMPLER,
  PROFILE_INLINE,
  PROFILE_SERVERS,
  SAMPLER_CONSTANT,
  SAMPLER_TICKS,
  SHARD_ARRIVAL_SAMPLER,
  SHARD_CLOSE_DEADLINE,
  SHARD_CLOSE_FIRST,
  SHARD_CLOSE_TOTAL,
  SHARD_REOPEN,
  SHARD_THINK_SAMPLER,
  STATE_BITS,
  TOTAL_CLOSED,
  TOTAL_CLOSE_COMPLETED,
  TOTAL_CLOSE_PENDED,
  TOTAL_CLOSE_TOLD,
  TOTAL_INLINE,
} from "../abi/layout";
import {
  CALL_CL_CLOSE,
  CALL_CL_CLOSE_COMPLETE,
  CALL_CM_CLOSE,
  EVENT_CLOSE_DONE,
  EVENT_THINK,
  FAULT_CLOSE_TWICE,
  FAULT_DOUBLE_COMPLETE,
  FAULT_STALE_CLOSE,
  FAULT_STALE_COMPLETION,
  OP_CALL,
  OP_CALL_SELF,
  OP_RELEASE_CALL_MANAGER,
  OP_RELEASE_CLIENT,
  PASSIVE_LEVEL,
  PURPOSE_CLOSE_PENDS,
  PURPOSE_CLOSE_SERVICE,
  PURPOSE_INLINE,
  PURPOSE_THINK,
  RULE_CLOSE_COMPLETE_STATUS,
  RULE_CLOSE_OWED,
  STATUS_NONE,
  STATUS_PENDING,
  STATUS_SUCCESS,
  TRANSITION_CLOSED,
  TRANSITION_CLOSE_COMPLETED,
  TRANSITION_CLOSE_PENDED,
  TRANSITION_CLOSE_TOLD,
  TRANSITION_CLOSE_TOLD_DIRECT,
  TRANSITION_COMPLETED_INLINE,
  TRANSITION_INLINE_RETURNED,
  TRAP_SEQUENCE,
} from "../abi/codes";
import { trap } from "../core/assert";
import { happens } from "../core/random";
import { serve } from "../drivers/serve";
import { isTraced } from "../engine/mode";
import { scheduleDrawn } from "../engine/agenda";
import { countLatency } from "../measure/latency";
import { countOrder } from "../measure/ordering";
import { adapterOf, callManagerOf, clientOf, placeOf, recordOf, transit } from "../table/handle-table";
import { addTotal, countPended } from "./counts";
import { closeCompletionOf, closeStatusOf, extraClose, extraCloseCompletion, strikes } from "./faults";
import { open } from "./open";
import { checkIrql, judgeCompletion, violate } from "./rules";
import { clientProcessor, context, traceCall, traceCallback, traceRelease, traceReturn } from "./trace";

/** The client closes the open AF. */
@inline
export function close<M>(machine: usize, now: u32, slot: u32, record: usize, callManager: usize): void {
  const word = load<u32>(record, AF_WORD);
  const generation = word >>> STATE_BITS;
  const sequence = load<u32>(callManager, CM_SEQUENCE);
  if (sequence == 0xffffffff) trap(TRAP_SEQUENCE, slot);
  store<u32>(callManager, sequence + 1, CM_SEQUENCE);
  store<u32>(machine, load<u32>(machine, MACHINE_OPEN) - 1, MACHINE_OPEN);
  const who = isTraced<M>() ? context(clientProcessor(machine, slot), PASSIVE_LEVEL) : 0;
  let outer: u32 = 0;
  let inner: u32 = 0;
  checkIrql(machine, callManager, now, slot, word, CALL_CL_CLOSE, PASSIVE_LEVEL);
  if (isTraced<M>()) {
    outer = traceCall(machine, now, slot, word, OP_CALL, CALL_CL_CLOSE, 0, who, STATUS_NONE);
    inner = traceCall(machine, now, slot, word, OP_CALL, CALL_CM_CLOSE, outer, who, STATUS_NONE);
  }
  const profile = load<u32>(callManager, CM_PROFILE) as usize;
  if (!happens(machine, PURPOSE_CLOSE_PENDS, slot, generation, load<u64>(profile, PROFILE_CLOSE_PENDS))) {
    addTotal(TOTAL_CLOSED, 1);
    transit(callManager, record, now, slot, word, TRANSITION_CLOSED);
    if (isTraced<M>()) {
      traceRelease(machine, now, slot, word, OP_RELEASE_CALL_MANAGER, who);
      traceReturn(machine, now, slot, word, CALL_CM_CLOSE, inner, who, STATUS_SUCCESS);
      traceReturn(machine, now, slot, word, CALL_CL_CLOSE, outer, who, STATUS_SUCCESS);
      const own = traceCall(machine, now, slot, word, OP_CALL_SELF, CALL_CL_CLOSE_COMPLETE, 0, who, STATUS_SUCCESS);
      traceRelease(machine, now, slot, word, OP_RELEASE_CLIENT, who);
      traceReturn(machine, now, slot, word, CALL_CL_CLOSE_COMPLETE, own, who, STATUS_NONE);
    }
    ended<M>(machine, now, slot, record, callManager);
    if (strikes(machine, FAULT_STALE_COMPLETION, slot, generation)) {
      extraCloseCompletion<M>(machine, now, slot, generation, callManager);
    }
    return;
  }
  addTotal(TOTAL_CLOSE_PENDED, 1);
  if (happens(machine, PURPOSE_INLINE, slot, generation, load<u64>(profile, PROFILE_INLINE))) {
    const call = load<u32>(profile, PROFILE_CLOSE_COMPLETE);
    const rule = RULE_CLOSE_COMPLETE_STATUS;
    judgeCompletion(machine, callManager, now, slot, word, call, call, PASSIVE_LEVEL, STATUS_SUCCESS, rule);
    addTotal(TOTAL_INLINE, 1);
    addTotal(TOTAL_CLOSE_COMPLETED, 1);
    if (isTraced<M>()) {
      traceRelease(machine, now, slot, word, OP_RELEASE_CALL_MANAGER, who);
      const frame = traceCall(machine, now, slot, word, OP_CALL, call, inner, who, STATUS_SUCCESS);
      traceTold(machine, now, slot, word, call, frame, who);
      traceReturn(machine, now, slot, word, CALL_CM_CLOSE, inner, who, STATUS_PENDING);
      traceReturn(machine, now, slot, word, CALL_CL_CLOSE, outer, who, STATUS_PENDING);
    }
    const early = transit(callManager, record, now, slot, word, TRANSITION_COMPLETED_INLINE);
    addTotal(TOTAL_CLOSE_TOLD, 1);
    countLatency(load<u32>(SHARD_CLOSE_TOTAL), 0);
    countOrder(machine, callManager, clientOf(machine, placeOf(machine, slot)), sequence);
    transit(callManager, record, now, slot, early, TRANSITION_INLINE_RETURNED);
    ended<M>(machine, now, slot, record, callManager);
    return;
  }
  if (isTraced<M>()) {
    traceReturn(machine, now, slot, word, CALL_CM_CLOSE, inner, who, STATUS_PENDING);
    traceReturn(machine, now, slot, word, CALL_CL_CLOSE, outer, who, STATUS_PENDING);
  }
  store<u32>(record, now, AF_TICK);
  store<u32>(record, sequence, AF_SEQUENCE);
  transit(callManager, record, now, slot, word, TRANSITION_CLOSE_PENDED);
  countPended(machine);
  if (strikes(machine, FAULT_CLOSE_TWICE, slot, generation)) extraClose<M>(machine, now, slot, generation);
  if (load<u32>(profile, PROFILE_SERVERS)) {
    serve<M>(machine, now, slot, generation, callManager, profile);
    return;
  }
  const sampler = load<u32>(profile, PROFILE_CLOSE_SAMPLER);
  scheduleDrawn<M>(machine, now, slot, EVENT_CLOSE_DONE, generation, sampler, PURPOSE_CLOSE_SERVICE);
}

/** `close`, for callers outside the loop. */
export function closeSlot<M>(machine: usize, now: u32, slot: u32): void {
  const callManager = callManagerOf(machine, adapterOf(placeOf(machine, slot)));
  close<M>(machine, now, slot, recordOf(machine, slot), callManager);
}

/** The callback of a close, the client's release in it, and the return of the completion call around it. */
function traceTold(machine: usize, now: u32, slot: u32, word: u32, call: u32, frame: u32, who: u32): void {
  const told = traceCallback(machine, now, slot, word, CALL_CL_CLOSE_COMPLETE, frame, who, STATUS_SUCCESS);
  traceRelease(machine, now, slot, word, OP_RELEASE_CLIENT, who);
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
  const own = load<u32>(load<u32>(callManager, CM_PROFILE), PROFILE_CLOSE_COMPLETE);
  let call = own;
  let status: u32 = STATUS_SUCCESS;
  addTotal(TOTAL_CLOSE_COMPLETED, 1);
  if (now - load<u32>(record, AF_TICK) > load<u32>(SHARD_CLOSE_DEADLINE)) {
    violate(machine, callManager, now, slot, word, RULE_CLOSE_OWED, STATUS_SUCCESS);
  }
  call = closeCompletionOf(machine, callManager, slot, word >>> STATE_BITS);
  status = closeStatusOf(machine, slot, word >>> STATE_BITS);
  const rule = RULE_CLOSE_COMPLETE_STATUS;
  judgeCompletion(machine, callManager, now, slot, word, own, call, who & 0xff, status, rule);
  if (!direct) transit(callManager, record, now, slot, word, TRANSITION_CLOSE_COMPLETED);
  if (!isTraced<M>()) return 0;
  traceRelease(machine, now, slot, word, OP_RELEASE_CALL_MANAGER, who);
  return traceCall(machine, now, slot, word, OP_CALL, call, 0, who, status);
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
    traceTold(machine, now, slot, word, call, frame, who);
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
  if (strikes(machine, FAULT_DOUBLE_COMPLETE, slot, generation)) {
    extraCloseCompletion<M>(machine, now, slot, generation, callManager);
  }
  if (strikes(machine, FAULT_STALE_CLOSE, slot, generation)) extraClose<M>(machine, now, slot, generation);
}

/** A lifecycle ended and its slot is vacant: what the client does next. */
@inline
function ended<M>(machine: usize, now: u32, slot: u32, record: usize, callManager: usize): void {
  if (load<u32>(callManager, CM_HALTED)) return;
  if (load<u32>(SHARD_ARRIVAL_SAMPLER)) {
    freeSlot(machine, slot, record);
    return;
  }
  if (load<u32>(machine, MACHINE_DRAINING)) return;
  if (!load<u32>(SHARD_REOPEN)) return;
  const think = load<u32>(SHARD_THINK_SAMPLER);
  if (!(load<u32>(think, SAMPLER_CONSTANT) && load<u32>(think, SAMPLER_TICKS) == 0)) {
    const generation = load<u32>(record, AF_WORD) >>> STATE_BITS;
    scheduleDrawn<M>(machine, now, slot, EVENT_THINK, generation, think, PURPOSE_THINK);
    return;
  }
  open<M>(machine, now, slot, record, callManager);
}

/** Puts a vacant slot at the tail of the free list, from which arrivals take theirs. */
export function freeSlot(machine: usize, slot: u32, record: usize): void {
  store<u32>(record, 0, AF_LINK);
  const tail = load<u32>(machine, MACHINE_FREE_TAIL);
  if (tail) store<u32>(recordOf(machine, tail - 1), slot + 1, AF_LINK);
  else store<u32>(machine, slot + 1, MACHINE_FREE_HEAD);
  store<u32>(machine, slot + 1, MACHINE_FREE_TAIL);
}
