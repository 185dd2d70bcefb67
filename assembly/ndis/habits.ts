// Habits of drivers and the mistakes that they invite (src/contract/MODEL-DRIVERS.md "Habits"): what drivers remember for them. A mistake is
// injected by a fault, or follows from a habit of the scenario when circumstances arise.
import {
  AF_WORD,
  CM_HALTED,
  CM_HANDLE,
  CM_LAST_GENERATION,
  CM_LAST_SLOT,
  CM_NOTES,
  CM_PROFILE,
  PROFILE_IRQL,
  STATE_BITS,
  STATE_MASK,
} from "../abi/layout";
import {
  DEVICE_LEVEL,
  DISPATCH_LEVEL,
  FAULT_CLOSE_SELF_COMPLETE,
  FAULT_COMPLETION_IRQL,
  FAULT_HALTED_COMPLETION,
  FAULT_LOCK_DEADLOCK,
  FAULT_LOST_COMPLETION,
  FAULT_NO_SELF_COMPLETE,
  FAULT_ONE_HANDLE,
  FAULT_SHARED_FLAG,
  HABIT_HELD_LOCK,
  HABIT_ONE_HANDLE,
  HABIT_SHARED_FLAG,
  NOTE_DEADLOCKED,
  NOTE_FLAG,
  NOTE_OLDER_PENDING,
  NOTE_OLDER_SUCCESS,
  STATE_CLOSE_PENDED,
} from "../abi/codes";
import { clientOf, placeOf, recordOf } from "../table/handle-table";
import { extraCloseCompletion } from "./extra-calls";
import { hasFaults, strikes } from "./faults";
import { DEADLOCKING, DROPPING, FLAGGED, HELD_LOCK, IGNORED_STATUS, ONE_HANDLE, hasHabit } from "./habit-kinds";
import { clientNotes, setClientNotes } from "./notes";
import { completesNotification } from "./notify";
import { opensAgainAtOnce } from "./reopen";
import { leftOf } from "./teardown";

/** What the end of a pended close is remembered for. */
export const NOTED: u64 = (1 << FAULT_ONE_HANDLE) | DEADLOCKING;

@inline
function addNote(callManager: usize, note: u32): void {
  store<u32>(callManager, load<u32>(callManager, CM_NOTES) | note, CM_NOTES);
}

/** The call manager was asked to open an AF and has not failed at once. */
@inline
export function noteOpened(machine: usize, slot: u32, callManager: usize): void {
  if (hasFaults(machine, ONE_HANDLE)) store<u32>(callManager, slot + 1, CM_HANDLE);
}

/** A close of the call manager has been pended. */
@inline
export function notePended(machine: usize, callManager: usize): void {
  if (hasFaults(machine, FLAGGED)) addNote(callManager, NOTE_FLAG);
}

/** The client was told of a pended close. */
export function noteTold(machine: usize, slot: u32, generation: u32, callManager: usize): void {
  store<u32>(callManager, slot + 1, CM_LAST_SLOT);
  store<u32>(callManager, generation, CM_LAST_GENERATION);
  if (deadlocks(machine, slot, generation, callManager)) addNote(callManager, NOTE_DEADLOCKED);
}

/** Whether the call manager deadlocks in the completion of a close, its lock held: by mistake, or because the client calls back in. */
export function deadlocks(machine: usize, slot: u32, generation: u32, callManager: usize): bool {
  if (strikes(machine, FAULT_LOCK_DEADLOCK, slot, generation)) return true;
  if (!holdsLock(machine, callManager)) return false;
  return completesNotification(machine, slot, generation) || opensAgainAtOnce(machine, slot, callManager);
}

/** Whether the call manager completes closes with its spin lock held, and so at DISPATCH_LEVEL. */
@inline
export function holdsLock(machine: usize, callManager: usize): bool {
  return hasFaults(machine, HELD_LOCK) && hasHabit(callManager, HABIT_HELD_LOCK);
}

/** The IRQL at which the completion of a pended close is called. */
@inline
export function closeIrqlOf(machine: usize, callManager: usize, slot: u32, generation: u32): u32 {
  if (strikes(machine, FAULT_COMPLETION_IRQL, slot, generation)) return DEVICE_LEVEL;
  if (holdsLock(machine, callManager)) return DISPATCH_LEVEL;
  return load<u32>(load<u32>(callManager, CM_PROFILE), PROFILE_IRQL);
}

/** Whether the call manager holds a lock for good and completes nothing any more. */
@inline
export function isDeadlocked(machine: usize, callManager: usize): bool {
  if (!hasFaults(machine, DEADLOCKING)) return false;
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
  if ((notes & NOTE_FLAG) == 0) {
    if (hasHabit(callManager, HABIT_SHARED_FLAG) || strikes(machine, FAULT_SHARED_FLAG, slot, generation)) return true;
  }
  const last = load<u32>(callManager, CM_LAST_SLOT);
  if (last && strikes(machine, FAULT_ONE_HANDLE, slot, generation)) {
    extraCloseCompletion<M>(machine, now, last - 1, load<u32>(callManager, CM_LAST_GENERATION), callManager);
    return true;
  }
  if (!hasHabit(callManager, HABIT_ONE_HANDLE)) return false;
  const handle = load<u32>(callManager, CM_HANDLE) - 1;
  if (handle == slot) return false;
  completeHandle<M>(machine, now, handle, callManager);
  return true;
}

/** The call manager completes the close of the one handle that it has, where that is a mistake. A slot that it has opened last has its last generation. */
function completeHandle<M>(machine: usize, now: u32, slot: u32, callManager: usize): void {
  const word = load<u32>(recordOf(machine, slot), AF_WORD);
  // A close that waits for its completion gets it when its own service ends.
  if ((word & STATE_MASK) == STATE_CLOSE_PENDED && leftOf(machine, slot) == 0) return;
  extraCloseCompletion<M>(machine, now, slot, word >>> STATE_BITS, callManager);
}

/** Whether the client goes by what its last close returned, and that was `older`. */
@inline
function recalls(machine: usize, slot: u32, older: u32): bool {
  if (!hasFaults(machine, IGNORED_STATUS)) return false;
  return clientNotes(machine, clientOf(machine, placeOf(machine, slot)), older) != 0;
}

/** A close of a client has returned, pended or not, which its next one may go by. */
@inline
export function noteAnswered(machine: usize, slot: u32, pended: bool): void {
  if (!hasFaults(machine, IGNORED_STATUS)) return;
  const client = clientOf(machine, placeOf(machine, slot));
  const older = pended ? NOTE_OLDER_PENDING : NOTE_OLDER_SUCCESS;
  setClientNotes(machine, client, NOTE_OLDER_PENDING | NOTE_OLDER_SUCCESS, older);
}

/** Whether the client calls its own ProtocolClCloseAfComplete though its close is pended. */
export function completesItself(machine: usize, slot: u32, generation: u32): bool {
  return (
    recalls(machine, slot, NOTE_OLDER_SUCCESS) || strikes(machine, FAULT_CLOSE_SELF_COMPLETE, slot, generation)
  );
}

/** Whether it does not though its close is not pended. */
export function leavesItToNdis(machine: usize, slot: u32, generation: u32): bool {
  return recalls(machine, slot, NOTE_OLDER_PENDING) || strikes(machine, FAULT_NO_SELF_COMPLETE, slot, generation);
}
