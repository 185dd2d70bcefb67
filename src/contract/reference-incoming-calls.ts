import type { ReferenceActivations } from "./reference-activations.js";
import type { ReferenceObjectDrivers } from "./reference-object-drivers.js";
import { atCallManager } from "./reference-object-trace.js";
import type { Vc } from "./reference-objects.js";
import type { ReferenceOperations } from "./reference-operations.js";
import type { Slot } from "./reference-parts.js";
import type { ReferenceVcCalls } from "./reference-vc-calls.js";

const SUCCESS = "NDIS_STATUS_SUCCESS";
const FAILURE = "NDIS_STATUS_FAILURE";

/** What incoming calls lead to. */
export interface IncomingSteps {
  /** Lets the end of an operation's service happen, and what follows from it. */
  readonly after: (ticks: number, slot: Slot, happen: () => void) => void;
  readonly connected: (vc: Vc) => void;
  readonly delete: (vc: Vc) => void;
}

/** Calls from the network, until the client has accepted or rejected them (MODEL-OBJECTS.md, "Life"). */
export class ReferenceIncomingCalls {
  constructor(
    readonly drivers: ReferenceObjectDrivers,
    readonly operations: ReferenceOperations,
    readonly calls: ReferenceVcCalls,
    readonly activations: ReferenceActivations,
    readonly steps: IncomingSteps,
  ) {}

  /** The call manager has created a VC for a call. */
  receive(vc: Vc): void {
    if (this.drivers.strikes("dispatch-first", vc)) {
      this.#offer(vc, () => this.activations.activateAtOnce(vc, atCallManager(vc.slot)));
      return;
    }
    this.activations.activate(vc, () => this.#offer(vc));
  }

  /** It offers the call to the client. */
  #offer(vc: Vc, returned?: () => void): void {
    const { slot } = vc;
    vc.since = this.drivers.now;
    const result = this.drivers.luck.rejects(vc) ? FAILURE : SUCCESS;
    const pends = this.drivers.luck.pends(vc, "answer");
    const asked = { operation: "answer", object: vc, where: atCallManager(slot), pends, result } as const;
    this.operations.ask(returned === undefined ? asked : { ...asked, returned });
    if (!pends) {
      this.#answered(vc, result);
      return;
    }
    this.drivers.transition<"vc">(vc, "answerPended");
    this.steps.after(this.drivers.luck.service(vc, "answer"), slot, () => {
      if (this.drivers.strikes("lost-answer", vc)) return;
      this.operations.complete("answer", vc, result);
      this.#answered(vc, result);
    });
  }

  #answered(vc: Vc, result: typeof SUCCESS | typeof FAILURE): void {
    if (result === SUCCESS) {
      this.calls.dispatchConnected(vc);
      this.drivers.transition<"vc">(vc, "connected");
      this.steps.connected(vc);
    } else {
      this.activations.deactivateAtOnce(vc, atCallManager(vc.slot));
      this.drivers.transition<"vc">(vc, "callRejected");
      this.steps.delete(vc);
    }
  }
}
