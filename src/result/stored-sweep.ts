/** Measurements of a sweep that were kept in a file, read back. */

import { literal, number } from "../scenario/zod.js";
import { amount, object, readShape, text } from "./shape.js";
import { Misfit, type JsonObject } from "./stored.js";
import type { Measurement } from "./sweep.js";

const TIME = "a time of at least 1e-9 ns";
/** Speeds are made of it, which must be numbers. */
const time = number({ error: TIME }).min(1e-9, { error: TIME });

const SHAPES = {
  run: object({
    kind: literal("run"),
    round: amount,
    afs: amount,
    workers: amount,
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
