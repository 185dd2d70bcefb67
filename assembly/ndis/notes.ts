// Bits that are noted of slots and of clients; what each says stands in abi/codes.ts.
import { CLIENT_BYTES, CLIENT_NOTES, MACHINE_CLIENTS, MACHINE_NOTES } from "../abi/layout";

/** Address of a slot's notes. Only in scenarios with a halt. */
@inline
function slotNotesAt(machine: usize, slot: u32): usize {
  return (load<u32>(machine, MACHINE_NOTES) + slot) as usize;
}

/** Those of some notes that a slot has; none in scenarios without a halt. */
@inline
export function slotNotes(machine: usize, slot: u32, notes: u32): u32 {
  return load<u32>(machine, MACHINE_NOTES) ? load<u8>(slotNotesAt(machine, slot)) & notes : 0;
}

/** Gives a slot a note. Only in scenarios with a halt. */
@inline
export function addSlotNote(machine: usize, slot: u32, note: u32): void {
  const at = slotNotesAt(machine, slot);
  store<u8>(at, (load<u8>(at) | note) as u8);
}

/** Takes notes of a slot back. */
@inline
export function clearSlotNotes(machine: usize, slot: u32, notes: u32): void {
  if (load<u32>(machine, MACHINE_NOTES) == 0) return;
  const at = slotNotesAt(machine, slot);
  store<u8>(at, (load<u8>(at) & ~notes) as u8);
}

@inline
function clientNotesAt(machine: usize, client: u32): usize {
  return (load<u32>(machine, MACHINE_CLIENTS) + client * CLIENT_BYTES + CLIENT_NOTES) as usize;
}

/** Those of some notes that a client has. */
@inline
export function clientNotes(machine: usize, client: u32, notes: u32): u32 {
  return load<u16>(clientNotesAt(machine, client)) & notes;
}

/** Takes `cleared` notes of a client back, and gives it `added` ones. */
@inline
export function setClientNotes(machine: usize, client: u32, cleared: u32, added: u32): void {
  const at = clientNotesAt(machine, client);
  store<u16>(at, ((load<u16>(at) & ~cleared) | added) as u16);
}
