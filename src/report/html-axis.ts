/** Scales of pictures: where a value lies, and which values are named. */

import { formatDuration } from "./format.js";

export interface Scale {
  /** Of a value, from the axis's start (0) to its end (1). */
  readonly place: (value: number) => number;
  readonly ticks: readonly { readonly value: number; readonly label: string }[];
}

/** Steps of 1, 2 or 5 times a power of ten from zero to at least a value, at most `most` of them. */
function niceStep(max: number, most: number): number {
  const power = 10 ** Math.floor(Math.log10(max / most));
  return power * ([1, 2, 5, 10].find((factor) => factor * power * most >= max * (1 - 1e-9)) ?? 10);
}

/** From 0 to at least a value above 0. */
export function linearScale(max: number, ticksMax: number, format: (value: number) => string): Scale {
  const step = niceStep(max, ticksMax);
  const count = Math.max(1, Math.ceil(max / step - 1e-9));
  const ticks = Array.from({ length: count + 1 }, (_, index) => ({ value: index * step, label: format(index * step) }));
  return { place: (value) => value / (count * step), ticks };
}

/** From a power of ten to another one, around values above 0. */
export function logScale(min: number, max: number, format: (value: number) => string): Scale {
  const from = Math.floor(Math.log10(min));
  const to = Math.max(from + 1, Math.ceil(Math.log10(max) - 1e-9));
  const ticks = Array.from({ length: to - from + 1 }, (_, index) => {
    const value = 10 ** (from + index);
    return { value, label: format(value) };
  });
  return { place: (value) => (Math.log10(value) - from) / (to - from), ticks };
}

/** When the largest value is so many times the median, an axis of equal steps would show nothing but the largest. */
const LOG_FROM = 100;

/** Durations up to `maxNs`: from 0, or, where they are far apart, from the power of ten below `minNs`, the least above 0. */
export function durationScale(minNs: number, medianNs: number, maxNs: number): Scale & { readonly isLog: boolean } {
  if (medianNs === 0 || maxNs / medianNs <= LOG_FROM) return { ...linearScale(maxNs, 6, formatDuration), isLog: false };
  return { ...logScale(minNs, maxNs, formatDuration), isLog: true };
}

/** Points in time from one to a later one. */
export function timeScale(from: number, to: number): Scale {
  const step = niceStep(to - from, 8);
  const first = Math.ceil(from / step - 1e-9);
  const ticks = Array.from({ length: Math.floor(to / step + 1e-9) - first + 1 }, (_, index) => {
    const value = (first + index) * step;
    return { value, label: formatDuration(value) };
  });
  return { place: (value) => (value - from) / (to - from), ticks };
}

/** Decades of 1/(1-p) that are named. */
const PERCENTILES = ["0 %", "90 %", "99 %", "99.9 %", "99.99 %", "99.999 %", "99.9999 %", "99.99999 %", "99.999999 %"];

/** HdrHistogram's axis: shares of values, as far apart as the logarithm of what is left, 1/(1-p). The values are 1/(1-p). */
export function percentileScale(count: number): Scale {
  const decades = Math.max(1, Math.log10(Math.max(1, count)));
  const ticks = PERCENTILES.slice(0, Math.floor(decades + 1e-9) + 1).map((label, decade) => ({
    value: 10 ** decade,
    label,
  }));
  // A little room for the largest value, of which there may be one only.
  return { place: (value) => Math.log10(value) / (decades + 0.15), ticks };
}
