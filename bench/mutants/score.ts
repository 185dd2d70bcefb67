import { createChecker } from "../../src/contract/checker/checker.js";
import type { Finding } from "../../src/contract/checker/verdict.js";
import { type RuleId, RULES } from "../../src/contract/rules.js";
import { CLOSE_KINDS } from "./close-kinds.js";
import { writeLives } from "./lives.js";
import type { Mutant, MutantKind } from "./mutate.js";
import { OBJECT_KINDS } from "./object-kinds.js";
import { OPEN_KINDS } from "./open-kinds.js";
import type { TraceLine } from "./trace-writer.js";

export const MUTANT_KINDS: readonly MutantKind[] = [...OPEN_KINDS, ...CLOSE_KINDS, ...OBJECT_KINDS];

/** How the mutants of one rule fared; of those that the contract calls legal with rule null. */
export interface Score {
  readonly rule: RuleId | null;
  /** What was changed in how many ways. */
  kinds: number;
  mutants: number;
  /** Mutants that were flagged with the rule at the line; of legal ones those that were not flagged at all. */
  right: number;
  /** The first that was not, to look into. */
  firstWrong: WrongMutant | null;
}

export interface WrongMutant {
  readonly kind: MutantKind;
  readonly mutant: Mutant;
  readonly findings: readonly Finding[];
  readonly seed: number;
}

/** A generator of numbers from a seed: mulberry32, so that a mutant can be made again. */
export function chooser(seed: number): (n: number) => number {
  let state = seed;
  return (n) => {
    state = (state + 0x6d2b_79f5) | 0;
    let x = Math.imul(state ^ (state >>> 15), state | 1);
    x ^= x + Math.imul(x ^ (x >>> 7), x | 61);
    return ((x ^ (x >>> 14)) >>> 0) % n;
  };
}

/** What the checker says of a trace that is over, with nothing left to happen. */
export function judge(lines: readonly TraceLine[]): readonly Finding[] {
  const checker = createChecker({ end: () => ({ timeNs: lines.at(-1)?.timeNs ?? 0, isDrained: true }) });
  for (const [i, line] of lines.entries()) checker.take({ ...line, line: i + 1 } as Parameters<typeof checker.take>[0]);
  return checker.end().findings;
}

/** Whether the checker says of a mutant what the contract does. */
export function isRight({ rule }: MutantKind, { lines, broken }: Mutant, findings: readonly Finding[]): boolean {
  if (rule === null) return findings.length === 0;
  const line = lines.indexOf(broken!) + 1;
  return findings.some((finding) => finding.rule === rule && finding.line === line);
}

/** Makes mutants of every kind from traces of as many seeds, and counts which are judged rightly. */
export function scoreMutants(seeds: number, kinds: readonly MutantKind[] = MUTANT_KINDS): Score[] {
  const scores = new Map<RuleId | null, Score>();
  for (const { rule } of kinds) {
    const score = scores.get(rule) ?? { rule, kinds: 0, mutants: 0, right: 0, firstWrong: null };
    score.kinds++;
    scores.set(rule, score);
  }
  for (let seed = 0; seed < seeds; seed++) {
    const choose = chooser(seed);
    const { lines } = writeLives(choose, 1 + choose(3), choose(2) === 0);
    for (const kind of kinds) {
      const mutant = kind.apply(lines, choose);
      if (mutant === null) continue;
      const findings = judge(mutant.lines);
      const score = scores.get(kind.rule)!;
      score.mutants++;
      if (isRight(kind, mutant, findings)) score.right++;
      else score.firstWrong ??= { kind, mutant, findings, seed };
    }
  }
  const order = new Map<RuleId | null, number>(RULES.map(({ id, number }) => [id, number]));
  return [...scores.values()].sort((a, b) => (order.get(a.rule) ?? Infinity) - (order.get(b.rule) ?? Infinity));
}
