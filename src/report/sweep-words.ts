/** What a sweep says in words, for the terminal and for pages alike. */

import {
  isOfPopulation,
  type Estimate,
  type SweepResult,
  type SweptPoint,
  type SweptPopulation,
} from "../result/sweep.js";
import { formatCount, formatLarge, formatNumber, formatPlural, formatShare } from "./format.js";

/** Whether live runs were measured, which have lanes for workers. */
export function isLiveSweep({ points }: Pick<SweepResult, "points">): boolean {
  return points.some(({ dispatch }) => dispatch !== undefined);
}

/** What threads are called. */
export function nameThreads(sweep: Pick<SweepResult, "points">): "lane" | "worker" {
  return isLiveSweep(sweep) ? "lane" : "worker";
}

/** AFs of a population, and how its lanes hand closes over. */
export function describePopulation({ afs, dispatch }: Pick<SweptPopulation, "afs" | "dispatch">): string {
  return `${formatCount(afs)} AFs${dispatch ? `, ${dispatch}` : ""}`;
}

/** Program, scenario, seed and size. */
export function sweepTitle(sweep: SweepResult): string[] {
  const { tool, scenario, seed, points, rounds } = sweep;
  return [
    `${tool.name} ${tool.version}`,
    `sweep ${scenario}`,
    ...(isLiveSweep(sweep) ? ["live"] : []),
    `seed ${seed}`,
    `${formatPlural(points.length, "point")}, ${formatPlural(rounds, "round")}`,
  ];
}

/** The ends of an interval; empty without one. */
export function describeInterval({ from, to }: Estimate): string {
  return from === null || to === null ? "" : `${formatNumber(from)} to ${formatNumber(to)}`;
}

/** How much faster the most threads of a population are; empty with one number of threads. */
export function describeSpeedup(population: SweptPopulation, points: readonly SweptPoint[]): string {
  const { speedup } = population;
  if (speedup === null) return "";
  const workers = points.filter((point) => isOfPopulation(point, population)).map((point) => point.workers);
  const interval = describeInterval(speedup);
  return `${Math.max(...workers)} ${nameThreads({ points })}s are ${formatNumber(speedup.median)} times as fast as ${Math.min(...workers)}${interval === "" ? "" : ` (${interval})`}`;
}

/** The law that was fitted, and how well it fits. */
export function describeLaw({
  contention,
  coherency,
  peak,
  rSquared,
}: NonNullable<SweptPopulation["scalability"]>): string {
  const fit = rSquared === null ? "" : `, which explains ${formatShare(Math.max(0, rSquared))} of the differences`;
  if (coherency === null && contention === 1) return "threads cost each other more than contention alone can";
  if (coherency === null) {
    return `contention ${formatShare(contention)} if coherency costs nothing: two numbers of threads cannot tell them apart`;
  }
  const most =
    peak === null
      ? "more threads are never slower"
      : `fastest with ${formatNumber(peak.threads)} threads: ${formatLarge(peak.throughput)} events a second`;
  return `contention ${formatShare(contention)}, coherency ${formatShare(coherency)}${fit}; ${most}`;
}

/** Rules that a population broke and thresholds that it missed; empty when neither. */
export function describeBroken({ violations, missedThresholds }: SweptPopulation): string {
  const parts = [
    ...(violations > 0 ? [formatPlural(violations, "violation")] : []),
    ...(missedThresholds > 0 ? [`${formatPlural(missedThresholds, "threshold")} missed`] : []),
  ];
  return parts.join(", ");
}
