import { lengthNs } from "../scenario/phases.js";
import { ReferenceAdapterCalls } from "./reference-adapter-calls.js";
import { ReferenceBindingCalls } from "./reference-binding-calls.js";
import { ReferenceBindings } from "./reference-bindings.js";
import { ReferenceClock } from "./reference-clock.js";
import { ReferenceCloseCompletions } from "./reference-close-completions.js";
import { ReferenceCloses } from "./reference-closes.js";
import { closeCall, faultlessCompletion } from "./reference-conduct.js";
import { ReferenceDispatch } from "./reference-dispatch.js";
import { ReferenceDrivers } from "./reference-drivers.js";
import { ReferenceFaults } from "./reference-faults.js";
import { ReferenceHalts } from "./reference-halts.js";
import { ReferenceInterface } from "./reference-interface.js";
import { type ReferenceSetup, toTicks } from "./reference-layout.js";
import { ReferenceLedger } from "./reference-ledger.js";
import { losesClose } from "./reference-lost-closes.js";
import { ReferenceLuck } from "./reference-luck.js";
import { ReferenceNotifications } from "./reference-notifications.js";
import { type ObjectSteps, ReferenceObjectLife } from "./reference-object-life.js";
import { makeObjects } from "./reference-objects.js";
import { ReferenceObligations } from "./reference-obligations.js";
import { ReferenceOpens } from "./reference-opens.js";
import {
  type Binding,
  type CallManager,
  makeBindings,
  makeCallManagers,
  makeSlots,
  type Slot,
} from "./reference-parts.js";
import { ReferenceService } from "./reference-service.js";
import { ReferenceStart } from "./reference-start.js";
import { ReferenceTracer } from "./reference-trace.js";

/** Simulates one machine, event by event, as MODEL.md and MODEL-DRIVERS.md say. */
export class ReferenceMachine {
  readonly callManagers: readonly CallManager[];
  readonly bindings: readonly Binding[];
  readonly slots: readonly Slot[];
  readonly ledger: ReferenceLedger;
  readonly tracer: ReferenceTracer;
  endTick = 0;

  readonly #clock: ReferenceClock;
  readonly #luck: ReferenceLuck;
  readonly #drivers: ReferenceDrivers;
  readonly #obligations: ReferenceObligations;
  readonly #opens: ReferenceOpens;
  readonly #closes: ReferenceCloses;
  readonly #closeCompletions: ReferenceCloseCompletions;
  /** Null in a scenario without objects. */
  readonly #objects: ReferenceObjectLife | null;
  readonly #start: ReferenceStart;
  readonly #notifications: ReferenceNotifications;
  readonly #halts: ReferenceHalts;
  readonly #bindings: ReferenceBindings;
  readonly #dispatch: ReferenceDispatch;
  #freeList: Slot[] = [];
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
    const { scenario, completionCostTicks } = setup;
    this.callManagers = makeCallManagers(setup, machine);
    this.bindings = makeBindings(setup, this.callManagers);
    this.slots = makeSlots(setup, machine, this.bindings);
    makeObjects(setup, this.slots);
    this.ledger = new ReferenceLedger(machine);
    this.tracer = new ReferenceTracer(machine, scenario.tickNs, keepTrace);
    this.#clock = new ReferenceClock(
      scenario.phases.reduce((sum, phase) => sum + toTicks(lengthNs(phase), scenario.tickNs), 0),
    );
    this.#luck = new ReferenceLuck(setup, machine);
    this.#drivers = new ReferenceDrivers(
      scenario.contract,
      this.#clock,
      this.#luck,
      new ReferenceFaults(scenario, machine),
      this.ledger,
      new ReferenceInterface(this.tracer),
    );
    this.#obligations = new ReferenceObligations(this.#drivers, setup);
    const dispatch = (slot: Slot): void => this.#dispatch.dispatch(slot);
    this.#dispatch = new ReferenceDispatch(
      scenario.processors.count,
      scenario.processors.dpcBudget,
      completionCostTicks,
      {
        begin: (slot) => this.#beginCompletion(slot),
        finish: (slot) => this.#finishCompletion(slot),
        after: (ticks, happen) => this.#clock.after(ticks, happen),
      },
    );
    const service = new ReferenceService({
      clock: this.#clock,
      luck: this.#luck,
      isLost: (slot) => losesClose(this.#drivers, slot),
      dispatch,
    });
    this.#opens = new ReferenceOpens(this.#drivers, {
      dispatch,
      opened: (slot) => this.#opened(slot),
      failed: (slot) => this.#failed(slot),
    });
    this.#closes = new ReferenceCloses(this.#drivers, scenario.client.habit, {
      serve: (slot) => service.request(slot),
      finishNotify: (slot, status) => this.#notifications.finish(slot, status),
      ended: (slot) => this.#ended(slot),
      stranded: (slot) => this.#leave(slot),
      tear: (slot, where, mayTurnAround) => this.#objects?.tear(slot, where, mayTurnAround),
    });
    const { objects } = setup;
    const objectSteps: ObjectSteps = {
      isDraining: () => this.#draining,
      ask: (slot, where) => this.#closes.closeTornDown(slot, where),
      drained: (slot) => this.#closes.drained(slot),
    };
    this.#objects =
      objects === null
        ? null
        : new ReferenceObjectLife(this.#drivers, { ...setup, objects }, machine, generationMax, objectSteps);
    this.#closeCompletions = new ReferenceCloseCompletions(this.#drivers, this.#closes, completionCostTicks, (slot) =>
      this.#reopensAtOnce(slot),
    );
    this.#notifications = new ReferenceNotifications(this.#drivers, {
      close: (slot, notified) => this.#closes.close(slot, notified),
    });
    const bindingCalls = new ReferenceBindingCalls(this.tracer);
    const adapterCalls = new ReferenceAdapterCalls(bindingCalls);
    const firstAdapter = machine * this.callManagers.length;
    this.#start = new ReferenceStart(this.#drivers, adapterCalls);
    this.#halts = new ReferenceHalts(this.#drivers, adapterCalls, this.#notifications, this.callManagers, firstAdapter);
    this.#bindings = new ReferenceBindings(this.#drivers, bindingCalls, this.bindings, firstAdapter, {
      leaveFreeList: (binding) => {
        this.#freeList = this.#freeList.filter((slot) => slot.binding !== binding);
      },
      close: (slot) => this.#closes.close(slot),
      reopen: (slot) => this.#reopen(slot),
    });
  }

  /** Runs all phases and judges what is owed at the end. */
  run(): void {
    this.#start.run(this.callManagers, this.bindings);
    this.#firstOpens();
    let phaseTick = 0;
    let drainTick = 0;
    for (const phase of this.setup.scenario.phases) {
      this.#clock.now = phaseTick;
      if (phase.kind === "halt") this.#halts.apply(phase);
      if (phase.kind === "unbind" || phase.kind === "bind") this.#bindings.apply(phase);
      if (phase.kind === "drain") {
        this.#draining = true;
        drainTick = phaseTick;
      }
      phaseTick += toTicks(lengthNs(phase), this.setup.scenario.tickNs);
      this.#clock.runUntil(phaseTick);
      if (phase.kind === "warmup") this.#forgetMeasures();
    }
    const isDrained = this.setup.scenario.phases.at(-1)?.kind === "drain" && this.#clock.isIdle;
    this.endTick = isDrained ? Math.max(this.#clock.lastEventTick, drainTick) : this.#clock.horizon;
    this.#clock.now = this.endTick;
    for (const slot of this.slots) {
      this.#obligations.judgeEnd(slot, isDrained);
      this.#objects?.judgeEnd(slot, isDrained);
    }
  }

  #firstOpens(): void {
    if (this.setup.arrivalGap === null) {
      for (const slot of this.slots) this.#open(slot);
    } else {
      this.#freeList.push(...this.slots);
      this.#scheduleArrival(0);
    }
  }

  #scheduleArrival(number: number): void {
    const gap = this.setup.arrivalGap;
    if (gap === null) return;
    this.#arrivalSum += this.#luck.arrivalGap(gap, number);
    this.#clock.at(Number(this.#arrivalSum >> 16n), () => this.#arrive(number));
  }

  #arrive(number: number): void {
    if (this.#draining) return;
    const slot = this.#takeFree();
    if (slot === undefined) this.ledger.turnedAway++;
    else this.#open(slot);
    this.#scheduleArrival(number + 1);
  }

  #takeFree(): Slot | undefined {
    for (;;) {
      const slot = this.#freeList.shift();
      if (slot === undefined) return undefined;
      if (slot.callManager.halted) continue;
      if (slot.generation < this.generationMax) return slot;
      this.#retire(slot);
    }
  }

  #open(slot: Slot): void {
    if (slot.generation === this.generationMax) {
      this.#retire(slot);
      return;
    }
    this.#obligations.judgeLeaks(slot);
    slot.generation++;
    this.#opens.open(slot);
  }

  #retire(slot: Slot): void {
    this.#obligations.judgeLeaks(slot);
    this.ledger.transition(this.#clock.now, slot, "retired");
  }

  /** The client has been told of its open. */
  #opened(slot: Slot): void {
    slot.tearing = false;
    this.#drivers.mistake("early-completion", slot, faultlessCompletion(slot, "close"));
    if (slot.callManager.halted) {
      this.#notifications.notify(slot);
      return;
    }
    if (slot.binding.state !== "bound") {
      this.#closes.close(slot);
      return;
    }
    slot.holdDueTick = this.#clock.now + this.#luck.hold(slot);
    this.#clock.at(slot.holdDueTick, () => {
      if (slot.state === "open" && slot.holdDueTick === this.#clock.now) this.#closes.close(slot);
    });
    this.#objects?.begin(slot);
  }

  /** The client has been told that its open has failed. */
  #failed(slot: Slot): void {
    this.#askToUnbind(slot);
    // Never at once: a client whose opens all fail would stop virtual time.
    this.#free(slot, 1);
    this.#drivers.mistake("failed-open-close", slot, closeCall(slot));
  }

  /** One call answers all failed opens of a binding, as it is the binding that is to be released. */
  #askToUnbind(slot: Slot): void {
    if (slot.binding.asked) return;
    slot.binding.asked = true;
    if (this.#drivers.strikes("no-unbind", slot)) this.#drivers.breaks(slot, "open/failed-unbind");
    else this.#drivers.calls.unbindAdapter(this.#clock.now, slot);
  }

  /** A lifecycle has ended. */
  #ended(slot: Slot): void {
    this.#free(slot, 0);
  }

  /** A slot has become vacant; it is not opened again before so many ticks have passed. */
  #free(slot: Slot, ticksMin: number): void {
    const { arrivalGap, scenario } = this.setup;
    this.#leave(slot);
    if (slot.binding.state !== "bound") return;
    if (arrivalGap !== null) {
      if (!slot.callManager.halted) this.#freeList.push(slot);
    } else if (scenario.client.reopen && this.#mayOpen(slot)) {
      if (ticksMin === 0 && this.#reopensAtOnce(slot)) {
        this.#open(slot);
      } else {
        slot.thinkDueTick = this.#clock.now + Math.max(ticksMin, this.#luck.think(slot));
        this.#clock.at(slot.thinkDueTick, () => {
          // An unbinding and a bind may have come between.
          const counts = slot.state === "vacant" && slot.thinkDueTick === this.#clock.now;
          if (counts && slot.binding.state === "bound" && this.#mayOpen(slot)) this.#open(slot);
        });
      }
    }
  }

  /** A halt or an unbinding need not wait for this slot any more. */
  #leave(slot: Slot): void {
    if (slot.callManager.halted) this.#halts.leave(slot);
    if (slot.binding.state !== "bound") this.#bindings.leave(slot);
  }

  /** The binding of a vacant slot is bound again. */
  #reopen(slot: Slot): void {
    if (this.setup.arrivalGap !== null) this.#freeList.push(slot);
    else if (!this.#draining) this.#open(slot);
  }

  #reopensAtOnce(slot: Slot): boolean {
    const { think, arrivalGap, scenario } = this.setup;
    const isAtOnce = arrivalGap === null && scenario.client.reopen && think.constantTicks === 0;
    return isAtOnce && this.#mayOpen(slot) && slot.binding.state === "bound";
  }

  #mayOpen(slot: Slot): boolean {
    return !this.#draining && !slot.callManager.halted;
  }

  /** The completion of a slot's open or close is called. */
  #beginCompletion(slot: Slot): void {
    this.#obligations.judgeLateness(slot);
    slot.completionTick = this.#clock.now;
    if (slot.state === "openPended") this.#opens.begin(slot);
    else this.#closeCompletions.begin(slot);
  }

  /** The completion has taken its time: the client is told, or will be. */
  #finishCompletion(slot: Slot): void {
    if (slot.state === "openCompleted" || slot.state === "openFailed") this.#opens.finish(slot);
    else this.#closeCompletions.finish(slot);
  }

  #forgetMeasures(): void {
    this.ledger.resetLatencies();
    for (const { stream } of this.callManagers) stream.measuredFrom = stream.sequences.length;
  }
}
