import { Piscina } from "piscina";
import type { WorkerReply, WorkerTask } from "./message.js";

/** A pool of one thread: a lane keeps its thread, and the first may be started before it is known how many there will be. */
export type Thread = Piscina<WorkerTask, WorkerReply>;

/** Starts a worker thread. It loads what it needs and waits for tasks; `destroy` ends it. */
export function startThread(file = new URL("worker.cjs", import.meta.url)): Thread {
  const thread: Thread = new Piscina({
    filename: file.href,
    minThreads: 1,
    maxThreads: 1,
    atomics: "disabled",
    recordTiming: false,
  });
  // A worker that dies between two tasks is replaced; one that cannot start fails its task.
  thread.on("error", () => {});
  return thread;
}
