import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { foldDigest, mergeOutcomes } from "../../src/measure/merge.js";
import { checkTotals } from "../../src/measure/totals.js";
import type { Totals } from "../../src/measure/outcome.js";
import { anyGrouping, anyMachines, shardedOutcomes, wholeOutcome } from "./measure-outcomes.js";

describe("merging outcomes", () => {
  it("gives what one shard with all machines would have counted, whatever the grouping and its order", () => {
    fc.assert(
      fc.property(anyMachines, anyGrouping, fc.boolean(), (machines, grouping, reverse) => {
        const outcomes = shardedOutcomes(machines, grouping);
        if (reverse) outcomes.reverse();
        const { shard: _, kernelSeconds: __, setupSeconds: ___, ...whole } = wholeOutcome(machines);
        expect(mergeOutcomes(outcomes)).toEqual(whole);
      }),
    );
  });

  it("is associative: merged outcomes merge like those of shards", () => {
    fc.assert(
      fc.property(anyMachines, anyGrouping, fc.nat(5), (machines, grouping, cut) => {
        const outcomes = shardedOutcomes(machines, grouping);
        const merged = mergeOutcomes(outcomes);
        const left = mergeOutcomes(outcomes.slice(0, cut));
        const right = mergeOutcomes(outcomes.slice(cut));
        const parts = [right, left].filter(({ machines: { length } }) => length > 0);
        expect(mergeOutcomes(parts)).toEqual(merged);
      }),
    );
  });

  it("is incomplete when one shard is", () => {
    const machine = fc.sample(anyMachines, { numRuns: 1, seed: 1 })[0]?.[0];
    if (machine === undefined) throw new Error("no machine");
    const [first, second] = shardedOutcomes([machine, machine], [0, 1]);
    if (first === undefined || second === undefined) throw new Error("two shards expected");
    expect(mergeOutcomes([first, { ...second, complete: false }]).complete).toBe(false);
  });

  it("refuses a machine that two shards simulated", () => {
    fc.assert(
      fc.property(anyMachines, (machines) => {
        const outcome = wholeOutcome(machines);
        expect(() => mergeOutcomes([outcome, outcome])).toThrow(/machine \d+ was simulated by two shards/);
      }),
    );
  });
});

describe("the digest of a run", () => {
  it("folds the call managers' digests in (machine, adapter) order", () => {
    // Worked out by hand: (0 ^ 1) * F, rotated left by 31, for F = 0xD6E8FEB86659FD93.
    const withDigests = (...digests: bigint[]) => ({
      machine: 0,
      digests: BigUint64Array.from(digests),
      peakOpen: 0,
      peakPendedCloses: 0,
      openAtEnd: 0,
      pendedAtEnd: 0,
      endTick: 0,
    });
    expect(foldDigest([])).toBe("0000000000000000");
    expect(foldDigest([withDigests(0n)])).toBe("0000000000000000");
    expect(foldDigest([withDigests(1n)])).toBe("332cfec9eb747f5c");
    expect(foldDigest([withDigests(1n, 2n)])).toBe(foldDigest([withDigests(1n), withDigests(2n)]));
    expect(foldDigest([withDigests(1n, 2n)])).not.toBe(foldDigest([withDigests(2n, 1n)]));
  });
});

describe("totals", () => {
  it("add up for every run and every grouping of its machines", () => {
    fc.assert(
      fc.property(anyMachines, anyGrouping, (machines, grouping) => {
        expect(() => checkTotals(mergeOutcomes(shardedOutcomes(machines, grouping)))).not.toThrow();
      }),
    );
  });

  const wrong: readonly (readonly [field: keyof Totals, message: RegExp])[] = [
    ["opens", /opens = \d+, but lifecycles \+ openAtEnd \+ pendedAtEnd = \d+/],
    ["lifecycles", /opens = \d+, but lifecycles \+ openAtEnd \+ pendedAtEnd = \d+/],
    ["closes", /closes = \d+, but synchronousCloses \+ pendedCloses = \d+/],
    ["synchronousCloses", /closes = \d+, but synchronousCloses \+ pendedCloses = \d+/],
    ["completions", /pendedCloses = \d+, but completions \+ pendedAtEnd = \d+/],
  ];
  for (const [field, message] of wrong) {
    it(`that do not add up because of ${field} are an error that says which equation`, () => {
      fc.assert(
        fc.property(anyMachines, (machines) => {
          const merged = mergeOutcomes([wholeOutcome(machines)]);
          merged.totals[field] += 1;
          expect(() => checkTotals(merged)).toThrow(message);
        }),
      );
    });
  }

  it("do not add up when a latency, a part of one or a completion's order was not counted", () => {
    fc.assert(
      fc.property(anyMachines, (machines) => {
        const lostLatency = mergeOutcomes([wholeOutcome(machines)]);
        lostLatency.close.requestToCompletion.count += 1;
        expect(() => checkTotals(lostLatency)).toThrow(/close request to completion latencies/);
        const lostTime = mergeOutcomes([wholeOutcome(machines)]);
        lostTime.open.completionToClient.sumTicks += 1n;
        expect(() => checkTotals(lostTime)).toThrow(/sum of open latencies/);
        const lostOrder = mergeOutcomes([wholeOutcome(machines)]);
        lostOrder.ordering.reordered += 1;
        expect(() => checkTotals(lostOrder)).toThrow(/ordering\.reordered/);
      }),
    );
  });
});
