// The kernel of live runs: lanes on one shared memory. An entry of its own, so that the deterministic kernel has nothing of it.
import { Lane, TracedLane } from "../engine/mode";
import { exchangeItems } from "./exchange";
import { measureWindows } from "./measures";
import { start, waitForAll } from "./start";
import { advance } from "./step";

export function startLane(lane: usize): void {
  start<Lane>(lane);
}

export function startLaneTraced(lane: usize): void {
  start<TracedLane>(lane);
}

export function advanceLane(lane: usize, steps: u32): u32 {
  return advance<Lane>(lane, steps);
}

export function advanceLaneTraced(lane: usize, steps: u32): u32 {
  return advance<TracedLane>(lane, steps);
}

export { exchangeItems, measureWindows, waitForAll };
