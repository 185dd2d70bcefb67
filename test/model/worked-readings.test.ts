import { describe, expect, it } from "vitest";
import { DEFAULT_READINGS } from "../../src/scenario/readings.js";
import type { Scenario } from "../../src/scenario/scenario.js";
import { plainScenario } from "../support/plain-scenario.js";
import { runKernel } from "../support/run-kernel.js";
import { WORKED_READINGS } from "../support/worked-readings.js";
import { describeWorked, halted } from "../support/worked-runs.js";

describeWorked(WORKED_READINGS);

/** What was broken: rule, tick, slot and generation. */
const brokenIn = (scenario: Scenario): (readonly [string, number, number, number])[] =>
  runKernel(scenario).merged.firstViolations.map(
    ({ rule, tick, slot, generation }) => [rule, tick, slot, generation] as const,
  );

const always = (...kinds: readonly string[]): Scenario["faults"] => kinds.map((kind) => ({ kind, rate: 1, at: null }));
const afs = (count: number): Scenario["topology"] => ({
  machines: 1,
  adaptersPerMachine: 1,
  clientsPerAdapter: 1,
  afs: count,
});

describe("what a call manager remembers", () => {
  it("is a flag: of three closes that are pended at once only the first is completed", () => {
    const scenario = plainScenario({
      topology: afs(3),
      phases: [
        { kind: "run", ns: 1_100 },
        { kind: "drain", ns: 1e9 },
      ],
      faults: always("shared-flag"),
    });
    // All set it at 10; at 30 slot 0 takes it back.
    expect(brokenIn(scenario)).toEqual([
      ["close/owed", 30, 1, 1],
      ["close/owed", 30, 2, 1],
    ]);
  });

  it("is the last handle: a later close is not completed, but that one twice", () => {
    const scenario = plainScenario({
      topology: afs(2),
      phases: [
        { kind: "run", ns: 1_100 },
        { kind: "drain", ns: 1e9 },
      ],
      faults: always("one-handle"),
    });
    expect(brokenIn(scenario)).toEqual([
      ["close/double-complete", 30, 0, 1],
      ["close/owed", 30, 1, 1],
    ]);
  });

  it("is its place in a list: the AF after one that is gone is skipped, and the one after that is not", () => {
    const scenario = halted({ topology: afs(4), faults: always("walk-skips") }, {}, {}, { pend: 0 });
    expect(brokenIn(scenario)).toEqual([
      ["notify/required", 4, 1, 1],
      ["notify/required", 4, 3, 1],
    ]);
  });

  it("is lost when its adapter halts", () => {
    const scenario = halted({
      faults: always("halted-completion"),
      phases: [
        { kind: "run", ns: 400 },
        { kind: "halt", adapters: [{ from: 0, to: 0 }] },
        { kind: "drain", ns: 1e6 },
      ],
    });
    expect(brokenIn(scenario)).toEqual([["close/owed", 24, 0, 1]]);
  });
});

it("a close while another AF of the binding is opening is too early in one reading, and takes effect all the same", () => {
  const scenario = plainScenario(
    {
      topology: afs(2),
      // Both opens complete at 7, slot 0 first: it is closed at once, as its client is being unbound.
      phases: [
        { kind: "run", ns: 400 },
        { kind: "unbind", adapters: [{ from: 0, to: 0 }], clients: [{ from: 0, to: 0 }] },
        { kind: "run", ns: 9_600 },
      ],
    },
    { pend: 1 },
    {},
    { irql: "PASSIVE_LEVEL" },
  );
  const { merged } = runKernel({ ...scenario, contract: { ...DEFAULT_READINGS, openScope: "binding" } });
  expect(brokenIn(scenario)).toEqual([]);
  expect(merged.firstViolations.map(({ rule, tick, slot }) => [rule, tick, slot])).toEqual([
    ["open/use-before-complete", 7, 0],
  ]);
  expect(merged.totals).toMatchObject({ closes: 2, lifecycles: 2 });
});
