/** Measurements in processes of their own: none finds code, memory or caches that another has left, and one that fails fails alone. */

import { spawn } from "node:child_process";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { RunFailure } from "../pool/pool.js";
import type { Measurement } from "../result/sweep.js";
import type { Result } from "../result/schema.js";
import type { ScenarioOverrides } from "../scenario/override.js";
import { describePoint, type SweepPoint } from "./sweep-plan.js";
import type { SweepTask } from "./sweep.js";

/** What the process of a floor measurement prints. */
export interface FloorTime {
  readonly nsPerAccess: number;
}

/**
 * Makes the measurements of a sweep of a scenario.
 *
 * @param main file of the command line's entry
 * @param scenario as on a command line
 */
export function measureInProcess(
  main: string,
  scenario: string,
  overrides: ScenarioOverrides,
): (task: SweepTask, signal: AbortSignal) => Promise<Measurement> {
  return async (task, signal) => {
    if (task.kind === "floor") {
      const floor = fileURLToPath(new URL("./floor-process.js", import.meta.url));
      const { nsPerAccess } = (await readJson(
        [floor, String(task.afs)],
        `the floor of ${task.afs} AFs`,
        signal,
      )) as FloorTime;
      return { kind: "floor", round: task.round, afs: task.afs, nsPerAccess };
    }
    const { round, point } = task;
    const words = [main, "run", scenario, ...wordsOf(point, overrides), "--json"];
    const result = (await readJson(words, describePoint(point), signal)) as Result;
    const { host, totals, digest, violations } = result;
    return {
      kind: "run",
      round,
      afs: point.afs,
      workers: point.workers,
      digest: digest ?? "",
      events: totals.events,
      nsPerEvent: host.nsPerEvent,
      setupMs: host.setupMs,
      memoryBytes: host.memoryBytes,
      bytesPerAf: host.bytesPerAf,
      rssBytes: host.rssBytes,
      violations: violations.total,
    };
  };
}

function wordsOf(
  { afs, workers, shards, duration }: SweepPoint,
  { machines, seed, set = [] }: ScenarioOverrides,
): string[] {
  const given = [
    ["--afs", String(afs)],
    ["--workers", String(workers)],
    ["--shards", String(shards)],
    ["--duration", duration],
    ["--machines", machines],
    ["--seed", seed],
    ...set.map((assignment) => ["--set", assignment]),
  ];
  return given.filter((pair): pair is string[] => pair[1] !== undefined).flat();
}

/** Runs Node and reads what it prints. A run that finds violations exits with 1, and is a measurement all the same. */
async function readJson(words: readonly string[], what: string, signal: AbortSignal): Promise<unknown> {
  const child = spawn(process.execPath, words, { stdio: ["ignore", "pipe", "pipe"] });
  const stop = (): void => void child.kill("SIGKILL");
  signal.addEventListener("abort", stop, { once: true });
  const [stdout, stderr]: [string[], string[]] = [[], []];
  child.stdout.setEncoding("utf8").on("data", (text: string) => stdout.push(text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => stderr.push(text));
  const code = await new Promise<number | null>((resolve, reject) => child.on("error", reject).on("close", resolve));
  signal.removeEventListener("abort", stop);
  if (signal.aborted) return { host: {}, totals: {}, violations: {} };
  if (code === 0 || code === 1) return JSON.parse(stdout.join(""));
  throw new RunFailure(`${what}: the run ended with exit code ${code}: ${stderr.join("").trim()}`);
}
