import { expect } from "vitest";
import { runReference, type ReferenceRun } from "../../src/contract/reference.js";
import { foldDigest } from "../../src/measure/merge.js";
import { FIRST_VIOLATIONS, formOf } from "../../src/measure/outcome.js";
import type { Scenario } from "../../src/scenario/scenario.js";
import { expectSameTrace, markedWarnings } from "./agreement.js";
import { runKernel } from "./run-kernel.js";

/** Runs a scenario that was worked out by hand in the reference model, and sees that the kernel leaves the same trace, totals and digest. */
export function runBoth(scenario: Scenario, generationMax?: number): ReferenceRun {
  const reference = runReference(scenario, true, generationMax);
  const limit = generationMax === undefined ? {} : { generationMax };
  const kernel = runKernel(scenario, { trace: { afs: null, timeNs: null }, ...limit });
  const { merged } = kernel;
  expectSameTrace(kernel, reference);
  expect(merged.totals).toEqual(reference.totals);
  expect(foldDigest(merged.machines)).toBe(reference.digest);
  expect(merged.firstViolations).toEqual(reference.violations.slice(0, FIRST_VIOLATIONS));
  const broken = [...reference.violations, ...markedWarnings(reference)];
  for (const first of merged.firstOfRules) expect(first).toEqual(broken.find((one) => formOf(one) === formOf(first)));
  return reference;
}
