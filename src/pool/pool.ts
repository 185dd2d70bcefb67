import fs from "node:fs/promises";
import { performance } from "node:perf_hooks";
import { raiseStop, readProgress, resetProgress } from "../kernel/control.js";
import type { ShardOutcome } from "../measure/outcome.js";
import type { RunPlan, ShardPlan } from "../run/plan.js";
import { InputError } from "../scenario/input-error.js";
import type { TraceSegments, WorkerReply } from "./message.js";
import { allocateMemories, type ShardMemories } from "./shard-memories.js";
import { startThread, type Thread } from "./thread.js";
import type { TraceOutput } from "./trace-output.js";

/** Between two looks at the progress counters, and two requests to stop. */
const PROGRESS_INTERVAL_MS = 100;
/** A kernel stops within a batch of events; one that is still setting its memory up is ended after this. */
const STOP_GRACE_MS = 600;
const ATTEMPTS = 2;

export interface RunProgress {
  /** `history`: machines are run again for what led to violations. */
  readonly step: "run" | "trace" | "history";
  /** Of the step, 0 to 1. */
  readonly done: number;
  readonly events: number;
  /** Wall time since the step began. */
  readonly elapsedMs: number;
}

export interface ExecuteOptions {
  /** Threads; more than there are shards are not started. */
  readonly workers: number;
  /** Asks the run to stop; what was done so far is returned. */
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: RunProgress) => void;
  /** What progress calls this; by default a run. */
  readonly step?: "run" | "history";
  /** JSON Lines go there; the plan must ask for a trace. */
  readonly traceFile?: string;
  /** Memories to use again, of the same plan; by default new ones. */
  readonly memories?: ShardMemories;
  /** One of the threads, started in advance; it is ended with the others. */
  readonly thread?: Thread;
  /** Another worker entry or kernel than the built ones. */
  readonly workerFile?: URL;
  readonly kernelFile?: URL;
}

export interface Execution {
  /** Of the shards that answered; all of them unless the run was stopped. */
  readonly outcomes: readonly ShardOutcome[];
  /** False when the run was stopped before its end. */
  readonly complete: boolean;
  /** Without the merging of the trace. */
  readonly wallMs: number;
  /** Of wallMs: until workers were started, and what the worker with most of it spent setting its shards up. */
  readonly setupMs: number;
  /** Of wallMs: that the busiest worker spent in kernels after set-up and first touch. */
  readonly kernelMs: number;
  /** Bytes of all kernel memories. */
  readonly memoryBytes: number;
  /** Shards that were run again because their worker died. */
  readonly restarted: number;
  /** False when no trace was asked for, and when the run was stopped before it was whole. */
  readonly traceWritten: boolean;
}

/** A run that failed through no fault of the input. */
export class RunFailure extends Error {
  override readonly name = "RunFailure";
}

/**
 * Runs every shard of a plan on worker threads. A shard whose worker dies is run again once; a kernel that fails is not.
 *
 * @throws InputError when memory cannot be allocated, the trace cannot be written or the run is too large for the kernel
 * @throws RunFailure when a kernel fails or a shard's worker dies twice
 */
export async function executePlan(plan: RunPlan, options: ExecuteOptions): Promise<Execution> {
  const startMs = performance.now();
  const trace = options.traceFile === undefined ? null : await openTrace(plan, options.traceFile);
  try {
    const moduleFile = options.kernelFile ?? new URL("../../kernel.wasm", import.meta.url);
    const module = WebAssembly.compile(await fs.readFile(moduleFile));
    const memories = options.memories ?? allocateMemories(plan);
    const run = new ShardRun(plan, memories, await module, trace, options);
    const lanes = await run.finish();
    const complete = run.answers.length === plan.shards.length && run.answers.every(({ outcome }) => outcome.complete);
    const wallMs = performance.now() - startMs;
    const traceWritten = trace !== null && complete && (await publishTrace(plan, run.answers, trace, options));
    return {
      outcomes: run.answers.map((answer) => answer.outcome).sort((a, b) => a.shard - b.shard),
      complete,
      wallMs,
      setupMs: run.startMs - startMs + Math.max(0, ...lanes.map((lane) => lane.setupMs)),
      kernelMs: Math.max(0, ...lanes.map((lane) => lane.kernelMs)),
      memoryBytes: memories.memories.reduce((sum, memory) => sum + memory.buffer.byteLength, 0),
      restarted: run.restarted,
      traceWritten,
    };
  } finally {
    trace?.remove();
  }
}

/** Its code is loaded here because most runs write none. */
async function openTrace(plan: RunPlan, file: string): Promise<TraceOutput> {
  const { TraceOutput } = await import("./trace-output.js");
  return new TraceOutput(plan, file);
}

type Answer = Extract<WorkerReply, { kind: "done" }>;

/** Takes shard after shard on one worker; what the seconds of its shards add up to. */
interface Lane {
  setupMs: number;
  kernelMs: number;
}

class ShardRun {
  readonly startMs = performance.now();
  readonly answers: Answer[] = [];
  restarted = 0;
  /** Shards that have not begun. */
  readonly #waiting: ShardPlan[];
  /** Shards under way, by their memory: shards that have the same one come one after the other. */
  readonly #running = new Map<WebAssembly.Memory, ShardPlan>();
  /** Of shards that have ended. */
  #endedEvents = 0;
  #endedMachineTicks = 0;
  #stopping = false;
  /** One a lane. */
  readonly #threads: readonly Thread[];

  constructor(
    readonly plan: RunPlan,
    readonly memories: ShardMemories,
    readonly module: WebAssembly.Module,
    readonly trace: TraceOutput | null,
    readonly options: ExecuteOptions,
  ) {
    this.#waiting = [...plan.shards];
    const lanes = Math.min(options.workers, new Set(memories.memories).size);
    const started = options.thread ? [options.thread] : [];
    const more = Array.from({ length: lanes - started.length }, () => startThread(options.workerFile));
    this.#threads = [...started, ...more];
  }

  /** Runs to the end, or until the signal stops it. */
  async finish(): Promise<readonly Lane[]> {
    const { signal } = this.options;
    let grace: NodeJS.Timeout | undefined;
    const stop = (): void => {
      this.#stopping = true;
      this.#tick();
      grace ??= setTimeout(() => void this.#endThreads(), STOP_GRACE_MS);
    };
    const timer = setInterval(() => this.#tick(), PROGRESS_INTERVAL_MS);
    timer.unref();
    if (signal?.aborted) stop();
    signal?.addEventListener("abort", stop, { once: true });
    try {
      const lanes = await Promise.all(this.#threads.map((thread) => this.#runLane(thread)));
      this.#tick();
      return lanes;
    } finally {
      this.#stopping = true;
      signal?.removeEventListener("abort", stop);
      clearInterval(timer);
      clearTimeout(grace);
      await this.#endThreads();
    }
  }

  async #endThreads(): Promise<void> {
    await Promise.all(this.#threads.map((thread) => thread.destroy()));
  }

  async #runLane(thread: Thread): Promise<Lane> {
    const lane: Lane = { setupMs: 0, kernelMs: 0 };
    for (let shard = this.#take(); shard; shard = this.#take()) {
      const answer = await this.#runShard(shard, thread);
      if (!answer) break;
      this.#end(shard);
      this.answers.push(answer);
      lane.setupMs += answer.outcome.setupSeconds * 1000;
      lane.kernelMs += answer.outcome.kernelSeconds * 1000;
    }
    return lane;
  }

  /** The next shard whose memory is free. */
  #take(): ShardPlan | undefined {
    const index = this.#waiting.findIndex((shard) => !this.#running.has(this.#memoryOf(shard)));
    if (this.#stopping || index < 0) return undefined;
    const [shard] = this.#waiting.splice(index, 1);
    if (shard) this.#running.set(this.#memoryOf(shard), shard);
    return shard;
  }

  #end(shard: ShardPlan): void {
    const memory = this.#memoryOf(shard);
    const { events, ticks } = readProgress(memory);
    this.#endedEvents += events;
    this.#endedMachineTicks += ticks * shard.machineCount;
    this.#running.delete(memory);
  }

  #memoryOf(shard: ShardPlan): WebAssembly.Memory {
    const memory = this.memories.memories[shard.shard];
    if (!memory) throw new RunFailure(`${describeShard(shard)} has no memory`);
    return memory;
  }

  /** Null when the shard was given up because the run stops. */
  async #runShard(shard: ShardPlan, thread: Thread): Promise<Answer | null> {
    const memory = this.#memoryOf(shard);
    for (let attempt = 0; ; attempt++) {
      const clearMemory = this.memories.used[shard.shard] === true;
      this.memories.used[shard.shard] = true;
      if (clearMemory) resetProgress(memory);
      const traceFile = this.trace && this.trace.rawFile(shard.shard, attempt);
      let reply: WorkerReply;
      try {
        reply = await thread.run({ module: this.module, memory, plan: shard, attempt, clearMemory, traceFile });
      } catch (error) {
        if (this.#stopping) return null;
        const reason = error instanceof Error ? error.message : String(error);
        if (attempt + 1 === ATTEMPTS)
          throw new RunFailure(`${describeShard(shard)}: its worker died ${ATTEMPTS} times; the last time: ${reason}`);
        this.restarted++;
        continue;
      }
      if (reply.kind === "kernel-failed") throw new RunFailure(`${describeShard(shard)}: ${reply.text}`);
      if (reply.kind === "limit-reached") throw new InputError(`${describeShard(shard)}: ${reply.text}`);
      if (reply.kind === "output-failed") throw new InputError(`the trace cannot be written: ${reply.text}`);
      return reply;
    }
  }

  /** Reports progress; while stopping, asks again, because a memory that was just set up has forgotten the request. */
  #tick(): void {
    if (this.#stopping) for (const memory of this.memories.memories) raiseStop(memory);
    const { onProgress, step = "run" } = this.options;
    if (!onProgress) return;
    const machines = this.plan.shards.reduce((sum, { machineCount }) => sum + machineCount, 0);
    let events = this.#endedEvents;
    let machineTicks = this.#endedMachineTicks;
    for (const [memory, { machineCount }] of this.#running) {
      const progress = readProgress(memory);
      events += progress.events;
      machineTicks += progress.ticks * machineCount;
    }
    const done = Math.min(1, machineTicks / (machines * Math.max(1, this.plan.horizonTicks)));
    onProgress({ step, done, events, elapsedMs: performance.now() - this.startMs });
  }
}

async function publishTrace(
  plan: RunPlan,
  answers: readonly Answer[],
  trace: TraceOutput,
  options: ExecuteOptions,
): Promise<boolean> {
  const startMs = performance.now();
  const segments = answers
    .map((answer) => answer.trace)
    .filter((segment): segment is TraceSegments => segment !== null);
  const events = answers.reduce((sum, answer) => sum + answer.outcome.totals.events, 0);
  const report = (written: number, all: number): void =>
    options.onProgress?.({ step: "trace", done: written / all, events, elapsedMs: performance.now() - startMs });
  try {
    await trace.publish(plan.scenario, segments, { signal: options.signal ?? null, onProgress: report });
    return true;
  } catch (error) {
    if (options.signal?.aborted) return false;
    if (error instanceof Error && "syscall" in error) {
      throw new InputError(`the trace cannot be written to ${options.traceFile}: ${error.message}`);
    }
    throw error;
  }
}

function describeShard({ shard, firstMachine, machineCount }: ShardPlan): string {
  const machines =
    machineCount === 1 ? `machine ${firstMachine}` : `machines ${firstMachine} to ${firstMachine + machineCount - 1}`;
  return `shard ${shard} (${machines})`;
}
