/**
 * What a shard counted, as plain arrays that cross threads and merge by addition. Everything is an exact integer, so
 * the merged result does not depend on how machines were grouped into shards.
 */

/** Latencies of one kind. `counts[i]` belongs to HdrHistogram bucket i (2 significant digits, unit 1 ns). */
export interface LatencyCounts {
  readonly counts: Float64Array;
  count: number;
  /** Sum of the latencies in ticks. */
  sumTicks: bigint;
  /** 0 when count is 0. */
  minTicks: number;
  maxTicks: number;
}

/** A latency and its two parts, split at the completion call. */
export interface PhasedLatency {
  readonly total: LatencyCounts;
  readonly requestToCompletion: LatencyCounts;
  readonly completionToClient: LatencyCounts;
}

/** Completions of all call managers of a shard, in windows of ORDER_WINDOW consecutive completions per call manager. */
export interface OrderingCounts {
  completions: number;
  /** RFC 4737: completions whose close was requested before that of an earlier completion, over the whole stream. */
  reordered: number;
  /** Reordered completions that a completion before their window already overtook: their extent is not measured. */
  beyondWindow: number;
  maxExtent: number;
  /** Index: extent (RFC 4737 section 4.2.3), in completions; length ORDER_WINDOW. */
  readonly extents: Float64Array;
  /** Index n: completions that are n-reordered with this largest n (RFC 4737 section 5.3); length ORDER_WINDOW. */
  readonly nReordering: Float64Array;
  /** Completions whose run of overtaking predecessors reaches the start of the window although more may lie before it. */
  nBeyondWindow: number;
  /** Index ORDER_WINDOW - 1 + displacement (RFC 5236 reorder density); length 2 * ORDER_WINDOW - 1. */
  readonly density: Float64Array;
  /** Pairs of completions of one window in the opposite order of their close requests, and all pairs of all windows. */
  inversions: bigint;
  pairs: bigint;
  windows: number;
  /** Per client of the shard, in (machine, client) order; a client's stream is its own closes at its call manager. */
  readonly clientCompletions: Float64Array;
  readonly clientReordered: Float64Array;
}

/** Consecutive completions of one call manager over which order is measured: inversions and density lie within such a window. */
export const ORDER_WINDOW = 4096;
