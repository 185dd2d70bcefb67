// Order of completions against order of close requests, one stream a call manager. Definitions and sources:
// src/measure/counts.ts; the plain version that tests compare with: src/measure/ordering.ts.
import {
  CLIENT_BYTES,
  CLIENT_COMPLETIONS,
  CLIENT_NEXT_EXPECTED,
  CLIENT_REORDERED,
  CM_NEXT_EXPECTED,
  CM_WINDOW,
  CM_WINDOW_END,
  CM_WINDOW_EXPECTED,
  MACHINE_CLIENTS,
  ORDER_BEYOND,
  ORDER_DENSITY,
  ORDER_EXTENTS,
  ORDER_INVERSIONS,
  ORDER_N_BEYOND,
  ORDER_N_REORDERING,
  ORDER_PAIRS,
  ORDER_REORDERED,
  ORDER_WINDOWS,
  SCRATCH_A,
  SCRATCH_B,
  SCRATCH_COUNTS,
  SCRATCH_DIGITS,
  SCRATCH_INDEX,
  SCRATCH_MASKS,
  SCRATCH_RANK,
  SHARD_ORDER,
  SHARD_SCRATCH,
  WINDOW,
  WINDOW_BITS,
} from "../abi/layout";

const DIGIT_BITS_MAX: u32 = 11;

@inline
function add(address: usize, offset: usize, n: u64): void {
  store<u64>(address + offset, load<u64>(address + offset) + n);
}

/** Takes the close sequence of a completion, when its client is told. */
@inline
export function countOrder(machine: usize, callManager: usize, client: u32, sequence: u32): void {
  const order = load<u32>(SHARD_ORDER) as usize;
  if (countOrderAt(order, machine, callManager, client, sequence)) measureWindow(callManager);
}

/** The same with order counts elsewhere; answers whether the call manager's window is full now. */
@inline
export function countOrderAt(order: usize, machine: usize, callManager: usize, client: u32, sequence: u32): bool {
  const expected = load<u32>(callManager, CM_NEXT_EXPECTED);
  add(order, ORDER_REORDERED, (sequence < expected) as u64);
  store<u32>(callManager, max(expected, sequence + 1), CM_NEXT_EXPECTED);

  const own = (load<u32>(machine, MACHINE_CLIENTS) + client * CLIENT_BYTES) as usize;
  const ownExpected = load<u32>(own, CLIENT_NEXT_EXPECTED);
  store<u32>(own, max(ownExpected, sequence + 1), CLIENT_NEXT_EXPECTED);
  store<u32>(own, load<u32>(own, CLIENT_COMPLETIONS) + 1, CLIENT_COMPLETIONS);
  store<u32>(own, load<u32>(own, CLIENT_REORDERED) + (sequence < ownExpected ? 1 : 0), CLIENT_REORDERED);

  const end = load<u32>(callManager, CM_WINDOW_END);
  store<u32>(end, sequence);
  store<u32>(callManager, end + 4, CM_WINDOW_END);
  return end + 4 == load<u32>(callManager, CM_WINDOW) + WINDOW * 4;
}

/** The smallest and the largest sequence of a window, in the low and the high half. */
function rangeOf(window: usize, count: u32, scratch: usize): u64 {
  let low = load<u32>(window);
  let high = low;
  let lows = i32x4.splat(low);
  let highs = lows;
  const whole = window + ((count & ~3) << 2);
  for (let p = window; p < whole; p += 16) {
    const sequences = v128.load(p);
    lows = i32x4.min_u(lows, sequences);
    highs = i32x4.max_u(highs, sequences);
  }
  v128.store(scratch, lows, SCRATCH_A);
  v128.store(scratch, highs, SCRATCH_A + 16);
  for (let p = scratch; p < scratch + 16; p += 4) {
    low = min(low, load<u32>(p, SCRATCH_A));
    high = max(high, load<u32>(p, SCRATCH_A + 16));
  }
  for (let p = whole; p < window + (count << 2); p += 4) {
    low = min(low, load<u32>(p));
    high = max(high, load<u32>(p));
  }
  return (low as u64) | ((high as u64) << 32);
}

/** Turns the counts of a digit's values into the places where its keys go. */
function placeDigits(digits: usize, digitCount: u32): void {
  let at: u32 = 0;
  for (let digit = digits; digit < digits + (digitCount << 2); digit += 4) {
    const n = load<u32>(digit);
    store<u32>(digit, at);
    at += n;
  }
}

/** Counts a key in its digit's counts. */
@inline
function countDigit(digits: usize, key: u32): void {
  const digit = digits + (key << 2);
  store<u32>(digit, load<u32>(digit) + 1);
}

/** The place where a key of this digit goes; the next one goes behind it. */
@inline
function takePlace(digits: usize, key: u32): u32 {
  const digit = digits + (key << 2);
  const place = load<u32>(digit);
  store<u32>(digit, place + 1);
  return place;
}

/**
 * Ranks the sequences of a window: writes the rank of every completion and, by rank, its index (u16 each, from 0). A radix sort of their
 * distances to the smallest one. The first pass drops its digit, so that what is left of a key and the index are 32 bits together.
 */
function rankWindow(window: usize, count: u32, scratch: usize): void {
  const range = rangeOf(window, count, scratch);
  const low = range as u32;
  const bits: u32 = 32 - clz(((range >>> 32) as u32) - low | 1);
  const isLong = bits > 2 * DIGIT_BITS_MAX;
  const restBits = isLong ? bits / 3 : bits >>> 1;
  const firstBits = bits - (isLong ? 2 * restBits : restBits);
  const firstMask = (1 << firstBits) - 1;
  const restMask = (1 << restBits) - 1;
  const first = scratch + SCRATCH_DIGITS;
  const second = first + (4 << firstBits);
  const third = second + (4 << restBits);
  memory.fill(first, 0, third + (4 << restBits) - first);
  const end = window + (count << 2);
  for (let p = window; p < end; p += 4) {
    const key = load<u32>(p) - low;
    countDigit(first, key & firstMask);
    countDigit(second, (key >>> firstBits) & restMask);
  }
  placeDigits(first, 1 << firstBits);
  placeDigits(second, 1 << restBits);
  let keys = scratch + SCRATCH_A;
  for (let i: u32 = 0; i < count; i++) {
    const key = load<u32>(window + (i << 2)) - low;
    store<u32>(keys + (takePlace(first, key & firstMask) << 2), ((key >>> firstBits) << WINDOW_BITS) | i);
  }
  let last = second;
  if (isLong) {
    const to = scratch + SCRATCH_B;
    for (let p = keys; p < keys + (count << 2); p += 4) countDigit(third, load<u32>(p) >>> (WINDOW_BITS + restBits));
    placeDigits(third, 1 << restBits);
    for (let p = keys; p < keys + (count << 2); p += 4) {
      const key = load<u32>(p);
      const place = takePlace(second, (key >>> WINDOW_BITS) & restMask);
      store<u32>(to + (place << 2), ((key >>> (WINDOW_BITS + restBits)) << WINDOW_BITS) | (key & (WINDOW - 1)));
    }
    keys = to;
    last = third;
  }
  for (let p = keys; p < keys + (count << 2); p += 4) {
    const key = load<u32>(p);
    const rank = takePlace(last, key >>> WINDOW_BITS);
    const index = key & (WINDOW - 1);
    store<u16>(scratch + (index << 1), rank as u16, SCRATCH_RANK);
    store<u16>(scratch + (rank << 1), index as u16, SCRATCH_INDEX);
  }
}

// Counters of the ranks seen so far, for inversions: 8 groups of 8 blocks of 64 ranks.
//   +0    u64 x 64: which ranks of a block were seen
//   +512  u16 x 8 x 8: of each group, how many were seen in blocks after block b
//   +640  u16 x 8: how many were seen in groups after group g
const BLOCKS_AFTER: u32 = 512;
const GROUPS_AFTER: u32 = 640;
const COUNTERS_BYTES: u32 = 656;

/** Pairs of the window whose ranks stand in the opposite order. */
function countInversions(count: u32, scratch: usize): u64 {
  const counts = scratch + SCRATCH_COUNTS;
  const masks = scratch + SCRATCH_MASKS;
  memory.fill(counts, 0, COUNTERS_BYTES);
  // Mask k has ones in lanes 0 to k - 1.
  for (let k: u32 = 0; k < 8; k++) {
    for (let lane: u32 = 0; lane < 8; lane++) store<u16>(masks + (k << 4) + (lane << 1), lane < k ? 1 : 0);
  }
  let inversions: u64 = 0;
  let after = i16x8.splat(0);
  for (let i: u32 = 0; i < count; i++) {
    const rank = load<u16>(scratch + (i << 1), SCRATCH_RANK) as u32;
    const block = rank >>> 6;
    const group = rank >>> 9;
    const bits = counts + (block << 3);
    const seen = load<u64>(bits);
    const groupCounts = counts + (group << 4);
    inversions +=
      popcnt((seen >>> ((rank & 63) as u64)) as u64) +
      (load<u16>(counts + (block << 1), BLOCKS_AFTER) as u64) +
      (load<u16>(counts + (group << 1), GROUPS_AFTER) as u64);
    store<u64>(bits, seen | ((1 as u64) << ((rank & 63) as u64)));
    v128.store(
      groupCounts,
      i16x8.add(v128.load(groupCounts, BLOCKS_AFTER), v128.load(masks + ((block & 7) << 4))),
      BLOCKS_AFTER,
    );
    after = i16x8.add(after, v128.load(masks + (group << 4)));
    v128.store(counts, after, GROUPS_AFTER);
  }
  return inversions;
}

/** How many ranks right before the one at `at` are larger, up to the sentinel before the window; eight at a time. */
@inline
function runOfLarger(at: usize, rank: u32): u32 {
  const own = i16x8.splat(rank as i16);
  let run: u32 = 0;
  while (true) {
    at -= 16;
    const notLarger = ~i16x8.bitmask(i16x8.gt_s(v128.load(at), own)) & 0xff;
    // The nearest rank before is in the highest lane.
    if (notLarger) return run + (clz(notLarger) - 24);
    run += 8;
  }
}

/** How many sequences of a window are below `expected`: they were overtaken before it, and have the lowest ranks. */
function countBeyond(window: usize, count: u32, expected: u32): u32 {
  const whole = window + ((count & ~3) << 2);
  const bound = i32x4.splat(expected);
  // A lane is all ones, which is -1, where it is below.
  let below = i32x4.splat(0);
  for (let p = window; p < whole; p += 16) below = i32x4.sub(below, i32x4.lt_u(v128.load(p), bound));
  let beyond = i32x4.extract_lane(below, 0) + i32x4.extract_lane(below, 1) + i32x4.extract_lane(below, 2) + i32x4.extract_lane(below, 3);
  for (let p = whole; p < window + (count << 2); p += 4) beyond += load<u32>(p) < expected ? 1 : 0;
  return beyond;
}

/**
 * Extents of the completions that were overtaken within the window, from the highest rank down: the first completion with a larger rank is the
 * smallest index so far. Answers how many were not overtaken.
 */
function countExtents(count: u32, beyond: u32, order: usize, scratch: usize): u32 {
  let first: u32 = WINDOW;
  for (let rank = count; rank > beyond; rank--) {
    const index = load<u16>(scratch + (rank << 1), SCRATCH_INDEX - 2) as u32;
    // Extent 0 stands for a completion that nothing overtook: it is counted apart.
    add(order, ORDER_EXTENTS + ((max(index, first) - first) << 3), 1);
    first = min(first, index);
  }
  const inOrder = load<u32>(order, ORDER_EXTENTS);
  store<u64>(order, 0, ORDER_EXTENTS);
  return inOrder;
}

/**
 * Displacements and n-reordering of a window. `beyond` of its ranks were overtaken before it, `inOrder` completions were overtaken by none:
 * they have no larger rank right before them, so they are taken back from n = 0.
 */
function countRuns(count: u32, beyond: u32, inOrder: u32, order: usize, scratch: usize): void {
  const ranks = scratch + SCRATCH_RANK;
  v128.store(ranks - 16, i16x8.splat(-1));
  let clipped: u32 = 0;
  for (let i: u32 = 0; i < count; i++) {
    const rank = load<u16>(ranks + (i << 1)) as u32;
    let run = runOfLarger(ranks + (i << 1), rank);
    // All before it in the window are larger. Of one overtaken before the window nobody knows how many more are.
    if (run == i && rank < beyond) {
      clipped++;
      run = WINDOW;
    }
    add(order, ORDER_N_REORDERING + (run << 3), 1);
    add(order, ORDER_DENSITY + ((WINDOW - 1 + i - rank) << 3), 1);
  }
  add(order, ORDER_BEYOND, beyond);
  add(order, ORDER_N_BEYOND, clipped);
  store<u64>(order, load<u64>(order, ORDER_N_REORDERING) - inOrder, ORDER_N_REORDERING);
}

/** Measures what stands in a call manager's window, full or not, and empties it. */
export function measureWindow(callManager: usize): void {
  measureWindowAt(load<u32>(SHARD_ORDER) as usize, load<u32>(SHARD_SCRATCH) as usize, callManager);
}

/** The same with order counts and scratch elsewhere. */
export function measureWindowAt(order: usize, scratch: usize, callManager: usize): void {
  const window = load<u32>(callManager, CM_WINDOW) as usize;
  const count = (load<u32>(callManager, CM_WINDOW_END) - (window as u32)) >>> 2;
  if (count) {
    rankWindow(window, count, scratch);
    add(order, ORDER_INVERSIONS, countInversions(count, scratch));
    add(order, ORDER_PAIRS, ((count as u64) * ((count - 1) as u64)) >>> 1);
    add(order, ORDER_WINDOWS, 1);
    const beyond = countBeyond(window, count, load<u32>(callManager, CM_WINDOW_EXPECTED));
    countRuns(count, beyond, countExtents(count, beyond, order, scratch), order, scratch);
  }
  store<u32>(callManager, window as u32, CM_WINDOW_END);
  store<u32>(callManager, load<u32>(callManager, CM_NEXT_EXPECTED), CM_WINDOW_EXPECTED);
}
