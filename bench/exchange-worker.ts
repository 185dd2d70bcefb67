import process from "node:process";
import { workerData } from "node:worker_threads";

import { instantiateLiveKernel } from "../src/kernel/live-kernel.js";

/** A thread that hands items over to the next lane and takes as many. */
export interface ExchangeTask {
  readonly module: WebAssembly.Module;
  readonly memory: WebAssembly.Memory;
  readonly header: number;
  readonly items: number;
  /** Shared: when it began and ended, in nanoseconds. */
  readonly times: BigUint64Array<SharedArrayBuffer>;
}

/** Rounded to whole batches, for the optimised code to be entered before the time that counts. */
const WARM_UP_ITEMS = 64 * 200;

const { module, memory, header, items, times } = workerData as ExchangeTask;
const kernel = instantiateLiveKernel(module, memory, () => process.hrtime.bigint());
kernel.waitForAll(header);
kernel.exchangeItems(header, WARM_UP_ITEMS);
times[0] = process.hrtime.bigint();
kernel.exchangeItems(header, items);
times[1] = process.hrtime.bigint();
