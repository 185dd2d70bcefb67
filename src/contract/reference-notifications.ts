import type { Notified } from "./reference-closes.js";
import { notifyAgain, notifyCall, notifyCompletion } from "./reference-conduct.js";
import type { ReferenceDrivers } from "./reference-drivers.js";
import { isTearing, type Slot } from "./reference-parts.js";
import type { Frame } from "./reference-trace.js";
import type { StatusName } from "./statuses.js";

const SUCCESS = "NDIS_STATUS_SUCCESS";
const PENDING = "NDIS_STATUS_PENDING";
const FAILURE = "NDIS_STATUS_FAILURE";

/** What notifications lead to. */
export interface NotificationSteps {
  /** The client closes an AF, mostly because it is notified of it. */
  readonly close: (slot: Slot, notified?: Notified) => void;
}

/** How the call manager of a halted adapter has its clients close their AFs (MODEL-DRIVERS.md, "Halt"). */
export class ReferenceNotifications {
  constructor(
    readonly drivers: ReferenceDrivers,
    readonly steps: NotificationSteps,
  ) {}

  /**
   * The call manager notifies of an AF that is open.
   * @param halt the MiniportHaltEx or ProtocolUnbindAdapterEx in which it does so
   */
  notify(slot: Slot, halt?: Frame): void {
    if (this.drivers.strikes("forgotten-notify", slot)) {
      this.forget(slot);
      return;
    }
    const notification = this.#begin(slot, halt);
    const notified = this.drivers.calls.beginNotified(this.drivers.clock.now, slot, notification);
    if (this.drivers.luck.notifyPends(slot)) {
      this.#end(slot, notification, notified, PENDING);
      this.steps.close(slot, {});
    } else {
      this.steps.close(slot, { inside: notified });
      this.#end(slot, notification, notified, this.#answerAfterClose(slot, notified));
    }
    this.#completeEarly(slot);
    if (halt !== undefined && slot.state === "vacant")
      this.drivers.mistake("walk-repeats", slot, notifyAgain(slot, halt));
  }

  /** The call manager notifies of an AF whose close it has pended: NDIS knows that it is closing, and fails that. */
  notifyClosing(slot: Slot, halt: Frame): void {
    if (this.drivers.contract.notifyDuringClose === "delivered") this.notifyRefused(slot, halt);
    else this.drivers.calls.endNotification(this.drivers.clock.now, slot, this.#begin(slot, halt), FAILURE);
  }

  /** The call manager notifies of an AF that its client is closing, or will close soon, without that. */
  notifyRefused(slot: Slot, halt: Frame): void {
    const notification = this.#begin(slot, halt);
    const notified = this.drivers.calls.beginNotified(this.drivers.clock.now, slot, notification);
    this.#end(slot, notification, notified, this.#hidesThatItPends(slot) ? SUCCESS : PENDING);
    this.#completeEarly(slot);
  }

  /** The call manager does not notify of an AF that is open, which its client closes when it is unbound, and only then. */
  forget(slot: Slot): void {
    const { clock, ledger } = this.drivers;
    this.drivers.breaks(slot, "notify/required");
    if (slot.binding.state !== "bound") {
      this.steps.close(slot);
      return;
    }
    ledger.transition(clock.now, slot, "passedOverAtHalt");
    slot.forgotten = true;
  }

  /** The close of an AF has ended: a client that had pended its notification completes that with this status. */
  finish(slot: Slot, status: StatusName): void {
    if (!slot.owesNotification || this.drivers.strikes("lost-notify-completion", slot)) return;
    const call = notifyCompletion(slot, status);
    this.drivers.judge(slot, call);
    slot.owesNotification = false;
    this.drivers.calls.completeNotification(this.drivers.clock.now, slot, call);
    this.drivers.mistake("double-notify-completion", slot, notifyCompletion(slot, SUCCESS));
  }

  #begin(slot: Slot, halt?: Frame): Frame {
    const call = notifyCall(this.drivers.faults, slot, halt);
    this.drivers.judge(slot, call);
    return this.drivers.calls.beginNotification(this.drivers.clock.now, slot, call);
  }

  /** ProtocolClNotifyCloseAf returns, and with it the notification. */
  #end(slot: Slot, notification: Frame, notified: Frame, status: StatusName): void {
    const { clock, calls } = this.drivers;
    slot.owesNotification = status === PENDING;
    slot.pendedNotification ||= slot.owesNotification;
    for (const frame of [notified, notification]) calls.endNotification(clock.now, slot, frame, status);
  }

  /** The client has pended the notification, and does not wait until its close has ended. */
  #completeEarly(slot: Slot): void {
    if (slot.owesNotification && (slot.state === "closePended" || isAboutToClose(slot)))
      this.drivers.mistake("early-notify-completion", slot, notifyCompletion(slot, SUCCESS));
  }

  /** What a client returns from ProtocolClNotifyCloseAf in which it has closed. */
  #answerAfterClose(slot: Slot, notified: Frame): StatusName {
    if (slot.state === "vacant") return SUCCESS;
    if (slot.state === "stranded") return FAILURE;
    if (isAboutToClose(slot)) return PENDING;
    if (this.drivers.strikes("notify-wait", slot)) {
      this.drivers.calls.waitInside(this.drivers.clock.now, slot, notified);
      this.drivers.breaks(slot, "close/blocked");
    }
    return this.#hidesThatItPends(slot) ? SUCCESS : PENDING;
  }

  /** Whether a client says that it is done though its close is pended. */
  #hidesThatItPends(slot: Slot): boolean {
    if (!this.drivers.strikes("notify-success", slot)) return false;
    this.drivers.breaks(slot, "notify/owed");
    return true;
  }
}

/** Whether the client closes the AF as soon as what is on it has gone. */
function isAboutToClose(slot: Slot): boolean {
  return slot.state === "refused" || isTearing(slot);
}
