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
  TOTAL_OPENED,
  TOTAL_OPEN_COMPLETED,
  TOTAL_OPEN_PENDED,
  TOTAL_OPEN_TOLD,
} from "../abi/layout";
import {
  CALL_CL_OPEN,
  CALL_CL_OPEN_COMPLETE,
  CALL_CM_OPEN,
  DISPATCH_LEVEL,
  EVENT_HOLD,
  EVENT_OPEN_DONE,
  FAULT_DOUBLE_OPEN_COMPLETE,
  FAULT_EARLY_COMPLETION,
  FAULT_OPEN_IRQL,
  OP_CALL,
  OP_CALL_SELF,
  PASSIVE_LEVEL,
  PURPOSE_HOLD,
  PURPOSE_OPEN_PENDS,
  PURPOSE_OPEN_SERVICE,
  RULE_OPEN_OWED,
  RULE_OPEN_STATUS,
  STATUS_NONE,
  STATUS_PENDING,
  STATUS_SUCCESS,
  TRANSITION_OPENED,
  TRANSITION_OPEN_COMPLETED,
  TRANSITION_OPEN_PENDED,
  TRANSITION_OPEN_TOLD,
  TRANSITION_RETIRED,
} from "../abi/codes";
import { happens } from "../core/random";
import { isTraced } from "../engine/mode";
import { scheduleDrawn } from "../engine/agenda";
import { countLatency } from "../measure/latency";
import { adapterOf, callManagerOf, placeOf, recordOf, transit } from "../table/handle-table";
import { closeSlot } from "./close";
import { addTotal, countOpen } from "./counts";
import { extraCloseCompletion, extraOpenCompletion, openStatusOf, strikes } from "./faults";
import { checkCallback, checkIrql, judgeCompletion, violate } from "./rules";
import { clientProcessor, context, traceCall, traceCallback, traceReturn } from "./trace";

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
  const high = strikes(machine, FAULT_OPEN_IRQL, slot, generation);
  const irql = high ? DISPATCH_LEVEL : PASSIVE_LEVEL;
  const who = isTraced<M>() ? context(clientProcessor(machine, slot), irql) : 0;
  let outer: u32 = 0;
  let inner: u32 = 0;
  checkIrql(machine, callManager, now, slot, word, CALL_CL_OPEN, irql);
  if (isTraced<M>()) {
    outer = traceCall(machine, now, slot, word, OP_CALL, CALL_CL_OPEN, 0, who, STATUS_NONE);
    inner = traceCall(machine, now, slot, word, OP_CALL, CALL_CM_OPEN, outer, who, STATUS_NONE);
  }
  const profile = load<u32>(callManager, CM_PROFILE) as usize;
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
  transit(callManager, record, now, slot, word, TRANSITION_OPENED);
  addTotal(TOTAL_OPENED, 1);
  if (isTraced<M>()) {
    traceReturn(machine, now, slot, word, CALL_CM_OPEN, inner, who, STATUS_SUCCESS);
    traceReturn(machine, now, slot, word, CALL_CL_OPEN, outer, who, STATUS_SUCCESS);
    const own = traceCall(machine, now, slot, word, OP_CALL_SELF, CALL_CL_OPEN_COMPLETE, 0, who, STATUS_SUCCESS);
    traceReturn(machine, now, slot, word, CALL_CL_OPEN_COMPLETE, own, who, STATUS_NONE);
  }
  countOpen(machine);
  completeEarly<M>(machine, now, slot, generation, callManager);
  scheduleDrawn<M>(machine, now, slot, EVENT_HOLD, generation, load<u32>(SHARD_HOLD_SAMPLER), PURPOSE_HOLD);
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

/** The client was told that its pended open succeeded, inside the completion call (`nested`) or by a thread of NDIS. */
function opened<M>(machine: usize, now: u32, slot: u32, record: usize, callManager: usize, nested: bool): void {
  const word = load<u32>(record, AF_WORD);
  const generation = word >>> STATE_BITS;
  transit(callManager, record, now, slot, word, TRANSITION_OPEN_TOLD);
  addTotal(TOTAL_OPEN_TOLD, 1);
  countOpen(machine);
  const latency = now - load<u32>(record, AF_TICK);
  countLatency(load<u32>(SHARD_OPEN_TOTAL), latency);
  const cost = load<u32>(machine, MACHINE_COMPLETION_COST);
  if (cost) countLatency(load<u32>(SHARD_OPEN_FIRST), latency - cost);
  if (nested) completeOpenAgain<M>(machine, now, slot, generation, callManager);
  completeEarly<M>(machine, now, slot, generation, callManager);
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
  const word = load<u32>(record, AF_WORD);
  checkCallback(machine, callManager, now, slot, word, CALL_CL_OPEN_COMPLETE, PASSIVE_LEVEL);
  if (isTraced<M>()) {
    const who = context(clientProcessor(machine, slot), PASSIVE_LEVEL);
    const frame = traceCallback(machine, now, slot, word, CALL_CL_OPEN_COMPLETE, 0, who, STATUS_SUCCESS);
    traceReturn(machine, now, slot, word, CALL_CL_OPEN_COMPLETE, frame, who, STATUS_NONE);
  }
  opened<M>(machine, now, slot, record, callManager, false);
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

/** The call manager calls the completion of a pended open; answers the trace frame. */
export function completeOpen<M>(machine: usize, now: u32, slot: u32, callManager: usize, who: u32): u32 {
  const record = recordOf(machine, slot);
  const word = load<u32>(record, AF_WORD);
  const call = load<u32>(load<u32>(callManager, CM_PROFILE), PROFILE_OPEN_COMPLETE);
  addTotal(TOTAL_OPEN_COMPLETED, 1);
  if (now - load<u32>(record, AF_TICK) > load<u32>(SHARD_OPEN_DEADLINE)) {
    violate(machine, callManager, now, slot, word, RULE_OPEN_OWED, STATUS_SUCCESS);
  }
  const status = openStatusOf(machine, slot, word >>> STATE_BITS);
  judgeCompletion(machine, callManager, now, slot, word, call, call, who & 0xff, status, RULE_OPEN_STATUS);
  transit(callManager, record, now, slot, word, TRANSITION_OPEN_COMPLETED);
  if (!isTraced<M>()) return 0;
  return traceCall(machine, now, slot, word, OP_CALL, call, 0, who, status);
}

/** A completion called at PASSIVE_LEVEL: NDIS tells the client before it returns. */
export function tellOpenNested<M>(machine: usize, now: u32, slot: u32, callManager: usize, who: u32, frame: u32): void {
  const record = recordOf(machine, slot);
  const word = load<u32>(record, AF_WORD);
  checkCallback(machine, callManager, now, slot, word, CALL_CL_OPEN_COMPLETE, who & 0xff);
  if (isTraced<M>()) {
    const call = load<u32>(load<u32>(callManager, CM_PROFILE), PROFILE_OPEN_COMPLETE);
    const nested = traceCallback(machine, now, slot, word, CALL_CL_OPEN_COMPLETE, frame, who, STATUS_SUCCESS);
    traceReturn(machine, now, slot, word, CALL_CL_OPEN_COMPLETE, nested, who, STATUS_NONE);
    traceReturn(machine, now, slot, word, call, frame, who, STATUS_NONE);
  }
  opened<M>(machine, now, slot, record, callManager, true);
}
