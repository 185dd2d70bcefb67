import { faults } from "../../src/contract/faults.js";
import { prepareScenario } from "../../src/modes/scenario-input.js";
import type { Scenario } from "../../src/scenario/scenario.js";

/** How much more often than in the catalogue mistakes are made, and how often at most: one can hide another. */
const FACTOR = 10;
const RATE_MAX = 0.3;

/** The built-in faulty-drivers, so small that the reference model runs it, with every mistake made often enough to break its rule. */
export async function smallFaultyDrivers(): Promise<Scenario> {
  const scenario = await prepareScenario({ name: "faulty-drivers" }, { afs: "400", machines: "2" });
  const often = (rate: number | null): number => Math.min(RATE_MAX, FACTOR * (rate ?? 0));
  return { ...scenario, faults: scenario.faults.map((fault) => ({ ...fault, rate: often(fault.rate) })) };
}

/** Every rule that some fault breaks. */
export const FAULT_RULES: readonly string[] = [...new Set(faults.map(({ rule }) => rule as string))].toSorted();
