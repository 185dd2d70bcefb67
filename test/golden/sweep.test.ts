import { describe, expect, it } from "vitest";
import { formatSweepText } from "../../src/report/sweep-text.js";
import type { SweepResult } from "../../src/result/sweep.js";
import { measurements, sweepOf, THREADS } from "./sweep-results.js";

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
