import { readFileSync } from "node:fs";
import { Worker } from "node:worker_threads";

import { executeLive } from "../src/pool/lanes.js";
import { configureLive } from "../src/run/configure-live.js";
import { type Dispatch, DISPATCHES, type LivePlan, planLive } from "../src/run/live-plan.js";
import { churnScenario } from "./churn-scenario.js";
import type { ExchangeTask } from "./exchange-worker.js";
import { addMeasured, powerLabel } from "./figures.js";
import { planChurn, runKernel } from "./kernel-run.js";
import { type Contender, interleave, medianRatio, type RoundTime } from "./rounds.js";
import type { BenchSetting } from "./suites.js";

const DIST = new URL("../", import.meta.url);
const PAGE_BYTES = 0x1_0000;
const LANES = [1, 2] as const;

async function planLanes(afs: number, lanes: number, dispatch: Dispatch, durationMs: number): Promise<LivePlan> {
  return planLive(await churnScenario(afs, 1, durationMs), { lanes, dispatch, pace: "free", traced: false });
}

/** Live runs of churn with one and two lanes and every strategy, beside the deterministic kernel on one core. */
export async function measureLive(setting: BenchSetting): Promise<void> {
  for (const afs of setting.quick ? [1e4, 1e6] : [1e4, 1e6, 1e7]) await measureLanes(setting, afs);
  await measureRings(setting);
}

async function measureLanes({ quick, figures, onStep, collectGarbage }: BenchSetting, afs: number): Promise<void> {
  const id = `live.${powerLabel(afs)}`;
  onStep(`live, ${afs.toLocaleString("en")} AFs`);
  const module = new WebAssembly.Module(readFileSync(new URL("kernel.wasm", DIST)));
  const kernelPlan = await planChurn(afs, Math.max(3, Math.round((quick ? 1e7 : 3e7) / afs)));
  const contenders: Contender[] = [
    {
      id: "kernel",
      round: () => {
        collectGarbage();
        const { outcome } = runKernel(module, kernelPlan);
        return { seconds: outcome.kernelSeconds, operations: outcome.totals.events };
      },
    },
  ];
  for (const dispatch of DISPATCHES) {
    for (const lanes of LANES) {
      const plan = await planLanes(afs, lanes, dispatch, quick ? 300 : 1000);
      contenders.push({ id: `${dispatch}.${lanes}`, round: () => playOnce(plan, collectGarbage) });
    }
  }
  const measured = await interleave(contenders, { rounds: quick ? 3 : 5, discarded: 0 });
  for (const [name, result] of measured) addMeasured(figures, `${id}.${name}`, result);
  for (const dispatch of DISPATCHES) {
    const one = measured.get(`${dispatch}.1`)!;
    figures.set(`${id}.${dispatch}.timesOne`, medianRatio(one, measured.get(`${dispatch}.2`)!));
    figures.set(`${id}.${dispatch}.timesKernel`, medianRatio(one, measured.get("kernel")!));
  }
}

async function playOnce(plan: LivePlan, collectGarbage: () => void): Promise<RoundTime> {
  collectGarbage();
  const { outcome, complete, kernelMs } = await executeLive(plan);
  if (!complete || Object.keys(outcome.violationsByRule).length > 0) throw new Error("a live run of churn went wrong");
  return { seconds: kernelMs / 1e3, operations: outcome.totals.events };
}

/** The rings alone: two threads, each of which hands items over and takes as many. */
async function measureRings({ quick, figures, onStep }: BenchSetting): Promise<void> {
  onStep("rings of live runs");
  const contenders: Contender[] = [];
  for (const dispatch of DISPATCHES) {
    const plan = await planLanes(1000, 2, dispatch, 10);
    const items = (dispatch === "spsc" ? 16 : 1) * (quick ? 128_000 : 640_000);
    contenders.push({ id: dispatch, round: () => exchange(plan, items) });
  }
  const measured = await interleave(contenders, { rounds: quick ? 3 : 5, discarded: 1 });
  for (const [name, result] of measured) addMeasured(figures, `rings.${name}`, result);
  for (const dispatch of ["mpmc", "lock"] as const)
    figures.set(`rings.spsc.times.${dispatch}`, medianRatio(measured.get(dispatch)!, measured.get("spsc")!));
}

/** Seconds from the first thread's begin to the last one's end; an operation is an item handed over and taken. */
async function exchange(plan: LivePlan, items: number): Promise<RoundTime> {
  const pages = plan.map.bytes / PAGE_BYTES;
  const memory = new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true });
  configureLive(memory, plan);
  const module = new WebAssembly.Module(readFileSync(new URL("live.wasm", DIST)));
  const tasks = plan.map.lanes.map(({ header }): ExchangeTask => {
    return { module, memory, header, items, times: new BigUint64Array(new SharedArrayBuffer(16)) };
  });
  await Promise.all(
    tasks.map(async (workerData) => {
      const worker = new Worker(new URL("exchange-worker.js", import.meta.url), { workerData });
      await new Promise<void>((resolve, reject) => {
        worker.once("exit", () => resolve());
        worker.once("error", reject);
      });
    }),
  );
  const [first, ...others] = tasks.map(({ times }) => [times[0]!, times[1]!] as const);
  let [began, ended] = first!;
  for (const [from, to] of others) {
    if (from < began) began = from;
    if (to > ended) ended = to;
  }
  return { seconds: Number(ended - began) / 1e9, operations: items * tasks.length };
}
