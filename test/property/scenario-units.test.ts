import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { InputError } from "../../src/scenario/input-error.js";
import { editDistance, nearest } from "../../src/scenario/suggest.js";
import {
  formatCount,
  formatDuration,
  formatRate,
  parseCount,
  parseDuration,
  parseRate,
} from "../../src/scenario/units.js";

/** The plain recursive definition of the optimal string alignment distance. */
function plainDistance(a: string, b: string): number {
  if (a === "" || b === "") return a.length + b.length;
  const cost = a.at(-1) === b.at(-1) ? 0 : 1;
  const distances = [
    plainDistance(a.slice(0, -1), b) + 1,
    plainDistance(a, b.slice(0, -1)) + 1,
    plainDistance(a.slice(0, -1), b.slice(0, -1)) + cost,
  ];
  if (a.length > 1 && b.length > 1 && a.at(-1) === b.at(-2) && a.at(-2) === b.at(-1)) {
    distances.push(plainDistance(a.slice(0, -2), b.slice(0, -2)) + 1);
  }
  return Math.min(...distances);
}

const UNIT_NS = { ns: 1n, us: 1_000n, µs: 1_000n, ms: 1_000_000n, s: 1_000_000_000n };
const shortWord = fc.string({ unit: fc.constantFrom("a", "b", "c"), maxLength: 5 });

describe("quantities", () => {
  test("a duration is read back from what it is written as", () => {
    fc.assert(
      fc.property(fc.maxSafeNat(), (ns) => {
        expect(parseDuration(formatDuration(ns))).toBe(ns);
      }),
    );
  });

  test("a count is read back from what it is written as, also when it is round", () => {
    const count = fc.oneof(
      fc.maxSafeNat(),
      fc.tuple(fc.nat(9999), fc.constantFrom(1, 100, 1e3, 1e5, 1e6, 1e9)).map(([n, unit]) => n * unit),
    );
    fc.assert(
      fc.property(count, (n) => {
        expect(parseCount(formatCount(n))).toBe(n);
      }),
    );
  });

  test("a rate is read back from what it is written as, to the last bit", () => {
    const rate = fc.oneof(fc.maxSafeNat(), fc.double({ min: 1e-9, max: 1e15, noNaN: true }));
    fc.assert(
      fc.property(rate, (perSecond) => {
        expect(parseRate(formatRate(perSecond))).toBe(perSecond);
      }),
    );
  });

  test("a decimal duration is the exact product, or refused when that is no whole nanosecond", () => {
    const decimals = fc.record({
      whole: fc.nat(999_999),
      fraction: fc.string({ unit: fc.constantFrom(..."0123456789"), maxLength: 11 }),
      unit: fc.constantFrom("ns" as const, "us" as const, "µs" as const, "ms" as const, "s" as const),
    });
    fc.assert(
      fc.property(decimals, ({ whole, fraction, unit }) => {
        const text = fraction === "" ? `${whole}${unit}` : `${whole}.${fraction}${unit}`;
        const scaled = BigInt(`${whole}${fraction}`) * UNIT_NS[unit];
        const divisor = 10n ** BigInt(fraction.length);
        if (scaled % divisor === 0n) expect(parseDuration(text)).toBe(Number(scaled / divisor));
        else expect(() => parseDuration(text)).toThrow(InputError);
      }),
    );
  });

  test("any text is a quantity or an InputError", () => {
    const text = fc.oneof(fc.string(), fc.stringMatching(/^[-+.\deE]{0,6} ?[a-zA-Zµ/]{0,3}$/));
    fc.assert(
      fc.property(text, fc.constantFrom(parseDuration, parseCount, parseRate), (value, parse) => {
        try {
          expect(parse(value)).toBeGreaterThanOrEqual(0);
        } catch (error) {
          expect(error).toBeInstanceOf(InputError);
        }
      }),
    );
  });
});

describe("suggestions", () => {
  test("the edit distance is that of the plain recursive definition", () => {
    fc.assert(
      fc.property(shortWord, shortWord, (a, b) => {
        expect(editDistance(a, b)).toBe(plainDistance(a, b));
      }),
    );
  });

  test("a word with one letter dropped or two neighbours swapped is recognised", () => {
    const names = ["callManager", "processors", "deadlines", "thresholds", "topology"];
    fc.assert(
      fc.property(fc.constantFrom(...names), fc.nat(6), fc.boolean(), (name, index, drop) => {
        const [a = "", b = ""] = name.slice(index, index + 2);
        const mistyped = name.slice(0, index) + (drop ? b : b + a) + name.slice(index + 2);
        expect(nearest(mistyped, names)).toBe(name);
      }),
    );
  });

  test("a suggestion is one of the candidates, and an exact match suggests itself", () => {
    fc.assert(
      fc.property(fc.string(), fc.array(fc.string({ minLength: 1, maxLength: 20 })), (word, candidates) => {
        expect([...candidates, undefined]).toContain(nearest(word, candidates));
        for (const candidate of candidates)
          expect(nearest(candidate, candidates)?.toLowerCase()).toBe(candidate.toLowerCase());
      }),
    );
  });
});
