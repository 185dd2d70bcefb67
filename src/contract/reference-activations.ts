import type { ReferenceObjectDrivers } from "./reference-object-drivers.js";
import { atCallManager, type Where } from "./reference-object-trace.js";
import type { Vc } from "./reference-objects.js";
import type { ReferenceOperations } from "./reference-operations.js";
import type { Slot } from "./reference-parts.js";

const SUCCESS = "NDIS_STATUS_SUCCESS";

/** How call managers activate VCs for their calls, and deactivate them after these (MODEL-OBJECTS.md, "Life"). */
export class ReferenceActivations {
  constructor(
    readonly drivers: ReferenceObjectDrivers,
    readonly operations: ReferenceOperations,
    /** Lets the end of an operation's service happen, and what follows from it. */
    readonly after: (ticks: number, slot: Slot, happen: () => void) => void,
  ) {}

  /** The call manager activates a VC, and goes on when that is done. */
  activate(vc: Vc, done: () => void): void {
    this.#ask("activate", vc, () => {
      vc.active = true;
      done();
    });
  }

  /** It deactivates a VC, and goes on when that is done. */
  deactivate(vc: Vc, done: () => void): void {
    this.#ask("deactivate", vc, () => {
      vc.active = false;
      done();
    });
  }

  /** It activates a VC, and NDIS does not pend that. */
  activateAtOnce(vc: Vc, where: Where): void {
    this.operations.ask({ operation: "activate", object: vc, where, pends: false, result: SUCCESS });
    vc.active = true;
  }

  /** It deactivates a VC, and NDIS does not pend that. */
  deactivateAtOnce(vc: Vc, where: Where): void {
    this.operations.ask({ operation: "deactivate", object: vc, where, pends: false, result: SUCCESS });
    vc.active = false;
    if (isMcm(vc.slot) && this.drivers.strikes("deactivate-twice", vc))
      this.operations.askInVain("deactivate", vc, where, "NDIS_STATUS_NOT_ACCEPTED");
  }

  #ask(operation: "activate" | "deactivate", vc: Vc, done: () => void): void {
    const { slot } = vc;
    const where = atCallManager(slot);
    const mayPend = operation === "activate" || !isMcm(slot);
    if (!mayPend || !this.drivers.luck.pends(vc, operation)) {
      if (operation === "activate") this.activateAtOnce(vc, where);
      else this.deactivateAtOnce(vc, where);
      done();
      return;
    }
    this.operations.ask({ operation, object: vc, where, pends: true, result: SUCCESS });
    this.drivers.transition<"vc">(vc, operation === "activate" ? "activationPended" : "deactivationPended");
    this.after(this.drivers.luck.service(vc, operation), slot, () => {
      this.operations.tellActivated(operation, vc);
      done();
    });
  }
}

const isMcm = ({ callManager }: Slot): boolean => callManager.profile.source.kind === "mcm";
