/** Sweeps for tests of their reports. */

import { buildSweep, type Measurement, type SweepResult } from "../../src/result/sweep.js";

export const THREADS = [1, 2, 4, 8];
const POPULATIONS = [
  { afs: 10_000, ns: 26, floorNs: 1.1, coherency: 0.02 },
  { afs: 1_000_000, ns: 31, floorNs: 4.2, coherency: 0 },
];

/** Measurements of a machine that the law describes, but for a drift of a few per cent. */
export function measurements(rounds: number, threads: readonly number[]): Measurement[] {
  return Array.from({ length: rounds }, (_, round) =>
    POPULATIONS.flatMap(({ afs, ns, floorNs, coherency }): Measurement[] => {
      const drift = 1 + round / 100;
      const runs = threads.map((workers) => ({
        kind: "run" as const,
        round,
        afs,
        workers,
        digest: "a7d37deb9b9e8c15",
        events: 8_000_000,
        nsPerEvent: (drift * ns * (1 + 0.05 * (workers - 1) + coherency * workers * (workers - 1))) / workers,
        setupMs: afs / 10_000,
        memoryBytes: 32 * afs + 2 ** 22,
        bytesPerAf: 32 + 2 ** 22 / afs,
        rssBytes: 32 * afs + 90 * 2 ** 20,
        violations: 0,
        missedThresholds: 0,
      }));
      return [{ kind: "floor", round, afs, nsPerAccess: drift * floorNs }, ...runs];
    }),
  ).flat();
}

/** A sweep of two populations. */
export function sweepOf(rounds: number, threads: readonly number[], made = measurements(rounds, threads)): SweepResult {
  return buildSweep({
    tool: { name: "condis-sim", version: "0.1.0" },
    scenario: "churn",
    seed: 1,
    command: `condis-sim sweep churn --seed 1 --afs 10000,1000000 --workers ${threads.join(",")}`,
    rounds,
    points: POPULATIONS.flatMap(({ afs }) => threads.map((workers) => ({ afs, workers, shards: 8, duration: "8ms" }))),
    measurements: made,
    planned: measurements(rounds, threads).length,
    host: { node: "20.20.2", cpu: "Some Processor", processors: 8 },
  });
}

