import process from "node:process";
import { KernelTrap } from "../kernel/trap.js";
import { runLane, type LaneTask } from "../run/lane.js";
import type { LaneReply } from "./live-message.js";

/** What a worker thread of a live run does: plays one lane. */
export function playLane(task: LaneTask): LaneReply {
  try {
    return { kind: "done", ...runLane(task, () => process.hrtime.bigint()) };
  } catch (error) {
    if (error instanceof KernelTrap) return { kind: "lane-failed", text: error.message };
    return { kind: "lane-failed", text: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  }
}
