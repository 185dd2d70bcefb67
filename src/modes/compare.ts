import { compareSides, type CompareOptions, type Comparison, type Side } from "../result/comparison.js";
import type { DifferenceOptions } from "./first-difference.js";

export interface CompareRequest extends CompareOptions, DifferenceOptions {
  readonly a: Side;
  readonly b: Side;
  /** Runs the scenarios of pairs that differ again, for the first trace record in which they do. */
  readonly firstDifference: boolean;
}

/**
 * Compares two sides of results.
 *
 * @throws InputError when the first difference is wanted and a scenario cannot be run
 */
export async function compare(request: CompareRequest): Promise<Comparison> {
  const comparison = compareSides(request.a, request.b, request);
  if (!request.firstDifference) return comparison;
  const { findFirstDifference } = await import("./first-difference.js");
  const pairs = [];
  for (const pair of comparison.pairs) {
    const [a, b] = [pair.a[0], pair.b[0]];
    const isDifferent = pair.verdict === "differ" && a !== undefined && b !== undefined;
    pairs.push(isDifferent ? { ...pair, firstDifference: await findFirstDifference(a, b, request) } : pair);
  }
  return { ...comparison, pairs };
}
