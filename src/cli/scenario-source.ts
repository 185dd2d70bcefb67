import fs from "node:fs";
import { catalogueNames } from "../scenario/catalogue.js";
import { InputError } from "../scenario/input-error.js";
import { TEXT_LENGTH_MAX } from "../scenario/load.js";
import type { ScenarioSource } from "../scenario/resolve.js";
import { formatBytes } from "../scenario/units.js";

/** UTF-8 takes at most 3 bytes for each of JavaScript's characters. */
const BYTES_MAX = 3 * TEXT_LENGTH_MAX;

/**
 * What `<scenario>` on a command line means: a built-in scenario, or a file, which a name ending in .yaml, .yml or
 * .json, one with a slash and one that exists stands for.
 *
 * @throws InputError when the file cannot be read as text
 */
export function readScenarioSource(argument: string): ScenarioSource {
  if (catalogueNames.includes(argument)) return { name: argument };
  const isFile = /\.(ya?ml|json)$/i.test(argument) || /[/\\]/.test(argument) || fs.existsSync(argument);
  return isFile ? { text: readText(argument), file: argument } : { name: argument };
}

function readText(file: string): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(readOrdinaryFile(file));
  } catch (error) {
    const reason =
      error instanceof TypeError ? "it is not UTF-8 text" : error instanceof Error ? error.message : String(error);
    throw new InputError(`the scenario ${file} cannot be read: ${reason}`);
  }
}

/** A device or a pipe may have no end, and a file of /proc has no size before it is read: never more than a scenario takes. */
function readOrdinaryFile(file: string): Uint8Array {
  const status = fs.statSync(file);
  if (status.isDirectory()) throw new Error("it is a folder");
  if (!status.isFile()) throw new Error("it is not an ordinary file");
  const descriptor = fs.openSync(file, "r");
  try {
    const bytes = Buffer.alloc(BYTES_MAX + 1);
    let length = 0;
    for (let count = -1; count !== 0 && length < bytes.length; length += count) {
      count = fs.readSync(descriptor, bytes, length, bytes.length - length, null);
    }
    if (length > BYTES_MAX) throw new Error(`it is larger than ${formatBytes(BYTES_MAX)}, too large for a scenario`);
    return bytes.subarray(0, length);
  } finally {
    fs.closeSync(descriptor);
  }
}
