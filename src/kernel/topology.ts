/** How many of everything a run has; `afs` of all machines together. */
export interface Topology {
  readonly machines: number;
  readonly adaptersPerMachine: number;
  readonly clientsPerAdapter: number;
  readonly afs: number;
}

/** AF index of a machine's first slot. */
export function firstAfOf({ afs, machines }: Topology, machine: number): number {
  return Math.floor((machine * afs) / machines);
}

/** Slots of a machine. */
export function slotCountOf(topology: Topology, machine: number): number {
  return firstAfOf(topology, machine + 1) - firstAfOf(topology, machine);
}

/** floor(2^32 adapters / slots), by which a slot is placed (src/contract/MODEL.md "Objects"). */
export function adapterScaleOf(adaptersPerMachine: number, slots: number): bigint {
  return (BigInt(adaptersPerMachine) << 32n) / BigInt(slots);
}

/** Adapter of a slot, and its client counted through the machine. */
export function placeOfSlot(
  { adaptersPerMachine, clientsPerAdapter }: Topology,
  slots: number,
  slot: number,
): { readonly adapter: number; readonly client: number } {
  const place = BigInt(slot) * adapterScaleOf(adaptersPerMachine, slots);
  const adapter = Number(place >> 32n);
  const within = Number(((place & 0xffffffffn) * BigInt(clientsPerAdapter)) >> 32n);
  return { adapter, client: adapter * clientsPerAdapter + within };
}
