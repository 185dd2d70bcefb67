import fs from "node:fs";
import path from "node:path";
import { formatJson } from "../report/json.js";
import type { Result } from "../result/schema.js";
import { InputError } from "../scenario/input-error.js";
import { makeFolders, OutputFile, type FileClaim } from "./output-file.js";

const RESULT_FILE = "result.json";
const SCENARIO_FILE = "scenario.yaml";

/** The folder of `--out`; its files appear whole or not at all. */
export class OutFolder {
  readonly #folder: string;
  #files: readonly OutputFile[] = [];
  /** Folders that were made for it, the outermost first. */
  readonly #made: string[] = [];

  constructor(folder: string) {
    this.#folder = folder;
  }

  /**
   * Makes the folder where it does not exist, and checks that its files can be written there: what fails here must not fail
   * after hours.
   *
   * @throws InputError when not; then nothing of it is left
   */
  prepare(): void {
    try {
      makeFolders(path.resolve(this.#folder), this.#made);
      fs.rmdirSync(fs.mkdtempSync(path.join(this.#folder, ".unfinished-")));
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw new InputError(`--out ${this.#folder}: the folder cannot be written: ${reason}`);
    }
    this.#files = this.claims.map(([flag, file]) => new OutputFile(flag, file));
  }

  /** What is written here, each with the flag that says so. */
  get claims(): FileClaim[] {
    return [RESULT_FILE, SCENARIO_FILE].map((name) => ["--out", path.join(this.#folder, name)]);
  }

  /** Removes the folders that `prepare` made and that are still empty. */
  removeEmpty(): void {
    try {
      for (const folder of this.#made.toReversed()) fs.rmdirSync(folder);
    } catch {
      // There is something in it.
    }
  }

  /** Writes result.json, and scenario.yaml with the scenario as resolved. */
  async publish(result: Result): Promise<void> {
    const { stringify } = await import("yaml");
    const [resultFile, scenarioFile] = this.#files;
    resultFile?.write(formatJson(result));
    scenarioFile?.write(stringify(result.scenario));
  }
}
