/** What `compare` says: two sides of results, pair by pair, and what comes of it. */

import { compareResults, type PairComparison } from "./compare.js";
import { pairResults } from "./pairing.js";
import type { Tool } from "./schema.js";
import type { StoredResult } from "./stored.js";

/** Where two traces part. */
export type FirstDifference =
  /** The first record that is not the same; null where that trace has ended. */
  | {
      readonly kind: "found";
      readonly equalRecords: number;
      readonly a: string | null;
      readonly b: string | null;
      readonly notes: readonly string[];
    }
  | { readonly kind: "none"; readonly equalRecords: number; readonly notes: readonly string[] }
  /** Nothing was run, or it was stopped. */
  | { readonly kind: "unknown"; readonly reason: string };

export interface ComparedPair extends PairComparison {
  /** Only when it was asked for and what came out differs. */
  readonly firstDifference?: FirstDifference;
}

/** A file or folder of the command line. */
export interface Side {
  readonly name: string;
  readonly results: readonly StoredResult[];
}

export interface Comparison {
  readonly tool: Tool;
  readonly a: Side;
  readonly b: Side;
  /** Share by which speed may differ. */
  readonly margin: number;
  readonly pairs: readonly ComparedPair[];
  /** Results without a partner. */
  readonly onlyInA: readonly StoredResult[];
  readonly onlyInB: readonly StoredResult[];
  /** Fail: something differs or is slower, whatever else could not be compared. Undecided: it could not be found out. */
  readonly outcome: "pass" | "fail" | "undecided";
}

export interface CompareOptions {
  readonly margin: number;
  /** Whether a speed that cannot be judged leaves the outcome undecided. */
  readonly needsSpeed: boolean;
  readonly tool: Tool;
}

/** Compares two sides, each with at least one result. */
export function compareSides(a: Side, b: Side, { margin, needsSpeed, tool }: CompareOptions): Comparison {
  const { pairs: groups, onlyInA, onlyInB } = pairResults(a.results, b.results);
  const pairs = groups.map((group) => compareResults(group.a, group.b, margin));
  const isWorse = ({ verdict, speed }: PairComparison): boolean => verdict === "differ" || speed.verdict === "slower";
  const isOpen = ({ verdict, speed }: PairComparison): boolean =>
    verdict === "not comparable" ||
    (needsSpeed && (speed.verdict === "cannot say" || speed.verdict === "not comparable"));
  const isIncomplete = onlyInA.length > 0 || onlyInB.length > 0 || pairs.some(isOpen);
  return {
    tool,
    a,
    b,
    margin,
    pairs,
    onlyInA: onlyInA.flat(),
    onlyInB: onlyInB.flat(),
    outcome: pairs.some(isWorse) ? "fail" : isIncomplete ? "undecided" : "pass",
  };
}
