// Opens that arrive from outside: each lane has its share of the arrivals, and takes a free slot for each.
import {
  MACHINE_ARRIVALS,
  MACHINE_ARRIVAL_TIME,
  MACHINE_DRAINING,
  MACHINE_KEYS,
  SHARD_ARRIVAL_SAMPLER,
  SHARD_GENERATION_MAX,
  TOTAL_TURNED_AWAY,
} from "../abi/layout";
import { LANE_INDEX, LANE_LANES, LANE_WALL } from "../abi/lane-layout";
import { EVENT_ARRIVAL, PURPOSE_ARRIVAL } from "../abi/codes";
import { mix } from "../core/random";
import { sampleValue } from "../core/sampler";
import { keepSlot, NO_SLOT, takeSlot } from "./free-list";
import { count, generationOf, stampOf, wordOf } from "./lane";
import { insert } from "./lane-queue";
import { open } from "./opens";

/** Schedules this lane's next arrival. Arrivals have numbers in turn: lane after lane. */
export function scheduleArrival(lane: usize): void {
  const index = load<u64>(lane, MACHINE_ARRIVALS);
  const number = index * (load<u32>(lane, LANE_LANES) as u64) + (load<u32>(lane, LANE_INDEX) as u64);
  const u = mix(load<u64>(lane + (PURPOSE_ARRIVAL << 3), MACHINE_KEYS) ^ number);
  const last = load<u64>(lane, MACHINE_ARRIVAL_TIME);
  const time = last + sampleValue(load<u32>(SHARD_ARRIVAL_SAMPLER), u);
  store<u64>(lane, index + 1, MACHINE_ARRIVALS);
  store<u64>(lane, time, MACHINE_ARRIVAL_TIME);
  insert(lane, (last >>> 16) as u32, (time >>> 16) - (last >>> 16), EVENT_ARRIVAL, 0);
}

/** A client wants an AF now. In wall-clock time it has waited since `due`. */
export function arrive<M>(lane: usize, due: u32): void {
  if (load<u32>(lane, MACHINE_DRAINING)) return;
  scheduleArrival(lane);
  while (true) {
    const slot = takeSlot(lane);
    if (slot == NO_SLOT) return count(lane, TOTAL_TURNED_AWAY, 1);
    // One that is halted or used up leaves the list for good, one of a client that is not bound until its bind.
    const word = wordOf(lane, slot);
    if (generationOf(word) >= load<u32>(SHARD_GENERATION_MAX)) continue;
    if (open<M>(lane, slot, word, due, load<u32>(lane, LANE_WALL) ? due : stampOf(lane))) return;
    keepSlot(lane, slot);
  }
}
