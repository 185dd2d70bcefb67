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

/** The first slot of each adapter of a machine, or where it would be, and after the last one the number of slots. */
export function firstSlotsOf(adaptersPerMachine: number, slots: number): number[] {
  const scale = adapterScaleOf(adaptersPerMachine, slots);
  return Array.from({ length: adaptersPerMachine + 1 }, (_, adapter) =>
    Math.min(Number(((BigInt(adapter) << 32n) + scale - 1n) / scale), slots),
  );
}

/** An adapter and a client, both counted through the machine. */
export interface Place {
  readonly adapter: number;
  readonly client: number;
}

/**
 * Where the slots of one machine belong. The products stay below 2^48 (adapters a machine and clients an adapter are at
 * most 2^16), so that plain numbers hold them exactly.
 */
export class SlotPlaces {
  readonly #scale: number;
  readonly #clientsPerAdapter: number;

  constructor({ adaptersPerMachine, clientsPerAdapter }: Topology, slots: number) {
    this.#scale = Number(adapterScaleOf(adaptersPerMachine, slots));
    this.#clientsPerAdapter = clientsPerAdapter;
  }

  placeOf(slot: number): Place {
    const adapter = Math.floor((slot * this.#scale) / 2 ** 32);
    const within = (slot * this.#scale) % 2 ** 32;
    const client = adapter * this.#clientsPerAdapter + Math.floor((within * this.#clientsPerAdapter) / 2 ** 32);
    return { adapter, client };
  }

  placeOfClient(client: number): Place {
    return { adapter: Math.floor(client / this.#clientsPerAdapter), client };
  }
}
