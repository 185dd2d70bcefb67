import fs from "node:fs";
import path from "node:path";
import type { Side } from "../result/comparison.js";
import type { Tool } from "../result/schema.js";
import { readStoredResult, type StoredResult } from "../result/stored.js";
import { InputError } from "../scenario/input-error.js";
import { readTextFile } from "./text-file.js";

const BYTES_MAX = 32 * 2 ** 20;
/** What `--out` writes in a folder. */
const RESULT_FILE = "result.json";

/**
 * The results that a word on a command line means: a file, or every `*.json` of a folder and the `result.json` of the folders in it.
 *
 * @throws InputError when there is none, or one cannot be read: a gate must not pass because a result was overlooked
 */
export function readSide(name: string, tool: Tool): Side {
  const files = isFolder(name) ? listResults(name) : [name];
  return { name, results: files.map((file) => readResultFile(file, tool)) };
}

function readResultFile(file: string, tool: Tool): StoredResult {
  return readStoredResult(readTextFile(file, "result", BYTES_MAX), file, tool);
}

function isFolder(name: string): boolean {
  return fs.statSync(name, { throwIfNoEntry: false })?.isDirectory() === true;
}

function listResults(folder: string): string[] {
  const files = readNames(folder).flatMap((name) => {
    const entry = path.join(folder, name);
    if (!isFolder(entry)) return name.endsWith(".json") ? [entry] : [];
    const file = path.join(entry, RESULT_FILE);
    return fs.existsSync(file) ? [file] : [];
  });
  if (files.length > 0) return files;
  throw new InputError(`the folder ${folder} has no results: no *.json, and no ${RESULT_FILE} in a folder below`);
}

/** Numbers in names count as numbers: 2 comes before 10. */
function readNames(folder: string): string[] {
  try {
    const names = fs.readdirSync(folder).filter((name) => !name.startsWith("."));
    return names.sort(new Intl.Collator("en", { numeric: true }).compare);
  } catch (error) {
    throw new InputError(
      `the folder ${folder} cannot be read: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
}
