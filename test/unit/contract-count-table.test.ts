import { describe, expect, it } from "vitest";
import { buildCountTable, sampleCount } from "../../src/contract/count-table.js";

const probabilityOf = (count: number, mean: number): number => {
  let p = Math.exp(-mean);
  for (let k = 1; k <= count; k++) p *= mean / k;
  return p;
};

describe("a table of counts", () => {
  it.each([0, 1, 5, 31])("of the constant %i yields it for every draw", (count) => {
    const table = buildCountTable({ kind: "constant", count });
    for (const u of [0n, 1n, 2n ** 63n, 2n ** 64n - 1n]) expect(sampleCount(table, u)).toBe(count);
  });

  it("of Poisson with mean 0 has no thresholds", () => {
    expect(buildCountTable({ kind: "poisson", mean: 0 })).toEqual([]);
  });

  it.each([1e-9, 0.1, 1, 2.5, 8])("of Poisson with mean %d yields every count with its probability", (mean) => {
    const table = buildCountTable({ kind: "poisson", mean });
    expect(table.length).toBeLessThanOrEqual(31);
    const bounds = [0, ...table, 2 ** 32];
    for (let count = 0; count < table.length; count++) {
      const share = (bounds[count + 1]! - bounds[count]!) / 2 ** 32;
      expect(Math.abs(share - probabilityOf(count, mean))).toBeLessThan(2 ** -31);
    }
  });

  it("counts the thresholds that a draw has reached", () => {
    const table = buildCountTable({ kind: "poisson", mean: 2 });
    const half = (threshold: number): bigint => BigInt(threshold) << 32n;
    expect(sampleCount(table, 0n)).toBe(0);
    expect(sampleCount(table, half(table[0]!) - 1n)).toBe(0);
    expect(sampleCount(table, half(table[0]!))).toBe(1);
    expect(sampleCount(table, half(table[2]!))).toBe(3);
    expect(sampleCount(table, 2n ** 64n - 1n)).toBe(table.length);
  });

  it("of Poisson with mean 1 begins as a separate implementation of MODEL.md in Python says", () => {
    expect(buildCountTable({ kind: "poisson", mean: 1 }).slice(0, 4)).toEqual([
      1580030168, 3160060337, 3950075421, 4213413783,
    ]);
  });
});
