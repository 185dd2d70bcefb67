import { performance } from "node:perf_hooks";
import { KernelTrap } from "../kernel/trap.js";
import { runShard } from "../run/shard.js";
import type { WorkerReply, WorkerTask } from "./message.js";
import { clearMemory } from "./shard-memories.js";
import { OutputFailure, SegmentWriter } from "./trace-segments.js";

/** What a worker thread does: runs one shard and answers with its outcome. */
export function work(task: WorkerTask): WorkerReply {
  if (task.clearMemory) clearMemory(task.memory);
  const writer = task.traceFile === null ? null : new SegmentWriter(task.traceFile);
  try {
    const sink = writer && ((machine: number, records: Uint8Array) => writer.append(machine, records));
    const outcome = runShard(task, () => performance.now(), sink);
    return { kind: "done", outcome, trace: writer && writer.finish() };
  } catch (error) {
    if (error instanceof OutputFailure) return { kind: "output-failed", text: error.message };
    if (error instanceof KernelTrap && error.isLimit) return { kind: "limit-reached", text: error.message };
    return { kind: "kernel-failed", text: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  } finally {
    writer?.close();
  }
}
