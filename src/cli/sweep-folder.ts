import fs from "node:fs";
import path from "node:path";
import { isDeepStrictEqual } from "node:util";
import { formatJsonValue } from "../report/json.js";
import { Misfit, type Json, type JsonObject } from "../result/stored.js";
import { readMeasurement } from "../result/stored-sweep.js";
import type { Measurement, SweepResult } from "../result/sweep.js";
import { InputError } from "../scenario/input-error.js";
import { makeFolders, OutputFile } from "./output-file.js";

const MEASUREMENTS_FILE = "measurements.jsonl";
/** Of a whole sweep. */
export const SWEEP_FILE = "sweep.json";

/** What is said where a field is too long to be repeated. */
const LONG_FIELDS: Readonly<Record<string, string>> = {
  points: "its points differ",
  host: "it was made on another computer, or with another version of Node",
  resolved: "its scenario was another, with the same name",
};

/** What all measurements of a sweep have in common: those of another one must not get among them. */
export type SweepIdentity = Pick<SweepResult, "sweepVersion" | "tool" | "command" | "scenario" | "seed" | "host"> & {
  readonly points: readonly object[];
  /** The scenario as resolved. */
  readonly resolved: object;
};

/** Whether a folder has measurements of a sweep that was stopped. */
export function isUnfinishedSweep(folder: string): boolean {
  const has = (name: string): boolean => fs.existsSync(path.join(folder, name));
  return has(MEASUREMENTS_FILE) && !has(SWEEP_FILE);
}

/**
 * The folder of `sweep --out`: every measurement as a line of measurements.jsonl, after a line that says of what sweep, and at the end sweep.json.
 */
export class SweepFolder {
  readonly #folder: string;
  readonly #file: string;
  #result: OutputFile | null = null;

  constructor(folder: string) {
    this.#folder = folder;
    this.#file = path.join(folder, MEASUREMENTS_FILE);
  }

  /**
   * Opens the folder, which is made where there is none.
   *
   * @returns the measurements of the same sweep that are there
   * @throws InputError when the folder has measurements of another sweep, or cannot be written
   */
  open(identity: SweepIdentity): Measurement[] {
    return this.#attempt(() => {
      makeFolders(path.resolve(this.#folder));
      this.#result = new OutputFile("--out", path.join(this.#folder, SWEEP_FILE));
      void new OutputFile("--out", this.#file);
      const text = fs.existsSync(this.#file) ? fs.readFileSync(this.#file, "utf8") : "";
      const own = `${JSON.stringify(identity)}\n`;
      // What has no end was being written when the sweep was killed.
      const [first, ...lines] = text.split("\n").slice(0, -1);
      if (first === undefined) {
        if (!own.startsWith(text)) throw new InputError(`${this.#file} is no file of a sweep; choose another folder`);
        fs.writeFileSync(this.#file, own);
        return [];
      }
      this.#checkSame(this.#parse(first, 1), JSON.parse(own) as JsonObject);
      const measurements = lines.map((line, index) => this.#read(line, index + 2));
      fs.truncateSync(this.#file, Buffer.byteLength(text.slice(0, text.lastIndexOf("\n") + 1)));
      return measurements;
    });
  }

  add(measurement: Measurement): void {
    this.#attempt(() => fs.appendFileSync(this.#file, `${JSON.stringify(measurement)}\n`));
  }

  publish(result: SweepResult): void {
    this.#result?.write(formatJsonValue(result));
  }

  #checkSame(there: JsonObject, wanted: JsonObject): void {
    const field = Object.keys(wanted).find((name) => !isDeepStrictEqual(there[name], wanted[name]));
    if (field === undefined) return;
    const [old, now] = [there[field], wanted[field]].map((value) => JSON.stringify(value) ?? "missing");
    const what = LONG_FIELDS[field] ?? `its ${field} is ${old}, not ${now}`;
    throw new InputError(`${this.#file} is of another sweep: ${what}; choose another folder`);
  }

  #read(line: string, number: number): Measurement {
    try {
      return readMeasurement(this.#parse(line, number));
    } catch (error) {
      if (error instanceof Misfit) throw new InputError(`${this.#file}:${number} is damaged: ${error.message}`);
      throw error;
    }
  }

  #parse(line: string, number: number): JsonObject {
    let value: Json = null;
    try {
      value = JSON.parse(line) as Json;
    } catch {
      // Said below.
    }
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as JsonObject;
    throw new InputError(`${this.#file}:${number} is damaged: it is no JSON object`);
  }

  #attempt<Answer>(operation: () => Answer): Answer {
    try {
      return operation();
    } catch (error) {
      if (error instanceof InputError) throw error;
      throw new InputError(`--out ${this.#folder}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
}
