// How a machine's drivers come up, before any open: call managers register their address family, clients bind and are notified of it
// (src/contract/MODEL-DRIVERS.md "Start").
import {
  AF_WORD,
  CM_PROFILE,
  MACHINE_ADAPTERS,
  MACHINE_CLIENTS_PER_ADAPTER,
  PROFILE_REGISTER,
  PROFILE_STANDALONE,
} from "../abi/layout";
import {
  CALL_BIND_ADAPTER,
  CALL_INITIALIZE,
  CALL_OPEN_ADAPTER,
  CALL_REGISTER_NOTIFY,
  DISPATCH_LEVEL,
  FAULT_REGISTER_IRQL,
  FAULT_REGISTER_LATE,
  FAULT_REGISTER_TWICE,
  OP_ADAPTER_CALL,
  OP_BINDING_CALL,
  PASSIVE_LEVEL,
  RULE_IRQL_CALLER,
  RULE_REGISTER_DUPLICATE,
  RULE_REGISTER_PLACE,
  STATUS_FAILURE,
  STATUS_NONE,
  STATUS_SUCCESS,
} from "../abi/codes";
import { callManagerOf, firstSlotOf, recordOf } from "../table/handle-table";
import { beginCall, callOnce, endCall } from "./driver-calls";
import { strikes } from "./faults";
import { isTooHigh, violate } from "./rules";

/** Tick 0, before the opens. */
export function bringUp<M>(machine: usize): void {
  const adapters = load<u32>(machine, MACHINE_ADAPTERS);
  const clients = adapters * load<u32>(machine, MACHINE_CLIENTS_PER_ADAPTER);
  for (let adapter: u32 = 0; adapter < adapters; adapter++) comeUp<M>(machine, adapter);
  for (let client: u32 = 0; client < clients; client++) callBind<M>(machine, 0, client);
  for (let client: u32 = 0; client < clients; client++) callRegisterNotify<M>(machine, 0, client);
}

/** Whether a mistake strikes when the call manager of an adapter comes up, whose lowest slot stands for it; without AFs none does. */
function strikesAdapter(machine: usize, kind: u32, adapter: u32): bool {
  const lowest = firstSlotOf(machine, adapter, 0);
  return lowest < firstSlotOf(machine, adapter + 1, 0) && strikes(machine, kind, lowest, 0);
}

/** An adapter's call manager is initialized, or bound to its adapter, and registers in that. */
function comeUp<M>(machine: usize, adapter: u32): void {
  const standalone = load<u32>(load<u32>(callManagerOf(machine, adapter), CM_PROFILE), PROFILE_STANDALONE);
  const call = standalone ? CALL_BIND_ADAPTER : CALL_INITIALIZE;
  const late = strikesAdapter(machine, FAULT_REGISTER_LATE, adapter);
  const frame = beginCall<M>(machine, 0, OP_ADAPTER_CALL, adapter, call, 0);
  if (standalone) callOnce<M>(machine, 0, OP_ADAPTER_CALL, adapter, CALL_OPEN_ADAPTER, frame, STATUS_SUCCESS);
  if (!late) register<M>(machine, adapter, frame, false);
  endCall<M>(machine, 0, OP_ADAPTER_CALL, adapter, call, frame, STATUS_SUCCESS);
  if (late) register<M>(machine, adapter, 0, true);
}

/** The call manager registers in the frame in which it comes up, or by mistake `late`; by mistake also a second time. */
function register<M>(machine: usize, adapter: u32, parent: u32, late: bool): void {
  const call = load<u32>(load<u32>(callManagerOf(machine, adapter), CM_PROFILE), PROFILE_REGISTER);
  const irql = strikesAdapter(machine, FAULT_REGISTER_IRQL, adapter) ? DISPATCH_LEVEL : PASSIVE_LEVEL;
  if (isTooHigh(call, irql)) blame(machine, adapter, RULE_IRQL_CALLER, STATUS_SUCCESS);
  else if (late) blame(machine, adapter, RULE_REGISTER_PLACE, STATUS_SUCCESS);
  const frame = beginCall<M>(machine, 0, OP_ADAPTER_CALL, adapter, call, parent, irql);
  endCall<M>(machine, 0, OP_ADAPTER_CALL, adapter, call, frame, STATUS_SUCCESS, irql);
  if (!strikesAdapter(machine, FAULT_REGISTER_TWICE, adapter)) return;
  blame(machine, adapter, RULE_REGISTER_DUPLICATE, STATUS_FAILURE);
  callOnce<M>(machine, 0, OP_ADAPTER_CALL, adapter, call, parent, STATUS_FAILURE);
}

/** A call manager has broken a rule; its lowest slot, not opened yet, stands for it. */
function blame(machine: usize, adapter: u32, rule: u32, status: u32): void {
  const lowest = firstSlotOf(machine, adapter, 0);
  const word = load<u32>(recordOf(machine, lowest), AF_WORD);
  violate(machine, callManagerOf(machine, adapter), 0, lowest, word, rule, status);
}

/** A client is bound to its adapter. */
export function callBind<M>(machine: usize, now: u32, client: u32): void {
  const frame = beginCall<M>(machine, now, OP_BINDING_CALL, client, CALL_BIND_ADAPTER, 0);
  callOnce<M>(machine, now, OP_BINDING_CALL, client, CALL_OPEN_ADAPTER, frame, STATUS_SUCCESS);
  endCall<M>(machine, now, OP_BINDING_CALL, client, CALL_BIND_ADAPTER, frame, STATUS_SUCCESS);
}

/** NDIS notifies a client that is bound of its adapter's address family: once for every bind, as there is one registration. */
export function callRegisterNotify<M>(machine: usize, now: u32, client: u32): void {
  callOnce<M>(machine, now, OP_BINDING_CALL, client, CALL_REGISTER_NOTIFY, 0, STATUS_NONE);
}
