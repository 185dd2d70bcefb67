import fs from "node:fs/promises";
import { performance } from "node:perf_hooks";
import { Piscina } from "piscina";
import { raiseStop } from "../kernel/control.js";
import { describeWait, raiseStopAtOnce, readLane, readLaneEvents } from "../kernel/live-control.js";
import { collectLive, type LiveOutcome } from "../run/collect-live.js";
import { configureLive } from "../run/configure-live.js";
import type { LaneTask } from "../run/lane.js";
import type { LivePlan } from "../run/live-plan.js";
import { InputError } from "../scenario/input-error.js";
import { formatBytes } from "../scenario/units.js";
import type { LaneReply } from "./live-message.js";
import { RunFailure, type RunProgress } from "./pool.js";

const WATCH_INTERVAL_MS = 100;
/** A lane that makes no step for so long hangs: a step takes less than a millisecond, and a lane that has lost its processor gets it back within a second. */
const STUCK_MS = 10_000;
/** After the stop flag was raised; a step takes less than a millisecond. */
const STOP_GRACE_MS = 2_000;
const PAGE_BYTES = 65_536;

export interface LiveExecuteOptions {
  /** Asks the run to stop; what was done so far is returned. */
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: RunProgress) => void;
  /** How long a lane may go without a step; tests shorten it. */
  readonly stuckMs?: number;
  /** Sees the memory before the lanes start: tests break it. */
  readonly onConfigured?: (memory: WebAssembly.Memory) => void;
  /** Of each lane, another kernel than the built one; tests break it. */
  readonly kernelFile?: URL;
  readonly workerFile?: URL;
  /** Lowers the generation at which a slot retires; for tests. */
  readonly generationMax?: number;
}

export interface LiveExecution extends LiveOutcome {
  readonly memory: WebAssembly.Memory;
  /** False when the run was stopped before its end. */
  readonly complete: boolean;
  readonly wallMs: number;
  readonly setupMs: number;
  readonly kernelMs: number;
}

type LaneDone = Extract<LaneReply, { kind: "done" }>;

/**
 * Plays a live run, a thread a lane.
 *
 * @throws InputError when memory cannot be allocated
 * @throws RunFailure when a lane dies or hangs
 */
export async function executeLive(plan: LivePlan, options: LiveExecuteOptions = {}): Promise<LiveExecution> {
  const startMs = performance.now();
  const file = options.kernelFile ?? new URL("../../live.wasm", import.meta.url);
  const module = await WebAssembly.compile(await fs.readFile(file));
  const memory = allocate(plan);
  configureLive(memory, plan, options.generationMax);
  options.onConfigured?.(memory);
  const run = new LiveRun(plan, memory, module, options);
  const ends = await run.finish();
  const beganNs = ends.reduce((first, { beganNs }) => (beganNs < first ? beganNs : first), ends[0]!.beganNs);
  const endedNs = ends.reduce((last, { endedNs }) => (endedNs > last ? endedNs : last), 0n);
  const wallMs = performance.now() - startMs;
  const kernelMs = Number(endedNs - beganNs) / 1e6;
  const complete = ends.every(({ ended }) => ended);
  const setupMs = Math.max(0, run.beganMs(beganNs) - startMs);
  const times = { setupSeconds: setupMs / 1000, kernelSeconds: kernelMs / 1000 };
  return { ...collectLive(memory, plan, complete, times), memory, complete, wallMs, setupMs, kernelMs };
}

function allocate({ map }: LivePlan): WebAssembly.Memory {
  const pages = map.bytes / PAGE_BYTES;
  try {
    return new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new InputError(`the memory of the run (${formatBytes(map.bytes)}) could not be allocated: ${reason}`);
  }
}

class LiveRun {
  readonly #startMs = performance.now();
  readonly #threads: readonly Piscina<LaneTask, LaneReply>[];
  readonly #beats: number[];
  readonly #movedMs: number[];
  readonly #isDone: boolean[];
  /** The first reason to fail. */
  #failure: RunFailure | null = null;
  #grace: NodeJS.Timeout | undefined;

  constructor(
    readonly plan: LivePlan,
    readonly memory: WebAssembly.Memory,
    readonly module: WebAssembly.Module,
    readonly options: LiveExecuteOptions,
  ) {
    const file = options.workerFile ?? new URL("live-worker.cjs", import.meta.url);
    this.#threads = plan.map.lanes.map(() => {
      const thread = new Piscina<LaneTask, LaneReply>({
        filename: file.href,
        minThreads: 1,
        maxThreads: 1,
        atomics: "disabled",
        recordTiming: false,
      });
      thread.on("error", () => {});
      return thread;
    });
    this.#beats = plan.map.lanes.map(() => 0);
    this.#movedMs = plan.map.lanes.map(() => performance.now());
    this.#isDone = plan.map.lanes.map(() => false);
  }

  /** When the clock of the lanes said `ns`, in milliseconds of this thread's. */
  beganMs(ns: bigint): number {
    return performance.now() - Number(process.hrtime.bigint() - ns) / 1e6;
  }

  async finish(): Promise<readonly LaneDone[]> {
    const { signal } = this.options;
    const stop = (): void => {
      raiseStop(this.memory);
      this.#beginGrace(new RunFailure("the lanes did not stop when they were asked to"));
    };
    const timer = setInterval(() => this.#watch(), WATCH_INTERVAL_MS);
    if (signal?.aborted) stop();
    signal?.addEventListener("abort", stop, { once: true });
    try {
      const ends = await Promise.all(this.#threads.map((thread, lane) => this.#playLane(thread, lane)));
      if (this.#failure) throw this.#failure;
      return ends.filter((end): end is LaneDone => end !== null);
    } finally {
      signal?.removeEventListener("abort", stop);
      clearInterval(timer);
      clearTimeout(this.#grace);
      await this.#endThreads();
    }
  }

  async #endThreads(): Promise<void> {
    await Promise.all(this.#threads.map((thread) => thread.destroy()));
  }

  /** Null when the run fails, of which the reason is kept. */
  async #playLane(thread: Piscina<LaneTask, LaneReply>, lane: number): Promise<LaneDone | null> {
    const { header } = this.plan.map.lanes[lane]!;
    try {
      const reply = await thread.run({ module: this.module, memory: this.memory, header, traced: this.plan.traced });
      this.#isDone[lane] = true;
      if (reply.kind === "done") return reply;
      this.#fail(`lane ${lane} failed: ${reply.text}`);
    } catch (error) {
      this.#isDone[lane] = true;
      this.#fail(`lane ${lane} died: ${error instanceof Error ? error.message : String(error)}`);
    }
    return null;
  }

  /** Stops the other lanes; the first reason is the one that counts. */
  #fail(reason: string): void {
    raiseStopAtOnce(this.memory);
    this.#failure ??= new RunFailure(reason);
    this.#beginGrace(this.#failure);
  }

  /** Ends the threads that do not stop by themselves. */
  #beginGrace(reason: RunFailure): void {
    this.#grace ??= setTimeout(() => {
      this.#failure ??= reason;
      void this.#endThreads();
    }, STOP_GRACE_MS);
  }

  /** Looks for a lane that makes no steps, and reports progress. */
  #watch(): void {
    const now = performance.now();
    const { lanes } = this.plan.map;
    for (const [lane, { header }] of lanes.entries()) {
      const state = readLane(this.memory, header);
      // While lanes set up, none of them makes a step.
      if (state.beat !== this.#beats[lane] || this.#isDone[lane] || state.beat === 0) {
        this.#beats[lane] = state.beat;
        this.#movedMs[lane] = now;
      } else if (now - this.#movedMs[lane]! > (this.options.stuckMs ?? STUCK_MS)) {
        const seconds = ((now - this.#movedMs[lane]!) / 1000).toFixed(1);
        this.#fail(`lane ${lane} has made no step for ${seconds} s: it waits for ${describeWait(state)}`);
      }
    }
    this.#report(now);
  }

  #report(now: number): void {
    const { map, scenario, horizonTicks } = this.plan;
    const events = map.lanes.reduce((sum, { header }) => sum + readLaneEvents(this.memory, header), 0);
    const elapsedMs = now - this.#startMs;
    const wholeMs = (horizonTicks * scenario.tickNs) / 1e6;
    this.options.onProgress?.({ step: "run", done: Math.min(1, elapsedMs / Math.max(1, wholeMs)), events, elapsedMs });
  }
}
