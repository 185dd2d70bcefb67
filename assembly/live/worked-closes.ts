// Closes of AFs with work on them: the client tears it down and closes, while other lanes complete the teardowns. Who closes first claims the
// AF: its state is closing until its close is pended or has failed (src/contract/MODEL.md "Events", MODEL-DRIVERS.md "Readings").
import { AF_TICK, CM_PROFILE, MACHINE_NOW, PROFILE_CLOSE_COMPLETE, PROFILE_IRQL, PROFILE_REFUSES, TOTAL_CLOSE_PENDED, TOTAL_OTHER_CALLS } from "../abi/layout";
import { EVENT_AGAIN, ITEM_CLOSE_HELD, LANE_TOTAL_LOST_RACES } from "../abi/lane-layout";
import {
  CALL_CL_CLOSE,
  CALL_CL_CLOSE_COMPLETE,
  CALL_CM_CLOSE,
  FAULT_OUTSTANDING_CLOSE,
  FAULT_SAPS_FIRST,
  FAULT_UNDRAINED_COMPLETION,
  JUDGED_CLOSE_COMPLETION,
  OP_CALL,
  OP_CALL_SELF,
  PASSIVE_LEVEL,
  PURPOSE_CLOSE_REFUSED,
  READING_FORWARDED,
  READING_NOT_ACCEPTED_TABLE,
  READING_RETRY,
  RULE_CLOSE_OUTSTANDING,
  RULE_CLOSE_STATUS,
  RULE_NOTIFY_ORDER,
  RULE_OPEN_USE_BEFORE_COMPLETE,
  STATE_CLOSE_PENDED,
  STATE_REFUSED,
  STATE_STRANDED,
  STATUS_FAILURE,
  STATUS_NONE,
  STATUS_NOT_ACCEPTED,
  STATUS_PENDING,
  STATUS_SUCCESS,
  TRAP_TRANSITION,
} from "../abi/codes";
import { trap } from "../core/assert";
import { happens } from "../core/random";
import { strikes } from "../ndis/faults";
import { hasReading } from "../ndis/readings";
import { hasObjects } from "../objects/table";
import { tearAfterwards } from "../objects/teardown";
import { adapterOf, callManagerOf, placeOf, recordOf } from "../table/handle-table";
import { leave } from "./bindings";
import { makeMistakesWhilePended, requestClose } from "./closes";
import { addOpen, addPended, count, countOwn, generationOf, inState, itemOf, judge, laneOfAdapter, stampOf, STATE_CLOSING, swap, violate } from "./lane";
import { insert } from "./lane-queue";
import { own, presentOf, release } from "./owners";
import { restate, takeBack, traceBoth, traceCall, tracePlace, traceReturn } from "./records";
import { send } from "./rings";
import { beginScope, endScope } from "./scopes";
import { letGo, tearDown } from "./teardown";
import { beginWork, hasWork, holdObjects, leftOf, sapsOf, vcsOf } from "./work";

/** VCs and SAPs of an AF, together. */
@inline
export function workOf(lane: usize, slot: u32, word: u32): u32 {
  if (!hasWork(lane)) return 0;
  return vcsOf(lane, slot, generationOf(word)) + sapsOf(lane, slot, generationOf(word));
}

/** Claims an AF that stood at `word`, for a close or a notification; answers whether nobody else has been faster. */
@inline
export function claim(lane: usize, slot: u32, word: u32): bool {
  return swap(lane, slot, word, inState(word, STATE_CLOSING)) == word;
}

/** Takes an AF that this lane has claimed to another state. */
@inline
function become(lane: usize, slot: u32, word: u32, state: u32): void {
  const claimed = inState(word, STATE_CLOSING);
  const seen = swap(lane, slot, claimed, inState(word, state));
  if (seen != claimed) trap(TRAP_TRANSITION, seen);
}

/** The client closes an AF that was open, with so much work on it. Answers whether it was the first to do so. */
export function closeWithWork<M>(lane: usize, slot: u32, word: u32, work: u32): bool {
  if (!claim(lane, slot, word)) {
    countOwn(lane, LANE_TOTAL_LOST_RACES, 1);
    return false;
  }
  goOn<M>(lane, slot, word, closeClaimed<M>(lane, slot, word, work, 0, false));
  return true;
}

/** What follows a close, in a notification when that has returned: nothing could end the AF's life before. */
export function goOn<M>(lane: usize, slot: u32, word: u32, state: u32): void {
  if (state == STATE_CLOSE_PENDED) {
    send(lane, laneOfAdapter(lane, adapterOf(placeOf(lane, slot))), itemOf(slot, ITEM_CLOSE_HELD, inState(word, state)));
    return;
  }
  letGo<M>(lane, slot);
  // Its client has no handle any more with which it could wait for its end.
  if (state == STATE_STRANDED) leave(lane, slot);
}

/** Closes an AF that this lane has claimed, in the frame `parent`; answers the state in which it is then, with its work held. */
export function closeClaimed<M>(lane: usize, slot: u32, word: u32, work: u32, parent: u32, isNotified: bool): u32 {
  const generation = generationOf(word);
  const isEarly = strikes(lane, FAULT_OUTSTANDING_CLOSE, slot, generation);
  const isForwarded = isEarly && hasReading(READING_FORWARDED);
  if (isEarly && !isForwarded) return failInNdis<M>(lane, slot, word, work, parent);
  beginWork(lane, slot, work);
  if (!isEarly) {
    const sapsFirst =
      isNotified &&
      vcsOf(lane, slot, generation) != 0 &&
      sapsOf(lane, slot, generation) != 0 &&
      strikes(lane, FAULT_SAPS_FIRST, slot, generation);
    if (sapsFirst) violate(lane, slot, word, RULE_NOTIFY_ORDER);
    tearDown<M>(lane, slot, word, parent, sapsFirst);
  }
  return ask<M>(lane, slot, word, parent, isForwarded);
}

/** NDIS fails a close with work on the AF, and does not ask the call manager. */
function failInNdis<M>(lane: usize, slot: u32, word: u32, work: u32, parent: u32): u32 {
  violate(lane, slot, word, RULE_CLOSE_OUTSTANDING);
  count(lane, TOTAL_OTHER_CALLS, 2);
  const frame = traceCall<M>(lane, OP_CALL, CALL_CL_CLOSE, slot, word, STATUS_NONE, parent, PASSIVE_LEVEL);
  traceReturn<M>(lane, CALL_CL_CLOSE, slot, word, STATUS_FAILURE, frame, PASSIVE_LEVEL);
  traceBoth<M>(lane, OP_CALL_SELF, CALL_CL_CLOSE_COMPLETE, slot, word, STATUS_FAILURE, parent, PASSIVE_LEVEL);
  if (!hasReading(READING_RETRY)) {
    // Its work stays for good, so that the close is held for good.
    beginWork(lane, slot, 1);
    become(lane, slot, word, STATE_STRANDED);
    return STATE_STRANDED;
  }
  beginWork(lane, slot, work);
  become(lane, slot, word, STATE_REFUSED);
  if (hasObjects(lane)) tearAfterwards<M>(lane, presentOf(lane, slot), slot, PASSIVE_LEVEL, parent);
  else tearDown<M>(lane, slot, word, parent, false);
  return STATE_REFUSED;
}

/** The same of an AF with objects, which hold the close as one. */
export function failWithObjects<M>(lane: usize, slot: u32, word: u32, parent: u32): u32 {
  return failInNdis<M>(lane, slot, word, 1, parent);
}

/** The close of an AF with objects, not all of which are gone. */
export function askWithObjects<M>(lane: usize, slot: u32, word: u32, parent: u32, isForwarded: bool): u32 {
  holdObjects(lane, slot);
  return ask<M>(lane, slot, word, parent, isForwarded);
}

/** The close itself. The call manager pends it because of the work, or refuses it while any is left. */
function ask<M>(lane: usize, slot: u32, word: u32, parent: u32, isForwarded: bool): u32 {
  const generation = generationOf(word);
  const profile = load<u32>(callManagerOf(lane, adapterOf(placeOf(lane, slot))), CM_PROFILE) as usize;
  const refuses = happens(lane, PURPOSE_CLOSE_REFUSED, slot, generation, load<u64>(profile, PROFILE_REFUSES));
  store<u32>(recordOf(lane, slot), stampOf(lane), AF_TICK);
  beginScope(lane, slot);
  const outer = traceCall<M>(lane, OP_CALL, CALL_CL_CLOSE, slot, word, STATUS_NONE, parent, PASSIVE_LEVEL);
  const opening = endScope(lane, slot, 0);
  if (opening) violate(lane, slot, word, RULE_OPEN_USE_BEFORE_COMPLETE);
  const inner = traceCall<M>(lane, OP_CALL, CALL_CM_CLOSE, slot, word, STATUS_NONE, outer, PASSIVE_LEVEL);
  const place = tracePlace<M>(lane);
  traceReturn<M>(lane, CALL_CM_CLOSE, slot, word, STATUS_PENDING, inner, PASSIVE_LEVEL);
  // The record has its number: what is left now is completed behind it.
  const state = refuses && leftOf(lane, slot) ? refuse<M>(lane, slot, word, parent, place, outer) : pend<M>(lane, slot, word, outer);
  if (isForwarded && hasObjects(lane)) tearAfterwards<M>(lane, presentOf(lane, slot), slot, PASSIVE_LEVEL, parent);
  else if (isForwarded) tearDown<M>(lane, slot, word, parent, false);
  if (state == STATE_CLOSE_PENDED) {
    makeMistakesWhilePended<M>(lane, slot, inState(word, state));
    if (strikes(lane, FAULT_UNDRAINED_COMPLETION, slot, generation)) completeUndrained<M>(lane, slot, inState(word, state), profile);
  }
  return state;
}

function pend<M>(lane: usize, slot: u32, word: u32, outer: u32): u32 {
  traceReturn<M>(lane, CALL_CL_CLOSE, slot, word, STATUS_PENDING, outer, PASSIVE_LEVEL);
  count(lane, TOTAL_CLOSE_PENDED, 1);
  addOpen(lane, -1);
  addPended(lane, 1);
  become(lane, slot, word, STATE_CLOSE_PENDED);
  return STATE_CLOSE_PENDED;
}

/** `place`: of the record of ProtocolCmCloseAf's return. */
function refuse<M>(lane: usize, slot: u32, word: u32, parent: u32, place: u32, outer: u32): u32 {
  if (hasReading(READING_NOT_ACCEPTED_TABLE)) violate(lane, slot, word, RULE_CLOSE_STATUS);
  count(lane, TOTAL_OTHER_CALLS, 3);
  restate<M>(place, STATUS_NOT_ACCEPTED);
  traceReturn<M>(lane, CALL_CL_CLOSE, slot, word, STATUS_NOT_ACCEPTED, outer, PASSIVE_LEVEL);
  traceBoth<M>(lane, OP_CALL_SELF, CALL_CL_CLOSE_COMPLETE, slot, word, STATUS_NOT_ACCEPTED, parent, PASSIVE_LEVEL);
  const state = hasReading(READING_RETRY) ? STATE_REFUSED : STATE_STRANDED;
  // From here on a notification that its client does not complete is owed.
  store<u32>(recordOf(lane, slot), stampOf(lane), AF_TICK);
  become(lane, slot, word, state);
  return state;
}

/** The call manager completes a close that it has pended because of work while any is left. */
function completeUndrained<M>(lane: usize, slot: u32, word: u32, profile: usize): void {
  const before = tracePlace<M>(lane);
  traceBoth<M>(lane, OP_CALL, load<u32>(profile, PROFILE_CLOSE_COMPLETE), slot, word, STATUS_SUCCESS, 0, load<u32>(profile, PROFILE_IRQL));
  if (leftOf(lane, slot) == 0) return takeBack<M>(lane, before);
  count(lane, TOTAL_OTHER_CALLS, 1);
  judge(lane, slot, word, JUDGED_CLOSE_COMPLETION, STATE_CLOSE_PENDED);
}

/** The work is done because of which a close had failed: the client closes again. A halt may just be notifying of the AF. */
export function closeAgain<M>(lane: usize, slot: u32, word: u32): void {
  const isFree = !hasObjects(lane) || own(lane, slot);
  if (!isFree || !claim(lane, slot, word)) {
    if (isFree && hasObjects(lane)) release<M>(lane, slot);
    return insert(lane, load<u32>(lane, MACHINE_NOW), 0, (slot << 4) | EVENT_AGAIN, word as u64);
  }
  requestClose<M>(lane, slot, inState(word, STATE_CLOSING), 0, false, false);
  if (hasObjects(lane)) release<M>(lane, slot);
}
