import type { Distribution } from "../scenario/scenario.js";
import { exactExp, exactLn, normalUpperQuantile } from "./exact-math.js";

/**
 * Distributions as tables (MODEL.md, "Samples"). Between two knots of the survival probability S a value falls in a
 * straight line. Knots lie at 64 equal steps in every octave [2^-(e+1), 2^-e) of S, so that the resolution follows the
 * tail: S falls to 2^-40, beyond which nothing is told apart.
 *
 *     S     2^-40 ....... 2^-39 ...  ... 1/4 ............... 1/2 ............... 1
 *     e       39 cells 0..63     38        1  cells 0..63       0  cells 0..63
 *     value largest <------------------------------------------------------- smallest
 */
export interface SamplerTable {
  readonly octaves: number;
  readonly cells: number;
  /** Value at the low-S end of the cell, in ticks with 16 binary places. Index: octave * cells + cell. */
  readonly base: BigUint64Array;
  /** How far the value falls towards the high-S end of the cell. */
  readonly drop: BigUint64Array;
  /** Mean of the values that the table yields, in ticks. */
  readonly meanTicks: number;
  /** The value when it is always the same whole number of ticks. */
  readonly constantTicks: number | null;
}

export const SAMPLER_OCTAVES = 40;
export const SAMPLER_CELLS = 64;
/** Ticks carry 16 binary places. */
const ONE_TICK = 2 ** 16;
/** Virtual time ends at 2^32 - 1 ticks, so nothing longer needs to be told apart. */
const VALUE_MAX = (2 ** 32 - 1) * ONE_TICK;

/** A distribution as what the table is made from, in nanoseconds. */
interface Shape {
  /** The value that is exceeded with probability `survival`, 0 < survival <= 1. */
  readonly quantileNs: (survival: number) => number;
  /** Infinity when the distribution has no mean. */
  readonly meanNs: number;
}

type Shapes = { readonly [K in Distribution["kind"]]: (d: Extract<Distribution, { kind: K }>) => Shape };

const SHAPES: Shapes = {
  constant: ({ ns }) => ({ quantileNs: () => ns, meanNs: ns }),
  uniform: ({ fromNs, toNs }) => ({
    quantileNs: (survival) => toNs - (toNs - fromNs) * survival,
    meanNs: (fromNs + toNs) / 2,
  }),
  exponential: ({ meanNs }) => ({ quantileNs: (survival) => -meanNs * exactLn(survival), meanNs }),
  lognormal: ({ meanNs, sigma }) => ({
    quantileNs: (survival) => {
      if (sigma === 0) return meanNs;
      if (survival === 1) return 0;
      return meanNs * exactExp(sigma * normalUpperQuantile(survival) - (sigma * sigma) / 2);
    },
    meanNs,
  }),
  pareto: ({ minNs, alpha }) => ({
    quantileNs: (survival) => minNs * exactExp(-exactLn(survival) / alpha),
    meanNs: alpha > 1 ? (alpha * minNs) / (alpha - 1) : Infinity,
  }),
  empirical: ({ points }) => ({
    quantileNs: (survival) => empiricalQuantileNs(points, 1 - survival),
    meanNs: points.reduce((sum, point, i) => {
      const before = points[i - 1] ?? point;
      return sum + ((point.p - before.p) * (point.ns + before.ns)) / 2;
    }, 0),
  }),
};

type EmpiricalPoints = Extract<Distribution, { kind: "empirical" }>["points"];

function empiricalQuantileNs(points: EmpiricalPoints, p: number): number {
  const after = points.find((point) => point.p >= p) ?? points[points.length - 1]!;
  const before = points[points.indexOf(after) - 1] ?? after;
  if (after.p <= before.p) return after.ns;
  return before.ns + ((after.ns - before.ns) * (p - before.p)) / (after.p - before.p);
}

function shapeOf<K extends Distribution["kind"]>(distribution: Extract<Distribution, { kind: K }>): Shape {
  const make = SHAPES[distribution.kind] as (d: Extract<Distribution, { kind: K }>) => Shape;
  return make(distribution);
}

/** The survival probabilities at the low-S ends of all cells. Index: octave * cells + cell. */
function knotSurvivals(): Float64Array {
  const survivals = new Float64Array(SAMPLER_OCTAVES * SAMPLER_CELLS);
  for (let octave = 0, low = 0.5; octave < SAMPLER_OCTAVES; octave++, low *= 0.5) {
    for (let cell = 0; cell < SAMPLER_CELLS; cell++) {
      survivals[octave * SAMPLER_CELLS + cell] = low * (1 + cell / SAMPLER_CELLS);
    }
  }
  return survivals;
}

function clampedValue(ticks: number): number {
  return Math.min(Math.floor(ticks * ONE_TICK + 0.5), VALUE_MAX);
}

/** Sum of floor(step * i / ONE_TICK) for i = 0 .. ONE_TICK - 1. */
function sumOfFloors(step: number): number {
  // The largest power of two that divides both is the lowest bit.
  const rest = step % ONE_TICK;
  const common = rest === 0 ? ONE_TICK : rest & -rest;
  return ((step - 1) * (ONE_TICK - 1) + common - 1) / 2;
}

/** Values of a table as numbers, which have room for all of them: 48 bits. */
interface Cells {
  readonly base: Float64Array;
  readonly drop: Float64Array;
}

/**
 * @param knots values at the low-S ends of all cells, in ticks
 * @param smallest value at the high-S end of the first octave
 */
function fillCells(knots: Float64Array, smallest: number, scale: number): Cells {
  const base = new Float64Array(knots.length);
  const drop = new Float64Array(knots.length);
  for (let octave = 0; octave < SAMPLER_OCTAVES; octave++) {
    const first = octave * SAMPLER_CELLS;
    // An octave ends where the next larger one begins.
    let high = clampedValue((octave === 0 ? smallest : knots[first - SAMPLER_CELLS]!) * scale);
    for (let index = first + SAMPLER_CELLS - 1; index >= first; index--) {
      // Rounding may break the order of equal quantiles by one unit in the last place.
      const low = Math.max(high, clampedValue(knots[index]! * scale));
      base[index] = low;
      drop[index] = low - high;
      high = low;
    }
  }
  return { base, drop };
}

function toBigInts(values: Float64Array): BigUint64Array {
  const integers = new BigUint64Array(values.length);
  for (let i = 0; i < values.length; i++) integers[i] = BigInt(values[i]!);
  return integers;
}

/** Mean over all draws, in ticks, the rounding of each drop included. */
function meanTicksOf({ base, drop }: Cells): number {
  let mean = 0;
  let probability = 0.5 / SAMPLER_CELLS;
  for (let octave = 0; octave < SAMPLER_OCTAVES; octave++) {
    let sum = 0;
    for (let cell = 0; cell < SAMPLER_CELLS; cell++) {
      const index = octave * SAMPLER_CELLS + cell;
      sum += base[index]! - sumOfFloors(drop[index]!) / ONE_TICK;
    }
    mean += sum * probability;
    // The last octave stands for all that is smaller, which weighs as much as itself.
    probability = octave === SAMPLER_OCTAVES - 2 ? probability : probability * 0.5;
  }
  return mean / ONE_TICK;
}

/** Tables that were built last: a run asks for the same ones shard by shard and machine by machine, and each takes milliseconds. */
const built = new Map<string, SamplerTable>();
const BUILT_MAX = 64;

/** The table of a distribution, which nobody may write to. See `buildSampler`. */
export function samplerOf(distribution: Distribution, tickNs: number): SamplerTable {
  const key = JSON.stringify([distribution, tickNs]);
  const known = built.get(key);
  if (known !== undefined) return known;
  const table = buildSampler(distribution, tickNs);
  const [oldest] = built.keys();
  if (oldest !== undefined && built.size === BUILT_MAX) built.delete(oldest);
  built.set(key, table);
  return table;
}

/**
 * Builds the table of a distribution. Values are clamped to 2^32 - 1 ticks. Where the mean is finite and nothing had to
 * be clamped, the table is scaled so that its own mean is the distribution's.
 * @param tickNs the tick, in nanoseconds
 */
export function buildSampler(distribution: Distribution, tickNs: number): SamplerTable {
  const shape = shapeOf(distribution);
  const knots = knotSurvivals().map((survival) => shape.quantileNs(survival) / tickNs);
  const smallest = shape.quantileNs(1) / tickNs;
  const meanTicks = shape.meanNs / tickNs;
  const unscaled = fillCells(knots, smallest, 1);
  const clamped = knots[(SAMPLER_OCTAVES - 1) * SAMPLER_CELLS]! * ONE_TICK > VALUE_MAX;
  const scaled =
    distribution.kind === "constant" || clamped || !Number.isFinite(meanTicks) || meanTicks === 0
      ? unscaled
      : fillCells(knots, smallest, meanTicks / meanTicksOf(unscaled));
  const isWhole = distribution.kind === "constant" && Number.isInteger(meanTicks);
  return {
    octaves: SAMPLER_OCTAVES,
    cells: SAMPLER_CELLS,
    base: toBigInts(scaled.base),
    drop: toBigInts(scaled.drop),
    meanTicks: meanTicksOf(scaled),
    constantTicks: isWhole ? Math.min(meanTicks, 2 ** 32 - 1) : null,
  };
}

/** The value of a 64-bit draw, in ticks with 16 binary places. */
export function sampleValue(table: SamplerTable, u: bigint): bigint {
  u |= 1n << 24n;
  const octave = 64 - u.toString(2).length;
  const m = BigInt.asUintN(64, u << BigInt(octave + 1));
  const index = octave * table.cells + Number(m >> 58n);
  const fraction = (m >> 42n) & 0xffffn;
  return table.base[index]! - ((table.drop[index]! * fraction) >> 16n);
}

/** The value of a 64-bit draw rounded to ticks: up with the probability of its fraction, so without bias. */
export function sampleTicks(table: SamplerTable, u: bigint): number {
  return Number((sampleValue(table, u) + (u & 0xffffn)) >> 16n);
}
