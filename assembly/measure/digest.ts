import { CM_DIGEST } from "../abi/layout";

/**
 * Folds one transition or violation into a call manager's digest (src/contract/MODEL.md "States and digest").
 * `what` is code << 8 | status.
 */
@inline
export function fold(callManager: usize, now: u32, slot: u32, word: u32, what: u32): void {
  store<u64>(callManager, folded(load<u64>(callManager, CM_DIGEST), now, slot, word, what), CM_DIGEST);
}

export const DIGEST_SPREAD: u64 = 0x9e3779b97f4a7c15;

/** A digest after one more transition or violation. */
@inline
function folded(digest: u64, now: u32, slot: u32, word: u32, what: u32): u64 {
  const place = ((slot as u64) << 32) | (now as u64);
  return foldedOne(digest, place * DIGEST_SPREAD, ((what as u64) << 32) | (word as u64));
}

/** The same, of the two halves of what is folded: `place` is slot and tick, times DIGEST_SPREAD. */
@inline
export function foldedOne(digest: u64, place: u64, change: u64): u64 {
  return rotl((digest ^ (place + change)) * 0xd6e8feb86659fd93, 31);
}
