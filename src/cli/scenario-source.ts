import fs from "node:fs";
import { catalogueNames } from "../scenario/catalogue.js";
import { InputError } from "../scenario/input-error.js";
import { TEXT_LENGTH_MAX } from "../scenario/load.js";
import type { ScenarioSource } from "../scenario/resolve.js";

/** UTF-8 takes at most this for each of JavaScript's characters. */
const BYTES_PER_CHARACTER = 3;

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
    const { size } = fs.statSync(file);
    if (size > TEXT_LENGTH_MAX * BYTES_PER_CHARACTER) throw new Error(`it has ${size} bytes, too many for a scenario`);
    return new TextDecoder("utf-8", { fatal: true }).decode(fs.readFileSync(file));
  } catch (error) {
    const reason =
      error instanceof TypeError ? "it is not UTF-8 text" : error instanceof Error ? error.message : String(error);
    throw new InputError(`the scenario ${file} cannot be read: ${reason}`);
  }
}
