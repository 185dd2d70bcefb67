/**
 * Bucket arithmetic of HdrHistogram with 2 significant decimal digits and a unit of 1 ns:
 *
 *     bucket 0 … 255     one value each: 0 … 255 ns
 *     bucket 256 … 383   256 … 511 ns, 2 values each
 *     bucket 384 … 511   512 … 1023 ns, 4 values each, and so on: 128 buckets for every doubling
 *
 * So a bucket is never wider than 1/128 (0.8 %) of the values in it. The index is HdrHistogram's countsArrayIndex for a
 * lowestDiscernibleValue of 1. Arithmetic is on doubles, exact for values up to 2^53 - 1, without Math.log2.
 */

import type { LatencyCounts } from "./counts.js";

/** Decimal digits that a recorded value keeps. */
export const SIGNIFICANT_DIGITS = 2;
/** Buckets for each doubling of the value; twice as many values from 0 on have a bucket of their own. */
const BUCKETS_PER_DOUBLING = 128;
const SINGLE_VALUE_BUCKETS = 2 * BUCKETS_PER_DOUBLING;

/** Position of the highest bit of an integer from 1 to 2^53 - 1. */
function highestBit(value: number): number {
  const high = Math.floor(value / 2 ** 32);
  return high > 0 ? 63 - Math.clz32(high) : 31 - Math.clz32(value);
}

/**
 * Index of the bucket that counts a value.
 * @param valueNs an integer from 0 to 2^53 - 1
 */
export function bucketOf(valueNs: number): number {
  if (valueNs < SINGLE_VALUE_BUCKETS) return valueNs;
  const doublings = highestBit(valueNs) - 7;
  return doublings * BUCKETS_PER_DOUBLING + Math.floor(valueNs / 2 ** doublings);
}

/** Smallest value, in nanoseconds, that a bucket counts. */
export function lowestNs(bucket: number): number {
  if (bucket < SINGLE_VALUE_BUCKETS) return bucket;
  const doublings = Math.floor(bucket / BUCKETS_PER_DOUBLING) - 1;
  return (bucket - doublings * BUCKETS_PER_DOUBLING) * 2 ** doublings;
}

/** Largest value, in nanoseconds, that a bucket counts. */
export function highestNs(bucket: number): number {
  return lowestNs(bucket + 1) - 1;
}

/** Number of buckets needed for values from 0 to `valueNsMax`. */
export function bucketCountFor(valueNsMax: number): number {
  return bucketOf(valueNsMax) + 1;
}

/** Latency counts before the first latency, with room for latencies up to `latencyNsMax`. */
export function emptyLatency(latencyNsMax: number): LatencyCounts {
  return { counts: new Float64Array(bucketCountFor(latencyNsMax)), count: 0, sumTicks: 0n, minTicks: 0, maxTicks: 0 };
}
