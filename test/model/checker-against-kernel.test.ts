import fc from "fast-check";
import { describe, expect, it, vi } from "vitest";
import type { Verdict } from "../../src/contract/checker/verdict.js";
import type { FaultId } from "../../src/contract/faults.js";
import { prepareScenario } from "../../src/modes/scenario-input.js";
import { catalogueNames } from "../../src/scenario/catalogue.js";
import type { Scenario } from "../../src/scenario/scenario.js";
import { checkRecords, optionsOf } from "../support/check-trace.js";
import { FAULTY, FAULTY_NAMES, smallFaulty } from "../support/faulty-drivers.js";
import { type KernelRun, runKernel } from "../support/run-kernel.js";
import { faultyScenario, scenario as arbitraryScenario } from "../support/scenario-generator.js";

/**
 * Where the two may count a rule differently, and by which mistakes together.
 *
 * - A client that never calls its own completion function does not come to where it would release its context, so that a context-leak beside it
 *   leaves no other trace.
 * - The simulator knows a SAP by its number, and does not follow which address a SAP has that was registered by mistake; the checker goes by
 *   addresses. So they differ where such a SAP's own number is asked for by a third client, or by its owner again.
 */
const COUNTED_DIFFERENTLY: readonly { readonly rule: string; readonly faults: readonly FaultId[] }[] = [
  { rule: "close/context-leak", faults: ["no-self-complete", "context-leak"] },
  { rule: "sap/status", faults: ["sap-in-use"] },
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
  const differing = COUNTED_DIFFERENTLY.filter((one) => one.faults.every((kind) => canStrike(scenario, kind)));
  for (const { rule } of differing) {
    delete expected[rule];
    delete found[rule];
  }
  const text = JSON.stringify(scenario);
  expect(found, text).toEqual(expected);
  if (differing.length === 0) expect(verdict.undecided, text).toBe(totals.undecided);
  expect(verdict.cannotSay, text).toEqual([]);
}

describe("the checker of traces and the kernel", () => {
  vi.setConfig({ testTimeout: 600_000 });

  it.each(catalogueNames)("agree on the built-in %s with few AFs", async (name) => {
    const duration = name === "one-af" ? { duration: "1500us" } : {};
    expectAgreement(await prepareScenario({ name }, { afs: "60", machines: "2", ...duration }));
  });

  describe.each(FAULTY_NAMES)("agree on %s", (name) => {
    it.each(FAULTY[name])("whose drivers make only the mistake $id", async ({ id }) => {
      const { topology, ...scenario } = await smallFaulty(name);
      expectAgreement({ ...scenario, topology: { ...topology, afs: 60 }, faults: [{ kind: id, rate: 0.4, at: null }] });
    });

    it("whose drivers make every mistake", async () => {
      expectAgreement(await smallFaulty(name));
    });
  });

  it("agree on any scenario without mistakes", () => {
    fc.assert(fc.property(arbitraryScenario, expectAgreement), { numRuns: RUNS });
  });

  it("agree on any scenario whose drivers make mistakes, in all readings of the contract", () => {
    fc.assert(fc.property(faultyScenario, expectAgreement), { numRuns: RUNS });
  });

  it.each(["calls-and-parties", "batch-halt", "rebind", "inline-race"])(
    "hold nothing against the beginning of a correct trace, of %s",
    async (name) => {
      const run = { afs: "40", machines: "1", duration: "2ms" };
      const { trace } = runKernel(await prepareScenario({ name }, run), { trace: { afs: null, timeNs: null } });
      const records = trace as readonly object[];
      const cut = fc.integer({ min: 1, max: records.length - 1 });
      const isAccused = (count: number): boolean => checkRecords(records.slice(0, count)).violations > 0;
      fc.assert(
        fc.property(cut, (count) => !isAccused(count)),
        { numRuns: 60 },
      );
    },
  );
});
