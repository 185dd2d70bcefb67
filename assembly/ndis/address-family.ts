// The life of an AF: open, close and their completions, as src/contract/MODEL.md "Events" has them.
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
  MACHINE_PEAK_OPEN,
  MACHINE_PEAK_PENDED,
  MACHINE_PENDED,
  PROFILE_CLOSE_COMPLETE,
  PROFILE_CLOSE_PENDS,
  PROFILE_CLOSE_SAMPLER,
  PROFILE_INLINE,
  PROFILE_OPEN_COMPLETE,
  PROFILE_OPEN_PENDS,
  PROFILE_OPEN_SAMPLER,
  PROFILE_SERVERS,
  SAMPLER_CONSTANT,
  SAMPLER_TICKS,
  SHARD_ARRIVAL_SAMPLER,
  SHARD_CLOSE_DEADLINE,
  SHARD_CLOSE_FIRST,
  SHARD_CLOSE_TOTAL,
  SHARD_GENERATION_MAX,
  SHARD_HOLD_SAMPLER,
  SHARD_OPEN_DEADLINE,
  SHARD_OPEN_FIRST,
  SHARD_OPEN_TOTAL,
  SHARD_REOPEN,
  SHARD_THINK_SAMPLER,
  STATE_BITS,
  TOTAL_CLOSED,
  TOTAL_CLOSE_COMPLETED,
  TOTAL_CLOSE_PENDED,
  TOTAL_CLOSE_TOLD,
  TOTAL_INLINE,
  TOTAL_OPENED,
  TOTAL_OPEN_COMPLETED,
  TOTAL_OPEN_PENDED,
  TOTAL_OPEN_TOLD,
} from "../abi/layout";
import {
  CALL_CL_CLOSE,
  CALL_CL_CLOSE_COMPLETE,
  CALL_CL_OPEN,
  CALL_CL_OPEN_COMPLETE,
  CALL_CM_CLOSE,
  CALL_CM_OPEN,
  EVENT_CLOSE_DONE,
  EVENT_HOLD,
  EVENT_OPEN_DONE,
  EVENT_THINK,
  OP_CALL,
  OP_CALL_SELF,
  OP_RELEASE_CALL_MANAGER,
  OP_RELEASE_CLIENT,
  PASSIVE_LEVEL,
  PURPOSE_CLOSE_PENDS,
  PURPOSE_CLOSE_SERVICE,
  PURPOSE_HOLD,
  PURPOSE_INLINE,
  PURPOSE_OPEN_PENDS,
  PURPOSE_OPEN_SERVICE,
  PURPOSE_THINK,
  RULE_CLOSE_OWED,
  RULE_OPEN_OWED,
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
  TRANSITION_OPENED,
  TRANSITION_OPEN_COMPLETED,
  TRANSITION_OPEN_PENDED,
  TRANSITION_OPEN_TOLD,
  TRANSITION_RETIRED,
  TRAP_SEQUENCE,
} from "../abi/codes";
import { trap } from "../core/assert";
import { happens } from "../core/random";
import { serve } from "../drivers/serve";
import { isPlain, isTraced } from "../engine/mode";
import { scheduleDrawn } from "../engine/todo";
import { countLatency } from "../measure/latency";
import { countOrder } from "../measure/ordering";
import { adapterOf, callManagerOf, clientOf, placeOf, recordOf, transit } from "../table/handle-table";
import { checkIrql, violate } from "./rules";
import { clientProcessor, context, traceCall, traceCallback, traceRelease, traceReturn } from "./trace";

@inline
export function addTotal(total: usize, n: u64): void {
  store<u64>(total, load<u64>(total) + n);
}

@inline
function countOpen(machine: usize): void {
  const open = load<u32>(machine, MACHINE_OPEN) + 1;
  store<u32>(machine, open, MACHINE_OPEN);
  store<u32>(machine, max(open, load<u32>(machine, MACHINE_PEAK_OPEN)), MACHINE_PEAK_OPEN);
}

@inline
function countPended(machine: usize): void {
  const pended = load<u32>(machine, MACHINE_PENDED) + 1;
  store<u32>(machine, pended, MACHINE_PENDED);
  store<u32>(machine, max(pended, load<u32>(machine, MACHINE_PEAK_PENDED)), MACHINE_PEAK_PENDED);
}

/** The client opens the vacant slot's AF. */
@inline
export function open<M>(machine: usize, now: u32, slot: u32, record: usize, callManager: usize): void {
  const vacant = load<u32>(record, AF_WORD);
  if (vacant >>> STATE_BITS >= load<u32>(SHARD_GENERATION_MAX)) {
    transit(callManager, record, now, slot, vacant, TRANSITION_RETIRED);
    return;
  }
  const word = vacant + (1 << STATE_BITS);
  const generation = word >>> STATE_BITS;
  const who = isTraced<M>() ? context(clientProcessor(machine, slot), PASSIVE_LEVEL) : 0;
  let outer: u32 = 0;
  let inner: u32 = 0;
  checkIrql(machine, callManager, now, slot, word, CALL_CL_OPEN, PASSIVE_LEVEL);
  if (isTraced<M>()) {
    outer = traceCall(machine, now, slot, word, OP_CALL, CALL_CL_OPEN, 0, who, STATUS_NONE);
    inner = traceCall(machine, now, slot, word, OP_CALL, CALL_CM_OPEN, outer, who, STATUS_NONE);
  }
  const profile = load<u32>(callManager, CM_PROFILE) as usize;
  if (!isPlain<M>()) {
    if (happens(machine, PURPOSE_OPEN_PENDS, slot, generation, load<u64>(profile, PROFILE_OPEN_PENDS))) {
      store<u32>(record, now, AF_TICK);
      transit(callManager, record, now, slot, word, TRANSITION_OPEN_PENDED);
      addTotal(TOTAL_OPEN_PENDED, 1);
      if (isTraced<M>()) {
        traceReturn(machine, now, slot, word, CALL_CM_OPEN, inner, who, STATUS_PENDING);
        traceReturn(machine, now, slot, word, CALL_CL_OPEN, outer, who, STATUS_PENDING);
      }
      const sampler = load<u32>(profile, PROFILE_OPEN_SAMPLER);
      scheduleDrawn<M>(machine, now, slot, EVENT_OPEN_DONE, generation, sampler, PURPOSE_OPEN_SERVICE);
      return;
    }
  }
  transit(callManager, record, now, slot, word, TRANSITION_OPENED);
  addTotal(TOTAL_OPENED, 1);
  if (isTraced<M>()) {
    traceReturn(machine, now, slot, word, CALL_CM_OPEN, inner, who, STATUS_SUCCESS);
    traceReturn(machine, now, slot, word, CALL_CL_OPEN, outer, who, STATUS_SUCCESS);
    const own = traceCall(machine, now, slot, word, OP_CALL_SELF, CALL_CL_OPEN_COMPLETE, 0, who, STATUS_SUCCESS);
    traceReturn(machine, now, slot, word, CALL_CL_OPEN_COMPLETE, own, who, STATUS_NONE);
  }
  countOpen(machine);
  scheduleDrawn<M>(machine, now, slot, EVENT_HOLD, generation, load<u32>(SHARD_HOLD_SAMPLER), PURPOSE_HOLD);
}

/** `open`, for callers outside the loop. */
export function openSlot<M>(machine: usize, now: u32, slot: u32): void {
  const callManager = callManagerOf(machine, adapterOf(placeOf(machine, slot)));
  open<M>(machine, now, slot, recordOf(machine, slot), callManager);
}

/** The client was told that its pended open succeeded. */
function opened<M>(machine: usize, now: u32, slot: u32, record: usize, callManager: usize): void {
  const word = load<u32>(record, AF_WORD);
  const generation = word >>> STATE_BITS;
  transit(callManager, record, now, slot, word, TRANSITION_OPEN_TOLD);
  addTotal(TOTAL_OPEN_TOLD, 1);
  countOpen(machine);
  const latency = now - load<u32>(record, AF_TICK);
  countLatency(load<u32>(SHARD_OPEN_TOTAL), latency);
  const cost = load<u32>(machine, MACHINE_COMPLETION_COST);
  if (cost) countLatency(load<u32>(SHARD_OPEN_FIRST), latency - cost);
  if (load<u32>(callManager, CM_HALTED)) {
    closeSlot<M>(machine, now, slot);
  } else {
    scheduleDrawn<M>(machine, now, slot, EVENT_HOLD, generation, load<u32>(SHARD_HOLD_SAMPLER), PURPOSE_HOLD);
  }
}

/** NDIS tells the client of a completed open from a thread of its own, at PASSIVE_LEVEL. */
export function tellOpen<M>(machine: usize, now: u32, slot: u32): void {
  const record = recordOf(machine, slot);
  const callManager = callManagerOf(machine, adapterOf(placeOf(machine, slot)));
  if (isTraced<M>()) {
    const word = load<u32>(record, AF_WORD);
    const who = context(clientProcessor(machine, slot), PASSIVE_LEVEL);
    const frame = traceCallback(machine, now, slot, word, CALL_CL_OPEN_COMPLETE, 0, who, STATUS_SUCCESS);
    traceReturn(machine, now, slot, word, CALL_CL_OPEN_COMPLETE, frame, who, STATUS_NONE);
  }
  opened<M>(machine, now, slot, record, callManager);
}

/** The call manager calls the completion of a pended open; answers the trace frame. */
export function completeOpen<M>(machine: usize, now: u32, slot: u32, callManager: usize, who: u32): u32 {
  const record = recordOf(machine, slot);
  const word = load<u32>(record, AF_WORD);
  const call = load<u32>(load<u32>(callManager, CM_PROFILE), PROFILE_OPEN_COMPLETE);
  checkIrql(machine, callManager, now, slot, word, call, who & 0xff);
  addTotal(TOTAL_OPEN_COMPLETED, 1);
  if (now - load<u32>(record, AF_TICK) > load<u32>(SHARD_OPEN_DEADLINE)) {
    violate(machine, callManager, now, slot, word, RULE_OPEN_OWED, STATUS_SUCCESS);
  }
  transit(callManager, record, now, slot, word, TRANSITION_OPEN_COMPLETED);
  if (!isTraced<M>()) return 0;
  return traceCall(machine, now, slot, word, OP_CALL, call, 0, who, STATUS_SUCCESS);
}

/** A completion called at PASSIVE_LEVEL: NDIS tells the client before it returns. */
export function tellOpenNested<M>(machine: usize, now: u32, slot: u32, callManager: usize, who: u32, frame: u32): void {
  const record = recordOf(machine, slot);
  if (isTraced<M>()) {
    const word = load<u32>(record, AF_WORD);
    const call = load<u32>(load<u32>(callManager, CM_PROFILE), PROFILE_OPEN_COMPLETE);
    const nested = traceCallback(machine, now, slot, word, CALL_CL_OPEN_COMPLETE, frame, who, STATUS_SUCCESS);
    traceReturn(machine, now, slot, word, CALL_CL_OPEN_COMPLETE, nested, who, STATUS_NONE);
    traceReturn(machine, now, slot, word, call, frame, who, STATUS_NONE);
  }
  opened<M>(machine, now, slot, record, callManager);
}

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
  if (!isPlain<M>()) {
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
      return;
    }
  }
  addTotal(TOTAL_CLOSE_PENDED, 1);
  if (!isPlain<M>()) {
    if (happens(machine, PURPOSE_INLINE, slot, generation, load<u64>(profile, PROFILE_INLINE))) {
      const call = load<u32>(profile, PROFILE_CLOSE_COMPLETE);
      checkIrql(machine, callManager, now, slot, word, call, PASSIVE_LEVEL);
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
  }
  if (isTraced<M>()) {
    traceReturn(machine, now, slot, word, CALL_CM_CLOSE, inner, who, STATUS_PENDING);
    traceReturn(machine, now, slot, word, CALL_CL_CLOSE, outer, who, STATUS_PENDING);
  }
  store<u32>(record, now, AF_TICK);
  store<u32>(record, sequence, AF_SEQUENCE);
  transit(callManager, record, now, slot, word, TRANSITION_CLOSE_PENDED);
  countPended(machine);
  if (!isPlain<M>()) {
    if (load<u32>(profile, PROFILE_SERVERS)) {
      serve<M>(machine, now, slot, generation, callManager, profile);
      return;
    }
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
  const call = load<u32>(load<u32>(callManager, CM_PROFILE), PROFILE_CLOSE_COMPLETE);
  checkIrql(machine, callManager, now, slot, word, call, who & 0xff);
  addTotal(TOTAL_CLOSE_COMPLETED, 1);
  if (now - load<u32>(record, AF_TICK) > load<u32>(SHARD_CLOSE_DEADLINE)) {
    violate(machine, callManager, now, slot, word, RULE_CLOSE_OWED, STATUS_SUCCESS);
  }
  if (!direct) transit(callManager, record, now, slot, word, TRANSITION_CLOSE_COMPLETED);
  if (!isTraced<M>()) return 0;
  traceRelease(machine, now, slot, word, OP_RELEASE_CALL_MANAGER, who);
  return traceCall(machine, now, slot, word, OP_CALL, call, 0, who, STATUS_SUCCESS);
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
  if (isTraced<M>()) {
    const call = load<u32>(load<u32>(callManager, CM_PROFILE), PROFILE_CLOSE_COMPLETE);
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
}

/** A lifecycle ended and its slot is vacant: what the client does next. */
@inline
function ended<M>(machine: usize, now: u32, slot: u32, record: usize, callManager: usize): void {
  if (load<u32>(callManager, CM_HALTED)) return;
  if (!isPlain<M>()) {
    if (load<u32>(SHARD_ARRIVAL_SAMPLER)) {
      freeSlot(machine, slot, record);
      return;
    }
  }
  if (load<u32>(machine, MACHINE_DRAINING)) return;
  if (!isPlain<M>()) {
    if (!load<u32>(SHARD_REOPEN)) return;
    const think = load<u32>(SHARD_THINK_SAMPLER);
    if (!(load<u32>(think, SAMPLER_CONSTANT) && load<u32>(think, SAMPLER_TICKS) == 0)) {
      const generation = load<u32>(record, AF_WORD) >>> STATE_BITS;
      scheduleDrawn<M>(machine, now, slot, EVENT_THINK, generation, think, PURPOSE_THINK);
      return;
    }
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
