// The events of a lane, in order of their due ticks: the wheel of queue/event-queue.ts with events that carry the handle, so that what is
// due needs nothing from the AF's record but its state word. A lane's clock jumps and may pass 2^32 ticks in a long run: due ticks are
// compared as distances from now. A batch takes events of several ticks; what falls due among them comes next.
import {
  HEAD_BYTES,
  HEAD_FIRST,
  HEAD_WRITE,
  LEVEL0_BITS,
  LEVEL0_MASK,
  LEVEL1_BITS,
  MACHINE_CHUNK_BYTES,
  MACHINE_CHUNK_END,
  MACHINE_CHUNK_FREE,
  MACHINE_CHUNK_NEXT,
  MACHINE_ENTERED,
  MACHINE_NOW,
  MACHINE_QUEUED,
  MACHINE_WHEEL,
  WHEEL_LEVEL1,
  WHEEL_LEVEL2,
} from "../abi/layout";
import { LANE_BATCH, LANE_CHUNK_EVENTS, LANE_EVENT_BYTES, LANE_STEP_EVENTS } from "../abi/lane-layout";
import { TRAP_CHUNKS } from "../abi/codes";
import { trap } from "../core/assert";

const BLOCK: u32 = 1 << LEVEL0_BITS;
const SPAN: u32 = 1 << (LEVEL0_BITS + LEVEL1_BITS);
const SPAN_MASK: u32 = SPAN - 1;
const LEVEL1_MASK: u32 = (1 << LEVEL1_BITS) - 1;
/** Longest delay: half of what distances can tell apart. */
const DELAY_MAX: u64 = 0x7fffffff;
/** Blocks without events that a step passes at most. */
const BLOCKS_MAX: u32 = 1 << LEVEL1_BITS;

/** A chunk for the slot whose last chunk, if any, ended at `write`; answers where its first event goes. */
function extend(lane: usize, head: usize, write: u32): u32 {
  let chunk = load<u32>(lane, MACHINE_CHUNK_FREE);
  if (chunk) {
    store<u32>(lane, load<u32>(chunk), MACHINE_CHUNK_FREE);
  } else {
    chunk = load<u32>(lane, MACHINE_CHUNK_NEXT);
    if (chunk >= load<u32>(lane, MACHINE_CHUNK_END)) trap(TRAP_CHUNKS, chunk);
    store<u32>(lane, chunk + load<u32>(lane, MACHINE_CHUNK_BYTES), MACHINE_CHUNK_NEXT);
  }
  store<u32>(chunk, 0);
  if (write) store<u32>(write - load<u32>(lane, MACHINE_CHUNK_BYTES), chunk);
  else store<u32>(head, chunk + LANE_CHUNK_EVENTS, HEAD_FIRST);
  return chunk + LANE_CHUNK_EVENTS;
}

@inline
function append(lane: usize, head: usize, bytes: u32, event: u64, handle: u64): void {
  let write = load<u32>(head, HEAD_WRITE);
  if ((write & (bytes - 1)) == 0) write = extend(lane, head, write);
  store<u64>(write, event);
  store<u64>(write, handle, 8);
  store<u32>(head, write + LANE_EVENT_BYTES, HEAD_WRITE);
}

/** Where an event goes by its due tick, as the lane's block of `now` has been entered. */
@inline
function headOf(wheel: usize, now: u32, due: u32): usize {
  const apart = due ^ now;
  if (apart < BLOCK) return wheel + (due & LEVEL0_MASK) * HEAD_BYTES;
  if (apart < SPAN) return wheel + WHEEL_LEVEL1 + ((due >>> LEVEL0_BITS) & LEVEL1_MASK) * HEAD_BYTES;
  return wheel + WHEEL_LEVEL2 + (due >>> (LEVEL0_BITS + LEVEL1_BITS)) * HEAD_BYTES;
}

/** Inserts an event that is due `delay` after `from`, or as soon as possible when that is over. `word` has slot and kind. */
@inline
export function insert(lane: usize, from: u32, delay: u64, word: u32, handle: u64): void {
  const now = load<u32>(lane, MACHINE_NOW);
  let due = from + (min(delay, DELAY_MAX) as u32);
  if (((due - now) as i32) < 0) due = now;
  const head = headOf(load<u32>(lane, MACHINE_WHEEL), now, due);
  append(lane, head, load<u32>(lane, MACHINE_CHUNK_BYTES), (due as u64) | ((word as u64) << 32), handle);
  store<u32>(lane, load<u32>(lane, MACHINE_QUEUED) + 1, MACHINE_QUEUED);
}

@inline
function freeChunk(lane: usize, chunk: u32): void {
  store<u32>(chunk, load<u32>(lane, MACHINE_CHUNK_FREE));
  store<u32>(lane, chunk, MACHINE_CHUNK_FREE);
}

/** Moves the chain of a slot down, in order; answers whether there was one. */
function moveDown(lane: usize, wheel: usize, head: usize, now: u32): bool {
  const first = load<u32>(head, HEAD_FIRST);
  if (first == 0) return false;
  const bytes = load<u32>(lane, MACHINE_CHUNK_BYTES);
  const write = load<u32>(head, HEAD_WRITE);
  store<u64>(head, 0);
  let chunk = first & (0 - bytes);
  while (chunk) {
    const next = load<u32>(chunk);
    const end = next ? chunk + bytes : write;
    for (let p = chunk + LANE_CHUNK_EVENTS; p < end; p += LANE_EVENT_BYTES) {
      const event = load<u64>(p);
      append(lane, headOf(wheel, now, event as u32), bytes, event, load<u64>(p, 8));
    }
    freeChunk(lane, chunk);
    chunk = next;
  }
  return true;
}

/** Enters the block that begins at tick `block`; answers whether it may hold events. */
function enter(lane: usize, wheel: usize, block: u32): bool {
  store<u32>(lane, (block >>> LEVEL0_BITS) + 1, MACHINE_ENTERED);
  let any = false;
  if ((block & SPAN_MASK) == 0) {
    any = moveDown(lane, wheel, wheel + WHEEL_LEVEL2 + (block >>> (LEVEL0_BITS + LEVEL1_BITS)) * HEAD_BYTES, block);
  }
  const head = wheel + WHEEL_LEVEL1 + ((block >>> LEVEL0_BITS) & LEVEL1_MASK) * HEAD_BYTES;
  return moveDown(lane, wheel, head, block) || any;
}

/** Takes events from the slot at `head` to `to`, up to `limit`; answers their end. */
@inline
function takeSlot(lane: usize, head: usize, bytes: u32, to: usize, limit: usize): usize {
  let first = load<u32>(head, HEAD_FIRST);
  const write = load<u32>(head, HEAD_WRITE);
  while (to < limit && first) {
    const chunk = first & (0 - bytes);
    const next = load<u32>(chunk);
    const end = next ? chunk + bytes : write;
    while (first < end && to < limit) {
      v128.store(to, v128.load(first));
      first += LANE_EVENT_BYTES;
      to += LANE_EVENT_BYTES;
    }
    if (first == end) {
      first = next ? next + LANE_CHUNK_EVENTS : 0;
      freeChunk(lane, chunk);
    }
  }
  store<u32>(head, first, HEAD_FIRST);
  if (first == 0) store<u32>(head, 0, HEAD_WRITE);
  return to;
}

/** Fills the lane's batch with what is due next, at most up to `until` when `bounded`, and within one block; answers its end. */
export function takeEvents(lane: usize, bounded: bool, until: u32): usize {
  const batch = load<u32>(lane, LANE_BATCH) as usize;
  const queued = load<u32>(lane, MACHINE_QUEUED);
  let now = load<u32>(lane, MACHINE_NOW);
  if (queued == 0) {
    if (bounded) jump(lane, until);
    return batch;
  }
  const wheel = load<u32>(lane, MACHINE_WHEEL) as usize;
  const bytes = load<u32>(lane, MACHINE_CHUNK_BYTES);
  const limit = batch + load<u32>(lane, LANE_STEP_EVENTS) * LANE_EVENT_BYTES;
  let to = batch;
  let blocks: u32 = 0;
  while (true) {
    const last = now | LEVEL0_MASK;
    // The last tick of this block that may be looked at.
    const stop = bounded && ((until - last) as i32) < 0 ? until : last;
    while (true) {
      const head = wheel + (now & LEVEL0_MASK) * HEAD_BYTES;
      if (load<u32>(head, HEAD_FIRST)) to = takeSlot(lane, head, bytes, to, limit);
      if (to == limit || now == stop) break;
      now++;
    }
    if (to > batch || stop != last || blocks == BLOCKS_MAX || (bounded && now == until)) break;
    // The block is empty: on to the next that is not, or that `until` lies in.
    do {
      now = (now | LEVEL0_MASK) + 1;
      blocks++;
    } while (!enter(lane, wheel, now) && blocks < BLOCKS_MAX && !(bounded && ((until - (now | LEVEL0_MASK)) as i32) <= 0));
  }
  store<u32>(lane, now, MACHINE_NOW);
  store<u32>(lane, queued - (((to - batch) as u32) / LANE_EVENT_BYTES), MACHINE_QUEUED);
  return to;
}

/** Without events, the clock of a lane in wall-clock time goes on to `until`. */
function jump(lane: usize, until: u32): void {
  const now = load<u32>(lane, MACHINE_NOW);
  if (((until - now) as i32) <= 0) return;
  store<u32>(lane, until, MACHINE_NOW);
  store<u32>(lane, (until >>> LEVEL0_BITS) + 1, MACHINE_ENTERED);
}
