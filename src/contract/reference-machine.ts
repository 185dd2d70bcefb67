import type { Phase } from "../scenario/scenario.js";
import { draw, drawNumbered, GENERATION_MAX, machineKey, PURPOSE, saysYes } from "./draw.js";
import { ReferenceDispatch } from "./reference-dispatch.js";
import { type CloseOutcome, ReferenceInterface } from "./reference-interface.js";
import { type ReferenceSetup, toTicks } from "./reference-layout.js";
import { ReferenceLedger } from "./reference-ledger.js";
import { type CallManager, makeCallManagers, makeSlots, type Slot } from "./reference-parts.js";
import { ReferenceQueue } from "./reference-queue.js";
import type { State } from "./reference-states.js";
import { ReferenceTracer } from "./reference-trace.js";
import { sampleTicks, sampleValue, type SamplerTable } from "./sampler.js";

type Purpose = keyof typeof PURPOSE;

/** What a slot in this state waits for. */
const OWED: Readonly<Partial<Record<State, "open" | "close">>> = {
  openPended: "open",
  openCompleted: "open",
  closePended: "close",
  reporting: "close",
};

/** Simulates one machine, event by event, as MODEL.md says. */
export class ReferenceMachine {
  readonly callManagers: readonly CallManager[];
  readonly slots: readonly Slot[];
  readonly ledger: ReferenceLedger;
  readonly tracer: ReferenceTracer;
  endTick = 0;

  readonly #keys: Readonly<Record<Purpose, bigint>>;
  readonly #interface: ReferenceInterface;
  readonly #dispatch: ReferenceDispatch;
  readonly #queue = new ReferenceQueue();
  readonly #horizon: number;
  readonly #freeList: Slot[] = [];
  #now = 0;
  #beyondEnd = 0;
  #draining = false;
  /** Sum of the gaps so far, in ticks with 16 binary places. */
  #arrivalSum = 0n;

  constructor(
    readonly setup: ReferenceSetup,
    readonly machine: number,
    keepTrace: boolean,
  ) {
    const { scenario } = setup;
    const { count, dpcBudget } = scenario.processors;
    const keyOf = (purpose: number): bigint => machineKey(scenario.seed, machine, purpose);
    this.#keys = Object.fromEntries(
      Object.entries(PURPOSE).map(([purpose, number]) => [purpose, keyOf(number)]),
    ) as Record<Purpose, bigint>;
    this.callManagers = makeCallManagers(setup, machine);
    this.slots = makeSlots(setup, machine, this.callManagers);
    this.ledger = new ReferenceLedger(machine);
    this.tracer = new ReferenceTracer(machine, scenario.tickNs, keepTrace);
    this.#interface = new ReferenceInterface(this.tracer);
    this.#horizon = scenario.phases.reduce((sum, phase) => sum + this.#lengthTicks(phase), 0);
    this.#dispatch = new ReferenceDispatch(count, dpcBudget, setup.completionCostTicks, {
      begin: (slot) => this.#beginCompletion(slot),
      finish: (slot) => this.#finishCompletion(slot),
      after: (ticks, happen) => this.#schedule(this.#now + ticks, happen),
    });
  }

  /** Runs all phases and judges what is owed at the end. */
  run(): void {
    this.#start();
    let phaseTick = 0;
    let lastEventTick = 0;
    let drainTick = 0;
    for (const phase of this.setup.scenario.phases) {
      this.#now = phaseTick;
      if (phase.kind === "halt") this.#halt(phase);
      if (phase.kind === "drain") {
        this.#draining = true;
        drainTick = phaseTick;
      }
      phaseTick += this.#lengthTicks(phase);
      while (this.#queue.nextTick < phaseTick) {
        const event = this.#queue.pop();
        this.#now = lastEventTick = event.tick;
        event.happen();
      }
      if (phase.kind === "warmup") this.#forgetMeasures();
    }
    const drained = this.setup.scenario.phases.at(-1)?.kind === "drain" && this.#queue.size + this.#beyondEnd === 0;
    this.endTick = drained ? Math.max(lastEventTick, drainTick) : this.#horizon;
    this.#judgeObligations(drained);
  }

  #lengthTicks(phase: Phase): number {
    return phase.kind === "halt" ? 0 : toTicks(phase.ns, this.setup.scenario.tickNs);
  }

  #schedule(due: number, happen: () => void): void {
    if (due >= this.#horizon) this.#beyondEnd++;
    else this.#queue.push(due, happen);
  }

  #drawFor(slot: Slot, purpose: Purpose): bigint {
    return draw(this.#keys[purpose], slot.index, slot.generation, 0);
  }

  #timeFor(slot: Slot, purpose: Purpose, table: SamplerTable): number {
    return this.#now + sampleTicks(table, this.#drawFor(slot, purpose));
  }

  #start(): void {
    if (this.setup.arrivalGap === null) {
      for (const slot of this.slots) this.#open(slot);
    } else {
      this.#freeList.push(...this.slots);
      this.#scheduleArrival(0);
    }
  }

  #halt(phase: Extract<Phase, { kind: "halt" }>): void {
    const firstAdapter = this.machine * this.callManagers.length;
    for (const callManager of this.callManagers) {
      const adapter = firstAdapter + callManager.adapter;
      if (!phase.adapters.some(({ from, to }) => from <= adapter && adapter <= to)) continue;
      callManager.halted = true;
      for (const slot of this.slots) if (slot.callManager === callManager && slot.state === "open") this.#close(slot);
    }
  }

  #scheduleArrival(number: number): void {
    const gap = this.setup.arrivalGap;
    if (gap === null) return;
    this.#arrivalSum += sampleValue(gap, drawNumbered(this.#keys.arrival, BigInt(number)));
    this.#schedule(Number(this.#arrivalSum >> 16n), () => this.#arrive(number));
  }

  #arrive(number: number): void {
    if (this.#draining) return;
    let slot = this.#freeList.shift();
    while (slot?.callManager.halted) slot = this.#freeList.shift();
    if (slot === undefined) this.ledger.refused++;
    else this.#open(slot);
    this.#scheduleArrival(number + 1);
  }

  #open(slot: Slot): void {
    if (slot.generation === GENERATION_MAX) {
      this.ledger.transition(this.#now, slot, "retired");
      return;
    }
    const { profile } = slot.callManager;
    slot.generation++;
    slot.requestTick = this.#now;
    const pended = saysYes(this.#drawFor(slot, "openPends"), profile.openPendThreshold);
    this.#interface.open(this.#now, slot, pended);
    if (pended) {
      this.ledger.transition(this.#now, slot, "openPended");
      this.#schedule(this.#timeFor(slot, "openService", profile.openService), () => this.#dispatch.dispatch(slot));
    } else {
      this.ledger.transition(this.#now, slot, "openedSynchronously");
      this.#opened(slot);
    }
  }

  #opened(slot: Slot): void {
    if (slot.callManager.halted) {
      this.#close(slot);
      return;
    }
    slot.holdDueTick = this.#timeFor(slot, "hold", this.setup.hold);
    this.#schedule(slot.holdDueTick, () => {
      if (slot.state === "open" && slot.holdDueTick === this.#now) this.#close(slot);
    });
  }

  #close(slot: Slot): void {
    const { callManager } = slot;
    const outcome = this.#closeOutcome(slot);
    slot.closeSequence = callManager.nextCloseSequence++;
    slot.requestTick = this.#now;
    this.#interface.close(this.#now, slot, outcome);
    if (outcome === "synchronous") {
      this.ledger.transition(this.#now, slot, "closedSynchronously");
      this.#ended(slot);
    } else if (outcome === "inline") {
      slot.completionTick = this.#now;
      this.ledger.transition(this.#now, slot, "completedInline");
      this.#toldOfClose(slot);
      this.ledger.transition(this.#now, slot, "pendingReturnedAfterInline");
      this.#ended(slot);
    } else {
      this.ledger.transition(this.#now, slot, "closePended");
      const { serve } = callManager.profile.source.close;
      if (serve !== null && callManager.busyServers === serve.servers) {
        callManager.waiting.push(slot);
      } else {
        callManager.busyServers++;
        this.#serve(slot);
      }
    }
  }

  #closeOutcome(slot: Slot): CloseOutcome {
    const { closePendThreshold, inlineThreshold } = slot.callManager.profile;
    if (!saysYes(this.#drawFor(slot, "closePends"), closePendThreshold)) return "synchronous";
    return saysYes(this.#drawFor(slot, "inline"), inlineThreshold) ? "inline" : "pended";
  }

  #serve(slot: Slot): void {
    const due = this.#timeFor(slot, "closeService", slot.callManager.profile.closeService);
    this.#schedule(due, () => this.#closeDone(slot));
  }

  #closeDone(slot: Slot): void {
    const { callManager } = slot;
    const { coalesce } = callManager.profile.source.close;
    const next = this.#takeWaiting(callManager);
    if (next === undefined) callManager.busyServers--;
    else this.#serve(next);
    if (coalesce === null) {
      this.#dispatch.dispatch(slot);
      return;
    }
    callManager.batch.push(slot);
    if (callManager.batch.length === 1) {
      callManager.batchDueTick = this.#now + callManager.profile.coalesceTimerTicks;
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
    const choice = callManager.choices++ % 2 ** 27;
    const u = draw(this.#keys.serverChoice, callManager.adapter, choice, 0);
    const index = Number(((u >> 32n) * BigInt(waiting.length)) >> 32n);
    const taken = waiting[index];
    const last = waiting.pop()!;
    if (index < waiting.length) waiting[index] = last;
    return taken;
  }

  /** A call manager never has more than one timer in the queue; one that comes too early for its batch is set again. */
  #setTimer(callManager: CallManager, due: number): void {
    callManager.timerQueued = true;
    this.#schedule(due, () => {
      callManager.timerQueued = false;
      if (callManager.batch.length === 0 || callManager.batchDueTick === null) return;
      if (callManager.batchDueTick === this.#now) this.#flush(callManager);
      else this.#setTimer(callManager, callManager.batchDueTick);
    });
  }

  #flush(callManager: CallManager): void {
    const { batch } = callManager;
    callManager.batch = [];
    callManager.batchDueTick = null;
    for (const slot of batch) this.#dispatch.dispatch(slot);
  }

  /** The completion of a slot's open or close is called. */
  #beginCompletion(slot: Slot): void {
    const { openDeadlineTicks, closeDeadlineTicks, completionCostTicks } = this.setup;
    const ofOpen = slot.state === "openPended";
    const age = this.#now - slot.requestTick;
    if (age > (ofOpen ? openDeadlineTicks : closeDeadlineTicks)) {
      this.ledger.violate(this.#now, slot, ofOpen ? "open/owed" : "close/owed", "NDIS_STATUS_SUCCESS");
    }
    slot.completionTick = this.#now;
    if (ofOpen) {
      this.#interface.beginOpenCompletion(this.#now, slot);
      this.ledger.transition(this.#now, slot, "openCompletionCalled");
    } else {
      this.#interface.beginCloseCompletion(this.#now, slot);
      if (completionCostTicks > 0) this.ledger.transition(this.#now, slot, "closeCompletionCalled");
    }
  }

  /** The completion has taken its time: the client is told, or will be. */
  #finishCompletion(slot: Slot): void {
    if (slot.state !== "openCompleted") {
      this.#interface.finishCloseCompletion(this.#now, slot);
      this.ledger.transition(this.#now, slot, "toldOfClose");
      this.#toldOfClose(slot);
      this.#ended(slot);
      return;
    }
    this.#interface.finishOpenCompletion(this.#now, slot);
    if (slot.callManager.place.irql === "PASSIVE_LEVEL") {
      this.#toldOfOpen(slot);
    } else {
      this.#schedule(this.#now, () => {
        this.#interface.tellOfOpen(this.#now, slot);
        this.#toldOfOpen(slot);
      });
    }
  }

  #toldOfOpen(slot: Slot): void {
    this.ledger.transition(this.#now, slot, "toldOfOpen");
    this.ledger.measure(this.ledger.open, this.#now, slot);
    this.#opened(slot);
  }

  #toldOfClose(slot: Slot): void {
    this.ledger.measure(this.ledger.close, this.#now, slot);
    slot.callManager.stream.sequences.push(slot.closeSequence);
    slot.callManager.stream.clients.push(slot.client);
  }

  #ended(slot: Slot): void {
    const { halted } = slot.callManager;
    const { think, arrivalGap, scenario } = this.setup;
    if (arrivalGap !== null) {
      if (!halted) this.#freeList.push(slot);
    } else if (scenario.client.reopen && !this.#draining && !halted) {
      if (think.constantTicks === 0) {
        this.#open(slot);
      } else {
        this.#schedule(this.#timeFor(slot, "think", think), () => {
          if (!this.#draining && !slot.callManager.halted) this.#open(slot);
        });
      }
    }
  }

  #forgetMeasures(): void {
    this.ledger.resetLatencies();
    for (const { stream } of this.callManagers) stream.measuredFrom = stream.sequences.length;
  }

  /** Judges pended opens and closes at the end: broken, or undecided. */
  #judgeObligations(drained: boolean): void {
    const deadlines = { open: this.setup.openDeadlineTicks, close: this.setup.closeDeadlineTicks };
    for (const slot of this.slots) {
      const kind = OWED[slot.state];
      if (kind === undefined) continue;
      if (drained || this.endTick - slot.requestTick > deadlines[kind]) {
        this.ledger.violate(this.endTick, slot, `${kind}/owed`, "NDIS_STATUS_SUCCESS");
      } else {
        this.ledger.undecided++;
      }
    }
  }
}
