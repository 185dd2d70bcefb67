/** The floor: random 16-byte read-modify-writes (bench/floor.ts), the least that a simulator with one record an AF does for an event. */

/** Accesses, and the time they took. */
export interface FloorRun {
  readonly seconds: number;
  readonly operations: number;
}

interface FloorExports {
  readModifyWrite(recordCount: number, batches: number, seed: number): number;
}

const ACCESSES_PER_BATCH = 256;
const RECORDS_OFFSET = 0x1_0000;
const RECORD_BYTES = 16;
/** Of one call, so that V8 replaces its baseline code while a round runs. */
const BATCHES_PER_CALL = 64;
const PAGE_BYTES = 0x1_0000;

/** Records that fit a memory of 4 GiB. */
export const FLOOR_RECORDS_MAX = (2 ** 32 - 2 * PAGE_BYTES) / RECORD_BYTES;

/** A shared memory that holds `recordCount` records, every page of it touched. */
export function floorMemory(recordCount: number): WebAssembly.Memory {
  const pages = Math.ceil((RECORDS_OFFSET + recordCount * RECORD_BYTES) / PAGE_BYTES);
  const memory = new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true });
  const bytes = new Uint8Array(memory.buffer);
  for (let offset = 0; offset < bytes.length; offset += 4096) bytes[offset] = 1;
  return memory;
}

/**
 * Random 16-byte read-modify-writes over `recordCount` records in a memory, for about `seconds`; overwrites what is
 * there. The clock answers seconds.
 */
export function runFloor(
  module: WebAssembly.Module,
  memory: WebAssembly.Memory,
  recordCount: number,
  seconds: number,
  clock: () => number,
): FloorRun {
  if (memory.buffer.byteLength < RECORDS_OFFSET + recordCount * RECORD_BYTES) {
    throw new RangeError(`${recordCount} records of ${RECORD_BYTES} bytes do not fit the memory`);
  }
  const floor = new WebAssembly.Instance(module, { env: { memory } }).exports as unknown as FloorExports;
  let calls = 0;
  const pass = (length: number): number => {
    const start = clock();
    let elapsed = 0;
    do {
      floor.readModifyWrite(recordCount, BATCHES_PER_CALL, ++calls);
      elapsed = clock() - start;
    } while (elapsed < length);
    return elapsed;
  };
  pass(seconds / 4); // optimised code, records spread over the caches
  calls = 0;
  const elapsed = pass(seconds);
  return { seconds: elapsed, operations: calls * BATCHES_PER_CALL * ACCESSES_PER_BATCH };
}
