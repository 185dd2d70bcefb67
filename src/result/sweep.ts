/** What a sweep found: the curve over its points, and how threads scale. */

import { estimateMedian, RUNS_MIN } from "../measure/bootstrap.js";
import { fitScalability, type ScalabilityFit } from "../measure/scaling.js";
import type { ResultLive, Tool } from "./schema.js";

/** One measurement of a point: a run in a process of its own. */
export interface SweepMeasurement {
  readonly kind: "run";
  readonly round: number;
  readonly afs: number;
  /** Threads: lanes where it is a live run. */
  readonly workers: number;
  /** Only of a live run. */
  readonly dispatch?: ResultLive["dispatch"];
  /** Empty where it is a live run. */
  readonly digest: string;
  readonly events: number;
  readonly nsPerEvent: number;
  readonly setupMs: number;
  readonly memoryBytes: number;
  readonly bytesPerAf: number;
  readonly rssBytes: number;
  /** Rules that were broken and thresholds that were missed: the same of all measurements with the same digest. */
  readonly violations: number;
  readonly missedThresholds: number;
}

/** One measurement of the floor: random 16-byte read-modify-writes in a memory with one record an AF, on one core. */
export interface FloorMeasurement {
  readonly kind: "floor";
  readonly round: number;
  readonly afs: number;
  readonly nsPerAccess: number;
}

export type Measurement = SweepMeasurement | FloorMeasurement;

/** A median and the ends of its interval, which less than RUNS_MIN measurements do not give. */
export interface Estimate {
  readonly median: number;
  readonly from: number | null;
  readonly to: number | null;
}

export interface SweptPoint {
  readonly afs: number;
  readonly workers: number;
  readonly dispatch?: ResultLive["dispatch"];
  readonly shards: number;
  readonly duration: string;
  readonly measurements: number;
  readonly digest: string;
  /** A median where runs differ, as live ones do. */
  readonly events: number;
  readonly nsPerEvent: Estimate;
  readonly eventsPerSecond: Estimate;
  /** Time of all threads for an event as a multiple of the floor's access. */
  readonly timesFloor: number | null;
  readonly setupMs: number;
  readonly memoryBytes: number;
  readonly bytesPerAf: number;
  readonly rssBytes: number;
}

/** What differs in nothing but threads. */
export interface SweptPopulation {
  readonly afs: number;
  readonly dispatch?: ResultLive["dispatch"];
  /** The most of a measurement: live runs differ. */
  readonly violations: number;
  readonly missedThresholds: number;
  readonly floorNsPerAccess: Estimate | null;
  /** Throughput of the most workers as a multiple of that of the fewest; null with one number of workers. */
  readonly speedup: Estimate | null;
  /** null with one number of workers. */
  readonly scalability: ScalabilityFit | null;
}

export interface SweepResult {
  readonly sweepVersion: 1;
  readonly tool: Tool;
  readonly mode: "sweep";
  /** How many of the measurements are done, when the sweep was stopped. */
  readonly partial: { readonly done: number; readonly planned: number } | null;
  readonly scenario: string;
  readonly seed: number;
  readonly command: string;
  readonly rounds: number;
  readonly points: readonly SweptPoint[];
  readonly populations: readonly SweptPopulation[];
  readonly host: { readonly node: string; readonly cpu: string; readonly processors: number };
}

export interface SweepInput {
  readonly tool: Tool;
  readonly scenario: string;
  readonly seed: number;
  readonly command: string;
  readonly rounds: number;
  readonly points: readonly Pick<SweptPoint, "afs" | "workers" | "dispatch" | "shards" | "duration">[];
  /** In any order; points without one are left out. */
  readonly measurements: readonly Measurement[];
  readonly planned: number;
  readonly host: SweepResult["host"];
}

/** Whether no population broke a rule or missed a threshold. */
export function isUnbroken({ populations }: SweepResult): boolean {
  return populations.every(({ violations, missedThresholds }) => violations + missedThresholds === 0);
}

/** Sums up the measurements of a sweep, whole or stopped. */
export function buildSweep(input: SweepInput): SweepResult {
  const { measurements, points, planned, ...rest } = input;
  const runs = measurements.filter(({ kind }) => kind === "run") as SweepMeasurement[];
  const floors = measurements.filter(({ kind }) => kind === "floor") as FloorMeasurement[];
  const floorOf = (afs: number): Estimate | null => {
    const times = floors.filter((floor) => floor.afs === afs).map(({ nsPerAccess }) => nsPerAccess);
    return times.length === 0 ? null : estimate(times);
  };
  const swept = points.flatMap((point) => {
    const ofPoint = runs.filter((run) => isOfPopulation(run, point) && run.workers === point.workers);
    return ofPoint.length === 0 ? [] : [sumUp(point, ofPoint, floorOf(point.afs))];
  });
  const { tool, scenario, seed, command, rounds, host } = rest;
  return {
    sweepVersion: 1,
    tool,
    mode: "sweep",
    partial: measurements.length < planned ? { done: measurements.length, planned } : null,
    scenario,
    seed,
    command,
    rounds,
    points: swept,
    populations: lastOfPopulations(swept).map((point) => sumUpPopulation(point, runs, floorOf(point.afs))),
    host,
  };
}

type Population = Pick<SweptPopulation, "afs" | "dispatch">;

/** Whether a point or a measurement is one of a population's. */
export function isOfPopulation(one: Population, population: Population): boolean {
  return one.afs === population.afs && one.dispatch === population.dispatch;
}

/** Of every population the last point, which has the most threads. */
export function lastOfPopulations<Point extends Population>(points: readonly Point[]): Point[] {
  return points.filter((point, index) => points.findLastIndex((other) => isOfPopulation(other, point)) === index);
}

function sumUp(
  point: SweepInput["points"][number],
  runs: readonly SweepMeasurement[],
  floor: Estimate | null,
): SweptPoint {
  const [first] = runs as [SweepMeasurement];
  const nsPerEvent = estimate(runs.map((run) => run.nsPerEvent));
  const medianOfRuns = (of: (run: SweepMeasurement) => number): number => estimateMedian(runs.map(of)).median;
  return {
    ...point,
    measurements: runs.length,
    digest: first.digest,
    events: medianOfRuns(({ events }) => events),
    nsPerEvent,
    eventsPerSecond: rateOf(nsPerEvent),
    timesFloor: floor && (nsPerEvent.median * point.workers) / floor.median,
    setupMs: medianOfRuns(({ setupMs }) => setupMs),
    memoryBytes: first.memoryBytes,
    bytesPerAf: first.bytesPerAf,
    rssBytes: medianOfRuns(({ rssBytes }) => rssBytes),
  };
}

function sumUpPopulation(
  { afs, dispatch }: Population,
  runs: readonly SweepMeasurement[],
  floor: Estimate | null,
): SweptPopulation {
  const ofPopulation = runs.filter((run) => run.afs === afs && run.dispatch === dispatch);
  const workers = [...new Set(ofPopulation.map((run) => run.workers))].toSorted((a, b) => a - b);
  const fewest = workers[0]!;
  const slow = ofPopulation.filter((run) => run.workers === fewest);
  /** How many times as fast as the fewest workers, in every round: a machine's speed drifts, and only ratios of neighbours mean much. */
  const speedupsOf = (threads: number): number[] =>
    slow.flatMap(({ round, nsPerEvent }) => {
      const fast = ofPopulation.find((run) => run.round === round && run.workers === threads);
      return fast === undefined ? [] : [nsPerEvent / fast.nsPerEvent];
    });
  const base = 1e9 / estimateMedian(slow.map(({ nsPerEvent }) => nsPerEvent)).median;
  const points = workers.flatMap((threads) => {
    const speedups = speedupsOf(threads);
    return speedups.length === 0 ? [] : [{ threads, throughput: base * estimateMedian(speedups).median }];
  });
  return {
    afs,
    ...(dispatch && { dispatch }),
    violations: Math.max(...ofPopulation.map(({ violations }) => violations)),
    missedThresholds: Math.max(...ofPopulation.map(({ missedThresholds }) => missedThresholds)),
    floorNsPerAccess: floor,
    speedup: points.length > 1 ? estimate(speedupsOf(points.at(-1)!.threads)) : null,
    scalability: fitScalability(points),
  };
}

/** Of the same median: that of the rates is another where it lies between two runs. */
function rateOf({ median, from, to }: Estimate): Estimate {
  return { median: 1e9 / median, from: to && 1e9 / to, to: from && 1e9 / from };
}

function estimate(sample: readonly number[]): Estimate {
  const { median, from, to } = estimateMedian(sample);
  return sample.length < RUNS_MIN ? { median, from: null, to: null } : { median, from, to };
}
