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
  /** sigma, 0 to 1; 0 also when throughput grows faster than the number of threads, 1 also when fewer threads do more and coherency is null. */
  readonly contention: number;
  /** kappa, 0 or more; null when two numbers of threads cannot tell it from contention. */
  readonly coherency: number | null;
  /** Where throughput is largest, not rounded, and what it is there; null when more threads are never slower. */
  readonly peak: ScalingPoint | null;
  /** Share of the throughput's variance that the law explains; null when it has as many parameters as there are numbers of threads. */
  readonly rSquared: number | null;
}

/**
 * Divided by X the law is linear: N / X = a + b (N - 1) + c N (N - 1), with a = 1 / lambda, b = sigma / lambda, c = kappa / lambda. Where
 * contention is held at 1, b is a, and the first two terms are a N.
 */
const ONE = (): number => 1;
const CONTENTION = (threads: number): number => threads - 1;
const COHERENCY = (threads: number): number => threads * (threads - 1);
const ALL_CONTENTION = (threads: number): number => threads;

type Term = (threads: number) => number;

/**
 * Fits the law by least squares of relative errors, with contention from 0 to 1 and coherency at least 0.
 *
 * @param points at least one for each of the numbers of threads that are to be explained
 * @returns null when there is only one number of threads
 */
export function fitScalability(points: readonly ScalingPoint[]): ScalabilityFit | null {
  const kinds = new Set(points.map(({ threads }) => threads)).size;
  if (kinds < 2) return null;
  // What lies beyond a bound is nearest at the bound: each of them held or free.
  const forms: readonly (readonly Term[])[] = [[ONE, CONTENTION], [ONE], [ALL_CONTENTION]];
  const withCoherency = forms.map((terms) => [...terms, COHERENCY]);
  const best = (kinds === 2 ? forms : [...withCoherency, ...forms])
    .flatMap((terms) => solve(points, terms) ?? [])
    .filter(({ a, b, c }) => a > 0 && b >= 0 && b <= a && c >= 0)
    .toSorted((one, other) => errorOf(points, one) - errorOf(points, other))[0];
  if (best === undefined) return null;
  const { a, b, c } = best;
  const [single, contention, coherency] = [1 / a, b / a, c / a];
  const predicted = (threads: number): number => threads / timeOf(best, threads);
  const peakAt = Math.max(1, Math.sqrt((1 - contention) / coherency));
  return {
    single,
    contention,
    coherency: kinds === 2 ? null : coherency,
    peak: coherency > 0 ? { threads: peakAt, throughput: predicted(peakAt) } : null,
    rSquared: kinds > PARAMETERS ? rSquaredOf(points, predicted) : null,
  };
}

const PARAMETERS = 3;

interface Coefficients {
  readonly a: number;
  readonly b: number;
  readonly c: number;
}

/** N / X by the law. */
function timeOf({ a, b, c }: Coefficients, threads: number): number {
  return a + b * CONTENTION(threads) + c * COHERENCY(threads);
}

/** Weighted normal equations for some of the terms; the others are 0. Weights make errors relative. */
function solve(points: readonly ScalingPoint[], terms: readonly Term[]): Coefficients | null {
  const rows = terms.map((row) => [
    ...terms.map((column) => sumOver(points, (n, y) => (row(n) * column(n)) / (y * y))),
    sumOver(points, (n, y) => row(n) / y),
  ]);
  const solution = eliminate(rows);
  if (solution === null) return null;
  const of = (term: Term): number => solution[terms.indexOf(term)] ?? 0;
  const all = of(ALL_CONTENTION);
  return { a: of(ONE) + all, b: of(CONTENTION) + all, c: of(COHERENCY) };
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
    const relative = timeOf(coefficients, n) / y - 1;
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
