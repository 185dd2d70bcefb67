import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { performance } from "node:perf_hooks";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

import { floorMemory, runFloor } from "../src/measure/floor.js";
import { executePlan } from "../src/pool/pool.js";
import { planRun, type RunPlan } from "../src/run/plan.js";
import { churnScenario } from "./churn-scenario.js";
import type { CppYardstick } from "./cpp-yardstick.js";
import { addMeasured, type Figures, powerLabel } from "./figures.js";
import { checkChurn, planChurn, runKernel } from "./kernel-run.js";
import { NaiveSimulator } from "./naive-simulator.js";
import { type Contender, interleave, medianRatio, type RoundTime } from "./rounds.js";

export interface BenchSetting {
  /** A short run of every bench. */
  readonly quick: boolean;
  /** Null where no C++ compiler was found. */
  readonly cpp: CppYardstick | null;
  readonly figures: Figures;
  /** Says in a line what is being measured. */
  readonly onStep: (text: string) => void;
  /** Frees what nobody holds any more, kernel memories above all. */
  readonly collectGarbage: () => void;
}

const DIST = new URL("../", import.meta.url);
const CLI = fileURLToPath(new URL("bundle/cli/main.js", DIST));
const run = promisify(execFile);
const seconds = (): number => performance.now() / 1e3;

/** A population of the throughput suite, and which yardsticks stand beside the kernel and the floor there. */
interface Population {
  readonly afs: number;
  readonly naive: boolean;
  readonly cpp: boolean;
}

const POPULATIONS: readonly Population[] = [
  { afs: 1e4, naive: true, cpp: false },
  { afs: 1e5, naive: false, cpp: false },
  { afs: 1e6, naive: true, cpp: true },
  { afs: 1e7, naive: false, cpp: true },
];

/** Yardsticks, and the figure that says how many times their rate the kernel reaches. */
const RATE_RATIOS = [
  ["naive", "timesNaive"],
  ["cpp", "timesCpp"],
] as const;

/** Virtual milliseconds in which churn makes so many events; at least so many for each AF, to outweigh the start. */
function churnMs(afs: number, events: number, eventsPerAf: number): number {
  return Math.max(Math.round(events / afs), eventsPerAf);
}

/** Events a second on one core, one shard, one machine, beside the floor, the naive simulator and C++. */
export async function measureThroughput(setting: BenchSetting): Promise<void> {
  for (const population of POPULATIONS) await measurePopulation(setting, population);
}

async function measurePopulation(setting: BenchSetting, { afs, naive, cpp }: Population): Promise<void> {
  const { quick, figures } = setting;
  const id = `churn.${powerLabel(afs)}`;
  setting.onStep(`churn, ${afs.toLocaleString("en")} AFs`);
  const plan = await planChurn(afs, quick ? churnMs(afs, 1e7, 3) : churnMs(afs, 5e7, 10));
  // In the round that is not counted, an event an AF brings a yardstick near the state in which it stays.
  const warmUp = (events: number): number => (quick ? events : Math.max(events, afs));
  const contenders = kernelAndFloor(setting, plan);
  if (naive) contenders.push(naiveContender(afs, warmUp, quick ? 2e5 : 5e5));
  const churn = cpp && setting.cpp !== null ? await setting.cpp.start(afs) : null;
  if (churn !== null) {
    const events = quick ? 4e5 : 2e6;
    contenders.push({ id: "cpp", round: (round) => churn.run(round < 0 ? warmUp(events) : events) });
  }
  const measured = await interleave(contenders, { rounds: quick ? 3 : 5, discarded: 1 });
  await churn?.stop();

  const kernel = measured.get("kernel")!;
  for (const [name, result] of measured) addMeasured(figures, `${id}.${name}`, result);
  figures.set(`${id}.kernel.bytesPerAf`, plan.memoryBytes / afs);
  figures.set(`${id}.kernel.timesFloor`, medianRatio(kernel, measured.get("floor")!));
  for (const [name, ratio] of RATE_RATIOS) {
    const yardstick = measured.get(name);
    if (yardstick !== undefined) figures.set(`${id}.kernel.${ratio}`, medianRatio(yardstick, kernel));
  }
}

/** The kernel in a fresh memory each round, and the floor in the memory that the kernel has just used. */
function kernelAndFloor({ quick, collectGarbage }: BenchSetting, plan: RunPlan): Contender[] {
  const { afs } = plan.scenario.topology;
  const kernelModule = new WebAssembly.Module(readFileSync(new URL("kernel.wasm", DIST)));
  const floorModule = new WebAssembly.Module(readFileSync(new URL("floor.wasm", DIST)));
  let memory: WebAssembly.Memory | null = null;
  let digest: string | null = null;
  return [
    {
      id: "kernel",
      round: () => {
        memory = null;
        collectGarbage();
        const { outcome, memory: used } = runKernel(kernelModule, plan);
        const found = outcome.machines.flatMap(({ digests }) => [...digests]).join();
        if (digest !== null && found !== digest) throw new Error(`churn with ${afs} AFs: two rounds, two digests`);
        digest = found;
        memory = used;
        return { seconds: outcome.kernelSeconds, operations: outcome.totals.events };
      },
    },
    { id: "floor", round: () => runFloor(floorModule, memory!, afs, quick ? 0.2 : 0.5, seconds) },
  ];
}

function naiveContender(afs: number, warmUp: (events: number) => number, eventsPerRound: number): Contender {
  let simulator: NaiveSimulator | null = null;
  return {
    id: "naive",
    round: (round) => {
      simulator ??= new NaiveSimulator(afs, 1);
      const operations = round < 0 ? warmUp(eventsPerRound) : eventsPerRound;
      const start = seconds();
      simulator.run(operations);
      return { seconds: seconds() - start, operations };
    },
  };
}

/**
 * Events of a short round of two workers and one. Until V8 has optimised the kernel, which takes tens of milliseconds of a processor that
 * two workers do not leave idle, a worker runs slower code. A user waits for that once; it must not be taken for a cost of two workers.
 */
const WORKER_EVENTS = 6.4e7;

/** Two workers against one, on churn with two machines in two shards. */
export async function measureWorkers(setting: BenchSetting): Promise<void> {
  const { quick, figures } = setting;
  for (const afs of quick ? [1e6] : [1e6, 1e7]) {
    const id = `workers.${powerLabel(afs)}`;
    setting.onStep(`two workers and one, ${afs.toLocaleString("en")} AFs`);
    const scenario = await churnScenario(afs, 2, quick ? churnMs(afs, WORKER_EVENTS, 3) : churnMs(afs, 1e8, 10));
    const plan = planRun(scenario, { shards: 2, trace: null });
    const round = async (workers: number): Promise<RoundTime> => {
      setting.collectGarbage();
      const { outcomes, kernelMs } = await executePlan(plan, { workers });
      checkChurn(plan, outcomes);
      const operations = outcomes.reduce((sum, { totals }) => sum + totals.events, 0);
      return { seconds: kernelMs / 1e3, operations };
    };
    const measured = await interleave(
      [
        { id: "one", round: () => round(1) },
        { id: "two", round: () => round(2) },
      ],
      { rounds: quick ? 3 : 5, discarded: 0 },
    );
    for (const [name, result] of measured) addMeasured(figures, `${id}.${name}`, result);
    figures.set(`${id}.timesOne`, medianRatio(measured.get("one")!, measured.get("two")!));
  }
}

/** Time of a whole process: a small run, and Node alone. */
export async function measureStartUp(setting: BenchSetting): Promise<void> {
  setting.onStep("start-up, 1,000 AFs");
  const time = async (args: readonly string[]): Promise<RoundTime> => {
    const start = seconds();
    await run(process.execPath, args);
    return { seconds: seconds() - start, operations: 1 };
  };
  const small = [CLI, "run", "churn", "--afs", "1000", "--duration", "10ms", "--json"];
  const measured = await interleave(
    [
      { id: "run", round: () => time(small) },
      { id: "node", round: () => time(["--eval", "0"]) },
    ],
    { rounds: setting.quick ? 5 : 11, discarded: 1 },
  );
  for (const [name, { medianNs }] of measured) setting.figures.set(`startUp.${name}.seconds`, medianNs / 1e9);
}

/** 100 million AFs live at once, through the command line, beside the floor at that population. */
export async function measureLarge(setting: BenchSetting): Promise<void> {
  const afs = 1e8;
  const id = `large.${powerLabel(afs)}`;
  setting.onStep(`one run with ${afs.toLocaleString("en")} AFs`);
  const floorModule = new WebAssembly.Module(readFileSync(new URL("floor.wasm", DIST)));
  const command = [CLI, "run", "churn", "--afs", String(afs), "--duration", "5ms", "--workers", "1", "--json"];
  const measured = await interleave(
    [
      {
        id: "kernel",
        round: async () => {
          const { stdout } = await run(process.execPath, command, { maxBuffer: 2 ** 28 });
          const { afs: found, host, totals } = JSON.parse(stdout) as LargeResult;
          setting.figures.set(`${id}.kernel.liveAfs`, found.openAtEnd + found.pendedAtEnd);
          setting.figures.set(`${id}.kernel.bytesPerAf`, host.bytesPerAf);
          setting.figures.set(`${id}.kernel.rssBytesPerAf`, host.rssBytes / afs);
          return { seconds: totals.events / host.eventsPerSecond, operations: totals.events };
        },
      },
      {
        id: "floor",
        round: () => {
          setting.collectGarbage();
          return runFloor(floorModule, floorMemory(afs), afs, 1, seconds);
        },
      },
    ],
    { rounds: 3, discarded: 0 },
  );
  for (const [name, result] of measured) addMeasured(setting.figures, `${id}.${name}`, result);
  setting.figures.set(`${id}.kernel.timesFloor`, medianRatio(measured.get("kernel")!, measured.get("floor")!));
}

interface LargeResult {
  readonly totals: { readonly events: number };
  readonly afs: { readonly openAtEnd: number; readonly pendedAtEnd: number };
  readonly host: { readonly bytesPerAf: number; readonly rssBytes: number; readonly eventsPerSecond: number };
}
