/** Where two JSON values differ, field by field. */

import type { Json, JsonObject } from "./stored.js";

export type Scalar = null | boolean | number | string;

export interface Difference {
  /** As in thresholds and `--set`: `latency.close.p99Ns`. A group of counts goes by its bounds, `ordering.density.-8..-5`, a threshold by its text. */
  readonly path: string;
  /** Undefined where there is no such field. */
  readonly a: Scalar | undefined;
  readonly b: Scalar | undefined;
}

/** Command lines say how a run was asked for, not what it yielded. */
const IGNORED = /(?:^|\.)reproduce$/;

/** The fields that are not the same in both, in the order of `a`, then those that only `b` has. */
export function findDifferences(a: Json, b: Json): Difference[] {
  const [ofA, ofB] = [flatten(a), flatten(b)];
  return [...new Set([...ofA.keys(), ...ofB.keys()])]
    .filter((path) => !IGNORED.test(path) && ofA.get(path) !== ofB.get(path))
    .map((path) => ({ path, a: ofA.get(path), b: ofB.get(path) }));
}

/** How many fields a value has; those that are ignored are not counted. */
export function countFields(value: Json): number {
  return [...flatten(value).keys()].filter((path) => !IGNORED.test(path)).length;
}

/** Every scalar by its path. */
function flatten(value: Json): Map<string, Scalar> {
  const scalars = new Map<string, Scalar>();
  const visit = (part: Json, path: string): void => {
    if (part === null || typeof part !== "object") {
      scalars.set(path, part);
      return;
    }
    for (const [name, member] of Object.entries(part)) {
      const group = Array.isArray(part) ? countGroupOf(member) : null;
      const key = (Array.isArray(part) ? thresholdOf(member) : null) ?? name;
      if (group) scalars.set(`${path}.${group.name}`, group.count);
      else visit(member, path === "" ? key : `${path}.${key}`);
    }
  };
  visit(value, "");
  return scalars;
}

/** A group of counts goes by its bounds: a group more or less moves no other. */
function countGroupOf(value: Json): { readonly name: string; readonly count: number } | null {
  if (value === null || typeof value !== "object" || Array.isArray(value)) return null;
  const { from, to, count } = value as JsonObject;
  return typeof from === "number" && typeof to === "number" && typeof count === "number"
    ? { name: `${from}..${to}`, count }
    : null;
}

/** A threshold goes by its text. */
function thresholdOf(value: Json): string | null {
  if (value === null || typeof value !== "object" || Array.isArray(value)) return null;
  const { text, pass } = value as JsonObject;
  return typeof text === "string" && typeof pass === "boolean" ? text : null;
}
