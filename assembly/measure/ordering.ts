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
  ORDER_MAX_EXTENT,
  ORDER_N_BEYOND,
  ORDER_N_REORDERING,
  ORDER_PAIRS,
  ORDER_REORDERED,
  ORDER_WINDOWS,
  SCRATCH_A,
  SCRATCH_B,
  SCRATCH_COUNTS,
  SCRATCH_DIGITS,
  SCRATCH_FIRST,
  SCRATCH_MASKS,
  SCRATCH_RANK,
  SHARD_ORDER,
  SHARD_SCRATCH,
  WINDOW,
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
  if (end + 4 == load<u32>(callManager, CM_WINDOW) + WINDOW * 4) measureWindow(callManager);
}

/** Sorts the u64 keys at `from` by their bits from 32 on, `bits` of them; answers where the sorted keys lie. */
function sortByHighHalf(from: usize, to: usize, count: u32, bits: u32, digits: usize): usize {
  // As few passes as 11 bits allow, of equal digits.
  const passes = (bits + DIGIT_BITS_MAX - 1) / DIGIT_BITS_MAX;
  const digitBits = passes ? (bits + passes - 1) / passes : 1;
  const digitCount: u32 = 1 << digitBits;
  for (let shift: u32 = 32; shift < 32 + bits; shift += digitBits) {
    memory.fill(digits, 0, digitCount << 2);
    for (let i: u32 = 0; i < count; i++) {
      const digit = digits + (((load<u64>(from + (i << 3)) >>> shift) as u32 & (digitCount - 1)) << 2);
      store<u32>(digit, load<u32>(digit) + 8);
    }
    let at: u32 = 0;
    for (let d: u32 = 0; d < digitCount; d++) {
      const n = load<u32>(digits + (d << 2));
      store<u32>(digits + (d << 2), at);
      at += n;
    }
    for (let i: u32 = 0; i < count; i++) {
      const key = load<u64>(from + (i << 3));
      const digit = digits + (((key >>> shift) as u32 & (digitCount - 1)) << 2);
      const place = load<u32>(digit);
      store<u64>(to + place, key);
      store<u32>(digit, place + 8);
    }
    const swap = from;
    from = to;
    to = swap;
  }
  return from;
}

/** Writes the rank (u16, from 0) of every sequence of the window to scratch. */
function rankWindow(window: usize, count: u32, scratch: usize): void {
  let low = load<u32>(window);
  let high = low;
  for (let i: u32 = 1; i < count; i++) {
    const sequence = load<u32>(window + (i << 2));
    low = min(low, sequence);
    high = max(high, sequence);
  }
  for (let i: u32 = 0; i < count; i++) {
    const key = (((load<u32>(window + (i << 2)) - low) as u64) << 32) | (i as u64);
    store<u64>(scratch + (i << 3), key, SCRATCH_A);
  }
  const sorted = sortByHighHalf(
    scratch + SCRATCH_A,
    scratch + SCRATCH_B,
    count,
    32 - clz(high - low),
    scratch + SCRATCH_DIGITS,
  );
  for (let rank: u32 = 0; rank < count; rank++) {
    const i = load<u32>(sorted + (rank << 3));
    store<u16>(scratch + (i << 1), rank as u16, SCRATCH_RANK);
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

/**
 * Extents, n-reordering and displacements of a window whose sequences below `expected` were overtaken before it. Without
 * branches on the data: what does not count is counted in a sink, index 0 of the extents and index WINDOW of the n.
 */
function countExtents(window: usize, count: u32, expected: u32, order: usize, scratch: usize): void {
  const ranks = scratch + SCRATCH_RANK;
  const first = scratch + SCRATCH_FIRST; // per rank: the first completion of the window with a larger rank
  v128.store(ranks - 16, i16x8.splat(-1));
  let highest: u32 = load<u16>(ranks);
  let maxExtent = load<u64>(order, ORDER_MAX_EXTENT) as u32;
  let beyond: u32 = 0;
  let nBeyond: u32 = 0;
  for (let r: u32 = 0; r < highest; r++) store<u16>(first + (r << 1), 0);
  for (let i: u32 = 0; i < count; i++) {
    const rank = load<u16>(ranks + (i << 1)) as u32;
    const run = runOfLarger(ranks + (i << 1), rank);
    const isBeyond: u32 = load<u32>(window + (i << 2)) < expected ? 1 : 0;
    const isOvertaken: u32 = rank < highest ? 1 : 0;
    const isClipped: u32 = isBeyond & (run == i ? 1 : 0);
    const extent = (i - (load<u16>(first + (rank << 1)) as u32)) & (0 - (isOvertaken & (1 - isBeyond)));
    const n = (isBeyond | isOvertaken) & (1 - isClipped) ? run : WINDOW;
    beyond += isBeyond;
    nBeyond += isClipped;
    maxExtent = max(maxExtent, extent);
    add(order, ORDER_EXTENTS + (extent << 3), 1);
    add(order, ORDER_N_REORDERING + (n << 3), 1);
    add(order, ORDER_DENSITY + ((WINDOW - 1 + i - rank) << 3), 1);
    for (; highest < rank; highest++) store<u16>(first + (highest << 1), i as u16);
  }
  store<u64>(order, 0, ORDER_EXTENTS);
  store<u64>(order, maxExtent, ORDER_MAX_EXTENT);
  add(order, ORDER_BEYOND, beyond);
  add(order, ORDER_N_BEYOND, nBeyond);
}

/** Measures what stands in a call manager's window, full or not, and empties it. */
export function measureWindow(callManager: usize): void {
  const window = load<u32>(callManager, CM_WINDOW) as usize;
  const count = (load<u32>(callManager, CM_WINDOW_END) - (window as u32)) >>> 2;
  if (count) {
    const scratch = load<u32>(SHARD_SCRATCH) as usize;
    const order = load<u32>(SHARD_ORDER) as usize;
    rankWindow(window, count, scratch);
    add(order, ORDER_INVERSIONS, countInversions(count, scratch));
    add(order, ORDER_PAIRS, ((count as u64) * ((count - 1) as u64)) >>> 1);
    add(order, ORDER_WINDOWS, 1);
    countExtents(window, count, load<u32>(callManager, CM_WINDOW_EXPECTED), order, scratch);
  }
  store<u32>(callManager, window as u32, CM_WINDOW_END);
  store<u32>(callManager, load<u32>(callManager, CM_NEXT_EXPECTED), CM_WINDOW_EXPECTED);
}
