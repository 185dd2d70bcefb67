import type { WorkKind } from "./calls.js";
import { closeAnswer, closeCall, closeCompletion, faultlessCompletion, selfCompletion } from "./reference-conduct.js";
import type { ReferenceDrivers } from "./reference-drivers.js";
import type { DriverCall } from "./reference-judge.js";
import type { Slot } from "./reference-parts.js";
import type { Frame } from "./reference-trace.js";
import type { StatusName } from "./statuses.js";

const SUCCESS = "NDIS_STATUS_SUCCESS";
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
}

/** Closes, from the teardown of what is on the AF until the client knows that its close has ended. */
export class ReferenceCloses {
  constructor(
    readonly drivers: ReferenceDrivers,
    readonly completionCostTicks: number,
    readonly steps: CloseSteps,
  ) {}

  /** The client closes an AF that is open, on its own account or because it is notified. */
  close(slot: Slot, notified?: Notified): void {
    const { clock, luck } = this.drivers;
    const call = closeCall(slot, notified?.inside);
    const { vcs, saps } = luck.work(slot);
    if (vcs + saps > 0 && this.drivers.strikes("outstanding-close", slot)) {
      this.#failInNdis(slot, call);
      return;
    }
    this.#tearDownAll(slot, call, notified !== undefined);

    slot.closeSequence = slot.callManager.nextCloseSequence++;
    slot.requestTick = clock.now;
    slot.waits = false;
    slot.releases = {
      client: !this.drivers.strikes("context-leak", slot),
      callManager: !this.drivers.strikes("cm-leak", slot),
    };
    this.drivers.judge(slot, call);
    if (!luck.closePends(slot)) this.#answer(slot, call);
    else if (luck.closesInline(slot)) this.#completeInline(slot, call);
    else this.#pend(slot, call);
  }

  /** The completion of a pended close is called. */
  begin(slot: Slot): void {
    const { clock, ledger, faults, calls } = this.drivers;
    const call = closeCompletion(faults, slot);
    this.drivers.judge(slot, call);
    calls.beginCloseCompletion(clock.now, slot, call);
    if (this.completionCostTicks > 0) ledger.transition(clock.now, slot, "closeCompletionCalled");
  }

  /** That call has taken its time: the client is told in it. */
  finish(slot: Slot): void {
    const { clock, ledger, calls } = this.drivers;
    const { generation } = slot;
    calls.finishCloseCompletion(clock.now, slot);
    ledger.transition(clock.now, slot, "toldOfClose");
    this.#told(slot);
    this.#end(slot);
    this.drivers.mistake("double-complete", slot, faultlessCompletion(slot, "close"), generation);
    this.drivers.mistake("stale-close", slot, closeCall(slot), generation);
  }

  /** The client closes the calls of all VCs and deregisters all SAPs: in this order, unless it makes a mistake. */
  #tearDownAll(slot: Slot, from: DriverCall, isNotified: boolean): void {
    const counts = this.drivers.luck.work(slot);
    const order: readonly WorkKind[] = this.#takesSapsFirst(slot, isNotified) ? ["sap", "vc"] : ["vc", "sap"];
    for (const of of order) for (let n = 0; n < counts[`${of}s`]; n++) this.#tearDown(slot, of, n, from);
    slot.left = counts.vcs + counts.saps;
    slot.tornDown = true;
  }

  #takesSapsFirst(slot: Slot, isNotified: boolean): boolean {
    const { vcs, saps } = this.drivers.luck.work(slot);
    if (!isNotified || vcs === 0 || saps === 0 || !this.drivers.strikes("saps-first", slot)) return false;
    this.drivers.breaks(slot, "notify/order");
    return true;
  }

  #tearDown(slot: Slot, of: WorkKind, n: number, from: DriverCall): void {
    const { clock, luck, calls } = this.drivers;
    calls.tearDown(clock.now, slot, of, from);
    clock.after(luck.teardown(slot, of, n), () => {
      calls.completeTeardown(clock.now, slot, of);
      slot.left--;
      if (slot.left === 0) this.steps.serve(slot);
    });
  }

  #failInNdis(slot: Slot, call: DriverCall): void {
    const { clock, ledger, calls } = this.drivers;
    this.drivers.judge(slot, call);
    calls.failedClose(clock.now, slot, call);
    slot.requestTick = clock.now;
    ledger.transition(clock.now, slot, "closeFailed");
    this.steps.finishNotify(slot, FAILURE);
    this.steps.stranded(slot);
  }

  #answer(slot: Slot, call: DriverCall): void {
    const { clock, ledger, faults, calls } = this.drivers;
    const { generation } = slot;
    const answer = closeAnswer(faults, slot, call);
    this.drivers.judge(slot, answer);
    calls.close(clock.now, slot, call, { outcome: "synchronous", answer: answer.status });
    ledger.transition(clock.now, slot, "closedSynchronously");
    this.#end(slot);
    this.drivers.mistake("stale-completion", slot, faultlessCompletion(slot, "close"), generation);
  }

  #completeInline(slot: Slot, call: DriverCall): void {
    const { clock, ledger, calls } = this.drivers;
    calls.close(clock.now, slot, call, { outcome: "inline", completion: faultlessCompletion(slot, "close") });
    slot.completionTick = clock.now;
    ledger.transition(clock.now, slot, "completedInline");
    this.#told(slot);
    ledger.transition(clock.now, slot, "pendingReturnedAfterInline");
    this.#end(slot);
  }

  #pend(slot: Slot, call: DriverCall): void {
    const { clock, ledger, calls } = this.drivers;
    calls.close(clock.now, slot, call, { outcome: "pended" });
    ledger.transition(clock.now, slot, "closePended");
    this.drivers.mistake("close-twice", slot, closeCall(slot));
    this.drivers.mistake("close-self-complete", slot, selfCompletion(slot, "close"));
    // A client that will not release its context at all does not release it early.
    if (slot.releases.client && this.drivers.strikes("early-release", slot)) {
      calls.releaseEarly(clock.now, slot);
      this.drivers.breaks(slot, "close/context-early");
      slot.releases.client = false;
    }
    this.#wait(slot);
    if (slot.left > 0) this.drivers.mistake("undrained-completion", slot, faultlessCompletion(slot, "close"));
    else this.steps.serve(slot);
  }

  #wait(slot: Slot): void {
    const { clock, luck, calls } = this.drivers;
    const blocked = this.drivers.strikes("blocked-wait", slot);
    slot.waits = blocked || luck.clientWaits(slot);
    if (!slot.waits) return;
    calls.wait(clock.now, slot, blocked ? "DISPATCH_LEVEL" : "PASSIVE_LEVEL");
    if (blocked) this.drivers.breaks(slot, "close/blocked");
  }

  #end(slot: Slot): void {
    this.steps.finishNotify(slot, SUCCESS);
    this.steps.ended(slot);
  }

  #told(slot: Slot): void {
    const { clock, ledger } = this.drivers;
    ledger.measure(ledger.close, clock.now, slot);
    slot.callManager.stream.sequences.push(slot.closeSequence);
    slot.callManager.stream.clients.push(slot.client);
  }
}
