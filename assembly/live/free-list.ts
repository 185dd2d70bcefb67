// Free slots, where opens arrive from outside: a list for each lane, linked by the records. Whoever tells a client that its close has
// completed puts the slot on its own list; a lane whose list is empty steals. The head carries a count that grows with every take, so that
// a head which was taken and put back meanwhile is not mistaken for the old one.
import { AF_LINK } from "../abi/layout";
import {
  LANE_FREE,
  LANE_INDEX,
  LANE_KEPT,
  LANE_LANES,
  LANE_SHARED,
  LANE_TOTAL_STOLEN,
  SHARED_FIRST_LANE,
  SHARED_LANE_BYTES,
} from "../abi/lane-layout";
import { recordOf } from "../table/handle-table";
import { isBound } from "./bindings";
import { countOwn } from "./lane";

/** No free slot anywhere. */
export const NO_SLOT: u32 = 0xffffffff;

/** Puts a slot on a lane's list. */
export function giveSlot(lane: usize, slot: u32): void {
  const record = recordOf(lane, slot);
  let head = atomic.load<u64>(lane, LANE_FREE);
  while (true) {
    atomic.store<u32>(record, head as u32, AF_LINK);
    const seen = atomic.cmpxchg<u64>(lane, head, (head & 0xffffffff00000000) | ((slot + 1) as u64), LANE_FREE);
    if (seen == head) return;
    head = seen;
  }
}

/** Whether a scenario has arrivals and unbinds: then slots of clients that are not bound wait for their bind. */
@inline
function keepsSlots(lane: usize): bool {
  return load<u32>(lane, LANE_KEPT) != 0;
}

/** An AF has ended: its slot is free again, unless its client is not bound. */
@inline
export function freeSlot(lane: usize, slot: u32): void {
  if (keepsSlots(lane) && !isBound(lane, slot)) keepSlot(lane, slot);
  else giveSlot(lane, slot);
}

/** A free slot is not to be opened as its client is not bound, or its adapter halted. */
export function keepSlot(lane: usize, slot: u32): void {
  if (!keepsSlots(lane)) return;
  atomic.store<u8>(load<u32>(lane, LANE_KEPT) + slot, 1);
  // It may have been bound meanwhile, and have looked before.
  if (isBound(lane, slot)) bindSlot(lane, slot);
}

/** Frees a slot that waits for the bind of its client, for arrivals. */
export function bindSlot(lane: usize, slot: u32): void {
  if (atomic.xchg<u8>(load<u32>(lane, LANE_KEPT) + slot, 0)) giveSlot(lane, slot);
}

/** Takes a slot from the list of `from`. */
function takeFrom(lane: usize, from: usize): u32 {
  let head = atomic.load<u64>(from, LANE_FREE);
  while (head as u32) {
    const slot = (head as u32) - 1;
    const next = atomic.load<u32>(recordOf(lane, slot), AF_LINK);
    const turned = ((head & 0xffffffff00000000) + 0x100000000) | (next as u64);
    const seen = atomic.cmpxchg<u64>(from, head, turned, LANE_FREE);
    if (seen == head) return slot;
    head = seen;
  }
  return NO_SLOT;
}

/** Takes a free slot: from the lane's own list, or else from another's. */
export function takeSlot(lane: usize): u32 {
  const own = takeFrom(lane, lane);
  if (own != NO_SLOT) return own;
  const shared = load<u32>(lane, LANE_SHARED) as usize;
  const lanes = load<u32>(lane, LANE_LANES);
  for (let n: u32 = 1; n < lanes; n++) {
    const victim = (load<u32>(lane, LANE_INDEX) + n) % lanes;
    const slot = takeFrom(lane, load<u32>(shared, SHARED_FIRST_LANE) + victim * load<u32>(shared, SHARED_LANE_BYTES));
    if (slot == NO_SLOT) continue;
    countOwn(lane, LANE_TOTAL_STOLEN, 1);
    return slot;
  }
  return NO_SLOT;
}
