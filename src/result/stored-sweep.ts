/** A sweep that was kept in a file, and its measurements, read back. */

import { InputError } from "../scenario/input-error.js";
import { exactOptional, literal, number, type ZodType } from "../scenario/zod.js";
import { amount, list, object, readShape, text } from "./shape.js";
import { Misfit, readFields, type JsonObject } from "./stored.js";
import type { Measurement, SweepResult } from "./sweep.js";

const TIME = "a time of at least 1e-9 ns";
/** Speeds are made of it, which must be numbers. */
const time = number({ error: TIME }).min(1e-9, { error: TIME });

const dispatch = literal(["spsc", "mpmc", "lock"], { error: "spsc, mpmc or lock" });

const SHAPES = {
  run: object({
    kind: literal("run"),
    round: amount,
    afs: amount,
    workers: amount,
    dispatch: exactOptional(dispatch),
    digest: text,
    events: amount,
    nsPerEvent: time,
    setupMs: amount,
    memoryBytes: amount,
    bytesPerAf: amount,
    rssBytes: amount,
    violations: amount,
    missedThresholds: amount,
  }),
  floor: object({ kind: literal("floor"), round: amount, afs: amount, nsPerAccess: time }),
} as const;

/**
 * Reads a measurement.
 *
 * @throws Misfit when it is none
 */
export function readMeasurement(value: JsonObject): Measurement {
  const { kind } = value;
  if (kind !== "run" && kind !== "floor") throw new Misfit("it is no measurement");
  return readShape(SHAPES[kind], value);
}

const estimate = object({ median: amount, from: amount.nullable(), to: amount.nullable() });
const above0 = number({ error: "a number above 0" }).gt(0, { error: "a number above 0" });

const point = object({
  afs: above0,
  workers: above0,
  dispatch: exactOptional(dispatch),
  shards: amount,
  duration: text,
  measurements: amount,
  digest: text,
  events: amount,
  nsPerEvent: estimate,
  eventsPerSecond: estimate,
  timesFloor: amount.nullable(),
  setupMs: amount,
  memoryBytes: amount,
  bytesPerAf: amount,
  rssBytes: amount,
});

const population = object({
  afs: above0,
  dispatch: exactOptional(dispatch),
  violations: amount,
  missedThresholds: amount,
  floorNsPerAccess: estimate.nullable(),
  speedup: estimate.nullable(),
  scalability: object({
    single: amount,
    contention: amount,
    coherency: amount.nullable(),
    peak: object({ threads: amount, throughput: amount }).nullable(),
    rSquared: number({ error: "a number" }).nullable(),
  }).nullable(),
});

const sweep = object({
  sweepVersion: literal(1, { error: "1" }),
  tool: object({ name: text, version: text }),
  mode: literal("sweep", { error: "sweep" }),
  partial: object({ done: amount, planned: amount }).nullable(),
  scenario: text,
  seed: amount,
  command: text,
  rounds: amount,
  points: list(point).min(1, { error: "a list with a point" }),
  populations: list(population),
  host: object({ node: text, cpu: text, processors: amount }),
}) satisfies ZodType<SweepResult>;

/** Whether a file's content says that it is of a sweep. */
export function isSweep(content: string): boolean {
  return /^\s*\{\s*"sweepVersion"/.test(content);
}

/**
 * Reads a sweep for a report.
 *
 * @throws InputError when it is no JSON, or lacks what a sweep has
 */
export function readSweep(content: string, file: string): SweepResult {
  try {
    return readShape(sweep, readFields(content, file));
  } catch (error) {
    if (error instanceof Misfit) throw new InputError(`${file} is no whole sweep: ${error.message}`);
    throw error;
  }
}
