import type { FloorMeasurement, Measurement, SweepMeasurement } from "../result/sweep.js";
import { RunFailure } from "../pool/pool.js";
import { InputError } from "../scenario/input-error.js";
import { describePoint, type SweepPlan, type SweepPoint } from "./sweep-plan.js";

/** One measurement to be made. */
export type SweepTask =
  | { readonly kind: "run"; readonly round: number; readonly point: SweepPoint }
  | { readonly kind: "floor"; readonly round: number; readonly afs: number };

export interface SweepProgress {
  /** Measurements that were made, those of earlier sessions included, and all. */
  readonly done: number;
  readonly planned: number;
  /** What is measured now. */
  readonly task: SweepTask;
  /** Measurements of this session, and the time they took. */
  readonly doneNow: number;
  readonly elapsedMs: number;
}

export interface SweepRequest {
  readonly plan: SweepPlan;
  readonly rounds: number;
  /** Made before, when the sweep was stopped. */
  readonly made: readonly Measurement[];
  /** Makes a measurement, one after the other; null when it is stopped. */
  readonly measure: (task: SweepTask, signal: AbortSignal) => Promise<Measurement | null>;
  /** Keeps it. */
  readonly onMeasured: (measurement: Measurement) => void;
  readonly signal: AbortSignal;
  readonly onProgress?: (progress: SweepProgress) => void;
}

/**
 * All measurements of a sweep, in the order in which they are made. A machine's speed drifts: so every round measures every point once, with the floor of
 * a population beside its points, and every second round goes backwards.
 */
export function tasksOf({ points }: SweepPlan, rounds: number): SweepTask[] {
  const populations = [...new Set(points.map(({ afs }) => afs))];
  return Array.from({ length: rounds }, (_, round) => {
    const tasks = populations.flatMap((afs): SweepTask[] => [
      { kind: "floor", round, afs },
      ...points.filter((point) => point.afs === afs).map((point) => ({ kind: "run" as const, round, point })),
    ]);
    return round % 2 === 0 ? tasks : tasks.toReversed();
  }).flat();
}

/**
 * Makes the measurements that are not made yet, until all are or it is stopped.
 *
 * @returns all measurements, in order
 * @throws InputError when a run has no events, whose time would be measured
 * @throws RunFailure when runs of one population differ: no result may depend on the number of workers; live runs have no digest
 */
export async function sweep(request: SweepRequest): Promise<Measurement[]> {
  const { plan, rounds, made, measure, onMeasured, signal, onProgress } = request;
  const tasks = tasksOf(plan, rounds);
  const known = new Map(made.map((measurement) => [keyOf(measurement), measurement]));
  const measurements = tasks.flatMap((task) => known.get(keyOfTask(task)) ?? []);
  const startedAt = performance.now();
  let doneNow = 0;
  checkMeasurements(measurements);
  for (const task of tasks) {
    if (known.has(keyOfTask(task))) continue;
    if (signal.aborted) break;
    onProgress?.({
      done: measurements.length,
      planned: tasks.length,
      task,
      doneNow,
      elapsedMs: performance.now() - startedAt,
    });
    const measurement = await measure(task, signal);
    if (measurement === null) break;
    measurements.push(measurement);
    checkMeasurements(measurements);
    onMeasured(measurement);
    doneNow++;
  }
  return measurements;
}

function keyOfTask(task: SweepTask): string {
  return task.kind === "floor"
    ? `${task.round} ${task.afs} floor`
    : keyOf({ kind: "run", round: task.round, ...task.point });
}

function keyOf(
  measurement: Pick<SweepMeasurement, "kind" | "round" | "afs" | "workers" | "dispatch"> | FloorMeasurement,
): string {
  const { round, afs } = measurement;
  if (measurement.kind === "floor") return `${round} ${afs} floor`;
  return `${round} ${afs} ${measurement.workers} ${measurement.dispatch ?? ""}`;
}

function checkMeasurements(measurements: readonly Measurement[]): void {
  const first = new Map<number, SweepMeasurement>();
  for (const measurement of measurements) {
    if (measurement.kind === "floor") continue;
    if (measurement.events === 0) {
      throw new InputError(
        `${describePoint(measurement)}: no AF is closed, so that there is no event to take the time of`,
        {
          suggestion: "a longer --duration",
        },
      );
    }
    const other = first.get(measurement.afs) ?? measurement;
    first.set(measurement.afs, other);
    if (other.digest === measurement.digest) continue;
    throw new RunFailure(
      `${describePoint(measurement)} gave digest ${measurement.digest}, and ${describePoint(other)} ${other.digest}`,
    );
  }
}
