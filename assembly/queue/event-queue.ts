// Events in strict (due tick, insertion) order: a wheel of three levels (drawn in abi/layout.ts). An event lies in the
// lowest level whose slot of the present tick it shares, so it moves down at most twice. A slot is a chain of chunks, appended at the end; when the present
// enters a slot of a higher level, its chain moves down in order and before anything else can be appended there. That keeps the
// order of insertion without a sequence number. Into level 0 a chain comes sorted by tick, as an array: where few events are due in a tick, slots cost more
// than the events. Append and remove cost O(1); a tick without events costs one look at its slot, a block of 512 ticks without events one look.
import {
  CHUNK_EVENTS,
  CHUNK_NEXT,
  EVENT_BYTES,
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
  MACHINE_RUN,
  MACHINE_RUN_CHUNKS,
  MACHINE_RUN_END,
  MACHINE_RUN_NEXT,
  MACHINE_WHEEL,
  RUN_PLACES,
  WHEEL_LEVEL1,
  WHEEL_LEVEL2,
  WORD_BYTES,
} from "../abi/layout";
import { TRAP_CHUNKS } from "../abi/codes";
import { trap } from "../core/assert";

const BLOCK: u32 = 1 << LEVEL0_BITS;
const SPAN: u32 = 1 << (LEVEL0_BITS + LEVEL1_BITS);
const SPAN_MASK: u32 = SPAN - 1;
const LEVEL1_MASK: u32 = (1 << LEVEL1_BITS) - 1;

/** A chunk for the slot whose last chunk, if any, ended at `write`; answers where its first event goes. */
function extend(machine: usize, head: usize, write: u32): u32 {
  let chunk = load<u32>(machine, MACHINE_CHUNK_FREE);
  if (chunk) {
    store<u32>(machine, load<u32>(chunk, CHUNK_NEXT), MACHINE_CHUNK_FREE);
  } else {
    chunk = load<u32>(machine, MACHINE_CHUNK_NEXT);
    if (chunk >= load<u32>(machine, MACHINE_CHUNK_END)) trap(TRAP_CHUNKS, chunk);
    store<u32>(machine, chunk + load<u32>(machine, MACHINE_CHUNK_BYTES), MACHINE_CHUNK_NEXT);
  }
  store<u32>(chunk, 0, CHUNK_NEXT);
  if (write) store<u32>(write - load<u32>(machine, MACHINE_CHUNK_BYTES), chunk, CHUNK_NEXT);
  else store<u32>(head, chunk + CHUNK_EVENTS, HEAD_FIRST);
  return chunk + CHUNK_EVENTS;
}

/** The chunk in which an event lies; chunks have `bytes`. */
@inline
export function chunkOf(event: u32, bytes: u32): u32 {
  return event & (0 - bytes);
}

/** Gives the first chunk of a slot back and goes on to the next; answers whether there is one. */
@inline
export function nextChunk(machine: usize, head: usize, chunk: u32): bool {
  const next = load<u32>(chunk, CHUNK_NEXT);
  freeChunk(machine, chunk);
  store<u32>(head, next ? next + CHUNK_EVENTS : 0, HEAD_FIRST);
  if (next == 0) store<u32>(head, 0, HEAD_WRITE);
  return next != 0;
}

/** Gives a chunk back. */
@inline
export function freeChunk(machine: usize, chunk: u32): void {
  store<u32>(chunk, load<u32>(machine, MACHINE_CHUNK_FREE), CHUNK_NEXT);
  store<u32>(machine, chunk, MACHINE_CHUNK_FREE);
}

/** Appends an event (due tick in the low half) to the slot of a higher level at `head`. */
@inline
function appendTo(machine: usize, head: usize, bytes: u32, event: u64): void {
  let write = load<u32>(head, HEAD_WRITE);
  if ((write & (bytes - 1)) == 0) write = extend(machine, head, write);
  store<u64>(write, event);
  store<u32>(head, write + EVENT_BYTES, HEAD_WRITE);
}

/** Appends an event's word to its slot of level 0, which tells its due tick. */
@inline
function appendWord(machine: usize, wheel: usize, bytes: u32, due: u32, word: u32): void {
  const head = wheel + (due & LEVEL0_MASK) * HEAD_BYTES;
  let write = load<u32>(head, HEAD_WRITE);
  if ((write & (bytes - 1)) == 0) write = extend(machine, head, write);
  store<u32>(write, word);
  store<u32>(head, write + WORD_BYTES, HEAD_WRITE);
}

/** Inserts an event that is due now or later, in chunks of `bytes`; the block of `now` must have been entered. */
@inline
export function insert(machine: usize, wheel: usize, bytes: u32, now: u32, due: u32, word: u32): void {
  insertEvent(machine, wheel, bytes, now, (due as u64) | ((word as u64) << 32));
}

/** The same for an event with its due tick in the low half. */
@inline
export function insertEvent(machine: usize, wheel: usize, bytes: u32, now: u32, event: u64): void {
  const due = event as u32;
  const apart = due ^ now;
  if (apart < BLOCK) {
    appendWord(machine, wheel, bytes, due, (event >>> 32) as u32);
  } else if (apart < SPAN) {
    appendTo(machine, wheel + WHEEL_LEVEL1 + ((due >>> LEVEL0_BITS) & LEVEL1_MASK) * HEAD_BYTES, bytes, event);
  } else {
    appendTo(machine, wheel + WHEEL_LEVEL2 + (due >>> (LEVEL0_BITS + LEVEL1_BITS)) * HEAD_BYTES, bytes, event);
  }
}

/** Where the events of a chunk end in the chain of a slot with this write position. */
@inline
export function chunkEnd(chunk: u32, bytes: u32, write: u32): u32 {
  return chunkOf(write - WORD_BYTES, bytes) == chunk ? write : chunk + bytes;
}

/** Moves the chain of a slot down, in order; with `toBlock`, a constant, every event goes to level 0. */
@inline
function moveDown(machine: usize, wheel: usize, head: usize, now: u32, toBlock: bool): void {
  const bytes = load<u32>(machine, MACHINE_CHUNK_BYTES);
  let chunk = chunkOf(load<u32>(head, HEAD_FIRST), bytes);
  const write = load<u32>(head, HEAD_WRITE);
  store<u64>(head, 0);
  while (chunk) {
    const next = load<u32>(chunk, CHUNK_NEXT);
    const end = chunkEnd(chunk, bytes, write);
    for (let p = chunk + CHUNK_EVENTS; p < end; p += EVENT_BYTES) {
      const event = load<u64>(p);
      if (toBlock) appendWord(machine, wheel, bytes, event as u32, (event >>> 32) as u32);
      else insertEvent(machine, wheel, bytes, now, event);
    }
    freeChunk(machine, chunk);
    chunk = next;
  }
}

/** Whether the chain of a slot has at most so many chunks. */
function isWithin(head: usize, bytes: u32, most: u32): bool {
  let chunk = chunkOf(load<u32>(head, HEAD_FIRST), bytes);
  let chunks: u32 = 0;
  while (chunk && chunks <= most) {
    chunk = load<u32>(chunk, CHUNK_NEXT);
    chunks++;
  }
  return chunks <= most;
}

/** So many events are sorted sooner one by one, at a few hundred moves, than with a count for each of the block's 512 ticks. */
const FEW: u32 = 48;

/** Sorts a chain of one chunk with few events, up to `end`, into the run of the block that begins, one by one. */
function insertIntoRun(machine: usize, chunk: u32, end: u32): void {
  const begin = load<u32>(machine, MACHINE_RUN) as usize;
  let to = begin;
  for (let p = chunk + CHUNK_EVENTS; p < end; p += EVENT_BYTES) {
    const event = load<u64>(p);
    let at = to;
    for (; at > begin && load<u32>(at - EVENT_BYTES) > (event as u32); at -= EVENT_BYTES) store<u64>(at, load<u64>(at - EVENT_BYTES));
    store<u64>(at, event);
    to += EVENT_BYTES;
  }
  store<u32>(machine, begin as u32, MACHINE_RUN_NEXT);
  store<u32>(machine, to as u32, MACHINE_RUN_END);
  freeChunk(machine, chunk);
}

/** Takes the chain of a level 1 slot into the run of the block that begins: sorted by tick, those of a tick in order. */
function sortIntoRun(machine: usize, head: usize, bytes: u32): void {
  const first = chunkOf(load<u32>(head, HEAD_FIRST), bytes);
  const write = load<u32>(head, HEAD_WRITE);
  store<u64>(head, 0);
  if (chunkEnd(first, bytes, write) - first <= FEW * EVENT_BYTES) return insertIntoRun(machine, first, write);
  memory.fill(RUN_PLACES, 0, BLOCK << 2);
  for (let chunk = first; chunk; chunk = load<u32>(chunk, CHUNK_NEXT)) {
    const end = chunkEnd(chunk, bytes, write);
    for (let p = chunk + CHUNK_EVENTS; p < end; p += EVENT_BYTES) {
      const place = ((load<u32>(p) & LEVEL0_MASK) << 2) as usize;
      store<u32>(place, load<u32>(place, RUN_PLACES) + EVENT_BYTES, RUN_PLACES);
    }
  }
  let at = load<u32>(machine, MACHINE_RUN);
  store<u32>(machine, at, MACHINE_RUN_NEXT);
  for (let place: usize = 0; place < BLOCK << 2; place += 4) {
    const events = load<u32>(place, RUN_PLACES);
    store<u32>(place, at, RUN_PLACES);
    at += events;
  }
  store<u32>(machine, at, MACHINE_RUN_END);
  let chunk = first;
  while (chunk) {
    const end = chunkEnd(chunk, bytes, write);
    for (let p = chunk + CHUNK_EVENTS; p < end; p += EVENT_BYTES) {
      const event = load<u64>(p);
      const place = (((event as u32) & LEVEL0_MASK) << 2) as usize;
      const to = load<u32>(place, RUN_PLACES);
      store<u64>(to, event);
      store<u32>(place, to + EVENT_BYTES, RUN_PLACES);
    }
    const next = load<u32>(chunk, CHUNK_NEXT);
    freeChunk(machine, chunk);
    chunk = next;
  }
}

/** Moves the chain of a level 1 slot into the block that begins: all at once into its run, or where they are too many, to the slots of level 0. */
function moveDownToBlock(machine: usize, wheel: usize, head: usize): void {
  const bytes = load<u32>(machine, MACHINE_CHUNK_BYTES);
  if (isWithin(head, bytes, load<u32>(machine, MACHINE_RUN_CHUNKS))) return sortIntoRun(machine, head, bytes);
  moveDown(machine, wheel, head, 0, true);
}

/** Moves the chain of a level 2 slot into the span that begins at `now`: to the slots of levels 0 and 1. */
function moveDownToSpan(machine: usize, wheel: usize, head: usize, now: u32): void {
  moveDown(machine, wheel, head, now, false);
}

/** Enters the block that begins at tick `block`; answers whether it may hold events. */
@inline
function enter(machine: usize, wheel: usize, block: u32): bool {
  store<u32>(machine, (block >>> LEVEL0_BITS) + 1, MACHINE_ENTERED);
  let any = false;
  if ((block & SPAN_MASK) == 0) {
    const head = wheel + WHEEL_LEVEL2 + (block >>> (LEVEL0_BITS + LEVEL1_BITS)) * HEAD_BYTES;
    if (load<u32>(head, HEAD_FIRST)) {
      moveDownToSpan(machine, wheel, head, block);
      any = true;
    }
  }
  const head = wheel + WHEEL_LEVEL1 + ((block >>> LEVEL0_BITS) & LEVEL1_MASK) * HEAD_BYTES;
  if (load<u32>(head, HEAD_FIRST)) {
    moveDownToBlock(machine, wheel, head);
    any = true;
  }
  return any;
}

/** The first tick from `now` on whose slot has events, or `bound` if none before it has. Both are in one block, which must have been entered, or `bound` is its end. */
@inline
export function slotTickBefore(wheel: usize, now: u32, bound: u64): u64 {
  let head = wheel + (now & LEVEL0_MASK) * HEAD_BYTES;
  const end = head + ((bound as u32) - now) * HEAD_BYTES;
  while (head < end && load<u32>(head, HEAD_FIRST) == 0) head += HEAD_BYTES;
  return bound - ((end - head) as u32) / HEAD_BYTES;
}

/** The end of a tick's block. */
@inline
export function blockEnd(tick: u32): u64 {
  return ((tick & ~LEVEL0_MASK) as u64) + BLOCK;
}

/** The tick of the first event that is left of the block's run, or more than any tick. */
@inline
export function tickOfRun(machine: usize): u64 {
  const next = load<u32>(machine, MACHINE_RUN_NEXT);
  return next == load<u32>(machine, MACHINE_RUN_END) ? 0x100000000 : (load<u32>(next) as u64);
}

/**
 * The first tick from `now` on that has events, or `until` if none has before it. The block of the answer has been
 * entered, so that events may be inserted from there on.
 */
export function nextTick(machine: usize, now: u32, until: u32): u32 {
  const wheel = load<u32>(machine, MACHINE_WHEEL) as usize;
  if (load<u32>(machine, MACHINE_ENTERED) != (now >>> LEVEL0_BITS) + 1) enter(machine, wheel, now & ~LEVEL0_MASK);
  while (true) {
    const tick = slotTickBefore(wheel, now, min(tickOfRun(machine), blockEnd(now)));
    let block = now & ~LEVEL0_MASK;
    if (tick < blockEnd(now)) return min(tick as u32, until);
    // The block is empty: on to the next one that is not, or to the one of `until`.
    while (true) {
      if (until - block < BLOCK) return until;
      block += BLOCK;
      if (enter(machine, wheel, block)) break;
    }
    now = block;
    if (now >= until) return until;
  }
}
