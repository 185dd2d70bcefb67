import { faultIds } from "../contract/faults.js";
import { RULES } from "../contract/rules.js";
import { BY_RULE_PREFIXES, resultPaths } from "../result/thresholds.js";
import type { ScenarioOverrides } from "../scenario/override.js";
import { resolveScenario, type ScenarioSource } from "../scenario/resolve.js";
import type { Scenario } from "../scenario/scenario.js";

/**
 * Resolves a scenario and checks its thresholds and faults against what this version measures and knows.
 *
 * @throws InputError for the first problem
 */
export async function prepareScenario(source: ScenarioSource, overrides: ScenarioOverrides = {}): Promise<Scenario> {
  const byRule = BY_RULE_PREFIXES.flatMap((prefix) => RULES.map(({ id }) => `${prefix}${id}`));
  return resolveScenario(source, overrides, { faultIds, resultPaths: [...resultPaths, ...byRule] });
}
