// The work on an AF: how many of its VCs and SAPs are still to be torn down, while several lanes tear them down. Whoever lets the last hold
// go goes on with the close; before that nobody can end it.
import { MACHINE_LEFT, SHARD_SAPS, SHARD_VCS } from "../abi/layout";
import { LANE_WORK, WORK_HOLD, WORK_LEFT_MASK, WORK_SEQUENCE, WORK_SHIFT, WORK_WORD } from "../abi/lane-layout";
import { PURPOSE_SAPS, PURPOSE_VCS } from "../abi/codes";
import { countOf } from "../ndis/teardown";
import { hasObjects } from "../objects/table";

/** Whether AFs can have work. */
@inline
export function hasWork(lane: usize): bool {
  return load<u32>(lane, LANE_WORK) != 0;
}

/** VCs on the AF of this generation. */
export function vcsOf(lane: usize, slot: u32, generation: u32): u32 {
  return countOf(lane, SHARD_VCS, PURPOSE_VCS, slot, generation);
}

export function sapsOf(lane: usize, slot: u32, generation: u32): u32 {
  return countOf(lane, SHARD_SAPS, PURPOSE_SAPS, slot, generation);
}

@inline
function workAt(lane: usize, slot: u32): usize {
  return (load<u32>(lane, LANE_WORK) + (slot << WORK_SHIFT)) as usize;
}

/** So many teardowns are to come; the close holds them. */
export function beginWork(lane: usize, slot: u32, teardowns: u32): void {
  atomic.store<u32>(workAt(lane, slot), (teardowns + 1) * WORK_HOLD + teardowns, WORK_WORD);
}

/** The close of an AF with objects, which hold it as one until they are gone. */
export function holdObjects(lane: usize, slot: u32): void {
  atomic.store<u32>(workAt(lane, slot), 2 * WORK_HOLD, WORK_WORD);
}

/**
 * Teardowns whose completion is not called, or objects that are not gone. Whoever is to see what the trace says takes the number of its record
 * before it asks.
 */
export function leftOf(lane: usize, slot: u32): u32 {
  if (hasObjects(lane)) return load<u8>(load<u32>(lane, MACHINE_LEFT) + slot);
  return atomic.load<u32>(workAt(lane, slot), WORK_WORD) & WORK_LEFT_MASK;
}

/** The completion of a teardown is about to be called, before its record has a number; answers how many were left. */
export function countDown(lane: usize, slot: u32): u32 {
  return atomic.sub<u32>(workAt(lane, slot), 1, WORK_WORD) & WORK_LEFT_MASK;
}

/** Lets a hold go; answers whether it was the last one. */
export function letWorkGo(lane: usize, slot: u32): bool {
  return atomic.sub<u32>(workAt(lane, slot), WORK_HOLD, WORK_WORD) < 2 * WORK_HOLD;
}

/** The place of the close in its call manager's order, while it waits for the work. */
export function sequenceAt(lane: usize, slot: u32): usize {
  return workAt(lane, slot) + WORK_SEQUENCE;
}
