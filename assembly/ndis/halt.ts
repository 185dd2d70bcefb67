// How an adapter halts: its call manager notifies the clients of the AFs that are open there, and goes when the last one has ended
// (src/contract/MODEL-DRIVERS.md "Halt").
import {
  AF_WORD,
  CM_HALTED,
  CM_HALT_FRAME,
  CM_LIVE,
  CM_NOTES,
  CM_PROFILE,
  MACHINE_NOW,
  PROFILE_STANDALONE,
  STATE_BITS,
  STATE_MASK,
} from "../abi/layout";
import {
  CALL_CLOSE_ADAPTER,
  CALL_CLOSE_ADAPTER_COMPLETE,
  CALL_COMPLETE_UNBIND,
  CALL_HALT,
  CALL_UNBIND_ADAPTER,
  EVENT_HALT_DONE,
  FAULT_CM_CLOSE_ADAPTER_IRQL,
  FAULT_CM_EARLY_CLOSE_ADAPTER,
  FAULT_WALK_SKIPS,
  NOTE_CLOSED_EARLY,
  OP_ADAPTER_CALL,
  RULE_CLOSE_ADAPTER,
  STATE_OPEN,
  STATE_VACANT,
  STATUS_NONE,
  STATUS_PENDING,
  STATUS_SUCCESS,
} from "../abi/codes";
import { flush, scheduleAfter } from "../engine/agenda";
import { isTraced } from "../engine/mode";
import { isOpenTearing } from "../objects/teardown";
import { adapterAt, callManagerOf, firstSlotOf, recordOf } from "../table/handle-table";
import { isUnderWay } from "./bindings";
import { beginCall, bindingIrqlOf, callOnce, endCall } from "./driver-calls";
import { strikes } from "./faults";
import { isForgotten, notify, notifyClosing, owesNotification, passOver } from "./notify";
import { violate } from "./rules";

const NO_SLOT: u32 = 0xffffffff;

/** The adapter is halted now: every AF that is open on it is to be closed, and none is opened there again. */
export function haltAdapter<M>(machine: usize, adapter: u32): void {
  const now = load<u32>(machine, MACHINE_NOW);
  const callManager = callManagerOf(machine, adapter);
  if (load<u32>(callManager, CM_HALTED)) return;
  store<u32>(callManager, 1, CM_HALTED);
  const standalone = load<u32>(load<u32>(callManager, CM_PROFILE), PROFILE_STANDALONE);
  const call = standalone ? CALL_UNBIND_ADAPTER : CALL_HALT;
  const frame = beginCall<M>(machine, now, OP_ADAPTER_CALL, adapter, call, 0);
  if (isTraced<M>()) store<u32>(callManager, frame, CM_HALT_FRAME);
  const end = firstSlotOf(machine, adapter + 1, 0);
  let live: u32 = 0;
  let lowest = NO_SLOT;
  // The last AF that was notified of is closed: a call manager that walks its list may have lost its place.
  let gone = false;
  for (let slot = firstSlotOf(machine, adapter, 0); slot < end; slot++) {
    const record = recordOf(machine, slot);
    const word = load<u32>(record, AF_WORD);
    if ((word & STATE_MASK) == STATE_OPEN && !isOpenTearing(machine, slot, word)) {
      if (gone && strikes(machine, FAULT_WALK_SKIPS, slot, word >>> STATE_BITS)) {
        passOver<M>(machine, now, slot, callManager);
        gone = false;
      } else {
        notify<M>(machine, now, slot, callManager, frame, true);
        gone = (load<u32>(record, AF_WORD) & STATE_MASK) == STATE_VACANT;
      }
    } else {
      notifyClosing<M>(machine, now, slot, callManager, frame);
    }
    // One that has ended may owe the completion of its notification; one that was passed over has not ended.
    const isOver = !isUnderWay(machine, slot, load<u32>(record, AF_WORD));
    if (isOver && !owesNotification(machine, slot) && !isForgotten(machine, slot)) continue;
    live++;
    lowest = min(lowest, slot);
  }
  store<u32>(callManager, live, CM_LIVE);
  if (standalone) {
    if (live) closeEarly<M>(machine, now, adapter, lowest, frame);
    endCall<M>(machine, now, OP_ADAPTER_CALL, adapter, call, frame, STATUS_PENDING);
  }
  if (live == 0) scheduleAfter<M>(machine, now, adapter, EVENT_HALT_DONE, 0);
  flush<M>(machine, now);
}

/** The mistake of a stand-alone call manager that closes its binding while some of its AFs have not ended, of which `lowest` is the first. */
function closeEarly<M>(machine: usize, now: u32, adapter: u32, lowest: u32, frame: u32): void {
  const word = load<u32>(recordOf(machine, lowest), AF_WORD);
  if (!strikes(machine, FAULT_CM_EARLY_CLOSE_ADAPTER, lowest, word >>> STATE_BITS)) return;
  const callManager = callManagerOf(machine, adapter);
  violate(machine, callManager, now, lowest, word, RULE_CLOSE_ADAPTER, STATUS_SUCCESS);
  callOnce<M>(machine, now, OP_ADAPTER_CALL, adapter, CALL_CLOSE_ADAPTER, frame, STATUS_PENDING);
  store<u32>(callManager, load<u32>(callManager, CM_NOTES) | NOTE_CLOSED_EARLY, CM_NOTES);
}

/** A slot of a halted adapter has ended. During the halt itself it is not counted yet; one that owes never ends. */
export function leaveAdapter<M>(machine: usize, now: u32, slot: u32, callManager: usize): void {
  const live = load<u32>(callManager, CM_LIVE);
  if (live == 0 || owesNotification(machine, slot)) return;
  store<u32>(callManager, live - 1, CM_LIVE);
  if (live == 1) scheduleAfter<M>(machine, now, adapterAt(machine, callManager), EVENT_HALT_DONE, 0);
}

/** The last AF of a halted adapter has ended: MiniportHaltEx returns, a stand-alone call manager closes its binding. */
export function finishHalt<M>(machine: usize, now: u32, adapter: u32): void {
  const callManager = callManagerOf(machine, adapter);
  if (load<u32>(load<u32>(callManager, CM_PROFILE), PROFILE_STANDALONE) == 0) {
    const frame = load<u32>(callManager, CM_HALT_FRAME);
    endCall<M>(machine, now, OP_ADAPTER_CALL, adapter, CALL_HALT, frame, STATUS_NONE);
    return;
  }
  const notes = load<u32>(callManager, CM_NOTES);
  const early = notes & NOTE_CLOSED_EARLY;
  store<u32>(callManager, notes & ~NOTE_CLOSED_EARLY, CM_NOTES);
  if (early) {
    callOnce<M>(machine, now, OP_ADAPTER_CALL, adapter, CALL_CLOSE_ADAPTER_COMPLETE, 0, STATUS_NONE);
  } else {
    const first = firstSlotOf(machine, adapter, 0);
    const end = firstSlotOf(machine, adapter + 1, 0);
    const irql = bindingIrqlOf(machine, now, callManager, first, end, FAULT_CM_CLOSE_ADAPTER_IRQL);
    callOnce<M>(machine, now, OP_ADAPTER_CALL, adapter, CALL_CLOSE_ADAPTER, 0, STATUS_SUCCESS, irql);
  }
  callOnce<M>(machine, now, OP_ADAPTER_CALL, adapter, CALL_COMPLETE_UNBIND, 0, STATUS_NONE);
}
