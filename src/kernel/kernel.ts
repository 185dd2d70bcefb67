/** The exports of the kernel (assembly/index.ts). Addresses and counts are u32. */
export interface KernelExports {
  startGeneral(machine: number, from: number, to: number): void;
  startTraced(machine: number, from: number, to: number): void;
  advancePlain(machine: number, until: number, budget: number): number;
  advanceGeneral(machine: number, until: number, budget: number): number;
  advanceTraced(machine: number, until: number, budget: number): number;
  haltGeneral(machine: number, adapter: number): void;
  haltTraced(machine: number, adapter: number): void;
  unbindGeneral(machine: number, adapter: number, client: number): void;
  unbindTraced(machine: number, adapter: number, client: number): void;
  bindGeneral(machine: number, adapter: number, client: number): void;
  bindTraced(machine: number, adapter: number, client: number): void;
  leaveFreeList(machine: number): void;
  measureWindows(machine: number): void;
  /** Then every machine is recorded. */
  beginSeries(): void;
  /** Likewise. */
  recordMoment(): void;
  recordMachine(machine: number): void;
  repeatMoment(): void;
  thinMoments(): void;
  /** Low half: AFs open; high half: closes pended. */
  judgeEnd(machine: number, endTick: number, final: number): bigint;
}

/**
 * Instantiates the kernel on a shared memory. `drainTrace` is called with a machine's address when the trace buffer is
 * full; it must empty the buffer.
 */
export function instantiateKernel(
  module: WebAssembly.Module,
  memory: WebAssembly.Memory,
  drainTrace: (machine: number) => void,
): KernelExports {
  const { exports } = new WebAssembly.Instance(module, { env: { memory, drainTrace } });
  return exports as unknown as KernelExports;
}
