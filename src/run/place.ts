import { firstAfOf, slotCountOf, SlotPlaces, type Topology } from "../kernel/topology.js";
import type { Violation } from "../measure/outcome.js";

/** Adapter, within its machine, of a violation's slot. */
export function adapterOf({ machine, slot }: Violation, topology: Topology): number {
  return new SlotPlaces(topology, slotCountOf(topology, machine)).placeOf(slot).adapter;
}

/** Index of a violation's slot through all machines. */
export function afIndexOf({ machine, slot }: Violation, topology: Topology): number {
  return firstAfOf(topology, machine) + slot;
}
