import fs from "node:fs";
import { JsonLines, type RecordTaker } from "../trace/json-lines.js";
import type { LineTaker } from "../trace/lines.js";
import { RecordScanner } from "../trace/scanner.js";

/**
 * What makes the reader of a trace as JSON Lines.
 *
 * @param scannerFile of the compiled scanner
 */
export function jsonLines(
  scannerFile: URL = new URL("../../scan.wasm", import.meta.url),
): (taker: RecordTaker) => LineTaker {
  const module = new WebAssembly.Module(fs.readFileSync(scannerFile));
  return (taker) => new JsonLines(new RecordScanner(module), taker);
}
