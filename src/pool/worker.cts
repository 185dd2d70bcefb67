/**
 * Entry of a worker thread. Piscina requires its entry before it tries to import it, and so this one is CommonJS: an ES
 * module would be read twice, and Node 20 aborts the whole process when a thread is ended while it is requiring one.
 */
import type { WorkerReply, WorkerTask } from "./message.js" with { "resolution-mode": "import" };

const loading = import("./work.js");
// A task says so when it cannot be loaded.
loading.catch(() => {});

async function runTask(task: WorkerTask): Promise<WorkerReply> {
  return (await loading).work(task);
}

export = runTask;
