import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { bucketOf } from "../../src/measure/histogram.js";
import { mergeSeries, STEP_BUCKETS, type SeriesCounts, type SeriesStep } from "../../src/measure/series.js";
import { buildSeries } from "../../src/result/series.js";

const TICK_NS = 100;

function stepOf(latencies: readonly number[]): SeriesStep {
  const counts = new Float64Array(400);
  for (const ticks of latencies) counts[Math.floor(bucketOf(ticks * TICK_NS) / STEP_BUCKETS)]!++;
  const told = latencies.length;
  return {
    opens: 0,
    closes: told,
    completions: told,
    lifecycles: told,
    openAtEnd: 3,
    pendedAtEnd: told,
    close: {
      sumTicks: latencies.reduce((sum, ticks) => sum + BigInt(ticks), 0n),
      minTicks: Math.min(2 ** 32 - 1, ...latencies),
      maxTicks: Math.max(0, ...latencies),
      counts,
    },
  };
}

const series = (stepTicks: number, ...steps: SeriesStep[]): SeriesCounts => ({ fromTick: 10, stepTicks, steps });

describe("the series of a result", () => {
  it("has percentiles that are off by an eighth at most, and exact means and maxima", () => {
    const anyLatencies = fc.array(fc.oneof(fc.nat(300), fc.nat(10_000_000)), { minLength: 1, maxLength: 200 });
    fc.assert(
      fc.property(anyLatencies, (latencies) => {
        const sorted = latencies.map((ticks) => ticks * TICK_NS).toSorted((a, b) => a - b);
        const { close } = buildSeries(series(5, stepOf(latencies)), 15, TICK_NS)!;
        expect(close.count).toEqual([latencies.length]);
        expect(close.maxNs).toEqual([sorted.at(-1)]);
        const mean = sorted.reduce((sum, ns) => sum + ns, 0) / sorted.length;
        expect(Math.abs(close.meanNs[0]! - mean)).toBeLessThanOrEqual(0.1);
        for (const [share, [value = null]] of [
          [0.5, close.p50Ns],
          [0.99, close.p99Ns],
          [0.999, close.p999Ns],
        ] as const) {
          const exact = sorted[Math.ceil(sorted.length * share) - 1]!;
          expect(Math.abs(value! - exact)).toBeLessThanOrEqual(exact / 8 + 1);
        }
      }),
    );
  });

  it("says what one and the same latency was, without an error", () => {
    const { close } = buildSeries(series(5, stepOf([777, 777, 777])), 15, TICK_NS)!;
    expect([close.p50Ns, close.p99Ns, close.p999Ns, close.maxNs]).toEqual([[77_700], [77_700], [77_700], [77_700]]);
  });

  it("has null where no client was told, and ends with the run where that ends within a step", () => {
    const built = buildSeries(series(5, stepOf([1]), stepOf([]), stepOf([2])), 22, TICK_NS)!;
    expect(built).toMatchObject({ fromNs: 1000, stepNs: 500, toNs: 2200, closes: [1, 0, 1] });
    expect(built.close.p50Ns).toEqual([100, null, 200]);
  });

  it("is null when the run ended before measuring began", () => {
    expect(buildSeries(series(5, stepOf([])), 10, TICK_NS)).toBeNull();
    expect(buildSeries(null, 100, TICK_NS)).toBeNull();
  });
});

describe("merging series", () => {
  it("makes short steps as long as the longest, and keeps what there is at the end of one that ended earlier", () => {
    const [one, two, three] = [stepOf([1]), stepOf([2, 2]), stepOf([3])];
    const merged = mergeSeries([series(5, one, two, three), series(10, stepOf([4]), stepOf([]), stepOf([5]))])!;
    expect(merged.stepTicks).toBe(10);
    expect(merged.steps.map(({ closes }) => closes)).toEqual([4, 1, 1]);
    expect(merged.steps.map(({ openAtEnd }) => openAtEnd)).toEqual([6, 6, 6]);
    expect(merged.steps.map(({ pendedAtEnd }) => pendedAtEnd)).toEqual([3, 1, 2]);
    expect(merged.steps.map(({ close }) => close.maxTicks)).toEqual([4, 3, 5]);
  });

  it("is null when one was not recorded to its end", () => {
    expect(mergeSeries([series(5, stepOf([1])), null])).toBeNull();
  });
});
