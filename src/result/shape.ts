/** What the fields of a value read from JSON must be, put together from small checks. */

import { quote } from "../scenario/units.js";
import { Misfit, type Json, type JsonObject } from "./stored.js";

/**
 * Reads a value of one kind.
 *
 * @throws Misfit, naming the path, when it is another kind of value or missing
 */
export type Shape<Value> = (value: Json | undefined, path: string) => Value;

function misfit(value: Json | undefined, path: string, wanted: string): never {
  throw new Misfit(value === undefined ? `${path} is missing` : `${path} is ${quote(value)}, not ${wanted}`);
}

/** A number of at least 0. JSON says 1e999 where it means no number at all. */
export const amount: Shape<number> = (value, path) =>
  typeof value === "number" && Number.isFinite(value) && value >= 0
    ? value
    : misfit(value, path, "a number of at least 0");

export const integer: Shape<number> = (value, path) =>
  typeof value === "number" && Number.isSafeInteger(value) ? value : misfit(value, path, "a whole number");

export const text: Shape<string> = (value, path) => (typeof value === "string" ? value : misfit(value, path, "text"));

export const truth: Shape<boolean> = (value, path) =>
  typeof value === "boolean" ? value : misfit(value, path, "true or false");

export function oneOf<const Word extends string>(...words: readonly Word[]): Shape<Word> {
  return (value, path) => words.find((word) => word === value) ?? misfit(value, path, `one of ${words.join(", ")}`);
}

export function nullable<Value>(shape: Shape<Value>): Shape<Value | null> {
  return (value, path) => (value === null ? null : shape(value, path));
}

/** What versions before this one did not write. */
export function addedLater<Value>(shape: Shape<Value>, before: Value): Shape<Value> {
  return (value, path) => (value === undefined ? before : shape(value, path));
}

export function list<Value>(shape: Shape<Value>): Shape<Value[]> {
  return (value, path) =>
    Array.isArray(value)
      ? (value as readonly Json[]).map((one, index) => shape(one, `${path}.${index}`))
      : misfit(value, path, "a list");
}

export function record<Value>(shape: Shape<Value>): Shape<Readonly<Record<string, Value>>> {
  return (value, path) => {
    const entries = Object.entries(asObject(value, path)).map(([name, one]) => [name, shape(one, `${path}.${name}`)]);
    return Object.fromEntries(entries) as Readonly<Record<string, Value>>;
  };
}

export const anyObject: Shape<JsonObject> = asObject;

type Shapes<Fields> = {
  readonly [Name in keyof Fields]-?: Shape<NonNullable<Fields[Name]> | Extract<Fields[Name], null>>;
};

/**
 * An object with these fields; others, which a later version may add, are left out.
 *
 * @param optional fields of which any may be missing
 */
export function object<Fields, Optional = unknown>(
  fields: Shapes<Fields>,
  optional?: Shapes<Optional>,
): Shape<Fields & Partial<Optional>> {
  return (value, path) => {
    const from = asObject(value, path);
    const read = (shapes: object, isOptional: boolean): [string, unknown][] =>
      Object.entries(shapes as Readonly<Record<string, Shape<unknown>>>)
        .filter(([name]) => !isOptional || from[name] !== undefined)
        .map(([name, shape]) => [name, shape(from[name], path === "" ? name : `${path}.${name}`)]);
    return Object.fromEntries([...read(fields, false), ...read(optional ?? {}, true)]) as Fields & Partial<Optional>;
  };
}

function asObject(value: Json | undefined, path: string): JsonObject {
  const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
  return isObject ? (value as JsonObject) : misfit(value, path, "an object");
}
