import { type CheckerOptions, createChecker } from "../../src/contract/checker/checker.js";
import type { TraceEvent } from "../../src/contract/checker/event.js";
import type { Verdict } from "../../src/contract/checker/verdict.js";
import { horizonTicksOf } from "../../src/run/plan.js";
import type { Scenario } from "../../src/scenario/scenario.js";

/** Judges records, numbered from line 1. */
export function checkRecords(records: readonly object[], options?: CheckerOptions): Verdict {
  const checker = createChecker(options);
  for (const [i, record] of records.entries()) checker.take({ line: i + 1, ...record } as TraceEvent);
  return checker.end();
}

/** The options with which the checker judges a trace as the run that left it: its readings, its deadlines and its end. */
export function optionsOf(
  scenario: Scenario,
  machines: readonly { readonly machine: number; readonly endTick: number }[],
): CheckerOptions {
  const isDraining = scenario.phases.at(-1)?.kind === "drain";
  const horizonTick = horizonTicksOf(scenario);
  const ends = new Map(machines.map(({ machine, endTick }) => [machine, endTick]));
  return {
    readings: scenario.contract,
    deadlines: scenario.deadlines,
    end: (machine) => {
      const endTick = ends.get(machine)!;
      return { timeNs: endTick * scenario.tickNs, isDrained: isDraining && endTick < horizonTick };
    },
  };
}
