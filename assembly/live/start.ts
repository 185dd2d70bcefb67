// The start of a lane: its clients open their AFs, then it waits for the others.
import { MACHINE_ADAPTERS, MACHINE_CLIENTS_PER_ADAPTER, SHARD_ARRIVAL_SAMPLER, SHARD_STOP } from "../abi/layout";
import {
  LANE_AT_ONCE,
  LANE_INDEX,
  LANE_LANES,
  LANE_SHARED,
  LANE_WAITS_FOR,
  SHARED_GO,
  SHARED_START_NS,
  WAIT_NOTHING,
  WAIT_START,
} from "../abi/lane-layout";
import { EVENT_THINK } from "../abi/codes";
import { firstSlotOfClient } from "../table/handle-table";
import { scheduleArrival } from "./arrivals";
import { giveSlot } from "./free-list";
import { laneOfAdapter, laneOfClient } from "./lane";
import { insert } from "./lane-queue";
import { open } from "./opens";
import { comeUp } from "./registrations";

@external("env", "readClock")
declare function readClock(): i64;

const NAP_NS: i64 = 10_000_000;

/** Its call managers come up; then it opens the AFs of this lane's clients, or puts them on its free list. An open that hands something over comes in the first steps. */
export function start<M>(lane: usize): void {
  const adapters = load<u32>(lane, MACHINE_ADAPTERS);
  for (let adapter: u32 = 0; adapter < adapters; adapter++) if (laneOfAdapter(lane, adapter) == load<u32>(lane, LANE_INDEX)) comeUp(lane, adapter);
  const clients = adapters * load<u32>(lane, MACHINE_CLIENTS_PER_ADAPTER);
  const arrives = load<u32>(SHARD_ARRIVAL_SAMPLER) != 0;
  const atOnce = load<u32>(lane, LANE_AT_ONCE) != 0;
  for (let client: u32 = 0; client < clients; client++) {
    if (laneOfClient(lane, client) != load<u32>(lane, LANE_INDEX)) continue;
    const end = firstSlotOfClient(lane, client + 1);
    for (let slot = firstSlotOfClient(lane, client); slot < end; slot++) {
      if (arrives) giveSlot(lane, slot);
      else if (atOnce) open<M>(lane, slot, 0, 0, 0);
      else insert(lane, 0, 0, (slot << 4) | EVENT_THINK, 0);
    }
  }
  if (arrives) scheduleArrival(lane);
}

/** Waits until every lane is ready; the last one starts the clock. Answers whether the run begins. */
export function waitForAll(lane: usize): bool {
  const shared = load<u32>(lane, LANE_SHARED) as usize;
  const lanes = load<u32>(lane, LANE_LANES);
  atomic.store<u32>(lane, WAIT_START, LANE_WAITS_FOR);
  if (atomic.add<u32>(shared, 1, SHARED_GO) == lanes - 1) {
    store<u64>(shared, readClock() as u64, SHARED_START_NS);
    atomic.add<u32>(shared, 1, SHARED_GO);
    atomic.notify(shared + SHARED_GO, lanes);
  }
  while (true) {
    const ready = atomic.load<u32>(shared, SHARED_GO);
    if (ready > lanes) break;
    if (atomic.load<u32>(SHARD_STOP)) return false;
    atomic.wait<i32>(shared + SHARED_GO, ready as i32, NAP_NS);
  }
  atomic.store<u32>(lane, WAIT_NOTHING, LANE_WAITS_FOR);
  return true;
}
