import { CM_DIGEST } from "../abi/layout";

/**
 * Folds one transition or violation into a call manager's digest (src/contract/MODEL.md "States and digest").
 * `what` is code << 8 | status.
 */
@inline
export function fold(callManager: usize, now: u32, slot: u32, word: u32, what: u32): void {
  const a = ((slot as u64) << 32) | (now as u64);
  const b = ((what as u64) << 32) | (word as u64);
  const digest = load<u64>(callManager, CM_DIGEST);
  store<u64>(
    callManager,
    rotl((digest ^ (a * 0x9e3779b97f4a7c15 + b)) * 0xd6e8feb86659fd93, 31),
    CM_DIGEST,
  );
}
