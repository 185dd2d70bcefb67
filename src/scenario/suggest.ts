/** Optimal string alignment distance: insertions, deletions, substitutions and swaps of neighbours, each counting 1. */
export function editDistance(a: string, b: string): number {
  const width = b.length + 1;
  let beforeLast: number[] = [];
  let last = Array.from({ length: width }, (_, column) => column);
  for (let row = 1; row <= a.length; row++) {
    const current = [row];
    for (let column = 1; column < width; column++) {
      const same = a[row - 1] === b[column - 1];
      let best = Math.min(
        (last[column] ?? 0) + 1,
        (current[column - 1] ?? 0) + 1,
        (last[column - 1] ?? 0) + (same ? 0 : 1),
      );
      const swapped = row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1];
      if (swapped) best = Math.min(best, (beforeLast[column - 2] ?? 0) + 1);
      current.push(best);
    }
    beforeLast = last;
    last = current;
  }
  return last[b.length] ?? 0;
}

/** Words longer than this are not compared: nobody mistypes a name of this length, and the comparison is quadratic. */
const COMPARED_LENGTH = 100;

/**
 * The candidate that was probably meant by a word, or undefined when none is near: at most one edit for every three
 * letters (one for shorter words), or the word begins or ends a candidate. Case does not count; the first of equals wins.
 */
export function nearest(word: string, candidates: Iterable<string>): string | undefined {
  if (word.length === 0 || word.length > COMPARED_LENGTH) return undefined;
  const wanted = word.toLowerCase();
  const limit = Math.max(1, Math.floor(wanted.length / 3));
  let best: string | undefined;
  let bestDistance = Number.POSITIVE_INFINITY;
  for (const candidate of candidates) {
    const name = candidate.toLowerCase();
    const partOfName = wanted.length >= 3 && (name.startsWith(wanted) || name.endsWith(wanted));
    const distance = editDistance(wanted, name);
    // A part of a name is as good as a word at the limit: a near miss of the whole name beats it.
    // Something of either word must be left: "h" is no near miss of "s".
    const near = distance <= limit && distance < Math.min(wanted.length, name.length);
    const rank = near || distance === 0 ? distance : partOfName ? limit + 0.5 : Number.POSITIVE_INFINITY;
    if (rank < bestDistance) {
      best = candidate;
      bestDistance = rank;
    }
  }
  return best;
}
