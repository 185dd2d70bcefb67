/** Whether one result is faster than another, as far as the times that were measured allow to say. */

import { cliffsDelta, CONFIDENCE, estimateRatio, medianOf, RUNS_MIN } from "../measure/bootstrap.js";
import type { StoredHost, StoredResult } from "./stored.js";

/** Times that differ by less than this share are no difference, unless another margin is asked for. */
export const MARGIN_DEFAULT = 0.05;
/** More runs than this are not advised. */
const RUNS_ADVISED_MAX = 1000;
const ADVICE_STEP = 5;

export type SpeedVerdict = "faster" | "slower" | "no difference" | "cannot say" | "not comparable";

/** Nanoseconds an event of one side. */
export interface SpeedSample {
  readonly count: number;
  readonly medianNs: number;
  readonly minNs: number;
  readonly maxNs: number;
}

export interface SpeedComparison {
  /** Of b against a. */
  readonly verdict: SpeedVerdict;
  /** Why there is no verdict; null when there is one. */
  readonly reason: string | null;
  /** What the samples consist of: the runs of one result each, or the medians of several results each. */
  readonly unit: "run" | "result";
  readonly a: SpeedSample;
  readonly b: SpeedSample;
  /** Median of b ÷ median of a; above 1 b is slower. Null when the times are not comparable. */
  readonly ratio: number | null;
  /** Interval of the ratio; null when there are too few runs for one. */
  readonly interval: { readonly from: number; readonly to: number; readonly confidence: number } | null;
  readonly cliffsDelta: number | null;
  readonly margin: number;
  /** So many runs, or results, each would probably allow a verdict; null when there is one, or when more would not help. */
  readonly countWanted: number | null;
}

/**
 * Compares the times of results of the same work, several on a side when they were made in turn.
 *
 * @param otherWork why the sides did not do the same work; null when they did
 * @param margin share below which a difference does not matter, above 0
 */
export function compareSpeed(
  a: readonly StoredResult[],
  b: readonly StoredResult[],
  otherWork: string | null,
  margin: number,
): SpeedComparison {
  const unit = a.length > 1 || b.length > 1 ? "result" : "run";
  const [ofA, ofB] = [timesOf(a, unit), timesOf(b, unit)];
  const common = { unit, a: summarize(ofA), b: summarize(ofB), margin } as const;
  const none = { ratio: null, interval: null, cliffsDelta: null, countWanted: null } as const;
  const reason = otherWork ?? otherHost([...a, ...b].map(({ host }) => host));
  if (reason !== null) return { ...common, ...none, verdict: "not comparable", reason };
  if ([...ofA, ...ofB].some((ns) => ns === 0))
    return { ...common, ...none, verdict: "cannot say", reason: "there were no events to take the time of" };
  const { ratio, ...interval } = estimateRatio(ofA, ofB);
  const estimated = { ...common, ratio, cliffsDelta: cliffsDelta(ofA, ofB) };
  if (Math.min(ofA.length, ofB.length) < RUNS_MIN) {
    return {
      ...estimated,
      interval: null,
      verdict: "cannot say",
      reason: `${ofA.length} and ${ofB.length} ${unit}s are too few`,
      countWanted: RUNS_MIN,
    };
  }
  const withInterval = { ...estimated, interval: { ...interval, confidence: CONFIDENCE } };
  const verdict = judge(interval, margin);
  if (verdict !== "cannot say") return { ...withInterval, verdict, reason: null, countWanted: null };
  const count = Math.max(ofA.length, ofB.length);
  return { ...withInterval, verdict, ...advise(count, ratio, interval, margin) };
}

function timesOf(results: readonly StoredResult[], unit: SpeedComparison["unit"]): readonly number[] {
  return unit === "run"
    ? results.flatMap(({ host }) => host.nsPerEvent)
    : results.map(({ host }) => medianOf(host.nsPerEvent));
}

function summarize(times: readonly number[]): SpeedSample {
  return { count: times.length, medianNs: medianOf(times), minNs: Math.min(...times), maxNs: Math.max(...times) };
}

const HOST_FIELDS: readonly (readonly [what: string, of: (host: StoredHost) => string])[] = [
  ["processors", ({ cpu }) => cpu],
  ["Node versions", ({ node }) => node],
  // By default as many as there are processors.
  ["numbers of workers", ({ workers }) => String(workers)],
];

/** Why times measured there say nothing about one another. */
function otherHost(hosts: readonly StoredHost[]): string | null {
  const different = HOST_FIELDS.map(([what, of]) => ({ what, values: [...new Set(hosts.map(of))] }))
    .filter(({ values }) => values.length > 1)
    .map(({ what, values }) => `different ${what} (${values.join(", ")})`);
  return different.length === 0 ? null : `they were measured with ${different.join(" and ")}`;
}

function judge({ from, to }: { from: number; to: number }, margin: number): SpeedVerdict {
  const [low, high] = [1 / (1 + margin), 1 + margin];
  if (from > high) return "slower";
  if (to < low) return "faster";
  return low <= from && to <= high ? "no difference" : "cannot say";
}

/** How many runs would probably make the interval so narrow that it lies on one side of the margin: it narrows as their square root. */
function advise(
  count: number,
  ratio: number,
  { from, to }: { from: number; to: number },
  margin: number,
): Pick<SpeedComparison, "reason" | "countWanted"> {
  const sides = [Math.log1p(margin), -Math.log1p(margin)].map((bound) => {
    const distance = bound - Math.log(ratio);
    const reach = Math.abs(Math.log((distance > 0 ? to : from) / ratio));
    return { distance: Math.abs(distance), reach };
  });
  // Both sides of the margin must be cleared, or the ratio lies beyond one of them: the one that is nearest decides.
  const needed = Math.max(...sides.map(({ distance, reach }) => count * (reach / distance) ** 2));
  const rounded = Math.ceil(needed / ADVICE_STEP) * ADVICE_STEP;
  const isUseful = rounded > count && rounded <= RUNS_ADVISED_MAX;
  return {
    reason: "the interval reaches across the margin",
    countWanted: isUseful ? rounded : null,
  };
}
