// The time series of a lane: what it alone had counted at moments of the wall clock, all as far apart (measure/series.ts). A step belongs to
// the time of its stamp, so a lane looks once a step whether a moment has come; no event does anything for it. The host adds the lanes up.
import {
  MOMENTS_MAX,
  MOMENT_CLOSED,
  MOMENT_CLOSE_PENDED,
  MOMENT_CLOSE_TOLD,
  MOMENT_OPEN,
  MOMENT_OPENED,
  MOMENT_OPEN_TOLD,
  MOMENT_PENDED,
  SHARD_MOMENT_BYTES,
  SHARD_TOTALS,
  TOTAL_CLOSED,
  TOTAL_CLOSE_PENDED,
  TOTAL_CLOSE_TOLD,
  TOTAL_OPENED,
  TOTAL_OPEN_TOLD,
} from "../abi/layout";
import {
  LANE_CLOSE_COUNTS,
  LANE_COUNTS_BYTES,
  LANE_MOMENTS,
  LANE_MOMENT_FROM,
  LANE_MOMENT_NEXT,
  LANE_MOMENT_STEP,
  LANE_OPEN,
  LANE_PENDED,
  LANE_SERIES,
  LANE_TOTALS,
} from "../abi/lane-layout";
import { copyLatencies, repeatAt, thinAt } from "../measure/series";

@inline
function momentAt(lane: usize, index: u32): usize {
  return (load<u32>(lane, LANE_SERIES) + index * load<u32>(SHARD_MOMENT_BYTES)) as usize;
}

@inline
function totalOf(lane: usize, total: u32): u64 {
  return load<u64>(lane + (total - SHARD_TOTALS), LANE_TOTALS);
}

/** Measuring begins: no latency has been counted. Without a warm-up memory is as this leaves it. */
export function beginMoments(lane: usize): void {
  copyTotals(lane, momentAt(lane, 0));
  store<u32>(lane, 0, LANE_MOMENTS);
  store<u64>(lane, (load<u32>(lane, LANE_MOMENT_FROM) as u64) + (load<u32>(lane, LANE_MOMENT_STEP) as u64), LANE_MOMENT_NEXT);
}

/** Records the moments that have come by the time of this step, before which nothing of it is counted. */
@inline
export function keepMoments(lane: usize, stamp: u32): void {
  if ((stamp as u64) >= load<u64>(lane, LANE_MOMENT_NEXT)) passMoments(lane, stamp);
}

function passMoments(lane: usize, stamp: u32): void {
  const from = load<u32>(lane, LANE_MOMENT_FROM) as u64;
  let tick = load<u64>(lane, LANE_MOMENT_NEXT);
  while ((stamp as u64) >= tick) {
    if (hasChanged(lane)) record(lane, tick - from, false);
    const step = load<u32>(lane, LANE_MOMENT_STEP) as u64;
    tick = from + step * ((tick - from) / step + 1);
  }
  store<u64>(lane, tick, LANE_MOMENT_NEXT);
}

/** The lane ends: what it has counted since the last moment belongs to a step that has begun. */
export function endMoments(lane: usize, stamp: u32): void {
  keepMoments(lane, stamp);
  if (hasChanged(lane)) record(lane, load<u64>(lane, LANE_MOMENT_NEXT) - (load<u32>(lane, LANE_MOMENT_FROM) as u64), true);
}

/** Whether anything was counted since the last moment. */
function hasChanged(lane: usize): bool {
  const moment = momentAt(lane, load<u32>(lane, LANE_MOMENTS));
  return (
    totalOf(lane, TOTAL_OPENED) != load<u64>(moment, MOMENT_OPENED) ||
    totalOf(lane, TOTAL_OPEN_TOLD) != load<u64>(moment, MOMENT_OPEN_TOLD) ||
    totalOf(lane, TOTAL_CLOSED) != load<u64>(moment, MOMENT_CLOSED) ||
    totalOf(lane, TOTAL_CLOSE_PENDED) != load<u64>(moment, MOMENT_CLOSE_PENDED) ||
    totalOf(lane, TOTAL_CLOSE_TOLD) != load<u64>(moment, MOMENT_CLOSE_TOLD)
  );
}

/**
 * Records a moment that comes `past` ticks after the first one. Where there would be too many, steps become twice as long; a moment that
 * ends none of these is not recorded, unless it is the `last`.
 */
function record(lane: usize, past: u64, last: bool): void {
  while (true) {
    const step = load<u32>(lane, LANE_MOMENT_STEP) as u64;
    if (past % step && !last) return;
    const number = ((past + step - 1) / step) as u32;
    const moments = load<u32>(lane, LANE_MOMENTS);
    if (number > MOMENTS_MAX && moments == MOMENTS_MAX) {
      thinAt(momentAt(lane, 0), load<u32>(SHARD_MOMENT_BYTES));
      store<u32>(lane, MOMENTS_MAX / 2, LANE_MOMENTS);
      store<u32>(lane, (2 * step) as u32, LANE_MOMENT_STEP);
      continue;
    }
    const moment = momentAt(lane, moments + 1);
    store<u32>(lane, moments + 1, LANE_MOMENTS);
    if (number - moments > 1) {
      repeatAt(moment, load<u32>(SHARD_MOMENT_BYTES));
      continue;
    }
    copyTotals(lane, moment);
    const counts = load<u32>(lane, LANE_CLOSE_COUNTS) as usize;
    return copyLatencies(moment, counts, counts + load<u32>(lane, LANE_COUNTS_BYTES));
  }
}

function copyTotals(lane: usize, moment: usize): void {
  // Below 0 where others close what this lane has opened.
  store<i64>(moment, load<i32>(lane, LANE_OPEN) as i64, MOMENT_OPEN);
  store<i64>(moment, load<i32>(lane, LANE_PENDED) as i64, MOMENT_PENDED);
  store<u64>(moment, totalOf(lane, TOTAL_OPENED), MOMENT_OPENED);
  store<u64>(moment, totalOf(lane, TOTAL_OPEN_TOLD), MOMENT_OPEN_TOLD);
  store<u64>(moment, totalOf(lane, TOTAL_CLOSED), MOMENT_CLOSED);
  store<u64>(moment, totalOf(lane, TOTAL_CLOSE_PENDED), MOMENT_CLOSE_PENDED);
  store<u64>(moment, totalOf(lane, TOTAL_CLOSE_TOLD), MOMENT_CLOSE_TOLD);
}
