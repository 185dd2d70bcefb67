import { CM_DIGEST } from "../abi/layout";

/**
 * Folds one transition or violation into a call manager's digest (src/contract/MODEL.md "States and digest").
 * `what` is code << 8 | status.
 */
@inline
export function fold(callManager: usize, now: u32, slot: u32, word: u32, what: u32): void {
  store<u64>(callManager, folded(load<u64>(callManager, CM_DIGEST), now, slot, word, what), CM_DIGEST);
}

/** A digest after one more transition or violation. */
@inline
export function folded(digest: u64, now: u32, slot: u32, word: u32, what: u32): u64 {
  const a = ((slot as u64) << 32) | (now as u64);
  const b = ((what as u64) << 32) | (word as u64);
  return rotl((digest ^ (a * 0x9e3779b97f4a7c15 + b)) * 0xd6e8feb86659fd93, 31);
}
