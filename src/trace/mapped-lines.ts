import type { CodedEvent } from "../contract/checker/event.js";
import { InputError } from "../scenario/input-error.js";
import { nearest } from "../scenario/suggest.js";
import { quote } from "../scenario/units.js";
import { splitRow } from "./csv.js";
import { decodeLine, LONG_LINE, readLine, type RecordTaker } from "./json-lines.js";
import { parseJson } from "./json-text.js";
import type { LineTaker } from "./lines.js";
import { LINE_BYTES_MAX } from "./lines.js";
import { FIELD_NAMES, type FieldName, type TraceMap } from "./map.js";
import { decodeRecord, LineProblem } from "./record.js";
import { readDate, readTicks } from "./time.js";

const NEWLINE = 0x0a;

/** The value of a field of theirs; undefined where the record has none. */
type Lookup = (name: string) => unknown;

/** Reads a foreign log, CSV with a header or JSON Lines, by its map. */
export class MappedLines implements LineTaker {
  readonly #map: TraceMap;
  readonly #file: string;
  readonly #taker: RecordTaker;
  readonly #fields: readonly (readonly [ours: FieldName, theirs: string])[];
  /** Columns of a CSV by name; null before its header was read. */
  #columns: ReadonlyMap<string, number> | null = null;
  /** A row that goes on in the next line. */
  #open: { text: string; readonly line: number } | null = null;
  #line = 0;
  #originNs: bigint | null;

  /** @param file of the log, for messages */
  constructor(map: TraceMap, file: string, taker: RecordTaker) {
    this.#map = map;
    this.#file = file;
    this.#taker = taker;
    this.#originNs = map.fromFirst ? null : 0n;
    this.#fields = FIELD_NAMES.flatMap((ours) => {
      const theirs = map.fields[ours];
      return theirs === undefined ? [] : [[ours, theirs] as const];
    });
  }

  takeLines(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length;) {
      const end = bytes.indexOf(NEWLINE, at);
      const line = bytes.subarray(at, end);
      this.#line++;
      if (this.#map.format === "csv") this.#takeRow(line);
      else
        this.#give(
          this.#line,
          readLine(line, this.#line, (text) => this.#decodeObject(text)),
        );
      at = end + 1;
    }
  }

  takeLongLine(): void {
    this.#taker.takeProblem(++this.#line, LONG_LINE);
  }

  #give(line: number, result: CodedEvent | LineProblem | null): void {
    if (result instanceof LineProblem) this.#taker.takeProblem(line, result);
    else if (result !== null) this.#taker.takeEvent(result);
  }

  #decodeObject(text: string): CodedEvent | LineProblem | null {
    const value = parseJson(text);
    if (typeof value !== "object" || value === null || Array.isArray(value))
      return new LineProblem(`a record is an object, not ${quote(value)}`);
    return this.#decode((name) => lookUp(value, name), this.#line);
  }

  #takeRow(bytes: Uint8Array): void {
    const text = decodeLine(bytes, this.#line);
    if (text instanceof LineProblem) {
      this.#taker.takeProblem(this.#line, text);
      return;
    }
    const { text: before, line } = this.#open ?? { text: null, line: this.#line };
    const whole = before === null ? text : `${before}\n${text}`;
    if (whole.trim() === "") return;
    if (whole.length > LINE_BYTES_MAX) {
      this.#open = null;
      this.#taker.takeProblem(line, new LineProblem("a quoted cell that begins here does not end"));
      return;
    }
    const cells = splitRow(whole, this.#map.separator);
    this.#open = cells === null ? { text: whole, line } : null;
    if (cells === null) return;
    if (this.#columns === null) this.#readHeader(cells);
    else this.#give(line, this.#decodeRow(cells, this.#columns, line));
  }

  #readHeader(cells: readonly string[]): void {
    for (const [ours, theirs] of this.#fields) {
      if (cells.includes(theirs)) continue;
      const suggestion = nearest(theirs, cells);
      throw new InputError(
        `the log has no column ${quote(theirs)} for ${ours}; it has ${cells.map(quote).join(", ")}`,
        {
          position: { file: this.#file, line: this.#line, column: 1 },
          ...(suggestion !== undefined && { suggestion }),
        },
      );
    }
    this.#columns = new Map(cells.map((cell, index) => [cell, index]));
  }

  #decodeRow(
    cells: readonly string[],
    columns: ReadonlyMap<string, number>,
    line: number,
  ): CodedEvent | LineProblem | null {
    if (cells.length !== columns.size)
      return new LineProblem(`the row has ${cells.length} cells, and the header has ${columns.size}`);
    // An empty cell says nothing.
    return this.#decode((name) => cells[columns.get(name) ?? -1] || undefined, line);
  }

  #decode(find: Lookup, line: number): CodedEvent | LineProblem | null {
    const raw: Record<string, unknown> = {};
    for (const [ours, theirs] of this.#fields) {
      const value = find(theirs);
      if (value === undefined || value === null) continue;
      const name = this.#map.names[ours]?.get(textOf(value));
      if (name === null) return null;
      raw[ours] = name ?? value;
    }
    const time = this.#readTime(raw["timeNs"]);
    if (time instanceof LineProblem) return time;
    raw["timeNs"] = time;
    return decodeRecord(raw, line);
  }

  #readTime(value: unknown): unknown {
    if (value === undefined) return undefined;
    const text = textOf(value);
    const { unitNs } = this.#map;
    const ns = unitNs === null ? readDate(text) : readTicks(text, unitNs);
    if (ns === undefined)
      return new LineProblem(`the time ${quote(value)} is no ${unitNs === null ? "date as in ISO 8601" : "number"}`);
    this.#originNs ??= ns;
    return Number(ns - this.#originNs);
  }
}

/** As text; what is neither text nor a number is nobody's name. */
function textOf(value: unknown): string {
  return typeof value === "string" || typeof value === "number" ? String(value) : JSON.stringify(value);
}

/** The field of a name, or what a path with dots leads to. */
function lookUp(record: object, name: string): unknown {
  if (Object.hasOwn(record, name)) return (record as Readonly<Record<string, unknown>>)[name];
  let value: unknown = record;
  for (const part of name.split(".")) {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, part)) return undefined;
    value = (value as Readonly<Record<string, unknown>>)[part];
  }
  return value;
}
