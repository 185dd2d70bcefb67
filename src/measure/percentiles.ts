import type { LatencyCounts } from "./counts.js";
import { encodeHdr } from "./hdr-encode.js";
import { highestNs } from "./histogram.js";

/** One kind of latency in nanoseconds of virtual time; all null but the count when nothing was measured. */
export interface LatencySummary {
  readonly count: number;
  readonly minNs: number | null;
  readonly meanNs: number | null;
  readonly p50Ns: number | null;
  readonly p90Ns: number | null;
  readonly p99Ns: number | null;
  readonly p999Ns: number | null;
  readonly p9999Ns: number | null;
  readonly maxNs: number | null;
  /** HdrHistogram V2 encoding, uncompressed, base64. */
  readonly hdr: string | null;
}

/** Latencies, of `per` latencies, that are at most the percentile. */
interface Quantile {
  readonly share: bigint;
  readonly per: bigint;
}

const QUANTILES = {
  p50Ns: { share: 50n, per: 100n },
  p90Ns: { share: 90n, per: 100n },
  p99Ns: { share: 99n, per: 100n },
  p999Ns: { share: 999n, per: 1000n },
  p9999Ns: { share: 9999n, per: 10_000n },
} satisfies Record<string, Quantile>;

/** The quotient as a double, its integer part exact below 2^53. */
function divide(dividend: bigint, divisor: bigint): number {
  return Number(dividend / divisor) + Number(dividend % divisor) / Number(divisor);
}

/** How many of the smallest latencies have to be counted to reach a quantile: at least one, rounded up. */
function rankOf(quantile: Quantile, count: number): number {
  const rank = (BigInt(count) * quantile.share + quantile.per - 1n) / quantile.per;
  return Math.max(1, Number(rank));
}

function valueAt(latency: LatencyCounts, quantile: Quantile, maxNs: number): number {
  const rank = rankOf(quantile, latency.count);
  let countSoFar = 0;
  for (let bucket = 0; bucket < latency.counts.length; bucket++) {
    countSoFar += latency.counts[bucket] ?? 0;
    if (countSoFar >= rank) return Math.min(highestNs(bucket), maxNs);
  }
  throw new Error(`latency counts hold ${countSoFar} values, ${latency.count} were counted`);
}

/**
 * Minimum, mean (from the exact sum), maximum, and percentiles with an error of at most 1 % upwards: HdrHistogram's
 * convention, the largest value of the bucket in which the percentile falls, but never above the exact maximum.
 * @param tickNs nanoseconds of virtual time a tick
 */
export function summarizeLatency(latency: LatencyCounts, tickNs: number): LatencySummary {
  if (latency.count === 0) {
    return {
      count: 0,
      minNs: null,
      meanNs: null,
      p50Ns: null,
      p90Ns: null,
      p99Ns: null,
      p999Ns: null,
      p9999Ns: null,
      maxNs: null,
      hdr: null,
    };
  }
  const maxNs = latency.maxTicks * tickNs;
  return {
    count: latency.count,
    minNs: latency.minTicks * tickNs,
    meanNs: divide(latency.sumTicks * BigInt(tickNs), BigInt(latency.count)),
    p50Ns: valueAt(latency, QUANTILES.p50Ns, maxNs),
    p90Ns: valueAt(latency, QUANTILES.p90Ns, maxNs),
    p99Ns: valueAt(latency, QUANTILES.p99Ns, maxNs),
    p999Ns: valueAt(latency, QUANTILES.p999Ns, maxNs),
    p9999Ns: valueAt(latency, QUANTILES.p9999Ns, maxNs),
    maxNs,
    hdr: encodeHdr(latency.counts),
  };
}
