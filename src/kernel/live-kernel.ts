/** The exports of the kernel of live runs (assembly/live/index.ts). Addresses and counts are u32. */
export interface LiveKernelExports {
  startLane(lane: number): void;
  startLaneTraced(lane: number): void;
  /** Whether the run begins; false when it was stopped before. */
  waitForAll(lane: number): number;
  advanceLane(lane: number, steps: number): number;
  advanceLaneTraced(lane: number, steps: number): number;
  measureWindows(lane: number): void;
  /** The rings alone. */
  exchangeItems(lane: number, items: number): void;
}

/**
 * Instantiates the kernel of live runs on the memory that all lanes share.
 *
 * @param readClock nanoseconds of a clock that all lanes share
 */
export function instantiateLiveKernel(
  module: WebAssembly.Module,
  memory: WebAssembly.Memory,
  readClock: () => bigint,
): LiveKernelExports {
  const { exports } = new WebAssembly.Instance(module, { env: { memory, readClock } });
  return exports as unknown as LiveKernelExports;
}
