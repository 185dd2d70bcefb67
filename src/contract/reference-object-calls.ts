import type { ReferenceActivations } from "./reference-activations.js";
import type { ReferenceObjectDrivers } from "./reference-object-drivers.js";
import { isVacant } from "./reference-object-judge.js";
import { atClient, inside, type Where } from "./reference-object-trace.js";
import type { Vc } from "./reference-objects.js";
import type { ReferenceOperations } from "./reference-operations.js";
import type { ReferenceParties } from "./reference-parties.js";
import type { Slot } from "./reference-parts.js";
import type { ReferenceVcCalls } from "./reference-vc-calls.js";
import type { StatusName } from "./statuses.js";

const SUCCESS = "NDIS_STATUS_SUCCESS";
const PENDING = "NDIS_STATUS_PENDING";
const FAILURE = "NDIS_STATUS_FAILURE";

/** What calls lead to. */
export interface CallSteps {
  /** Lets the end of an operation's service happen, and what follows from it. */
  readonly after: (ticks: number, slot: Slot, happen: () => void) => void;
  /** A call is connected: it ends after a time. */
  readonly waitForEnd: (vc: Vc) => void;
  /** A call is over, or has failed. */
  readonly delete: (vc: Vc) => void;
}

/** Calls: how outgoing ones are made, and how all of them end (MODEL-OBJECTS.md, "Life"). */
export class ReferenceCalls {
  constructor(
    readonly drivers: ReferenceObjectDrivers,
    readonly operations: ReferenceOperations,
    readonly calls: ReferenceVcCalls,
    readonly activations: ReferenceActivations,
    readonly parties: ReferenceParties,
    readonly steps: CallSteps,
  ) {}

  /** The client makes a call on a VC that it has created. */
  make(vc: Vc): void {
    const { slot } = vc;
    vc.since = this.drivers.now;
    const result = this.drivers.luck.callFails(vc) ? FAILURE : SUCCESS;
    const pends = this.drivers.luck.pends(vc, "make");
    this.operations.ask({
      operation: "make",
      object: vc,
      where: atClient(slot),
      pends,
      result,
      during: (ask) => {
        const activates = !pends && result === SUCCESS && !this.drivers.strikes("unactivated-call", vc);
        if (activates) this.activations.activateAtOnce(vc, inside(ask));
      },
    });
    if (!pends) {
      this.#made(vc, result);
      return;
    }
    this.drivers.transition<"vc">(vc, "callPended");
    this.steps.after(this.drivers.luck.service(vc, "make"), slot, () => this.#serveMake(vc, result));
  }

  /** A call is connected, and may be to end at once. */
  connected(vc: Vc): void {
    if (this.drivers.strikes("delete-active", vc)) this.calls.deleteInVain(vc);
    if (vc.ending) {
      this.advance(vc, atClient(vc.slot));
      return;
    }
    this.steps.waitForEnd(vc);
    for (const party of vc.parties) this.parties.add(party);
  }

  /** The end of a call that is connected goes on as far as it can: its parties are dropped, and then it is closed. */
  advance(vc: Vc, where: Where): void {
    if (vc.state !== "connected" || !vc.ending) return;
    for (const party of vc.parties) if (party.state === "connected") this.parties.drop(party, where);
    if (vc.parties.every(isVacant)) this.#close(vc, where);
  }

  /** The call manager has served a call that is to be made. */
  #serveMake(vc: Vc, result: StatusName): void {
    if (this.drivers.strikes("lost-call-completion", vc)) return;
    if (result === FAILURE || this.drivers.strikes("unactivated-call", vc)) this.#completeMake(vc, result);
    else this.activations.activate(vc, () => this.#completeMake(vc, result));
  }

  #completeMake(vc: Vc, result: StatusName): void {
    this.operations.complete("make", vc, result, this.#passedOf(vc, result));
    this.#made(vc, result);
  }

  #made(vc: Vc, result: StatusName): void {
    if (result === FAILURE) {
      this.drivers.transition<"vc">(vc, "callFailed");
      this.steps.delete(vc);
      return;
    }
    // NDIS takes it so in any case.
    vc.active = true;
    this.drivers.transition<"vc">(vc, "connected");
    this.connected(vc);
  }

  #close(vc: Vc, where: Where): void {
    if (vc.remote && this.drivers.strikes("ignored-close", vc)) {
      this.#ignoreClose(vc);
      return;
    }
    if (!vc.remote && vc.firstParty !== null && this.drivers.strikes("drop-last", vc))
      this.operations.dropFirstParty(vc, where);
    vc.since = this.drivers.now;
    const pends = this.drivers.luck.pends(vc, "close");
    const ask = (at: Where): void => this.#askToClose(vc, at, pends);
    if (vc.remote) this.calls.dispatchEnd("close", vc, ask);
    else ask(where);
    if (!pends) {
      this.#closed(vc, "callClosed");
      return;
    }
    this.drivers.transition<"vc">(vc, "callClosePended");
    this.steps.after(this.drivers.luck.service(vc, "close"), vc.slot, () => this.#serveClose(vc));
  }

  #askToClose(vc: Vc, where: Where, pends: boolean): void {
    this.operations.ask({
      operation: "close",
      object: vc,
      where,
      pends,
      result: SUCCESS,
      during: (ask) => {
        const deactivates = !pends && !this.drivers.strikes("no-deactivate", vc);
        if (deactivates) this.activations.deactivateAtOnce(vc, inside(ask));
      },
    });
  }

  /** The client is told that the network ends its call, and does not close it. */
  #ignoreClose(vc: Vc): void {
    this.calls.dispatchEnd("close", vc);
    this.drivers.drivers.breaks(vc.slot, "call/incoming-close");
    vc.ending = false;
    vc.remote = false;
  }

  /** The call manager has served a call that is to be closed. */
  #serveClose(vc: Vc): void {
    if (this.drivers.strikes("lost-call-completion", vc)) return;
    if (this.drivers.strikes("no-deactivate", vc)) this.#completeClose(vc);
    else this.activations.deactivate(vc, () => this.#completeClose(vc));
  }

  #completeClose(vc: Vc): void {
    this.operations.complete("close", vc, SUCCESS, this.#passedOf(vc, SUCCESS));
    this.#closed(vc, "callCloseCompleted");
  }

  #closed(vc: Vc, how: "callClosed" | "callCloseCompleted"): void {
    // NDIS takes it so in any case.
    vc.active = false;
    this.drivers.transition<"vc">(vc, how);
    this.steps.delete(vc);
  }

  /** What a call manager passes to the completion of a make-call or close-call. */
  #passedOf(vc: Vc, result: StatusName): StatusName {
    return this.drivers.strikes("call-completion-status", vc) ? PENDING : result;
  }
}
