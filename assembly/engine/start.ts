// What begins and ends a machine's run, and what its phases do at their boundaries.
import {
  AF_LINK,
  AF_TICK,
  AF_WORD,
  CM_HALTED,
  MACHINE_BINDINGS,
  MACHINE_DRAINING,
  MACHINE_SLOTS,
  SHARD_ARRIVAL_SAMPLER,
  SHARD_CLOSE_DEADLINE,
  SHARD_OPEN_DEADLINE,
  STATE_MASK,
} from "../abi/layout";
import {
  RULE_CLOSE_OWED,
  RULE_NOTIFY_OWED,
  RULE_OPEN_OWED,
  STATE_CLOSE_PENDED,
  STATE_OPEN,
  STATE_OPEN_PENDED,
  STATE_REFUSED,
  STATE_REPORTING,
  STATE_STRANDED,
  STATE_VACANT,
} from "../abi/codes";
import { isBound } from "../ndis/bindings";
import { judgeLeaks, mayLeak } from "../ndis/contexts";
import { blameNotification, isUntold, judgeBindings } from "../ndis/judge-ndis";
import { owesNotification } from "../ndis/notify";
import { openSlot } from "../ndis/open";
import { bringUp } from "../ndis/registration";
import { freeSlot } from "../ndis/reopen";
import { judgeOwed } from "../ndis/rules";
import { judgeObjects } from "../objects/owed";
import { nextTick } from "../queue/event-queue";
import { adapterOf, callManagerOf, placeOf, recordOf } from "../table/handle-table";
import { scheduleArrival } from "./arrivals";
import { flush } from "./agenda";

/** A bit for every state in which an AF counts as open. */
const OPEN_STATES: u32 = (1 << STATE_OPEN) | (1 << STATE_STRANDED) | (1 << STATE_REFUSED);

/** Tick 0 for slots `from` to `to`: every AF is opened, or with open arrivals every slot is free; before them all, drivers come up. */
export function start<M>(machine: usize, from: u32, to: u32): void {
  if (from == 0) {
    nextTick(machine, 0, 0);
    bringUp<M>(machine);
  }
  const arrivals = load<u32>(SHARD_ARRIVAL_SAMPLER) != 0;
  for (let slot = from; slot < to; slot++) {
    if (arrivals) {
      freeSlot(machine, slot, recordOf(machine, slot));
    } else {
      openSlot<M>(machine, 0, slot);
    }
  }
  if (arrivals && to == load<u32>(machine, MACHINE_SLOTS)) scheduleArrival<M>(machine, 0);
  flush<M>(machine, 0);
}

/** Whether a client has thought at the end of its last lifecycle until now: an unbind and a bind may have come between. */
function isLastThink(machine: usize, now: u32, slot: u32): bool {
  const record = recordOf(machine, slot);
  if ((load<u32>(record, AF_WORD) & STATE_MASK) != STATE_VACANT) return false;
  return isBound(machine, slot) && load<u32>(record, AF_LINK) == now;
}

/** A client has thought long enough: it opens again where that is still possible. */
export function thinkOver<M>(machine: usize, now: u32, slot: u32): void {
  if (load<u32>(machine, MACHINE_DRAINING)) return;
  if (load<u32>(callManagerOf(machine, adapterOf(placeOf(machine, slot))), CM_HALTED)) return;
  if (load<u32>(machine, MACHINE_BINDINGS) && !isLastThink(machine, now, slot)) return;
  openSlot<M>(machine, now, slot);
}

/**
 * Judges what the drivers still owe at the machine's end. `final`: nothing is left that could meet it.
 * Answers how many AFs are open (low half) and how many closes are pended (high half).
 */
export function judgeEnd(machine: usize, endTick: u32, final: bool): u64 {
  const slots = load<u32>(machine, MACHINE_SLOTS);
  const leaks = mayLeak(machine);
  let open: u64 = 0;
  let pended: u64 = 0;
  for (let slot: u32 = 0; slot < slots; slot++) {
    const record = recordOf(machine, slot);
    const word = load<u32>(record, AF_WORD);
    const state = word & STATE_MASK;
    const owesOpen = state == STATE_OPEN_PENDED;
    const owesClose = state == STATE_CLOSE_PENDED;
    const owesRelease = state == STATE_VACANT && leaks;
    const untold = isUntold(machine, slot);
    const owesNotify = (state == STATE_VACANT || state == STATE_STRANDED) && owesNotification(machine, slot);
    if ((OPEN_STATES >>> state) & 1) open++;
    if (owesClose || state == STATE_REPORTING) pended++;
    if (!owesOpen && !owesClose && !owesRelease && !owesNotify && !untold) {
      judgeObjects(machine, endTick, slot, final);
      continue;
    }
    const callManager = callManagerOf(machine, adapterOf(placeOf(machine, slot)));
    const deadline = owesOpen ? load<u32>(SHARD_OPEN_DEADLINE) : load<u32>(SHARD_CLOSE_DEADLINE);
    const overdue = final || endTick - load<u32>(record, AF_TICK) > deadline;
    if (untold) blameNotification(machine, endTick, slot, callManager);
    if (owesNotify) judgeOwed(machine, callManager, endTick, slot, word, RULE_NOTIFY_OWED, overdue);
    if (owesRelease) judgeLeaks(machine, callManager, endTick, slot, word, overdue);
    if (owesOpen) judgeOwed(machine, callManager, endTick, slot, word, RULE_OPEN_OWED, overdue);
    if (owesClose) judgeOwed(machine, callManager, endTick, slot, word, RULE_CLOSE_OWED, overdue);
    judgeObjects(machine, endTick, slot, final);
  }
  judgeBindings(machine, endTick);
  return open | (pended << 32);
}
