// Walks of the slots of those who go, one after the other and a piece a step: of adapters that halt and of clients that are unbound, each on
// its own lane. Clients that are bound are gone through likewise.
import { MACHINE_CLIENTS_PER_ADAPTER } from "../abi/layout";
import {
  AGENDA_BIND,
  AGENDA_CLIENTS_FROM,
  AGENDA_CLIENTS_TO,
  AGENDA_FROM,
  AGENDA_HALT,
  AGENDA_TO,
  AGENDA_WHAT,
  LANE_INDEX,
  LANE_STEP_SLOTS,
  STEP_SLOTS,
  LANE_WALK_CLIENTS_FROM,
  LANE_WALK_CLIENTS_TO,
  LANE_WALK_END,
  LANE_WALK_GONE,
  LANE_WALK_LAST,
  LANE_WALK_NEXT,
  LANE_WALK_SLOT,
  LANE_WALK_WALKER,
  LANE_WALK_WHAT,
  STEP_MAIL,
} from "../abi/lane-layout";
import { firstSlotOf, firstSlotOfClient } from "../table/handle-table";
import { clientCount, takeMail } from "./bindings";
import { beginHalt, endHalt, finishHalt, haltSlot, mayHalt } from "./halts";
import { laneOfAdapter, laneOfClient } from "./lane";
import { beginUnbind, bind, endUnbind, finishUnbind, unbindSlot } from "./unbinds";

/** Begins what an entry of the agenda asks for, as far as it is this lane's. */
export function beginWalk(lane: usize, entry: usize): void {
  const what = load<u32>(entry, AGENDA_WHAT);
  const perAdapter = what == AGENDA_HALT ? 1 : load<u32>(lane, MACHINE_CLIENTS_PER_ADAPTER);
  store<u32>(lane, what, LANE_WALK_WHAT);
  store<u32>(lane, load<u32>(entry, AGENDA_FROM) * perAdapter, LANE_WALK_NEXT);
  store<u32>(lane, load<u32>(entry, AGENDA_TO) * perAdapter, LANE_WALK_END);
  store<u32>(lane, load<u32>(entry, AGENDA_CLIENTS_FROM), LANE_WALK_CLIENTS_FROM);
  store<u32>(lane, load<u32>(entry, AGENDA_CLIENTS_TO), LANE_WALK_CLIENTS_TO);
}

@inline
export function isWalking(lane: usize): bool {
  return load<u32>(lane, LANE_WALK_WALKER) != 0 || load<u32>(lane, LANE_WALK_NEXT) < load<u32>(lane, LANE_WALK_END);
}

/** Whether an adapter, or a client, is this lane's and among those that the walk is for. */
function isMeant(lane: usize, number: u32): bool {
  if (load<u32>(lane, LANE_WALK_WHAT) == AGENDA_HALT) return laneOfAdapter(lane, number) == load<u32>(lane, LANE_INDEX);
  const ofAdapter = number % load<u32>(lane, MACHINE_CLIENTS_PER_ADAPTER);
  if (ofAdapter < load<u32>(lane, LANE_WALK_CLIENTS_FROM) || ofAdapter >= load<u32>(lane, LANE_WALK_CLIENTS_TO)) return false;
  return laneOfClient(lane, number) == load<u32>(lane, LANE_INDEX);
}

/** Goes on with the next one whose slots are to be walked; answers whether there is one now. */
function beginNext<M>(lane: usize): bool {
  const what = load<u32>(lane, LANE_WALK_WHAT);
  const end = load<u32>(lane, LANE_WALK_END);
  let next = load<u32>(lane, LANE_WALK_NEXT);
  let walks = false;
  // Those who are bound are as many a step as slots are walked.
  for (let bound: u32 = 0; next < end && !walks && bound < STEP_SLOTS; next++) {
    if (!isMeant(lane, next)) continue;
    if (what == AGENDA_BIND) {
      bind<M>(lane, next);
      bound++;
    } else if (what != AGENDA_HALT) walks = beginUnbind<M>(lane, next);
    else if (mayHalt(lane, next)) walks = beginHalt<M>(lane, next);
    else break;
  }
  store<u32>(lane, next, LANE_WALK_NEXT);
  if (!walks) return false;
  const isHalt = what == AGENDA_HALT;
  store<u32>(lane, next, LANE_WALK_WALKER);
  store<u32>(lane, 0, LANE_WALK_GONE);
  store<u32>(lane, isHalt ? firstSlotOf(lane, next - 1, 0) : firstSlotOfClient(lane, next - 1), LANE_WALK_SLOT);
  store<u32>(lane, isHalt ? firstSlotOf(lane, next, 0) : firstSlotOfClient(lane, next), LANE_WALK_LAST);
  return true;
}

/** Walks the next slots. First a binding is marked, then its slots are looked at: an AF that is opened later sees the mark itself. */
export function walk<M>(lane: usize): void {
  const most = load<u32>(lane, LANE_STEP_SLOTS);
  for (let slots: u32 = 0; slots < most; ) {
    if (load<u32>(lane, LANE_WALK_WALKER) == 0 && !beginNext<M>(lane)) return;
    // Somebody without slots counts as one.
    slots += max<u32>(1, walkSlots<M>(lane, most - slots));
  }
}

/** Walks at most so many slots of one; answers how many. */
function walkSlots<M>(lane: usize, most: u32): u32 {
  const walker = load<u32>(lane, LANE_WALK_WALKER) - 1;
  const isHalt = load<u32>(lane, LANE_WALK_WHAT) == AGENDA_HALT;
  const last = load<u32>(lane, LANE_WALK_LAST);
  const first = load<u32>(lane, LANE_WALK_SLOT);
  const until = min(last, first + most);
  for (let slot = first; slot < until; slot++) {
    if (isHalt) haltSlot<M>(lane, slot);
    else unbindSlot<M>(lane, slot);
  }
  store<u32>(lane, until, LANE_WALK_SLOT);
  if (until < last) return most;
  if (isHalt) endHalt<M>(lane, walker);
  else endUnbind<M>(lane, walker);
  store<u32>(lane, 0, LANE_WALK_WALKER);
  return until - first;
}

/** Ends the unbindings and halts whose last AF has ended; answers whether there were any. */
export function answerMail<M>(lane: usize): bool {
  let answered: u32 = 0;
  for (; answered < STEP_MAIL; answered++) {
    const number = takeMail(lane);
    if (number == 0) break;
    const clients = clientCount(lane);
    if (number > clients) finishHalt<M>(lane, number - 1 - clients);
    else finishUnbind<M>(lane, number - 1);
  }
  return answered != 0;
}
