import { describe, expect, it } from "vitest";
import { parseAxis } from "../../src/modes/sweep-axes.js";
import { planSweep, type SweepPlan } from "../../src/modes/sweep-plan.js";
import { sweep, tasksOf, type SweepTask } from "../../src/modes/sweep.js";
import { prepareScenario } from "../../src/modes/scenario-input.js";
import { formatSweepHtml } from "../../src/report/html-sweep.js";
import { formatJsonValue } from "../../src/report/json.js";
import { formatSweepText } from "../../src/report/sweep-text.js";
import { readSweep } from "../../src/result/stored-sweep.js";
import { planRun } from "../../src/run/plan.js";
import { catalogueNames } from "../../src/scenario/catalogue.js";
import type { Measurement } from "../../src/result/sweep.js";
import { buildSweep } from "../../src/result/sweep.js";

describe("an axis of a sweep", () => {
  it.each([
    ["1k,10k,100k", [1000, 10_000, 100_000]],
    ["1k,10k,...,100M", [1e3, 1e4, 1e5, 1e6, 1e7, 1e8]],
    ["1k, 2k, …, 8k", [1000, 2000, 4000, 8000]],
    ["7", [7]],
  ])("%s is %j", (text, values) => {
    expect(parseAxis(text)).toEqual(values);
  });

  it.each([
    ["", "a number is missing between commas"],
    ["1,,2", "a number is missing between commas"],
    ["0", '"0" is not a whole number of at least 1'],
    ["2,1", '"1" is less than what comes before it'],
    ["1k,1000", '"1000" is there twice'],
    ["1k,...,8k", '"1k,...,8k": two numbers come before the dots, and one after them, as in 1k,10k,...,100M'],
    ["1k,2k,...", '"1k,2k,...": two numbers come before the dots, and one after them, as in 1k,10k,...,100M'],
    ["1k,2k,...,7k", '"1k,2k,...,7k": the numbers from 1000 and 2000 on do not come to 7000'],
    ["2k,1k,...,8k", '"2k,1k,...,8k": the numbers from 2000 and 1000 on do not come to 8000'],
    ["2,2,...,8", '"2,2,...,8": the numbers from 2 and 2 on do not come to 8'],
    [Array.from({ length: 65 }, (_, i) => i + 1).join(","), "65 values are more than 64"],
  ])("%s is an error", (text, message) => {
    expect(() => parseAxis(text)).toThrow(message);
  });
});

const POINTS = [
  { afs: 10, workers: 1, shards: 2, duration: "1ms" },
  { afs: 10, workers: 2, shards: 2, duration: "1ms" },
  { afs: 20, workers: 1, shards: 2, duration: "1ms" },
  { afs: 20, workers: 2, shards: 2, duration: "1ms" },
];
const PLAN: SweepPlan = { scenario: "tiny", seed: 1, resolved: { name: "tiny" }, points: POINTS };

const nameOf = (task: SweepTask): string =>
  task.kind === "floor"
    ? `${task.round}: floor ${task.afs}`
    : `${task.round}: ${task.point.afs} on ${task.point.workers}`;

/** What a run of so many AFs would say, were two workers 1.5 times as fast as one. */
function measured(task: SweepTask, digest?: string): Measurement {
  if (task.kind === "floor") return { kind: "floor", round: task.round, afs: task.afs, nsPerAccess: 2 };
  const { afs, workers } = task.point;
  return {
    kind: "run",
    round: task.round,
    afs,
    workers,
    digest: digest ?? `digest of ${afs}`,
    events: 100 * afs,
    nsPerEvent: (workers === 1 ? 30 : 20) + task.round,
    setupMs: 5,
    memoryBytes: 40 * afs,
    bytesPerAf: 40,
    rssBytes: 1e6,
    violations: 0,
    missedThresholds: 0,
  };
}

function withEvents(measurement: Measurement, eventsOf: (afs: number) => number): Measurement {
  return measurement.kind === "floor" ? measurement : { ...measurement, events: eventsOf(measurement.afs) };
}

function sweepWith(options: {
  readonly made?: readonly Measurement[];
  readonly rounds?: number;
  /** Stops when so many measurements are made. */
  readonly stopAfter?: number;
  readonly digestOf?: (task: SweepTask) => string | undefined;
  readonly eventsOf?: (afs: number) => number;
}) {
  const {
    made = [],
    rounds = 2,
    stopAfter = Infinity,
    digestOf = () => undefined,
    eventsOf = (afs) => 100 * afs,
  } = options;
  const stop = new AbortController();
  const asked: SweepTask[] = [];
  const kept: Measurement[] = [];
  const run = sweep({
    plan: PLAN,
    rounds,
    made,
    measure: async (task) => {
      asked.push(task);
      // A stop comes in the middle of the next one.
      if (asked.length <= stopAfter) return withEvents(measured(task, digestOf(task)), eventsOf);
      stop.abort();
      return null;
    },
    onMeasured: (measurement) => kept.push(measurement),
    signal: stop.signal,
  });
  return { run, asked, kept };
}

describe("a sweep", () => {
  it("measures every point once a round, its floor beside it, and goes back in every second round", async () => {
    const { run, asked } = sweepWith({});
    await run;
    expect(asked.map(nameOf)).toEqual([
      "0: floor 10",
      "0: 10 on 1",
      "0: 10 on 2",
      "0: floor 20",
      "0: 20 on 1",
      "0: 20 on 2",
      "1: 20 on 2",
      "1: 20 on 1",
      "1: floor 20",
      "1: 10 on 2",
      "1: 10 on 1",
      "1: floor 10",
    ]);
  });

  it("goes on where it was stopped, wherever that was, and comes to the same", async () => {
    const whole = await sweepWith({}).run;
    for (let stopAfter = 0; stopAfter < whole.length; stopAfter++) {
      const first = sweepWith({ stopAfter });
      expect(await first.run).toEqual(whole.slice(0, stopAfter));
      expect(first.kept).toEqual(whole.slice(0, stopAfter));
      const second = sweepWith({ made: first.kept });
      expect(await second.run).toEqual(whole);
      expect(second.asked).toHaveLength(whole.length - stopAfter);
    }
  });

  it("fails when the number of workers changes the digest", async () => {
    const digestOf = (task: SweepTask) => (task.kind === "run" && task.point.workers === 2 ? "another" : undefined);
    await expect(sweepWith({ digestOf }).run).rejects.toThrow(
      "10 AFs, 2 workers gave digest another, and 10 AFs, 1 worker digest of 10",
    );
    const made = [tasksOf(PLAN, 1)[1]!, tasksOf(PLAN, 1)[2]!].map((task, i) => measured(task, String(i)));
    await expect(sweepWith({ made }).run).rejects.toThrow("gave digest 1");
  });

  it("stops at the first run without an event: there is nothing to take the time of", async () => {
    const { run, asked } = sweepWith({ eventsOf: (afs) => (afs === 10 ? 0 : 1) });
    await expect(run).rejects.toThrow(
      "10 AFs, 1 worker: no AF is closed, so that there is no event to take the time of",
    );
    expect(asked.map(nameOf)).toEqual(["0: floor 10", "0: 10 on 1"]);
  });
});

const build = (measurements: readonly Measurement[], rounds: number) =>
  buildSweep({
    tool: { name: "condis-sim", version: "0.1.0" },
    scenario: "tiny",
    seed: 1,
    command: "condis-sim sweep tiny",
    rounds,
    points: POINTS,
    measurements,
    planned: tasksOf(PLAN, rounds).length,
    host: { node: "20.20.2", cpu: "Some Processor", processors: 2 },
  });

describe("what a sweep found", () => {
  it("has as many events a second as the time of an event says, also where the median lies between two runs", async () => {
    for (const rounds of [2, 6]) {
      for (const { nsPerEvent, eventsPerSecond } of build(await sweepWith({ rounds }).run, rounds).points) {
        expect(eventsPerSecond.median).toBeCloseTo(1e9 / nsPerEvent.median, 3);
        expect(eventsPerSecond.from).toEqual(nsPerEvent.to && 1e9 / nsPerEvent.to);
        expect(eventsPerSecond.to).toEqual(nsPerEvent.from && 1e9 / nsPerEvent.from);
      }
    }
  });

  it("is medians with an interval, from five measurements on", async () => {
    const five = build(await sweepWith({ rounds: 5 }).run, 5);
    expect(five.points.map(({ nsPerEvent }) => nsPerEvent)).toEqual(
      [1, 2, 1, 2].map((workers) =>
        workers === 1 ? { median: 32, from: 30, to: 34 } : { median: 22, from: 20, to: 24 },
      ),
    );
    expect(five.partial).toBeNull();
    const [four] = build(await sweepWith({ rounds: 4 }).run, 4).points;
    expect(four!.nsPerEvent).toEqual({ median: 31.5, from: null, to: null });
  });

  it("compares workers within a round, and all threads' time with the floor", async () => {
    const { points, populations } = build(await sweepWith({ rounds: 3 }).run, 3);
    expect(populations[0]!.speedup!.median).toBe(31 / 21);
    // Two workers are 31 / 21 times as fast: 2 / (1 + contention).
    expect(populations[0]!.scalability!.contention).toBeCloseTo((2 * 21) / 31 - 1, 9);
    expect(populations[0]!.scalability).toMatchObject({ coherency: null });
    expect(points.map(({ timesFloor }) => timesFloor)).toEqual([31 / 2, (2 * 21) / 2, 31 / 2, (2 * 21) / 2]);
  });

  it("of a sweep that was stopped has the points that were measured, and says how far it came", async () => {
    const { points, populations, partial } = build(await sweepWith({ stopAfter: 2 }).run, 2);
    expect(points.map(({ afs, workers }) => [afs, workers])).toEqual([[10, 1]]);
    expect(populations).toMatchObject([{ afs: 10, speedup: null, scalability: null }]);
    expect(partial).toEqual({ done: 2, planned: 12 });
  });
});

describe("a sweep of live runs", () => {
  const points = (["spsc", "lock"] as const).flatMap((dispatch) =>
    [1, 2].map((workers) => ({ afs: 10, workers, dispatch, shards: 1, duration: "1s" })),
  );
  const plan: SweepPlan = { ...PLAN, points };
  /** The lock is twice as slow, two lanes are faster in rings only, and no two runs have as many events. */
  const measure = async (task: SweepTask): Promise<Measurement> => {
    const run = measured(task, "");
    if (run.kind === "floor" || task.kind === "floor") return run;
    const { workers, dispatch } = task.point;
    const nsPerEvent = dispatch === "lock" ? 80 : 40 / workers;
    return { ...run, dispatch: dispatch!, events: 100 + 2 * run.round, violations: run.round, nsPerEvent };
  };
  const request = { plan, rounds: 3, onMeasured: () => {}, signal: new AbortController().signal };
  const sum = (measurements: readonly Measurement[]) =>
    buildSweep({ ...build([], 3), points, measurements, planned: tasksOf(plan, 3).length });

  it("keeps dispatches apart, and fits the law for each", async () => {
    const swept = sum(await sweep({ ...request, made: [], measure }));
    expect(swept.partial).toBeNull();
    expect(swept.points.map(({ workers, dispatch, nsPerEvent }) => [dispatch, workers, nsPerEvent.median])).toEqual([
      ["spsc", 1, 40],
      ["spsc", 2, 20],
      ["lock", 1, 80],
      ["lock", 2, 80],
    ]);
    expect(swept.populations.map(({ afs, dispatch, speedup }) => [afs, dispatch, speedup?.median])).toEqual([
      [10, "spsc", 2],
      [10, "lock", 1],
    ]);
    expect(swept.populations.map(({ scalability }) => scalability?.contention)).toEqual([0, 1]);
  });

  it("has the median of the runs' events, and the most violations of a run", async () => {
    const swept = sum(await sweep({ ...request, made: [], measure }));
    expect(swept.points.map(({ events }) => events)).toEqual([102, 102, 102, 102]);
    expect(swept.populations.map(({ violations }) => violations)).toEqual([2, 2]);
  });

  it("goes on where it was stopped, without measuring anything twice", async () => {
    const whole = await sweep({ ...request, made: [], measure });
    let asked = 0;
    const counted = (task: SweepTask): Promise<Measurement> => (asked++, measure(task));
    expect(await sweep({ ...request, made: whole.slice(0, 4), measure: counted })).toEqual(whole);
    expect(asked).toBe(whole.length - 4);
  });

  it("is read back as it was written, and shown in the terminal and on a page by lanes and dispatch", async () => {
    const swept = sum(await sweep({ ...request, made: [], measure }));
    const back = readSweep(formatJsonValue(swept), "sweep.json");
    expect(back).toEqual(swept);
    for (const width of [60, 100]) {
      const shown = formatSweepText(back, { colour: false, width });
      expect(shown).toMatch(/AFs +dispatch +lanes +an event/);
      expect(shown).toMatch(/10 AFs, spsc +2 lanes are 2 times as fast as 1/);
      expect(shown).not.toContain("worker");
    }
    const page = formatSweepHtml(back);
    expect(page).toContain("events a second over lanes, 10 AFs, lock");
    expect(page).toContain("lock, 2 lanes");
    expect(page).not.toMatch(/worker|digest|NaN|undefined/i);
  });
});

describe("the plan of a sweep", () => {
  const plan = (afs: readonly number[], workers: readonly number[], overrides = {}) =>
    planSweep({ name: "churn" }, overrides, { afs, workers });

  it("gives every point as many events, and every number of workers the same shards", async () => {
    const { points } = await plan([10_000, 100_000], [1, 2]);
    expect(points.map(({ afs, workers, shards }) => [afs, workers, shards])).toEqual([
      [10_000, 1, 2],
      [10_000, 2, 2],
      [100_000, 1, 2],
      [100_000, 2, 2],
    ]);
    // An AF of churn has one event a millisecond.
    const durations = points.map(({ duration }) => Number.parseInt(duration, 10) / 1e6);
    expect(durations[0]).toBe(durations[1]);
    expect(durations[0]! / 6400).toBeCloseTo(1, 1);
    expect(durations[2]! / 640).toBeCloseTo(1, 1);
  });

  it.each(catalogueNames)("has a length for the built-in %s, however few or many AFs there are", async (name) => {
    const { points } = await planSweep({ name }, {}, { afs: [512, 1_000_000], workers: [1] });
    for (const { afs, duration } of points) {
      const scenario = await prepareScenario({ name }, { afs: String(afs), duration });
      expect(planRun(scenario, { shards: null, trace: null }).expectedEvents).toBeGreaterThan(0);
    }
  });

  it("leaves a duration that was given", async () => {
    const { points } = await plan([1000], [1], { duration: "3ms" });
    expect(points).toEqual([{ afs: 1000, workers: 1, shards: 1, duration: "3ms" }]);
  });

  it("of live runs has every dispatch with every number of lanes, in one memory, for a second", async () => {
    const { points } = await planSweep(
      { name: "churn" },
      {},
      { afs: [1000], workers: [1, 2], dispatch: ["spsc", "lock"] },
    );
    expect(points).toEqual(
      (["spsc", "lock"] as const).flatMap((dispatch) =>
        [1, 2].map((workers) => ({ afs: 1000, workers, dispatch, shards: 1, duration: "1s" })),
      ),
    );
  });

  it("of live runs is rejected where one of them is too large", async () => {
    const live = { afs: [1000, 2 ** 28], workers: [1], dispatch: ["spsc"] as const };
    await expect(planSweep({ name: "churn" }, {}, live)).rejects.toThrow(
      "topology.afs: 268435456 AFs are more than a live run's 134217728",
    );
  });

  it.each([
    [
      [1000],
      [9],
      "--workers: 9 workers have nothing to share: the scenario has 8 machines, and a machine is never split",
    ],
    [[4], [1], "topology"],
    [[1e12], [1], "is too large: at most"],
    [[4e11], [1], "--afs 400"],
  ])("of %j AFs and %j workers is refused", async (afs, workers, message) => {
    await expect(plan(afs, workers)).rejects.toThrow(message);
  });
});
