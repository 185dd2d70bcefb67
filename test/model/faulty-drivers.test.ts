import { expect, it } from "vitest";
import { prepareScenario } from "../../src/modes/scenario-input.js";
import type { Fault } from "../../src/scenario/scenario.js";
import { FAULTY, FAULTY_NAMES } from "../support/faulty-drivers.js";
import { runKernel } from "../support/run-kernel.js";

/** With so many times fewer AFs than in the catalogue. */
const FEWER = 8;
/** Their opportunities are as many as bindings and call managers, whatever the AFs. */
const OF_DRIVERS = /^register-|adapter/;

it.each(FAULTY_NAMES)(
  "%s makes every mistake of its kind: each alone, as often as there, breaks its rule",
  async (name) => {
    const whole = await prepareScenario({ name });
    const faults = FAULTY[name];
    const { afs } = whole.topology;
    expect(whole.faults.map(({ kind }) => kind)).toEqual(faults.map(({ id }) => id));
    const scenario = await prepareScenario({ name }, { afs: String(afs / FEWER) });
    const asOften = ({ kind, rate }: Fault): number => Math.min(1, (rate ?? 0) * (OF_DRIVERS.test(kind) ? 1 : FEWER));
    const idle = faults.filter(({ id, rule }) => {
      // The others stay, at rate 0, so that this one has the luck that it has among them.
      const alone = scenario.faults.map((fault) => ({ ...fault, rate: fault.kind === id ? asOften(fault) : 0 }));
      const { violationsByRule, warningsByRule } = runKernel({ ...scenario, faults: alone }).merged;
      return ({ ...violationsByRule, ...warningsByRule }[rule] ?? 0) === 0;
    });
    expect(idle.map(({ id }) => id)).toEqual([]);
  },
);
