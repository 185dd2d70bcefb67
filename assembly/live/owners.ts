// Who owns the SAPs, VCs and parties of an AF. What happens to one of them often leads to calls about the others, and in the end to the close of
// the AF. So a lane owns an AF with all that is on it while it makes these calls: it takes the AF by compare-and-swap, and one that finds
// it taken comes back in its next step. Nobody waits, and nobody takes two but by a mistake (sap-in-use), which gives up when it cannot.
import { LANE_GONE, LANE_INDEX, LANE_WORK, WORK_OWNER, WORK_SEEN, WORK_SHIFT } from "../abi/lane-layout";
import { stampOf } from "./lane";
import { letGo } from "./teardown";

@inline
function ownerAt(lane: usize, slot: u32): usize {
  return (load<u32>(lane, LANE_WORK) + (slot << WORK_SHIFT)) as usize;
}

/** Takes an AF with its objects; answers whether no lane had it. */
@inline
export function own(lane: usize, slot: u32): bool {
  return atomic.cmpxchg<u32>(ownerAt(lane, slot), 0, load<u32>(lane, LANE_INDEX) + 1, WORK_OWNER) == 0;
}

/** The last object of the AF that this lane owns is gone. The close goes on when its owner is done with it: not before, as the AF may then be opened again. */
@inline
export function noteGone(lane: usize): void {
  store<u32>(lane, 1, LANE_GONE);
}

/** The owner of an AF is done with it. */
@inline
export function release<M>(lane: usize, slot: u32): void {
  if (load<u32>(lane, LANE_GONE)) {
    store<u32>(lane, 0, LANE_GONE);
    letGo<M>(lane, slot);
  }
  disown(lane, slot);
}

/** Gives an AF back about which no call was made. */
@inline
export function disown(lane: usize, slot: u32): void {
  atomic.store<u32>(ownerAt(lane, slot), 0, WORK_OWNER);
}

/** The present of an AF that this lane owns: lanes read their clocks apart, but its time does not go back. */
export function presentOf(lane: usize, slot: u32): u32 {
  const at = ownerAt(lane, slot);
  const seen = load<u32>(at, WORK_SEEN);
  const now = stampOf(lane);
  if (((now - seen) as i32) < 0) return seen;
  store<u32>(at, now, WORK_SEEN);
  return now;
}
