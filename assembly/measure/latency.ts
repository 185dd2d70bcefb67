import { LATENCY_COUNTS, LATENCY_MAX, LATENCY_MIN, LATENCY_SUM, SHARD_TICK_NS } from "../abi/layout";

/** Counts a latency in its HdrHistogram bucket: 2 significant digits, 256 sub-buckets, unit 1 ns. */
@inline
export function countBucket(counts: usize, ticks: u32): void {
  const ns = (ticks as u64) * load<u64>(SHARD_TICK_NS);
  // 56: bits above the 8 of a sub-bucket; values below 256 need no shift.
  const shift = 56 - min<u64>(clz(ns), 56);
  const bucket = counts + (((shift << 7) + (ns >>> shift)) << 3) as usize;
  store<u64>(bucket, load<u64>(bucket, LATENCY_COUNTS) + 1, LATENCY_COUNTS);
}

/** Adds latencies that stand in their buckets to the sum, the minimum and the maximum. */
@inline
export function countSums(counts: usize, sum: u64, least: u32, most: u32): void {
  store<u64>(counts, load<u64>(counts, LATENCY_SUM) + sum, LATENCY_SUM);
  store<u32>(counts, min(load<u32>(counts, LATENCY_MIN), least), LATENCY_MIN);
  store<u32>(counts, max(load<u32>(counts, LATENCY_MAX), most), LATENCY_MAX);
}

/** Counts a latency. */
@inline
export function countLatency(counts: usize, ticks: u32): void {
  countBucket(counts, ticks);
  countSums(counts, ticks, ticks, ticks);
}
