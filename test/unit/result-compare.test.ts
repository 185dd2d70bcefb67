import { describe, expect, it } from "vitest";
import { compareResults, type PairComparison } from "../../src/result/compare.js";
import { compareSides } from "../../src/result/comparison.js";
import { findDifferences } from "../../src/result/differences.js";
import { pairResults } from "../../src/result/pairing.js";
import type { StoredResult } from "../../src/result/stored.js";
import { CHURN, SERVED, stored, timed, TOOL } from "../golden/compare-results.js";

const QUIET = [22.9, 22.1, 22.3, 22.2, 22.6, 22.4];
const MARGIN = 0.05;

function compareTwo(a: object, b: object): PairComparison {
  return compareResults([stored(a, "a.json")], [stored(b, "b.json")], MARGIN);
}

/** The runs of `QUIET`, so many times as long. */
function slowed(factor: number, spread = 1): typeof CHURN {
  return timed(
    CHURN,
    QUIET.map((ns) => factor * (22.35 + (ns - 22.35) * spread)),
  );
}

describe("differences", () => {
  it("are found by path, whatever the order of the fields", () => {
    expect(findDifferences({ a: 1, b: { c: [1, 2] } }, { b: { c: [1, 3] }, a: 1 })).toEqual([
      { path: "b.c.1", a: 2, b: 3 },
    ]);
  });

  it("name what only one has", () => {
    expect(findDifferences({ a: null }, { b: false })).toEqual([
      { path: "a", a: null, b: undefined },
      { path: "b", a: undefined, b: false },
    ]);
  });

  it("of groups of counts go by their bounds: one group more moves no other", () => {
    const group = (from: number, count: number): object => ({ from, to: from + 1, count });
    const value = (groups: readonly object[]) => ({ density: groups }) as never;
    expect(findDifferences(value([group(3, 7), group(9, 1)]), value([group(1, 5), group(3, 7), group(9, 2)]))).toEqual([
      { path: "density.9..10", a: 1, b: 2 },
      { path: "density.1..2", a: undefined, b: 5 },
    ]);
  });

  it("leave out the command lines that reproduce a violation", () => {
    expect(findDifferences({ first: [{ reproduce: "x" }] }, { first: [{ reproduce: "y" }] })).toEqual([]);
  });
});

describe("what came out", () => {
  it("is the same when only the host and the command line differ", () => {
    const again = { ...timed(CHURN, [1]), command: "condis-sim run ./churn.yaml" };
    expect(compareTwo(CHURN, again)).toMatchObject({ verdict: "same", inputs: [], outputs: [] });
  });

  it("is the same when one result is of a version that recorded no series over time, and differs by a series", () => {
    const withSeries = (opens: number) => ({ ...CHURN, series: { stepNs: 5, opens: [opens, 2] } });
    expect(compareTwo(CHURN, withSeries(1))).toMatchObject({ verdict: "same", outputs: [] });
    const { verdict, outputs } = compareTwo(withSeries(1), withSeries(3));
    expect([verdict, outputs]).toEqual(["differ", [{ path: "series.opens.0", a: 1, b: 3 }]]);
  });

  it("differs by one field", () => {
    const other = { ...CHURN, totals: { ...CHURN.totals, events: 7 } };
    expect(compareTwo(CHURN, other)).toMatchObject({
      verdict: "differ",
      outputs: [{ path: "totals.events", a: 100_517, b: 7 }],
    });
  });

  it("may be the same although the scenario's words differ; the times are compared then", () => {
    const { verdict, inputs, speed } = compareTwo(CHURN, {
      ...CHURN,
      scenario: { ...CHURN.scenario, description: "Another?" },
    });
    expect({ verdict, inputs: inputs.map(({ path }) => path) }).toEqual({
      verdict: "same",
      inputs: ["scenario.description"],
    });
    expect(speed.verdict).toBe("no difference");
  });

  it("does not differ in what only a later version measures, and does in a rule that only one broke", () => {
    const later = {
      ...CHURN,
      tool: { ...TOOL, version: "0.3.0" },
      totals: { ...CHURN.totals, registrations: 8 },
      violations: { ...CHURN.violations, byRule: { "close/owed": 1 } },
    };
    const { unmeasured, outputs } = compareTwo(CHURN, later);
    expect(unmeasured.map(({ path }) => path)).toEqual(["totals.registrations"]);
    expect(outputs.map(({ path }) => path)).toEqual(["violations.byRule.close/owed"]);
    const sameVersion = compareTwo(CHURN, { ...later, tool: TOOL });
    expect(sameVersion.outputs.map(({ path }) => path)).toContain("totals.registrations");
  });

  it.each([
    [
      "other scenarios",
      CHURN,
      { ...CHURN, scenario: { name: "close-storm" } },
      /different scenarios, churn and close-s/,
    ],
    ["a partial one", CHURN, { ...CHURN, partial: { done: 0.251 } }, /b\.json is partial: .* 25 % were done/],
    ["another mode", CHURN, { ...CHURN, mode: "live" }, /one is of run and one of live/],
    ["real threads", { ...CHURN, mode: "live" }, { ...CHURN, mode: "live" }, /no two runs with real threads/],
  ])("is not comparable: %s", (_title, a, b, problem) => {
    const comparison = compareTwo(a, b);
    expect(comparison.verdict).toBe("not comparable");
    expect(comparison.problems.join()).toMatch(problem);
    expect(comparison.speed.verdict).toBe("not comparable");
  });
});

describe("speed", () => {
  it.each([
    ["slower", 1.2],
    ["faster", 0.8],
    ["no difference", 1.01],
    ["cannot say", 1.05],
  ])("is %s when b takes a certain time longer", (verdict, factor) => {
    expect(compareTwo(CHURN, slowed(factor)).speed.verdict).toBe(verdict);
  });

  it("cannot be told from too few runs: it is said how many are enough", () => {
    const { speed } = compareTwo(timed(CHURN, [20, 21, 22, 23]), CHURN);
    expect(speed).toMatchObject({ verdict: "cannot say", interval: null, countWanted: 5, ratio: expect.any(Number) });
    expect(speed.reason).toBe("4 and 6 runs are too few");
  });

  it("cannot be told from noisy runs: more are wanted the nearer the ratio is to the margin, and none when they would not help", () => {
    const wanted = (factor: number): number | null => compareTwo(slowed(1, 12), slowed(factor, 12)).speed.countWanted;
    expect(wanted(1.3)).toBeGreaterThan(6);
    expect(wanted(1.15)).toBeGreaterThan(wanted(1.3) ?? Infinity);
    expect(wanted(1.05)).toBeNull();
  });

  it.each([
    ["processors", { cpu: "Another" }, "different processors (Some Processor, Another)"],
    ["Node versions", { node: "22.1.0" }, "different Node versions (20.20.2, 22.1.0)"],
    ["numbers of workers", { workers: 1 }, "different numbers of workers (2, 1)"],
  ])("is not judged with different %s", (_title, host, reason) => {
    const { speed } = compareTwo(CHURN, { ...CHURN, host: { ...CHURN.host, ...host } });
    expect(speed).toMatchObject({ verdict: "not comparable", ratio: null });
    expect(speed.reason).toContain(reason);
  });

  it("is not judged when the work was not the same, and is when only the digest of another version is", () => {
    expect(compareTwo(CHURN, SERVED).speed.reason).toContain("different work");
    const otherVersion = { ...CHURN, tool: { ...TOOL, version: "0.3.0" }, digest: "0000000000000001" };
    expect(compareTwo(CHURN, otherVersion).speed.verdict).toBe("no difference");
  });

  it("of nothing is nothing", () => {
    expect(compareTwo(timed(CHURN, [0, 0, 0, 0, 0]), CHURN).speed).toMatchObject({
      verdict: "cannot say",
      ratio: null,
    });
  });

  it("of several results on a side goes by their medians", () => {
    const side = (times: readonly number[]) =>
      times.map((ns, index) => stored(timed(CHURN, [ns, ns, 10 * ns]), `${index}.json`)) as [StoredResult];
    const { speed } = compareResults(side([20, 21, 22, 20, 21]), side([30, 31, 32, 30, 31]), MARGIN);
    expect(speed).toMatchObject({ unit: "result", verdict: "slower", a: { count: 5, medianNs: 21, maxNs: 22 } });
  });
});

describe("folders", () => {
  const named = (name: string, seed: number, file: string, changes: object = {}): StoredResult =>
    stored({ ...CHURN, seed, scenario: { name, ...changes } }, file);
  const filesOf = (groups: readonly (readonly StoredResult[])[]): string[][] =>
    groups.map((group) => group.map(({ file }) => file));

  it("are paired by scenario and seed, whatever their files are called; the same again is a repetition", () => {
    const a = [named("x", 1, "1"), named("x", 2, "2"), named("x", 1, "3"), named("y", 1, "4")];
    const b = [named("y", 1, "5"), named("x", 2, "6"), named("x", 1, "7")];
    const { pairs, onlyInA, onlyInB } = pairResults(a, b);
    expect(pairs.map((pair) => filesOf([pair.a, pair.b]))).toEqual([
      [["1", "3"], ["7"]],
      [["2"], ["6"]],
      [["4"], ["5"]],
    ]);
    expect([onlyInA, onlyInB]).toEqual([[], []]);
  });

  it("are paired by name and seed, then by name, when the scenario was changed and there is no choice", () => {
    const a = [named("x", 1, "1"), named("y", 1, "2"), named("z", 1, "3", { afs: 1 }), named("z", 1, "4", { afs: 2 })];
    const b = [
      named("y", 9, "5"),
      named("x", 1, "6", { tick: "1us" }),
      named("z", 1, "7", { afs: 2 }),
      named("w", 1, "8"),
    ];
    const { pairs, onlyInA, onlyInB } = pairResults(a, b);
    const files = pairs.map((pair) => filesOf([pair.a, pair.b]).flat());
    expect(files.toSorted((one, other) => String(one).localeCompare(String(other)))).toEqual([
      ["1", "6"],
      ["2", "5"],
      ["4", "7"],
    ]);
    expect(filesOf(onlyInA)).toEqual([["3"]]);
    expect(filesOf(onlyInB)).toEqual([["8"]]);
  });

  it("of one result each are compared in any case", () => {
    expect(pairResults([named("x", 1, "1")], [named("y", 2, "2")]).pairs).toHaveLength(1);
  });

  it("in which repetitions contradict one another are not comparable", () => {
    const other = stored({ ...CHURN, digest: "0000000000000001" }, "2.json");
    const { problems } = compareResults([stored(CHURN, "1.json"), other], [stored(CHURN, "3.json")], MARGIN);
    expect(problems).toEqual(["1.json and 2.json are of the same scenario and have different digests"]);
  });
});

describe("the outcome", () => {
  const outcomeOf = (a: readonly object[], b: readonly object[], needsSpeed = false): string => {
    const side = (name: string, results: readonly object[]) => ({
      name,
      results: results.map((fields, index) => stored(fields, `${name}${index}`)),
    });
    return compareSides(side("a", a), side("b", b), { margin: MARGIN, needsSpeed, tool: TOOL }).outcome;
  };
  const other = { ...CHURN, scenario: { name: "other" } };
  const single = timed(CHURN, [20]);

  it.each([
    ["pass", [CHURN], [CHURN]],
    ["pass", [CHURN], [slowed(0.8)]],
    ["pass", [single], [single]],
    ["fail", [CHURN], [SERVED]],
    ["fail", [CHURN], [slowed(1.2)]],
    ["undecided", [CHURN], [other]],
    ["undecided", [CHURN, other], [CHURN]],
  ])("is %s", (outcome, a, b) => expect(outcomeOf(a, b)).toBe(outcome));

  it("is fail when one pair fails, whatever else cannot be compared", () => {
    expect(outcomeOf([CHURN, other], [slowed(1.2), { ...CHURN, scenario: { name: "third" } }])).toBe("fail");
  });

  it("is undecided without a verdict on speed where one is needed", () => {
    expect(outcomeOf([single], [single], true)).toBe("undecided");
    expect(outcomeOf([CHURN], [CHURN], true)).toBe("pass");
  });
});
