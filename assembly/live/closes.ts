// Closes: requested by the client's lane, or inside a notification by the halting adapter's; completed by the call manager's. Whoever takes
// the state word from one state to the next has made the call; who finds another state there came too late.
import {
  AF_TICK,
  CM_PROFILE,
  MACHINE_DRAINING,
  MACHINE_NOW,
  PROFILE_CLOSE_PENDS,
  PROFILE_INLINE,
  SHARD_ARRIVAL_SAMPLER,
  TOTAL_CLOSED,
  TOTAL_CLOSE_PENDED,
  TOTAL_OTHER_CALLS,
} from "../abi/layout";
import {
  ITEM_CLOSE,
  ITEM_INLINE,
  ITEM_SECOND,
  ITEM_STALE,
  ITEM_TOLD,
  LANE_CONDUCTS,
  LANE_CALLS,
  LANE_CALLS_END,
  LANE_REOPENS,
  LANE_THINK,
  LANE_AT_ONCE,
  LANE_BINDINGS,
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
  EVENT_THINK,
  FAULT_BLOCKED_WAIT,
  FAULT_CLOSE_RETURN_STATUS,
  FAULT_CLOSE_SELF_COMPLETE,
  FAULT_CLOSE_TWICE,
  FAULT_CM_LEAK,
  FAULT_CONTEXT_LEAK,
  FAULT_DOUBLE_COMPLETE,
  FAULT_EARLY_RELEASE,
  FAULT_INLINE_SUCCESS,
  FAULT_NO_SELF_COMPLETE,
  FAULT_STALE_CLOSE,
  FAULT_STALE_COMPLETION,
  HANDLE_COMPLETED,
  JUDGED_CLOSE,
  NOTE_OLDER_PENDING,
  NOTE_OLDER_SUCCESS,
  OP_CALL,
  OP_CALL_SELF,
  OP_RELEASE_CALL_MANAGER,
  OP_RELEASE_CLIENT,
  PASSIVE_LEVEL,
  PURPOSE_CLOSE_PENDS,
  PURPOSE_INLINE,
  PURPOSE_THINK,
  RULE_CLOSE_CM_LEAK,
  RULE_CLOSE_COMPLETES_ONCE,
  RULE_CLOSE_CONTEXT_EARLY,
  RULE_CLOSE_DOUBLE_COMPLETE,
  RULE_CLOSE_STATUS,
  RULE_OPEN_USE_BEFORE_COMPLETE,
  STATE_CLOSE_PENDED,
  STATE_COMPLETED_EARLY,
  STATE_VACANT,
  STATUS_FAILURE,
  STATUS_NONE,
  STATUS_NOT_ACCEPTED,
  STATUS_PENDING,
  STATUS_SUCCESS,
} from "../abi/codes";
import { draw, happens } from "../core/random";
import { sampleTicks } from "../core/sampler";
import { isTraced } from "../engine/mode";
import { hasFaults, strikes } from "../ndis/faults";
import { AFTER_PENDING } from "../ndis/habit-kinds";
import { hasObjects } from "../objects/table";
import { adapterOf, callManagerOf, clientOf, placeOf, recordOf } from "../table/handle-table";
import {
  addOpen,
  addPended,
  count,
  countOwn,
  generationOf,
  inState,
  itemOf,
  laneAfter,
  judge,
  laneOfAdapter,
  laneOfClient,
  since,
  STATE_CLOSING,
  stampOf,
  swap,
  violate,
  wordOf,
} from "./lane";
import { insert } from "./lane-queue";
import { leave } from "./bindings";
import { freeSlot } from "./free-list";
import { holdHandles, letHandlesGo, noteAnswered, notePended } from "./habits";
import { finishNotification, noteOwes } from "./notifications";
import { open } from "./opens";
import { takeBack, traceAct, traceBoth, traceCall, tracePlace, traceReturn } from "./records";
import { send } from "./rings";
import { wait } from "./waits";
import { judgeRelease, traceTold } from "./completions";
import { beginScope, endScope } from "./scopes";
import { closeWithObjects } from "./object-closes";
import { hasWork } from "./work";
import { closeWithWork, workOf } from "./worked-closes";

const CLOSE_FAULTS: u64 =
  ((1 as u64) << FAULT_CLOSE_TWICE) |
  ((1 as u64) << FAULT_CLOSE_SELF_COMPLETE) |
  ((1 as u64) << FAULT_EARLY_RELEASE) |
  ((1 as u64) << FAULT_BLOCKED_WAIT) |
  ((1 as u64) << FAULT_DOUBLE_COMPLETE) |
  AFTER_PENDING;

/** The client requests the close of an AF whose word was `word`, open. */
@inline
export function close<M>(lane: usize, slot: u32, word: u32): void {
  // A hold that an unbind has cut short may end in a later life of the slot, whose request tick is not to be written over.
  if (load<u32>(lane, LANE_BINDINGS) && wordOf(lane, slot) != word) return countOwn(lane, LANE_TOTAL_LOST_RACES, 1);
  closeOpen<M>(lane, slot, word);
}

/** The same for callers that have just seen it open. Answers whether nobody else was faster. */
@inline
export function closeOpen<M>(lane: usize, slot: u32, word: u32): bool {
  if (!hasWork(lane)) return requestClose<M>(lane, slot, word, 0, false, false);
  if (hasObjects(lane)) {
    closeWithObjects<M>(lane, slot, word);
    return true;
  }
  const work = workOf(lane, slot, word);
  return work ? closeWithWork<M>(lane, slot, word, work) : requestClose<M>(lane, slot, word, 0, false, false);
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
  const held = holdHandles<M>(lane, adapter);
  const before = tracePlace<M>(lane);
  beginScope(lane, slot);
  const outer = traceCall<M>(lane, OP_CALL, CALL_CL_CLOSE, slot, word, STATUS_NONE, parent, PASSIVE_LEVEL);
  const opening = endScope(lane, slot, 0);
  const inner = traceCall<M>(lane, OP_CALL, CALL_CM_CLOSE, slot, word, STATUS_NONE, outer, PASSIVE_LEVEL);
  // Before the swap, so that whoever sees the close pended sees since when.
  store<u32>(recordOf(lane, slot), stampOf(lane), AF_TICK);
  const next = inState(word, isInline ? STATE_CLOSING : STATE_CLOSE_PENDED);
  const isFirst = swap(lane, slot, word, next) == word;
  letHandlesGo(held);
  if (!isFirst) {
    takeBack<M>(lane, before);
    countOwn(lane, LANE_TOTAL_LOST_RACES, 1);
    return false;
  }
  if (opening) violate(lane, slot, word, RULE_OPEN_USE_BEFORE_COMPLETE);
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
  if (isTraced<M>() || hasFaults(lane, CLOSE_FAULTS)) {
    makeMistakesWhilePended<M>(lane, slot, next);
    if (load<u32>(lane, LANE_CONDUCTS) == 0 && strikes(lane, FAULT_DOUBLE_COMPLETE, slot, generation)) send(lane, laneAfter(lane), itemOf(slot, ITEM_SECOND, next));
  }
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
  const held = holdHandles<M>(lane, adapterOf(placeOf(lane, slot)));
  const before = tracePlace<M>(lane);
  beginScope(lane, slot);
  const outer = traceCall<M>(lane, OP_CALL, CALL_CL_CLOSE, slot, word, STATUS_NONE, parent, PASSIVE_LEVEL);
  const opening = endScope(lane, slot, 0);
  const inner = traceCall<M>(lane, OP_CALL, CALL_CM_CLOSE, slot, word, STATUS_NONE, outer, PASSIVE_LEVEL);
  const status = strikes(lane, FAULT_CLOSE_RETURN_STATUS, slot, generation) ? STATUS_NOT_ACCEPTED : STATUS_SUCCESS;
  const leaks = strikes(lane, FAULT_CM_LEAK, slot, generation);
  // Nobody else knows the handle any more once the AF is vacant: the rest of the records may follow.
  const next = inState(word, STATE_VACANT);
  if (swap(lane, slot, word, next) != word) {
    letHandlesGo(held);
    takeBack<M>(lane, before);
    countOwn(lane, LANE_TOTAL_LOST_RACES, 1);
    return false;
  }
  if (opening) violate(lane, slot, word, RULE_OPEN_USE_BEFORE_COMPLETE);
  if (status != STATUS_SUCCESS) violate(lane, slot, word, RULE_CLOSE_STATUS);
  if (leaks) violate(lane, slot, word, RULE_CLOSE_CM_LEAK);
  else traceAct<M>(lane, OP_RELEASE_CALL_MANAGER, slot, word, inner, PASSIVE_LEVEL);
  traceReturn<M>(lane, CALL_CM_CLOSE, slot, word, status, inner, PASSIVE_LEVEL);
  traceReturn<M>(lane, CALL_CL_CLOSE, slot, word, STATUS_SUCCESS, outer, PASSIVE_LEVEL);
  letHandlesGo(held);
  count(lane, TOTAL_CLOSED, 1);
  addOpen(lane, -1);
  if (owes) noteOwes(lane, slot);
  const leavesItToNdis = noteAnswered(lane, slot, false) == NOTE_OLDER_PENDING;
  if (leavesItToNdis || strikes(lane, FAULT_NO_SELF_COMPLETE, slot, generation)) {
    count(lane, TOTAL_OTHER_CALLS, -1);
    violate(lane, slot, word, RULE_CLOSE_COMPLETES_ONCE);
  } else {
    judgeRelease(lane, slot, word);
    traceTold<M>(lane, OP_CALL_SELF, slot, word, 0, PASSIVE_LEVEL, false);
  }
  finishNotification<M>(lane, slot, word);
  if (strikes(lane, FAULT_STALE_COMPLETION, slot, generation)) send(lane, laneAfter(lane), itemOf(slot, ITEM_STALE, word));
  ended(lane, slot, next);
  leave(lane, slot);
  return true;
}

/** What a client does by mistake after its close was pended, and before the call manager's lane knows of it; and whether it waits. */
export function makeMistakesWhilePended<M>(lane: usize, slot: u32, word: u32): void {
  const generation = generationOf(word);
  notePended(lane, adapterOf(placeOf(lane, slot)));
  if (strikes(lane, FAULT_CLOSE_TWICE, slot, generation)) {
    count(lane, TOTAL_OTHER_CALLS, 1);
    judge(lane, slot, word, JUDGED_CLOSE, STATE_CLOSE_PENDED);
    const frame = traceCall<M>(lane, OP_CALL, CALL_CL_CLOSE, slot, word, STATUS_NONE, 0, PASSIVE_LEVEL);
    traceReturn<M>(lane, CALL_CL_CLOSE, slot, word, STATUS_FAILURE, frame, PASSIVE_LEVEL);
  }
  const completesItself = noteAnswered(lane, slot, true) == NOTE_OLDER_SUCCESS;
  if (completesItself || strikes(lane, FAULT_CLOSE_SELF_COMPLETE, slot, generation)) {
    count(lane, TOTAL_OTHER_CALLS, 1);
    violate(lane, slot, word, RULE_CLOSE_COMPLETES_ONCE);
    traceBoth<M>(lane, OP_CALL_SELF, CALL_CL_CLOSE_COMPLETE, slot, word, STATUS_SUCCESS, 0, PASSIVE_LEVEL);
  }
  if (strikes(lane, FAULT_EARLY_RELEASE, slot, generation) && !strikes(lane, FAULT_CONTEXT_LEAK, slot, generation)) {
    violate(lane, slot, word, RULE_CLOSE_CONTEXT_EARLY);
    traceAct<M>(lane, OP_RELEASE_CLIENT, slot, word, 0, PASSIVE_LEVEL);
  }
  wait<M>(lane, slot, word);
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
  const early = inState(word, STATE_COMPLETED_EARLY);
  const mayLie = strikes(lane, FAULT_INLINE_SUCCESS, slot, generationOf(word));
  const lies = mayLie && wordOf(lane, slot) == early;
  const before = tracePlace<M>(lane);
  traceReturn<M>(lane, CALL_CM_CLOSE, slot, word, lies ? STATUS_SUCCESS : STATUS_PENDING, load<u32>(at, OPEN_CALL_INNER), PASSIVE_LEVEL);
  traceReturn<M>(lane, CALL_CL_CLOSE, slot, word, STATUS_PENDING, load<u32>(at, OPEN_CALL_OUTER), PASSIVE_LEVEL);
  if (swap(lane, slot, word, inState(word, STATE_CLOSE_PENDED)) == word) return;
  if (mayLie && !lies) {
    // It has been completed since.
    takeBack<M>(lane, before);
    return returnCall<M>(lane, at);
  }
  if (lies) violate(lane, slot, word, RULE_CLOSE_DOUBLE_COMPLETE);
  noteAnswered(lane, slot, true);
  // Completed early: what follows the end of a lifecycle has waited for this return.
  const vacant = inState(word, STATE_VACANT);
  swap(lane, slot, early, vacant);
  finishNotification<M>(lane, slot, word);
  tell(lane, slot, vacant);
  leave(lane, slot);
}

/** Lets the client's lane know that a close has ended. */
@inline
function tell(lane: usize, slot: u32, vacant: u32): void {
  if (load<u32>(SHARD_ARRIVAL_SAMPLER)) freeSlot(lane, slot);
  else send(lane, laneOfClient(lane, clientOf(lane, placeOf(lane, slot))), itemOf(slot, ITEM_TOLD, vacant));
}

/** A lifecycle has ended on its client's lane, at this lane's present. */
@inline
export function ended(lane: usize, slot: u32, vacant: u32): void {
  if (load<u32>(SHARD_ARRIVAL_SAMPLER)) return freeSlot(lane, slot);
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
  if (load<u32>(lane, MACHINE_DRAINING)) return;
  open<M>(lane, slot, vacant, load<u32>(lane, MACHINE_NOW), stampOf(lane));
}

function closeStale<M>(lane: usize, slot: u32, vacant: u32): void {
  if (!strikes(lane, FAULT_STALE_CLOSE, slot, generationOf(vacant))) return;
  count(lane, TOTAL_OTHER_CALLS, 1);
  judge(lane, slot, vacant, JUDGED_CLOSE, HANDLE_COMPLETED);
  const frame = traceCall<M>(lane, OP_CALL, CALL_CL_CLOSE, slot, vacant, STATUS_NONE, 0, PASSIVE_LEVEL);
  traceReturn<M>(lane, CALL_CL_CLOSE, slot, vacant, STATUS_FAILURE, frame, PASSIVE_LEVEL);
}
