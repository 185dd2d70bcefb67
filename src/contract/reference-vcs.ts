import type { ReferenceObjectDrivers } from "./reference-object-drivers.js";
import { atClient } from "./reference-object-trace.js";
import type { Vc } from "./reference-objects.js";
import type { ReferenceOperations } from "./reference-operations.js";
import { isOpen, type Slot } from "./reference-parts.js";
import type { ReferenceVcCalls } from "./reference-vc-calls.js";

const FAILURE = "NDIS_STATUS_FAILURE";

/** What VCs lead to. */
export interface VcSteps {
  /** Lets something happen, and what follows from it. */
  readonly after: (ticks: number, slot: Slot, happen: () => void) => void;
  /** Whether no call is begun any more. */
  readonly isDraining: () => boolean;
  /** The client makes a call on a VC that it has created. */
  readonly make: (vc: Vc) => void;
  /** The call manager has a call for a client, for which it has created a VC. */
  readonly receive: (vc: Vc) => void;
  /** The time of a call is over. */
  readonly end: (vc: Vc) => void;
  /** A VC has gone from an AF. */
  readonly gone: (slot: Slot) => void;
}

/** VCs, from their creation to their deletion, and when their calls begin and end (MODEL-OBJECTS.md, "Life"). */
export class ReferenceVcs {
  constructor(
    readonly drivers: ReferenceObjectDrivers,
    readonly operations: ReferenceOperations,
    readonly calls: ReferenceVcCalls,
    /** A VC with this generation is not created again. */
    readonly generationMax: number,
    readonly steps: VcSteps,
  ) {}

  /** The AF of a VC was opened, or its last call is over: when it has the next one. */
  waitForCall(vc: Vc): void {
    this.#wait(vc, this.drivers.luck.gap(vc));
  }

  /** A call is connected: when it ends. */
  waitForEnd(vc: Vc): void {
    this.#wait(vc, this.drivers.luck.lasts(vc));
  }

  /** The driver that a VC is for deletes it. */
  delete(vc: Vc): void {
    const { slot } = vc;
    if (vc.state === "closed" && vc.isOutgoing && this.drivers.strikes("reuse-vc", vc)) this.#reuse(vc);
    this.calls.delete(vc);
    this.drivers.transition<"vc">(vc, "deleted");
    if (isOpen(slot)) this.waitForCall(vc);
    this.steps.gone(slot);
  }

  /** The client makes another call on a VC whose call was closed. */
  #reuse(vc: Vc): void {
    const where = atClient(vc.slot);
    if (this.drivers.drivers.contract.vcReuse === "allowed") this.operations.askAndFail("make", vc, where);
    else this.operations.askInVain("make", vc, where, FAILURE);
  }

  #wait(vc: Vc, ticks: number): void {
    const { slot } = vc;
    const { clock } = this.drivers.drivers;
    const length = Math.max(1, ticks);
    // The client closes the AF before that.
    if (vc.running || clock.now + length >= slot.holdDueTick) return;
    vc.running = clock.now + length < clock.horizon;
    this.steps.after(length, slot, () => this.#line(vc));
  }

  #line(vc: Vc): void {
    vc.running = false;
    if (vc.state === "vacant") this.#start(vc);
    else if (vc.state === "connected" && !vc.ending) this.#end(vc);
  }

  #end(vc: Vc): void {
    vc.ending = true;
    vc.remote = this.drivers.luck.endsRemotely(vc);
    const hasParties = vc.parties.some(({ state }) => state === "connected");
    if (!vc.remote && hasParties && this.drivers.strikes("close-with-parties", vc))
      this.operations.askAndFail("close", vc, atClient(vc.slot));
    this.steps.end(vc);
  }

  #start(vc: Vc): void {
    const { slot } = vc;
    if (!isOpen(slot) || this.steps.isDraining() || vc.generation === this.generationMax) return;
    vc.generation++;
    vc.ending = false;
    vc.remote = false;
    if (vc.isOutgoing && this.drivers.strikes("create-pending", vc)) {
      this.calls.createPended(vc);
      this.waitForCall(vc);
      return;
    }
    this.calls.create(vc);
    this.drivers.transition<"vc">(vc, "created");
    vc.active = false;
    slot.left++;
    if (vc.isOutgoing) this.steps.make(vc);
    else this.steps.receive(vc);
  }
}
