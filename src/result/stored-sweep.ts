/** Measurements of a sweep that were kept in a file, read back. */

import { literal } from "../scenario/zod.js";
import { amount, object, readShape, text } from "./shape.js";
import { Misfit, type JsonObject } from "./stored.js";
import type { Measurement } from "./sweep.js";

const SHAPES = {
  run: object({
    kind: literal("run"),
    round: amount,
    afs: amount,
    workers: amount,
    digest: text,
    events: amount,
    nsPerEvent: amount,
    setupMs: amount,
    memoryBytes: amount,
    bytesPerAf: amount,
    rssBytes: amount,
    violations: amount,
    missedThresholds: amount,
  }),
  floor: object({ kind: literal("floor"), round: amount, afs: amount, nsPerAccess: amount }),
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
