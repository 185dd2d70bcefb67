import type { WorkKind } from "./calls.js";
import type { ReferenceDrivers } from "./reference-drivers.js";
import type { DriverCall } from "./reference-judge.js";
import type { Slot } from "./reference-parts.js";

/** How the VCs and SAPs on an AF are torn down, before its close or after one that came too early. */
export class ReferenceTeardowns {
  constructor(
    readonly drivers: ReferenceDrivers,
    /** The call manager has completed the last teardown on an AF. */
    readonly drained: (slot: Slot) => void,
  ) {}

  /**
   * The client closes the calls of all VCs and deregisters all SAPs; how long that takes the call manager is drawn.
   * @param from where the client is, and in which frame
   */
  tearDown(slot: Slot, from: DriverCall, order: readonly WorkKind[] = ["vc", "sap"]): void {
    const counts = this.drivers.luck.work(slot);
    slot.left = counts.vcs + counts.saps;
    slot.tornDown = true;
    for (const of of order) for (let n = 0; n < counts[`${of}s`]; n++) this.#tearDownOne(slot, of, n, from);
  }

  /** Whether a client waits for its close when it is told of the last teardown. */
  #waits(slot: Slot): boolean {
    const isLast = slot.state === "closePended" && slot.left === 1;
    const mayWait = isLast && slot.callManager.profile.source.irql === "PASSIVE_LEVEL";
    return mayWait && this.drivers.strikes("callback-wait", slot);
  }

  #tearDownOne(slot: Slot, of: WorkKind, n: number, from: DriverCall): void {
    const { clock, luck, calls } = this.drivers;
    calls.tearDown(clock.now, slot, of, from);
    clock.after(luck.teardown(slot, of, n), () => {
      const waits = this.#waits(slot);
      calls.completeTeardown(clock.now, slot, of, waits);
      if (waits) this.drivers.breaks(slot, "close/blocked", "warning");
      slot.left--;
      if (slot.left === 0) this.drained(slot);
    });
  }
}
