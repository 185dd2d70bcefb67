import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ORDER_WINDOW, type OrderingCounts } from "../../src/measure/counts.js";
import { OrderingStream, clearOrdering, emptyOrdering } from "../support/ordering.js";

/** Measures one stream of one client. */
function measure(sequences: readonly number[], window = ORDER_WINDOW): OrderingCounts {
  const counts = emptyOrdering(1, window);
  const stream = new OrderingStream(counts);
  for (const sequence of sequences) stream.complete(sequence, 0);
  stream.flush();
  return counts;
}

/** `[index, count]` of what was counted. */
function nonZero(counts: Float64Array, zeroIndex = 0): [number, number][] {
  return [...counts.entries()].filter(([, count]) => count > 0).map(([index, count]) => [index - zeroIndex, count]);
}

/** Displacements as RFC 5236 lists them: `[D, FD[D]]`. */
function displacements(sequences: readonly number[]): [number, number][] {
  return nonZero(measure(sequences).density, ORDER_WINDOW - 1);
}

describe("the worked examples of RFC 4737", () => {
  it("7.1: packet 4 is reordered with extent 4 and is 4-reordered", () => {
    const counts = measure([1, 2, 3, 5, 6, 7, 8, 4, 9, 10]);
    expect(counts.reordered).toBe(1);
    expect(nonZero(counts.extents)).toEqual([[4, 1]]);
    expect(nonZero(counts.nReordering)).toEqual([[4, 1]]);
  });

  it("7.2: packets 5 and 6 have extents 1 and 2, and only packet 5 is n-reordered, with n = 1", () => {
    const counts = measure([1, 2, 3, 4, 7, 5, 6, 8, 9, 10]);
    expect(counts.reordered).toBe(2);
    expect(nonZero(counts.extents)).toEqual([
      [1, 1],
      [2, 1],
    ]);
    expect(nonZero(counts.nReordering)).toEqual([
      [0, 1],
      [1, 1],
    ]);
  });

  it("7.3: packets 4, 5 and 6 have extents 4, 5 and 6, and only packet 4 is n-reordered, with n = 4", () => {
    const counts = measure([1, 2, 3, 7, 8, 9, 10, 4, 5, 6, 11]);
    expect(counts.reordered).toBe(3);
    expect(counts.maxExtent).toBe(6);
    expect(nonZero(counts.extents)).toEqual([
      [4, 1],
      [5, 1],
      [6, 1],
    ]);
    expect(nonZero(counts.nReordering)).toEqual([
      [0, 2],
      [4, 1],
    ]);
  });

  it("5.3: in 1 2 3 7 8 9 4 5 6 three packets are reordered, only packet 4 is n-reordered, with n = 3", () => {
    const counts = measure([1, 2, 3, 7, 8, 9, 4, 5, 6]);
    expect(counts.reordered).toBe(3);
    expect(nonZero(counts.nReordering)).toEqual([
      [0, 2],
      [3, 1],
    ]);
  });
});

describe("the worked examples of RFC 5236", () => {
  it("8.a: 1 4 2 5 3 6 7 8 has the displacements of table 2", () => {
    expect(displacements([1, 4, 2, 5, 3, 6, 7, 8])).toEqual([
      [-2, 1],
      [-1, 1],
      [0, 4],
      [1, 1],
      [2, 1],
    ]);
  });

  it("1: in 1 3 4 2 5 packets 3 and 4 are early by 1 and packet 2 is late by 2", () => {
    expect(displacements([1, 3, 4, 2, 5])).toEqual([
      [-1, 2],
      [0, 2],
      [2, 1],
    ]);
  });

  it("8.b: a sequence number that never comes displaces nothing", () => {
    expect(displacements([1, 2, 4, 5, 6, 7])).toEqual([[0, 6]]);
  });

  it("8.c: 1 3 2 (3) 4 5, its duplicate left out, has the displacements of table 7", () => {
    expect(displacements([1, 3, 2, 4, 5])).toEqual([
      [-1, 1],
      [0, 3],
      [1, 1],
    ]);
  });

  it("3.3: 1 4 3 5 (3) 8 7 6, its duplicate left out, has the displacements of example 3", () => {
    expect(displacements([1, 4, 3, 5, 8, 7, 6])).toEqual([
      [-2, 1],
      [-1, 1],
      [0, 3],
      [1, 1],
      [2, 1],
    ]);
  });
});

/** Close sequences 0 … n - 1 in any order of completion, and a window much smaller than the stream. */
const anyStream = fc.integer({ min: 1, max: 60 }).chain((length) =>
  fc.record({
    sequences: fc.shuffledSubarray([...Array(length).keys()], { minLength: 1 }),
    window: fc.integer({ min: 1, max: 70 }),
  }),
);

describe("a stream of completions", () => {
  it("counts a completion as reordered exactly when a larger sequence came before it, across windows", () => {
    fc.assert(
      fc.property(anyStream, ({ sequences, window }) => {
        const reordered = sequences.filter((sequence, i) =>
          sequences.slice(0, i).some((earlier) => earlier > sequence),
        );
        expect(measure(sequences, window).reordered).toBe(reordered.length);
      }),
    );
  });

  it("gives a reordered completion the RFC's extent and n, or counts it as beyond the window", () => {
    fc.assert(
      fc.property(anyStream, ({ sequences, window }) => {
        const counts = measure(sequences, window);
        const expected = emptyOrdering(1, window);
        sequences.forEach((sequence, i) => {
          const windowStart = i - (i % window);
          const earlier = sequences.slice(0, i).map((one) => one > sequence);
          const extent = i - earlier.indexOf(true);
          if (!earlier.includes(true)) return;
          if (extent > i - windowStart) expected.beyondWindow += 1;
          else expected.extents[extent] = (expected.extents[extent] ?? 0) + 1;
          // RFC 4737 definition 1 over the whole stream; cut at the window's start when something before it is larger.
          const run = i - 1 - earlier.lastIndexOf(false);
          if (run >= i - windowStart && extent > i - windowStart) expected.nBeyondWindow += 1;
          else expected.nReordering[run] = (expected.nReordering[run] ?? 0) + 1;
        });
        expect(counts.extents).toEqual(expected.extents);
        expect(counts.nReordering).toEqual(expected.nReordering);
        expect([counts.beyondWindow, counts.nBeyondWindow]).toEqual([expected.beyondWindow, expected.nBeyondWindow]);
        expect(counts.maxExtent).toBe(
          Math.max(
            0,
            expected.extents.findLastIndex((count) => count > 0),
          ),
        );
      }),
    );
  });

  it("has, window by window, displacements that cancel out and at least half of which the inversions need", () => {
    fc.assert(
      fc.property(anyStream, ({ sequences, window }) => {
        const counts = measure(sequences, window);
        const entries = nonZero(counts.density, window - 1);
        const sum = (weight: (displacement: number) => number): number =>
          entries.reduce((total, [displacement, count]) => total + weight(displacement) * count, 0);
        expect(sum(() => 1)).toBe(sequences.length);
        expect(sum((displacement) => displacement)).toBe(0);
        // Diaconis and Graham 1977: inversions <= footrule <= 2 * inversions.
        const footrule = sum(Math.abs);
        expect(footrule).toBeGreaterThanOrEqual(Number(counts.inversions));
        expect(footrule).toBeLessThanOrEqual(2 * Number(counts.inversions));
      }),
    );
  });

  it("has as many inversions as neighbour swaps sort its windows", () => {
    fc.assert(
      fc.property(anyStream, ({ sequences, window }) => {
        let swaps = 0n;
        for (let start = 0; start < sequences.length; start += window) {
          const part = sequences.slice(start, start + window);
          for (let i = 0; i + 1 < part.length;) {
            const [left = 0, right = 0] = part.slice(i, i + 2);
            if (left < right) {
              i += 1;
            } else {
              part.splice(i, 2, right, left);
              swaps += 1n;
              i = Math.max(0, i - 1);
            }
          }
        }
        expect(measure(sequences, window).inversions).toBe(swaps);
      }),
    );
  });

  it("has every pair inverted when its completions come last first", () => {
    const counts = measure([...Array(100).keys()].reverse(), 40);
    expect(counts.inversions).toBe(counts.pairs);
    expect(counts.pairs).toBe(780n + 780n + 190n);
    expect(counts.windows).toBe(3);
  });

  it("goes on with its largest sequence, but not with its window, after a warm-up", () => {
    const counts = emptyOrdering(2, 4);
    const stream = new OrderingStream(counts);
    for (const sequence of [0, 9]) stream.complete(sequence, 0);
    clearOrdering(counts);
    stream.restart();
    for (const sequence of [5, 10, 7]) stream.complete(sequence, 1);
    stream.flush();
    expect(counts).toMatchObject({
      completions: 3,
      reordered: 2,
      beyondWindow: 2,
      nBeyondWindow: 1,
      windows: 1,
      pairs: 3n,
    });
    expect([...counts.clientCompletions]).toEqual([0, 3]);
    expect([...counts.clientReordered]).toEqual([0, 1]);
    expect(nonZero(counts.nReordering)).toEqual([[1, 1]]);
  });
});
