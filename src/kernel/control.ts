import {
  SHARD_PROGRESS_TICK,
  SHARD_STOP,
  TOTAL_CLOSED,
  TOTAL_CLOSE_PENDED,
  TOTAL_CLOSE_TOLD,
} from "../../assembly/abi/layout.js";

/** What another thread may read and write while a kernel runs: all of it lies in the shared memory. */

export interface ShardProgress {
  /** Events so far. */
  readonly events: number;
  /** Virtual time reached by the shard's machines on average, in ticks; the horizon when the shard is done. */
  readonly ticks: number;
}

/** Reads the progress counters of a running or finished shard. */
export function readProgress(memory: WebAssembly.Memory): ShardProgress {
  const view = new DataView(memory.buffer);
  const total = (address: number): number => Number(view.getBigUint64(address, true));
  return {
    events: 2 * total(TOTAL_CLOSED) + total(TOTAL_CLOSE_PENDED) + total(TOTAL_CLOSE_TOLD),
    ticks: view.getUint32(SHARD_PROGRESS_TICK, true),
  };
}

/** Sets the progress counters to zero: those of an earlier run stand in a memory until its next run clears it. */
export function resetProgress(memory: WebAssembly.Memory): void {
  const view = new DataView(memory.buffer);
  for (const total of [TOTAL_CLOSED, TOTAL_CLOSE_PENDED, TOTAL_CLOSE_TOLD]) view.setBigUint64(total, 0n, true);
  view.setUint32(SHARD_PROGRESS_TICK, 0, true);
}

/** Asks the kernel to stop; it does within a chunk of events. */
export function raiseStop(memory: WebAssembly.Memory): void {
  Atomics.store(new Int32Array(memory.buffer, SHARD_STOP, 1), 0, 1);
}

/** Whether the stop flag is raised. */
export function isStopped(memory: WebAssembly.Memory): boolean {
  return Atomics.load(new Int32Array(memory.buffer, SHARD_STOP, 1), 0) !== 0;
}
