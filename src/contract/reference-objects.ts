import type { ReferenceSetup } from "./reference-layout.js";
import type { Slot } from "./reference-parts.js";
import type { PartyState, SapState, VcState } from "./reference-object-states.js";

interface ObjectOf<Kind extends string, State> {
  readonly kind: Kind;
  readonly slot: Slot;
  /** In its table. */
  readonly index: number;
  generation: number;
  state: State;
  /** When the operation under way began. */
  since: number;
}

/** A SAP of an AF. */
export interface Sap extends ObjectOf<"sap", SapState> {
  /** Among those of its AF. */
  readonly n: number;
}

/** A VC of an AF, which one call after another is made on. */
export interface Vc extends ObjectOf<"vc", VcState> {
  /** The client makes its calls; else the network does. */
  readonly isOutgoing: boolean;
  /** Whose calls it carries, if they come from the network. */
  readonly sap: Sap | null;
  /** Those beside the first. */
  readonly parties: Party[];
  /** Index of the first party, which is only a handle and comes and goes with a multipoint call; null where calls have no parties. */
  firstParty: number | null;
  /** The end of its call has begun, or is to begin as soon as it is connected. */
  ending: boolean;
  /** The network ends its call. */
  remote: boolean;
  /** Its Line event is in the queue. */
  running: boolean;
  /** It was activated, and not deactivated since, or NDIS takes it so. */
  active: boolean;
}

/** A party of an outgoing call beside the first. */
export interface Party extends ObjectOf<"party", PartyState> {
  readonly vc: Vc;
}

/** What hangs on an AF. */
export type AfObject = Sap | Vc | Party;

const KIND_NAMES: Readonly<Record<AfObject["kind"], string>> = { sap: "SAP", vc: "VC", party: "PARTY" };

/** How a handle is printed. */
export function objectName({ kind, index, generation }: Pick<AfObject, "kind" | "index" | "generation">): string {
  return `${KIND_NAMES[kind]}#${index}v${generation}`;
}

/** Gives every slot of a machine its SAPs and VCs, in order. */
export function makeObjects({ objects }: ReferenceSetup, slots: readonly Slot[]): void {
  if (objects === null) return;
  const { saps, calls, incoming } = objects.source;
  for (const slot of slots) {
    for (let n = 0; n < saps; n++) slot.saps.push({ kind: "sap", slot, n, index: slot.index * saps + n, ...UNUSED });
    for (let n = 0; n < calls + incoming; n++) {
      const index = slot.index * (calls + incoming) + n;
      const isOutgoing = n < calls;
      const vc = makeVc(slot, index, isOutgoing ? null : slot.saps[(n - calls) % saps]!);
      if (isOutgoing) addParties(vc, objects.source.parties);
      slot.vcs.push(vc);
    }
  }
}

const UNUSED = { generation: 0, state: "vacant", since: 0 } as const;

function makeVc(slot: Slot, index: number, sap: Sap | null): Vc {
  const notes = { ending: false, remote: false, running: false, active: false };
  return { kind: "vc", slot, index, isOutgoing: sap === null, sap, parties: [], firstParty: null, ...UNUSED, ...notes };
}

function addParties(vc: Vc, count: number): void {
  if (count === 0) return;
  const { slot } = vc;
  vc.firstParty = vc.index * (count + 1);
  for (let n = 1; n <= count; n++) vc.parties.push({ kind: "party", slot, vc, index: vc.firstParty + n, ...UNUSED });
}

/** States in which the client has yet to close the call of a VC, or to deregister a SAP. */
const UNCLOSED: Readonly<Record<"sap" | "vc", ReadonlySet<SapState | VcState>>> = {
  sap: new Set<SapState>(["registering", "registered"]),
  vc: new Set<VcState>(["created", "calling", "activating", "offered", "connected"]),
};

/** Whether the client has yet to give it up. */
export function isUnclosed({ kind, state }: Sap | Vc): boolean {
  return UNCLOSED[kind].has(state);
}
