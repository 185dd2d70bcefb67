import { expect, it } from "vitest";
import { faults } from "../../src/contract/faults.js";
import { prepareScenario } from "../../src/modes/scenario-input.js";
import type { Fault } from "../../src/scenario/scenario.js";
import { runKernel } from "../support/run-kernel.js";

/** With so many times fewer AFs than in the catalogue. */
const FEWER = 8;
/** Their opportunities are as many as bindings and call managers, whatever the AFs. */
const OF_DRIVERS = /^register-|adapter/;

it("faulty-drivers makes every mistake that there is: each alone, as often as there, breaks its rule", async () => {
  const whole = await prepareScenario({ name: "faulty-drivers" });
  const { afs } = whole.topology;
  expect(whole.faults.map(({ kind }) => kind)).toEqual(faults.map(({ id }) => id));
  const scenario = await prepareScenario({ name: "faulty-drivers" }, { afs: String(afs / FEWER) });
  const asOften = ({ kind, rate }: Fault): number => Math.min(1, (rate ?? 0) * (OF_DRIVERS.test(kind) ? 1 : FEWER));
  const idle = faults.filter(({ id, rule }) => {
    // The others stay, at rate 0, so that this one has the luck that it has among them.
    const alone = scenario.faults.map((fault) => ({ ...fault, rate: fault.kind === id ? asOften(fault) : 0 }));
    const { violationsByRule, warningsByRule } = runKernel({ ...scenario, faults: alone }).merged;
    return ({ ...violationsByRule, ...warningsByRule }[rule] ?? 0) === 0;
  });
  expect(idle.map(({ id }) => id)).toEqual([]);
});
