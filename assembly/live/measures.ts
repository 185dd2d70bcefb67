// Measures of a lane at the end of a warm-up and of the run.
import {
  CLIENT_BYTES,
  CLIENT_COMPLETIONS,
  CM_WINDOW,
  LATENCY_MIN,
  MACHINE_ADAPTERS,
  MACHINE_CLIENTS,
  MACHINE_CLIENTS_PER_ADAPTER,
  ORDER_BYTES,
} from "../abi/layout";
import { LANE_CLOSE_COUNTS, LANE_COUNTS_BYTES, LANE_OPEN_COUNTS, LANE_ORDER, LANE_SCRATCH } from "../abi/lane-layout";
import { measureWindowAt } from "../measure/ordering";
import { callManagerOf } from "../table/handle-table";
import { beginMoments } from "./moments";

/** Measures the windows that are not full. */
export function measureWindows(lane: usize): void {
  const adapters = load<u32>(lane, MACHINE_ADAPTERS);
  for (let adapter: u32 = 0; adapter < adapters; adapter++) {
    const callManager = callManagerOf(lane, adapter);
    if (load<u32>(callManager, CM_WINDOW)) measureWindowAt(load<u32>(lane, LANE_ORDER), load<u32>(lane, LANE_SCRATCH), callManager);
  }
}

function clear(lane: usize, counts: usize): void {
  memory.fill(counts, 0, load<u32>(lane, LANE_COUNTS_BYTES));
  store<u32>(counts, 0xffffffff, LATENCY_MIN);
}

/** Forgets all latencies and order counts; the streams themselves go on. */
export function resetMeasures(lane: usize): void {
  measureWindows(lane);
  clear(lane, load<u32>(lane, LANE_CLOSE_COUNTS));
  clear(lane, load<u32>(lane, LANE_OPEN_COUNTS));
  memory.fill(load<u32>(lane, LANE_ORDER), 0, ORDER_BYTES);
  const clients = load<u32>(lane, MACHINE_ADAPTERS) * load<u32>(lane, MACHINE_CLIENTS_PER_ADAPTER);
  for (let client: u32 = 0; client < clients; client++) {
    // Completions, and how many of them were reordered.
    store<u64>(load<u32>(lane, MACHINE_CLIENTS) + client * CLIENT_BYTES, 0, CLIENT_COMPLETIONS);
  }
  beginMoments(lane);
}
