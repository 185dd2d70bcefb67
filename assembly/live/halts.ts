// Halts, on the lane of the call manager: it walks the adapter's slots and notifies of every open AF (notifications.ts), and goes when
// the last AF of the adapter has ended (src/contract/MODEL-DRIVERS.md "Halt").
import { BINDING_STATE, CM_HALT_FRAME, CM_PROFILE, PROFILE_STANDALONE, STATE_MASK } from "../abi/layout";
import { BINDING_BINDS, LANE_HALTED } from "../abi/lane-layout";
import {
  BINDING_BOUND,
  BINDING_UNBINDING,
  BINDING_UNBOUND,
  CALL_CLOSE_ADAPTER,
  CALL_COMPLETE_UNBIND,
  CALL_HALT,
  CALL_UNBIND_ADAPTER,
  OP_ADAPTER_CALL,
  STATE_OPEN,
  STATUS_NONE,
  STATUS_PENDING,
  STATUS_SUCCESS,
} from "../abi/codes";
import { adapterOf, callManagerOf, placeOf } from "../table/handle-table";
import { bindingAt, holdAdapter, isOver, letAdapterGo, numberOfCallManager } from "./bindings";
import { wordOf } from "./lane";
import { notify } from "./notifications";
import { beginCall, callOnce, endCall } from "./records";

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
  if ((word & STATE_MASK) != STATE_OPEN) return;
  notify<M>(lane, slot, word, load<u32>(callManagerOf(lane, adapterOf(placeOf(lane, slot))), CM_HALT_FRAME));
}

/** The walk is over. */
export function endHalt<M>(lane: usize, adapter: u32): void {
  const callManager = callManagerOf(lane, adapter);
  if (isStandalone(callManager)) {
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
  callOnce<M>(lane, OP_ADAPTER_CALL, adapter, CALL_CLOSE_ADAPTER, STATUS_SUCCESS);
  callOnce<M>(lane, OP_ADAPTER_CALL, adapter, CALL_COMPLETE_UNBIND, STATUS_NONE);
}
