import fs from "node:fs";
import { catalogueNames } from "../scenario/catalogue.js";
import { TEXT_LENGTH_MAX } from "../scenario/load.js";
import type { ScenarioSource } from "../scenario/resolve.js";
import { readTextFile } from "./text-file.js";

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
  return isFile ? { text: readTextFile(argument, "scenario", BYTES_MAX), file: argument } : { name: argument };
}
