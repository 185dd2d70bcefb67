import type { ReferenceCloses } from "./reference-closes.js";
import { closeCall, closeCompletion, faultlessCompletion, hasHabit, notifyAgain } from "./reference-conduct.js";
import type { ReferenceDrivers } from "./reference-drivers.js";
import type { Slot } from "./reference-parts.js";

/** Completions of pended closes that are not inline, from their call until the client knows that its close has ended. */
export class ReferenceCloseCompletions {
  constructor(
    readonly drivers: ReferenceDrivers,
    readonly closes: ReferenceCloses,
    readonly completionCostTicks: number,
    /** Whether the client opens the AF again in the tick in which its close ends. */
    readonly reopensAtOnce: (slot: Slot) => boolean,
  ) {}

  /** The completion of a pended close is called. */
  begin(slot: Slot): void {
    const { clock, ledger, faults, calls } = this.drivers;
    const call = closeCompletion(faults, slot);
    this.drivers.judge(slot, call);
    calls.beginCloseCompletion(clock.now, slot, call);
    if (this.completionCostTicks > 0) ledger.transition(clock.now, slot, "closeCompletionCalled");
    // The handle of an MCM may still be good.
    if (this.drivers.strikes("use-in-completion", slot)) this.drivers.vainCall(slot, notifyAgain(slot));
    if (slot.releases.client && this.drivers.strikes("release-at-call", slot)) this.#releaseAtCall(slot);
  }

  /** That call has taken its time: the client is told in it. */
  finish(slot: Slot): void {
    const { clock, ledger, calls } = this.drivers;
    const { generation, callManager } = slot;
    const deadlocks = this.drivers.strikes("lock-deadlock", slot) || this.#callsBackIn(slot);
    calls.finishCloseCompletion(clock.now, slot, !deadlocks);
    ledger.transition(clock.now, slot, "toldOfClose");
    callManager.deadlocked ||= deadlocks;
    callManager.lastHandle = { slot, generation };
    this.closes.told(slot);
    this.closes.end(slot);
    this.drivers.mistake("double-complete", slot, faultlessCompletion(slot, "close"), generation);
    this.drivers.mistake("stale-close", slot, closeCall(slot), generation);
    this.drivers.mistake("use-after-completion", slot, notifyAgain(slot), generation);
  }

  /** Whether the client calls the call manager before the completion returns, and finds its lock held. */
  #callsBackIn(slot: Slot): boolean {
    const completesNotification = slot.owesNotification && !this.drivers.strikes("lost-notify-completion", slot);
    return hasHabit(slot, "held-lock") && (completesNotification || this.reopensAtOnce(slot));
  }

  #releaseAtCall(slot: Slot): void {
    this.drivers.calls.releaseEarly(this.drivers.clock.now, slot);
    slot.releases.client = false;
    if (this.drivers.contract.clientRelease === "atCompletion") this.drivers.breaks(slot, "close/context-early");
  }
}
