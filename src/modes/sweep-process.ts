/** Measurements in processes of their own: none finds code, memory or caches that another has left, and one that fails fails alone. */

import { spawn } from "node:child_process";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { RunFailure } from "../pool/pool.js";
import type { Measurement } from "../result/sweep.js";
import type { Result } from "../result/schema.js";
import type { ScenarioOverrides } from "../scenario/override.js";
import { describePoint, type SweepPoint } from "./sweep-plan.js";
import type { SweepRequest } from "./sweep.js";

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
): SweepRequest["measure"] {
  return async (task, signal) => {
    if (task.kind === "floor") {
      const floor = fileURLToPath(new URL("./floor-process.js", import.meta.url));
      const time = await readJson<FloorTime>([floor, String(task.afs)], `the floor of ${task.afs} AFs`, signal);
      return time && { kind: "floor", round: task.round, afs: task.afs, nsPerAccess: time.nsPerAccess };
    }
    const { round, point } = task;
    const words = [main, point.dispatch ? "live" : "run", scenario, ...wordsOf(point, overrides), "--json"];
    const result = await readJson<Result>(words, describePoint(point), signal);
    return result && measurementOf(result, round, point);
  };
}

function measurementOf(
  { host, totals, digest, violations, thresholds }: Result,
  round: number,
  point: SweepPoint,
): Measurement {
  return {
    kind: "run",
    round,
    afs: point.afs,
    workers: point.workers,
    ...(point.dispatch && { dispatch: point.dispatch }),
    digest: digest ?? "",
    events: totals.events,
    nsPerEvent: host.nsPerEvent,
    setupMs: host.setupMs,
    memoryBytes: host.memoryBytes,
    bytesPerAf: host.bytesPerAf,
    rssBytes: host.rssBytes,
    violations: violations.total,
    missedThresholds: thresholds.filter(({ pass }) => !pass).length,
  };
}

function wordsOf(
  { afs, workers, dispatch, shards, duration }: SweepPoint,
  { machines, seed, set = [] }: ScenarioOverrides,
): string[] {
  const threads = dispatch
    ? [
        ["--lanes", String(workers)],
        ["--dispatch", dispatch],
      ]
    : [
        ["--workers", String(workers)],
        ["--shards", String(shards)],
      ];
  const given = [
    ["--afs", String(afs)],
    ...threads,
    ["--duration", duration],
    ["--machines", machines],
    ["--seed", seed],
    ...set.map((assignment) => ["--set", assignment]),
  ];
  return given.filter((pair): pair is string[] => pair[1] !== undefined).flat();
}

/**
 * Runs Node and reads what it prints: null when it is stopped. A run that finds violations exits with 1, and is a measurement all the same.
 *
 * @throws RunFailure when nothing is printed, or the run fails
 */
async function readJson<Printed>(words: readonly string[], what: string, signal: AbortSignal): Promise<Printed | null> {
  const child = spawn(process.execPath, words, { stdio: ["ignore", "pipe", "pipe"] });
  const stop = (): void => void child.kill("SIGKILL");
  signal.addEventListener("abort", stop, { once: true });
  const [stdout, stderr]: [string[], string[]] = [[], []];
  child.stdout.setEncoding("utf8").on("data", (text: string) => stdout.push(text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => stderr.push(text));
  const code = await new Promise<number | null>((resolve, reject) => child.on("error", reject).on("close", resolve));
  signal.removeEventListener("abort", stop);
  if (signal.aborted) return null;
  if ((code === 0 || code === 1) && stdout.length > 0) return JSON.parse(stdout.join("")) as Printed;
  throw new RunFailure(`${what}: the run ended with exit code ${code}: ${stderr.join("").trim()}`);
}
