import { REGISTER_CALLS } from "./calls.js";
import type { FaultId } from "./faults.js";
import type { ReferenceAdapterCalls } from "./reference-adapter-calls.js";
import { boundClient } from "./reference-binding-calls.js";
import type { ReferenceDrivers } from "./reference-drivers.js";
import type { DriverCall } from "./reference-judge.js";
import type { Binding, CallManager } from "./reference-parts.js";
import type { Frame, TraceIrql } from "./reference-trace.js";

/** How the drivers of a machine come up, before any AF is opened (MODEL-DRIVERS.md, "Start"). */
export class ReferenceStart {
  constructor(
    readonly drivers: ReferenceDrivers,
    readonly calls: ReferenceAdapterCalls,
  ) {}

  /** Call managers register, clients bind, and NDIS notifies these of the registrations; all in the order of adapters. */
  run(callManagers: readonly CallManager[], bindings: readonly Binding[]): void {
    const { now } = this.drivers.clock;
    for (const callManager of callManagers) this.#comeUp(callManager);
    const { bindings: calls } = this.calls;
    const clients = bindings.map(boundClient);
    for (const client of clients) calls.endBind(now, calls.beginBind(now, client));
    for (const client of clients) calls.notifyOfRegistration(now, client);
  }

  #comeUp(callManager: CallManager): void {
    const { now } = this.drivers.clock;
    const isLate = this.#strikes("register-late", callManager);
    const frame = this.calls.beginComingUp(now, callManager);
    if (!isLate) this.#registerAll(callManager, frame);
    this.calls.endComingUp(now, frame);
    if (isLate) this.#registerAll(callManager);
  }

  /** The call manager registers, perhaps once too often. */
  #registerAll(callManager: CallManager, parent?: Frame): void {
    const irql = this.#strikes("register-irql", callManager) ? "DISPATCH_LEVEL" : "PASSIVE_LEVEL";
    this.#register(callManager, irql, parent);
    if (this.#strikes("register-twice", callManager)) this.#register(callManager, "PASSIVE_LEVEL", parent);
  }

  #register(callManager: CallManager, irql: TraceIrql, parent?: Frame): void {
    const call: DriverCall = {
      call: REGISTER_CALLS[callManager.profile.source.kind],
      place: { ...callManager.threadPlace, irql },
      ...(parent === undefined ? {} : { parent }),
    };
    const [lowest] = callManager.slots;
    // A call manager without AFs makes no mistakes.
    const rule = lowest === undefined ? null : this.drivers.judge(lowest, call);
    const answer = rule === "register/duplicate" ? "NDIS_STATUS_FAILURE" : "NDIS_STATUS_SUCCESS";
    this.calls.register(this.drivers.clock.now, callManager, call, answer);
    callManager.registered = true;
  }

  /** Mistakes in coming up are drawn for the adapter's lowest slot, which has had no lifecycle yet. */
  #strikes(fault: FaultId, { slots: [lowest] }: CallManager): boolean {
    return lowest !== undefined && this.drivers.strikes(fault, lowest);
  }
}
