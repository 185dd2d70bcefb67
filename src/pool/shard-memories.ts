import os from "node:os";
import process from "node:process";
import type { Topology } from "../kernel/topology.js";
import { MEMORY_BYTES_MAX } from "../kernel/memory-map.js";
import { historyBytesOf, kernelBytesOf, type RunPlan } from "../run/plan.js";
import { InputError } from "../scenario/input-error.js";
import { formatBytes, formatCount, formatRoundedDown } from "../scenario/units.js";

const PAGE_BYTES = 65_536;
/** What Node needs besides kernel memories: measured 60 MB for the main thread and 15 MB a worker, doubled. */
const NODE_BYTES = 120 * 2 ** 20;
const WORKER_BYTES = 30 * 2 ** 20;
/**
 * Two counts of 8 bytes in the worker, in its message, in the main thread and in the merged result. Measured 46 bytes with
 * 2^24 clients, because not all of these live at once.
 */
const RESULT_BYTES_PER_CLIENT = 4 * 16;
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
 * Checks a plan's memory against what is available, before anything is allocated: the kernels' memories, what the result
 * has for each client, and Node itself.
 *
 * @param availableBytes of this computer, see readAvailableBytes
 * @throws InputError which says how many AFs, or clients, would fit
 */
export function checkMemory(plan: RunPlan, workers: number, availableBytes: number): void {
  const { scenario, shards } = plan;
  const { topology } = scenario;
  const trace = shards[0]?.trace ?? null;
  const neededBytesOf = (changed: Topology): number =>
    kernelBytesOf({ ...scenario, topology: changed }, shards.length, trace) +
    resultBytesOf(changed) +
    NODE_BYTES +
    workers * WORKER_BYTES;
  const neededBytes = neededBytesOf(topology);
  if (neededBytes <= availableBytes) return;
  const fits = (changed: Partial<Topology>): boolean => neededBytesOf({ ...topology, ...changed }) <= availableBytes;
  const { machines, adaptersPerMachine } = topology;
  const afs = largestFitting(machines, topology.afs, (count) => fits({ afs: count }));
  const clients = largestFitting(1, topology.clientsPerAdapter, (count) => fits({ clientsPerAdapter: count }));
  const what =
    afs > 0
      ? `${formatCount(topology.afs)} AFs`
      : `${formatCount(clientCount(topology))} clients on ${formatCount(machines * adaptersPerMachine)} adapters`;
  const fitting =
    afs > 0
      ? `about ${formatRoundedDown(afs)} AFs would fit`
      : clients > 0
        ? `about ${formatRoundedDown(clients)} clients an adapter would fit`
        : "neither fewer AFs nor fewer clients alone would do: use fewer machines or adapters";
  throw new InputError(
    `${what} need ${formatBytes(neededBytes)} of memory, and ${formatBytes(availableBytes)} are available: ${fitting}`,
  );
}

function clientCount({ machines, adaptersPerMachine, clientsPerAdapter }: Topology): number {
  return machines * adaptersPerMachine * clientsPerAdapter;
}

function resultBytesOf(topology: Topology): number {
  return clientCount(topology) * RESULT_BYTES_PER_CLIENT;
}

/** The largest count up to `high` that fits, to three digits or so; 0 when not even `low` does. */
function largestFitting(low: number, high: number, fits: (count: number) => boolean): number {
  if (!fits(low)) return 0;
  let [fitting, large] = [low, high];
  while (large - fitting > fitting / 1000) {
    const middle = Math.floor((fitting + large) / 2);
    if (middle === fitting) break;
    if (fits(middle)) fitting = middle;
    else large = middle;
  }
  return fitting;
}

/**
 * Allocates every shard's memory.
 *
 * @throws InputError when the operating system refuses one
 */
export function allocateMemories(plan: RunPlan): ShardMemories {
  const historyPages = pagesOf(Math.min(historyBytesOf(plan.scenario), MEMORY_BYTES_MAX));
  const memories = plan.shards.map((shard) => {
    const pages = pagesOf(shard.memoryBytes);
    try {
      return new WebAssembly.Memory({ initial: pages, maximum: Math.max(pages, historyPages), shared: true });
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw new InputError(
        `the memory of shard ${shard.shard} of ${plan.shards.length} (${formatBytes(pages * PAGE_BYTES)}) could not be allocated: ${reason}`,
      );
    }
  });
  return { memories, used: memories.map(() => false) };
}

function pagesOf(bytes: number): number {
  return Math.ceil(bytes / PAGE_BYTES);
}

/**
 * The memories of a run that is over, for machines of it that are run again: each machine takes the memory of its shard, which
 * grows where it must.
 *
 * @param over the plan of the run that is over, whose memories they are
 * @throws RangeError when the operating system refuses to let one grow
 */
export function lendMemories({ memories }: ShardMemories, over: RunPlan, again: RunPlan): ShardMemories {
  const lent = again.shards.map(({ firstMachine, memoryBytes }) => {
    const shard = over.shards.findLastIndex((of) => of.firstMachine <= firstMachine);
    const memory = memories[shard];
    if (!memory) throw new Error(`internal error: machine ${firstMachine} had no memory`);
    const missing = pagesOf(memoryBytes) - memory.buffer.byteLength / PAGE_BYTES;
    if (missing > 0) memory.grow(missing);
    return memory;
  });
  return { memories: lent, used: lent.map(() => true) };
}

/** Sets a whole memory to zero. */
export function clearMemory(memory: WebAssembly.Memory): void {
  const buffer = memory.buffer;
  for (let offset = 0; offset < buffer.byteLength; offset += CLEAR_BYTES) {
    new Uint8Array(buffer, offset, Math.min(CLEAR_BYTES, buffer.byteLength - offset)).fill(0);
  }
}
