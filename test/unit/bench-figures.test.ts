import { describe, expect, it } from "vitest";
import { addMeasured, type Figures, powerLabel } from "../../bench/figures.js";
import { type BenchRecord, formatReport } from "../../bench/report.js";
import { interleave, median, medianRatio } from "../../bench/rounds.js";
import { judge } from "../../bench/targets.js";

const RECORD: BenchRecord = {
  schemaVersion: 1,
  date: "2026-11-23T12:00:00.000Z",
  quick: false,
  node: "20.0.0",
  cpu: "Some CPU",
  cores: 2,
  memoryGiB: 24,
  compiler: null,
  figures: {},
};

describe("the bench's rounds", () => {
  it("take contenders in turn, leave discarded rounds out and give nanoseconds per operation", async () => {
    const order: string[] = [];
    const contender = (id: string, operations: number) => ({
      id,
      round: (round: number) => {
        order.push(`${id}${round}`);
        return { seconds: 10 + round, operations };
      },
    });
    const measured = await interleave([contender("a", 1e9), contender("b", 2e9)], { rounds: 3, discarded: 1 });
    expect(order).toEqual(["a-1", "b-1", "a0", "b0", "a1", "b1", "a2", "b2"]);
    expect(measured.get("a")!.nsPerOperation.map((ns) => Number(ns.toFixed(9)))).toEqual([10, 11, 12]);
    expect(measured.get("b")!.medianNs).toBeCloseTo(5.5, 9);
    expect(medianRatio(measured.get("a")!, measured.get("b")!)).toBeCloseTo(2, 9);
  });

  it("end with the error of a contender that fails", async () => {
    const failing = {
      id: "a",
      round: () => {
        throw new Error("no luck");
      },
    };
    await expect(interleave([failing], { rounds: 1, discarded: 0 })).rejects.toThrow("no luck");
  });

  it("have a median that ignores order and outliers", () => {
    expect(median([1000, 3, 1, 2])).toBe(2.5);
    expect(median([9, 1, 5])).toBe(5);
    expect(() => median([])).toThrow(RangeError);
  });
});

describe("the bench's figures", () => {
  it("carry the population as a power of ten", () => {
    expect([1e4, 1e6, 1e8].map(powerLabel)).toEqual(["1e4", "1e6", "1e8"]);
  });

  it("give time, rate and spread of one measurement", () => {
    const figures: Figures = new Map();
    addMeasured(figures, "x", { nsPerOperation: [10, 20, 30], medianNs: 20 });
    expect(Object.fromEntries(figures)).toEqual({ "x.nsPerEvent": 20, "x.eventsPerSecond": 5e7, "x.spread": 0.5 });
  });

  it("are judged only where measured, and what falls short says by how much", () => {
    const figures: Figures = new Map([
      ["churn.1e6.kernel.timesCpp", 25],
      ["churn.1e7.kernel.timesCpp", 20],
      ["churn.1e5.kernel.nsPerEvent", 30],
    ]);
    const verdicts = judge(figures).map(({ target, pass, shortBy }) => [target.figure, pass, shortBy]);
    expect(verdicts).toEqual([
      ["churn.1e6.kernel.timesCpp", true, 0],
      ["churn.1e7.kernel.timesCpp", false, 0.2],
      ["churn.1e5.kernel.nsPerEvent", false, 0.2],
    ]);
  });

  it("are reported with a dash for what was not measured and a ratio to the baseline", () => {
    const figures = { "churn.1e5.kernel.nsPerEvent": 10, "churn.1e5.kernel.eventsPerSecond": 1e8 };
    const before = { ...RECORD, figures: { "churn.1e5.kernel.eventsPerSecond": 5e7 } };
    const text = formatReport({ ...RECORD, figures }, before);
    expect(text).toMatch(/^ +100,000 +10 +100 +- +- .* 2$/m);
    expect(text).toMatch(/pass .*1e5 AFs +10 ns +at most 25/);
    expect(text).toContain("no C++ compiler found");
  });
});
