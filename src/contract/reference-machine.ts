import type { Phase } from "../scenario/scenario.js";
import { draw, drawNumbered, machineKey, PURPOSE, saysYes } from "./draw.js";
import type { FaultId } from "./faults.js";
import { closeCall, closeCompletion, faultlessCompletion, openCall, openCompletion } from "./reference-conduct.js";
import { ReferenceDispatch } from "./reference-dispatch.js";
import { ReferenceFaults } from "./reference-faults.js";
import { type CloseOutcome, ReferenceInterface } from "./reference-interface.js";
import { brokenRule, type DriverCall, violationStatus } from "./reference-judge.js";
import { type ReferenceSetup, toTicks } from "./reference-layout.js";
import { ReferenceLedger } from "./reference-ledger.js";
import { type CallManager, makeCallManagers, makeSlots, type Slot } from "./reference-parts.js";
import { ReferenceQueue } from "./reference-queue.js";
import { ReferenceService } from "./reference-service.js";
import type { State } from "./reference-states.js";
import { ReferenceTracer } from "./reference-trace.js";
import type { RuleId } from "./rules.js";
import { sampleTicks, sampleValue, type SamplerTable } from "./sampler.js";

type Purpose = keyof typeof PURPOSE;

/** What a call manager owes to a slot in this state. */
const OWED: Readonly<Partial<Record<State, "open" | "close">>> = {
  openPended: "open",
  closePended: "close",
};

/** Simulates one machine, event by event, as MODEL.md says. */
export class ReferenceMachine {
  readonly callManagers: readonly CallManager[];
  readonly slots: readonly Slot[];
  readonly ledger: ReferenceLedger;
  readonly tracer: ReferenceTracer;
  endTick = 0;

  readonly #keys: Readonly<Record<Purpose, bigint>>;
  readonly #faults: ReferenceFaults;
  readonly #interface: ReferenceInterface;
  readonly #service: ReferenceService;
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
    /** A slot with this generation is not opened again. */
    readonly generationMax: number,
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
    this.#faults = new ReferenceFaults(scenario, machine);
    this.#interface = new ReferenceInterface(this.tracer);
    this.#horizon = scenario.phases.reduce((sum, phase) => sum + this.#lengthTicks(phase), 0);
    this.#dispatch = new ReferenceDispatch(count, dpcBudget, setup.completionCostTicks, {
      begin: (slot) => this.#beginCompletion(slot),
      finish: (slot) => this.#finishCompletion(slot),
      after: (ticks, happen) => this.#schedule(this.#now + ticks, happen),
    });
    this.#service = new ReferenceService({
      now: () => this.#now,
      schedule: (due, happen) => this.#schedule(due, happen),
      serviceDue: (slot) => this.#timeFor(slot, "closeService", slot.callManager.profile.closeService),
      chooseAtRandom: ({ adapter }, choice) => draw(this.#keys.serverChoice, adapter, choice % 2 ** 27, 0),
      isLost: (slot) => this.#faults.strikes("lost-completion", slot.index, slot.generation),
      dispatch: (slot) => this.#dispatch.dispatch(slot),
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
    const slot = this.#takeFree();
    if (slot === undefined) this.ledger.refused++;
    else this.#open(slot);
    this.#scheduleArrival(number + 1);
  }

  #takeFree(): Slot | undefined {
    for (;;) {
      const slot = this.#freeList.shift();
      if (slot === undefined) return undefined;
      if (slot.callManager.halted) continue;
      if (slot.generation < this.generationMax) return slot;
      this.ledger.transition(this.#now, slot, "retired");
    }
  }

  #open(slot: Slot): void {
    if (slot.generation === this.generationMax) {
      this.ledger.transition(this.#now, slot, "retired");
      return;
    }
    const { profile } = slot.callManager;
    slot.generation++;
    slot.requestTick = this.#now;
    const pended = saysYes(this.#drawFor(slot, "openPends"), profile.openPendThreshold);
    const call = openCall(this.#faults, slot);
    this.#judge(slot, slot.generation, call);
    this.#interface.open(this.#now, slot, call, pended);
    if (pended) {
      this.ledger.transition(this.#now, slot, "openPended");
      this.#schedule(this.#timeFor(slot, "openService", profile.openService), () => this.#openDone(slot));
    } else {
      this.ledger.transition(this.#now, slot, "openedSynchronously");
      this.#opened(slot);
    }
  }

  #openDone(slot: Slot): void {
    if (this.#faults.strikes("lost-open-completion", slot.index, slot.generation)) return;
    this.#dispatch.dispatch(slot);
  }

  /** The client has been told of its open. */
  #opened(slot: Slot): void {
    this.#mistake("early-completion", slot, slot.generation, faultlessCompletion(slot, "close"));
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
    const call = closeCall(slot);
    this.#judge(slot, slot.generation, call);
    this.#interface.close(this.#now, slot, call, outcome, faultlessCompletion(slot, "close").call);
    if (outcome === "synchronous") {
      const { generation } = slot;
      this.ledger.transition(this.#now, slot, "closedSynchronously");
      this.#ended(slot, false);
      this.#mistake("stale-completion", slot, generation, faultlessCompletion(slot, "close"));
    } else if (outcome === "inline") {
      slot.completionTick = this.#now;
      this.ledger.transition(this.#now, slot, "completedInline");
      this.#toldOfClose(slot);
      this.ledger.transition(this.#now, slot, "pendingReturnedAfterInline");
      this.#ended(slot, true);
    } else {
      this.ledger.transition(this.#now, slot, "closePended");
      this.#mistake("close-twice", slot, slot.generation, closeCall(slot));
      this.#service.request(slot);
    }
  }

  #closeOutcome(slot: Slot): CloseOutcome {
    const { closePendThreshold, inlineThreshold } = slot.callManager.profile;
    if (!saysYes(this.#drawFor(slot, "closePends"), closePendThreshold)) return "synchronous";
    return saysYes(this.#drawFor(slot, "inline"), inlineThreshold) ? "inline" : "pended";
  }

  /** The completion of a slot's open or close is called. */
  #beginCompletion(slot: Slot): void {
    const { openDeadlineTicks, closeDeadlineTicks, completionCostTicks } = this.setup;
    const ofOpen = slot.state === "openPended";
    const age = this.#now - slot.requestTick;
    if (age > (ofOpen ? openDeadlineTicks : closeDeadlineTicks)) this.#breakObligation(slot, ofOpen ? "open" : "close");
    slot.completionTick = this.#now;
    const call = ofOpen ? openCompletion(this.#faults, slot) : closeCompletion(this.#faults, slot);
    this.#judge(slot, slot.generation, call);
    if (ofOpen) {
      this.#interface.beginOpenCompletion(this.#now, slot, call);
      this.ledger.transition(this.#now, slot, "openCompletionCalled");
    } else {
      this.#interface.beginCloseCompletion(this.#now, slot, call);
      if (completionCostTicks > 0) this.ledger.transition(this.#now, slot, "closeCompletionCalled");
    }
  }

  /** The completion has taken its time: the client is told, or will be. */
  #finishCompletion(slot: Slot): void {
    if (slot.state === "openCompleted") this.#finishOpen(slot);
    else this.#finishClose(slot);
  }

  #finishOpen(slot: Slot): void {
    const again = (): void =>
      this.#mistake("double-open-complete", slot, slot.generation, faultlessCompletion(slot, "open"));
    this.#interface.finishOpenCompletion(this.#now, slot);
    if (slot.callManager.place.irql === "PASSIVE_LEVEL") {
      this.#toldOfOpen(slot);
      again();
      this.#opened(slot);
    } else {
      again();
      this.#schedule(this.#now, () => {
        this.#interface.tellOfOpen(this.#now, slot);
        this.#toldOfOpen(slot);
        this.#opened(slot);
      });
    }
  }

  #finishClose(slot: Slot): void {
    const { generation } = slot;
    this.#interface.finishCloseCompletion(this.#now, slot);
    this.ledger.transition(this.#now, slot, "toldOfClose");
    this.#toldOfClose(slot);
    this.#ended(slot, true);
    this.#mistake("double-complete", slot, generation, faultlessCompletion(slot, "close"));
    this.#mistake("stale-close", slot, generation, closeCall(slot));
  }

  #toldOfOpen(slot: Slot): void {
    this.ledger.transition(this.#now, slot, "toldOfOpen");
    this.ledger.measure(this.ledger.open, this.#now, slot);
  }

  #toldOfClose(slot: Slot): void {
    this.ledger.measure(this.ledger.close, this.#now, slot);
    slot.callManager.stream.sequences.push(slot.closeSequence);
    slot.callManager.stream.clients.push(slot.client);
  }

  #ended(slot: Slot, closePended: boolean): void {
    slot.endedClosePended = closePended;
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

  /** Judges a call of a driver; returns the rule that it breaks. */
  #judge(slot: Slot, generation: number, call: DriverCall): RuleId | null {
    const rule = brokenRule(call, slot, generation);
    if (rule !== null) this.ledger.violate(this.#now, slot, generation, rule, violationStatus(call));
    return rule;
  }

  /** At an opportunity of this fault: where it strikes, a driver makes a call that it should not make. */
  #mistake(fault: FaultId, slot: Slot, generation: number, call: DriverCall): void {
    if (!this.#faults.strikes(fault, slot.index, generation)) return;
    this.#interface.refusedCall(this.#now, slot, generation, call);
    if (this.#judge(slot, generation, call) === null) throw new Error(`fault ${fault} broke no rule`);
  }

  #breakObligation(slot: Slot, kind: "open" | "close"): void {
    this.ledger.violate(this.#now, slot, slot.generation, `${kind}/owed`, "NDIS_STATUS_SUCCESS");
  }

  /** Judges pended opens and closes at the end: broken, or undecided. */
  #judgeObligations(drained: boolean): void {
    this.#now = this.endTick;
    const deadlines = { open: this.setup.openDeadlineTicks, close: this.setup.closeDeadlineTicks };
    for (const slot of this.slots) {
      const kind = OWED[slot.state];
      if (kind === undefined) continue;
      if (drained || this.endTick - slot.requestTick > deadlines[kind]) {
        this.#breakObligation(slot, kind);
      } else {
        this.ledger.undecided++;
      }
    }
  }
}
