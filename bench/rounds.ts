import { Bench } from "tinybench";

/** One thing that is timed: each call does a round's work and answers the seconds and the operations that count. */
export interface Contender {
  readonly id: string;
  /** `seconds` may leave out what the round does beside the work, as set-up. */
  readonly round: (round: number) => Promise<RoundTime> | RoundTime;
}

export interface RoundTime {
  readonly seconds: number;
  /** Events, accesses, process starts: what a figure is given per second of. */
  readonly operations: number;
}

export interface Measured {
  /** Nanoseconds per operation, one per round. */
  readonly nsPerOperation: readonly number[];
  readonly medianNs: number;
}

/** The middle value, or the mean of the two middle ones. Throws on an empty list. */
export function median(values: readonly number[]): number {
  if (values.length === 0) throw new RangeError("the median of nothing");
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/**
 * Times contenders in turn, A B C A B C …, because a machine's speed drifts and only ratios of neighbours mean much.
 * Every round is one tinybench run of one iteration; `discarded` rounds before the first one are not counted.
 */
export async function interleave(
  contenders: readonly Contender[],
  options: { readonly rounds: number; readonly discarded: number },
): Promise<Map<string, Measured>> {
  let round = -options.discarded;
  const operations = new Map<string, number>();
  const samples = new Map(contenders.map(({ id }): [string, number[]] => [id, []]));
  const bench = new Bench({ iterations: 1, time: 0, warmup: false, throws: true });
  for (const contender of contenders) {
    bench.add(
      contender.id,
      async () => {
        const time = await contender.round(round);
        operations.set(contender.id, time.operations);
        return { overriddenDuration: time.seconds * 1e3 };
      },
      { async: true },
    );
  }
  for (; round < options.rounds; round++) {
    bench.reset(); // a task that has run its iterations does not run again
    for (const task of await bench.run()) {
      const { result } = task;
      if (result.state !== "completed") throw new Error(`${task.name}: ${result.state}`);
      if (round >= 0) samples.get(task.name)!.push((result.latency.mean * 1e6) / operations.get(task.name)!);
    }
  }
  return new Map(
    [...samples].map(([id, nsPerOperation]) => [id, { nsPerOperation, medianNs: median(nsPerOperation) }]),
  );
}

/** Median over rounds of `above` ÷ `below`, round by round, so that drift cancels. */
export function medianRatio(above: Measured, below: Measured): number {
  return median(above.nsPerOperation.map((ns, round) => ns / below.nsPerOperation[round]!));
}
