// A step of a lane: read the clock once; take what other lanes have handed over; take what is due next; hand over what follows from it.
import {
  AGENDA_DRAIN,
  AGENDA_ENTRY_BYTES,
  AGENDA_RESET,
  AGENDA_WHAT,
  AGENDA_WHEN,
  EVENT_AGAIN,
  EVENT_INLINE_DONE,
  EVENT_NOTIFY,
  EVENT_SECOND_DONE,
  EVENT_SERVED,
  ITEM_AGAIN,
  ITEM_CALLS,
  ITEM_CLOSE,
  ITEM_CLOSE_HELD,
  ITEM_INLINE,
  ITEM_OPEN,
  ITEM_OPEN_TOLD,
  ITEM_SAPS,
  ITEM_SECOND,
  ITEM_STALE,
  ITEM_TOLD,
  LANE_AGENDA_END,
  LANE_AGENDA_NEXT,
  LANE_BATCH,
  LANE_BEAT,
  LANE_CALLS,
  LANE_CALLS_END,
  LANE_EVENT_BYTES,
  LANE_EVENT_HANDLE,
  LANE_EVENT_SEQUENCE,
  LANE_EVENT_WORD,
  LANE_INBOX,
  LANE_INDEX,
  LANE_LAG_COUNT,
  LANE_LAG_MAX,
  LANE_LAG_SUM,
  LANE_MAIL,
  LANE_SHARED,
  LANE_STAMP,
  LANE_WAITED,
  LANE_WAITS_FOR,
  LANE_WALL,
  SHARED_START_NS,
  STEP_BUSY,
  STEP_ENDED,
  STEP_STOPPED,
  WAIT_NOTHING,
} from "../abi/lane-layout";
import {
  EVENT_ARRIVAL,
  EVENT_CALL_CLOSED,
  EVENT_CLOSE_DONE,
  EVENT_COALESCE_TIMER,
  EVENT_HOLD,
  EVENT_OPEN_DONE,
  EVENT_SAP_DEREGISTERED,
  EVENT_THINK,
  TRAP_EVENT_KIND,
} from "../abi/codes";
import { KIND_BITS, KIND_MASK, MACHINE_DRAINING, MACHINE_NOW, MACHINE_TABLE, SHARD_STOP, SHARD_TICK_NS } from "../abi/layout";
import { trap } from "../core/assert";
import { isTraced } from "../engine/mode";
import { arrive } from "./arrivals";
import { afterClose, close, returnCalls } from "./closes";
import { complete, completeAgain, completeInline, serveClose } from "./completions";
import { rest, seePeaks, waitForRoom } from "./idle";
import { countOwn, stampOf, touch } from "./lane";
import { insert, takeEvents } from "./lane-queue";
import { resetMeasures } from "./measures";
import { endMoments, keepMoments } from "./moments";
import { notify } from "./notifications";
import { completeOpen, open, serveOpen, tellOpened } from "./opens";
import { isTraceFull } from "./records";
import { hasRoom, publish, receive } from "./rings";
import { coalesceTimer, finishService } from "./service";
import { finishTeardown, serveHeldClose, serveTeardowns } from "./teardown";
import { closeAgain } from "./worked-closes";
import { answerMail, beginWalk, isWalking, walk } from "./walks";

/** Nanoseconds of a clock that all lanes share. */
@external("env", "readClock")
declare function readClock(): i64;

/** Reads the clock, in ticks since the run began. */
@inline
function readStamp(lane: usize): u32 {
  const since = (readClock() as u64) - load<u64>(load<u32>(lane, LANE_SHARED), SHARED_START_NS);
  const stamp = (since / load<u64>(SHARD_TICK_NS)) as u32;
  store<u32>(lane, stamp, LANE_STAMP);
  return stamp;
}

/** Handles what other lanes have handed over: whatever could hand something over in turn waits in the queue for its room. */
function takeItems<M>(lane: usize, count: u32): void {
  const inbox = load<u32>(lane, LANE_INBOX) as usize;
  const end = inbox + (count << 3);
  if (!isTraced<M>()) {
    const table = load<u32>(lane, MACHINE_TABLE) as usize;
    for (let at = inbox; at < end; at += 8) {
      const item = load<u32>(at);
      if ((item & KIND_MASK) == ITEM_TOLD) touch(table + (item & ~KIND_MASK));
    }
  }
  for (let at = inbox; at < end; at += 8) {
    const item = load<u64>(at);
    const kind = (item as u32) & KIND_MASK;
    const slot = (item as u32) >>> KIND_BITS;
    const word = (item >>> 32) as u32;
    if (kind == ITEM_CLOSE) serveClose(lane, slot, word, EVENT_CLOSE_DONE);
    else if (kind == ITEM_TOLD) afterClose<M>(lane, slot, word);
    else if (kind == ITEM_INLINE) serveClose(lane, slot, word, EVENT_INLINE_DONE);
    else if (kind == ITEM_OPEN) serveOpen(lane, slot, word);
    else if (kind == ITEM_OPEN_TOLD) tellOpened<M>(lane, slot, word);
    else if (kind == ITEM_CALLS || kind == ITEM_SAPS) serveTeardowns(lane, slot, word, kind);
    else if (kind == ITEM_CLOSE_HELD) serveHeldClose<M>(lane, slot);
    else if (kind == ITEM_AGAIN) insert(lane, load<u32>(lane, MACHINE_NOW), 0, (slot << 4) | EVENT_AGAIN, word as u64);
    else if (kind == ITEM_SECOND) serveClose(lane, slot, word, EVENT_SECOND_DONE);
    else if (kind == ITEM_STALE) completeAgain<M>(lane, slot, word, 0, false);
    else trap(TRAP_EVENT_KIND, kind);
  }
}

/** Handles what is due. */
function handleEvents<M>(lane: usize, end: usize): void {
  const batch = load<u32>(lane, LANE_BATCH) as usize;
  if (!isTraced<M>()) {
    const table = load<u32>(lane, MACHINE_TABLE) as usize;
    for (let at = batch; at < end; at += LANE_EVENT_BYTES) touch(table + (load<u32>(at, LANE_EVENT_WORD) & ~KIND_MASK));
  }
  for (let at = batch; at < end; at += LANE_EVENT_BYTES) {
    const kind = load<u32>(at, LANE_EVENT_WORD) & KIND_MASK;
    const slot = load<u32>(at, LANE_EVENT_WORD) >>> KIND_BITS;
    const word = load<u32>(at, LANE_EVENT_HANDLE);
    if (kind == EVENT_CLOSE_DONE) complete<M>(lane, slot, word, load<u32>(at, LANE_EVENT_SEQUENCE));
    else if (kind == EVENT_HOLD) close<M>(lane, slot, word);
    else handleRare<M>(lane, at, kind, slot, word);
  }
}

function handleRare<M>(lane: usize, at: usize, kind: u32, slot: u32, word: u32): void {
  const due = load<u32>(at);
  if (kind == EVENT_THINK) {
    if (load<u32>(lane, MACHINE_DRAINING)) return;
    open<M>(lane, slot, word, due, stampOf(lane));
  } else if (kind == EVENT_OPEN_DONE) completeOpen<M>(lane, slot, word);
  else if (kind == EVENT_INLINE_DONE) completeInline<M>(lane, slot, word, load<u32>(at, LANE_EVENT_SEQUENCE));
  else if (kind == EVENT_CALL_CLOSED || kind == EVENT_SAP_DEREGISTERED) finishTeardown<M>(lane, slot, word, kind);
  else if (kind == EVENT_AGAIN) closeAgain<M>(lane, slot, word);
  else if (kind == EVENT_NOTIFY) notify<M>(lane, slot, word, 0, false);
  else if (kind == EVENT_SECOND_DONE) completeAgain<M>(lane, slot, word, load<u32>(at, LANE_EVENT_SEQUENCE), true);
  else if (kind == EVENT_ARRIVAL) arrive<M>(lane, due);
  else if (kind == EVENT_SERVED) finishService<M>(lane, slot, word, load<u32>(at, LANE_EVENT_SEQUENCE));
  else if (kind == EVENT_COALESCE_TIMER) coalesceTimer(lane, slot);
  else trap(TRAP_EVENT_KIND, kind);
}

/** How late the events of a batch are, where scenario times are wall-clock times. */
function countLag(lane: usize, end: usize, stamp: u32): void {
  for (let at = load<u32>(lane, LANE_BATCH) as usize; at < end; at += LANE_EVENT_BYTES) {
    const lag = (stamp - load<u32>(at)) as u64;
    countOwn(lane, LANE_LAG_SUM, lag);
    countOwn(lane, LANE_LAG_COUNT, 1);
    store<u64>(lane, max(load<u64>(lane, LANE_LAG_MAX), lag), LANE_LAG_MAX);
  }
}

/** Does what the phases ask for by now; answers whether the run is over. */
@inline
function keepAgenda(lane: usize, stamp: u32): bool {
  const next = load<u32>(lane, LANE_AGENDA_NEXT);
  return next != load<u32>(lane, LANE_AGENDA_END) && stamp >= load<u32>(next, AGENDA_WHEN) && doNext(lane, next);
}

function doNext(lane: usize, next: u32): bool {
  // The run is over at its time, be it that a late lane has not come to all phases: times beyond it have no place in the counts.
  if (stampOf(lane) >= load<u32>(load<u32>(lane, LANE_AGENDA_END) - AGENDA_ENTRY_BYTES, AGENDA_WHEN)) return true;
  const what = load<u32>(next, AGENDA_WHAT);
  // One after the other.
  if (isWalking(lane)) return false;
  if (what == AGENDA_RESET) resetMeasures(lane);
  else if (what == AGENDA_DRAIN) store<u32>(lane, 1, MACHINE_DRAINING);
  else beginWalk(lane, next);
  store<u32>(lane, next + AGENDA_ENTRY_BYTES, LANE_AGENDA_NEXT);
  return false;
}

/** No call stays open when a lane ends. */
function end<M>(lane: usize, answer: u32): u32 {
  returnCalls<M>(lane, load<u32>(lane, LANE_CALLS_END));
  endMoments(lane, stampOf(lane));
  return answer;
}

@inline
function step<M>(lane: usize): u32 {
  if (atomic.load<u32>(SHARD_STOP)) return end<M>(lane, STEP_STOPPED);
  const stamp = readStamp(lane);
  atomic.store<u32>(lane, load<u32>(lane, LANE_BEAT) + 1, LANE_BEAT);
  if (load<u32>(lane, LANE_WAITS_FOR)) atomic.store<u32>(lane, WAIT_NOTHING, LANE_WAITS_FOR);
  if (keepAgenda(lane, stamp)) return end<M>(lane, STEP_ENDED);
  keepMoments(lane, stamp);
  if (isTraceFull<M>(lane)) return end<M>(lane, STEP_STOPPED);
  const items = receive(lane);
  if (items) takeItems<M>(lane, items);
  const answered = atomic.load<u32>(lane, LANE_MAIL) != 0 && answerMail<M>(lane);
  if (load<u32>(lane, LANE_INDEX) == 0) seePeaks(lane);
  if (!hasRoom(lane)) {
    publish(lane);
    waitForRoom(lane);
    return STEP_BUSY;
  }
  store<u32>(lane, 0, LANE_WAITED);
  const earlier = load<u32>(lane, LANE_CALLS_END) as usize;
  const waiting = earlier != (load<u32>(lane, LANE_CALLS) as usize);
  const walking = isWalking(lane);
  if (walking) walk<M>(lane);
  const isWall = load<u32>(lane, LANE_WALL) != 0;
  const until = takeEvents(lane, isWall, stamp);
  const any = until > (load<u32>(lane, LANE_BATCH) as usize);
  if (any) {
    if (isWall) countLag(lane, until, stamp);
    handleEvents<M>(lane, until);
  }
  if (waiting) returnCalls<M>(lane, earlier);
  publish(lane);
  if (any || items || answered || walking || waiting) return STEP_BUSY;
  return rest(lane) == STEP_ENDED ? end<M>(lane, STEP_ENDED) : STEP_BUSY;
}

/** Makes up to so many steps; answers why it came back. */
export function advance<M>(lane: usize, steps: u32): u32 {
  for (; steps; steps--) {
    const answer = step<M>(lane);
    if (answer != STEP_BUSY) return answer;
  }
  return STEP_BUSY;
}
