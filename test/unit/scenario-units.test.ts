import { describe, expect, test } from "vitest";
import { nearest } from "../../src/scenario/suggest.js";
import {
  formatBytes,
  formatCount,
  formatDuration,
  formatRate,
  formatRoundedDown,
  parseCount,
  parseDuration,
  parseRate,
} from "../../src/scenario/units.js";
import { inputErrorOf } from "../support/input-errors.js";

describe("durations", () => {
  test.each([
    ["100ns", 100],
    ["20us", 20_000],
    ["20µs", 20_000],
    ["20μs", 20_000],
    ["1.5ms", 1_500_000],
    ["0.1us", 100],
    ["10 s", 10_000_000_000],
    ["1e3ms", 1_000_000_000],
    ["0", 0],
    [0, 0],
  ])("%s is %d ns", (text, ns) => expect(parseDuration(text)).toBe(ns));

  test.each([
    ["5", "needs a unit", "5ms"],
    [5, "needs a unit", "5ms"],
    ["5msec", "not a duration", "5ms"],
    ["5 Ms", "not a duration", "5ms"],
    ["1h", "not a duration", undefined],
    ["-1ms", "must not be negative", undefined],
    ["0.5ns", "not a whole number of nanoseconds", undefined],
    ["1e9s", "too large", undefined],
    ["fast", "not a duration", undefined],
    ["", "not a duration", undefined],
  ])("%s is refused: %s, meant %s", (text, message, suggestion) => {
    const error = inputErrorOf(() => parseDuration(text));
    expect(error.message).toContain(message);
    expect(error.details.suggestion).toBe(suggestion);
  });

  test.each([
    [0, "0ns"],
    [999, "999ns"],
    [1_000, "1us"],
    [1_500_000, "1.5ms"],
    [12_000_000_000, "12s"],
    [123_456_789, "123.456789ms"],
  ])("%d ns are written %s", (ns, text) => expect(formatDuration(ns)).toBe(text));
});

describe("counts and rates", () => {
  test.each([
    ["1M", 1_000_000],
    ["10k", 10_000],
    ["1G", 1_000_000_000],
    ["1.5k", 1_500],
    ["1e6", 1_000_000],
    [1e6, 1_000_000],
    ["0", 0],
  ])("%s is %d", (text, count) => expect(parseCount(text)).toBe(count));

  test.each([
    ["1m", "1M"],
    ["1K", "1k"],
    ["1Q", undefined],
    ["1.5", undefined],
    ["-3", undefined],
    ["1e99", undefined],
    [Number.NaN, undefined],
  ])("the count %s is refused, meant %s", (text, suggestion) =>
    expect(inputErrorOf(() => parseCount(text)).details.suggestion).toBe(suggestion),
  );

  test.each([
    ["2M/s", 2_000_000],
    ["0.5/s", 0.5],
    ["100 / s", 100],
  ])("%s is %d a second", (text, perSecond) => expect(parseRate(text)).toBe(perSecond));

  test("a rate without its /s is refused and completed", () => {
    expect(inputErrorOf(() => parseRate("2M")).details.suggestion).toBe("2M/s");
    expect(inputErrorOf(() => parseRate("2M/h")).details.suggestion).toBeUndefined();
  });

  test.each([
    [1_000_000, "1M"],
    [1_500, "1.5k"],
    [1_024, "1024"],
    [0, "0"],
  ])("%d is written %s", (count, text) => expect(formatCount(count)).toBe(text));

  test("a fractional rate is written in full", () => {
    expect(formatRate(0.25)).toBe("0.25/s");
    expect(formatRate(2_000_000)).toBe("2M/s");
  });
});

describe("quantities in messages", () => {
  test.each([
    [0, "0 bytes"],
    [512, "512 bytes"],
    [1023, "1023 bytes"],
    [1024, "1.00 KiB"],
    [38_010_880, "36.3 MiB"],
    [2 ** 30 - 1, "1.00 GiB"],
    [24 * 2 ** 30, "24.0 GiB"],
    [2 ** 60, "1024 PiB"],
  ])("%d bytes are %s", (bytes, text) => expect(formatBytes(bytes)).toBe(text));

  test.each([
    [7.9, "7"],
    [99.9, "99"],
    [1299, "1.2k"],
    [489_999_999, "480M"],
  ])("%d rounded down is %s", (count, text) => expect(formatRoundedDown(count)).toBe(text));
});

describe("suggestions", () => {
  test("nothing is suggested for a word that is far from all", () => {
    expect(nearest("banana", ["churn", "close-storm"])).toBeUndefined();
    expect(nearest("x", ["y", "z"])).toBeUndefined();
  });

  test("the beginning or the end of a name stands for the name", () => {
    expect(nearest("expo", ["constant", "exponential"])).toBe("exponential");
    expect(nearest("storm", ["churn", "close-storm"])).toBe("close-storm");
  });
});
