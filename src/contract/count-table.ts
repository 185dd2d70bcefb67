import { OUTSTANDING_MAX } from "../scenario/limits.js";
import type { CountDistribution } from "../scenario/scenario.js";
import { exactExp } from "./exact-math.js";

/**
 * Counts as tables (MODEL.md, "Samples"): 32-bit thresholds that never fall; a count is the number of them that the upper
 * half of its draw reaches. So a table without thresholds yields 0 always, and its length is the largest count.
 */
export type CountTable = readonly number[];

const WHOLE = 2 ** 32;

/** Builds the table of a distribution of counts, by IEEE-exact operations only. */
export function buildCountTable(distribution: CountDistribution): CountTable {
  if (distribution.kind === "constant") return Array.from({ length: distribution.count }, () => 0);
  const { mean } = distribution;
  const thresholds: number[] = [];
  let probability = exactExp(-mean);
  let sum = probability;
  for (let k = 0; k < OUTSTANDING_MAX; k++) {
    if (k > 0) {
      probability = (probability * mean) / k;
      sum += probability;
    }
    const threshold = Math.floor(sum * WHOLE);
    if (threshold >= WHOLE) break;
    thresholds.push(threshold);
  }
  return thresholds;
}

/** The count of a 64-bit draw. */
export function sampleCount(table: CountTable, u: bigint): number {
  const reached = Number(u >> 32n);
  return table.filter((threshold) => threshold <= reached).length;
}
