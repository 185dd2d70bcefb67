/** What a sweep measures, checked before anything is: a sweep can take hours, and what is wrong is to be known at once. */

import os from "node:os";
import { checkMemory, readAvailableBytes } from "../pool/shard-memories.js";
import { planRun } from "../run/plan.js";
import { InputError } from "../scenario/input-error.js";
import type { ScenarioOverrides } from "../scenario/override.js";
import type { ScenarioSource } from "../scenario/resolve.js";
import type { Scenario } from "../scenario/scenario.js";
import { formatCount } from "../scenario/units.js";
import { naming } from "./request-checks.js";
import { threadsOf } from "./run.js";
import { prepareScenario } from "./scenario-input.js";

/** The values that are combined. */
export interface SweepAxes {
  readonly afs: readonly number[];
  readonly workers: readonly number[];
}

/** A combination: one way to run the scenario. */
export interface SweepPoint {
  readonly afs: number;
  readonly workers: number;
  /** The same for all workers, so that nothing but threads differs. */
  readonly shards: number;
  /** Length of the run phases, as `--duration` takes it. */
  readonly duration: string;
}

export interface SweepPlan {
  readonly scenario: string;
  readonly seed: number;
  readonly points: readonly SweepPoint[];
}

/**
 * Events of a measurement where the length of the run is the sweep's to choose, and at least one an AF: enough to take a time that start-up
 * does not disturb, at any population the same.
 */
const EVENTS = 8e6;
/** How far the run phases are stretched or cut for that. */
const STRETCH_MAX = 1000;
/** Events follow the length of a run only roughly: an AF's first close comes later than its next ones. */
const APPROXIMATIONS = 4;

/**
 * Plans the points of a sweep.
 *
 * @param overrides without `afs`; a duration holds for every point, without one each has as many events as any other
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
    resolved = await prepareScenario(source, withAfs);
    const shards = naming(`--afs ${formatCount(afs)}`, () => shardsOf(resolved!, axes.workers));
    const duration = overrides.duration ?? (await chooseDuration(source, withAfs, resolved));
    points.push(...axes.workers.map((workers) => ({ afs, workers, shards, duration })));
  }
  const { name, seed } = resolved!;
  return { scenario: name, seed, points };
}

/** As many shards as a run would make, and at least one for each thread. */
function shardsOf(scenario: Scenario, workers: readonly number[]): number {
  const most = Math.max(...workers);
  const { machines } = scenario.topology;
  if (most > machines) {
    throw new InputError(
      `${most} workers have nothing to share: the scenario has ${machines} machines, and a machine is never split`,
      {
        suggestion: `--machines ${most}`,
      },
    );
  }
  if (threadsOf(most) < most) {
    throw new InputError(
      `${most} workers are more than this computer starts: ${threadsOf(most)}, with ${os.availableParallelism()} processors`,
    );
  }
  const shards = Math.max(most, planRun(scenario, { shards: null, trace: null }).shards.length);
  checkMemory(planRun(scenario, { shards, trace: null }), most, readAvailableBytes());
  return shards;
}

async function chooseDuration(
  source: ScenarioSource,
  overrides: ScenarioOverrides,
  scenario: Scenario,
): Promise<string> {
  const runNs = scenario.phases.reduce((ns, phase) => ns + (phase.kind === "run" ? phase.ns : 0), 0);
  const runTicks = runNs / scenario.tickNs;
  const runs = scenario.phases.filter(({ kind }) => kind === "run").length;
  const wanted = Math.max(EVENTS, scenario.topology.afs);
  let [ticks, tried] = [runTicks, scenario];
  for (let i = 0; i < APPROXIMATIONS; i++) {
    const { expectedEvents } = planRun(tried, { shards: null, trace: null });
    const stretched = (ticks * wanted) / Math.max(1, expectedEvents);
    ticks = Math.round(Math.min(Math.max(stretched, runTicks / STRETCH_MAX, 100 * runs), runTicks * STRETCH_MAX));
    tried = await prepareScenario(source, { ...overrides, duration: durationOf(ticks, scenario) });
  }
  return durationOf(ticks, scenario);
}

function durationOf(ticks: number, { tickNs }: Scenario): string {
  return `${ticks * tickNs}ns`;
}

/** A point as people name it. */
export function describePoint({ afs, workers }: Pick<SweepPoint, "afs" | "workers">): string {
  return `${formatCount(afs)} AFs, ${workers} ${workers === 1 ? "worker" : "workers"}`;
}
