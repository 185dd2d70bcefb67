import * as fc from "fast-check";
import { Float64Histogram } from "hdr-histogram-js";
import { describe, expect, it } from "vitest";
import { bucketCountFor, bucketOf, highestNs, lowestNs } from "../../src/measure/histogram.js";

/** Values of every magnitude, not mostly large ones. */
const anyValueNs = fc
  .tuple(fc.integer({ min: 0, max: 53 }), fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }))
  .map(([bits, share]) => Math.floor(2 ** bits * share));

/** The kernel's arithmetic on 64-bit integers. */
function kernelBucket(value: bigint): bigint {
  if (value < 256n) return value;
  const leadingZeros = BigInt(64 - value.toString(2).length);
  const shift = 63n - leadingZeros - 7n;
  return (shift << 7n) + (value >> shift);
}

describe("histogram buckets", () => {
  it("have the index of HdrHistogram's countsArrayIndex", () => {
    const oracle = new Float64Histogram(1, Number.MAX_SAFE_INTEGER, 2);
    // The oracle takes Math.log2 of a double, which rounds up just below large powers of two.
    const withinOracle = anyValueNs.filter((value) => value < 2 ** 47);
    fc.assert(fc.property(withinOracle, (value) => bucketOf(value) === oracle.countsArrayIndex(value)));
    for (let bits = 0; bits < 47; bits++) {
      for (const value of [2 ** bits - 1, 2 ** bits, 2 ** bits + 1]) {
        expect(bucketOf(value)).toBe(oracle.countsArrayIndex(value));
      }
    }
  });

  it("have the index that the kernel computes, up to 2^53 - 1", () => {
    fc.assert(fc.property(anyValueNs, (value) => bucketOf(value) === Number(kernelBucket(BigInt(value)))));
    for (let bits = 1; bits <= 53; bits++) {
      for (const value of [2 ** bits - 1, 2 ** (bits - 1)]) {
        expect(bucketOf(value)).toBe(Number(kernelBucket(BigInt(value))));
      }
    }
  });

  it("hold each value between their bounds and are at most 1/128 of it wide", () => {
    fc.assert(
      fc.property(anyValueNs, (value) => {
        const bucket = bucketOf(value);
        expect(lowestNs(bucket)).toBeLessThanOrEqual(value);
        expect(highestNs(bucket)).toBeGreaterThanOrEqual(value);
        expect(highestNs(bucket) - lowestNs(bucket)).toBeLessThanOrEqual(lowestNs(bucket) / 128);
      }),
    );
  });

  it("follow each other without a gap", () => {
    const bucketCount = bucketCountFor(Number.MAX_SAFE_INTEGER);
    for (let bucket = 0; bucket < bucketCount; bucket++) {
      expect(bucketOf(lowestNs(bucket))).toBe(bucket);
      expect(bucketOf(highestNs(bucket))).toBe(bucket);
    }
  });

  it("are 6016 for values up to 2^53 - 1, and no more than the largest value needs", () => {
    expect(bucketCountFor(Number.MAX_SAFE_INTEGER)).toBe(6016);
    expect(bucketCountFor(255)).toBe(256);
    expect(bucketCountFor(0)).toBe(1);
  });
});
