/**
 * Groups of integers for reports: from -32 to 32 each number is a group of its own, beyond that each doubling is one:
 * 33 … 64, 65 … 128 and so on, and the same below zero. So a window of 4096 completions has at most 79 groups of displacements.
 */

import type { CountGroup } from "./schema.js";

/** Largest distance from zero that is a group of its own; a power of two. */
const EXACT_UP_TO = 32;

/** The bounds of the group of a number of at least 0. */
function boundsOf(number: number): { from: number; to: number } {
  if (number <= EXACT_UP_TO) return { from: number, to: number };
  let to = 2 * EXACT_UP_TO;
  while (to < number) to *= 2;
  return { from: to / 2 + 1, to };
}

/**
 * Counts by number, as groups in rising order; groups without a count are left out.
 * @param counts `counts[i]` belongs to the number `i - zeroIndex`
 */
export function groupCounts(counts: ArrayLike<number>, zeroIndex: number): CountGroup[] {
  const groups: { from: number; to: number; count: number }[] = [];
  for (let index = 0; index < counts.length; index++) {
    const count = counts[index] ?? 0;
    if (count === 0) continue;
    const number = index - zeroIndex;
    const { from, to } = boundsOf(Math.abs(number));
    const group = number < 0 ? { from: -to, to: -from } : { from, to };
    const last = groups.at(-1);
    if (last?.from === group.from) last.count += count;
    else groups.push({ ...group, count });
  }
  return groups;
}
