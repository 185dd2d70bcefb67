import { STEP_BUSY, STEP_ENDED, STEP_STOPPED } from "../../assembly/abi/lane-layout.js";
import { instantiateLiveKernel } from "../kernel/live-kernel.js";
import { readTrap } from "../kernel/trap.js";

/** What a lane is given: plain data, and the memory that all lanes share, configured. */
export interface LaneTask {
  readonly module: WebAssembly.Module;
  readonly memory: WebAssembly.Memory;
  /** Address of its header. */
  readonly header: number;
  readonly traced: boolean;
}

/** What a lane says when it is done: whether it came to the end of the run, and its times in nanoseconds of the clock. */
export interface LaneEnd {
  readonly ended: boolean;
  readonly beganNs: bigint;
  readonly endedNs: bigint;
}

/** Steps after which the kernel comes back, so that the optimised code is entered. */
const STEPS_PER_CALL = 256;

/**
 * Plays one lane to the end of the run or until the stop flag in the memory is raised. Blocks; uses no Node API.
 *
 * @param readClock nanoseconds of a clock that all lanes share
 * @throws KernelTrap when an assertion of the kernel failed
 */
export function runLane({ module, memory, header, traced }: LaneTask, readClock: () => bigint): LaneEnd {
  const kernel = instantiateLiveKernel(module, memory, readClock);
  try {
    (traced ? kernel.startLaneTraced : kernel.startLane)(header);
    const begins = kernel.waitForAll(header) !== 0;
    const beganNs = readClock();
    const advance = traced ? kernel.advanceLaneTraced : kernel.advanceLane;
    let answer = begins ? STEP_BUSY : STEP_STOPPED;
    while (answer === STEP_BUSY) answer = advance(header, STEPS_PER_CALL);
    const endedNs = readClock();
    kernel.measureWindows(header);
    return { ended: answer === STEP_ENDED, beganNs, endedNs };
  } catch (error) {
    throw readTrap(memory) ?? error;
  }
}
