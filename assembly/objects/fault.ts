// Mistakes with SAPs, VCs, calls and parties (src/contract/MODEL-OBJECTS.md "Faults"): whether one strikes.
import { MACHINE_OBJECTS } from "../abi/layout";
import { OBJECTS_FAULT_KINDS } from "../abi/object-layout";
import { OBJECT_FAULT_FIRST } from "../abi/object-codes";
import { isStruck } from "../ndis/faults";
import { generationOf, slotOf } from "./table";

/** Whether a fault of a kind strikes at its opportunity in this life of an object. */
@inline
export function strikesObject(machine: usize, fault: u32, kind: u32, index: u32): bool {
  const kinds = load<u64>(load<u32>(machine, MACHINE_OBJECTS), OBJECTS_FAULT_KINDS);
  if (((kinds >>> (fault - OBJECT_FAULT_FIRST)) & 1) == 0) return false;
  return isStruck(machine, fault, slotOf(machine, kind, index), index, generationOf(machine, kind, index));
}
