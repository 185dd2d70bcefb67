import { deflateSync } from "node:zlib";
import * as fc from "fast-check";
import { build, decodeFromCompressedBase64 } from "hdr-histogram-js";
import { describe, expect, it } from "vitest";
import { encodeHdr, toBase64 } from "../../src/measure/hdr-encode.js";
import { emptyLatency } from "../../src/measure/histogram.js";
import { recordLatency } from "../support/latency.js";
import { summarizeLatency, type LatencySummary } from "../../src/measure/percentiles.js";

const COMPRESSED_COOKIE = 0x1c849314;
const TICKS_MAX = 2 ** 32 - 1;
const TICK_NS_MAX = 1000;

/** Ticks of every magnitude. */
const anyTicks = fc
  .tuple(fc.integer({ min: 0, max: 32 }), fc.double({ min: 0, max: 1, noNaN: true }))
  .map(([bits, share]) => Math.floor((2 ** bits - 1) * share));
const anyLatencies = fc.record({
  ticks: fc.array(anyTicks, { minLength: 1, maxLength: 300 }),
  tickNs: fc.integer({ min: 10, max: TICK_NS_MAX }),
});

function record(ticks: readonly number[], tickNs: number) {
  const latency = emptyLatency(TICKS_MAX * TICK_NS_MAX);
  for (const one of ticks) recordLatency(latency, one, tickNs);
  return latency;
}

/** Reads an uncompressed encoding through the library's public reader, which takes compressed ones. */
function decode(hdr: string) {
  const deflated = deflateSync(Buffer.from(hdr, "base64"));
  const header = Buffer.alloc(8);
  header.writeUInt32BE(COMPRESSED_COOKIE, 0);
  header.writeUInt32BE(deflated.length, 4);
  return decodeFromCompressedBase64(Buffer.concat([header, deflated]).toString("base64"), 64);
}

const PERCENTILES: readonly (readonly [field: keyof LatencySummary, percentile: number])[] = [
  ["p50Ns", 50],
  ["p90Ns", 90],
  ["p99Ns", 99],
  ["p999Ns", 99.9],
  ["p9999Ns", 99.99],
];

describe("latency summary", () => {
  it("has the exact count, minimum, mean and maximum", () => {
    fc.assert(
      fc.property(anyLatencies, ({ ticks, tickNs }) => {
        const summary = summarizeLatency(record(ticks, tickNs), tickNs);
        const sumNs = ticks.reduce((sum, one) => sum + BigInt(one * tickNs), 0n);
        expect(summary.count).toBe(ticks.length);
        expect(summary.minNs).toBe(Math.min(...ticks) * tickNs);
        expect(summary.maxNs).toBe(Math.max(...ticks) * tickNs);
        expect(summary.meanNs).toBeCloseTo(Number(sumNs) / ticks.length, 1);
      }),
    );
  });

  it("has percentiles from the exact value to 1 % above it, never above the maximum", () => {
    fc.assert(
      fc.property(anyLatencies, ({ ticks, tickNs }) => {
        const summary = summarizeLatency(record(ticks, tickNs), tickNs);
        const sorted = ticks.map((one) => one * tickNs).sort((a, b) => a - b);
        for (const [field, percentile] of PERCENTILES) {
          // In hundredths of a per cent, so that the rank is exact.
          const rank = Math.ceil((Math.round(percentile * 100) * sorted.length) / 10_000);
          const exact = sorted[Math.max(1, rank) - 1] ?? NaN;
          expect(summary[field]).toBeGreaterThanOrEqual(exact);
          expect(summary[field]).toBeLessThanOrEqual(Math.min(exact * 1.01, summary.maxNs ?? NaN));
        }
      }),
    );
  });

  it("agrees with HdrHistogram on every percentile", () => {
    fc.assert(
      fc.property(anyLatencies, ({ ticks, tickNs }) => {
        const summary = summarizeLatency(record(ticks, tickNs), tickNs);
        const oracle = build({ bitBucketSize: 64, highestTrackableValue: 2 ** 46, numberOfSignificantValueDigits: 2 });
        for (const one of ticks) oracle.recordValue(one * tickNs);
        for (const [field, percentile] of PERCENTILES) {
          const value = Math.min(oracle.getValueAtPercentile(percentile), summary.maxNs ?? NaN);
          expect(summary[field]).toBe(value);
        }
      }),
    );
  });

  it("is null but for the count when nothing was measured", () => {
    const { count, ...values } = summarizeLatency(emptyLatency(1000), 100);
    expect(count).toBe(0);
    expect(Object.values(values).every((value) => value === null)).toBe(true);
  });

  it("has an exact mean where the sum is beyond 2^53", () => {
    const latency = record([0], 1);
    Object.assign(latency, { count: 3, sumTicks: 3n * 2n ** 52n + 1n, maxTicks: 2 ** 32 });
    latency.counts[0] = 3;
    expect(summarizeLatency(latency, 1).meanNs).toBe(2 ** 52 + 1 / 3);
  });
});

describe("HdrHistogram encoding", () => {
  it("is read back with the same counts by hdr-histogram-js", () => {
    const anyCounts = fc.array(fc.tuple(fc.nat(4000), fc.integer({ min: 1, max: 2 ** 50 })), { maxLength: 40 });
    fc.assert(
      fc.property(anyCounts, (entries) => {
        const counts = new Float64Array(4001);
        for (const [bucket, count] of entries) counts[bucket] = count;
        const decoded = decode(encodeHdr(counts)) as unknown as { getCountAtIndex(index: number): number };
        const length = counts.findLastIndex((count) => count > 0) + 1;
        const read = Array.from({ length }, (_, bucket) => decoded.getCountAtIndex(bucket));
        expect(read).toEqual([...counts.subarray(0, length)]);
      }),
    );
  });

  it("is read back with the same percentiles and number of values", () => {
    fc.assert(
      fc.property(anyLatencies, ({ ticks, tickNs }) => {
        const summary = summarizeLatency(record(ticks, tickNs), tickNs);
        const decoded = decode(summary.hdr ?? "");
        expect(decoded.totalCount).toBe(ticks.length);
        for (const [field, percentile] of PERCENTILES) {
          expect(Math.min(decoded.getValueAtPercentile(percentile), summary.maxNs ?? NaN)).toBe(summary[field]);
        }
      }),
    );
  });

  it("of no values is a histogram of no values", () => {
    expect(decode(encodeHdr(new Float64Array(300))).totalCount).toBe(0);
  });

  it("uses the same base64 as Node", () => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        expect(toBase64(bytes)).toBe(Buffer.from(bytes).toString("base64"));
      }),
    );
  });
});
