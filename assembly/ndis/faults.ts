// Mistakes that a scenario makes drivers commit (src/contract/MODEL.md "Faults"): where they strike, and what they change of a
// call that is made anyway.
import {
  CM_PROFILE,
  FAULT_AFS,
  FAULT_BYTES,
  FAULT_KIND,
  FAULT_RATE,
  MACHINE_FAULTS,
  MACHINE_FAULT_COUNT,
  MACHINE_FAULT_KINDS,
  PROFILE_CLOSE_COMPLETE,
} from "../abi/layout";
import {
  CALL_CM_CLOSE_COMPLETE,
  CALL_MCM_CLOSE_COMPLETE,
  FAULT_COMPLETION_STATUS,
  FAULT_OPEN_COMPLETION_STATUS,
  FAULT_WRONG_FAMILY,
  PURPOSE_FAULT,
  STATUS_FAILURE,
  STATUS_PENDING,
  STATUS_SUCCESS,
} from "../abi/codes";
import { happens } from "../core/random";

/** Whether any fault of these kinds, a bit each, is in the scenario. Not for those of objects (objects/fault.ts). */
@inline
export function hasFaults(machine: usize, kinds: u64): bool {
  return (load<u64>(machine, MACHINE_FAULT_KINDS) & kinds) != 0;
}

/** Whether a fault of a kind strikes at its opportunity in this generation of a slot. */
@inline
export function strikes(machine: usize, kind: u32, slot: u32, generation: u32): bool {
  return hasFaults(machine, (1 as u64) << kind) && isStruck(machine, kind, slot, slot, generation);
}

/** The same of an object of a slot, the slot itself or what is on its AF. */
export function isStruck(machine: usize, kind: u32, slot: u32, object: u32, generation: u32): bool {
  const count = load<u32>(machine, MACHINE_FAULT_COUNT);
  for (let i: u32 = 0; i < count; i++) {
    const fault = (load<u32>(machine, MACHINE_FAULTS) + i * FAULT_BYTES) as usize;
    if (load<u32>(fault, FAULT_KIND) != kind) continue;
    const afs = load<u32>(fault, FAULT_AFS);
    const struck = afs
      ? (((load<u8>(afs + (slot >>> 3)) as u32) >>> (slot & 7)) & 1) != 0
      : happens(machine, PURPOSE_FAULT + i, object, generation, load<u64>(fault, FAULT_RATE));
    if (struck) return true;
  }
  return false;
}

/** The call by which a pended close of this generation is completed: its kind's own, or by mistake the other one. */
@inline
export function closeCompletionOf(machine: usize, callManager: usize, slot: u32, generation: u32): u32 {
  const call = load<u32>(load<u32>(callManager, CM_PROFILE), PROFILE_CLOSE_COMPLETE);
  if (!strikes(machine, FAULT_WRONG_FAMILY, slot, generation)) return call;
  return call == CALL_MCM_CLOSE_COMPLETE ? CALL_CM_CLOSE_COMPLETE : CALL_MCM_CLOSE_COMPLETE;
}

/** The status that it passes. */
@inline
export function closeStatusOf(machine: usize, slot: u32, generation: u32): u32 {
  return strikes(machine, FAULT_COMPLETION_STATUS, slot, generation) ? STATUS_FAILURE : STATUS_SUCCESS;
}

/** The status that the completion of a pended open passes, where it should pass `status`. */
export function openStatusOf(machine: usize, slot: u32, generation: u32, status: u32): u32 {
  return strikes(machine, FAULT_OPEN_COMPLETION_STATUS, slot, generation) ? STATUS_PENDING : status;
}
