import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { afCountOf, planRun } from "../../src/run/plan.js";
import type { Scenario } from "../../src/scenario/scenario.js";
import { fakeScenario } from "../support/fake-plan.js";
import { runKernel } from "../support/run-kernel.js";

const counts = { shards: null, trace: null };

describe("planRun", () => {
  it("puts every machine into one shard, and every AF", () => {
    const sizes = fc
      .integer({ min: 1, max: 40 })
      .chain((machines) =>
        fc.record({ machines: fc.constant(machines), shards: fc.integer({ min: 1, max: machines }) }),
      );
    fc.assert(
      fc.property(sizes, ({ machines, shards }) => {
        const plan = planRun(fakeScenario("any", machines), { shards, trace: null });
        const placed = plan.shards.flatMap(({ firstMachine, machineCount }) =>
          Array.from({ length: machineCount }, (_, index) => firstMachine + index),
        );
        expect(plan.shards).toHaveLength(shards);
        expect(placed).toEqual(Array.from({ length: machines }, (_, machine) => machine));
        expect(plan.shards.reduce((afs, shard) => afs + afCountOf(shard), 0)).toBe(1000 * machines);
      }),
    );
  });

  it.each([0, 1.5, -1, NaN])("makes no plan without some of the machines: %s shards", (shards) => {
    expect(() => planRun(fakeScenario("any", 3), { shards, trace: null })).toThrow();
  });

  it("refuses a run in which a call manager would have more closes than it can count", () => {
    const scenario = fakeScenario("any", 1);
    const endless: Scenario = {
      ...scenario,
      topology: { ...scenario.topology, afs: 10_000_000, adaptersPerMachine: 1 },
      phases: [{ kind: "run", ns: 400e9 }],
    };
    expect(() => planRun(endless, counts)).toThrow(
      expect.objectContaining({
        name: "InputError",
        message: expect.stringMatching(/closes are planned.*use more adapters/),
      }),
    );
    expect(() => planRun({ ...endless, phases: [{ kind: "run", ns: 1e6 }] }, counts)).not.toThrow();
  });

  it("plans for the records of the AFs that are traced, also when these are many", () => {
    const scenario = fakeScenario("any", 2);
    const planned = (afs: { from: number; to: number }[] | null): number =>
      planRun(scenario, { shards: null, trace: { afs, timeNs: null } }).expectedTraceRecords;
    expect(planned([{ from: 0, to: 499 }])).toBeCloseTo(planned(null) / 4, -1);
    expect(
      planned([
        { from: 0, to: 1999 },
        { from: 0, to: 1999 },
      ]),
    ).toBe(planned(null));
  });
});

describe("a trace of some AFs", () => {
  it("has those of every range, across machines, and no other", () => {
    const scenario = fakeScenario("any", 3);
    const afs = [
      { from: 3, to: 3 },
      { from: 998, to: 2001 },
    ];
    const { trace } = runKernel(scenario, { trace: { afs, timeNs: null } });
    const traced = new Set(
      (trace as { machine: number; af?: string }[])
        .filter(({ af }) => af !== undefined)
        .map(({ machine, af }) => 1000 * machine + Number(/#(\d+)/.exec(af ?? "")?.[1])),
    );
    const wanted = [3, ...Array.from({ length: 1004 }, (_, index) => 998 + index)];
    expect([...traced].sort((a, b) => a - b)).toEqual(wanted);
  });
});
