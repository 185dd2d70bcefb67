// Open arrivals: clients come on their own, take a vacant slot and open it.
import {
  AF_LINK,
  AF_WORD,
  CM_HALTED,
  MACHINE_ARRIVALS,
  MACHINE_ARRIVAL_TIME,
  MACHINE_BEYOND,
  MACHINE_DRAINING,
  MACHINE_FREE_HEAD,
  MACHINE_FREE_TAIL,
  MACHINE_HORIZON,
  MACHINE_KEYS,
  SHARD_ARRIVAL_SAMPLER,
  SHARD_GENERATION_MAX,
  STATE_BITS,
  TOTAL_TURNED_AWAY,
} from "../abi/layout";
import { EVENT_ARRIVAL, PURPOSE_ARRIVAL } from "../abi/codes";
import { mix } from "../core/random";
import { sampleValue } from "../core/sampler";
import { addTotal } from "../ndis/counts";
import { openSlot, retire } from "../ndis/open";
import { adapterOf, callManagerOf, placeOf, recordOf } from "../table/handle-table";
import { scheduleAfter } from "./agenda";

/** Schedules the machine's next arrival; times add up exactly, with 16 binary places of a tick. */
export function scheduleArrival<M>(machine: usize, now: u32): void {
  const number = load<u64>(machine, MACHINE_ARRIVALS);
  store<u64>(machine, number + 1, MACHINE_ARRIVALS);
  const u = mix(load<u64>(machine + (PURPOSE_ARRIVAL << 3), MACHINE_KEYS) ^ number);
  const time = load<u64>(machine, MACHINE_ARRIVAL_TIME) + sampleValue(load<u32>(SHARD_ARRIVAL_SAMPLER), u);
  store<u64>(machine, time, MACHINE_ARRIVAL_TIME);
  const due = time >>> 16;
  if (due < (load<u32>(machine, MACHINE_HORIZON) as u64)) {
    scheduleAfter<M>(machine, now, 0, EVENT_ARRIVAL, (due as u32) - now);
  } else {
    store<u32>(machine, 1, MACHINE_BEYOND);
  }
}

/** The vacant slot that has waited longest and can be opened; 2^32 - 1 if there is none. */
function takeFree(machine: usize, now: u32): u32 {
  let number = load<u32>(machine, MACHINE_FREE_HEAD);
  while (number) {
    const slot = number - 1;
    number = load<u32>(recordOf(machine, slot), AF_LINK);
    store<u32>(machine, number, MACHINE_FREE_HEAD);
    if (number == 0) store<u32>(machine, 0, MACHINE_FREE_TAIL);
    const callManager = callManagerOf(machine, adapterOf(placeOf(machine, slot)));
    if (load<u32>(callManager, CM_HALTED)) continue;
    const record = recordOf(machine, slot);
    if (load<u32>(record, AF_WORD) >>> STATE_BITS < load<u32>(SHARD_GENERATION_MAX)) return slot;
    retire(machine, now, slot, record, callManager);
  }
  return 0xffffffff;
}

/** A client arrives; where every slot is busy it is turned away. */
export function arrive<M>(machine: usize, now: u32): void {
  if (load<u32>(machine, MACHINE_DRAINING)) return;
  const slot = takeFree(machine, now);
  if (slot == 0xffffffff) addTotal(TOTAL_TURNED_AWAY, 1);
  else openSlot<M>(machine, now, slot);
  scheduleArrival<M>(machine, now);
}
