import type { CodedEvent } from "../contract/checker/event.js";
import { quote } from "../scenario/units.js";
import { parseJson } from "./json-text.js";
import { LINE_BYTES_MAX, type LineTaker } from "./lines.js";
import { decodeRecord, LineProblem } from "./record.js";
import { LINES_BYTES_MAX, type RecordScanner } from "./scanner.js";

const NEWLINE = 0x0a;

/** What becomes of the lines of a trace. */
export interface RecordTaker {
  takeEvent(event: CodedEvent): void;
  takeProblem(line: number, problem: LineProblem): void;
}

/** Reads a trace as JSON Lines with the fields of ours. */
export class JsonLines implements LineTaker {
  readonly #scanner: RecordScanner;
  readonly #taker: RecordTaker;
  #line = 0;

  constructor(scanner: RecordScanner, taker: RecordTaker) {
    this.#scanner = scanner;
    this.#taker = taker;
  }

  takeLines(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length;) {
      const end = bytes.lastIndexOf(NEWLINE, at + LINES_BYTES_MAX - 1) + 1;
      // Of a line that is longer than all that is scanned at once nobody asks more.
      if (end <= at) this.takeLongLine();
      else this.#takeSome(bytes.subarray(at, end));
      at = end <= at ? bytes.indexOf(NEWLINE, at) + 1 : end;
    }
  }

  #takeSome(bytes: Uint8Array): void {
    const scanner = this.#scanner;
    const taker = this.#taker;
    scanner.load(bytes);
    let at = 0;
    while (at < bytes.length) {
      const line = ++this.#line;
      const event = scanner.scan(at, line);
      if (event !== undefined && scanner.end - at <= LINE_BYTES_MAX) {
        at = scanner.end;
        taker.takeEvent(event);
        continue;
      }
      const end = bytes.indexOf(NEWLINE, at);
      const other = readLine(bytes.subarray(at, end), line, (text) => decodeRecord(parseJson(text), line));
      if (other instanceof LineProblem) taker.takeProblem(line, other);
      else if (other !== null) taker.takeEvent(other);
      at = end + 1;
    }
  }

  takeLongLine(): void {
    this.#taker.takeProblem(++this.#line, LONG_LINE);
  }
}

export const LONG_LINE = new LineProblem(`the line is longer than ${LINE_BYTES_MAX / 2 ** 20} MiB`);

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/**
 * The text of a line, without what may stand around it: a mark of the byte order before the first one, a carriage return at its end.
 *
 * @param bytes without the newline
 */
export function decodeLine(bytes: Uint8Array, line: number): string | LineProblem {
  if (bytes.length >= LINE_BYTES_MAX) return LONG_LINE;
  let text;
  try {
    text = decoder.decode(bytes);
  } catch {
    return new LineProblem("the line is not UTF-8 text");
  }
  if (line === 1 && text.startsWith("\uFEFF")) text = text.slice(1);
  return text.endsWith("\r") ? text.slice(0, -1) : text;
}

/** Reads a line with JSON; null for one that is blank. */
export function readLine(
  bytes: Uint8Array,
  line: number,
  read: (text: string) => CodedEvent | LineProblem | null,
): CodedEvent | LineProblem | null {
  const text = decodeLine(bytes, line);
  if (text instanceof LineProblem) return text;
  if (text.trim() === "") return null;
  try {
    return read(text);
  } catch (error) {
    if (error instanceof SyntaxError) return new LineProblem(`this is no JSON: ${quote(text)}`);
    throw error;
  }
}
