/**
 * Confidence limits for the mean of a long run, by the method of batch means: the run is cut into equal batches, so long that
 * their means hardly depend on each other, and the means are treated as independent normal observations (A. M. Law, Simulation Modeling and
 * Analysis, chapter 9).
 */

/** Limits of a mean, in the unit of what is averaged. */
export interface Limits {
  readonly mean: number;
  readonly low: number;
  readonly high: number;
}

/** Means of `count` equal batches in a row; what is left over at the end of the sequence is not used. */
export function batchMeans(sequence: Float64Array, count: number): number[] {
  const length = Math.floor(sequence.length / count);
  if (length === 0) throw new Error(`${sequence.length} observations do not fill ${count} batches`);
  return Array.from({ length: count }, (_, batch) => meanOf(sequence.subarray(batch * length, (batch + 1) * length)));
}

export function meanOf(values: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i]!;
  return sum / values.length;
}

/** Variance of a sample, its mean not known beforehand. */
export function varianceOf(values: ArrayLike<number>): number {
  const mean = meanOf(values);
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += (values[i]! - mean) ** 2;
  return sum / (values.length - 1);
}

/** Student's limits for the mean of independent normal observations, which miss it with probability `miss`, half of it on each side. */
export function studentLimits(values: ArrayLike<number>, miss: number): Limits {
  const mean = meanOf(values);
  const half = studentQuantile(values.length - 1, miss) * Math.sqrt(varianceOf(values) / values.length);
  return { mean, low: mean - half, high: mean + half };
}

export function isWithin({ low, high }: Limits, value: number): boolean {
  return low <= value && value <= high;
}

/**
 * Probability that Student's t is at most this far from 0 (M. Abramowitz, I. A. Stegun, Handbook of Mathematical Functions, 26.7.3
 * and 26.7.4: a finite sum for a whole number of degrees of freedom).
 */
export function studentWithin(degrees: number, t: number): number {
  const angle = Math.atan(t / Math.sqrt(degrees));
  const cosine = Math.cos(angle);
  const odd = degrees % 2 === 1;
  let term = odd ? cosine : 1;
  let sum = degrees === 1 ? 0 : term;
  for (let k = odd ? 3 : 2; k <= degrees - 2; k += 2) {
    term *= ((k - 1) / k) * cosine ** 2;
    sum += term;
  }
  return odd ? (2 / Math.PI) * (angle + Math.sin(angle) * sum) : Math.sin(angle) * sum;
}

/** How far from 0 Student's t is with probability `outside` or less, by halving an interval. */
export function studentQuantile(degrees: number, outside: number): number {
  let low = 0;
  let high = 1e6;
  while (high - low > 1e-9 * high) {
    const middle = (low + high) / 2;
    if (1 - studentWithin(degrees, middle) > outside) low = middle;
    else high = middle;
  }
  return high;
}

/**
 * Limits of a percentile of sequences in which neighbours resemble each other: the percentiles of a share above and below, as far as
 * Student's limits of batch means leave open how many observations lie below the percentile that was found. Observations are rounded to
 * multiples of `step`, so that the percentile itself may lie as far outside.
 */
export function percentileLimits(
  sequences: readonly Float64Array[],
  share: number,
  batchesEach: number,
  miss: number,
  step: number,
): Limits {
  const sorted = sortTogether(sequences);
  const mean = percentileOf(sorted, share);
  const below = sequences.flatMap((sequence) =>
    batchMeans(
      sequence.map((value) => (value <= mean ? 1 : 0)),
      batchesEach,
    ),
  );
  const limits = studentLimits(below, miss);
  const half = limits.high - limits.mean;
  return { mean, low: percentileOf(sorted, share - half) - step, high: percentileOf(sorted, share + half) + step };
}

/** All observations, the smallest first. */
export function sortTogether(sequences: readonly Float64Array[]): Float64Array {
  const all = new Float64Array(sequences.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const sequence of sequences) {
    all.set(sequence, at);
    at += sequence.length;
  }
  return all.sort();
}

/** The smallest observation that at least this share of all does not exceed. */
export function percentileOf(sorted: Float64Array, share: number): number {
  const rank = Math.ceil(sorted.length * share);
  return sorted[Math.min(sorted.length, Math.max(1, rank)) - 1]!;
}
