import os from "node:os";
import process from "node:process";
import type { RunPlan } from "../run/plan.js";
import { InputError } from "../scenario/input-error.js";
import { formatBytes, formatCount, formatRoundedDown } from "../scenario/units.js";

const PAGE_BYTES = 65_536;
/** What Node needs besides kernel memories: measured 60 MB for the main thread and 15 MB a worker, doubled. */
const NODE_BYTES = 120 * 2 ** 20;
const WORKER_BYTES = 30 * 2 ** 20;
/** Longest view made at once; Node 20 allows no longer one than 4 GiB. */
const CLEAR_BYTES = 2 ** 30;

/** One shared memory a shard, all allocated before anything starts, and used again when the plan is run again. */
export interface ShardMemories {
  readonly memories: readonly WebAssembly.Memory[];
  /** Whether a run has written to it, so that it must be cleared first. */
  readonly used: boolean[];
}

/** Bytes that this process may still take, by the operating system and by the limit of its container. */
export function readAvailableBytes(): number {
  const limits = [os.freemem()];
  // Node 20.13 and newer.
  if (typeof process.availableMemory === "function") limits.push(process.availableMemory());
  const constrained = process.constrainedMemory();
  if (constrained > 0) limits.push(constrained - process.memoryUsage.rss());
  return Math.max(0, Math.min(...limits));
}

/**
 * Checks a plan's memory against what is available, before anything is allocated.
 *
 * @param availableBytes of this computer, see readAvailableBytes
 * @throws InputError which says how many AFs would fit
 */
export function checkMemory(plan: RunPlan, workers: number, availableBytes: number): void {
  const nodeBytes = NODE_BYTES + workers * WORKER_BYTES;
  if (plan.memoryBytes + nodeBytes <= availableBytes) return;
  const afs = plan.scenario.topology.afs;
  const fitting = Math.floor((Math.max(0, availableBytes - nodeBytes) * afs) / plan.memoryBytes);
  throw new InputError(
    `${formatCount(afs)} AFs need ${formatBytes(plan.memoryBytes + nodeBytes)} of memory, and ${formatBytes(availableBytes)} are available: ` +
      (fitting > 0 ? `about ${formatRoundedDown(fitting)} AFs would fit` : "not even a small run fits"),
  );
}

/**
 * Allocates every shard's memory.
 *
 * @throws InputError when the operating system refuses one
 */
export function allocateMemories(plan: RunPlan): ShardMemories {
  const memories = plan.shards.map((shard) => {
    const pages = Math.ceil(shard.memoryBytes / PAGE_BYTES);
    try {
      return new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true });
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw new InputError(
        `the memory of shard ${shard.shard} of ${plan.shards.length} (${formatBytes(pages * PAGE_BYTES)}) could not be allocated: ${reason}`,
      );
    }
  });
  return { memories, used: memories.map(() => false) };
}

/** Sets a whole memory to zero. */
export function clearMemory(memory: WebAssembly.Memory): void {
  const buffer = memory.buffer;
  for (let offset = 0; offset < buffer.byteLength; offset += CLEAR_BYTES) {
    new Uint8Array(buffer, offset, Math.min(CLEAR_BYTES, buffer.byteLength - offset)).fill(0);
  }
}
