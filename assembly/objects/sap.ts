// SAPs: a client registers them when its AF is open, and deregisters them when it closes it (src/contract/MODEL-OBJECTS.md "Life", "Close").
import { MACHINE_SLOTS, STATE_BITS, STATE_MASK } from "../abi/layout";
import { ADDRESS_NEIGHBOUR, HANDLES_ADDRESS } from "../abi/object-layout";
import {
  FAULT_DEREGISTER_TWICE,
  FAULT_LOST_SAP_COMPLETION,
  FAULT_SAP_COMPLETED_TWICE,
  FAULT_SAP_COMPLETION_STATUS,
  FAULT_SAP_IN_USE,
  OP_CALL,
  STATE_CLOSE_PENDED,
  STATUS_FAILURE,
  STATUS_NONE,
  STATUS_PENDING,
  STATUS_SUCCESS,
} from "../abi/codes";
import {
  CHANGE_DEREGISTERED,
  CHANGE_DEREGISTERED_CLOSING,
  CHANGE_DEREGISTRATION_COMPLETED,
  CHANGE_DEREGISTRATION_PENDED,
  CHANGE_REGISTERED,
  CHANGE_REGISTRATION_COMPLETED,
  CHANGE_REGISTRATION_PENDED,
  KIND_SAP,
  OPERATION_DEREGISTER,
  OPERATION_REGISTER,
  RULE_SAP_OWED,
  RULE_SAP_STALE,
  RULE_SAP_STATUS,
  SAP_REGISTERED,
  SAP_REGISTERING,
} from "../abi/object-codes";
import { adapterOf, clientOf, firstSlotOfClient, placeOf } from "../table/handle-table";
import { isLane } from "../engine/mode";
import { STATE_HELD } from "../live/claims";
import { disown, own } from "../live/owners";
import { strikesObject } from "./fault";
import {
  answerOperation,
  beginOperation,
  blame,
  completeOperation,
  completionOf,
  isLate,
  isPended,
  requestOf,
  scheduleDone,
  tellItself,
} from "./operation";
import { afWordOf, change, changeLeft, perSlot, setGeneration, setSince, slotOf, stateOf } from "./table";
import { gone } from "./teardown";
import { callOnce, clientPlace, managerPlace, sapHandle } from "./trace";

const NO_SLOT: u32 = 0xffffffff;

@inline
function handleOf(machine: usize, sap: u32): u64 {
  return sapHandle(sap % perSlot(machine, KIND_SAP));
}

/** The slot of another client of the adapter next to a slot's client: the one before its lowest, else the one after its highest. */
function neighbourOf(machine: usize, slot: u32): u32 {
  const place = placeOf(machine, slot);
  const client = clientOf(machine, place);
  const lowest = firstSlotOfClient(machine, client);
  if (lowest > 0 && adapterOf(placeOf(machine, lowest - 1)) == adapterOf(place)) return lowest - 1;
  const next = firstSlotOfClient(machine, client + 1);
  const isThere = next < load<u32>(machine, MACHINE_SLOTS) && adapterOf(placeOf(machine, next)) == adapterOf(place);
  return isThere ? next : NO_SLOT;
}

/** The client registers SAP number n of an open AF. */
export function register<M>(machine: usize, now: u32, slot: u32, n: u32): void {
  const saps = perSlot(machine, KIND_SAP);
  const sap = slot * saps + n;
  setGeneration(machine, KIND_SAP, sap, afWordOf(machine, slot) >>> STATE_BITS);
  setSince(machine, now, KIND_SAP, sap);
  let neighbour = strikesObject(machine, FAULT_SAP_IN_USE, KIND_SAP, sap) ? neighbourOf(machine, slot) : NO_SLOT;
  // On lanes it must not be deregistered meanwhile.
  if (isLane<M>() && neighbour != NO_SLOT && !own(machine, neighbour)) neighbour = NO_SLOT;
  const inUse = neighbour != NO_SLOT && isTaken(machine, neighbour, n);
  const where = clientPlace<M>(machine, slot);
  const handle = sapHandle(n);
  const address = (((inUse ? ADDRESS_NEIGHBOUR : 0) + n + 1) as u64) << (8 * HANDLES_ADDRESS);
  const frame = beginOperation<M>(machine, now, slot, OPERATION_REGISTER, where, handle, address);
  if (inUse) blame<M>(machine, now, slot, RULE_SAP_STATUS, STATUS_SUCCESS);
  const pended = !inUse && isPended(machine, slot, OPERATION_REGISTER, KIND_SAP, sap);
  const status = pended ? STATUS_PENDING : STATUS_SUCCESS;
  answerOperation<M>(machine, now, slot, OPERATION_REGISTER, frame, where, handle, status);
  if (isLane<M>() && neighbour != NO_SLOT) disown(machine, neighbour);
  if (!pended) tellItself<M>(machine, now, slot, OPERATION_REGISTER, where, handle, status);
  change(machine, now, KIND_SAP, sap, pended ? CHANGE_REGISTRATION_PENDED : CHANGE_REGISTERED);
  changeLeft(machine, slot, 1);
  if (pended) scheduleDone<M>(machine, now, slot, OPERATION_REGISTER, KIND_SAP, sap);
}

/** Whether the neighbouring client has registered its SAP number n. */
@inline
function isTaken(machine: usize, neighbour: u32, n: u32): bool {
  return stateOf(machine, KIND_SAP, neighbour * perSlot(machine, KIND_SAP) + n) == SAP_REGISTERED;
}

/** The client deregisters a SAP. On an AF that is closing NDIS fails that without asking. */
export function deregister<M>(machine: usize, now: u32, slot: u32, sap: u32, where: u64): void {
  const operation = OPERATION_DEREGISTER;
  const handle = handleOf(machine, sap);
  const request = requestOf(machine, slot, operation);
  setSince(machine, now, KIND_SAP, sap);
  const state = afWordOf(machine, slot) & STATE_MASK;
  if (state == STATE_CLOSE_PENDED || (isLane<M>() && state == STATE_HELD)) {
    callOnce<M>(machine, now, slot, OP_CALL, request, where, STATUS_NONE, STATUS_FAILURE, handle);
    tellItself<M>(machine, now, slot, operation, where, handle, STATUS_FAILURE);
    change(machine, now, KIND_SAP, sap, CHANGE_DEREGISTERED_CLOSING);
    gone<M>(machine, now, slot);
    return;
  }
  const pended = isPended(machine, slot, operation, KIND_SAP, sap);
  const status = pended ? STATUS_PENDING : STATUS_SUCCESS;
  const frame = beginOperation<M>(machine, now, slot, operation, where, handle);
  answerOperation<M>(machine, now, slot, operation, frame, where, handle, status);
  if (!pended) {
    tellItself<M>(machine, now, slot, operation, where, handle, status);
    change(machine, now, KIND_SAP, sap, CHANGE_DEREGISTERED);
    gone<M>(machine, now, slot);
    return;
  }
  change(machine, now, KIND_SAP, sap, CHANGE_DEREGISTRATION_PENDED);
  scheduleDone<M>(machine, now, slot, operation, KIND_SAP, sap);
  if (!strikesObject(machine, FAULT_DEREGISTER_TWICE, KIND_SAP, sap)) return;
  blame<M>(machine, now, slot, RULE_SAP_STALE, STATUS_FAILURE);
  callOnce<M>(machine, now, slot, OP_CALL, request, where, STATUS_NONE, STATUS_FAILURE, handle);
}

/** The service of a registration or deregistration has ended. */
export function finishSap<M>(machine: usize, now: u32, sap: u32): void {
  if (strikesObject(machine, FAULT_LOST_SAP_COMPLETION, KIND_SAP, sap)) return;
  const slot = slotOf(machine, KIND_SAP, sap);
  const registers = stateOf(machine, KIND_SAP, sap) == SAP_REGISTERING;
  const operation = registers ? OPERATION_REGISTER : OPERATION_DEREGISTER;
  const where = managerPlace<M>(machine, slot);
  const handle = handleOf(machine, sap);
  const struck = strikesObject(machine, FAULT_SAP_COMPLETION_STATUS, KIND_SAP, sap);
  const status = struck ? STATUS_PENDING : STATUS_SUCCESS;
  if (isLate(machine, now, KIND_SAP, sap)) blame<M>(machine, now, slot, RULE_SAP_OWED, STATUS_SUCCESS);
  else if (struck) blame<M>(machine, now, slot, RULE_SAP_OWED, STATUS_PENDING);
  completeOperation<M>(machine, now, slot, operation, where, handle, status, STATUS_SUCCESS);
  if (!registers) {
    change(machine, now, KIND_SAP, sap, CHANGE_DEREGISTRATION_COMPLETED);
    gone<M>(machine, now, slot);
    return;
  }
  change(machine, now, KIND_SAP, sap, CHANGE_REGISTRATION_COMPLETED);
  if (!strikesObject(machine, FAULT_SAP_COMPLETED_TWICE, KIND_SAP, sap)) return;
  const completion = completionOf(machine, slot, operation);
  blame<M>(machine, now, slot, RULE_SAP_OWED, STATUS_SUCCESS);
  callOnce<M>(machine, now, slot, OP_CALL, completion, where, STATUS_SUCCESS, STATUS_NONE, handle);
}
