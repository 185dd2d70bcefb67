import { describe, expect, it } from "vitest";
import { formatSweepText } from "../../src/report/sweep-text.js";
import { buildSweep, type Measurement, type SweepResult } from "../../src/result/sweep.js";

const THREADS = [1, 2, 4, 8];
const POPULATIONS = [
  { afs: 10_000, ns: 26, floorNs: 1.1, coherency: 0.02 },
  { afs: 1_000_000, ns: 31, floorNs: 4.2, coherency: 0 },
];

/** Measurements of a machine that the law describes, but for a drift of a few per cent. */
function measurements(rounds: number, threads: readonly number[]): Measurement[] {
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

function sweepOf(rounds: number, threads: readonly number[], made = measurements(rounds, threads)): SweepResult {
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

const show = (result: SweepResult, width = 100): string => formatSweepText(result, { colour: false, width });

describe("the report of a sweep", () => {
  it("draws the curve with the floor, and says how threads scale", async () => {
    await expect(show(sweepOf(5, THREADS))).toMatchFileSnapshot("sweep/threads.txt");
  });

  it("of two numbers of threads says what they cannot tell", async () => {
    await expect(show(sweepOf(5, [1, 2]))).toMatchFileSnapshot("sweep/two.txt");
  });

  it("of one number of threads and few rounds has no intervals, and fits a narrow terminal", async () => {
    await expect(show(sweepOf(2, [1]), 60)).toMatchFileSnapshot("sweep/narrow.txt");
    for (const width of [40, 50, 60, 70, 80]) {
      const lines = show(sweepOf(5, THREADS), width).split("\n");
      for (const line of lines.filter((one) => !one.startsWith("  command"))) expect(line.length, line).toBeLessThanOrEqual(width);
    }
  });

  it("of a sweep that was stopped says so", async () => {
    await expect(show(sweepOf(3, [1, 2], measurements(3, [1, 2]).slice(0, 2)))).toMatchFileSnapshot("sweep/stopped.txt");
  });
});
