/**
 * The Universal Scalability Law (N. J. Gunther, Guerrilla Capacity Planning, 2007): what N threads do together,
 *
 *     X(N) = lambda N / (1 + sigma (N - 1) + kappa N (N - 1))
 *
 * lambda is what one thread does, sigma the share of it that is done one at a time (contention), kappa what a pair of threads costs to
 * keep each other up to date (coherency). With kappa above 0 more threads are slower from a peak on.
 */

/** Throughput of so many threads. */
export interface ScalingPoint {
  /** At least 1. */
  readonly threads: number;
  /** Operations a second, above 0. */
  readonly throughput: number;
}

export interface ScalabilityFit {
  /** lambda, operations a second. */
  readonly single: number;
  /** sigma, 0 or more; 0 is also the answer when throughput grows faster than the number of threads. */
  readonly contention: number;
  /** kappa, 0 or more; null when two numbers of threads cannot tell it from contention. */
  readonly coherency: number | null;
  /** Where throughput is largest, not rounded, and what it is there; null when more threads are never slower. */
  readonly peak: ScalingPoint | null;
  /** Share of the throughput's variance that the law explains; null when it has as many parameters as there are numbers of threads. */
  readonly rSquared: number | null;
}

/** Divided by X the law is linear: N / X = a + b (N - 1) + c N (N - 1), with a = 1 / lambda, b = sigma / lambda, c = kappa / lambda. */
const TERMS: readonly ((threads: number) => number)[] = [() => 1, (n) => n - 1, (n) => n * (n - 1)];

/**
 * Fits the law by least squares of relative errors, with contention and coherency at least 0.
 *
 * @param points at least one for each of the numbers of threads that are to be explained
 * @returns null when there is only one number of threads
 */
export function fitScalability(points: readonly ScalingPoint[]): ScalabilityFit | null {
  const kinds = new Set(points.map(({ threads }) => threads)).size;
  if (kinds < 2) return null;
  const candidates = kinds === 2 ? [[0, 1], [0]] : [[0, 1, 2], [0, 1], [0, 2], [0]];
  const best = candidates
    .map((terms) => solve(points, terms))
    .filter((fit): fit is Coefficients => fit !== null && fit[0] > 0 && fit[1] >= 0 && fit[2] >= 0)
    .toSorted((one, other) => errorOf(points, one) - errorOf(points, other))[0];
  if (best === undefined) return null;
  const [a, b, c] = best;
  const [single, contention, coherency] = [1 / a, b / a, c / a];
  const predicted = (threads: number): number =>
    (single * threads) / (1 + contention * (threads - 1) + coherency * threads * (threads - 1));
  const peakAt = Math.max(1, Math.sqrt(Math.max(0, 1 - contention) / coherency));
  return {
    single,
    contention,
    coherency: kinds === 2 ? null : coherency,
    peak: coherency > 0 ? { threads: peakAt, throughput: predicted(peakAt) } : null,
    rSquared: kinds > TERMS.length ? rSquaredOf(points, predicted) : null,
  };
}

type Coefficients = readonly [a: number, b: number, c: number];

/** Weighted normal equations for some of the terms; the others are 0. Weights make errors relative. */
function solve(points: readonly ScalingPoint[], terms: readonly number[]): Coefficients | null {
  const rows = terms.map((row) => [
    ...terms.map((column) => sumOver(points, (n, y) => (TERMS[row]!(n) * TERMS[column]!(n)) / (y * y))),
    sumOver(points, (n, y) => TERMS[row]!(n) / y),
  ]);
  const solution = eliminate(rows);
  if (solution === null) return null;
  const of = (term: number): number => solution[terms.indexOf(term)] ?? 0;
  return [of(0), of(1), of(2)];
}

function sumOver(points: readonly ScalingPoint[], term: (n: number, y: number) => number): number {
  return points.reduce((sum, { threads, throughput }) => sum + term(threads, threads / throughput), 0);
}

/** Gauss's elimination with pivots, of rows that end with their right side; null where there is no one solution. */
function eliminate(rows: readonly (readonly number[])[]): number[] | null {
  const left = rows.map((row) => [...row]);
  const size = left.length;
  for (let column = 0; column < size; column++) {
    const rest = left.slice(column).toSorted((one, other) => Math.abs(other[column]!) - Math.abs(one[column]!));
    left.splice(column, rest.length, ...rest);
    const pivot = left[column]!;
    if (Math.abs(pivot[column]!) < Number.MIN_VALUE) return null;
    for (const [index, row] of left.entries()) {
      if (index === column) continue;
      const factor = row[column]! / pivot[column]!;
      for (let i = column; i <= size; i++) row[i]! -= factor * pivot[i]!;
    }
  }
  return left.map((row, index) => row[size]! / row[index]!);
}

function errorOf(points: readonly ScalingPoint[], coefficients: Coefficients): number {
  return sumOver(points, (n, y) => {
    const relative = coefficients.reduce((sum, value, term) => sum + value * TERMS[term]!(n), 0) / y - 1;
    return relative * relative;
  });
}

function rSquaredOf(points: readonly ScalingPoint[], predicted: (threads: number) => number): number {
  const mean = points.reduce((sum, { throughput }) => sum + throughput, 0) / points.length;
  const squares = (of: (point: ScalingPoint) => number): number =>
    points.reduce((sum, point) => sum + of(point) * of(point), 0);
  const all = squares(({ throughput }) => throughput - mean);
  return all === 0 ? 1 : 1 - squares(({ threads, throughput }) => throughput - predicted(threads)) / all;
}
