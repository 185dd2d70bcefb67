import fs from "node:fs";
import path from "node:path";
import { isDeepStrictEqual } from "node:util";
import { formatJsonValue } from "../report/json.js";
import type { Measurement, SweepResult } from "../result/sweep.js";
import { InputError } from "../scenario/input-error.js";

const MEASUREMENTS_FILE = "measurements.jsonl";
const RESULT_FILE = "sweep.json";

/** What all measurements of a sweep have in common: those of another one must not get among them. */
export type SweepIdentity = Pick<SweepResult, "sweepVersion" | "tool" | "command" | "scenario" | "seed" | "host"> & {
  readonly points: readonly object[];
};

/**
 * The folder of `sweep --out`: every measurement as a line of measurements.jsonl, after a line that says of what sweep, and at the end sweep.json.
 */
export class SweepFolder {
  readonly #folder: string;
  readonly #file: string;

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
      fs.mkdirSync(this.#folder, { recursive: true });
      const text = fs.existsSync(this.#file) ? fs.readFileSync(this.#file, "utf8") : "";
      // What has no end was being written when the sweep was killed.
      const whole = text.slice(0, text.lastIndexOf("\n") + 1);
      const [first, ...lines] = whole.split("\n").slice(0, -1);
      if (first === undefined) {
        fs.writeFileSync(this.#file, `${JSON.stringify(identity)}\n`);
        return [];
      }
      this.#checkSame(JSON.parse(first) as SweepIdentity, identity);
      fs.truncateSync(this.#file, Buffer.byteLength(whole));
      return lines.map((line) => JSON.parse(line) as Measurement);
    });
  }

  add(measurement: Measurement): void {
    this.#attempt(() => fs.appendFileSync(this.#file, `${JSON.stringify(measurement)}\n`));
  }

  publish(result: SweepResult): void {
    const file = path.join(this.#folder, RESULT_FILE);
    this.#attempt(() => {
      fs.writeFileSync(`${file}.unfinished`, formatJsonValue(result));
      fs.renameSync(`${file}.unfinished`, file);
    });
  }

  #checkSame(there: SweepIdentity, wanted: SweepIdentity): void {
    const same = { ...JSON.parse(JSON.stringify(wanted)) } as SweepIdentity;
    if (isDeepStrictEqual(there, same)) return;
    const fields = ["tool", "command", "host", "points"] as const;
    const field = fields.find((name) => !isDeepStrictEqual(there[name], same[name])) ?? "scenario";
    const [old, now] = [there, same].map((one) => (field === "points" ? "other points" : JSON.stringify(one[field])));
    throw new InputError(
      `${this.#file} is of another sweep: its ${field} ${field === "points" ? "differ" : `is ${old}, not ${now}`}; choose another folder`,
    );
  }

  #attempt<Answer>(operation: () => Answer): Answer {
    try {
      return operation();
    } catch (error) {
      if (error instanceof InputError) throw error;
      if (error instanceof SyntaxError) throw new InputError(`${this.#file} is damaged: ${error.message}`);
      throw new InputError(`--out ${this.#folder}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
}
