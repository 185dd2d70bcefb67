/** The time series of a result: counts and close latency, step by step. */

import { highestNs, lowestNs } from "../measure/histogram.js";
import { STEP_BUCKETS, type SeriesCounts, type SeriesStep, type StepLatency } from "../measure/series.js";
import type { ResultSeries } from "./schema.js";

/** In thousandths. */
const QUANTILES = { p50Ns: 500, p99Ns: 990, p999Ns: 999 } as const;
type QuantileName = keyof typeof QUANTILES;

/** The series of a run that ended at a tick; null when none was recorded, or nothing was measured. */
export function buildSeries(series: SeriesCounts | null, endTick: number, tickNs: number): ResultSeries | null {
  if (series === null || endTick <= series.fromTick) return null;
  const { fromTick, stepTicks, steps } = series;
  const column = (field: Exclude<keyof SeriesStep, "close">): number[] => steps.map((step) => step[field]);
  const latencies = steps.map(({ close }) => describeLatency(close, tickNs));
  const latency = <Field extends keyof ReturnType<typeof describeLatency>>(field: Field) =>
    latencies.map((one) => one[field]);
  return {
    fromNs: fromTick * tickNs,
    stepNs: stepTicks * tickNs,
    toNs: Math.min(fromTick + stepTicks * steps.length, endTick) * tickNs,
    opens: column("opens"),
    closes: column("closes"),
    completions: column("completions"),
    lifecycles: column("lifecycles"),
    openAtEnd: column("openAtEnd"),
    pendedAtEnd: column("pendedAtEnd"),
    close: {
      count: latency("count"),
      meanNs: latency("meanNs"),
      p50Ns: latency("p50Ns"),
      p99Ns: latency("p99Ns"),
      p999Ns: latency("p999Ns"),
      maxNs: latency("maxNs"),
    },
  };
}

function describeLatency(latency: StepLatency, tickNs: number) {
  const count = latency.counts.reduce((sum, n) => sum + n, 0);
  if (count === 0) return { count, meanNs: null, p50Ns: null, p99Ns: null, p999Ns: null, maxNs: null };
  const quantile = (name: QuantileName): number =>
    valueAt(latency, Math.ceil((count * QUANTILES[name]) / 1000), tickNs);
  return {
    count,
    meanNs: Math.round(Number((latency.sumTicks * BigInt(tickNs) * 10n) / BigInt(count))) / 10,
    p50Ns: quantile("p50Ns"),
    p99Ns: quantile("p99Ns"),
    p999Ns: quantile("p999Ns"),
    maxNs: latency.maxTicks * tickNs,
  };
}

/** The latency of a rank from 1, as if those of a group of buckets lay evenly between its bounds, or the least and the largest. */
function valueAt({ counts, minTicks, maxTicks }: StepLatency, rank: number, tickNs: number): number {
  let before = 0;
  for (const [group, count] of counts.entries()) {
    if (before + count >= rank) {
      const low = Math.max(lowestNs(group * STEP_BUCKETS), minTicks * tickNs);
      const high = Math.min(highestNs(group * STEP_BUCKETS + STEP_BUCKETS - 1), maxTicks * tickNs);
      return Math.round(low + ((high - low) * (rank - before)) / count);
    }
    before += count;
  }
  throw new Error(`internal error: no latency has the rank ${rank} of ${before}`);
}
