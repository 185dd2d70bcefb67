import { faultIds } from "../contract/faults.js";
import { RULE_FORMS } from "../contract/rule-forms.js";
import { BY_RULE_PREFIX, resultPaths } from "../result/thresholds.js";
import type { Check } from "../scenario/check.js";
import type { ScenarioOverrides } from "../scenario/override.js";
import { resolveScenario, type ScenarioSource } from "../scenario/resolve.js";
import type { Scenario } from "../scenario/scenario.js";

/**
 * Resolves a scenario and checks its thresholds and faults against what this version measures and knows.
 *
 * @param limits of the way in which it is to be played
 * @throws InputError for the first problem
 */
export async function prepareScenario(
  source: ScenarioSource,
  overrides: ScenarioOverrides = {},
  limits: readonly Check<Scenario>[] = [],
): Promise<Scenario> {
  // Most rules count among the violations or among the warnings: under the other name they would be 0 whatever happens.
  const byRule = RULE_FORMS.map(({ id, warning }) => `${BY_RULE_PREFIX[warning ? "warnings" : "violations"]}${id}`);
  const known = { faultIds, resultPaths: [...resultPaths, ...byRule], limits };
  return resolveScenario(source, overrides, known);
}
