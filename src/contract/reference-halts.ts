import type { Phase } from "../scenario/scenario.js";
import { isStandalone, type ReferenceAdapterCalls } from "./reference-adapter-calls.js";
import { boundCallManager } from "./reference-binding-calls.js";
import type { ReferenceDrivers } from "./reference-drivers.js";
import type { ReferenceNotifications } from "./reference-notifications.js";
import { type CallManager, isOpen, isTearing, isUnderWay, type Slot } from "./reference-parts.js";
import type { Frame, Place } from "./reference-trace.js";

/** Whether a halt waits for a slot: for its open or close, for the notification that its client has not completed, or because it was forgotten. */
function isWaitedFor(slot: Slot): boolean {
  return isUnderWay(slot) || slot.owesNotification || slot.forgotten;
}

/** How the adapters of one machine halt (MODEL-DRIVERS.md, "Halt"). */
export class ReferenceHalts {
  constructor(
    readonly drivers: ReferenceDrivers,
    readonly calls: ReferenceAdapterCalls,
    readonly notifications: ReferenceNotifications,
    readonly callManagers: readonly CallManager[],
    /** Number of the machine's first adapter among those of all machines. */
    readonly firstAdapter: number,
  ) {}

  /** A halt, as a phase. */
  apply({ adapters }: Extract<Phase, { readonly kind: "halt" }>): void {
    for (const callManager of this.callManagers) {
      const adapter = this.firstAdapter + callManager.adapter;
      if (callManager.halted || !adapters.some(({ from, to }) => from <= adapter && adapter <= to)) continue;
      this.#halt(callManager);
    }
  }

  /** A slot of a halted adapter is done with, unless its client still owes the completion of a notification. */
  leave({ callManager, owesNotification }: Slot): void {
    if (callManager.live === 0 || owesNotification) return;
    callManager.live--;
    if (callManager.live === 0) this.#scheduleDone(callManager);
  }

  #halt(callManager: CallManager): void {
    callManager.halted = true;
    const frame = this.calls.beginHalt(this.drivers.clock.now, callManager);
    this.#notifyAll(callManager, frame);
    const waitedFor = callManager.slots.filter(isWaitedFor);
    callManager.live = waitedFor.length;
    if (isStandalone(callManager)) this.#pendUnbind(callManager, frame, waitedFor);
    else callManager.haltFrame = frame;
    if (callManager.live === 0) this.#scheduleDone(callManager);
  }

  /** The walk: the call manager goes through its list of AFs. */
  #notifyAll({ slots, profile }: CallManager, frame: Frame): void {
    const { notifications } = this;
    /** The last AF notified of, unless one was skipped after it. */
    let last: Slot | null = null;
    for (const slot of slots) {
      if (isOpen(slot)) {
        // Its neighbour has just left the list, which changes under the walk.
        if (last?.state === "vacant" && this.drivers.strikes("walk-skips", slot)) {
          notifications.forget(slot);
          last = null;
        } else {
          notifications.notify(slot, frame);
          last = slot;
        }
      } else if (slot.state === "closePended" && profile.source.notify.closing) {
        notifications.notifyClosing(slot, frame);
      } else if (slot.state === "refused" || isTearing(slot)) {
        notifications.notifyRefused(slot, frame);
      }
    }
  }

  /** A stand-alone call manager returns from ProtocolUnbindAdapterEx, perhaps after it has closed the adapter too early. */
  #pendUnbind(callManager: CallManager, frame: Frame, [lowest]: readonly Slot[]): void {
    const { now } = this.drivers.clock;
    const { bindings } = this.calls;
    if (lowest !== undefined && this.drivers.strikes("cm-early-close-adapter", lowest)) {
      this.drivers.breaks(lowest, "close/adapter");
      bindings.closeAdapterEarly(now, boundCallManager(callManager), frame);
      callManager.closedEarly = true;
    }
    bindings.endUnbind(now, frame);
  }

  #scheduleDone(callManager: CallManager): void {
    this.drivers.clock.after(0, () => this.#done(callManager));
  }

  /** Nothing is left on the adapter. */
  #done(callManager: CallManager): void {
    const { now } = this.drivers.clock;
    const { haltFrame } = callManager;
    if (haltFrame === null) this.#unbound(callManager);
    else this.calls.endMiniportHalt(now, haltFrame);
  }

  /** Where a stand-alone call manager closes the adapter, judged. */
  #placeOfClose({ threadPlace, slots: [lowest] }: CallManager): Place {
    if (lowest === undefined || !this.drivers.strikes("cm-close-adapter-irql", lowest)) return threadPlace;
    const place: Place = { ...threadPlace, irql: "DISPATCH_LEVEL" };
    this.drivers.judgeLast(lowest, { call: "NdisCloseAdapterEx", place });
    return place;
  }

  #unbound(callManager: CallManager): void {
    const { now } = this.drivers.clock;
    const { bindings } = this.calls;
    const driver = boundCallManager(callManager);
    if (callManager.closedEarly) bindings.completeCloseAdapter(now, driver);
    else bindings.closeAdapter(now, driver, this.#placeOfClose(callManager));
    callManager.closedEarly = false;
    bindings.completeUnbind(now, driver);
  }
}
