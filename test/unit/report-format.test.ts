import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  durationQuantity,
  formatCount,
  formatDuration,
  formatLarge,
  formatShare,
  formatTime,
} from "../../src/report/format.js";
import { alignColumns, drawBar, wrap } from "../../src/report/layout.js";

describe("durations", () => {
  it("in a text have three digits, no zeros at the end and the largest unit that fits", () => {
    const cases: readonly (readonly [ns: number, text: string])[] = [
      [0, "0 ns"],
      [100, "100 ns"],
      [99.96, "100 ns"],
      [512.25, "512 ns"],
      [999.6, "1 us"],
      [1000, "1 us"],
      [9_999, "10 us"],
      [692_223, "692 us"],
      [999_871.6, "1 ms"],
      [17_612_400, "17.6 ms"],
      [50_000_000, "50 ms"],
      [12_000_000_000, "12 s"],
      [4_000_000_000_000, "4,000 s"],
    ];
    for (const [ns, text] of cases) expect(formatDuration(ns)).toBe(text);
  });

  it("in a table keep their zeros, so that columns align", () => {
    expect([1000, 50_000_000, 100].map(durationQuantity)).toEqual([
      { number: "1.00", unit: "us" },
      { number: "50.0", unit: "ms" },
      { number: "100", unit: "ns" },
    ]);
  });

  it("that are points in time keep all digits", () => {
    expect([0, 100, 120_400, 1_250_000_000, 12_000_000_100].map(formatTime)).toEqual([
      "0 ns",
      "100 ns",
      "120.4 us",
      "1.25 s",
      "12.0000001 s",
    ]);
  });

  it("are within half of their last digit", () => {
    const sizes: Readonly<Record<string, number>> = { ns: 1, us: 1e3, ms: 1e6, s: 1e9 };
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1e12 }), (ns) => {
        const [number = "", unit = ""] = formatDuration(ns).split(" ");
        const value = Number(number.replaceAll(",", "")) * (sizes[unit] ?? NaN);
        expect(Math.abs(value - ns)).toBeLessThanOrEqual(ns * 0.0051);
      }),
    );
  });
});

describe("counts and shares", () => {
  it("group their digits", () => {
    expect([0, 999, 1000, 1_234_567].map(formatCount)).toEqual(["0", "999", "1,000", "1,234,567"]);
    expect([44_913_000, 148_518, 12].map(formatLarge)).toEqual(["44.9 million", "149 thousand", "12"]);
  });

  it("never show nothing or everything for what is not", () => {
    expect([0, 1e-9, 1e-4, 4e-4, 0.001, 0.206, 0.9994, 0.99999, 1].map(formatShare)).toEqual([
      "0 %",
      "<0.01 %",
      "0.01 %",
      "0.04 %",
      "0.1 %",
      "20.6 %",
      "99.9 %",
      ">99.9 %",
      "100 %",
    ]);
  });
});

describe("layout", () => {
  it("wraps a text without losing a word", () => {
    const anyWords = fc.array(fc.stringMatching(/^[a-z]{1,12}$/), { minLength: 1 });
    fc.assert(
      fc.property(anyWords, fc.integer({ min: 12, max: 40 }), (words, width) => {
        const lines = wrap(words.join(" "), width);
        expect(lines.join(" ")).toBe(words.join(" "));
        expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(width);
      }),
    );
  });

  it("aligns columns to the right", () => {
    expect(
      alignColumns(
        [
          ["close", "open"],
          ["1", "1,000"],
        ],
        2,
      ),
    ).toEqual([
      ["close", "   open"],
      ["    1", "  1,000"],
    ]);
  });

  it("draws bars that grow with their share and show anything above nothing", () => {
    const length = 10;
    const eighths = (bar: string): number =>
      Array.from(bar).reduce((sum, block) => sum + " ▏▎▍▌▋▊▉█".indexOf(block), 0);
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1, noNaN: true }), (share) => {
        const drawn = eighths(drawBar(share, length));
        expect(drawn > 0).toBe(share > 0);
        expect(Math.abs(drawn - share * length * 8)).toBeLessThanOrEqual(1);
      }),
    );
    expect(drawBar(1, length)).toBe("██████████");
  });
});
