import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { writeLives } from "../../bench/mutants/lives.js";
import { MUTANT_KINDS, scoreMutants } from "../../bench/mutants/score.js";
import { RULES } from "../../src/contract/rules.js";
import { checkRecords } from "../support/check-trace.js";

const drained = (timeNs: number) => ({ end: () => ({ timeNs, isDrained: true }) });

describe("the checker, on correct traces of SAPs, VCs, calls and parties", () => {
  it("finds nothing, owes nothing and doubts nothing", () => {
    fc.assert(
      fc.property(
        fc.infiniteStream(fc.nat(2 ** 20)),
        fc.integer({ min: 1, max: 4 }),
        fc.boolean(),
        (numbers, afs, isMcm) => {
          const { lines, timeNs } = writeLives((n) => numbers.next().value % n, afs, isMcm);
          const { findings, undecided, cannotSay } = checkRecords(lines, drained(timeNs));
          expect({ findings, undecided, cannotSay }).toEqual({ findings: [], undecided: 0, cannotSay: [] });
        },
      ),
      { numRuns: 200 },
    );
  });

  it("finds nothing when handles are pointers that are used again", () => {
    fc.assert(
      fc.property(fc.infiniteStream(fc.nat(2 ** 20)), fc.boolean(), (numbers, isMcm) => {
        const { lines, timeNs } = writeLives((n) => numbers.next().value % n, 4, isMcm);
        // Opened one after the other, two AFs may have the same address.
        const ended = new Set<string>();
        const pointers = new Map<string, string>();
        const reused = lines.map((line) => {
          if (line.af === undefined) return line;
          if (!pointers.has(line.af)) pointers.set(line.af, [...ended][0] ?? `0xffff${pointers.size}`);
          const pointer = pointers.get(line.af)!;
          ended.delete(pointer);
          return { ...line, af: pointer };
        });
        expect(checkRecords(reused, drained(timeNs)).findings).toEqual([]);
      }),
      { numRuns: 50 },
    );
  });
});

describe("the checker, on correct traces that were changed", () => {
  const scores = scoreMutants(60);

  it("is tried with every rule", () => {
    expect(
      RULES.map(({ id }) => id).filter((id) => !scores.some(({ rule, mutants }) => rule === id && mutants > 0)),
    ).toEqual([]);
  });

  it("is tried with every kind of change", () => {
    expect(new Set(MUTANT_KINDS.map(({ operator }) => operator))).toEqual(
      new Set(["drop", "duplicate", "delay", "swap", "retarget", "change"]),
    );
  });

  it.each(scores)("says of each what is wrong and where: $rule", ({ mutants, right, firstWrong }) => {
    const told = firstWrong && { text: firstWrong.kind.text, seed: firstWrong.seed, findings: firstWrong.findings };
    expect(told).toBeNull();
    expect(right).toBe(mutants);
  });
});
