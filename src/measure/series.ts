/**
 * A time series of counts: steps of virtual time, all equally long, up to the last one in which anything happened; the run may end within
 * that. Their number is bounded whatever a run's length: steps become twice as long, two by two, when there would be too many. Everything
 * adds up exactly, so the series of a run does not depend on how its machines were grouped into shards.
 */

/** Counts of each step; `openAtEnd` and `pendedAtEnd` are of its last moment. */
const ADDED = ["opens", "closes", "completions", "lifecycles"] as const;
const AT_END = ["openAtEnd", "pendedAtEnd"] as const;

type Added = (typeof ADDED)[number];
type AtEnd = (typeof AT_END)[number];

/** Close latencies of a step. */
export interface StepLatency {
  readonly sumTicks: bigint;
  /** 2^32 - 1 and 0 when there are none. */
  readonly minTicks: number;
  readonly maxTicks: number;
  /** `counts[i]` is of STEP_BUCKETS HdrHistogram buckets from STEP_BUCKETS * i on. */
  readonly counts: Float64Array;
}

export interface SeriesStep extends Readonly<Record<Added | AtEnd, number>> {
  readonly close: StepLatency;
}

export interface SeriesCounts {
  readonly fromTick: number;
  readonly stepTicks: number;
  /** At least one. */
  readonly steps: readonly SeriesStep[];
}

/** HdrHistogram buckets whose latencies a step counts together. */
export const STEP_BUCKETS = 16;
const TICKS_NONE = 2 ** 32 - 1;

/** Adds what happened in two steps; what there is at the end is what `atEnd` makes of both. */
function combine(a: SeriesStep, b: SeriesStep, atEnd: (a: number, b: number) => number): SeriesStep {
  const added = ADDED.map((name) => [name, a[name] + b[name]] as const);
  const last = AT_END.map((name) => [name, atEnd(a[name], b[name])] as const);
  return {
    ...(Object.fromEntries([...added, ...last]) as Record<Added | AtEnd, number>),
    close: {
      sumTicks: a.close.sumTicks + b.close.sumTicks,
      minTicks: Math.min(a.close.minTicks, b.close.minTicks),
      maxTicks: Math.max(a.close.maxTicks, b.close.maxTicks),
      counts: a.close.counts.map((count, index) => count + b.close.counts[index]!),
    },
  };
}

/** Two steps in a row as one. */
export function joinSteps(earlier: SeriesStep, later: SeriesStep): SeriesStep {
  return combine(earlier, later, (_, end) => end);
}

/** Two steps in a row become one. */
function halve({ fromTick, stepTicks, steps }: SeriesCounts): SeriesCounts {
  const pairs = Array.from({ length: Math.ceil(steps.length / 2) }, (_, index) => {
    const [first, second] = [steps[2 * index]!, steps[2 * index + 1]];
    return second === undefined ? first : joinSteps(first, second);
  });
  return { fromTick, stepTicks: 2 * stepTicks, steps: pairs };
}

/** Nothing happens after the end. */
function stepAfter({ openAtEnd, pendedAtEnd, close }: SeriesStep): SeriesStep {
  const none = { sumTicks: 0n, minTicks: TICKS_NONE, maxTicks: 0, counts: new Float64Array(close.counts.length) };
  return { opens: 0, closes: 0, completions: 0, lifecycles: 0, openAtEnd, pendedAtEnd, close: none };
}

/** Merges the series of different machines, which begin in the same tick. Null when one of them was not recorded to its end. */
export function mergeSeries(all: readonly (SeriesCounts | null)[]): SeriesCounts | null {
  const longest = Math.max(...all.map((series) => series?.stepTicks ?? 0));
  const aligned = all.flatMap((series) => {
    let one = series;
    while (one !== null && one.stepTicks < longest) one = halve(one);
    return one ?? [];
  });
  const [first] = aligned;
  if (first === undefined || aligned.length < all.length) return null;
  const length = Math.max(...aligned.map(({ steps }) => steps.length));
  const steps = Array.from({ length }, (_, index) =>
    aligned
      .map(({ steps: own }) => own[index] ?? stepAfter(own.at(-1)!))
      .reduce((sum, step) => combine(sum, step, (a, b) => a + b)),
  );
  return { ...first, steps };
}
