/**
 * Which results of two folders belong together: files may have any name. Results of the same scenario, seed and overrides
 * included, are repetitions. They are paired with those of the same scenario on the other side; what is left, with the only ones
 * left of the same name and seed, so that a scenario which was changed still finds itself; then with the only ones of the same name.
 */

import type { StoredResult } from "./stored.js";

export type ResultGroup = readonly [StoredResult, ...StoredResult[]];

export interface Pairing {
  readonly pairs: readonly { readonly a: ResultGroup; readonly b: ResultGroup }[];
  readonly onlyInA: readonly ResultGroup[];
  readonly onlyInB: readonly ResultGroup[];
}

/** From the strictest to the one that asks for least. */
const KEYS: readonly ((result: StoredResult) => string)[] = [
  scenarioKey,
  ({ name, seed }) => JSON.stringify([name, seed]),
  ({ name }) => name,
];

/** Pairs the results of two sides, in the order of `a`. */
export function pairResults(a: readonly StoredResult[], b: readonly StoredResult[]): Pairing {
  let [leftA, leftB] = [groupRepetitions(a), groupRepetitions(b)];
  const partners = new Map<ResultGroup, ResultGroup>();
  // One of each needs no name to be compared.
  if (leftA.length === 1 && leftB.length === 1) partners.set(leftA[0]!, leftB[0]!);
  for (const keyOf of KEYS) {
    for (const group of leftA) {
      const hasKey = (other: ResultGroup): boolean => keyOf(other[0]) === keyOf(group[0]);
      const [partner, ...others] = leftB.filter(hasKey);
      if (partner && others.length === 0 && leftA.filter(hasKey).length === 1) partners.set(group, partner);
    }
    const paired = new Set([...partners].flat());
    leftA = leftA.filter((group) => !paired.has(group));
    leftB = leftB.filter((group) => !paired.has(group));
  }
  return {
    pairs: [...partners].map(([ofA, ofB]) => ({ a: ofA, b: ofB })),
    onlyInA: leftA,
    onlyInB: leftB,
  };
}

function groupRepetitions(results: readonly StoredResult[]): ResultGroup[] {
  const groups = new Map<string, [StoredResult, ...StoredResult[]]>();
  for (const result of results) {
    // A run that was stopped is the repetition of none.
    const key = result.partialDone === null ? scenarioKey(result) : result.file;
    const group = groups.get(key);
    if (group) group.push(result);
    else groups.set(key, [result]);
  }
  return [...groups.values()];
}

function scenarioKey({ mode, scenario, seed }: StoredResult): string {
  return JSON.stringify([mode, seed, scenario]);
}
