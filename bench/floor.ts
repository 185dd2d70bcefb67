/**
 * The floor: random 16-byte read-modify-write, the least that a simulator with one record an AF has to do for an event.
 * Compiled by asc to dist/floor.wasm and run in the memory that a kernel has just used, on the same pages.
 *
 *     0                            0x1_0000
 *     | 256 offsets of records .. | record 0: lo u64, hi u64 | record 1 | ...
 *
 * Indices come in batches: one loop draws a batch and touches its records by a store, so that independent cache misses
 * overlap; a second loop reads, changes and writes them. Tried beside it, all slower at 1e6 records and above: no
 * touch, touch by a load, one loop, an xorshift stream.
 */

const BATCH: u32 = 256;
const RECORDS_OFFSET: usize = 0x1_0000;
const RECORD_BYTES_LOG2: u32 = 4;
/** Within a record, the 4 bytes that the touch writes. */
const TOUCH_OFFSET: usize = 12;

/** Accesses `batches` * 256 random records of `recordCount`; answers a checksum that depends on every one of them. */
export function readModifyWrite(recordCount: u32, batches: u32, seed: u32): u32 {
  // Knuth's MMIX generator: the upper half of its state is good enough to spread indices, and its step is short.
  let x: u64 = seed;
  let sum: u64 = 0;
  for (let batch: u32 = 0; batch < batches; batch++) {
    for (let i: u32 = 0; i < BATCH << 2; i += 4) {
      x = x * 6364136223846793005 + 1442695040888963407;
      const record = ((((x >> 32) * (recordCount as u64)) >> 32) as u32) << RECORD_BYTES_LOG2;
      store<u32>(i, record);
      store<u32>(record, i, RECORDS_OFFSET + TOUCH_OFFSET);
    }
    for (let i: u32 = 0; i < BATCH << 2; i += 4) {
      const record = load<u32>(i);
      const lo = load<u64>(record, RECORDS_OFFSET) + 1;
      const hi = load<u64>(record, RECORDS_OFFSET + 8) ^ lo;
      store<u64>(record, lo, RECORDS_OFFSET);
      store<u64>(record, hi, RECORDS_OFFSET + 8);
      sum += hi;
    }
  }
  return (sum ^ (sum >> 32)) as u32;
}
