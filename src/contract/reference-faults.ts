import type { Scenario } from "../scenario/scenario.js";
import { draw, faultPurpose, machineKey, probabilityThreshold, saysYes } from "./draw.js";
import { type FaultId, isFaultId } from "./faults.js";
import { slotsOfMachine } from "./reference-layout.js";

/** A fault of the scenario on one machine. */
interface Striker {
  readonly kind: FaultId;
  /** @param object what is drawn for: mostly the slot itself */
  strikes(slot: number, object: number, generation: number): boolean;
}

/** Says where the faults of a scenario strike on one machine (MODEL.md, "Faults"). */
export class ReferenceFaults {
  readonly #strikers: readonly Striker[];

  /** Throws Error when the scenario names a fault that does not exist. */
  constructor(scenario: Scenario, machine: number) {
    const { first } = slotsOfMachine(scenario, machine);
    this.#strikers = scenario.faults.map(({ kind, rate, at }, index) => {
      if (!isFaultId(kind)) throw new Error(`there is no fault ${kind}`);
      if (rate === null) {
        const afs = new Set(at);
        return { kind, strikes: (slot) => afs.has(first + slot) };
      }
      const key = machineKey(scenario.seed, machine, faultPurpose(index));
      const threshold = probabilityThreshold(rate);
      return { kind, strikes: (_, object, generation) => saysYes(draw(key, object, generation, 0), threshold) };
    });
  }

  /** Whether a fault of this kind strikes at an opportunity in this lifecycle of a slot. */
  strikes(kind: FaultId, slot: number, generation: number): boolean {
    return this.strikesObject(kind, slot, slot, generation);
  }

  /** Whether it strikes in this life of an object of that slot, which has an index in its own table. */
  strikesObject(kind: FaultId, slot: number, object: number, generation: number): boolean {
    return this.#strikers.some((striker) => striker.kind === kind && striker.strikes(slot, object, generation));
  }
}
