import fc from "fast-check";
import { describe, expect, it, vi } from "vitest";
import { drawNumbered, machineKey } from "../../src/contract/draw.js";
import { exactExp, exactLn, normalUpperQuantile } from "../../src/contract/exact-math.js";
import { buildSampler, sampleTicks, sampleValue } from "../../src/contract/sampler.js";
import type { Distribution } from "../../src/scenario/scenario.js";
import { distribution } from "../support/scenario-generator.js";

// Hangs are what this is for: a loaded computer takes longer than the default of 5 s.
vi.setConfig({ testTimeout: 60_000 });

const TICK_NS = 100;
const anyDistribution = distribution(1, 100_000);
const anyDraw = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });
/** The value that the table gives at survival probability S, in ticks. */
const valueAt = (table: ReturnType<typeof buildSampler>, survival: number): number =>
  Number(sampleValue(table, BigInt(Math.floor(survival * 2 ** 64)))) / 2 ** 16;

describe("the exact functions", () => {
  it("agree with Math.log and Math.exp to 1e-15 or so", () => {
    fc.assert(
      fc.property(fc.double({ min: -690, max: 690, noNaN: true }), (x) => {
        expect(Math.abs(exactExp(x) / Math.exp(x) - 1)).toBeLessThan(2e-15);
        const y = Math.exp(x);
        expect(Math.abs(exactLn(y) - Math.log(y))).toBeLessThan(4e-15 * Math.max(1e-3, Math.abs(x)));
      }),
    );
    expect(exactLn(1)).toBe(0);
    expect(exactExp(0)).toBe(1);
  });

  it.each([
    [0.5, 0],
    [0.15865525393145707, 1],
    [0.0227501319481792, 2],
    [0.0013498980316300946, 3],
    [3.167124183311998e-5, 4],
    [9.865876450376946e-10, 6],
    [1.279812543885835e-12, 7],
    [0.9772498680518208, -2],
  ])("give the normal quantile that %d of all values exceed: %d", (survival, z) => {
    expect(normalUpperQuantile(survival)).toBeCloseTo(z, 13);
  });
});

describe("a sampler's table", () => {
  it("falls without steps as the survival probability rises", () => {
    fc.assert(
      fc.property(anyDistribution, (d) => {
        const { base, drop, cells, octaves } = buildSampler(d, TICK_NS);
        for (let octave = 0; octave < octaves; octave++) {
          for (let cell = 0; cell < cells; cell++) {
            const index = octave * cells + cell;
            const next = cell + 1 < cells ? index + 1 : (octave - 1) * cells;
            expect(drop[index]! <= base[index]!).toBe(true);
            if (next >= 0) expect(base[index]! - drop[index]!).toBe(base[next]);
          }
        }
      }),
      { numRuns: 30 },
    );
  });

  it("never falls below 0 nor rises above 2^32 - 1 ticks, and gives larger values to smaller draws", () => {
    fc.assert(
      fc.property(anyDistribution, fc.array(anyDraw, { minLength: 2, maxLength: 50 }), (d, draws) => {
        const table = buildSampler(d, TICK_NS);
        // The lowest 25 bits are partly rounding, partly forced: leave them out of the order.
        const ordered = draws.map((u) => (u >> 25n) << 25n).sort((a, b) => (a < b ? -1 : 1));
        const values = ordered.map((u) => sampleValue(table, u));
        for (const [i, value] of values.entries()) {
          expect(value >= 0n && value <= (2n ** 32n - 1n) << 16n).toBe(true);
          if (i > 0) expect(value <= values[i - 1]!).toBe(true);
          const ticks = sampleTicks(table, ordered[i]! | 0xffffn);
          expect(ticks).toBeLessThanOrEqual(2 ** 32 - 1);
        }
      }),
      { numRuns: 30 },
    );
  });

  it.each<[Distribution, number]>([
    [{ kind: "constant", ns: 1_200 }, 12],
    [{ kind: "constant", ns: 1_234 }, 12.34],
    [{ kind: "uniform", fromNs: 0, toNs: 5_000 }, 25],
    [{ kind: "exponential", meanNs: 1e6 }, 10_000],
    [{ kind: "exponential", meanNs: 40 }, 0.4],
    [{ kind: "lognormal", meanNs: 50_000, sigma: 0.5 }, 500],
    [{ kind: "lognormal", meanNs: 50_000, sigma: 0 }, 500],
    [{ kind: "pareto", minNs: 50_000, alpha: 2.5 }, 2500 / 3],
    [
      {
        kind: "empirical",
        points: [
          { p: 0, ns: 100 },
          { p: 0.5, ns: 500 },
          { p: 0.9, ns: 500 },
          { p: 1, ns: 90_000 },
        ],
      },
      48.75,
    ],
  ])("of %o has the distribution's mean of %d ticks", (d, meanTicks) => {
    const table = buildSampler(d, TICK_NS);
    expect(Math.abs(table.meanTicks - meanTicks)).toBeLessThan(1e-5 + meanTicks * 1e-7);
    expect(table.constantTicks).toBe(d.kind === "constant" && d.ns === 1_200 ? 12 : null);
  });

  it("has the mean that averaging its samples finds", () => {
    const key = machineKey(1, 0, 1);
    for (const d of [
      { kind: "exponential", meanNs: 2_000 },
      { kind: "lognormal", meanNs: 2_000, sigma: 0.8 },
      { kind: "uniform", fromNs: 1_000, toNs: 3_000 },
    ] as const) {
      const table = buildSampler(d, TICK_NS);
      let ticks = 0;
      for (let i = 0n; i < 40_000n; i++) ticks += sampleTicks(table, drawNumbered(key, i));
      // Three standard errors of the widest of them, 20 ticks / sqrt(40000).
      expect(Math.abs(ticks / 40_000 - 20)).toBeLessThan(0.3);
    }
  });

  const CLOSED_FORMS: [Distribution, (survival: number) => number][] = [
    [{ kind: "exponential", meanNs: 1e6 }, (s) => -1e4 * Math.log(s)],
    [{ kind: "uniform", fromNs: 1e5, toNs: 4e5 }, (s) => 4e3 - 3e3 * s],
    [{ kind: "pareto", minNs: 1e5, alpha: 3 }, (s) => 1e3 * s ** (-1 / 3)],
    [{ kind: "pareto", minNs: 1e2, alpha: 2 }, (s) => s ** -0.5],
  ];
  it.each(CLOSED_FORMS)("of %o follows the closed form of its quantiles within 1e-4", (d, quantile) => {
    const table = buildSampler(d, TICK_NS);
    fc.assert(
      fc.property(fc.double({ min: 1, max: 26, noNaN: true }), (octaves) => {
        const survival = 2 ** -octaves;
        const expected = quantile(survival);
        expect(Math.abs(valueAt(table, survival) - expected)).toBeLessThan(1e-4 * expected + 2e-5);
      }),
    );
  });

  // Its lowest cell falls in a line to 0, for which the scale makes up.
  it("of a lognormal follows the normal quantiles within 1e-3", () => {
    const table = buildSampler({ kind: "lognormal", meanNs: 1e6, sigma: 0.7 }, TICK_NS);
    const median = 1e4 * Math.exp(-0.49 / 2);
    expect(Math.abs(valueAt(table, 0.5) / median - 1)).toBeLessThan(1e-3);
    expect(Math.abs(valueAt(table, 0.0227501319481792) / (median * Math.exp(1.4)) - 1)).toBeLessThan(1e-3);
    expect(Math.abs(valueAt(table, 0.9772498680518208) / (median * Math.exp(-1.4)) - 1)).toBeLessThan(1e-3);
  });

  it("clamps a tail without a mean to 2^32 - 1 ticks and leaves its body alone", () => {
    const table = buildSampler({ kind: "pareto", minNs: 1e6, alpha: 0.5 }, TICK_NS);
    expect(sampleTicks(table, 0n)).toBe(2 ** 32 - 1);
    expect(valueAt(table, 0.5) / 4e4).toBeCloseTo(1, 3);
  });
});

describe("rounding to ticks", () => {
  it("gives the next of the two ticks around a value exactly as often as its fraction says", () => {
    const table = buildSampler({ kind: "constant", ns: 1_225 }, TICK_NS);
    const high = 0x1234_5678_9abcn << 16n;
    let ups = 0;
    for (let low = 0n; low < 0x10000n; low++) {
      const ticks = sampleTicks(table, high | low);
      expect(ticks === 12 || ticks === 13).toBe(true);
      ups += ticks - 12;
    }
    expect(ups).toBe(0x4000);
  });

  it("leaves a whole number of ticks as it is, for every draw", () => {
    fc.assert(
      fc.property(fc.nat(1e9), anyDraw, (ticks, u) => {
        expect(sampleTicks(buildSampler({ kind: "constant", ns: ticks * TICK_NS }, TICK_NS), u)).toBe(ticks);
      }),
      { numRuns: 30 },
    );
  });
});
