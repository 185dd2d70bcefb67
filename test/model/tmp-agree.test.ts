import fc from "fast-check";
import { it } from "vitest";
import { faultyScenario, scenario as arbitrary, withObjects } from "../support/scenario-generator.js";
import { expectAgreement } from "../support/agreement.js";
const N = Number(process.env.N ?? 50);
const seed = Number(process.env.SEED ?? 1);
it("clean", () => {
  fc.assert(
    fc.property(withObjects(arbitrary), (s) => expectAgreement(s)),
    { numRuns: N, seed, endOnFailure: true },
  );
}, 6000000);
it("faulty", () => {
  fc.assert(
    fc.property(withObjects(faultyScenario), (s) => expectAgreement(s)),
    { numRuns: N, seed, endOnFailure: true },
  );
}, 6000000);
it("retiring", () => {
  fc.assert(
    fc.property(withObjects(faultyScenario), fc.integer({ min: 1, max: 6 }), (s, g) => expectAgreement(s, g)),
    { numRuns: N / 2, seed, endOnFailure: true },
  );
}, 6000000);
