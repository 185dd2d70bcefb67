import type { Distribution } from "./scenario.js";

/** Mean of a distribution in nanoseconds; Infinity where a Pareto distribution has none. */
export function meanNs(distribution: Distribution): number {
  switch (distribution.kind) {
    case "constant":
      return distribution.ns;
    case "uniform":
      return (distribution.fromNs + distribution.toNs) / 2;
    case "exponential":
    case "lognormal":
      return distribution.meanNs;
    case "pareto":
      return distribution.alpha > 1
        ? (distribution.minNs * distribution.alpha) / (distribution.alpha - 1)
        : Number.POSITIVE_INFINITY;
    case "empirical": {
      let sum = 0;
      let before = distribution.points[0];
      for (const point of distribution.points) {
        if (before !== undefined) sum += (point.p - before.p) * ((point.ns + before.ns) / 2);
        before = point;
      }
      return sum;
    }
  }
}
