import { faults, objectFaultIds } from "../../src/contract/faults.js";
import { prepareScenario } from "../../src/modes/scenario-input.js";
import type { Scenario } from "../../src/scenario/scenario.js";

/** How much more often than in the catalogue mistakes are made, and how often at most: one can hide another. */
const FACTOR = 10;
const RATE_MAX = 0.3;

/** The built-in scenarios that together make every mistake, and the faults that each names. */
export const FAULTY = {
  "faulty-drivers": faults.filter(({ id }) => !objectFaultIds.has(id)),
  "faulty-calls": faults.filter(({ id }) => objectFaultIds.has(id)),
} as const;
type FaultyName = keyof typeof FAULTY;
export const FAULTY_NAMES = Object.keys(FAULTY) as readonly FaultyName[];

/** One of them, so small that the reference model runs it, with every mistake made often enough to break its rule. */
export async function smallFaulty(name: FaultyName): Promise<Scenario> {
  const scenario = await prepareScenario({ name }, { afs: "400", machines: "2" });
  const often = (rate: number | null): number => Math.min(RATE_MAX, FACTOR * (rate ?? 0));
  return { ...scenario, faults: scenario.faults.map((fault) => ({ ...fault, rate: often(fault.rate) })) };
}

/** Every rule that some fault of it breaks; where SAPs and VCs are never given up, closes stay pended too. */
export function faultRules(name: FaultyName): string[] {
  const beside = name === "faulty-calls" ? ["close/owed"] : [];
  return [...new Set([...FAULTY[name].map(({ rule }) => rule as string), ...beside])].toSorted();
}
