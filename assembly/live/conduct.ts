// The lock of a call manager's record (abi/conduct-layout.ts).
//
// Why a lock: with one ring or list for all, any lane takes any close, so that who is served next, and which completions make a batch, is decided
// by several lanes at once. To route a call manager's items to one lane would need rings that these two strategies do not have, and would make
// them spsc. A queue without locks cannot be lifo or random. So there is a spin word for every call manager, held for a few stores: two lanes meet
// there only when they work for the same call manager. It is taken only in scenarios that need it, with spsc too: there it is always
// free, as one lane plays a call manager, but for what clients' lanes note of it.
import { CONDUCT_BYTES, CONDUCT_LOCK } from "../abi/conduct-layout";
import { LANE_CONDUCTS, WAIT_CALL_MANAGER } from "../abi/lane-layout";
import { acquire } from "./rings";

/** Address of the record of an adapter's call manager. */
@inline
export function conductOf(lane: usize, adapter: u32): usize {
  return (load<u32>(lane, LANE_CONDUCTS) + adapter * CONDUCT_BYTES) as usize;
}

/** Takes the lock of an adapter's call manager; answers its record, or 0 while the run is being stopped. */
@inline
export function lock(lane: usize, adapter: u32): usize {
  const conduct = conductOf(lane, adapter);
  return acquire(lane, conduct, WAIT_CALL_MANAGER) ? conduct : 0;
}

@inline
export function unlock(conduct: usize): void {
  atomic.store<u32>(conduct, 0, CONDUCT_LOCK);
}
