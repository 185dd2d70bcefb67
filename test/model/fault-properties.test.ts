import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type RuleId, ruleOf } from "../../src/contract/rules.js";
import { runReference } from "../../src/contract/reference.js";
import { breakableRules } from "../support/breakable-rules.js";
import { faultyScenario } from "../support/scenario-generator.js";

describe("any scenario with faults", () => {
  const RUNS = 60;

  it("breaks only the rules of its faults, readings and obligations, and its totals add up", () => {
    let found = 0;
    fc.assert(
      fc.property(faultyScenario, (scenario) => {
        const { totals, machines, trace, violations, warnings } = runReference(scenario);
        const broken = [...violations, ...warnings];
        const rules = breakableRules(scenario);
        for (const { rule } of broken) expect(rules).toContain(rule);
        for (const { rule } of violations) expect(ruleOf(rule as RuleId).warning).toBe(false);
        for (const { rule } of warnings) {
          expect(ruleOf(rule as RuleId).warning || ruleOf(rule as RuleId).warningForm !== null).toBe(true);
        }
        const sum = (key: "openAtEnd" | "pendedAtEnd"): number =>
          machines.reduce((total, machine) => total + machine[key], 0);
        expect(totals.opens).toBe(totals.lifecycles + sum("openAtEnd") + sum("pendedAtEnd"));
        expect(totals.pendedCloses).toBe(totals.completions + sum("pendedAtEnd"));
        expect(trace.filter(({ op }) => op === "call").length).toBe(totals.calls);
        found += broken.length;
      }),
      { numRuns: RUNS },
    );
    expect(found).toBeGreaterThan(RUNS);
  });

  it("is as without faults when they all have rate 0 or no AF", () => {
    fc.assert(
      fc.property(faultyScenario, fc.boolean(), (scenario, byRate) => {
        const never = byRate ? { rate: 0, at: null } : { rate: null, at: [] };
        const harmless = { ...scenario, faults: scenario.faults.map(({ kind }) => ({ kind, ...never })) };
        expect(runReference(harmless)).toEqual(runReference({ ...scenario, faults: [] }));
      }),
      { numRuns: 20 },
    );
  });
});
