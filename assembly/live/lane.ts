// What a lane counts, and what it judges: all of it in its own memory.
import {
  AF_SEQUENCE,
  AF_WORD,
  SHARD_CALL_RULES,
  SHARD_TOTALS,
  SHARD_WARNINGS,
  STATE_BITS,
  STATE_MASK,
  VIOLATION_BYTES,
  VIOLATION_GENERATION,
  VIOLATION_RULE,
  VIOLATION_SLOT,
  VIOLATION_TICK,
  VIOLATIONS_PER_MACHINE,
} from "../abi/layout";
import {
  LANE_ADAPTER_LANES,
  LANE_CLIENT_LANES,
  LANE_FIRST,
  LANE_HALTED,
  LANE_INDEX,
  LANE_LANES,
  LANE_OPEN,
  LANE_PENDED,
  LANE_RULES,
  LANE_SHARED,
  LANE_STAMP,
  LANE_TOTALS,
  LANE_VIOLATIONS,
  LANE_VIOLATION_COUNT,
  SHARED_FIRST_LANE,
  SHARED_LANE_BYTES,
} from "../abi/lane-layout";
import { NO_RULE } from "../abi/codes";
import { recordOf } from "../table/handle-table";

/** The state of a slot that a lane is about to open: only lanes store it, and only where bindings are kept. */
export const STATE_OPENING: u32 = 1;

/** The state while NdisClCloseAddressFamily has not returned: only lanes store it. */
export const STATE_CLOSING: u32 = 5;

/** Adds to one of a shard's totals (layout.ts), of this lane. */
@inline
export function count(lane: usize, total: u32, n: u64): void {
  const at = lane + (total - SHARD_TOTALS);
  store<u64>(at, load<u64>(at, LANE_TOTALS) + n, LANE_TOTALS);
}

/** Adds to a total that only lanes have. */
@inline
export function countOwn(lane: usize, total: u32, n: u64): void {
  store<u64>(lane + total, load<u64>(lane + total) + n);
}

/** AFs opened here less those whose close was requested here. */
@inline
export function addOpen(lane: usize, n: u32): void {
  store<u32>(lane, load<u32>(lane, LANE_OPEN) + n, LANE_OPEN);
}

@inline
export function addPended(lane: usize, n: u32): void {
  store<u32>(lane, load<u32>(lane, LANE_PENDED) + n, LANE_PENDED);
}

@inline
export function stampOf(lane: usize): u32 {
  return load<u32>(lane, LANE_STAMP);
}

/** Ticks since a request. The lane that requested has read its clock apart from this one's: what is ahead of it took no time. */
@inline
export function since(lane: usize, request: u32): u32 {
  const ticks = stampOf(lane) - request;
  return (ticks as i32) < 0 ? 0 : ticks;
}

/** Address of the header of a lane. */
@inline
export function laneAt(lane: usize, index: u32): usize {
  const shared = load<u32>(lane, LANE_SHARED) as usize;
  return load<u32>(shared, SHARED_FIRST_LANE) + index * load<u32>(shared, SHARED_LANE_BYTES);
}

/** The lane that plays a client. */
@inline
export function laneOfClient(lane: usize, client: u32): u32 {
  return load<u8>(load<u32>(lane, LANE_CLIENT_LANES) + client) as u32;
}

/** The lane that plays an adapter's call manager. */
@inline
export function laneOfAdapter(lane: usize, adapter: u32): u32 {
  return load<u8>(load<u32>(lane, LANE_ADAPTER_LANES) + adapter) as u32;
}

/** Another lane, if there is one: where a mistake is to meet the AF from another thread. */
@inline
export function laneAfter(lane: usize): u32 {
  const next = load<u32>(lane, LANE_INDEX) + 1;
  return next == load<u32>(lane, LANE_LANES) ? 0 : next;
}

@inline
export function isHalted(lane: usize, adapter: u32): bool {
  return atomic.load<u8>(load<u32>(lane, LANE_HALTED) + adapter) != 0;
}

/** Takes an AF from one state word to another; answers what stood there: the first word, or what another thread made of it. */
@inline
export function swap(lane: usize, slot: u32, from: u32, to: u32): u32 {
  return atomic.cmpxchg<u32>(recordOf(lane, slot), from, to, AF_WORD);
}

@inline
export function wordOf(lane: usize, slot: u32): u32 {
  return atomic.load<u32>(recordOf(lane, slot), AF_WORD);
}

/** A store to a field that nobody reads, so that the record's cache line is on its way, to be written, when it is needed. */
@inline
export function touch(record: usize): void {
  store<u32>(record, 0, AF_SEQUENCE);
}

/** The same word in another state. */
@inline
export function inState(word: u32, state: u32): u32 {
  return (word & ~STATE_MASK) | state;
}

@inline
export function generationOf(word: u32): u32 {
  return word >>> STATE_BITS;
}

/** An item or an event's word: a slot and a kind; and the item with its handle. */
@inline
export function itemOf(slot: u32, kind: u32, word: u32): u64 {
  return (((slot << 4) | kind) as u64) | ((word as u64) << 32);
}

/** Records that the rule with this number was broken. */
export function violate(lane: usize, slot: u32, word: u32, rule: u32): void {
  const counted = lane + (rule << 3);
  const broken = load<u64>(counted, LANE_RULES);
  store<u64>(counted, broken + 1, LANE_RULES);
  if (broken == 0) keep(lane + LANE_FIRST + rule * VIOLATION_BYTES, lane, slot, word, rule);
  if ((load<u64>(SHARD_WARNINGS) >>> rule) & 1) return;
  const kept = load<u32>(lane, LANE_VIOLATION_COUNT);
  if (kept == VIOLATIONS_PER_MACHINE) return;
  store<u32>(lane, kept + 1, LANE_VIOLATION_COUNT);
  keep(lane + LANE_VIOLATIONS + kept * VIOLATION_BYTES, lane, slot, word, rule);
}

function keep(at: usize, lane: usize, slot: u32, word: u32, rule: u32): void {
  store<u32>(at, rule, VIOLATION_RULE);
  store<u32>(at, stampOf(lane), VIOLATION_TICK);
  store<u32>(at, slot, VIOLATION_SLOT);
  store<u32>(at, generationOf(word), VIOLATION_GENERATION);
}

/** Judges a call by where its handle stands (src/run/tables.ts): a state, or what became of a handle that is over. */
export function judge(lane: usize, slot: u32, word: u32, call: u32, standing: u32): void {
  const rule = load<u8>(call * 16 + standing, SHARD_CALL_RULES) as u32;
  if (rule != NO_RULE) violate(lane, slot, word, rule);
}
