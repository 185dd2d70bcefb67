/** What a sweep measures, checked before anything is: a sweep can take hours, and what is wrong is to be known at once. */

import os from "node:os";
import { checkMemory, readAvailableBytes } from "../pool/shard-memories.js";
import { planLive, type Dispatch } from "../run/live-plan.js";
import { LIVE_LIMITS } from "../run/live-limits.js";
import { planRun } from "../run/plan.js";
import type { DescribedScenario } from "../result/schema.js";
import { describeScenario } from "../scenario/describe.js";
import { InputError } from "../scenario/input-error.js";
import type { ScenarioOverrides } from "../scenario/override.js";
import type { ScenarioSource } from "../scenario/resolve.js";
import { TICKS_MAX } from "../scenario/limits.js";
import { virtualNsOf } from "../scenario/phases.js";
import type { Scenario } from "../scenario/scenario.js";
import { formatCount } from "../scenario/units.js";
import { naming } from "./request-checks.js";
import { threadsOf } from "./run.js";
import { prepareScenario } from "./scenario-input.js";

/** The values that are combined. */
export interface SweepAxes {
  readonly afs: readonly number[];
  /** Numbers of threads: workers of a simulation, lanes of a live run. */
  readonly workers: readonly number[];
  /** Only of a sweep of live runs. */
  readonly dispatch?: readonly Dispatch[];
}

/** A combination: one way to run the scenario. */
export interface SweepPoint {
  readonly afs: number;
  /** Threads: lanes where it is a live run. */
  readonly workers: number;
  /** Only of a live run. */
  readonly dispatch?: Dispatch;
  /** The same for all workers, so that nothing but threads differs; a live run has one memory. */
  readonly shards: number;
  /** Length of the run phases, as `--duration` takes it: virtual time, or the clock's where it is a live run. */
  readonly duration: string;
}

export interface SweepPlan {
  readonly scenario: string;
  readonly seed: number;
  /** As resolved for the largest population: a file may be edited before the sweep goes on. */
  readonly resolved: DescribedScenario;
  readonly points: readonly SweepPoint[];
}

/**
 * Events of a measurement, and at least one an AF, where the length of the run is the sweep's to choose. Every worker compiles the kernel anew: with 8
 * million events two workers seem 1.4 times as fast as one where they are 1.9 times.
 */
const EVENTS = 64e6;
/** How far the run phases are stretched or cut for that, and how short each may become. */
const STRETCH_MAX = 1000;
const TICKS_MIN = 100;
/** Events follow the length of a run only roughly: an AF's first close comes later than its next ones. */
const APPROXIMATIONS = 4;
/** Of a live run, whose events nobody knows before. */
const LIVE_DURATION = "1s";

/**
 * Plans the points of a sweep.
 *
 * @param overrides without `afs`; a duration holds for every point, without one each is as long as gives it EVENTS events, or one an AF, and a live run
 * LIVE_DURATION
 * @throws InputError for the first point that cannot be run
 */
export async function planSweep(
  source: ScenarioSource,
  overrides: ScenarioOverrides,
  axes: SweepAxes,
): Promise<SweepPlan> {
  const points: SweepPoint[] = [];
  let resolved: Scenario | undefined;
  for (const afs of axes.afs) {
    const withAfs = { ...overrides, afs: String(afs) };
    if (axes.dispatch) {
      const live = { ...withAfs, duration: overrides.duration ?? LIVE_DURATION };
      resolved = await prepareScenario(source, live, LIVE_LIMITS);
      points.push(...planLivePoints(resolved, axes.workers, axes.dispatch, live.duration));
      continue;
    }
    resolved = await prepareScenario(source, withAfs);
    naming("--workers", () => checkWorkers(axes.workers, resolved!));
    const shards = naming(`--afs ${formatCount(afs)}`, () => shardsOf(resolved!, axes.workers));
    const duration = overrides.duration ?? (await chooseDuration(source, withAfs, resolved));
    points.push(...axes.workers.map((workers) => ({ afs, workers, shards, duration })));
  }
  const { name, seed } = resolved!;
  return { scenario: name, seed, resolved: describeScenario(resolved!), points };
}

/** Plans every live run as it will be, to know that it can be. */
function planLivePoints(
  scenario: Scenario,
  lanes: readonly number[],
  dispatches: readonly Dispatch[],
  duration: string,
): SweepPoint[] {
  const { afs } = scenario.topology;
  return dispatches.flatMap((dispatch) =>
    lanes.map((workers) => {
      planLive(scenario, { lanes: workers, dispatch, pace: "free", traced: false });
      return { afs, workers, dispatch, shards: 1, duration };
    }),
  );
}

/** Checks the numbers of threads, which are the same for every population. */
function checkWorkers(workers: readonly number[], { topology: { machines } }: Scenario): void {
  const most = Math.max(...workers);
  if (most > machines) {
    throw new InputError(
      `${most} workers have nothing to share: the scenario has ${machines} machines, and a machine is never split`,
      { suggestion: `--machines ${most}` },
    );
  }
  if (threadsOf(most) < most) {
    throw new InputError(
      `${most} workers are more than this computer starts: ${threadsOf(most)}, with ${os.availableParallelism()} processors`,
    );
  }
}

/** As many shards as a run would make, and at least one for each thread. */
function shardsOf(scenario: Scenario, workers: readonly number[]): number {
  const most = Math.max(...workers);
  const shards = Math.max(most, planRun(scenario, { shards: null, trace: null }).shards.length);
  checkMemory(planRun(scenario, { shards, trace: null }), most, readAvailableBytes());
  return shards;
}

/** How long the run phases are to be, of which every scenario has one. */
async function chooseDuration(
  source: ScenarioSource,
  overrides: ScenarioOverrides,
  scenario: Scenario,
): Promise<string> {
  const runs = scenario.phases.filter(({ kind }) => kind === "run");
  const runTicks = virtualNsOf({ phases: runs }) / scenario.tickNs;
  const otherTicks = virtualNsOf(scenario) / scenario.tickNs - runTicks;
  const least = Math.max(runTicks / STRETCH_MAX, TICKS_MIN * runs.length);
  const most = Math.min(runTicks * STRETCH_MAX, TICKS_MAX - otherTicks);
  const wanted = Math.max(EVENTS, scenario.topology.afs);
  let [ticks, tried] = [runTicks, scenario];
  for (let i = 0; i < APPROXIMATIONS; i++) {
    const { expectedEvents } = planRun(tried, { shards: null, trace: null });
    const stretched = (ticks * wanted) / Math.max(1, expectedEvents);
    ticks = Math.floor(Math.min(Math.max(stretched, least), most));
    tried = await prepareScenario(source, { ...overrides, duration: durationOf(ticks, scenario) });
  }
  return durationOf(ticks, scenario);
}

function durationOf(ticks: number, { tickNs }: Scenario): string {
  return `${ticks * tickNs}ns`;
}

/** A point as people name it. */
export function describePoint({ afs, workers, dispatch }: Pick<SweepPoint, "afs" | "workers" | "dispatch">): string {
  const threads = `${workers} ${dispatch ? "lane" : "worker"}${workers === 1 ? "" : "s"}`;
  return `${formatCount(afs)} AFs, ${threads}${dispatch ? `, ${dispatch}` : ""}`;
}
