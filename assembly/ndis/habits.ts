// Mistakes that habits of call managers invite and that need their memory (src/contract/MODEL-DRIVERS.md "Habits"): a flag of pended
// closes, the handle of the last one, a lock.
import { CM_HALTED, CM_LAST_GENERATION, CM_LAST_SLOT, CM_NOTES } from "../abi/layout";
import {
  FAULT_HALTED_COMPLETION,
  FAULT_LOCK_DEADLOCK,
  FAULT_LOST_COMPLETION,
  FAULT_ONE_HANDLE,
  FAULT_SHARED_FLAG,
  NOTE_DEADLOCKED,
  NOTE_FLAG,
} from "../abi/codes";
import { extraCloseCompletion } from "./extra-calls";
import { hasFaults, strikes } from "./faults";

const DROPPING: u64 =
  (1 << FAULT_LOST_COMPLETION) |
  (1 << FAULT_HALTED_COMPLETION) |
  (1 << FAULT_SHARED_FLAG) |
  (1 << FAULT_ONE_HANDLE);

@inline
function addNote(callManager: usize, note: u32): void {
  store<u32>(callManager, load<u32>(callManager, CM_NOTES) | note, CM_NOTES);
}

/** A close of the call manager has been pended. */
@inline
export function notePended(machine: usize, callManager: usize): void {
  if (hasFaults(machine, (1 as u64) << FAULT_SHARED_FLAG)) addNote(callManager, NOTE_FLAG);
}

/** The client was told of a pended close. */
export function noteTold(machine: usize, slot: u32, generation: u32, callManager: usize): void {
  store<u32>(callManager, slot + 1, CM_LAST_SLOT);
  store<u32>(callManager, generation, CM_LAST_GENERATION);
  if (strikes(machine, FAULT_LOCK_DEADLOCK, slot, generation)) addNote(callManager, NOTE_DEADLOCKED);
}

/** Whether the call manager holds a lock for good and completes nothing any more. */
@inline
export function isDeadlocked(machine: usize, callManager: usize): bool {
  if (!hasFaults(machine, (1 as u64) << FAULT_LOCK_DEADLOCK)) return false;
  return (load<u32>(callManager, CM_NOTES) & NOTE_DEADLOCKED) != 0;
}

/** Whether by mistake the completion of a close whose service has ended is never called. */
@inline
export function drops<M>(machine: usize, now: u32, slot: u32, generation: u32, callManager: usize): bool {
  return hasFaults(machine, DROPPING) && isDropped<M>(machine, now, slot, generation, callManager);
}

function isDropped<M>(machine: usize, now: u32, slot: u32, generation: u32, callManager: usize): bool {
  if (strikes(machine, FAULT_LOST_COMPLETION, slot, generation)) return true;
  if (load<u32>(callManager, CM_HALTED) && strikes(machine, FAULT_HALTED_COMPLETION, slot, generation)) return true;
  const notes = load<u32>(callManager, CM_NOTES);
  store<u32>(callManager, notes & ~NOTE_FLAG, CM_NOTES);
  if ((notes & NOTE_FLAG) == 0 && strikes(machine, FAULT_SHARED_FLAG, slot, generation)) return true;
  const last = load<u32>(callManager, CM_LAST_SLOT);
  if (last == 0 || !strikes(machine, FAULT_ONE_HANDLE, slot, generation)) return false;
  extraCloseCompletion<M>(machine, now, last - 1, load<u32>(callManager, CM_LAST_GENERATION), callManager);
  return true;
}
