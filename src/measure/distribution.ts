/** The percentiles of a histogram as HdrHistogram's tools list and draw them. */

import { highestNs } from "./histogram.js";

/** One row of a percentile distribution: `count` of all values are at most `valueNs`. */
export interface PercentileRow {
  /** 0 to 100. */
  readonly percentile: number;
  readonly valueNs: number;
  readonly count: number;
}

/** Rows between one halving of the distance to 100 % and the next. */
const ROWS_PER_HALVING = 2;

/** Where a bucket's values end: the largest one of a bucket, but never above the maximum, and how many are at most that. */
export interface Step {
  readonly valueNs: number;
  /** Values up to the end of the bucket before this one. */
  readonly countBefore: number;
  readonly count: number;
}

/** The steps of the distribution function, one for every bucket that counts anything. */
export function stepsOf(counts: ArrayLike<number>, maxNs: number): Step[] {
  const steps: Step[] = [];
  let count = 0;
  for (let bucket = 0; bucket < counts.length; bucket++) {
    const here = counts[bucket] ?? 0;
    if (here === 0) continue;
    steps.push({ valueNs: Math.min(highestNs(bucket), maxNs), countBefore: count, count: count + here });
    count += here;
  }
  return steps;
}

/**
 * Rows at 0 %, 25 %, 50 %, 62.5 %, 75 % and so on, each halving of the distance to 100 % in two; the last one is the maximum.
 *
 * @param steps as stepsOf gives them
 */
export function percentileRows(steps: readonly Step[]): PercentileRow[] {
  const all = steps.at(-1)?.count ?? 0;
  const rows: PercentileRow[] = [];
  let index = 0;
  for (let percentile = 0, left = 100; left / 100 > 1 / all; left /= 2) {
    for (let part = 0; part < ROWS_PER_HALVING; part++) {
      percentile = 100 - left + (part * left) / 2 / ROWS_PER_HALVING;
      const rank = Math.max(1, Math.ceil((percentile / 100) * all));
      while ((steps[index]?.count ?? all) < rank) index++;
      const step = steps[index];
      if (step) rows.push({ percentile, valueNs: step.valueNs, count: step.count });
    }
  }
  const last = steps.at(-1);
  if (last) rows.push({ percentile: 100, valueNs: last.valueNs, count: last.count });
  return rows;
}
