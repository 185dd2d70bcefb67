// Slots of handles, told apart by generation. A slot is vacant or occupied as its state says; its generation counts its opens
// and is never wrapped: a slot whose generations are used up is retired.
import {
  AF_SHIFT,
  AF_WORD,
  CM_BYTES,
  MACHINE_ADAPTER_SCALE,
  MACHINE_CALL_MANAGERS,
  MACHINE_CLIENTS_PER_ADAPTER,
  MACHINE_SLOTS,
  MACHINE_TABLE,
  SHARD_TRANSITIONS,
  STATE_MASK,
} from "../abi/layout";
import { TRAP_TRANSITION } from "../abi/codes";
import { trap } from "../core/assert";
import { fold } from "../measure/digest";

/** Address of a slot's record. */
@inline
export function recordOf(machine: usize, slot: u32): usize {
  return (load<u32>(machine, MACHINE_TABLE) + (slot << AF_SHIFT)) as usize;
}

/** Place of a slot among adapters (high half) and, within its adapter, among clients (low half). */
@inline
export function placeOf(machine: usize, slot: u32): u64 {
  return (slot as u64) * load<u64>(machine, MACHINE_ADAPTER_SCALE);
}

/** Number of the adapter of a place. */
@inline
export function adapterOf(place: u64): u32 {
  return (place >>> 32) as u32;
}

/** Number within the machine of the client of a place. */
@inline
export function clientOf(machine: usize, place: u64): u32 {
  return ((place * (load<u32>(machine, MACHINE_CLIENTS_PER_ADAPTER) as u64)) >>> 32) as u32;
}

/** The first slot of a client, or where it would be; the slots of a client follow each other, and so do clients and adapters. */
export function firstSlotOf(machine: usize, adapter: u32, client: u32): u32 {
  const clients = load<u32>(machine, MACHINE_CLIENTS_PER_ADAPTER) as u64;
  const scale = load<u64>(machine, MACHINE_ADAPTER_SCALE);
  const place = ((adapter as u64) << 32) + (((client as u64) << 32) + clients - 1) / clients;
  return min((place + scale - 1) / scale, load<u32>(machine, MACHINE_SLOTS) as u64) as u32;
}

/** The first slot of a client of any adapter; that of the next client is its end. */
export function firstSlotOfClient(machine: usize, client: u32): u32 {
  const clients = load<u32>(machine, MACHINE_CLIENTS_PER_ADAPTER);
  return firstSlotOf(machine, client / clients, client % clients);
}

/** Address of an adapter's call manager. */
@inline
export function callManagerOf(machine: usize, adapter: u32): usize {
  return (load<u32>(machine, MACHINE_CALL_MANAGERS) + adapter * CM_BYTES) as usize;
}

/** Number of the adapter whose call manager is at an address. */
@inline
export function adapterAt(machine: usize, callManager: usize): u32 {
  return ((callManager as u32) - load<u32>(machine, MACHINE_CALL_MANAGERS)) / CM_BYTES;
}

/** Takes an AF through a transition of the table that the host wrote; answers the new word. */
@inline
export function transit(callManager: usize, record: usize, now: u32, slot: u32, word: u32, transition: u32): u32 {
  const row = load<u32>(transition << 2, SHARD_TRANSITIONS);
  if ((word & STATE_MASK) != (row & 0xff)) trap(TRAP_TRANSITION, (transition << 8) | (word & STATE_MASK));
  const next = word - (row & 0xff) + ((row >>> 8) & 0xff);
  store<u32>(record, next, AF_WORD);
  fold(callManager, now, slot, next, row >>> 16);
  return next;
}
