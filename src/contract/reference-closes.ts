import type { ClientHabit } from "../scenario/habits.js";
import type { WorkKind } from "./calls.js";
import { closeAnswer, closeCall, closeRefusal, faultlessCompletion, selfCompletion } from "./reference-conduct.js";
import type { ReferenceDrivers } from "./reference-drivers.js";
import type { DriverCall } from "./reference-judge.js";
import type { Work } from "./reference-luck.js";
import type { Where } from "./reference-object-trace.js";
import { isUnclosed } from "./reference-objects.js";
import type { Slot } from "./reference-parts.js";
import type { Frame } from "./reference-trace.js";
import { ReferenceTeardowns } from "./reference-teardowns.js";
import type { StatusName } from "./statuses.js";

const SUCCESS = "NDIS_STATUS_SUCCESS";
const PENDING = "NDIS_STATUS_PENDING";
const FAILURE = "NDIS_STATUS_FAILURE";

/** That a client closes because its call manager has notified it. */
export interface Notified {
  /** The ProtocolClNotifyCloseAf that it closes in, if it does not pend that first. */
  readonly inside?: Frame;
}

/** What closes lead to. */
export interface CloseSteps {
  /** A close has ended so; its client may owe the completion of a notification. */
  readonly finishNotify: (slot: Slot, status: StatusName) => void;
  /** A pended close is to be served. */
  readonly serve: (slot: Slot) => void;
  /** The lifecycle has ended: the slot is vacant. */
  readonly ended: (slot: Slot) => void;
  /** The close has failed, and the slot stays open for good. */
  readonly stranded: (slot: Slot) => void;
  /** In a scenario with objects: the client gives up what is on the AF, at a place; it may begin with the SAPs. */
  readonly tear: (slot: Slot, where: Where, mayTurnAround: boolean) => void;
}

/** Closes, from the teardown of what is on the AF to the answer of the call manager. */
export class ReferenceCloses {
  readonly #teardowns: ReferenceTeardowns;

  constructor(
    readonly drivers: ReferenceDrivers,
    /** Of the clients. */
    readonly habits: readonly ClientHabit[],
    readonly steps: CloseSteps,
  ) {
    this.#teardowns = new ReferenceTeardowns(drivers, (slot) => this.drained(slot));
  }

  /** The client closes an AF that is open, on its own account or because it is notified. */
  close(slot: Slot, notified?: Notified): void {
    // Its client is closing it already.
    if (slot.tearing) return;
    const call = closeCall(slot, notified?.inside);
    if (this.#hasWork(slot) && this.drivers.strikes("outstanding-close", slot)) {
      this.#closeWithWork(slot, call);
      return;
    }
    if (this.#hasObjects) {
      this.steps.tear(slot, call, notified !== undefined);
      return;
    }
    this.#teardowns.tearDown(slot, call, this.#teardownOrder(slot, notified !== undefined));
    this.#ask(slot, call);
  }

  /** The client has given up all objects on an AF, and closes it. */
  closeTornDown(slot: Slot, where: Where): void {
    this.#ask(slot, { ...where, call: "NdisClCloseAddressFamily" });
  }

  /** All teardowns on an AF are completed. */
  drained(slot: Slot): void {
    const { clock, ledger } = this.drivers;
    if (slot.state === "closePended") {
      this.steps.serve(slot);
    } else if (slot.state === "refused") {
      ledger.transition(clock.now, slot, "closeTriedAgain");
      this.#ask(slot, closeCall(slot));
    } else if (slot.state === "stranded") {
      this.drivers.mistake("retry-close", slot, closeCall(slot));
    }
  }

  /** The close of an AF has ended. */
  end(slot: Slot): void {
    this.steps.finishNotify(slot, SUCCESS);
    this.steps.ended(slot);
  }

  /** The client is told that its pended close has ended. */
  told(slot: Slot): void {
    const { clock, ledger } = this.drivers;
    ledger.measure(ledger.close, clock.now, slot);
    slot.callManager.stream.sequences.push(slot.closeSequence);
    slot.callManager.stream.clients.push(slot.client);
  }

  /** Calls are closed before SAPs are deregistered, unless a client that is notified makes a mistake. */
  #teardownOrder(slot: Slot, isNotified: boolean): readonly WorkKind[] {
    const { vcs, saps } = this.drivers.luck.work(slot);
    if (!isNotified || vcs === 0 || saps === 0 || !this.drivers.strikes("saps-first", slot)) return ["vc", "sap"];
    this.drivers.breaks(slot, "notify/order");
    return ["sap", "vc"];
  }

  /** The client closes with objects left on the AF: NDIS fails that, or forwards it like every close. */
  #closeWithWork(slot: Slot, call: DriverCall): void {
    const { clock, luck, calls } = this.drivers;
    const tearDown = (): void => {
      if (this.#hasObjects) this.steps.tear(slot, call, false);
      else this.#teardowns.tearDown(slot, call);
    };
    if (this.drivers.contract.outstandingClose === "forwarded") {
      if (!this.#hasObjects) slot.left = countOf(luck.work(slot));
      this.#ask(slot, call, tearDown);
      return;
    }
    this.drivers.judge(slot, call);
    calls.failedClose(clock.now, slot, call);
    if (!this.#fails(slot, "closeFailed")) tearDown();
  }

  get #hasObjects(): boolean {
    return this.drivers.luck.setup.objects !== null;
  }

  /** Whether there is something on the AF that its client has yet to give up. */
  #hasWork(slot: Slot): boolean {
    return this.drivers.luck.hasWork(slot) || slot.saps.some(isUnclosed) || slot.vcs.some(isUnclosed);
  }

  /**
   * The client closes, and NDIS asks the call manager.
   * @param returned what the client does when its close has returned
   */
  #ask(slot: Slot, call: DriverCall, returned = (): void => {}): void {
    const { clock, luck } = this.drivers;
    this.drivers.judge(slot, call);
    if (slot.left > 0 && luck.closeRefused(slot)) {
      this.#refuse(slot, call);
      returned();
      return;
    }
    slot.closeSequence = slot.callManager.nextCloseSequence++;
    slot.requestTick = clock.now;
    slot.waits = false;
    slot.releases = {
      client: !this.drivers.strikes("context-leak", slot),
      callManager: !this.drivers.strikes("cm-leak", slot),
    };
    if (slot.left === 0 && !luck.closePends(slot)) this.#answer(slot, call);
    else if (slot.left === 0 && luck.closesInline(slot)) this.#completeInline(slot, call);
    else this.#pend(slot, call, returned);
  }

  #refuse(slot: Slot, call: DriverCall): void {
    const { clock, calls } = this.drivers;
    this.drivers.judge(slot, closeRefusal(call));
    calls.refusedClose(clock.now, slot, call);
    this.#fails(slot, "closeRefused");
  }

  /** A close has failed; says whether for good. */
  #fails(slot: Slot, how: "closeFailed" | "closeRefused"): boolean {
    const { clock, ledger, contract } = this.drivers;
    if (contract.failedClose === "retry") {
      ledger.transition(clock.now, slot, `${how}ForNow`);
      return false;
    }
    slot.requestTick = clock.now;
    ledger.transition(clock.now, slot, how);
    this.steps.finishNotify(slot, FAILURE);
    this.steps.stranded(slot);
    return true;
  }

  #answer(slot: Slot, call: DriverCall): void {
    const { clock, ledger, faults, calls } = this.drivers;
    const { generation } = slot;
    const answer = closeAnswer(faults, slot, call);
    const completesItself = !this.#actsOn(slot, PENDING) && !this.drivers.strikes("no-self-complete", slot);
    this.drivers.judge(slot, answer);
    calls.close(clock.now, slot, call, { outcome: "synchronous", answer: answer.status, completesItself });
    if (!completesItself) this.drivers.breaks(slot, "close/completes-once");
    ledger.transition(clock.now, slot, "closedSynchronously");
    slot.lastClosePended = false;
    slot.binding.olderStatus = SUCCESS;
    this.end(slot);
    this.drivers.mistake("stale-completion", slot, faultlessCompletion(slot, "close"), generation);
  }

  #completeInline(slot: Slot, call: DriverCall): void {
    const { clock, ledger, calls } = this.drivers;
    const saysSuccess = this.drivers.strikes("inline-success", slot);
    const completion = faultlessCompletion(slot, "close");
    calls.close(clock.now, slot, call, { outcome: "inline", completion, answer: saysSuccess ? SUCCESS : PENDING });
    slot.completionTick = clock.now;
    ledger.transition(clock.now, slot, "completedInline");
    slot.lastClosePended = true;
    this.told(slot);
    // As if it had been completed by that answer, too.
    if (saysSuccess) this.drivers.breaks(slot, "close/double-complete");
    ledger.transition(clock.now, slot, "pendingReturnedAfterInline");
    slot.binding.olderStatus = PENDING;
    this.end(slot);
  }

  #pend(slot: Slot, call: DriverCall, returned: () => void): void {
    const { clock, ledger, calls } = this.drivers;
    const completesItself = this.#actsOn(slot, SUCCESS) || this.drivers.strikes("close-self-complete", slot);
    const isServedAtOnce = slot.left === 0;
    calls.close(clock.now, slot, call, { outcome: "pended" });
    ledger.transition(clock.now, slot, "closePended");
    slot.lastClosePended = true;
    slot.callManager.closePendedFlag = true;
    slot.binding.olderStatus = PENDING;
    returned();
    this.drivers.mistake("close-twice", slot, closeCall(slot));
    if (completesItself) this.drivers.wrongCall(slot, selfCompletion(slot, "close"));
    // A client that will not release its context at all does not release it early.
    if (slot.releases.client && this.drivers.strikes("early-release", slot)) {
      calls.releaseEarly(clock.now, slot);
      this.drivers.breaks(slot, "close/context-early");
      slot.releases.client = false;
    }
    this.#wait(slot);
    // What was left may have gone since, and the close be served already.
    if (isServedAtOnce) this.steps.serve(slot);
    else if (slot.left > 0) this.drivers.mistake("undrained-completion", slot, faultlessCompletion(slot, "close"));
  }

  /** Whether the client acts on what an older close returned, and not on what this one does, and it was this. */
  #actsOn({ binding }: Slot, olderStatus: StatusName): boolean {
    return this.habits.includes("ignored-status") && binding.olderStatus === olderStatus;
  }

  #wait(slot: Slot): void {
    const { clock, luck, calls } = this.drivers;
    const blocked = this.drivers.strikes("blocked-wait", slot);
    slot.waits = blocked || luck.clientWaits(slot);
    if (!slot.waits) return;
    calls.wait(clock.now, slot, blocked ? "DISPATCH_LEVEL" : "PASSIVE_LEVEL");
    if (blocked) this.drivers.breaks(slot, "close/blocked");
  }
}

const countOf = ({ vcs, saps }: Work): number => vcs + saps;
