/** Where two JSON values differ, field by field. */

import type { Json, JsonObject } from "./stored.js";

export type Scalar = null | boolean | number | string;

export interface Difference {
  /** As in thresholds and `--set`: `latency.close.p99Ns`, `phases.0.run`; of a group of counts `ordering.density.-8..-5`. */
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
      if (group) scalars.set(`${path}.${group.name}`, group.count);
      else visit(member, path === "" ? name : `${path}.${name}`);
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
