/** Entry of a worker thread of a live run; CommonJS for the reason that worker.cts gives. */
import type { LaneTask } from "../run/lane.js" with { "resolution-mode": "import" };
import type { LaneReply } from "./live-message.js" with { "resolution-mode": "import" };

const loading = import("./live-work.js");
// A task says so when it cannot be loaded.
loading.catch(() => {});

async function runTask(task: LaneTask): Promise<LaneReply> {
  return (await loading).playLane(task);
}

export = runTask;
