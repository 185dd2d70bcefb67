import fs from "node:fs";
import path from "node:path";
import { TRACE_RECORD_BYTES } from "../kernel/trace-record.js";
import type { RunPlan } from "../run/plan.js";
import { InputError } from "../scenario/input-error.js";
import type { Scenario } from "../scenario/scenario.js";
import { formatBytes } from "../scenario/units.js";
import type { TraceSegments } from "./message.js";
import { removeAtExit, resolveOutput } from "./output-path.js";
import { mergeTrace, type MergeOptions } from "./trace-merge.js";

/** A JSON line with its newline: 188 to 198 on average in the built-in scenarios, and a tenth more since a forecast may err. */
const LINE_BYTES = 215;
/** The handles of SAPs, VCs and parties in it: 25 to 30 on average, in scenarios that have them. */
const HANDLES_BYTES = 30;

/**
 * A trace on its way to a file. Everything unfinished lies in a folder of its own beside the file, so that the file
 * appears whole or not at all.
 */
export class TraceOutput {
  readonly #file: string;
  readonly #folder: string;
  /** Removes what is unfinished. */
  readonly remove: () => void;

  /**
   * Checks that the trace fits the disk and that its folder can be written.
   *
   * @throws InputError when not
   */
  constructor(plan: RunPlan, file: string) {
    try {
      this.#file = resolveOutput(file);
      checkDisk(plan, path.dirname(this.#file));
      this.#folder = fs.mkdtempSync(`${this.#file}.unfinished-`);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw new InputError(`the trace cannot be written to ${file}: ${reason}`);
    }
    this.remove = removeAtExit(() => fs.rmSync(this.#folder, { recursive: true, force: true }));
  }

  /** Where the raw records of a shard go. */
  rawFile(shard: number, attempt: number): string {
    return path.join(this.#folder, `shard-${shard}-${attempt}`);
  }

  /** Merges all shards' records, in the order of the trace format, and puts the file in its place. */
  async publish(scenario: Scenario, shards: readonly TraceSegments[], options: MergeOptions): Promise<void> {
    const merged = path.join(this.#folder, "trace");
    await mergeTrace(scenario, shards, merged, options);
    fs.renameSync(merged, this.#file);
  }
}

/** What a plan's trace takes on the disk: all raw records lie beside the finished lines for a moment. */
export function plannedTraceBytes({ expectedTraceRecords, scenario }: RunPlan): number {
  const handlesBytes = scenario.client.objects === null ? 0 : HANDLES_BYTES;
  return expectedTraceRecords * (TRACE_RECORD_BYTES + LINE_BYTES + handlesBytes);
}

function checkDisk(plan: RunPlan, folder: string): void {
  const { bavail, bsize } = fs.statfsSync(folder);
  const freeBytes = bavail * bsize;
  const plannedBytes = plannedTraceBytes(plan);
  if (plannedBytes <= freeBytes) return;
  throw new Error(
    `about ${formatBytes(plannedBytes)} are planned and ${formatBytes(freeBytes)} are free on its disk; ` +
      "--trace-af and --trace-time make it smaller",
  );
}
