// Closes of AFs with SAPs and VCs as objects (src/contract/MODEL-OBJECTS.md "Close"): the lane that owns the AF takes down what is on it, and
// whichever lane owns it when all of that is called closes it.
import { MACHINE_NOW, STATE_MASK } from "../abi/layout";
import { LANE_NOTIFIES, LANE_TOTAL_LOST_RACES } from "../abi/lane-layout";
import { EVENT_HOLD, PASSIVE_LEVEL, READING_FORWARDED, STATE_CLOSE_PENDED } from "../abi/codes";
import { hasReading } from "../ndis/readings";
import { isTearing } from "../objects/table";
import { closesTooEarly, tear } from "../objects/teardown";
import { whereOf } from "../objects/trace";
import { handOver, requestClose } from "./closes";
import { countOwn, generationOf, inState, wordOf } from "./lane";
import { insert } from "./lane-queue";
import { own, presentOf, release } from "./owners";
import { leftOf } from "./work";
import { askWithObjects, claim, failWithObjects, goOn } from "./worked-closes";

// What a notification, on the lane that makes it, has come to.
const NOT_NOTIFYING: u32 = 0;
const NOTIFYING: u32 = 1;
const PENDED_AT_ONCE: u32 = 2; // with nothing left on the AF
const ASKED: u32 = 3; // with something left

/** The client closes an AF that was open with this word. */
export function closeWithObjects<M>(lane: usize, slot: u32, word: u32): void {
  if (!own(lane, slot)) return insert(lane, load<u32>(lane, MACHINE_NOW), 0, (slot << 4) | EVENT_HOLD, word as u64);
  if (wordOf(lane, slot) != word || isTearing(lane, slot)) countOwn(lane, LANE_TOTAL_LOST_RACES, 1);
  else closeOwned<M>(lane, slot, word, 0, PASSIVE_LEVEL, false);
  release<M>(lane, slot);
}

/** The same of an AF that this lane owns, in the frame `parent`. */
export function closeOwned<M>(lane: usize, slot: u32, word: u32, parent: u32, irql: u32, isNotified: bool): void {
  if (!closesTooEarly(lane, slot, generationOf(word))) return tear<M>(lane, presentOf(lane, slot), slot, whereOf(irql, parent), isNotified);
  claim(lane, slot, word);
  const isForwarded = hasReading(READING_FORWARDED);
  finish<M>(lane, slot, word, isForwarded ? askWithObjects<M>(lane, slot, word, parent, true) : failWithObjects<M>(lane, slot, word, parent));
}

/** Everything is called that takes down what is on an AF: the close itself, in the frame `parent`. */
export function closeTornDown<M>(lane: usize, slot: u32, parent: u32): void {
  const word = wordOf(lane, slot);
  const notifies = load<u32>(lane, LANE_NOTIFIES);
  if (leftOf(lane, slot)) {
    claim(lane, slot, word);
    return finish<M>(lane, slot, word, askWithObjects<M>(lane, slot, word, parent, false));
  }
  requestClose<M>(lane, slot, word, parent, notifies != NOT_NOTIFYING, false);
  if (notifies && (wordOf(lane, slot) & STATE_MASK) == STATE_CLOSE_PENDED) store<u32>(lane, PENDED_AT_ONCE, LANE_NOTIFIES);
}

/** What follows a close comes when a notification, inside of which it is, has returned. */
function finish<M>(lane: usize, slot: u32, word: u32, state: u32): void {
  if (load<u32>(lane, LANE_NOTIFIES)) store<u32>(lane, ASKED, LANE_NOTIFIES);
  else goOn<M>(lane, slot, word, state);
}

/** A notification begins in which the client may close the AF. */
@inline
export function beginNotifying(lane: usize): void {
  store<u32>(lane, NOTIFYING, LANE_NOTIFIES);
}

/** It has returned. */
export function endNotifying<M>(lane: usize, slot: u32, word: u32): void {
  const notifies = load<u32>(lane, LANE_NOTIFIES);
  store<u32>(lane, NOT_NOTIFYING, LANE_NOTIFIES);
  if (notifies == PENDED_AT_ONCE) handOver(lane, slot, inState(word, STATE_CLOSE_PENDED));
  else if (notifies == ASKED) goOn<M>(lane, slot, word, wordOf(lane, slot) & STATE_MASK);
}
