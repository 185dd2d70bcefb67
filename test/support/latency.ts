/** Latencies counted one by one in plain code: the witness of what the kernel counts. */

import type { LatencyCounts, PhasedLatency } from "../../src/measure/counts.js";
import { bucketOf, emptyLatency } from "../../src/measure/histogram.js";

/** A latency with its two parts, before the first one. */
export function emptyPhasedLatency(latencyNsMax: number): PhasedLatency {
  return {
    total: emptyLatency(latencyNsMax),
    requestToCompletion: emptyLatency(latencyNsMax),
    completionToClient: emptyLatency(latencyNsMax),
  };
}

/** Counts one latency. */
export function recordLatency(latency: LatencyCounts, ticks: number, tickNs: number): void {
  const bucket = bucketOf(ticks * tickNs);
  latency.counts[bucket] = (latency.counts[bucket] ?? 0) + 1;
  latency.minTicks = latency.count === 0 ? ticks : Math.min(latency.minTicks, ticks);
  latency.maxTicks = Math.max(latency.maxTicks, ticks);
  latency.sumTicks += BigInt(ticks);
  latency.count += 1;
}
