import { TRACE_GENERATION, TRACE_HANDLES, TRACE_SLOT } from "../../assembly/abi/layout.js";
import {
  ADDRESS_NEIGHBOUR,
  HANDLES_ADDRESS,
  HANDLES_PARTY,
  HANDLES_SAP,
  HANDLES_VC,
  HANDLES_VC_GENERATION,
} from "../../assembly/abi/object-layout.js";
import type { SlotPlaces } from "./topology.js";

/** How many objects of each kind an AF has (src/contract/MODEL-OBJECTS.md). */
export interface ObjectCounts {
  readonly saps: number;
  readonly calls: number;
  readonly incoming: number;
  readonly parties: number;
}

/** The SAPs, VCs and parties that trace records of one machine name. */
export class ObjectHandles {
  readonly #saps: number;
  readonly #vcs: number;
  /** Of a call, with its first one. */
  readonly #parties: number;

  constructor(
    { saps, calls, incoming, parties }: ObjectCounts,
    readonly places: SlotPlaces,
  ) {
    this.#saps = saps;
    this.#vcs = calls + incoming;
    this.#parties = parties + 1;
  }

  /** The fields of the raw record at a byte offset, in their order. */
  format(records: DataView, offset: number): string {
    const at = offset + TRACE_HANDLES;
    const sap = records.getUint8(at + HANDLES_SAP);
    const number = records.getUint8(at + HANDLES_VC);
    const address = records.getUint8(at + HANDLES_ADDRESS);
    if (sap === 0 && number === 0 && address === 0) return "";
    const slot = records.getUint32(offset + TRACE_SLOT, true);
    const vc = slot * this.#vcs + number - 1;
    const generation = records.getUint32(at + HANDLES_VC_GENERATION, true);
    const party = records.getUint8(at + HANDLES_PARTY);
    return (
      (sap === 0
        ? ""
        : `,"sap":"SAP#${slot * this.#saps + sap - 1}v${records.getUint32(offset + TRACE_GENERATION, true)}"`) +
      (number === 0 ? "" : `,"vc":"VC#${vc}v${generation}"`) +
      (party === 0 ? "" : `,"party":"PARTY#${vc * this.#parties + party - 1}v${generation}"`) +
      (address === 0 ? "" : `,"address":"${this.#addressOf(slot, address)}"`)
    );
  }

  /** The SAP that a client asks for: its own, or by mistake that of the slot next to its own. */
  #addressOf(slot: number, address: number): number {
    const number = (address & ~ADDRESS_NEIGHBOUR) - 1;
    return (address < ADDRESS_NEIGHBOUR ? slot : this.#neighbourOf(slot)) * this.#saps + number;
  }

  /** The slot before the first one of a slot's client, if it is of the same adapter; else the one after its last. */
  #neighbourOf(slot: number): number {
    const { adapter, client } = this.places.placeOf(slot);
    let before = slot;
    while (before >= 0 && this.places.placeOf(before).client === client) before--;
    if (before >= 0 && this.places.placeOf(before).adapter === adapter) return before;
    let after = slot;
    while (this.places.placeOf(after).client === client) after++;
    return after;
  }
}
