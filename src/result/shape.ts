/** What the fields of a result read from a file must be, in zod; every message says what is wanted in place of what is there. */

import {
  array,
  number,
  object as zodObject,
  record as zodRecord,
  string,
  type output,
  type ZodType,
} from "../scenario/zod.js";
import { quote } from "../scenario/units.js";
import { Misfit, type Json, type JsonObject } from "./stored.js";

const AMOUNT = "a number of at least 0";

/** A number of at least 0. JSON says 1e999 where it means no number at all. */
export const amount = number({ error: AMOUNT }).min(0, { error: AMOUNT });
export const integer = number({ error: "a whole number" }).int({ error: "a whole number" });
export const text = string({ error: "text" });

export function list<Item extends ZodType>(item: Item) {
  return array(item, { error: "a list" });
}

export function record<Value extends ZodType>(value: Value) {
  return zodRecord(string(), value, { error: "an object" });
}

/** An object with these fields; others, which a later version may add, are left out. */
export function object<Fields extends Readonly<Record<string, ZodType>>>(fields: Fields) {
  return zodObject(fields, { error: "an object" });
}

/**
 * Reads fields of these kinds.
 *
 * @throws Misfit for the first that is missing or another kind of value
 */
export function readShape<Shape extends ZodType>(shape: Shape, fields: JsonObject): output<Shape> {
  const { success, data, error } = shape.safeParse(fields);
  if (success) return data;
  const { path, code, message } = error.issues[0]!;
  const name = path.join(".");
  const value = valueAt(fields, path);
  if (code === "custom") throw new Misfit(`${name} ${message}`);
  throw new Misfit(value === undefined ? `${name} is missing` : `${name} is ${quote(value)}, not ${message}`);
}

/** Undefined where there is nothing. */
function valueAt(fields: JsonObject, path: readonly PropertyKey[]): Json | undefined {
  let value: Json | undefined = fields;
  for (const name of path) {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, name)) return undefined;
    value = Reflect.get(value, name) as Json;
  }
  return value;
}
