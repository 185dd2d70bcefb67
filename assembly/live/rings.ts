// How lanes hand items over: 8 bytes with slot, kind and state word. A step hands over at most STEP_ROOM items and begins only where there
// is room for them, so that no lane ever waits inside of a step, and nothing is dropped.
import {
  CELLS,
  CELL_BYTES,
  CELL_ITEM,
  CELL_TURN,
  DISPATCH_LOCK,
  DISPATCH_SPSC,
  LANE_DISPATCH,
  LANE_FROM,
  LANE_IN,
  LANE_INBOX,
  LANE_INDEX,
  LANE_IN_STRIDE,
  LANE_LANES,
  LANE_OUT,
  LANE_RECEIVED,
  LANE_SENT,
  LANE_SHARED,
  LANE_SLEEPS,
  LANE_TOTAL_HANDED,
  LANE_WAITS_FOR,
  LANE_WAITS_ON,
  RING_BYTES,
  RING_HEAD,
  RING_ITEMS,
  RING_NEXT,
  RING_SEEN_HEAD,
  RING_SIZE,
  RING_TAIL,
  RING_TAKEN,
  SHARED_HEAD,
  SHARED_LIST_HEAD,
  SHARED_LIST_TAIL,
  SHARED_LOCK,
  SHARED_RINGS,
  SHARED_TAIL,
  STEP_ITEMS,
  STEP_ROOM,
  WAIT_LOCK,
  WAIT_NOTHING,
  WAIT_ROOM,
} from "../abi/lane-layout";
import { SHARD_STOP } from "../abi/layout";
import { laneAt } from "./lane";

/** Looks at a lock before its taker sleeps: its holder may have lost its processor. */
const SPINS: u32 = 200;
const NAP_NS: i64 = 50_000;

// ---- one ring for every pair of lanes ----

@inline
export function writeRing(ring: usize, item: u64): void {
  const next = load<u32>(ring, RING_NEXT);
  store<u64>(ring + ((next & (RING_SIZE - 1)) << 3), item, RING_ITEMS);
  store<u32>(ring, next + 1, RING_NEXT);
}

/** Shows the reader all that was written; answers whether that is anything new. */
@inline
export function publishRing(ring: usize): bool {
  const next = load<u32>(ring, RING_NEXT);
  if (next == load<u32>(ring, RING_TAIL)) return false;
  atomic.store<u32>(ring, next, RING_TAIL);
  return true;
}

/** Takes up to `limit` items to an address; answers how many. */
@inline
export function readRing(ring: usize, to: usize, limit: u32): u32 {
  const taken = load<u32>(ring, RING_TAKEN);
  const count = min(atomic.load<u32>(ring, RING_TAIL) - taken, limit);
  if (count == 0) return 0;
  for (let i: u32 = 0; i < count; i++) {
    store<u64>(to + (i << 3), load<u64>(ring + (((taken + i) & (RING_SIZE - 1)) << 3), RING_ITEMS));
  }
  store<u32>(ring, taken + count, RING_TAKEN);
  atomic.store<u32>(ring, taken + count, RING_HEAD);
  return count;
}

@inline
export function ringHasRoom(ring: usize, room: u32): bool {
  const next = load<u32>(ring, RING_NEXT);
  if (RING_SIZE - (next - load<u32>(ring, RING_SEEN_HEAD)) >= room) return true;
  const head = atomic.load<u32>(ring, RING_HEAD);
  store<u32>(ring, head, RING_SEEN_HEAD);
  return RING_SIZE - (next - head) >= room;
}

// ---- one ring for all (D. Vyukov's bounded queue): a cell's turn says whether it is free for this position, or full ----

export function writeShared(shared: usize, item: u64): bool {
  const cells = load<u32>(shared, SHARED_RINGS) as usize;
  let at = atomic.load<u32>(shared, SHARED_TAIL);
  while (true) {
    const cell = cells + (at & (CELLS - 1)) * CELL_BYTES;
    const ahead = atomic.load<u32>(cell, CELL_TURN) - at;
    if (ahead == 0) {
      const seen = atomic.cmpxchg<u32>(shared, at, at + 1, SHARED_TAIL);
      if (seen == at) {
        store<u64>(cell, item, CELL_ITEM);
        atomic.store<u32>(cell, at + 1, CELL_TURN);
        return true;
      }
      at = seen;
    } else if ((ahead as i32) < 0) {
      return false;
    } else {
      at = atomic.load<u32>(shared, SHARED_TAIL);
    }
  }
}

/** Takes one item to an address; answers whether there was one. */
export function readShared(shared: usize, to: usize): bool {
  const cells = load<u32>(shared, SHARED_RINGS) as usize;
  let at = atomic.load<u32>(shared, SHARED_HEAD);
  while (true) {
    const cell = cells + (at & (CELLS - 1)) * CELL_BYTES;
    const ahead = atomic.load<u32>(cell, CELL_TURN) - (at + 1);
    if (ahead == 0) {
      const seen = atomic.cmpxchg<u32>(shared, at, at + 1, SHARED_HEAD);
      if (seen == at) {
        store<u64>(to, load<u64>(cell, CELL_ITEM));
        atomic.store<u32>(cell, at + CELLS, CELL_TURN);
        return true;
      }
      at = seen;
    } else if ((ahead as i32) < 0) {
      return false;
    } else {
      at = atomic.load<u32>(shared, SHARED_HEAD);
    }
  }
}

// ---- one list under a spin lock: every item takes the lock to get in, and again to get out ----

/** Takes the lock that stands SHARED_LOCK behind an address, for which a lane is said to wait; while the run is being stopped it gives up and answers false. */
export function acquire(lane: usize, shared: usize, waits: u32): bool {
  const own = load<u32>(lane, LANE_INDEX) + 1;
  if (atomic.cmpxchg<u32>(shared, 0, own, SHARED_LOCK) == 0) return true;
  let spins: u32 = 0;
  while (true) {
    const holder = atomic.load<u32>(shared, SHARED_LOCK);
    if (holder == 0) {
      if (atomic.cmpxchg<u32>(shared, 0, own, SHARED_LOCK) == 0) break;
    } else if (++spins >= SPINS) {
      atomic.store<u32>(lane, holder - 1, LANE_WAITS_ON);
      atomic.store<u32>(lane, waits, LANE_WAITS_FOR);
      if (load<u32>(SHARD_STOP) == STOP_AT_ONCE) return false;
      atomic.wait<i32>(shared + SHARED_LOCK, holder, NAP_NS);
      spins = 0;
    }
  }
  atomic.store<u32>(lane, WAIT_NOTHING, LANE_WAITS_FOR);
  return true;
}

/** What the stop flag holds when a lane has died or hangs, whose lock nobody would give back. */
const STOP_AT_ONCE: u32 = 2;

export function writeList(lane: usize, shared: usize, item: u64): void {
  if (!acquire(lane, shared, WAIT_LOCK)) return;
  const tail = load<u32>(shared, SHARED_LIST_TAIL);
  store<u64>(load<u32>(shared, SHARED_RINGS) + (tail & (CELLS - 1)) * CELL_BYTES, item, CELL_ITEM);
  store<u32>(shared, tail + 1, SHARED_LIST_TAIL);
  atomic.store<u32>(shared, 0, SHARED_LOCK);
}

export function readList(lane: usize, shared: usize, to: usize): bool {
  if (!acquire(lane, shared, WAIT_LOCK)) return false;
  const head = load<u32>(shared, SHARED_LIST_HEAD);
  const any = head != load<u32>(shared, SHARED_LIST_TAIL);
  if (any) {
    store<u64>(to, load<u64>(load<u32>(shared, SHARED_RINGS) + (head & (CELLS - 1)) * CELL_BYTES, CELL_ITEM));
    store<u32>(shared, head + 1, SHARED_LIST_HEAD);
  }
  atomic.store<u32>(shared, 0, SHARED_LOCK);
  return any;
}

// ---- what the strategies have in common ----

/** Hands an item to a lane, or with a ring for all to whichever comes first. */
@inline
export function send(lane: usize, to: u32, item: u64): void {
  store<u32>(lane, load<u32>(lane, LANE_SENT) + 1, LANE_SENT);
  const handed = lane + LANE_TOTAL_HANDED;
  if (load<u32>(lane, LANE_DISPATCH) == DISPATCH_SPSC) {
    store<u64>(handed, load<u64>(handed) + ((to != load<u32>(lane, LANE_INDEX)) as u64));
    writeRing(load<u32>(lane, LANE_OUT) + to * RING_BYTES, item);
  } else {
    sendToAny(lane, item);
  }
}

function sendToAny(lane: usize, item: u64): void {
  const shared = load<u32>(lane, LANE_SHARED) as usize;
  if (load<u32>(lane, LANE_DISPATCH) == DISPATCH_LOCK) writeList(lane, shared, item);
  else while (!writeShared(shared, item)) {}
}

/** Shows the other lanes what this step has handed over, and wakes those that sleep. */
export function publish(lane: usize): void {
  const lanes = load<u32>(lane, LANE_LANES);
  if (load<u32>(lane, LANE_DISPATCH) == DISPATCH_SPSC) {
    const out = load<u32>(lane, LANE_OUT) as usize;
    for (let to: u32 = 0; to < lanes; to++) if (publishRing(out + to * RING_BYTES)) wake(lane, to);
  } else {
    for (let to: u32 = 0; to < lanes; to++) wake(lane, to);
  }
}

/** Wakes a lane that sleeps. */
@inline
export function wake(lane: usize, to: u32): void {
  const sleeper = laneAt(lane, to);
  if (atomic.load<u32>(sleeper, LANE_SLEEPS) && atomic.cmpxchg<u32>(sleeper, 1, 0, LANE_SLEEPS)) {
    atomic.notify(sleeper + LANE_SLEEPS, 1);
  }
}

/** Takes items to the lane's inbox, from each ring in turn; answers how many. */
export function receive(lane: usize): u32 {
  const inbox = load<u32>(lane, LANE_INBOX) as usize;
  const lanes = load<u32>(lane, LANE_LANES);
  let count: u32 = 0;
  if (load<u32>(lane, LANE_DISPATCH) == DISPATCH_SPSC) {
    let from = load<u32>(lane, LANE_FROM);
    const stride = load<u32>(lane, LANE_IN_STRIDE);
    for (let n: u32 = 0; n < lanes && count < STEP_ITEMS; n++) {
      count += readRing(load<u32>(lane, LANE_IN) + from * stride, inbox + (count << 3), STEP_ITEMS - count);
      from = from + 1 == lanes ? 0 : from + 1;
    }
    store<u32>(lane, load<u32>(lane, LANE_FROM) + 1 == lanes ? 0 : load<u32>(lane, LANE_FROM) + 1, LANE_FROM);
  } else {
    const shared = load<u32>(lane, LANE_SHARED) as usize;
    const isLock = load<u32>(lane, LANE_DISPATCH) == DISPATCH_LOCK;
    while (count < STEP_ITEMS) {
      const to = inbox + (count << 3);
      if (!(isLock ? readList(lane, shared, to) : readShared(shared, to))) break;
      count++;
    }
  }
  store<u32>(lane, load<u32>(lane, LANE_RECEIVED) + count, LANE_RECEIVED);
  return count;
}

/** Whether there is room for all that a step may hand over. A ring for all has room for a step of every lane. */
export function hasRoom(lane: usize): bool {
  const lanes = load<u32>(lane, LANE_LANES);
  if (load<u32>(lane, LANE_DISPATCH) == DISPATCH_SPSC) {
    const out = load<u32>(lane, LANE_OUT) as usize;
    for (let to: u32 = 0; to < lanes; to++) if (!ringHasRoom(out + to * RING_BYTES, STEP_ROOM)) return waitFor(lane, to);
    return true;
  }
  const shared = load<u32>(lane, LANE_SHARED) as usize;
  const isLock = load<u32>(lane, LANE_DISPATCH) == DISPATCH_LOCK;
  const used = isLock
    ? atomic.load<u32>(shared, SHARED_LIST_TAIL) - atomic.load<u32>(shared, SHARED_LIST_HEAD)
    : atomic.load<u32>(shared, SHARED_TAIL) - atomic.load<u32>(shared, SHARED_HEAD);
  return (used as i32) <= ((CELLS - lanes * STEP_ROOM) as i32) || waitFor(lane, 0);
}

function waitFor(lane: usize, on: u32): bool {
  store<u32>(lane, on, LANE_WAITS_ON);
  store<u32>(lane, WAIT_ROOM, LANE_WAITS_FOR);
  return false;
}
