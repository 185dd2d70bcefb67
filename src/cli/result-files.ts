import fs from "node:fs";
import path from "node:path";
import process from "node:process";
import type { Side } from "../result/comparison.js";
import type { Result, Tool } from "../result/schema.js";
import { readStoredResult, type StoredResult } from "../result/stored.js";
import { isSweep, readSweep } from "../result/stored-sweep.js";
import { readWholeResult } from "../result/stored-whole.js";
import type { SweepResult } from "../result/sweep.js";
import { InputError } from "../scenario/input-error.js";
import { isUnfinishedSweep, SWEEP_FILE } from "./sweep-folder.js";
import { readTextFile, readTextStream } from "./text-file.js";

const BYTES_MAX = 32 * 2 ** 20;
const STDIN = "-";
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

/**
 * The one result or sweep that a word on a command line means: a file, a folder that has one, or `-` for what comes on stdin.
 *
 * @throws InputError when there is none or more than one, or it cannot be read
 */
export async function readReported(name: string, tool: Tool): Promise<Result | SweepResult> {
  if (name === STDIN)
    return readWhole(await readTextStream(process.stdin, "result on stdin", BYTES_MAX), "the result on stdin", tool);
  const file = isFolder(name) ? onlyResult(name) : name;
  return readWhole(readTextFile(file, "result", BYTES_MAX), file, tool);
}

function readWhole(text: string, file: string, tool: Tool): Result | SweepResult {
  return isSweep(text) ? readSweep(text, file) : readWholeResult(text, file, tool);
}

/** What `--out` wrote there, or else the only result. */
function onlyResult(folder: string): string {
  if (isUnfinishedSweep(folder))
    throw new InputError(`the sweep in the folder ${folder} is not done: the same command goes on with it`);
  const files = listResults(folder);
  const written = [RESULT_FILE, SWEEP_FILE].map((name) => path.join(folder, name)).find((file) => files.includes(file));
  const [only] = files;
  if (written !== undefined) return written;
  if (files.length === 1 && only !== undefined) return only;
  throw new InputError(`the folder ${folder} has ${files.length} results: name one of them, as in ${only}`);
}

function readResultFile(file: string, tool: Tool): StoredResult {
  return readStoredResult(readTextFile(file, "result", BYTES_MAX), file, tool);
}

/** What cannot be looked at is none: whoever reads it learns why. */
function isFolder(name: string): boolean {
  try {
    return fs.statSync(name).isDirectory();
  } catch {
    return false;
  }
}

/** So is what cannot be looked at, and a link that leads nowhere: whoever reads it learns why. */
function isThere(file: string): boolean {
  try {
    return fs.lstatSync(file, { throwIfNoEntry: false }) !== undefined;
  } catch {
    return true;
  }
}

function listResults(folder: string): string[] {
  const files = readNames(folder).flatMap((name) => {
    const entry = path.join(folder, name);
    if (!isFolder(entry)) return name.endsWith(".json") ? [entry] : [];
    const file = path.join(entry, RESULT_FILE);
    return isThere(file) ? [file] : [];
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
