import { faults } from "../../src/contract/faults.js";
import type { RuleId } from "../../src/contract/rules.js";
import type { CallManagerHabit, ClientHabit } from "../../src/scenario/habits.js";
import type { Scenario } from "../../src/scenario/scenario.js";

/** What a habit leads to, beside what is owed then. */
const BY_HABIT: Readonly<Record<CallManagerHabit | ClientHabit, readonly RuleId[]>> = {
  "shared-flag": [],
  "one-handle": [
    "close/not-pended",
    "close/undrained",
    "close/double-complete",
    "close/cm-stale",
    "open/failed-handle",
  ],
  "held-lock": [],
  "ignored-status": ["close/completes-once"],
};

/** The rules that a scenario may break: by being too late, by the readings that it names, by its faults and its habits. */
export function breakableRules({ contract, faults: ofScenario, callManagers, client }: Scenario): ReadonlySet<string> {
  const kinds = new Set(ofScenario.map(({ kind }) => kind));
  return new Set<RuleId>([
    "open/owed",
    "close/owed",
    ...(client.objects === null ? [] : (["sap/owed", "call/owed", "party/drop"] as const)),
    ...(contract.openScope === "binding" ? (["open/use-before-complete"] as const) : []),
    ...(contract.notAcceptedClose === "table" ? (["close/status"] as const) : []),
    ...[client, ...callManagers].flatMap(({ habit }) => habit.flatMap((name) => BY_HABIT[name])),
    ...faults.filter(({ id }) => kinds.has(id)).map(({ rule }) => rule),
  ]);
}
