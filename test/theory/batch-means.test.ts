import { describe, expect, it } from "vitest";
import {
  batchMeans,
  isWithin,
  meanOf,
  percentileLimits,
  percentileOf,
  sortTogether,
  studentLimits,
  studentQuantile,
  studentWithin,
  varianceOf,
} from "./batch-means.js";

/** Random numbers that have nothing to do with the simulator's: a linear congruential generator (Knuth's MMIX), its upper bits. */
function uniforms(seed: number): () => number {
  let state = BigInt(seed);
  return () => {
    state = BigInt.asUintN(64, state * 6364136223846793005n + 1442695040888963407n);
    return (Number(state >> 32n) + 0.5) / 2 ** 32;
  };
}

/** Standard normal numbers (G. E. P. Box, M. E. Muller). */
function normals(seed: number): () => number {
  const uniform = uniforms(seed);
  return () => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform());
}

/** x' = r x + normal, stationary from the start. */
function autoregressive(length: number, r: number, normal: () => number): Float64Array {
  const series = new Float64Array(length);
  let x = normal() / Math.sqrt(1 - r * r);
  for (let i = 0; i < length; i++) {
    series[i] = x;
    x = r * x + normal();
  }
  return series;
}

/** The exact variance of the mean of n in a row of such a series. */
function varianceOfMean(n: number, r: number): number {
  let sum = 1;
  for (let lag = 1; lag < n; lag++) sum += 2 * (1 - lag / n) * r ** lag;
  return sum / (n * (1 - r * r));
}

describe("Student's t", () => {
  it("has the percentiles of its table", () => {
    for (const [degrees, outside, t] of [
      [1, 0.05, 12.706],
      [2, 0.05, 4.303],
      [5, 0.01, 4.032],
      [10, 0.05, 2.228],
      [30, 0.05, 2.042],
      [30, 0.001, 3.646],
      [120, 0.01, 2.617],
    ] as const) {
      expect(studentQuantile(degrees, outside)).toBeCloseTo(t, 3);
    }
  });

  it("is within its quantile as often as it should be, and Cauchy's with one degree of freedom", () => {
    for (const degrees of [1, 2, 7, 31]) {
      expect(1 - studentWithin(degrees, studentQuantile(degrees, 1e-4))).toBeCloseTo(1e-4, 8);
    }
    expect(studentWithin(1, 1)).toBeCloseTo(0.5, 12);
  });
});

describe("batch means", () => {
  it("are the means of equal batches, without what is left over", () => {
    expect(batchMeans(Float64Array.of(1, 3, 5, 7, 100), 2)).toEqual([2, 6]);
    expect(() => batchMeans(Float64Array.of(1), 2)).toThrow("1 observations do not fill 2 batches");
  });

  it("give the limits of a textbook sample", () => {
    // 2.262 of 9 degrees of freedom, 5 %.
    const sample = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10];
    const { mean, low, high } = studentLimits(sample, 0.05);
    expect(mean).toBe(5.5);
    expect(high - mean).toBeCloseTo(2.2622 * Math.sqrt(varianceOf(sample) / 10), 3);
    expect(mean - low).toBeCloseTo(high - mean, 12);
  });

  it("vary as is known of an autoregressive series, whose neighbours resemble each other", () => {
    const normal = normals(1);
    const [length, r] = [500, 0.8];
    const means = Array.from({ length: 2_000 }, () => meanOf(autoregressive(length, r, normal)));
    const squares = means.map((mean) => mean ** 2);
    const limits = studentLimits(squares, 1e-4);
    expect(isWithin(limits, varianceOfMean(length, r))).toBe(true);
    // If neighbours did not resemble each other.
    expect(isWithin(limits, 1 / (length * (1 - r * r)))).toBe(false);
  });

  it("give limits that miss the mean of such a series as often as they should, which limits of single observations do not", () => {
    const normal = normals(1);
    const runs = 500;
    let missed = 0;
    let missedBySingles = 0;
    for (let run = 0; run < runs; run++) {
      const series = autoregressive(1_600, 0.8, normal);
      if (!isWithin(studentLimits(batchMeans(series, 16), 0.1), 0)) missed++;
      if (!isWithin(studentLimits(series, 0.1), 0)) missedBySingles++;
    }
    // 50 are expected, give or take 4 standard deviations of 6.7.
    expect(missed).toBeGreaterThan(23);
    expect(missed).toBeLessThan(77);
    expect(missedBySingles).toBeGreaterThan(200);
  });
});

describe("percentiles", () => {
  it("are the smallest observation that the share does not exceed", () => {
    const sorted = sortTogether([Float64Array.of(3, 1), Float64Array.of(4, 2)]);
    expect([...sorted]).toEqual([1, 2, 3, 4]);
    expect([0, 0.25, 0.26, 0.5, 1].map((share) => percentileOf(sorted, share))).toEqual([1, 1, 2, 2, 4]);
  });

  it("have limits that miss as often as they should, though neighbours resemble each other", () => {
    const normal = normals(1);
    const p90 = 1.2816 / Math.sqrt(1 - 0.8 ** 2);
    let missed = 0;
    const runs = 400;
    for (let run = 0; run < runs; run++) {
      const series = [autoregressive(1_600, 0.8, normal), autoregressive(1_600, 0.8, normal)];
      if (!isWithin(percentileLimits(series, 0.9, 8, 0.1, 0), p90)) missed++;
    }
    // 40 are expected, give or take 4 standard deviations of 6.
    expect(missed).toBeGreaterThan(16);
    expect(missed).toBeLessThan(64);
  });
});
