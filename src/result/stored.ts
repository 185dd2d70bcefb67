/** A result that was kept in a file, read back: by this version or another one with the same schema, or edited by hand. */

import { InputError } from "../scenario/input-error.js";
import { NESTING_MAX } from "../scenario/nesting.js";
import { quote } from "../scenario/units.js";
import { SCHEMA_VERSION, type Result, type Tool } from "./schema.js";
import { resultPaths } from "./thresholds.js";

export type Json = null | boolean | number | string | readonly Json[] | JsonObject;
export interface JsonObject {
  readonly [field: string]: Json;
}

/** What a comparison reads of a result, checked. */
export interface StoredResult {
  /** As the user named it. */
  readonly file: string;
  readonly tool: Tool;
  readonly mode: Result["mode"];
  /** How far the run had come when it was stopped, 0 to 1; null when it ended. */
  readonly partialDone: number | null;
  /** As resolved; with a name. */
  readonly scenario: JsonObject;
  readonly name: string;
  readonly seed: number;
  /** Null in live mode. */
  readonly digest: string | null;
  readonly command: string;
  /** What the run yielded, the host's figures apart: everything here is a function of scenario, seed and tool version. */
  readonly yielded: JsonObject;
  readonly host: StoredHost;
}

export interface StoredHost {
  readonly workers: number;
  readonly shards: number;
  readonly node: string;
  readonly cpu: string;
  /** Of each run of `--repeat`; at least one. */
  readonly nsPerEvent: readonly number[];
}

/** Larger than `--repeat` can make it. */
const RUNS_MAX = 1000;
/** What a result must have; fields that a later version adds are taken as they are. */
const SECTIONS = ["totals", "afs", "latency", "ordering", "violations", "warnings"] as const;

/**
 * Reads a result.
 *
 * @param text the file's content
 * @param tool this program: what it says when another version's schema cannot be read
 * @throws InputError when it is no JSON, no result, a result of another schema, or lacks what a result has
 */
export function readStoredResult(text: string, file: string, tool: Tool): StoredResult {
  return readChecked(text, file, tool, () => null).stored;
}

/**
 * Reads a result, and its fields as they stand in the file.
 *
 * @throws InputError as `readStoredResult`, and when `read` finds a Misfit
 */
export function readChecked<Read>(
  text: string,
  file: string,
  tool: Tool,
  read: (fields: JsonObject) => Read,
): { readonly stored: StoredResult; readonly read: Read } {
  const fields = readFields(text, file);
  const writer = readTool(fields);
  checkSchema(fields, writer, file, tool);
  try {
    return { stored: toStored(fields, writer ?? new Reader(fields).fail("tool"), file), read: read(fields) };
  } catch (error) {
    if (error instanceof Misfit) throw new InputError(`${file} is no whole result: ${error.message}`);
    throw error;
  }
}

/**
 * The fields of a result or a sweep.
 *
 * @throws InputError when it is no JSON object
 */
export function readFields(text: string, file: string): JsonObject {
  const trimmed = text.trim();
  if (trimmed === "") throw new InputError(`${file} is empty`);
  const value = parseJson(trimmed, file);
  if (!isObject(value)) throw new InputError(`${file} is no result of condis-sim: ${quote(value)} is not an object`);
  if (isTooDeep(value)) throw new InputError(`${file} is no result of condis-sim: it nests deeper than ${NESTING_MAX}`);
  return value;
}

function parseJson(text: string, file: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    if (!/^[[{]/.test(text)) throw new InputError(`${file} is not JSON: ${reason}`);
    const isAtEnd = Number(/position (\d+)/.exec(reason)?.[1] ?? 0) >= text.length;
    const isCut = isAtEnd || !/[\]}]$/.test(text) || /unexpected end|unterminated/i.test(reason);
    throw new InputError(isCut ? `${file} is truncated: its JSON has no end` : `${file} is not JSON: ${reason}`);
  }
}

/** Without recursion, so that what a recursive function is given later fits the stack. */
function isTooDeep(value: JsonObject): boolean {
  let level: readonly Json[] = [value];
  for (let depth = 0; depth <= NESTING_MAX; depth++) {
    level = level.flatMap((one) => (one !== null && typeof one === "object" ? Object.values(one) : []));
    if (level.length === 0) return false;
  }
  return true;
}

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function readTool({ tool }: JsonObject): Tool | null {
  if (!isObject(tool) || typeof tool["name"] !== "string" || typeof tool["version"] !== "string") return null;
  return { name: tool["name"], version: tool["version"] };
}

function checkSchema({ schemaVersion, sweepVersion }: JsonObject, writer: Tool | null, file: string, tool: Tool): void {
  if (schemaVersion === SCHEMA_VERSION) return;
  if (sweepVersion !== undefined) throw new InputError(`${file} is the result of a sweep, and not that of a run`);
  if (typeof schemaVersion !== "number" || writer === null)
    throw new InputError(`${file} is no result of condis-sim: it has no schemaVersion, or does not say who wrote it`);
  throw new InputError(
    `${file} has schemaVersion ${schemaVersion}, written by ${writer.name} ${writer.version}; ` +
      `this is ${tool.version}, which reads schemaVersion ${SCHEMA_VERSION}`,
  );
}

/** What is wrong with a field. */
export class Misfit extends Error {}

/** Takes fields out of an object, each of the kind that it must have. */
class Reader {
  constructor(
    readonly fields: JsonObject,
    readonly path = "",
  ) {}

  fail(field: string, wanted = ""): never {
    const value = this.fields[field];
    if (value === undefined) throw new Misfit(`${this.path}${field} is missing`);
    throw new Misfit(`${this.path}${field} is ${quote(value)}${wanted === "" ? "" : `, not ${wanted}`}`);
  }

  object(field: string): Reader {
    const value = this.fields[field];
    return isObject(value) ? new Reader(value, `${this.path}${field}.`) : this.fail(field, "an object");
  }

  list(field: string): readonly Json[] {
    const value = this.fields[field];
    return Array.isArray(value) ? value : this.fail(field, "a list");
  }

  text(field: string): string {
    const value = this.fields[field];
    return typeof value === "string" ? value : this.fail(field, "text");
  }

  /** JSON says 1e999 where it means no number at all. */
  number(field: string): number {
    const value = this.fields[field];
    const isNumber = typeof value === "number" && Number.isFinite(value) && value >= 0;
    return isNumber ? value : this.fail(field, "a number of at least 0");
  }
}

function toStored(fields: JsonObject, tool: Tool, file: string): StoredResult {
  const reader: Reader = new Reader(fields);
  const mode = reader.text("mode");
  if (mode !== "run" && mode !== "live") reader.fail("mode", "run or live");
  const digest = mode === "live" ? null : reader.text("digest");
  if (digest !== null && !/^[0-9a-f]{16}$/.test(digest)) reader.fail("digest", "16 hexadecimal digits");
  const scenario = reader.object("scenario");
  checkYield(reader);
  // What went in, who did it and how it was called is told apart from what came out.
  const { schemaVersion: _, tool: _tool, mode: _mode, partial: _partial, ...rest } = fields;
  const { scenario: _scenario, seed: _seed, command: _command, host: _host, ...yielded } = rest;
  return {
    file,
    tool,
    mode,
    partialDone: fields["partial"] === undefined ? null : reader.object("partial").number("done"),
    scenario: scenario.fields,
    name: scenario.text("name"),
    seed: reader.number("seed"),
    digest,
    command: reader.text("command"),
    yielded: withoutNull(yielded, "objects"),
    host: readHost(reader.object("host")),
  };
}

/** A field that is null says no more than one that an earlier version did not know. */
function withoutNull(fields: JsonObject, name: string): JsonObject {
  const { [name]: value, ...others } = fields;
  return value === null ? others : fields;
}

/** Every figure that thresholds may name is a number, or null where nothing was measured. */
function checkYield(reader: Reader): void {
  for (const section of SECTIONS) reader.object(section);
  reader.list("thresholds");
  for (const kind of ["violations", "warnings"]) {
    const counts = reader.object(kind);
    counts.list("first");
    const byRule = counts.object("byRule");
    for (const rule of Object.keys(byRule.fields)) byRule.number(rule);
  }
  for (const path of resultPaths) {
    const names = path.split(".");
    const field = names.pop() ?? "";
    let holder: Reader | null = reader;
    for (const name of names) holder = holder?.fields[name] == null ? null : holder.object(name);
    if (holder?.fields[field] != null) holder.number(field);
  }
}

function readHost(host: Reader): StoredHost {
  const runs = host.fields["runs"] === undefined ? [host.fields] : host.list("runs");
  if (runs.length === 0 || runs.length > RUNS_MAX)
    throw new Misfit(`${host.path}runs has ${runs.length} runs, not 1 to ${RUNS_MAX}`);
  return {
    workers: host.number("workers"),
    shards: host.number("shards"),
    node: host.text("node"),
    cpu: host.text("cpu"),
    nsPerEvent: runs.map((run, index) => {
      if (!isObject(run)) throw new Misfit(`${host.path}runs.${index} is ${quote(run)}, not an object`);
      return new Reader(run, `${host.path}${run === host.fields ? "" : `runs.${index}.`}`).number("nsPerEvent");
    }),
  };
}
