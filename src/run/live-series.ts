/** The time series of a live run, as its lanes have recorded it (assembly/live/moments.ts). */

import * as A from "../../assembly/abi/lane-layout.js";
import * as L from "../../assembly/abi/layout.js";
import type { LaneMap, LiveMap } from "../kernel/lane-map.js";
import { joinSteps, mergeSeries, type SeriesCounts, type SeriesStep } from "../measure/series.js";
import type { LivePlan } from "./live-plan.js";
import { readStep } from "./series.js";

/**
 * Adds up the series of the lanes that have counted anything; null where none has. Every moment has taken away the smallest and the largest latency
 * before it: they are given back to the lanes' counts.
 */
export function collectLiveSeries(view: DataView, { map, horizonTicks }: LivePlan): SeriesCounts | null {
  const lanes = map.lanes.flatMap((lane) => readLane(view, map, lane) ?? []);
  const merged = mergeSeries(lanes.map((series) => withoutDelay(series, horizonTicks)));
  return merged && { ...merged, steps: merged.steps.map(withoutDebts) };
}

function readLane(view: DataView, { shard: { momentBytes } }: LiveMap, lane: LaneMap): SeriesCounts | null {
  const field = (offset: number): number => view.getUint32(lane.header + offset, true);
  const count = field(A.LANE_MOMENTS);
  if (count === 0) return null;
  const momentAt = (index: number): number => lane.series + index * momentBytes;
  const steps = Array.from({ length: count }, (_, index) =>
    readStep(view, momentAt(index), momentAt(index + 1), momentBytes),
  );
  const { closeCounts } = lane;
  const least = Math.min(
    view.getUint32(closeCounts + L.LATENCY_MIN, true),
    ...steps.map(({ close }) => close.minTicks),
  );
  const most = Math.max(view.getUint32(closeCounts + L.LATENCY_MAX, true), ...steps.map(({ close }) => close.maxTicks));
  view.setUint32(closeCounts + L.LATENCY_MIN, least, true);
  view.setUint32(closeCounts + L.LATENCY_MAX, most, true);
  return { fromTick: field(A.LANE_MOMENT_FROM), stepTicks: field(A.LANE_MOMENT_STEP), steps };
}

/** What a lane did after the planned end, because it was late, belongs to the last step before. */
function withoutDelay(series: SeriesCounts, horizonTicks: number): SeriesCounts {
  const { fromTick, stepTicks, steps } = series;
  const planned = Math.max(1, Math.ceil((horizonTicks - fromTick) / stepTicks));
  if (steps.length <= planned) return series;
  return { ...series, steps: [...steps.slice(0, planned - 1), steps.slice(planned - 1).reduce(joinSteps)] };
}

/** A lane may have counted the end of what another one counts as begun a step later. */
function withoutDebts(step: SeriesStep): SeriesStep {
  return { ...step, openAtEnd: Math.max(0, step.openAtEnd), pendedAtEnd: Math.max(0, step.pendedAtEnd) };
}
