import { MACHINE_KEYS } from "../abi/layout";

/** A bijection of 64 bits that leaves no structure of counters visible (NASAM, P. Evensen 2019). */
@inline
export function mix(x: u64): u64 {
  x ^= rotr(x, 25) ^ rotr(x, 47);
  x *= 0x9e6c63d0676a9a99;
  x ^= (x >>> 23) ^ (x >>> 51);
  x *= 0x9e6d62d06f6a9a9b;
  return x ^ (x >>> 23) ^ (x >>> 51);
}

/** The draw of a purpose for an object in a generation: a pure function, see src/contract/MODEL.md "Draws". */
@inline
export function draw(machine: usize, purpose: u32, object: u32, generation: u32): u64 {
  return mix(load<u64>(machine + (purpose << 3), MACHINE_KEYS) ^ (((object as u64) << 32) | (generation as u64)));
}

/** Whether an event of a probability, given as a threshold of 32 bits, happens. */
@inline
export function happens(machine: usize, purpose: u32, object: u32, generation: u32, threshold: u64): bool {
  if (threshold == 0) return false;
  if (threshold == 0x100000000) return true;
  return draw(machine, purpose, object, generation) >>> 32 < threshold;
}
