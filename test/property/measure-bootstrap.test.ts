import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { cliffsDelta, CONFIDENCE, estimateRatio, medianOf, RUNS_MIN } from "../../src/measure/bootstrap.js";

/** Numbers from 0 to 1, both excluded, from a seed (mulberry32). */
function uniforms(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return (((mixed ^ (mixed >>> 14)) >>> 0) + 0.5) / 2 ** 32;
  };
}

function normal(uniform: () => number): number {
  return Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform());
}

/** Times as they are measured: quiet, noisy, late now and then, and as if by a timer. */
const NOISES: readonly (readonly [title: string, draw: (uniform: () => number) => number])[] = [
  ["normal", (uniform) => 100 + 3 * normal(uniform)],
  ["lognormal", (uniform) => 100 * Math.exp(0.1 * normal(uniform))],
  ["with delays", (uniform) => 100 + 2 * uniform() + (uniform() < 0.15 ? 100 * uniform() : 0)],
  ["exponential", (uniform) => 100 - 10 * Math.log(uniform())],
];
const SIMULATIONS = 1000;
/** Three standard errors of a share of 95 % in so many simulations. */
const SLACK = 3 * Math.sqrt((CONFIDENCE * (1 - CONFIDENCE)) / SIMULATIONS);

/** How often the interval holds the true ratio. */
function coverageOf(runs: number, ratio: number, draw: (uniform: () => number) => number): number {
  const uniform = uniforms(runs);
  const sample = (factor: number): number[] => Array.from({ length: runs }, () => factor * draw(uniform));
  let covered = 0;
  for (let simulation = 0; simulation < SIMULATIONS; simulation++) {
    const { from, to } = estimateRatio(sample(1), sample(ratio));
    if (from <= ratio && ratio <= to) covered++;
  }
  return covered / SIMULATIONS;
}

describe("the interval of a ratio of medians", () => {
  describe.each(NOISES)("of times that are %s", (_title, draw) => {
    it.each([RUNS_MIN, 6, 7, 10, 20])("holds the true ratio as often as it says, with %i runs each", (runs) => {
      expect(coverageOf(runs, 1.1, draw)).toBeGreaterThan(CONFIDENCE - SLACK);
    });
  });

  it("holds it less often with fewer runs than the fewest", () => {
    expect(coverageOf(RUNS_MIN - 2, 1.1, (uniform) => 100 + 3 * normal(uniform))).toBeLessThan(CONFIDENCE - SLACK);
  });

  it("narrows as the square root of the number of runs", () => {
    const widthOf = (runs: number): number => {
      const uniform = uniforms(1);
      const widths = Array.from({ length: 100 }, () => {
        const sample = (): number[] => Array.from({ length: runs }, () => 100 + 3 * normal(uniform));
        const { from, to } = estimateRatio(sample(), sample());
        return to - from;
      });
      return medianOf(widths);
    };
    expect(widthOf(25) / widthOf(100)).toBeCloseTo(2, 0);
  });
});

describe("known cases", () => {
  it("of three values: a resample's median is the smallest 7 times of 27, the middle one 13 times", () => {
    // Of 27 x 27 equally probable pairs 49 have the ratio 3 / 1: more than 2.5 %.
    expect(estimateRatio([1, 2, 3], [1, 2, 3])).toEqual({ ratio: 1, from: 1 / 3, to: 3 });
  });

  it("of five values: the extreme ratios come 1 time in 299 and are left out", () => {
    // P(median of a resample is the smallest) = P(at least 3 of 5 draws are) = 181 / 3125; squared, 1 / 298.
    expect(estimateRatio([100, 101, 102, 103, 104], [100, 101, 102, 103, 104])).toEqual({
      ratio: 1,
      from: 101 / 104,
      to: 104 / 101,
    });
  });

  it("of one value each, or of equal values, there is one ratio", () => {
    expect(estimateRatio([4], [6])).toEqual({ ratio: 1.5, from: 1.5, to: 1.5 });
    expect(estimateRatio([4, 4, 4, 4, 4], [6, 6, 6, 6, 6])).toEqual({ ratio: 1.5, from: 1.5, to: 1.5 });
  });

  it("Cliff's delta: 1 when every b is larger, 0 when neither is, and ties count for neither", () => {
    expect(cliffsDelta([1, 2], [3, 4])).toBe(1);
    expect(cliffsDelta([1, 4], [2, 3])).toBe(0);
    expect(cliffsDelta([1, 2], [1, 2])).toBe(0);
    expect(cliffsDelta([2, 2], [2, 1])).toBe(-0.5);
  });

  it("of a thousand values with ties", () => {
    const times = Array.from({ length: 1000 }, (_, index) => 100 + (index % 20));
    const { ratio, from, to } = estimateRatio(times, times);
    expect(ratio).toBe(1);
    expect(from).toBeGreaterThan(0.98);
    expect(from * to).toBeCloseTo(1, 12);
  });
});

describe("properties", () => {
  const anyTimes = fc.array(fc.double({ min: 1, max: 1e6, noNaN: true }), { minLength: 1, maxLength: 40 });
  /** A power of two scales without rounding. */
  const anyScale = fc.integer({ min: -20, max: 20 }).map((exponent) => 2 ** exponent);

  it("a ratio lies in its interval, apart from the mean of two middles", () => {
    fc.assert(
      fc.property(anyTimes, anyTimes, (a, b) => {
        const { from, to, ratio } = estimateRatio(a, b);
        expect(from).toBeLessThanOrEqual(to);
        expect(ratio).toBeGreaterThanOrEqual(from * (1 - 1e-12));
        expect(ratio).toBeLessThanOrEqual(to * (1 + 1e-12));
      }),
    );
  });

  it("b against a is the reciprocal of a against b", () => {
    fc.assert(
      fc.property(anyTimes, anyTimes, (a, b) => {
        const [there, back] = [estimateRatio(a, b), estimateRatio(b, a)];
        expect(back.ratio * there.ratio).toBeCloseTo(1, 12);
        expect(back.from * there.to).toBeCloseTo(1, 12);
        expect(back.to * there.from).toBeCloseTo(1, 12);
        expect(cliffsDelta(b, a) + cliffsDelta(a, b)).toBe(0);
      }),
    );
  });

  it("the unit does not matter, and a slower b is slower by as much", () => {
    fc.assert(
      fc.property(anyTimes, anyTimes, anyScale, (a, b, scale) => {
        const times = (sample: readonly number[]): number[] => sample.map((value) => value * scale);
        const { from, to, ratio } = estimateRatio(a, b);
        expect(estimateRatio(times(a), times(b))).toEqual({ from, to, ratio });
        expect(cliffsDelta(times(a), times(b))).toBe(cliffsDelta(a, b));
        expect(estimateRatio(a, times(b))).toEqual({ from: from * scale, to: to * scale, ratio: ratio * scale });
      }),
    );
  });

  it("the order of the runs does not matter", () => {
    fc.assert(
      fc.property(anyTimes, anyTimes, (a, b) => {
        expect(estimateRatio(a.toReversed(), b)).toEqual(estimateRatio(a, b));
      }),
    );
  });
});
