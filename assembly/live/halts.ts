// Halts, on the lane of the call manager: it walks the adapter's slots and notifies of every open AF (notifications.ts), and goes when
// the last AF of the adapter has ended (src/contract/MODEL-DRIVERS.md "Halt").
import { BINDING_NOTES, BINDING_STATE, CM_HALT_FRAME, CM_PROFILE, PROFILE_NOTIFY_CLOSING, PROFILE_STANDALONE, STATE_MASK } from "../abi/layout";
import { BINDING_BINDS, LANE_HALTED, LANE_WALK_GONE } from "../abi/lane-layout";
import {
  BINDING_BOUND,
  BINDING_UNBINDING,
  BINDING_UNBOUND,
  CALL_CLOSE_ADAPTER,
  CALL_CLOSE_ADAPTER_COMPLETE,
  CALL_COMPLETE_UNBIND,
  CALL_HALT,
  CALL_UNBIND_ADAPTER,
  FAULT_CM_CLOSE_ADAPTER_IRQL,
  FAULT_CM_EARLY_CLOSE_ADAPTER,
  FAULT_WALK_SKIPS,
  NOTE_CLOSED_EARLY,
  OP_ADAPTER_CALL,
  STATE_CLOSE_PENDED,
  STATE_OPEN,
  STATE_REFUSED,
  STATUS_NONE,
  STATUS_PENDING,
  STATUS_SUCCESS,
} from "../abi/codes";
import { strikes } from "../ndis/faults";
import { hasObjects } from "../objects/table";
import { adapterOf, callManagerOf, firstSlotOf, placeOf } from "../table/handle-table";
import { bindingAt, holdAdapter, isOver, letAdapterGo, numberOfCallManager } from "./bindings";
import { bindingIrqlOf, endWalk } from "./early-closes";
import { generationOf, wordOf } from "./lane";
import { notify, notifyClosing, passOver } from "./notifications";
import { haltObjects } from "./object-notifications";
import { beginCall, callOnce, endCall } from "./records";
import { notifyRefused } from "./worked-notifications";

/** Marks an adapter as halted; answers whether no client is just being bound to it. */
export function mayHalt(lane: usize, adapter: u32): bool {
  atomic.store<u8>(load<u32>(lane, LANE_HALTED) + adapter, 1);
  return atomic.load<u32>(bindingAt(lane, numberOfCallManager(lane, adapter)), BINDING_BINDS) == 0;
}

/** An MCM is halted with its adapter, a stand-alone call manager is unbound from it. Answers whether it was not before. */
export function beginHalt<M>(lane: usize, adapter: u32): bool {
  const binding = bindingAt(lane, numberOfCallManager(lane, adapter));
  if (load<u32>(binding, BINDING_STATE) != BINDING_BOUND) return false;
  const callManager = callManagerOf(lane, adapter);
  const call = isStandalone(callManager) ? CALL_UNBIND_ADAPTER : CALL_HALT;
  // Until the walk is over.
  holdAdapter(lane, adapter);
  store<u32>(callManager, beginCall<M>(lane, OP_ADAPTER_CALL, adapter, call), CM_HALT_FRAME);
  atomic.store<u32>(binding, BINDING_UNBINDING, BINDING_STATE);
  return true;
}

@inline
function isStandalone(callManager: usize): bool {
  return load<u32>(load<u32>(callManager, CM_PROFILE), PROFILE_STANDALONE) != 0;
}

/** What a halt does with a slot. */
export function haltSlot<M>(lane: usize, slot: u32): void {
  const word = wordOf(lane, slot);
  const state = word & STATE_MASK;
  if (state != STATE_OPEN && state != STATE_CLOSE_PENDED && state != STATE_REFUSED) return;
  const callManager = callManagerOf(lane, adapterOf(placeOf(lane, slot)));
  const frame = load<u32>(callManager, CM_HALT_FRAME);
  if (hasObjects(lane)) return haltObjects<M>(lane, slot, word, frame, true);
  if (state == STATE_OPEN) {
    if (load<u32>(lane, LANE_WALK_GONE) && strikes(lane, FAULT_WALK_SKIPS, slot, generationOf(word))) {
      // It has lost its place in its list: the AF that follows one that is gone is skipped.
      store<u32>(lane, 0, LANE_WALK_GONE);
      passOver<M>(lane, slot, word);
    } else notify<M>(lane, slot, word, frame, true);
  } else if (state == STATE_REFUSED) notifyRefused<M>(lane, slot, word, frame);
  else if (load<u32>(load<u32>(callManager, CM_PROFILE), PROFILE_NOTIFY_CLOSING)) notifyClosing<M>(lane, slot, word, frame);
}

/** The walk is over. */
export function endHalt<M>(lane: usize, adapter: u32): void {
  const callManager = callManagerOf(lane, adapter);
  if (isStandalone(callManager)) {
    const frame = load<u32>(callManager, CM_HALT_FRAME);
    endWalk<M>(lane, bindingAt(lane, numberOfCallManager(lane, adapter)), OP_ADAPTER_CALL, adapter, frame, FAULT_CM_EARLY_CLOSE_ADAPTER);
    endCall<M>(lane, OP_ADAPTER_CALL, adapter, CALL_UNBIND_ADAPTER, load<u32>(callManager, CM_HALT_FRAME), STATUS_PENDING);
  }
  letAdapterGo(lane, adapter);
}

/** The last AF of a halted adapter has ended: MiniportHaltEx returns, a stand-alone call manager closes its binding. */
export function finishHalt<M>(lane: usize, adapter: u32): void {
  const binding = bindingAt(lane, numberOfCallManager(lane, adapter));
  if (!isOver(binding)) return;
  atomic.store<u32>(binding, BINDING_UNBOUND, BINDING_STATE);
  const callManager = callManagerOf(lane, adapter);
  if (!isStandalone(callManager)) {
    return endCall<M>(lane, OP_ADAPTER_CALL, adapter, CALL_HALT, load<u32>(callManager, CM_HALT_FRAME), STATUS_NONE);
  }
  if (load<u32>(binding, BINDING_NOTES) & NOTE_CLOSED_EARLY) {
    callOnce<M>(lane, OP_ADAPTER_CALL, adapter, CALL_CLOSE_ADAPTER_COMPLETE, STATUS_NONE);
  } else {
    const irql = bindingIrqlOf(lane, firstSlotOf(lane, adapter, 0), firstSlotOf(lane, adapter + 1, 0), FAULT_CM_CLOSE_ADAPTER_IRQL);
    callOnce<M>(lane, OP_ADAPTER_CALL, adapter, CALL_CLOSE_ADAPTER, STATUS_SUCCESS, 0, irql);
  }
  callOnce<M>(lane, OP_ADAPTER_CALL, adapter, CALL_COMPLETE_UNBIND, STATUS_NONE);
}
