import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { faults } from "../../src/contract/faults.js";
import { runReference } from "../../src/contract/reference.js";
import { faultyScenario } from "../support/scenario-generator.js";

describe("any scenario with faults", () => {
  const RUNS = 60;
  const OWED = ["open/owed", "close/owed"];

  it("breaks only the rules of its faults and obligations, and its totals add up", () => {
    let violations = 0;
    fc.assert(
      fc.property(faultyScenario, (scenario) => {
        const { totals, machines, trace, violations: broken } = runReference(scenario);
        const kinds = new Set(scenario.faults.map(({ kind }) => kind));
        const rules = new Set([...OWED, ...faults.filter(({ id }) => kinds.has(id)).map(({ rule }) => rule)]);
        for (const { rule } of broken) expect(rules).toContain(rule);
        const sum = (key: "openAtEnd" | "pendedAtEnd"): number =>
          machines.reduce((total, machine) => total + machine[key], 0);
        expect(totals.opens).toBe(totals.lifecycles + sum("openAtEnd") + sum("pendedAtEnd"));
        expect(totals.pendedCloses).toBe(totals.completions + sum("pendedAtEnd"));
        expect(trace.filter(({ op }) => op === "call").length).toBe(totals.calls);
        violations += broken.length;
      }),
      { numRuns: RUNS },
    );
    expect(violations).toBeGreaterThan(RUNS);
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
