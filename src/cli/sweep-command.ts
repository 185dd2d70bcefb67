import os from "node:os";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { defaultLanes } from "../modes/live.js";
import { describeSweep } from "../modes/reproduction.js";
import { measureInProcess } from "../modes/sweep-process.js";
import { describePoint, planSweep, type SweepAxes } from "../modes/sweep-plan.js";
import { sweep, tasksOf, type SweepProgress } from "../modes/sweep.js";
import { PROGRAM, readTool } from "../modes/tool.js";
import { buildSweep, isUnbroken, type SweepResult } from "../result/sweep.js";
import { InputError } from "../scenario/input-error.js";
import { formatCount } from "../scenario/units.js";
import type { Invocation } from "./commands.js";
import { EXIT_CODE, type ExitCode } from "./exit-code.js";
import { OutputFile } from "./output-file.js";
import { formatSeconds, ProgressLine } from "./progress-line.js";
import { readScenarioSource } from "./scenario-source.js";
import { listenForStop } from "./stop.js";
import { SweepFolder } from "./sweep-folder.js";
import { readTerminal } from "./terminal.js";

const ROUNDS_DEFAULT = 5;
const MAIN = fileURLToPath(new URL("./main.js", import.meta.url));

/** `condis-sim sweep <scenario>`. */
export async function executeSweep({ arguments: [name = ""], flags }: Invocation): Promise<ExitCode> {
  const { machines, seed, "duration-sweep": duration, set } = flags;
  const overrides = { machines, seed, duration, set };
  const axes = readAxes(flags);
  const plan = await planSweep(readScenarioSource(name), overrides, axes);
  const rounds = flags.rounds ?? ROUNDS_DEFAULT;
  const input = {
    tool: readTool(),
    scenario: plan.scenario,
    seed: plan.seed,
    command: describeSweep(name, overrides, axes, plan.seed),
    points: plan.points,
    host: {
      node: process.versions.node,
      cpu: os.cpus()[0]?.model.trim() ?? "unknown",
      processors: os.availableParallelism(),
    },
  };
  const page = flags.report === undefined ? null : new OutputFile("--report", flags.report);
  const folder = flags["out-sweep"] === undefined ? null : new SweepFolder(flags["out-sweep"]);
  // More rounds can be added to a sweep that is done.
  const made = folder?.open({ sweepVersion: 1, ...input, resolved: plan.resolved }) ?? [];
  const progressLine = process.stderr.isTTY && flags.quiet !== true ? new ProgressLine() : null;
  const stop = listenForStop();
  try {
    const measurements = await sweep({
      plan,
      rounds,
      made,
      measure: measureInProcess(MAIN, name, overrides),
      onMeasured: (measurement) => folder?.add(measurement),
      signal: stop.signal,
      ...(progressLine && { onProgress: (progress) => progressLine.show(formatSweepProgress(progress)) }),
    });
    progressLine?.clear();
    const planned = tasksOf(plan, rounds).length;
    const result = buildSweep({ ...input, rounds, measurements, planned });
    if (result.points.length > 0) {
      await show(result, flags.json === true);
      page?.write((await import("../report/html-sweep.js")).formatSweepHtml(result));
    }
    if (result.partial === null) folder?.publish(result);
    if (!stop.signal.aborted) return isUnbroken(result) ? EXIT_CODE.done : EXIT_CODE.judged;
    const rest = folder ? "the same command goes on from here" : "with --out DIR it could go on from here";
    process.stderr.write(`${PROGRAM}: stopped after ${measurements.length} of ${planned} measurements; ${rest}\n`);
    return EXIT_CODE.stopped;
  } finally {
    progressLine?.clear();
    stop.forget();
  }
}

/** What is combined: workers of simulations, or lanes and dispatches of live runs. */
function readAxes(flags: Invocation["flags"]): SweepAxes {
  const { "afs-axis": afs, "workers-axis": workers, "lanes-axis": lanes, "dispatch-axis": dispatch } = flags;
  if (afs === undefined)
    throw new InputError("--afs is missing: the numbers of address families to measure, as in 1k,10k,100k");
  if (lanes === undefined && dispatch === undefined) return { afs, workers: workers ?? [1] };
  if (workers !== undefined) {
    const other = lanes === undefined ? "--dispatch" : "--lanes";
    throw new InputError(`--workers is of simulations, and ${other} of live runs: a sweep measures one or the other`);
  }
  return { afs, workers: lanes ?? [defaultLanes()], dispatch: dispatch ?? ["spsc"] };
}

async function show(result: SweepResult, json: boolean): Promise<void> {
  const text = json
    ? (await import("../report/json.js")).formatJsonValue(result)
    : (await import("../report/sweep-text.js")).formatSweepText(result, readTerminal(process.stdout));
  process.stdout.write(text);
}

/** The line of a sweep's progress: measurements, what is measured, time left. */
export function formatSweepProgress({ done, planned, task, doneNow, elapsedMs }: SweepProgress): string {
  const what = task.kind === "floor" ? `the floor of ${formatCount(task.afs)} AFs` : describePoint(task.point);
  const left = doneNow > 0 ? `  about ${formatSeconds((elapsedMs / 1000 / doneNow) * (planned - done))} left` : "";
  return `${done + 1} of ${planned}  ${what}${left}`;
}
