import {
  closeCall,
  faultlessCompletion,
  openAnswer,
  openCall,
  openCompletion,
  selfCompletion,
} from "./reference-conduct.js";
import type { ReferenceDrivers } from "./reference-drivers.js";
import type { DriverCall } from "./reference-judge.js";
import type { Slot } from "./reference-parts.js";
import type { TransitionName } from "./reference-states.js";
import type { StatusName } from "./statuses.js";

/** What opens lead to. */
export interface OpenSteps {
  /** The completion of a pended open is due. */
  readonly dispatch: (slot: Slot) => void;
  /** The client knows that its AF is open. */
  readonly opened: (slot: Slot) => void;
  /** The client knows that its open has failed. */
  readonly failed: (slot: Slot) => void;
}

interface OpenEnd {
  readonly status: StatusName;
  readonly answered: TransitionName;
  readonly completionCalled: TransitionName;
  readonly told: TransitionName;
  readonly next: "opened" | "failed";
}

const SUCCEEDS: OpenEnd = {
  status: "NDIS_STATUS_SUCCESS",
  answered: "openedSynchronously",
  completionCalled: "openCompletionCalled",
  told: "toldOfOpen",
  next: "opened",
};

const FAILS: OpenEnd = {
  status: "NDIS_STATUS_RESOURCES",
  answered: "openFailedSynchronously",
  completionCalled: "failedOpenCompletionCalled",
  told: "toldOfFailedOpen",
  next: "failed",
};

/** Opens, from the client's call until it knows how its open has ended. */
export class ReferenceOpens {
  constructor(
    readonly drivers: ReferenceDrivers,
    readonly steps: OpenSteps,
  ) {}

  /** The client of a vacant slot opens; the slot's generation has been counted up. */
  open(slot: Slot): void {
    const { clock, luck, faults } = this.drivers;
    slot.requestTick = clock.now;
    slot.tornDown = false;
    const call = openCall(faults, slot);
    this.drivers.judge(slot, call);
    if (luck.openPends(slot)) this.#pend(slot, call);
    else this.#answer(slot, call);
  }

  /** The completion of a pended open is called. */
  begin(slot: Slot): void {
    const { clock, ledger, faults, calls } = this.drivers;
    const call = openCompletion(faults, slot, this.drivers.luck.openFails(slot));
    this.drivers.judge(slot, call);
    calls.beginOpenCompletion(clock.now, slot, call);
    ledger.transition(clock.now, slot, this.#endOf(slot).completionCalled);
  }

  /** That call has taken its time: the client is told in it, or soon after. */
  finish(slot: Slot): void {
    const { clock, calls } = this.drivers;
    const { status } = this.#endOf(slot);
    const again = (): void => this.drivers.mistake("double-open-complete", slot, faultlessCompletion(slot, "open"));
    calls.finishOpenCompletion(clock.now, slot, status);
    if (slot.callManager.place.irql === "PASSIVE_LEVEL") {
      this.#told(slot);
      again();
      this.#next(slot);
    } else {
      again();
      clock.after(0, () => {
        calls.tellOfOpen(clock.now, slot, status);
        this.#told(slot);
        this.#next(slot);
      });
    }
  }

  #answer(slot: Slot, call: DriverCall): void {
    const { clock, luck, ledger, faults, calls } = this.drivers;
    const answer = openAnswer(faults, slot, call, luck.openFails(slot));
    this.drivers.judge(slot, answer);
    calls.open(clock.now, slot, call, answer);
    const end = this.#endOf(slot);
    ledger.transition(clock.now, slot, end.answered);
    if (end === SUCCEEDS) slot.callManager.lastOpened = slot;
    this.#next(slot);
  }

  #pend(slot: Slot, call: DriverCall): void {
    const { clock, luck, ledger, calls } = this.drivers;
    calls.open(clock.now, slot, call, null);
    ledger.transition(clock.now, slot, "openPended");
    slot.callManager.lastOpened = slot;
    this.drivers.mistake("open-self-complete", slot, selfCompletion(slot, "open"));
    this.drivers.mistake("early-close", slot, closeCall(slot));
    clock.after(luck.openService(slot), () => {
      if (!this.drivers.strikes("lost-open-completion", slot)) this.steps.dispatch(slot);
    });
  }

  #told(slot: Slot): void {
    const { clock, ledger } = this.drivers;
    const end = this.#endOf(slot);
    ledger.transition(clock.now, slot, end.told);
    if (end === SUCCEEDS) ledger.measure(ledger.open, clock.now, slot);
  }

  #next(slot: Slot): void {
    this.steps[this.#endOf(slot).next](slot);
  }

  #endOf(slot: Slot): OpenEnd {
    return this.drivers.luck.openFails(slot) ? FAILS : SUCCEEDS;
  }
}
