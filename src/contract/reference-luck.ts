import { type CountTable, sampleCount } from "./count-table.js";
import { draw, drawNumbered, machineKey, PURPOSE, saysYes } from "./draw.js";
import type { ReferenceSetup } from "./reference-layout.js";
import type { CallManager, Slot } from "./reference-parts.js";
import { sampleTicks, sampleValue, type SamplerTable } from "./sampler.js";

type Purpose = keyof typeof PURPOSE;

/** What is on an AF until its client closes it. */
export interface Work {
  readonly vcs: number;
  readonly saps: number;
}

/** What chance decides on one machine: all draws but those of faults (MODEL.md, "Draws" and "Samples"). */
export class ReferenceLuck {
  readonly #keys: Readonly<Record<Purpose, bigint>>;

  constructor(
    readonly setup: ReferenceSetup,
    machine: number,
  ) {
    const { seed } = setup.scenario;
    this.#keys = Object.fromEntries(
      Object.entries(PURPOSE).map(([purpose, number]) => [purpose, machineKey(seed, machine, number)]),
    ) as Record<Purpose, bigint>;
  }

  hold(slot: Slot): number {
    return this.#ticks(slot, "hold", this.setup.hold);
  }

  think(slot: Slot): number {
    return this.#ticks(slot, "think", this.setup.think);
  }

  openService(slot: Slot): number {
    return this.#ticks(slot, "openService", slot.callManager.profile.openService);
  }

  closeService(slot: Slot): number {
    return this.#ticks(slot, "closeService", slot.callManager.profile.closeService);
  }

  /** How long the call manager takes to tear down a VC or SAP of this number. */
  teardown(slot: Slot, of: "vc" | "sap", n: number): number {
    return this.#ticks(slot, `${of}Teardown`, slot.callManager.profile.teardownService, n);
  }

  openPends(slot: Slot): boolean {
    return this.#says(slot, "openPends", slot.callManager.profile.openPendThreshold);
  }

  /** Whether the open of a generation, by default the current one, fails or has failed. */
  openFails(slot: Slot, generation = slot.generation): boolean {
    return this.#says(slot, "openFails", slot.callManager.profile.openFailThreshold, generation);
  }

  /** What is on the AF of a generation, by default the current one. */
  work(slot: Slot, generation = slot.generation): Work {
    const { vcs, saps } = this.setup.outstanding;
    return { vcs: this.#count(slot, "vcs", vcs, generation), saps: this.#count(slot, "saps", saps, generation) };
  }

  hasWork(slot: Slot, generation = slot.generation): boolean {
    const { vcs, saps } = this.work(slot, generation);
    return vcs + saps > 0;
  }

  /** Whether the call manager pends the close of a generation, by default the current one, also with no work left. */
  closePends(slot: Slot, generation = slot.generation): boolean {
    return this.#says(slot, "closePends", slot.callManager.profile.closePendThreshold, generation);
  }

  /** Whether such a close is completed inside ProtocolCmCloseAf. */
  closesInline(slot: Slot): boolean {
    return this.#says(slot, "inline", slot.callManager.profile.inlineThreshold);
  }

  /** Whether the call manager refuses the close of a generation, by default the current one, while work is left. */
  closeRefused(slot: Slot, generation = slot.generation): boolean {
    return this.#says(slot, "closeRefused", slot.callManager.profile.refuseThreshold, generation);
  }

  clientWaits(slot: Slot): boolean {
    return this.#says(slot, "clientWaits", this.setup.waitThreshold);
  }

  /** Whether the client pends a close notification before it closes. */
  notifyPends(slot: Slot): boolean {
    return this.#says(slot, "notifyPends", this.setup.notifyPendThreshold);
  }

  /** 64 bits for a choice of a server that takes its next close at random. */
  serverChoice({ adapter }: CallManager, choice: number): bigint {
    return draw(this.#keys.serverChoice, adapter, choice % 2 ** 27, 0);
  }

  /** The gap before the arrival of this number, in ticks with 16 binary places. */
  arrivalGap(gap: SamplerTable, arrival: number): bigint {
    return sampleValue(gap, drawNumbered(this.#keys.arrival, BigInt(arrival)));
  }

  #ticks(slot: Slot, purpose: Purpose, table: SamplerTable, n = 0): number {
    return sampleTicks(table, draw(this.#keys[purpose], slot.index, slot.generation, n));
  }

  #says(slot: Slot, purpose: Purpose, threshold: number, generation = slot.generation): boolean {
    return threshold > 0 && saysYes(draw(this.#keys[purpose], slot.index, generation, 0), threshold);
  }

  #count(slot: Slot, purpose: "vcs" | "saps", table: CountTable, generation: number): number {
    // Most scenarios have no work, and a draw takes its time.
    return table.length === 0 ? 0 : sampleCount(table, draw(this.#keys[purpose], slot.index, generation, 0));
  }
}
