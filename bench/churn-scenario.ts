import { prepareScenario } from "../src/modes/scenario-input.js";
import type { Scenario } from "../src/scenario/scenario.js";

/**
 * The built-in churn (src/scenario/catalogue.ts) at a population and a length.
 * @param durationMs virtual time, in whole milliseconds; 50 in the scenario as it is defined.
 */
export async function churnScenario(afs: number, machines: number, durationMs: number): Promise<Scenario> {
  const overrides = { afs: String(afs), machines: String(machines), duration: `${durationMs}ms` };
  return prepareScenario({ name: "churn" }, overrides);
}
