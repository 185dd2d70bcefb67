// Closes: requested by the client's lane, or inside a notification by the halting adapter's; completed by the call manager's. Whoever takes
// the state word from one state to the next has made the call; who finds another state there came too late.
import {
  AF_TICK,
  CM_PROFILE,
  CM_SEQUENCE,
  MACHINE_DRAINING,
  MACHINE_NOTES,
  MACHINE_NOW,
  PROFILE_CLOSE_COMPLETE,
  PROFILE_CLOSE_PENDS,
  PROFILE_CLOSE_SAMPLER,
  PROFILE_INLINE,
  PROFILE_IRQL,
  SHARD_ARRIVAL_SAMPLER,
  SHARD_CLOSE_DEADLINE,
  STATE_MASK,
  TOTAL_CLOSED,
  TOTAL_CLOSE_COMPLETED,
  TOTAL_CLOSE_PENDED,
  TOTAL_CLOSE_TOLD,
  TOTAL_INLINE,
  TOTAL_OTHER_CALLS,
} from "../abi/layout";
import {
  EVENT_SECOND_DONE,
  ITEM_CLOSE,
  ITEM_INLINE,
  ITEM_SECOND,
  ITEM_STALE,
  ITEM_TOLD,
  LANE_CALLS,
  LANE_CALLS_END,
  LANE_CLOSE_COUNTS,
  LANE_INDEX,
  LANE_LANES,
  LANE_ORDER,
  LANE_REOPENS,
  LANE_SCRATCH,
  LANE_THINK,
  LANE_AT_ONCE,
  LANE_TOTAL_LOST_RACES,
  OPEN_CALL_BYTES,
  OPEN_CALL_INNER,
  OPEN_CALL_OUTER,
  OPEN_CALL_SLOT,
  OPEN_CALL_WORD,
} from "../abi/lane-layout";
import {
  CALL_CL_CLOSE,
  CALL_CL_CLOSE_COMPLETE,
  CALL_CM_CLOSE,
  DEVICE_LEVEL,
  DISPATCH_LEVEL,
  EVENT_CLOSE_DONE,
  EVENT_THINK,
  FAULT_BLOCKED_WAIT,
  FAULT_CLOSE_RETURN_STATUS,
  FAULT_CLOSE_SELF_COMPLETE,
  FAULT_CLOSE_TWICE,
  FAULT_CM_LEAK,
  FAULT_COMPLETION_IRQL,
  FAULT_COMPLETION_STATUS,
  FAULT_CONTEXT_LEAK,
  FAULT_DOUBLE_COMPLETE,
  FAULT_EARLY_RELEASE,
  FAULT_LOST_COMPLETION,
  FAULT_NO_SELF_COMPLETE,
  FAULT_STALE_CLOSE,
  FAULT_STALE_COMPLETION,
  FAULT_WRONG_FAMILY,
  HANDLE_CLOSED,
  HANDLE_COMPLETED,
  JUDGED_CLOSE,
  JUDGED_CLOSE_COMPLETION,
  OP_CALL,
  OP_CALL_SELF,
  OP_RELEASE_CALL_MANAGER,
  OP_RELEASE_CLIENT,
  OP_WAIT,
  PASSIVE_LEVEL,
  PURPOSE_CLOSE_PENDS,
  PURPOSE_CLOSE_SERVICE,
  PURPOSE_INLINE,
  PURPOSE_THINK,
  RULE_CLOSE_BLOCKED,
  RULE_CLOSE_CM_LEAK,
  RULE_CLOSE_COMPLETES_ONCE,
  RULE_CLOSE_COMPLETE_STATUS,
  RULE_CLOSE_CONTEXT_EARLY,
  RULE_CLOSE_CONTEXT_LEAK,
  RULE_CLOSE_FAMILY,
  RULE_CLOSE_OWED,
  RULE_CLOSE_STATUS,
  RULE_IRQL_CALLER,
  STATE_CLOSE_PENDED,
  STATE_COMPLETED_EARLY,
  STATE_OPEN,
  STATE_VACANT,
  STATUS_FAILURE,
  STATUS_NONE,
  STATUS_NOT_ACCEPTED,
  STATUS_PENDING,
  STATUS_SUCCESS,
} from "../abi/codes";
import { draw, happens } from "../core/random";
import { isTraced } from "../engine/mode";
import { sampleTicks } from "../core/sampler";
import { countLatency } from "../measure/latency";
import { countOrderAt, measureWindowAt } from "../measure/ordering";
import { closeCompletionOf, closeStatusOf, hasFaults, strikes } from "../ndis/faults";
import { isTooHigh } from "../ndis/rules";
import { adapterOf, callManagerOf, clientOf, placeOf, recordOf } from "../table/handle-table";
import { addOpen, addPended, count, countOwn, generationOf, inState, isHalted, itemOf, judge, laneOfAdapter, laneOfClient, since, stampOf, swap, violate, wordOf } from "./lane";
import { insert } from "./lane-queue";
import { giveSlot } from "./free-list";
import { finishNotification, noteOwes } from "./notifications";
import { open } from "./opens";
import { takeBack, traceAct, traceBoth, traceCall, tracePlace, traceReturn } from "./records";
import { send } from "./rings";

/** The state while NdisClCloseAddressFamily has not returned: only lanes store it. */
export const STATE_CLOSING: u32 = 5;

const CLOSE_FAULTS: u64 =
  ((1 as u64) << FAULT_CLOSE_TWICE) |
  ((1 as u64) << FAULT_CLOSE_SELF_COMPLETE) |
  ((1 as u64) << FAULT_EARLY_RELEASE) |
  ((1 as u64) << FAULT_BLOCKED_WAIT) |
  ((1 as u64) << FAULT_DOUBLE_COMPLETE);
const COMPLETION_FAULTS: u64 =
  ((1 as u64) << FAULT_WRONG_FAMILY) |
  ((1 as u64) << FAULT_COMPLETION_IRQL) |
  ((1 as u64) << FAULT_COMPLETION_STATUS) |
  ((1 as u64) << FAULT_CM_LEAK) |
  ((1 as u64) << FAULT_CONTEXT_LEAK) |
  ((1 as u64) << FAULT_EARLY_RELEASE) |
  ((1 as u64) << FAULT_LOST_COMPLETION);

/** The client requests the close of an AF whose word was `word`, open. */
@inline
export function close<M>(lane: usize, slot: u32, word: u32): void {
  requestClose<M>(lane, slot, word, 0, false, false);
}

/**
 * The same, in a notification or not. Answers whether it was the first to do so. In a notification `parent` is its trace frame, `owes` says
 * that the client will owe its completion, and a close that is pended is handed over when the notification has returned.
 */
export function requestClose<M>(lane: usize, slot: u32, word: u32, parent: u32, isNotified: bool, owes: bool): bool {
  const generation = generationOf(word);
  const place = placeOf(lane, slot);
  const adapter = adapterOf(place);
  const profile = load<u32>(callManagerOf(lane, adapter), CM_PROFILE) as usize;
  if (!happens(lane, PURPOSE_CLOSE_PENDS, slot, generation, load<u64>(profile, PROFILE_CLOSE_PENDS))) return closeAtOnce<M>(lane, slot, word, parent, owes);
  const isInline = !isNotified && happens(lane, PURPOSE_INLINE, slot, generation, load<u64>(profile, PROFILE_INLINE));
  const before = tracePlace<M>(lane);
  const outer = traceCall<M>(lane, OP_CALL, CALL_CL_CLOSE, slot, word, STATUS_NONE, parent, PASSIVE_LEVEL);
  const inner = traceCall<M>(lane, OP_CALL, CALL_CM_CLOSE, slot, word, STATUS_NONE, outer, PASSIVE_LEVEL);
  // Before the swap, so that whoever sees the close pended sees since when.
  store<u32>(recordOf(lane, slot), stampOf(lane), AF_TICK);
  const next = inState(word, isInline ? STATE_CLOSING : STATE_CLOSE_PENDED);
  if (swap(lane, slot, word, next) != word) {
    takeBack<M>(lane, before);
    countOwn(lane, LANE_TOTAL_LOST_RACES, 1);
    return false;
  }
  count(lane, TOTAL_CLOSE_PENDED, 1);
  addOpen(lane, -1);
  addPended(lane, 1);
  if (owes) noteOwes(lane, slot);
  if (isInline) {
    const at = load<u32>(lane, LANE_CALLS_END) as usize;
    store<u32>(at, slot, OPEN_CALL_SLOT);
    store<u32>(at, next, OPEN_CALL_WORD);
    store<u32>(at, outer, OPEN_CALL_OUTER);
    store<u32>(at, inner, OPEN_CALL_INNER);
    store<u32>(lane, at + OPEN_CALL_BYTES, LANE_CALLS_END);
    send(lane, laneOfAdapter(lane, adapter), itemOf(slot, ITEM_INLINE, next));
    return true;
  }
  traceReturn<M>(lane, CALL_CM_CLOSE, slot, word, STATUS_PENDING, inner, PASSIVE_LEVEL);
  traceReturn<M>(lane, CALL_CL_CLOSE, slot, word, STATUS_PENDING, outer, PASSIVE_LEVEL);
  if (hasFaults(lane, CLOSE_FAULTS)) makeMistakesWhilePended<M>(lane, slot, next);
  if (!isNotified) handOver(lane, slot, next);
  return true;
}

/** The call manager's lane gets a close that was pended. */
@inline
export function handOver(lane: usize, slot: u32, word: u32): void {
  send(lane, laneOfAdapter(lane, adapterOf(placeOf(lane, slot))), itemOf(slot, ITEM_CLOSE, word));
}

/** A close that the call manager answers with SUCCESS. */
function closeAtOnce<M>(lane: usize, slot: u32, word: u32, parent: u32, owes: bool): bool {
  const generation = generationOf(word);
  const before = tracePlace<M>(lane);
  const outer = traceCall<M>(lane, OP_CALL, CALL_CL_CLOSE, slot, word, STATUS_NONE, parent, PASSIVE_LEVEL);
  const inner = traceCall<M>(lane, OP_CALL, CALL_CM_CLOSE, slot, word, STATUS_NONE, outer, PASSIVE_LEVEL);
  const status = strikes(lane, FAULT_CLOSE_RETURN_STATUS, slot, generation) ? STATUS_NOT_ACCEPTED : STATUS_SUCCESS;
  const leaks = strikes(lane, FAULT_CM_LEAK, slot, generation);
  // Nobody else knows the handle any more once the AF is vacant: the rest of the records may follow.
  const next = inState(word, STATE_VACANT);
  if (swap(lane, slot, word, next) != word) {
    takeBack<M>(lane, before);
    countOwn(lane, LANE_TOTAL_LOST_RACES, 1);
    return false;
  }
  if (status != STATUS_SUCCESS) violate(lane, slot, word, RULE_CLOSE_STATUS);
  if (leaks) violate(lane, slot, word, RULE_CLOSE_CM_LEAK);
  else traceAct<M>(lane, OP_RELEASE_CALL_MANAGER, slot, word, inner, PASSIVE_LEVEL);
  traceReturn<M>(lane, CALL_CM_CLOSE, slot, word, status, inner, PASSIVE_LEVEL);
  traceReturn<M>(lane, CALL_CL_CLOSE, slot, word, STATUS_SUCCESS, outer, PASSIVE_LEVEL);
  count(lane, TOTAL_CLOSED, 1);
  addOpen(lane, -1);
  if (owes) noteOwes(lane, slot);
  if (strikes(lane, FAULT_NO_SELF_COMPLETE, slot, generation)) {
    count(lane, TOTAL_OTHER_CALLS, -1);
    violate(lane, slot, word, RULE_CLOSE_COMPLETES_ONCE);
  } else {
    judgeRelease(lane, slot, word);
    traceTold<M>(lane, OP_CALL_SELF, slot, word, 0, PASSIVE_LEVEL, false);
  }
  finishNotification<M>(lane, slot, word);
  if (strikes(lane, FAULT_STALE_COMPLETION, slot, generation)) send(lane, laneAfter(lane), itemOf(slot, ITEM_STALE, word));
  ended(lane, slot, next);
  return true;
}

/** Another lane, if there is one: where a mistake is to meet the AF from another thread. */
@inline
function laneAfter(lane: usize): u32 {
  const next = load<u32>(lane, LANE_INDEX) + 1;
  return next == load<u32>(lane, LANE_LANES) ? 0 : next;
}

/** What a client does by mistake after its close was pended, and before the call manager's lane knows of it. */
function makeMistakesWhilePended<M>(lane: usize, slot: u32, word: u32): void {
  const generation = generationOf(word);
  if (strikes(lane, FAULT_CLOSE_TWICE, slot, generation)) {
    count(lane, TOTAL_OTHER_CALLS, 1);
    judge(lane, slot, word, JUDGED_CLOSE, STATE_CLOSE_PENDED);
    const frame = traceCall<M>(lane, OP_CALL, CALL_CL_CLOSE, slot, word, STATUS_NONE, 0, PASSIVE_LEVEL);
    traceReturn<M>(lane, CALL_CL_CLOSE, slot, word, STATUS_FAILURE, frame, PASSIVE_LEVEL);
  }
  if (strikes(lane, FAULT_CLOSE_SELF_COMPLETE, slot, generation)) {
    count(lane, TOTAL_OTHER_CALLS, 1);
    violate(lane, slot, word, RULE_CLOSE_COMPLETES_ONCE);
    traceBoth<M>(lane, OP_CALL_SELF, CALL_CL_CLOSE_COMPLETE, slot, word, STATUS_SUCCESS, 0, PASSIVE_LEVEL);
  }
  if (strikes(lane, FAULT_EARLY_RELEASE, slot, generation) && !strikes(lane, FAULT_CONTEXT_LEAK, slot, generation)) {
    violate(lane, slot, word, RULE_CLOSE_CONTEXT_EARLY);
    traceAct<M>(lane, OP_RELEASE_CLIENT, slot, word, 0, PASSIVE_LEVEL);
  }
  if (strikes(lane, FAULT_BLOCKED_WAIT, slot, generation)) {
    violate(lane, slot, word, RULE_CLOSE_BLOCKED);
    traceAct<M>(lane, OP_WAIT, slot, word, 0, DISPATCH_LEVEL);
  }
  if (strikes(lane, FAULT_DOUBLE_COMPLETE, slot, generation)) send(lane, laneAfter(lane), itemOf(slot, ITEM_SECOND, word));
}

/**
 * The calls of ProtocolCmCloseAf up to the address `end` return: PENDING, whether or not the completion has come before. Those of a
 * step return at the end of the next one, so that every lane has had time to complete them inside.
 */
export function returnCalls<M>(lane: usize, end: usize): void {
  const calls = load<u32>(lane, LANE_CALLS) as usize;
  for (let at = calls; at < end; at += OPEN_CALL_BYTES) returnCall<M>(lane, at);
  const left = (load<u32>(lane, LANE_CALLS_END) - (end as u32)) as usize;
  memory.copy(calls, end, left);
  store<u32>(lane, (calls + left) as u32, LANE_CALLS_END);
}

function returnCall<M>(lane: usize, at: usize): void {
  const slot = load<u32>(at, OPEN_CALL_SLOT);
  const word = load<u32>(at, OPEN_CALL_WORD);
  traceReturn<M>(lane, CALL_CM_CLOSE, slot, word, STATUS_PENDING, load<u32>(at, OPEN_CALL_INNER), PASSIVE_LEVEL);
  traceReturn<M>(lane, CALL_CL_CLOSE, slot, word, STATUS_PENDING, load<u32>(at, OPEN_CALL_OUTER), PASSIVE_LEVEL);
  if (swap(lane, slot, word, inState(word, STATE_CLOSE_PENDED)) == word) return;
  // Completed early: what follows the end of a lifecycle has waited for this return.
  const vacant = inState(word, STATE_VACANT);
  swap(lane, slot, inState(word, STATE_COMPLETED_EARLY), vacant);
  finishNotification<M>(lane, slot, word);
  tell(lane, slot, vacant);
}

/** The call manager has pended a close: it takes the next place in its order, and begins its service. */
@inline
export function serveClose(lane: usize, slot: u32, word: u32, kind: u32): void {
  const callManager = callManagerOf(lane, adapterOf(placeOf(lane, slot)));
  const sampler = load<u32>(load<u32>(callManager, CM_PROFILE), PROFILE_CLOSE_SAMPLER) as usize;
  const service = kind == EVENT_CLOSE_DONE || kind == EVENT_SECOND_DONE ? sampleTicks(sampler, draw(lane, PURPOSE_CLOSE_SERVICE, slot, generationOf(word))) : 0;
  const sequence = load<u32>(callManager, CM_SEQUENCE);
  // A second completion is none of the order's.
  if (kind != EVENT_SECOND_DONE) store<u32>(callManager, sequence + 1, CM_SEQUENCE);
  insert(lane, load<u32>(lane, MACHINE_NOW), service, (slot << 4) | kind, (word as u64) | ((sequence as u64) << 32));
}

/** The call manager completes a pended close; in it NDIS tells the client. */
@inline
export function complete<M>(lane: usize, slot: u32, word: u32, sequence: u32): void {
  const place = placeOf(lane, slot);
  const callManager = callManagerOf(lane, adapterOf(place));
  if (hasFaults(lane, COMPLETION_FAULTS)) return completeByMistake<M>(lane, slot, word, sequence);
  const profile = load<u32>(callManager, CM_PROFILE) as usize;
  const irql = load<u32>(profile, PROFILE_IRQL);
  const call = load<u32>(profile, PROFILE_CLOSE_COMPLETE);
  const before = tracePlace<M>(lane);
  traceAct<M>(lane, OP_RELEASE_CALL_MANAGER, slot, word, 0, irql);
  const frame = traceCall<M>(lane, OP_CALL, call, slot, word, STATUS_SUCCESS, 0, irql);
  if (isTooHigh(call, irql)) violate(lane, slot, word, RULE_IRQL_CALLER);
  finish<M>(lane, slot, word, sequence, place, before, call, STATUS_SUCCESS, frame, irql);
}

/** The same where mistakes are made. */
function completeByMistake<M>(lane: usize, slot: u32, word: u32, sequence: u32): void {
  const generation = generationOf(word);
  if (strikes(lane, FAULT_LOST_COMPLETION, slot, generation)) return;
  const place = placeOf(lane, slot);
  const callManager = callManagerOf(lane, adapterOf(place));
  const profile = load<u32>(callManager, CM_PROFILE) as usize;
  const irql = strikes(lane, FAULT_COMPLETION_IRQL, slot, generation) ? DEVICE_LEVEL : load<u32>(profile, PROFILE_IRQL);
  const call = closeCompletionOf(lane, callManager, slot, generation);
  const status = closeStatusOf(lane, slot, generation);
  const before = tracePlace<M>(lane);
  if (!strikes(lane, FAULT_CM_LEAK, slot, generation)) traceAct<M>(lane, OP_RELEASE_CALL_MANAGER, slot, word, 0, irql);
  else violate(lane, slot, word, RULE_CLOSE_CM_LEAK);
  if (call != load<u32>(profile, PROFILE_CLOSE_COMPLETE)) violate(lane, slot, word, RULE_CLOSE_FAMILY);
  else if (isTooHigh(call, irql)) violate(lane, slot, word, RULE_IRQL_CALLER);
  else if (status != STATUS_SUCCESS) violate(lane, slot, word, RULE_CLOSE_COMPLETE_STATUS);
  const frame = traceCall<M>(lane, OP_CALL, call, slot, word, status, 0, irql);
  finish<M>(lane, slot, word, sequence, place, before, call, status, frame, irql);
}

/** A completion takes effect, or comes too late. `before`: where its trace records begin. */
@inline
function finish<M>(
  lane: usize,
  slot: u32,
  word: u32,
  sequence: u32,
  place: u64,
  before: u32,
  call: u32,
  status: u32,
  frame: u32,
  irql: u32,
  isInline: bool = false,
): void {
  const latency = since(lane, load<u32>(recordOf(lane, slot), AF_TICK));
  const vacant = inState(word, STATE_VACANT);
  const seen = swap(lane, slot, word, vacant);
  if (seen != word) return tooLate<M>(lane, slot, word, seen, before, call, status, irql);
  told(lane, slot, word, sequence, place, latency);
  traceTold<M>(lane, OP_CALL, slot, word, frame, irql, isInline);
  traceReturn<M>(lane, call, slot, word, STATUS_NONE, frame, irql);
  finishNotification<M>(lane, slot, word);
  if (load<u32>(SHARD_ARRIVAL_SAMPLER)) giveSlot(lane, slot);
  else send(lane, laneOfClient(lane, clientOf(lane, place)), itemOf(slot, ITEM_TOLD, vacant));
}

/** Counts a completion of which the client is told. */
@inline
function told(lane: usize, slot: u32, word: u32, sequence: u32, place: u64, latency: u32): void {
  const callManager = callManagerOf(lane, adapterOf(place));
  if (latency > load<u32>(SHARD_CLOSE_DEADLINE)) violate(lane, slot, word, RULE_CLOSE_OWED);
  count(lane, TOTAL_CLOSE_COMPLETED, 1);
  count(lane, TOTAL_CLOSE_TOLD, 1);
  addPended(lane, -1);
  countLatency(load<u32>(lane, LANE_CLOSE_COUNTS), latency);
  const order = load<u32>(lane, LANE_ORDER) as usize;
  if (countOrderAt(order, lane, callManager, clientOf(lane, place), sequence)) measureWindowAt(order, load<u32>(lane, LANE_SCRATCH), callManager);
  judgeRelease(lane, slot, word);
}

/** Whether the client releases its context when it is told. */
@inline
function judgeRelease(lane: usize, slot: u32, word: u32): void {
  if (strikes(lane, FAULT_CONTEXT_LEAK, slot, generationOf(word))) violate(lane, slot, word, RULE_CLOSE_CONTEXT_LEAK);
}

/** ProtocolClCloseAfComplete, in which the client releases its context, unless it never does or has done so. */
@inline
function traceTold<M>(lane: usize, op: u32, slot: u32, word: u32, parent: u32, irql: u32, isInline: bool): void {
  if (!isTraced<M>()) return;
  const generation = generationOf(word);
  const frame = traceCall<M>(lane, op, CALL_CL_CLOSE_COMPLETE, slot, word, STATUS_SUCCESS, parent, irql);
  const leaks = strikes(lane, FAULT_CONTEXT_LEAK, slot, generation);
  const hasReleased = op == OP_CALL && !isInline && strikes(lane, FAULT_EARLY_RELEASE, slot, generation);
  if (!leaks && !hasReleased) traceAct<M>(lane, OP_RELEASE_CLIENT, slot, word, frame, irql);
  traceReturn<M>(lane, CALL_CL_CLOSE_COMPLETE, slot, word, STATUS_NONE, frame, irql);
}

/** A completion whose close has been completed already, by another one. */
function tooLate<M>(lane: usize, slot: u32, word: u32, seen: u32, before: u32, call: u32, status: u32, irql: u32): void {
  // The context was released for the first one.
  takeBack<M>(lane, before);
  traceBoth<M>(lane, OP_CALL, call, slot, word, status, 0, irql);
  count(lane, TOTAL_OTHER_CALLS, 1);
  const isOwn = generationOf(seen) == generationOf(word);
  const state = seen & STATE_MASK;
  judge(lane, slot, word, JUDGED_CLOSE_COMPLETION, isOwn && state != STATE_VACANT ? state : HANDLE_COMPLETED);
}

/** A completion that comes inside of ProtocolCmCloseAf, if that has not returned meanwhile. */
export function completeInline<M>(lane: usize, slot: u32, word: u32, sequence: u32): void {
  const place = placeOf(lane, slot);
  const profile = load<u32>(callManagerOf(lane, adapterOf(place)), CM_PROFILE) as usize;
  const irql = load<u32>(profile, PROFILE_IRQL);
  const call = load<u32>(profile, PROFILE_CLOSE_COMPLETE);
  const latency = since(lane, load<u32>(recordOf(lane, slot), AF_TICK));
  const before = tracePlace<M>(lane);
  if (strikes(lane, FAULT_CM_LEAK, slot, generationOf(word))) violate(lane, slot, word, RULE_CLOSE_CM_LEAK);
  else traceAct<M>(lane, OP_RELEASE_CALL_MANAGER, slot, word, 0, irql);
  const frame = traceCall<M>(lane, OP_CALL, call, slot, word, STATUS_SUCCESS, 0, irql);
  const inside = tracePlace<M>(lane);
  // Written before the swap: the client's lane may go on as soon as it sees it.
  traceTold<M>(lane, OP_CALL, slot, word, frame, irql, true);
  traceReturn<M>(lane, call, slot, word, STATUS_NONE, frame, irql);
  if (swap(lane, slot, word, inState(word, STATE_COMPLETED_EARLY)) == word) {
    count(lane, TOTAL_INLINE, 1);
    return told(lane, slot, word, sequence, place, latency);
  }
  takeBack<M>(lane, inside);
  finish<M>(lane, slot, inState(word, STATE_CLOSE_PENDED), sequence, place, before, call, STATUS_SUCCESS, frame, irql, true);
}

/** A second completion of a close, or one of a close that was not pended: by mistake, from another lane than the first. */
export function completeAgain<M>(lane: usize, slot: u32, word: u32, sequence: u32, wasPended: bool): void {
  const place = placeOf(lane, slot);
  const profile = load<u32>(callManagerOf(lane, adapterOf(place)), CM_PROFILE) as usize;
  const irql = load<u32>(profile, PROFILE_IRQL);
  const call = load<u32>(profile, PROFILE_CLOSE_COMPLETE);
  if (wasPended) {
    const before = tracePlace<M>(lane);
    traceAct<M>(lane, OP_RELEASE_CALL_MANAGER, slot, word, 0, irql);
    const frame = traceCall<M>(lane, OP_CALL, call, slot, word, STATUS_SUCCESS, 0, irql);
    return finish<M>(lane, slot, word, sequence, place, before, call, STATUS_SUCCESS, frame, irql);
  }
  traceBoth<M>(lane, OP_CALL, call, slot, word, STATUS_SUCCESS, 0, irql);
  count(lane, TOTAL_OTHER_CALLS, 1);
  judge(lane, slot, word, JUDGED_CLOSE_COMPLETION, HANDLE_CLOSED);
}

/** Lets the client's lane know that a close has ended. */
@inline
function tell(lane: usize, slot: u32, vacant: u32): void {
  if (load<u32>(SHARD_ARRIVAL_SAMPLER)) giveSlot(lane, slot);
  else send(lane, laneOfClient(lane, clientOf(lane, placeOf(lane, slot))), itemOf(slot, ITEM_TOLD, vacant));
}

/** A lifecycle has ended on its client's lane, at this lane's present. */
@inline
export function ended(lane: usize, slot: u32, vacant: u32): void {
  if (load<u32>(SHARD_ARRIVAL_SAMPLER)) return giveSlot(lane, slot);
  if (!load<u32>(lane, LANE_REOPENS) || load<u32>(lane, MACHINE_DRAINING)) return;
  const sampler = load<u32>(lane, LANE_THINK) as usize;
  const think = sampler ? sampleTicks(sampler, draw(lane, PURPOSE_THINK, slot, generationOf(vacant))) : 0;
  insert(lane, load<u32>(lane, MACHINE_NOW), think, (slot << 4) | EVENT_THINK, vacant as u64);
}

/** The client's lane learns that a close has ended. Where nothing can be handed over in an open, it follows at once. */
@inline
export function afterClose<M>(lane: usize, slot: u32, vacant: u32): void {
  if (hasFaults(lane, (1 as u64) << FAULT_STALE_CLOSE)) closeStale<M>(lane, slot, vacant);
  if (load<u32>(lane, LANE_AT_ONCE) == 0) return ended(lane, slot, vacant);
  if (load<u32>(lane, MACHINE_DRAINING) || isHalted(lane, adapterOf(placeOf(lane, slot)))) return;
  open<M>(lane, slot, vacant, load<u32>(lane, MACHINE_NOW), stampOf(lane));
}

function closeStale<M>(lane: usize, slot: u32, vacant: u32): void {
  if (!strikes(lane, FAULT_STALE_CLOSE, slot, generationOf(vacant))) return;
  count(lane, TOTAL_OTHER_CALLS, 1);
  judge(lane, slot, vacant, JUDGED_CLOSE, HANDLE_COMPLETED);
  const frame = traceCall<M>(lane, OP_CALL, CALL_CL_CLOSE, slot, vacant, STATUS_NONE, 0, PASSIVE_LEVEL);
  traceReturn<M>(lane, CALL_CL_CLOSE, slot, vacant, STATUS_FAILURE, frame, PASSIVE_LEVEL);
}
