/** What a foreign log calls things: read from YAML, and checked. */

import { InputError } from "../scenario/input-error.js";
import { parseText, type LoadedText, type Path } from "../scenario/load.js";
import { nearest } from "../scenario/suggest.js";
import { parseDuration, quote } from "../scenario/units.js";
import * as z from "../scenario/zod.js";

/** Our fields that a log may have, under whatever name. */
export const FIELD_NAMES = [
  "timeNs",
  "op",
  "call",
  "af",
  "sap",
  "vc",
  "party",
  "address",
  "status",
  "machine",
  "seq",
  "processor",
  "irql",
  "frame",
  "parent",
  "from",
  "to",
  "adapter",
  "context",
] as const;
export type FieldName = (typeof FIELD_NAMES)[number];

const REQUIRED = ["timeNs", "op", "call"] as const satisfies readonly FieldName[];

const FORMATS = ["csv", "jsonl"] as const;
const ORIGINS = ["first", "zero"] as const;

/** What a foreign log calls things. */
export interface TraceMap {
  readonly format: (typeof FORMATS)[number];
  /** Of CSV. */
  readonly separator: string;
  /** Columns, or fields of objects, by ours. */
  readonly fields: Readonly<Partial<Record<FieldName, string>>>;
  /** Ours by theirs, for each field; null: the record is no call of ours, and is left out. */
  readonly names: Readonly<Partial<Record<FieldName, ReadonlyMap<string, string | null>>>>;
  /** Length of a unit of time; null: dates, as ISO 8601 has them. */
  readonly unitNs: number | null;
  /** Whether times count from the first record. */
  readonly fromFirst: boolean;
}

const word = z.union([z.string(), z.number()]);
const optionalOf = <Value extends z.ZodType>(value: Value) =>
  z.strictObject(Object.fromEntries(FIELD_NAMES.map((name) => [name, z.exactOptional(value)])));

const schema = z.strictObject({
  format: z.exactOptional(z.union(FORMATS.map((format) => z.literal(format)))),
  separator: z.exactOptional(z.string()),
  fields: optionalOf(z.string()),
  names: z.exactOptional(optionalOf(z.record(z.string(), z.union([word, z.literal(null)])))),
  time: z.exactOptional(
    z.strictObject({
      unit: z.exactOptional(z.string()),
      origin: z.exactOptional(z.union(ORIGINS.map((origin) => z.literal(origin)))),
    }),
  ),
});

/** Names that may stand at a place of a map. */
function knownAt(path: Path): readonly string[] {
  if (path.length === 0) return ["format", "separator", "fields", "names", "time"];
  if (path.length > 1) return [];
  return path[0] === "time" ? ["unit", "origin"] : FIELD_NAMES;
}

/**
 * Reads a map.
 *
 * @throws InputError with the position of what is wrong
 */
export async function parseTraceMap(text: string, file: string): Promise<TraceMap> {
  const loaded = await parseText(text, file, "map");
  const failAt = (path: Path, message: string, suggestion?: string, part: "value" | "name" = "value"): never => {
    throw new InputError(path.length === 0 ? message : `${path.join(".")}: ${message}`, {
      position: loaded.positionOf(path, part),
      ...(suggestion !== undefined && { suggestion }),
    });
  };
  const parsed = schema.safeParse(loaded.value, { jitless: true, reportInput: true });
  if (!parsed.success) return failWith(parsed.error.issues, loaded, failAt);
  const { format = "csv", separator = ",", fields, names = {}, time = {} } = parsed.data;
  for (const name of REQUIRED) if (fields[name] === undefined) failAt(["fields", name], "this field is required");
  if (separator.length !== 1) failAt(["separator"], `${quote(separator)} is not one character`);
  const { unit = "1ns", origin = "first" } = time;
  return {
    format,
    separator,
    fields,
    names: Object.fromEntries(Object.entries(names).map(([name, words]) => [name, toMap(words ?? {})])),
    unitNs: unit === "iso" ? null : readUnit(unit, failAt),
    fromFirst: origin === "first",
  };
}

type Fail = (path: Path, message: string, suggestion?: string, part?: "value" | "name") => never;

function toMap(words: Readonly<Record<string, string | number | null>>): ReadonlyMap<string, string | null> {
  return new Map(Object.entries(words).map(([theirs, ours]) => [theirs, ours === null ? null : String(ours)]));
}

function readUnit(unit: string, failAt: Fail): number {
  try {
    // A bare unit is one of it.
    const ns = parseDuration(/^\D/.test(unit) ? `1${unit}` : unit);
    if (ns > 0) return ns;
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
  }
  return failAt(["time", "unit"], `${quote(unit)} is neither a unit of time such as 100ns, us or s nor iso, for dates`);
}

function failWith(issues: readonly z.core.$ZodIssue[], loaded: LoadedText, failAt: Fail): never {
  // A field that is missing may be the one whose name is misspelt.
  const issue = issues.find(({ code }) => code === "unrecognized_keys") ?? issues[0];
  if (issue === undefined) return failAt([], "it is no map");
  const path = issue.path.map((part) => (typeof part === "number" ? part : String(part)));
  if (issue.code === "unrecognized_keys") {
    const [name = ""] = issue.keys;
    const known = knownAt(path);
    const near = nearest(name, known);
    const message = near === undefined ? `unknown field; known here: ${known.join(", ")}` : "unknown field";
    return failAt([...path, name], message, near === undefined ? undefined : [...path, near].join("."), "name");
  }
  if (path.length === 0 || loaded.value === null)
    return failAt([], "a map is a mapping of fields, such as fields: {timeNs: TimeStamp, op: Kind, call: Function}");
  if (issue.input === undefined) return failAt(path, "this field is required");
  const [field] = path;
  const choices = path.length === 1 && field === "format" ? FORMATS : path[1] === "origin" ? ORIGINS : [];
  const expected = choices.length > 0 ? `one of ${choices.join(", ")}` : path.length === 1 ? "a mapping" : "text";
  const suggestion = typeof issue.input === "string" ? nearest(issue.input, choices) : undefined;
  const isText = field === "separator";
  return failAt(path, `expected ${isText ? "text" : expected}, not ${quote(issue.input)}`, suggestion);
}
