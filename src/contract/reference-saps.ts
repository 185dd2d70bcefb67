import type { ReferenceObjectDrivers } from "./reference-object-drivers.js";
import { atClient, type Where } from "./reference-object-trace.js";
import type { Sap } from "./reference-objects.js";
import type { ReferenceOperations } from "./reference-operations.js";
import type { Slot } from "./reference-parts.js";

const SUCCESS = "NDIS_STATUS_SUCCESS";
const PENDING = "NDIS_STATUS_PENDING";
const FAILURE = "NDIS_STATUS_FAILURE";

/** What SAPs lead to. */
export interface SapSteps {
  /** Lets the end of an operation's service happen, and what follows from it. */
  readonly after: (ticks: number, slot: Slot, happen: () => void) => void;
  /** A SAP has gone from an AF. */
  readonly gone: (slot: Slot) => void;
}

/** SAPs, from their registration to their deregistration (MODEL-OBJECTS.md, "Life"). */
export class ReferenceSaps {
  constructor(
    readonly drivers: ReferenceObjectDrivers,
    readonly operations: ReferenceOperations,
    readonly steps: SapSteps,
  ) {}

  /** The client of an AF that is open registers one of its SAPs. */
  register(sap: Sap): void {
    const { slot } = sap;
    sap.generation = slot.generation;
    sap.since = this.drivers.now;
    const taken = this.#takenByNeighbour(sap);
    const pends = taken === null && this.drivers.luck.pends(sap, "register");
    const where = atClient(slot);
    this.operations.ask({ operation: "register", object: sap, where, pends, result: SUCCESS, address: taken ?? sap });
    this.drivers.transition<"sap">(sap, pends ? "registrationPended" : "registered");
    slot.left++;
    if (pends) this.steps.after(this.drivers.luck.service(sap, "register"), slot, () => this.#registered(sap));
  }

  /** The client gives up a SAP that is registered. */
  deregister(sap: Sap, where: Where): void {
    const { slot } = sap;
    if (slot.state === "closePended") {
      this.operations.failDeregistration(sap, where);
      this.drivers.transition<"sap">(sap, "deregisteredWhileClosing");
      this.steps.gone(slot);
      return;
    }
    sap.since = this.drivers.now;
    const pends = this.drivers.luck.pends(sap, "deregister");
    this.operations.ask({ operation: "deregister", object: sap, where, pends, result: SUCCESS });
    if (!pends) {
      this.drivers.transition<"sap">(sap, "deregistered");
      this.steps.gone(slot);
      return;
    }
    this.drivers.transition<"sap">(sap, "deregistrationPended");
    this.steps.after(this.drivers.luck.service(sap, "deregister"), slot, () => this.#deregistered(sap));
    if (this.drivers.strikes("deregister-twice", sap)) this.operations.askInVain("deregister", sap, where, FAILURE);
  }

  #registered(sap: Sap): void {
    if (!this.#completes("register", sap)) return;
    this.drivers.transition<"sap">(sap, "registrationCompleted");
    if (this.drivers.strikes("sap-completed-twice", sap)) this.operations.registerCompletedAgain(sap);
  }

  #deregistered(sap: Sap): void {
    if (!this.#completes("deregister", sap)) return;
    this.drivers.transition<"sap">(sap, "deregistrationCompleted");
    this.steps.gone(sap.slot);
  }

  /** The call manager completes what it had pended; says whether it does. */
  #completes(operation: "register" | "deregister", sap: Sap): boolean {
    if (this.drivers.strikes("lost-sap-completion", sap)) return false;
    const passed = this.drivers.strikes("sap-completion-status", sap) ? PENDING : SUCCESS;
    this.operations.complete(operation, sap, SUCCESS, passed);
    return true;
  }

  /** The SAP of a neighbour that the client asks for by mistake, and that the call manager lets it have. */
  #takenByNeighbour(sap: Sap): Sap | null {
    const other = neighbourOf(sap.slot)?.saps[sap.n];
    return other?.state === "registered" && this.drivers.strikes("sap-in-use", sap) ? other : null;
  }
}

/** A slot of another client of the same adapter: the one before all of this client's, or else the one after them. */
function neighbourOf({ binding, callManager }: Slot): Slot | undefined {
  const [lowest] = binding.slots;
  const highest = binding.slots.at(-1);
  if (lowest === undefined || highest === undefined) return undefined;
  const at = (index: number): Slot | undefined => callManager.slots.find((slot) => slot.index === index);
  return at(lowest.index - 1) ?? at(highest.index + 1);
}
