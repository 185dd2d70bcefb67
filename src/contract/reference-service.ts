import type { ReferenceClock } from "./reference-clock.js";
import type { ReferenceLuck } from "./reference-luck.js";
import type { CallManager, Slot } from "./reference-parts.js";

/** What serving a pended close needs and leads to. */
export interface ServiceSteps {
  readonly clock: ReferenceClock;
  readonly luck: ReferenceLuck;
  /** Whether the call manager loses the close that it has served, and never completes it. */
  readonly isLost: (slot: Slot) => boolean;
  readonly dispatch: (slot: Slot) => void;
}

/** The servers of call managers, and the batches in which they complete the closes that they have served. */
export class ReferenceService {
  constructor(readonly steps: ServiceSteps) {}

  /** A close was pended: it is served, or waits for a server. */
  request(slot: Slot): void {
    const { callManager } = slot;
    const { serve } = callManager.profile.source.close;
    if (serve !== null && callManager.busyServers === serve.servers) {
      callManager.waiting.push(slot);
    } else {
      callManager.busyServers++;
      this.#serve(slot);
    }
  }

  #serve(slot: Slot): void {
    const { clock, luck } = this.steps;
    clock.after(luck.closeService(slot), () => this.#closeDone(slot));
  }

  #closeDone(slot: Slot): void {
    const { callManager } = slot;
    const { coalesce } = callManager.profile.source.close;
    const next = this.#takeWaiting(callManager);
    if (next === undefined) callManager.busyServers--;
    else this.#serve(next);
    if (this.steps.isLost(slot)) return;
    if (coalesce === null) {
      this.steps.dispatch(slot);
      return;
    }
    callManager.batch.push(slot);
    if (callManager.batch.length === 1) {
      callManager.batchDueTick = this.steps.clock.now + callManager.profile.coalesceTimerTicks;
      if (!callManager.timerQueued) this.#setTimer(callManager, callManager.batchDueTick);
    }
    if (callManager.batch.length === coalesce.count) this.#flush(callManager);
  }

  #takeWaiting(callManager: CallManager): Slot | undefined {
    const { waiting } = callManager;
    if (waiting.length === 0) return undefined;
    const order = callManager.profile.source.close.serve?.order;
    if (order === "fifo") return waiting.shift();
    if (order === "lifo") return waiting.pop();
    const u = this.steps.luck.serverChoice(callManager, callManager.choices++);
    const index = Number(((u >> 32n) * BigInt(waiting.length)) >> 32n);
    const taken = waiting[index];
    const last = waiting.pop()!;
    if (index < waiting.length) waiting[index] = last;
    return taken;
  }

  /** A call manager never has more than one timer in the queue; one that comes too early for its batch is set again. */
  #setTimer(callManager: CallManager, due: number): void {
    callManager.timerQueued = true;
    this.steps.clock.at(due, () => {
      callManager.timerQueued = false;
      if (callManager.batch.length === 0 || callManager.batchDueTick === null) return;
      if (callManager.batchDueTick === this.steps.clock.now) this.#flush(callManager);
      else this.#setTimer(callManager, callManager.batchDueTick);
    });
  }

  #flush(callManager: CallManager): void {
    const { batch } = callManager;
    callManager.batch = [];
    callManager.batchDueTick = null;
    for (const slot of batch) this.steps.dispatch(slot);
  }
}
