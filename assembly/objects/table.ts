// Tables of SAPs, VCs and parties: further tables of handles, without a free list. An object's place in its table follows from its slot, and
// its state changes by the transitions that the host wrote (src/contract/MODEL-OBJECTS.md "Objects" and "Transitions").
import { AF_WORD, MACHINE_LEFT, MACHINE_OBJECTS, STATE_BITS, STATE_MASK } from "../abi/layout";
import {
  OBJECTS_NOTES,
  OBJECTS_OUTGOING,
  OBJECTS_PARTIES,
  OBJECTS_PER_SLOT,
  OBJECTS_SHARED,
  OBJECTS_TABLES,
  OBJECT_SHIFT,
  OBJECT_SINCE,
  OBJECT_WORD,
  SHARED_CHANGES,
  SHARED_COUNTS,
} from "../abi/object-layout";
import { TRAP_TRANSITION } from "../abi/codes";
import { CHANGE_FIRST, KIND_VC, NOTE_TEARING } from "../abi/object-codes";
import { trap } from "../core/assert";
import { fold } from "../measure/digest";
import { addTotal } from "../ndis/counts";
import { slotNotes } from "../ndis/notes";
import { adapterOf, callManagerOf, placeOf, recordOf } from "../table/handle-table";

/** Whether AFs have objects. */
@inline
export function hasObjects(machine: usize): bool {
  return load<u32>(machine, MACHINE_OBJECTS) != 0;
}

/** Header of a machine's objects. Here and below only in scenarios that have them. */
@inline
function objectsOf(machine: usize): usize {
  return load<u32>(machine, MACHINE_OBJECTS) as usize;
}

/** What the machines of a shard share of objects. */
@inline
export function sharedOf(machine: usize): usize {
  return load<u32>(objectsOf(machine), OBJECTS_SHARED) as usize;
}

/** How many objects of a kind a slot has. */
@inline
export function perSlot(machine: usize, kind: u32): u32 {
  return load<u32>(objectsOf(machine) + (kind << 2), OBJECTS_PER_SLOT);
}

/** The slot of an object. */
@inline
export function slotOf(machine: usize, kind: u32, index: u32): u32 {
  return index / perSlot(machine, kind);
}

/** The VCs of a slot that are for outgoing calls: the first ones. */
@inline
export function outgoingPerSlot(machine: usize): u32 {
  return load<u32>(objectsOf(machine), OBJECTS_OUTGOING);
}

/** Number of a VC within its slot. */
@inline
export function numberOf(machine: usize, vc: u32): u32 {
  return vc % perSlot(machine, KIND_VC);
}

@inline
export function isOutgoing(machine: usize, vc: u32): bool {
  return numberOf(machine, vc) < outgoingPerSlot(machine);
}

/** Parties that are added to an outgoing call. */
@inline
export function partiesPerCall(machine: usize): u32 {
  return load<u32>(objectsOf(machine), OBJECTS_PARTIES);
}

/** Those of a VC: none of one for incoming calls. */
@inline
export function partiesOf(machine: usize, vc: u32): u32 {
  return isOutgoing(machine, vc) ? partiesPerCall(machine) : 0;
}

/** Index of a party of a VC, by its number in the call. */
@inline
export function partyOf(machine: usize, vc: u32, number: u32): u32 {
  return vc * (partiesPerCall(machine) + 1) + number;
}

/** The VC of a party. */
@inline
export function vcOf(machine: usize, party: u32): u32 {
  return party / (partiesPerCall(machine) + 1);
}

@inline
function objectAt(machine: usize, kind: u32, index: u32): usize {
  return (load<u32>(objectsOf(machine) + (kind << 2), OBJECTS_TABLES) + (index << OBJECT_SHIFT)) as usize;
}

@inline
export function stateOf(machine: usize, kind: u32, index: u32): u32 {
  return load<u32>(objectAt(machine, kind, index), OBJECT_WORD) & STATE_MASK;
}

@inline
export function generationOf(machine: usize, kind: u32, index: u32): u32 {
  return load<u32>(objectAt(machine, kind, index), OBJECT_WORD) >>> STATE_BITS;
}

/** Gives a vacant object the generation of the life that begins. */
@inline
export function setGeneration(machine: usize, kind: u32, index: u32, generation: u32): void {
  store<u32>(objectAt(machine, kind, index), generation << STATE_BITS, OBJECT_WORD);
}

/** Ticks since the operation on an object that is under way began. */
@inline
export function ageOf(machine: usize, now: u32, kind: u32, index: u32): u32 {
  return now - load<u32>(objectAt(machine, kind, index), OBJECT_SINCE);
}

/** An operation on an object begins. */
@inline
export function setSince(machine: usize, now: u32, kind: u32, index: u32): void {
  store<u32>(objectAt(machine, kind, index), now, OBJECT_SINCE);
}

@inline
function vcNotesAt(machine: usize, vc: u32): usize {
  return (load<u32>(objectsOf(machine), OBJECTS_NOTES) + vc) as usize;
}

/** Those of some notes that a VC has. */
@inline
export function vcNotes(machine: usize, vc: u32, notes: u32): u32 {
  return load<u8>(vcNotesAt(machine, vc)) & notes;
}

/** Takes `cleared` notes of a VC back, and gives it `added` ones. */
@inline
export function setVcNotes(machine: usize, vc: u32, cleared: u32, added: u32): void {
  const at = vcNotesAt(machine, vc);
  store<u8>(at, ((load<u8>(at) & ~cleared) | added) as u8);
}

/** Whether the client of a slot takes down what is on its AF, to close it. */
@inline
export function isTearing(machine: usize, slot: u32): bool {
  return slotNotes(machine, slot, NOTE_TEARING) != 0;
}

/** SAPs and VCs of a slot that are not vacant. */
@inline
export function changeLeft(machine: usize, slot: u32, change: i32): u32 {
  const at = (load<u32>(machine, MACHINE_LEFT) + slot) as usize;
  const left = load<u8>(at) + change;
  store<u8>(at, left as u8);
  return left;
}

/** State word of a slot's AF. */
@inline
export function afWordOf(machine: usize, slot: u32): u32 {
  return load<u32>(recordOf(machine, slot), AF_WORD);
}

@inline
export function callManagerOfSlot(machine: usize, slot: u32): usize {
  return callManagerOf(machine, adapterOf(placeOf(machine, slot)));
}

/** Takes an object through a transition. */
export function change(machine: usize, now: u32, kind: u32, index: u32, transition: u32): void {
  const shared = sharedOf(machine);
  const number = transition - CHANGE_FIRST;
  const row = load<u32>(shared + (number << 2), SHARED_CHANGES);
  const record = objectAt(machine, kind, index);
  const word = load<u32>(record, OBJECT_WORD);
  const state = word & STATE_MASK;
  if (((row >>> state) & 1) == 0) trap(TRAP_TRANSITION, (transition << 8) | state);
  const next = word - state + ((row >>> 16) & 0xff);
  store<u32>(record, next, OBJECT_WORD);
  fold(callManagerOfSlot(machine, slotOf(machine, kind, index)), now, index, next, (transition << 8) | (row >>> 24));
  addTotal(shared + SHARED_COUNTS + (number << 3), 1);
}
