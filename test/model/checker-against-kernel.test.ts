import fc from "fast-check";
import { describe, expect, it, vi } from "vitest";
import type { Verdict } from "../../src/contract/checker/verdict.js";
import { faults, type FaultId } from "../../src/contract/faults.js";
import { prepareScenario } from "../../src/modes/scenario-input.js";
import { catalogueNames } from "../../src/scenario/catalogue.js";
import type { Scenario } from "../../src/scenario/scenario.js";
import { checkRecords, optionsOf } from "../support/check-trace.js";
import { smallFaulty } from "../support/faulty-drivers.js";
import { type KernelRun, runKernel } from "../support/run-kernel.js";
import { faultyScenario, scenario as arbitraryScenario } from "../support/scenario-generator.js";

/**
 * What a trace cannot show, so that the checker says less than the kernel. A client that never calls its own completion function does not come to
 * where it would release its context, so that a context-leak beside it leaves no other trace.
 */
const UNSEEN: readonly { readonly rule: string; readonly faults: readonly FaultId[] }[] = [
  { rule: "close/context-leak", faults: ["no-self-complete", "context-leak"] },
];

const RUNS = Number(process.env["CONDIS_MODEL_RUNS"] ?? 30);

function judge(scenario: Scenario): { readonly kernel: KernelRun; readonly verdict: Verdict } {
  const kernel = runKernel(scenario, { trace: { afs: null, timeNs: null } });
  const records = kernel.trace as readonly object[];
  return { kernel, verdict: checkRecords(records, optionsOf(scenario, kernel.merged.machines)) };
}

/** Whether a fault can strike: injected, or by the habit that comes to the same. */
function canStrike({ faults: ofScenario, client }: Scenario, kind: FaultId): boolean {
  if (kind === "no-self-complete" && client.habit.includes("ignored-status")) return true;
  return ofScenario.some((one) => one.kind === kind);
}

function expectAgreement(scenario: Scenario): void {
  const { kernel, verdict } = judge(scenario);
  const { violationsByRule, warningsByRule, totals } = kernel.merged;
  const expected: Record<string, number> = { ...violationsByRule };
  for (const [rule, count] of Object.entries(warningsByRule)) expected[rule] = (expected[rule] ?? 0) + count;
  const found: Record<string, number> = { ...verdict.byRule };
  const unseen = UNSEEN.filter((one) => one.faults.every((kind) => canStrike(scenario, kind)));
  for (const { rule } of unseen) {
    expect(found[rule] ?? 0).toBeLessThanOrEqual(expected[rule] ?? 0);
    delete expected[rule];
    delete found[rule];
  }
  const text = JSON.stringify(scenario);
  expect(found, text).toEqual(expected);
  if (unseen.length === 0) expect(verdict.undecided, text).toBe(totals.undecided);
  expect(verdict.cannotSay, text).toEqual([]);
}

describe("the checker of traces and the kernel", () => {
  vi.setConfig({ testTimeout: 600_000 });

  it.each(catalogueNames)("agree on the built-in %s with few AFs", async (name) => {
    const duration = name === "one-af" ? { duration: "1500us" } : {};
    expectAgreement(await prepareScenario({ name }, { afs: "60", machines: "2", ...duration }));
  });

  it.each(faults)("agree on drivers that make only the mistake $id", async ({ id }) => {
    const { topology, ...scenario } = await smallFaulty("faulty-drivers");
    expectAgreement({ ...scenario, topology: { ...topology, afs: 60 }, faults: [{ kind: id, rate: 0.4, at: null }] });
  });

  it("agree on drivers that make every mistake", async () => {
    expectAgreement(await smallFaulty("faulty-drivers"));
  });

  it("agree on any scenario without mistakes", () => {
    fc.assert(fc.property(arbitraryScenario, expectAgreement), { numRuns: RUNS });
  });

  it("agree on any scenario whose drivers make mistakes, in all readings of the contract", () => {
    fc.assert(fc.property(faultyScenario, expectAgreement), { numRuns: RUNS });
  });
});
