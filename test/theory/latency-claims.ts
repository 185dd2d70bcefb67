/** The tests of a list of models. */
import { describe, expect, it } from "vitest";
import { meanOf, percentileOf, sortTogether } from "./batch-means.js";
import { formatTable } from "./judge.js";
import { judgeModel } from "./judge-model.js";
import type { Model } from "./models.js";

/** HdrHistogram's buckets are at most this much wider than the values in them. */
const BUCKET_WIDTH = 1 / 128;

/** @param table file, beside this one, that shows what theory says against what was simulated */
export function describeModels(models: readonly Model[], table: string): void {
  describe.each(models.map((model) => [model.name, model] as const))("%s", (_, model) => {
    it("has the close latencies that theory predicts, within limits from batch means", () => {
      const { simulation, verdicts } = judgeModel(model);
      expect(simulation.refused).toBe(0);
      expect(verdicts.filter(({ holds }) => !holds)).toEqual([]);
    });

    it("has limits that exclude wrong theories", () => {
      const { verdicts } = judgeModel(model);
      expect(verdicts.filter(({ notExcluded }) => notExcluded.length > 0)).toEqual([]);
      expect(verdicts.every(({ claim }) => claim.wrong.length > 0)).toBe(true);
    });

    it("reports the latencies that its trace shows", () => {
      const { latencies, reported } = judgeModel(model).simulation;
      const sorted = sortTogether(latencies);
      expect(reported.count).toBe(sorted.length);
      expect(reported.meanNs! / meanOf(sorted)).toBeCloseTo(1, 9);
      for (const [ns, share] of [
        [reported.p50Ns, 0.5],
        [reported.p99Ns, 0.99],
      ] as const) {
        expect(ns).toBeGreaterThanOrEqual(percentileOf(sorted, share));
        expect(ns).toBeLessThanOrEqual(percentileOf(sorted, share) * (1 + BUCKET_WIDTH));
      }
    });
  });

  describe("what theory says against what was simulated", () => {
    it("is as the table shows it", async () => {
      await expect(formatTable(models.map(judgeModel))).toMatchFileSnapshot(table);
    });
  });
}
