import process from "node:process";
import { parentPort, workerData } from "node:worker_threads";

import { instantiateLiveKernel } from "../src/kernel/live-kernel.js";

/** A thread that hands items over to the next lane and takes as many. */
export interface ExchangeTask {
  readonly module: WebAssembly.Module;
  readonly memory: WebAssembly.Memory;
  readonly header: number;
  readonly items: number;
}

/** Rounded to whole batches, for the optimised code to be entered before the time that counts. */
const WARM_UP_ITEMS = 64 * 200;

const { module, memory, header, items } = workerData as ExchangeTask;
const kernel = instantiateLiveKernel(module, memory, () => process.hrtime.bigint());
kernel.waitForAll(header);
kernel.exchangeItems(header, WARM_UP_ITEMS);
const beganNs = process.hrtime.bigint();
kernel.exchangeItems(header, items);
parentPort?.postMessage([beganNs, process.hrtime.bigint()]);
