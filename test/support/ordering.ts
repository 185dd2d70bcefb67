/**
 * In which order completions come, compared with the order of their close requests: the definitions of counts.ts's
 * OrderingCounts in plain code. Sources: RFC 4737 sections 4.1 (reordered), 4.2.3 (extent) and 5.3 (n-reordering), RFC 5236
 * section 3.3 (displacement). Order across AFs is measured, never judged.
 *
 *     arrival in the window   0  1  2  3  4        close sequences 3 and 4 come after 5:
 *     close sequence          2  5  3  4  6        3 is reordered, extent 1, 1-reordered;
 *     rank in the window      0  3  1  2  4        4 is reordered, extent 2, not n-reordered (3 is directly before it)
 *     displacement            0 -2 +1 +1  0        inversions: (5,3) and (5,4)
 */

import { ORDER_WINDOW, type OrderingCounts } from "../../src/measure/counts.js";

/**
 * Ordering counts before the first completion.
 * @param clientCount clients of all machines that are counted here
 * @param window completions a window; anything but ORDER_WINDOW is for tests
 */
export function emptyOrdering(clientCount: number, window: number = ORDER_WINDOW): OrderingCounts {
  return {
    completions: 0,
    reordered: 0,
    beyondWindow: 0,
    maxExtent: 0,
    extents: new Float64Array(window),
    nReordering: new Float64Array(window),
    nBeyondWindow: 0,
    density: new Float64Array(2 * window - 1),
    inversions: 0n,
    pairs: 0n,
    windows: 0,
    clientCompletions: new Float64Array(clientCount),
    clientReordered: new Float64Array(clientCount),
  };
}

/** Sets all counts to zero, as at the end of a warm-up. */
export function clearOrdering(counts: OrderingCounts): void {
  const { extents, nReordering, density, clientCompletions, clientReordered } = counts;
  for (const array of [extents, nReordering, density, clientCompletions, clientReordered]) array.fill(0);
  Object.assign(counts, {
    completions: 0,
    reordered: 0,
    beyondWindow: 0,
    maxExtent: 0,
    nBeyondWindow: 0,
    inversions: 0n,
    pairs: 0n,
    windows: 0,
  });
}

function increment(counts: Float64Array, index: number): void {
  counts[index] = (counts[index] ?? 0) + 1;
}

/** The stream of completions of one call manager; several streams may count into the same counts. */
export class OrderingStream {
  readonly #counts: OrderingCounts;
  readonly #window: number;
  /** Close sequences of the window so far, in the order of their completions. */
  #sequences: number[] = [];
  /** Largest close sequence completed so far in the whole stream, and before the window; -1 when there is none. */
  #largest = -1;
  #largestBefore = -1;
  /** Largest close sequence completed so far in each client's own stream. */
  readonly #largestOfClient = new Map<number, number>();

  /** @param counts made by emptyOrdering, with the same window */
  constructor(counts: OrderingCounts) {
    this.#counts = counts;
    this.#window = counts.extents.length;
  }

  /**
   * Takes the next completion.
   * @param sequence close sequence at this call manager; no two completions have the same
   * @param client index into the counts' clients
   */
  complete(sequence: number, client: number): void {
    const counts = this.#counts;
    counts.completions += 1;
    increment(counts.clientCompletions, client);
    if (sequence < this.#largest) counts.reordered += 1;
    if (sequence < (this.#largestOfClient.get(client) ?? -1)) increment(counts.clientReordered, client);
    this.#largest = Math.max(this.#largest, sequence);
    this.#largestOfClient.set(client, Math.max(this.#largestOfClient.get(client) ?? -1, sequence));
    this.#sequences.push(sequence);
    if (this.#sequences.length === this.#window) this.flush();
  }

  /** Measures the window as far as it is filled and begins the next one. At the end of a run this is the final, partial window. */
  flush(): void {
    if (this.#sequences.length > 0) measureWindow(this.#counts, this.#sequences, this.#largestBefore);
    this.restart();
  }

  /** Begins a new window without measuring the current one (the end of a warm-up); the stream's largest sequence stays. */
  restart(): void {
    this.#sequences = [];
    this.#largestBefore = this.#largest;
  }
}

function measureWindow(counts: OrderingCounts, sequences: readonly number[], largestBefore: number): void {
  const size = sequences.length;
  counts.windows += 1;
  counts.pairs += BigInt((size * (size - 1)) / 2);
  counts.inversions += BigInt(countInversions(sequences));
  measureReordered(counts, sequences, largestBefore);
  const displacementZero = (counts.density.length - 1) / 2;
  const arrivals = [...sequences.keys()].sort((a, b) => (sequences[a] ?? 0) - (sequences[b] ?? 0));
  arrivals.forEach((arrival, rank) => increment(counts.density, displacementZero + arrival - rank));
}

/** Extents and n-reordering of the window's reordered completions. */
function measureReordered(counts: OrderingCounts, sequences: readonly number[], largestBefore: number): void {
  let largest = largestBefore;
  sequences.forEach((sequence, arrival) => {
    if (sequence > largest) {
      largest = sequence;
      return;
    }
    const isBeyond = largestBefore > sequence;
    if (isBeyond) {
      counts.beyondWindow += 1;
    } else {
      const extent = arrival - sequences.findIndex((earlier) => earlier > sequence);
      increment(counts.extents, extent);
      counts.maxExtent = Math.max(counts.maxExtent, extent);
    }
    let n = 0;
    while (n < arrival && (sequences[arrival - n - 1] ?? 0) > sequence) n += 1;
    if (n === arrival && isBeyond) counts.nBeyondWindow += 1;
    else increment(counts.nReordering, n);
  });
}

/** Pairs in which the larger sequence comes first. */
function countInversions(sequences: readonly number[]): number {
  let inversions = 0;
  sequences.forEach((later, arrival) => {
    for (let earlier = 0; earlier < arrival; earlier++) {
      if ((sequences[earlier] ?? 0) > later) inversions += 1;
    }
  });
  return inversions;
}
