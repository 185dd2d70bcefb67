import fs from "node:fs";
import { jsonLines } from "../../src/modes/json-lines.js";
import { RecordScanner } from "../../src/trace/scanner.js";

const SCANNER_FILE = new URL("../../dist/scan.wasm", import.meta.url);

/** What makes the reader of a trace as JSON Lines. */
export const openJsonLines = jsonLines(SCANNER_FILE);

export const newScanner = (): RecordScanner => new RecordScanner(new WebAssembly.Module(fs.readFileSync(SCANNER_FILE)));
