/** What a sweep says in words, for the terminal and for pages alike. */

import type { Estimate, SweepResult, SweptPoint, SweptPopulation } from "../result/sweep.js";
import { formatLarge, formatNumber, formatPlural, formatShare } from "./format.js";

/** Program, scenario, seed and size. */
export function sweepTitle({ tool, scenario, seed, points, rounds }: SweepResult): string[] {
  return [
    `${tool.name} ${tool.version}`,
    `sweep ${scenario}`,
    `seed ${seed}`,
    `${formatPlural(points.length, "point")}, ${formatPlural(rounds, "round")}`,
  ];
}

/** The ends of an interval; empty without one. */
export function describeInterval({ from, to }: Estimate): string {
  return from === null || to === null ? "" : `${formatNumber(from)} to ${formatNumber(to)}`;
}

/** How much faster the most workers of a population are; empty with one number of workers. */
export function describeSpeedup({ afs, speedup }: SweptPopulation, points: readonly SweptPoint[]): string {
  if (speedup === null) return "";
  const workers = points.filter((point) => point.afs === afs).map((point) => point.workers);
  const interval = describeInterval(speedup);
  return `${Math.max(...workers)} workers are ${formatNumber(speedup.median)} times as fast as ${Math.min(...workers)}${interval === "" ? "" : ` (${interval})`}`;
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
    return `contention ${formatShare(contention)} if coherency costs nothing: two numbers of workers cannot tell them apart`;
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
