// Parties that are added to an outgoing call, and dropped before it is closed (src/contract/MODEL-OBJECTS.md "Life").
import {
  FAULT_DROP_TWICE,
  FAULT_LOST_DROP_COMPLETION,
  OP_CALL,
  STATUS_FAILURE,
  STATUS_NONE,
  STATUS_PENDING,
  STATUS_SUCCESS,
} from "../abi/codes";
import {
  CHANGE_ADDING_COMPLETED,
  CHANGE_ADDING_PENDED,
  CHANGE_DROPPING_COMPLETED,
  CHANGE_DROPPING_PENDED,
  CHANGE_PARTY_ADDED,
  CHANGE_PARTY_DROPPED,
  EXCHANGE_INCOMING_DROP,
  KIND_PARTY,
  KIND_VC,
  OBJECT_VACANT,
  OPERATION_ADD,
  OPERATION_DROP,
  PARTY_ADDING,
  PARTY_CONNECTED,
  RULE_PARTY_DROP,
  VC_ENDING,
} from "../abi/object-codes";
import { advance } from "./call-end";
import { strikesObject } from "./fault";
import {
  answerOperation,
  beginExchange,
  beginOperation,
  blame,
  completeOperation,
  endInner,
  endOuter,
  isLate,
  isPended,
  requestOf,
  scheduleDone,
  tellItself,
} from "./operation";
import { change, generationOf, partiesOf, partyOf, setGeneration, setSince, slotOf, stateOf, vcNotes, vcOf } from "./table";
import { callOnce, clientPlace, inside, managerPlace, partyHandles } from "./trace";

/** A call is connected: the client adds its parties. */
export function addParties<M>(machine: usize, now: u32, slot: u32, vc: u32): void {
  const count = partiesOf(machine, vc);
  const generation = generationOf(machine, KIND_VC, vc);
  for (let number: u32 = 1; number <= count; number++) {
    const party = partyOf(machine, vc, number);
    setGeneration(machine, KIND_PARTY, party, generation);
    const where = clientPlace<M>(machine, slot);
    const pended = ask<M>(machine, now, slot, OPERATION_ADD, party, where);
    change(machine, now, KIND_PARTY, party, pended ? CHANGE_ADDING_PENDED : CHANGE_PARTY_ADDED);
    if (pended) scheduleDone<M>(machine, now, slot, OPERATION_ADD, KIND_PARTY, party);
  }
}

/** The client asks that a party be added or dropped; answers whether that is pended. */
function ask<M>(machine: usize, now: u32, slot: u32, operation: u32, party: u32, where: u64): bool {
  const handles = partyHandles(machine, party);
  const pended = isPended(machine, slot, operation, KIND_PARTY, party);
  const status = pended ? STATUS_PENDING : STATUS_SUCCESS;
  setSince(machine, now, KIND_PARTY, party);
  const frame = beginOperation<M>(machine, now, slot, operation, where, handles);
  answerOperation<M>(machine, now, slot, operation, frame, where, handles, status);
  if (!pended) tellItself<M>(machine, now, slot, operation, where, handles, status);
  return pended;
}

/** The parties of a call that are connected are dropped; answers whether the call has none left beside its first. */
export function dropParties<M>(machine: usize, now: u32, slot: u32, vc: u32, where: u64, remote: bool): bool {
  const count = partiesOf(machine, vc);
  let isAlone = true;
  for (let number: u32 = 1; number <= count; number++) {
    const party = partyOf(machine, vc, number);
    if (stateOf(machine, KIND_PARTY, party) == PARTY_CONNECTED) {
      if (remote) dropRemotely<M>(machine, now, slot, party);
      else dropped<M>(machine, now, slot, party, where, ask<M>(machine, now, slot, OPERATION_DROP, party, where));
    }
    if (stateOf(machine, KIND_PARTY, party) != OBJECT_VACANT) isAlone = false;
  }
  return isAlone;
}

/** The network has dropped a party: the call manager tells the client, which drops it in that. */
function dropRemotely<M>(machine: usize, now: u32, slot: u32, party: u32): void {
  const handles = partyHandles(machine, party);
  const where = managerPlace<M>(machine, slot);
  const number = EXCHANGE_INCOMING_DROP;
  const frame = beginExchange<M>(machine, now, slot, number, where, handles, handles, STATUS_SUCCESS);
  const within = inside(where, frame + 1);
  const pended = ask<M>(machine, now, slot, OPERATION_DROP, party, within);
  endInner<M>(machine, now, slot, number, frame, where, handles, STATUS_NONE);
  endOuter<M>(machine, now, slot, number, frame, where, handles, STATUS_NONE);
  dropped<M>(machine, now, slot, party, within, pended);
}

/** The client has asked for the drop of a party at `where`. */
function dropped<M>(machine: usize, now: u32, slot: u32, party: u32, where: u64, pended: bool): void {
  if (!pended) {
    change(machine, now, KIND_PARTY, party, CHANGE_PARTY_DROPPED);
    return;
  }
  change(machine, now, KIND_PARTY, party, CHANGE_DROPPING_PENDED);
  scheduleDone<M>(machine, now, slot, OPERATION_DROP, KIND_PARTY, party);
  if (!strikesObject(machine, FAULT_DROP_TWICE, KIND_PARTY, party)) return;
  dropWrongly<M>(machine, now, slot, where, partyHandles(machine, party));
}

/** The client drops a party that it may not drop. */
export function dropWrongly<M>(machine: usize, now: u32, slot: u32, where: u64, handles: u64): void {
  const request = requestOf(machine, slot, OPERATION_DROP);
  blame<M>(machine, now, slot, RULE_PARTY_DROP, STATUS_FAILURE);
  callOnce<M>(machine, now, slot, OP_CALL, request, where, STATUS_NONE, STATUS_FAILURE, handles);
}

/** The service of a party's adding or dropping has ended. */
export function finishParty<M>(machine: usize, now: u32, party: u32): void {
  const slot = slotOf(machine, KIND_PARTY, party);
  const vc = vcOf(machine, party);
  const adds = stateOf(machine, KIND_PARTY, party) == PARTY_ADDING;
  if (!adds && strikesObject(machine, FAULT_LOST_DROP_COMPLETION, KIND_PARTY, party)) return;
  if (!adds && isLate(machine, now, KIND_PARTY, party)) blame<M>(machine, now, slot, RULE_PARTY_DROP, STATUS_SUCCESS);
  const operation = adds ? OPERATION_ADD : OPERATION_DROP;
  const handles = partyHandles(machine, party);
  const where = managerPlace<M>(machine, slot);
  completeOperation<M>(machine, now, slot, operation, where, handles, STATUS_SUCCESS, STATUS_SUCCESS);
  change(machine, now, KIND_PARTY, party, adds ? CHANGE_ADDING_COMPLETED : CHANGE_DROPPING_COMPLETED);
  if (vcNotes(machine, vc, VC_ENDING)) advance<M>(machine, now, slot, vc, clientPlace<M>(machine, slot));
}
