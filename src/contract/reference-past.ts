import type { Readings } from "../scenario/readings.js";
import type { ReferenceFaults } from "./reference-faults.js";
import type { ReferenceLuck } from "./reference-luck.js";
import type { Slot } from "./reference-parts.js";

/** What NDIS knows of lifecycles, also of those that are over, and how the contract is read. */
export class ReferencePast {
  constructor(
    readonly contract: Readings,
    readonly luck: ReferenceLuck,
    readonly faults: ReferenceFaults,
  ) {}

  /** Whether a call manager's handle has ended with the call of the completion of its close, before that returns. */
  expiresAtCall({ callManager }: Slot): boolean {
    return callManager.profile.source.kind === "standalone" || this.contract.handleExpiry === "atCall";
  }

  openFailed(slot: Slot, generation: number): boolean {
    return this.luck.openFails(slot, generation);
  }

  /** Whether the close of a generation was pended: the one that counted, if it failed at first. */
  closeWasPended(slot: Slot, generation: number): boolean {
    // With objects it also follows from what was left on the AF, which is no draw.
    if (this.luck.setup.objects !== null) return slot.lastClosePended;
    if (this.luck.closePends(slot, generation)) return true;
    return this.luck.hasWork(slot, generation) && !this.#failedAtFirst(slot, generation);
  }

  #failedAtFirst(slot: Slot, generation: number): boolean {
    const failedInNdis =
      this.contract.outstandingClose === "called" && this.faults.strikes("outstanding-close", slot.index, generation);
    return failedInNdis || this.luck.closeRefused(slot, generation);
  }
}
