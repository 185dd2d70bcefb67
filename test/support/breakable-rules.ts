import { faults } from "../../src/contract/faults.js";
import type { RuleId } from "../../src/contract/rules.js";
import type { Scenario } from "../../src/scenario/scenario.js";

/** The rules that a scenario may break: by being too late, by the readings that it names, and by its faults. */
export function breakableRules({ contract, faults: ofScenario }: Scenario): ReadonlySet<string> {
  const kinds = new Set(ofScenario.map(({ kind }) => kind));
  return new Set<RuleId>([
    "open/owed",
    "close/owed",
    ...(contract.openScope === "binding" ? (["open/use-before-complete"] as const) : []),
    ...(contract.notAcceptedClose === "table" ? (["close/status"] as const) : []),
    ...faults.filter(({ id }) => kinds.has(id)).map(({ rule }) => rule),
  ]);
}
