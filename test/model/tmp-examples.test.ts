import { describe, expect, it } from "vitest";
import { runReference } from "../../src/contract/reference.js";
import { OBJECT_FAULT_EXAMPLES } from "../support/object-fault-examples.js";
import { always, brokenRule, digestOf } from "../support/fault-example.js";
import type { FaultId } from "../../src/contract/faults.js";
describe.each(Object.entries(OBJECT_FAULT_EXAMPLES))("%s", (id, examples) => {
  it.each(examples.map((e, i) => [i, e] as const))("%i", (_, { scenario, entries, at }) => {
    const run = runReference({ ...scenario, faults: [always(id as FaultId, at)] });
    const broken = (warning: boolean) =>
      entries.flatMap(([tick, generation, what, , , slot = 0]) => {
        if (typeof what === "number" || brokenRule(what).warning !== warning) return [];
        return [{ rule: brokenRule(what).rule, tick, machine: 0, slot, generation }];
      });
    expect(run.violations).toEqual(broken(false));
    expect(run.warnings).toEqual(broken(true));
    expect(run.digest).toBe(digestOf(entries));
    const clean = runReference(scenario);
    expect([clean.violations, clean.warnings]).toEqual([[], []]);
  });
});
