// Completions of closes: by the call manager's lane, or by mistake from another. What takes the state word from pended to vacant is the
// completion; what comes after it is too late.
import {
  AF_TICK,
  CM_PROFILE,
  CM_SEQUENCE,
  MACHINE_NOW,
  PROFILE_CLOSE_COMPLETE,
  PROFILE_CLOSE_SAMPLER,
  PROFILE_IRQL,
  SHARD_ARRIVAL_SAMPLER,
  SHARD_CLOSE_DEADLINE,
  STATE_MASK,
  TOTAL_CLOSE_COMPLETED,
  TOTAL_CLOSE_TOLD,
  TOTAL_INLINE,
  TOTAL_OTHER_CALLS,
} from "../abi/layout";
import { EVENT_SECOND_DONE, ITEM_TOLD, LANE_CLOSE_COUNTS, LANE_CONDUCTS, LANE_ORDER, LANE_SCRATCH } from "../abi/lane-layout";
import {
  CALL_CL_CLOSE_COMPLETE,
  EVENT_CLOSE_DONE,
  FAULT_CM_LEAK,
  FAULT_COMPLETION_IRQL,
  FAULT_COMPLETION_STATUS,
  FAULT_CONTEXT_LEAK,
  FAULT_EARLY_RELEASE,
  FAULT_LOST_COMPLETION,
  FAULT_WRONG_FAMILY,
  HANDLE_CLOSED,
  HANDLE_COMPLETED,
  JUDGED_CLOSE_COMPLETION,
  OP_CALL,
  OP_RELEASE_CALL_MANAGER,
  OP_RELEASE_CLIENT,
  OP_WAKE,
  PURPOSE_CLOSE_SERVICE,
  RULE_CLOSE_CM_LEAK,
  RULE_CLOSE_COMPLETE_STATUS,
  RULE_CLOSE_CONTEXT_LEAK,
  RULE_CLOSE_FAMILY,
  RULE_CLOSE_OWED,
  RULE_IRQL_CALLER,
  STATE_CLOSE_PENDED,
  STATE_COMPLETED_EARLY,
  STATE_RETIRED,
  STATE_VACANT,
  STATUS_NONE,
  STATUS_SUCCESS,
} from "../abi/codes";
import { draw } from "../core/random";
import { isTraced } from "../engine/mode";
import { sampleTicks } from "../core/sampler";
import { countLatency } from "../measure/latency";
import { countOrderAt, measureWindowAt } from "../measure/ordering";
import { closeCompletionOf, closeStatusOf, hasFaults, strikes } from "../ndis/faults";
import { isTooHigh } from "../ndis/rules";
import { adapterOf, callManagerOf, clientOf, placeOf, recordOf } from "../table/handle-table";
import { addPended, count, generationOf, inState, itemOf, judge, laneOfClient, since, STATE_OPENING, swap, violate } from "./lane";
import { insert } from "./lane-queue";
import { leave } from "./bindings";
import { claim } from "./claims";
import { freeSlot } from "./free-list";
import { actMidway, closeIrqlOf, deadlocks, IN_COMPLETION, isDeadlocked, noteTold, releasesAtCall, useEnded } from "./habits";
import { finishNotification } from "./notifications";
import { waits } from "./waits";
import { takeBack, traceAct, traceBoth, traceCall, tracePlace, traceReturn } from "./records";
import { send } from "./rings";
import { nextSequence, serveInTurn } from "./service";

const COMPLETION_FAULTS: u64 =
  ((1 as u64) << FAULT_WRONG_FAMILY) |
  ((1 as u64) << FAULT_COMPLETION_IRQL) |
  ((1 as u64) << FAULT_COMPLETION_STATUS) |
  ((1 as u64) << FAULT_CM_LEAK) |
  ((1 as u64) << FAULT_CONTEXT_LEAK) |
  ((1 as u64) << FAULT_EARLY_RELEASE) |
  ((1 as u64) << FAULT_LOST_COMPLETION) |
  IN_COMPLETION;

/** The call manager has pended a close: it takes the next place in its order, and begins its service. */
@inline
export function serveClose(lane: usize, slot: u32, word: u32, kind: u32): void {
  beginService(lane, slot, word, kind, takePlace(lane, slot));
}

/** The next place in the order of a slot's call manager. */
@inline
export function takePlace(lane: usize, slot: u32): u32 {
  const adapter = adapterOf(placeOf(lane, slot));
  if (load<u32>(lane, LANE_CONDUCTS)) return nextSequence(lane, adapter);
  const callManager = callManagerOf(lane, adapter);
  const sequence = load<u32>(callManager, CM_SEQUENCE);
  store<u32>(callManager, sequence + 1, CM_SEQUENCE);
  return sequence;
}

/** Begins the service of a close with this place, or lets it wait for a server. */
@inline
export function beginService(lane: usize, slot: u32, word: u32, kind: u32, sequence: u32): void {
  if (kind == EVENT_CLOSE_DONE && load<u32>(lane, LANE_CONDUCTS) != 0) return serveInTurn(lane, slot, word, sequence);
  const callManager = callManagerOf(lane, adapterOf(placeOf(lane, slot)));
  const sampler = load<u32>(load<u32>(callManager, CM_PROFILE), PROFILE_CLOSE_SAMPLER) as usize;
  const service = kind == EVENT_CLOSE_DONE || kind == EVENT_SECOND_DONE ? sampleTicks(sampler, draw(lane, PURPOSE_CLOSE_SERVICE, slot, generationOf(word))) : 0;
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
  const claimed = claim(lane, slot, word);
  const before = tracePlace<M>(lane);
  traceAct<M>(lane, OP_RELEASE_CALL_MANAGER, slot, word, 0, irql);
  const frame = traceCall<M>(lane, OP_CALL, call, slot, word, STATUS_SUCCESS, 0, irql);
  if (isTooHigh(call, irql)) violate(lane, slot, word, RULE_IRQL_CALLER);
  finish<M>(lane, slot, claimed, sequence, place, before, call, STATUS_SUCCESS, frame, irql);
}

/** The same where mistakes are made. */
function completeByMistake<M>(lane: usize, slot: u32, word: u32, sequence: u32): void {
  const generation = generationOf(word);
  if (strikes(lane, FAULT_LOST_COMPLETION, slot, generation)) return;
  const place = placeOf(lane, slot);
  const callManager = callManagerOf(lane, adapterOf(place));
  const profile = load<u32>(callManager, CM_PROFILE) as usize;
  if (isDeadlocked(lane, adapterOf(place))) return;
  const irql = closeIrqlOf(lane, callManager, slot, generation);
  const call = closeCompletionOf(lane, callManager, slot, generation);
  const status = closeStatusOf(lane, slot, generation);
  const claimed = claim(lane, slot, word);
  const before = tracePlace<M>(lane);
  if (!strikes(lane, FAULT_CM_LEAK, slot, generation)) traceAct<M>(lane, OP_RELEASE_CALL_MANAGER, slot, word, 0, irql);
  else violate(lane, slot, word, RULE_CLOSE_CM_LEAK);
  if (call != load<u32>(profile, PROFILE_CLOSE_COMPLETE)) violate(lane, slot, word, RULE_CLOSE_FAMILY);
  else if (isTooHigh(call, irql)) violate(lane, slot, word, RULE_IRQL_CALLER);
  else if (status != STATUS_SUCCESS) violate(lane, slot, word, RULE_CLOSE_COMPLETE_STATUS);
  const frame = traceCall<M>(lane, OP_CALL, call, slot, word, status, 0, irql);
  finish<M>(lane, slot, claimed, sequence, place, before, call, status, frame, irql, false, true);
}

/** A completion takes effect, or comes too late. `before`: where its trace records begin; `mayErr`: drivers make mistakes in it. */
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
  mayErr: bool = false,
): void {
  const latency = since(lane, load<u32>(recordOf(lane, slot), AF_TICK));
  const vacant = inState(word, STATE_VACANT);
  const seen = swap(lane, slot, word, vacant);
  if (seen != word) return tooLate<M>(lane, slot, word, seen, before, call, status, irql);
  const hangs = mayErr && deadlocks(lane, slot, word);
  if (mayErr) actMidway<M>(lane, slot, word, callManagerOf(lane, adapterOf(place)));
  told(lane, slot, word, sequence, place, latency);
  traceTold<M>(lane, OP_CALL, slot, word, frame, irql, isInline);
  if (!hangs) traceReturn<M>(lane, call, slot, word, STATUS_NONE, frame, irql);
  if (mayErr) noteTold(lane, slot, word, hangs);
  finishNotification<M>(lane, slot, word);
  if (mayErr) useEnded<M>(lane, slot, word, callManagerOf(lane, adapterOf(place)));
  if (load<u32>(SHARD_ARRIVAL_SAMPLER)) freeSlot(lane, slot);
  else send(lane, laneOfClient(lane, clientOf(lane, place)), itemOf(slot, ITEM_TOLD, vacant));
  leave(lane, slot);
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
export function judgeRelease(lane: usize, slot: u32, word: u32): void {
  if (strikes(lane, FAULT_CONTEXT_LEAK, slot, generationOf(word))) violate(lane, slot, word, RULE_CLOSE_CONTEXT_LEAK);
}

/** ProtocolClCloseAfComplete, in which the client releases its context, unless it never does or has done so. */
@inline
export function traceTold<M>(lane: usize, op: u32, slot: u32, word: u32, parent: u32, irql: u32, isInline: bool): void {
  if (!isTraced<M>()) return;
  const generation = generationOf(word);
  const frame = traceCall<M>(lane, op, CALL_CL_CLOSE_COMPLETE, slot, word, STATUS_SUCCESS, parent, irql);
  if (op == OP_CALL && !isInline && waits(lane, slot, generation)) traceAct<M>(lane, OP_WAKE, slot, word, frame, irql);
  const leaks = strikes(lane, FAULT_CONTEXT_LEAK, slot, generation);
  const hasReleased =
    op == OP_CALL && !isInline && (strikes(lane, FAULT_EARLY_RELEASE, slot, generation) || releasesAtCall(lane, slot, generation));
  if (!leaks && !hasReleased) traceAct<M>(lane, OP_RELEASE_CLIENT, slot, word, frame, irql);
  traceReturn<M>(lane, CALL_CL_CLOSE_COMPLETE, slot, word, STATUS_NONE, frame, irql);
}

/** A completion whose close has been completed already, by another one. */
function tooLate<M>(
  lane: usize,
  slot: u32,
  word: u32,
  seen: u32,
  before: u32,
  call: u32,
  status: u32,
  irql: u32,
): void {
  // The context was released for the first one.
  takeBack<M>(lane, before);
  traceBoth<M>(lane, OP_CALL, call, slot, word, status, 0, irql);
  count(lane, TOTAL_OTHER_CALLS, 1);
  const isOwn = generationOf(seen) == generationOf(word);
  const state = seen & STATE_MASK;
  // Its slot may be about to be opened again, or be used up.
  const isOver = state == STATE_VACANT || state == STATE_OPENING || state == STATE_RETIRED;
  judge(lane, slot, word, JUDGED_CLOSE_COMPLETION, isOwn && !isOver ? state : HANDLE_COMPLETED);
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
  const frame = callInline<M>(lane, call, slot, word, irql);
  // Written before the swap: the client's lane may go on as soon as it sees it.
  traceTold<M>(lane, OP_CALL, slot, word, frame, irql, true);
  traceReturn<M>(lane, call, slot, word, STATUS_NONE, frame, irql);
  if (swap(lane, slot, word, inState(word, STATE_COMPLETED_EARLY)) == word) {
    count(lane, TOTAL_INLINE, 1);
    return told(lane, slot, word, sequence, place, latency);
  }
  takeBack<M>(lane, before);
  const claimed = claim(lane, slot, inState(word, STATE_CLOSE_PENDED));
  const again = callInline<M>(lane, call, slot, word, irql);
  finish<M>(lane, slot, claimed, sequence, place, before, call, STATUS_SUCCESS, again, irql, true);
}

/** What is traced of a completion that was to come inside, up to the client's being told; answers the trace frame. */
@inline
function callInline<M>(lane: usize, call: u32, slot: u32, word: u32, irql: u32): u32 {
  if (isTraced<M>() && !strikes(lane, FAULT_CM_LEAK, slot, generationOf(word))) traceAct<M>(lane, OP_RELEASE_CALL_MANAGER, slot, word, 0, irql);
  return traceCall<M>(lane, OP_CALL, call, slot, word, STATUS_SUCCESS, 0, irql);
}

/** A second completion of a close, or one of a close that was not pended: by mistake, from another lane than the first. */
export function completeAgain<M>(lane: usize, slot: u32, word: u32, sequence: u32, wasPended: bool): void {
  const place = placeOf(lane, slot);
  const profile = load<u32>(callManagerOf(lane, adapterOf(place)), CM_PROFILE) as usize;
  const irql = load<u32>(profile, PROFILE_IRQL);
  const call = load<u32>(profile, PROFILE_CLOSE_COMPLETE);
  if (wasPended) {
    if (isDeadlocked(lane, adapterOf(place))) return;
    const claimed = claim(lane, slot, word);
    const before = tracePlace<M>(lane);
    traceAct<M>(lane, OP_RELEASE_CALL_MANAGER, slot, word, 0, irql);
    const frame = traceCall<M>(lane, OP_CALL, call, slot, word, STATUS_SUCCESS, 0, irql);
    return finish<M>(lane, slot, claimed, sequence, place, before, call, STATUS_SUCCESS, frame, irql, false, true);
  }
  traceBoth<M>(lane, OP_CALL, call, slot, word, STATUS_SUCCESS, 0, irql);
  count(lane, TOTAL_OTHER_CALLS, 1);
  judge(lane, slot, word, JUDGED_CLOSE_COMPLETION, HANDLE_CLOSED);
}
