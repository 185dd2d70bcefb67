import { ReferenceActivations } from "./reference-activations.js";
import type { ReferenceDrivers } from "./reference-drivers.js";
import { ReferenceIncomingCalls } from "./reference-incoming-calls.js";
import type { ReferenceSetup } from "./reference-layout.js";
import { ReferenceCalls } from "./reference-object-calls.js";
import { ReferenceObjectDrivers } from "./reference-object-drivers.js";
import { owedRule } from "./reference-object-judge.js";
import { ReferenceObjectLuck } from "./reference-object-luck.js";
import { atClient, ReferenceObjectTrace, type Where } from "./reference-object-trace.js";
import { type AfObject, isUnclosed, type Vc } from "./reference-objects.js";
import { ReferenceOperations } from "./reference-operations.js";
import { ReferenceParties } from "./reference-parties.js";
import type { Slot } from "./reference-parts.js";
import { ReferenceSaps } from "./reference-saps.js";
import { ReferenceVcCalls } from "./reference-vc-calls.js";
import { ReferenceVcs } from "./reference-vcs.js";

/** What the SAPs and VCs of AFs lead to. */
export interface ObjectSteps {
  /** Whether no call is begun any more. */
  readonly isDraining: () => boolean;
  /** The client has given up everything on an AF, and closes that. */
  readonly ask: (slot: Slot, where: Where) => void;
  /** Nothing is left on an AF that its client closes, or has closed. */
  readonly drained: (slot: Slot) => void;
}

/** What hangs on the AFs of one machine, from the open to the close of each (MODEL-OBJECTS.md, "Life" and "Close"). */
export class ReferenceObjectLife {
  readonly #drivers: ReferenceObjectDrivers;
  readonly #saps: ReferenceSaps;
  readonly #vcs: ReferenceVcs;
  readonly #calls: ReferenceCalls;

  constructor(
    drivers: ReferenceDrivers,
    setup: ReferenceSetup & { readonly objects: NonNullable<ReferenceSetup["objects"]> },
    machine: number,
    generationMax: number,
    readonly steps: ObjectSteps,
  ) {
    const luck = new ReferenceObjectLuck(setup, setup.objects, machine);
    this.#drivers = new ReferenceObjectDrivers(drivers, luck, setup.closeDeadlineTicks);
    const trace = new ReferenceObjectTrace(drivers.calls.tracer);
    const operations = new ReferenceOperations(this.#drivers, trace);
    const vcCalls = new ReferenceVcCalls(this.#drivers, trace);
    const after = (ticks: number, slot: Slot, happen: () => void): void => this.#after(ticks, slot, happen);
    const gone = (slot: Slot): void => this.#gone(slot);
    const endOf = (vc: Vc): void => this.#vcs.delete(vc);

    this.#saps = new ReferenceSaps(this.#drivers, operations, { after, gone });
    const activations = new ReferenceActivations(this.#drivers, operations, after);
    const parties = new ReferenceParties(this.#drivers, operations, vcCalls, {
      after,
      advance: ({ vc }) => this.#calls.advance(vc, atClient(vc.slot)),
    });
    this.#calls = new ReferenceCalls(this.#drivers, operations, vcCalls, activations, parties, {
      after,
      waitForEnd: (vc) => this.#vcs.waitForEnd(vc),
      delete: endOf,
    });
    const incoming = new ReferenceIncomingCalls(this.#drivers, operations, vcCalls, activations, {
      after,
      connected: (vc) => this.#calls.connected(vc),
      delete: endOf,
    });
    this.#vcs = new ReferenceVcs(this.#drivers, operations, vcCalls, generationMax, {
      after,
      gone,
      isDraining: steps.isDraining,
      make: (vc) => this.#calls.make(vc),
      receive: (vc) => incoming.receive(vc),
      end: (vc) => this.#calls.advance(vc, atClient(vc.slot)),
    });
  }

  /** An AF is open, and its hold has begun. */
  begin({ saps, vcs }: Slot): void {
    for (const sap of saps) this.#saps.register(sap);
    for (const vc of vcs) this.#vcs.waitForCall(vc);
  }

  /**
   * The client of an AF gives up what is on it, and then closes it if it has not done so before.
   * @param mayTurnAround whether it may make the mistake to begin with the SAPs: it closes because it is notified
   */
  tear(slot: Slot, where: Where, mayTurnAround = false): void {
    slot.tearing = true;
    if (mayTurnAround) this.#turnAround(slot, where);
    for (const vc of slot.vcs) {
      if (!slot.tearing) return;
      if (vc.state === "vacant" || vc.ending) continue;
      vc.ending = true;
      this.#calls.advance(vc, where);
    }
    this.#settle(slot, where);
  }

  /** The run has ended for a slot: what is owed on it. */
  judgeEnd(slot: Slot, isFinal: boolean): void {
    const objects: AfObject[] = [...slot.saps, ...slot.vcs.flatMap((vc) => [vc, ...vc.parties])];
    const { drivers } = this.#drivers;
    for (const object of objects) {
      const rule = owedRule(object);
      if (rule === null) continue;
      if (isFinal || this.#drivers.isOverdue(object)) drivers.breaks(slot, rule);
      else drivers.ledger.undecided++;
    }
  }

  /** The client of an AF of which it is notified gives up its SAPs before its calls. */
  #turnAround(slot: Slot, where: Where): void {
    const { drivers } = this.#drivers;
    const registered = slot.saps.filter(({ state }) => state === "registered");
    const hasVcs = slot.vcs.some(({ state }) => state !== "vacant");
    if (!hasVcs || registered.length === 0 || !drivers.strikes("saps-first", slot)) return;
    drivers.breaks(slot, "notify/order");
    for (const sap of registered) this.#saps.deregister(sap, where);
  }

  /** What is given up goes on as far as it can: when all calls are closed SAPs are deregistered, and then the AF is closed. */
  #settle(slot: Slot, where: Where): void {
    if (!slot.tearing || slot.vcs.some(isUnclosed)) return;
    for (const sap of slot.saps) {
      if (!slot.tearing) return;
      if (sap.state === "registered") this.#saps.deregister(sap, where);
    }
    if (!slot.tearing || slot.saps.some(isUnclosed)) return;
    if (slot.state === "open") this.steps.ask(slot, where);
  }

  #gone(slot: Slot): void {
    slot.left--;
    if (slot.left === 0 && slot.tearing) this.steps.drained(slot);
  }

  #after(ticks: number, slot: Slot, happen: () => void): void {
    this.#drivers.drivers.clock.after(ticks, () => {
      happen();
      this.#settle(slot, atClient(slot));
    });
  }
}
