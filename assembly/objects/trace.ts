// Calls about SAPs, VCs and parties: each is counted, and in traced mode recorded with the handles of what it is about.
import { CM_PROFILE, PROFILE_IRQL, TOTAL_OTHER_CALLS, TRACE_HANDLES } from "../abi/layout";
import { HANDLES_PARTY, HANDLES_SAP, HANDLES_VC } from "../abi/object-layout";
import { KIND_VC } from "../abi/object-codes";
import { OP_RETURN, PASSIVE_LEVEL } from "../abi/codes";
import { isLane, isTraced } from "../engine/mode";
import { count as countOnLane } from "../live/lane";
import { write as writeOnLane } from "../live/records";
import { addTotal } from "../ndis/counts";
import { callManagerContext, clientContext, irqlOf, nextFrame, writeRecord } from "../ndis/trace";
import { afWordOf, callManagerOfSlot, generationOf, numberOf, partiesOf, partiesPerCall, vcOf } from "./table";

/** Where a call is made: who runs it (ndis/trace.ts) in the low half, the frame around it in the high half. */
@inline
export function whereOf(who: u32, parent: u32): u64 {
  return ((parent as u64) << 32) | (who as u64);
}

/** Who runs what is at a place. */
@inline
export function whoOf(where: u64): u32 {
  return where as u32;
}

/** The frame around a place. */
@inline
export function parentOf(where: u64): u32 {
  return (where >>> 32) as u32;
}

/** Inside a frame that is made at a place. */
@inline
export function inside(where: u64, frame: u32): u64 {
  return whereOf(whoOf(where), frame);
}

/** The place of a slot's client. */
@inline
export function clientPlace<M>(machine: usize, slot: u32): u64 {
  return whereOf(clientContext<M>(machine, slot, PASSIVE_LEVEL), 0);
}

/** The place of its call manager, at the level of its profile. */
@inline
export function managerPlace<M>(machine: usize, slot: u32): u64 {
  const profile = load<u32>(callManagerOfSlot(machine, slot), CM_PROFILE);
  return whereOf(callManagerContext<M>(machine, slot, load<u32>(profile, PROFILE_IRQL)), 0);
}

/** The handle of a SAP, by its number within its slot. */
@inline
export function sapHandle(number: u32): u64 {
  return ((number + 1) as u64) << (8 * HANDLES_SAP);
}

/** The handle of a VC. */
@inline
export function vcHandle(machine: usize, vc: u32): u64 {
  const number = (numberOf(machine, vc) + 1) as u64;
  return (number << (8 * HANDLES_VC)) | (generationOf(machine, KIND_VC, vc) as u64);
}

/** The handles of a VC and of a party of it, by its number in the call. */
@inline
function handlesOf(machine: usize, vc: u32, number: u32): u64 {
  return vcHandle(machine, vc) | (((number + 1) as u64) << (8 * HANDLES_PARTY));
}

/** The handles of a call: its VC and, where calls have parties, the first of them. */
@inline
export function callHandles(machine: usize, vc: u32): u64 {
  return partiesOf(machine, vc) ? handlesOf(machine, vc, 0) : vcHandle(machine, vc);
}

/** The handles of a party and its VC. */
@inline
export function partyHandles(machine: usize, party: u32): u64 {
  return handlesOf(machine, vcOf(machine, party), party % (partiesPerCall(machine) + 1));
}

function write(
  machine: usize,
  now: u32,
  slot: u32,
  op: u32,
  call: u32,
  frame: u32,
  parent: u32,
  where: u64,
  status: u32,
  handles: u64,
): void {
  const word = afWordOf(machine, slot);
  const record = writeRecord(machine, now, slot, word, op, call, frame, parent, whoOf(where), status);
  if (record) store<u64>(record, handles, TRACE_HANDLES);
}

/** Makes a call; answers its frame. */
export function makeCall<M>(
  machine: usize,
  now: u32,
  slot: u32,
  op: u32,
  call: u32,
  where: u64,
  status: u32,
  handles: u64,
): u32 {
  if (isLane<M>()) countOnLane(machine, TOTAL_OTHER_CALLS, 1);
  else addTotal(TOTAL_OTHER_CALLS, 1);
  if (!isTraced<M>()) return 0;
  const frame = nextFrame(machine);
  if (isLane<M>()) writeOnLane(machine, op, call, slot, afWordOf(machine, slot), status, frame, parentOf(where), irqlOf(whoOf(where)), handles);
  else write(machine, now, slot, op, call, frame, parentOf(where), where, status, handles);
  return frame;
}

/** Returns from it. */
export function endCall<M>(
  machine: usize,
  now: u32,
  slot: u32,
  call: u32,
  frame: u32,
  where: u64,
  status: u32,
  handles: u64,
): void {
  if (!isTraced<M>()) return;
  if (isLane<M>()) writeOnLane(machine, OP_RETURN, call, slot, afWordOf(machine, slot), status, frame, 0, irqlOf(whoOf(where)), handles);
  else write(machine, now, slot, OP_RETURN, call, frame, 0, where, status, handles);
}

/** Makes a call with a status that returns at once with `answer`. */
export function callOnce<M>(
  machine: usize,
  now: u32,
  slot: u32,
  op: u32,
  call: u32,
  where: u64,
  status: u32,
  answer: u32,
  handles: u64,
): void {
  const frame = makeCall<M>(machine, now, slot, op, call, where, status, handles);
  endCall<M>(machine, now, slot, call, frame, where, answer, handles);
}
