import type { RecordTaker } from "../trace/json-lines.js";
import type { LineTaker } from "../trace/lines.js";
import { parseTraceMap } from "../trace/map.js";
import { MappedLines } from "../trace/mapped-lines.js";
import { readTextFile } from "./text-file.js";

/** A map is a page of text. */
const BYTES_MAX = 2 ** 20;

/**
 * Reads the file behind `--map`.
 *
 * @returns what makes the reader of a log's lines
 * @throws InputError when it cannot be read or is no map
 */
export async function readTraceMap(file: string): Promise<(log: string) => (taker: RecordTaker) => LineTaker> {
  const map = await parseTraceMap(readTextFile(file, "map", BYTES_MAX), file);
  return (log) => (taker) => new MappedLines(map, log, taker);
}
