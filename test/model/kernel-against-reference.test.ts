import fc from "fast-check";
import { describe, expect, it, vi } from "vitest";
import { runReference } from "../../src/contract/reference.js";
import { prepareScenario } from "../../src/modes/scenario-input.js";
import { catalogueNames } from "../../src/scenario/catalogue.js";
import { TICKS_MAX } from "../../src/scenario/limits.js";
import type { Scenario } from "../../src/scenario/scenario.js";
import { hasPlainDrivers } from "../../src/run/shard.js";
import { expectAgreement, expectSame, expectSameTrace } from "../support/agreement.js";
import { FAULTY_NAMES, faultRules, smallFaulty } from "../support/faulty-drivers.js";
import { PLAIN_CALL_MANAGER, PLAIN_CLIENT, plainScenario } from "../support/plain-scenario.js";
import { faultyScenario, scenario as arbitraryScenario, withObjects } from "../support/scenario-generator.js";
import { runKernel } from "../support/run-kernel.js";

const EXPONENTIAL = { kind: "exponential", meanNs: 1_000_000 } as const;
const pendingCallManager = {
  ...PLAIN_CALL_MANAGER,
  close: { ...PLAIN_CALL_MANAGER.close, pend: 1, service: EXPONENTIAL },
};

/** AFs that live a thousand lives in the time of the scenario live about twenty in this, as those of the others do. */
const DURATIONS: Readonly<Partial<Record<string, string>>> = { "one-af": "1500us" };

const RUNS = Number(process.env["CONDIS_MODEL_RUNS"] ?? 30);

describe("the kernel and the reference model", () => {
  vi.setConfig({ testTimeout: 600_000 });

  it("agree on every record of the trace, every count, every latency and the digest of any scenario", () => {
    fc.assert(
      fc.property(arbitraryScenario, (scenario) => expectAgreement(scenario)),
      { numRuns: RUNS },
    );
  });

  it.each(catalogueNames)("agree on the built-in %s with few AFs", async (name) => {
    const duration = DURATIONS[name];
    const overrides = { afs: "200", machines: "2", ...(duration === undefined ? {} : { duration }) };
    expectAgreement(await prepareScenario({ name }, overrides));
  });

  it.each(FAULTY_NAMES)("agree on %s when it breaks every rule that its faults break", async (name) => {
    const scenario = await smallFaulty(name);
    const { violationsByRule, warningsByRule } = runKernel(scenario).merged;
    expect(Object.keys({ ...violationsByRule, ...warningsByRule }).toSorted()).toEqual(faultRules(name));
    expectAgreement(scenario);
  });

  it("agree on every scenario whose drivers make mistakes", () => {
    fc.assert(
      fc.property(faultyScenario, (scenario) => expectAgreement(scenario)),
      { numRuns: RUNS },
    );
  });

  it("agree on SAPs, VCs, calls and parties, whatever else happens", () => {
    fc.assert(
      fc.property(withObjects(arbitraryScenario), (scenario) => expectAgreement(scenario)),
      { numRuns: RUNS },
    );
  });

  it("agree on every mistake with them, and on others that meet them", () => {
    fc.assert(
      fc.property(withObjects(faultyScenario), (scenario) => expectAgreement(scenario)),
      { numRuns: RUNS },
    );
  });

  it("agree when slots use up their generations and retire", () => {
    fc.assert(
      fc.property(
        fc.oneof(arbitraryScenario, faultyScenario, withObjects(faultyScenario)),
        fc.integer({ min: 1, max: 4 }),
        (scenario, generationMax) => expectAgreement(scenario, generationMax),
      ),
      { numRuns: Math.ceil(RUNS / 3) },
    );
  });

  it("agree on the yardstick scenario, which the kernel runs in its plain loop", () => {
    for (const [afs, seed] of [
      [1, 1],
      [50, 2],
      [700, 3],
    ] as const) {
      const churn = plainScenario({
        seed,
        topology: { machines: 2, adaptersPerMachine: 3, clientsPerAdapter: 4, afs: 2 * afs },
        callManagers: [pendingCallManager],
        client: { ...PLAIN_CLIENT, hold: EXPONENTIAL, think: { kind: "constant", ns: 0 } },
        phases: [
          { kind: "warmup", ns: 200_000 },
          { kind: "run", ns: 3_000_000 },
          { kind: "halt", adapters: [{ from: 1, to: 2 }] },
          { kind: "run", ns: 500_000 },
          { kind: "drain", ns: 40_000_000 },
        ],
      });
      expect(hasPlainDrivers(churn)).toBe(true);
      expectAgreement(churn);
    }
  });

  it("agree that what the plain loop cannot do is not for it", () => {
    const plain = plainScenario({
      callManagers: [pendingCallManager],
      client: { ...PLAIN_CLIENT, think: { kind: "constant", ns: 0 } },
    });
    const one = { kind: "constant", count: 1 } as const;
    const others: Scenario[] = [
      { ...plain, callManagers: [{ ...pendingCallManager, open: { ...pendingCallManager.open, fail: 0.1 } }] },
      { ...plain, client: { ...plain.client, outstanding: { ...plain.client.outstanding, vcs: one } } },
      { ...plain, client: { ...plain.client, outstanding: { ...plain.client.outstanding, saps: one } } },
      { ...plain, client: { ...plain.client, wait: 0.5 } },
      { ...plain, faults: [{ kind: "cm-leak", rate: 0.1, at: null }] },
    ];
    expect(hasPlainDrivers(plain)).toBe(true);
    for (const scenario of others) {
      expect(hasPlainDrivers(scenario)).toBe(false);
      expectAgreement(scenario);
    }
  });

  it("agree on what happens at the last tick of virtual time", () => {
    const binding = { adapters: [{ from: 0, to: 0 }], clients: [{ from: 0, to: 0 }] };
    const longest = plainScenario({
      phases: [
        { kind: "run", ns: 10_000 },
        { kind: "drain", ns: TICKS_MAX * 100 - 10_000 },
        { kind: "unbind", ...binding },
      ],
    });
    expectAgreement(longest);
    // A window may end after virtual time does.
    const traced = runKernel(longest, { trace: { afs: null, timeNs: { from: 0, to: (TICKS_MAX + 2) * 100 } } });
    expectSameTrace(traced, runReference(longest, true));
  });

  it("agree on the order of completions over many windows of one call manager", () => {
    for (const serve of [null, { servers: 40, order: "lifo" as const }, { servers: 40, order: "random" as const }]) {
      const crowd = plainScenario({
        topology: { machines: 1, adaptersPerMachine: 1, clientsPerAdapter: 7, afs: 3000 },
        callManagers: [
          {
            ...pendingCallManager,
            close: { ...pendingCallManager.close, serve, service: { kind: "exponential", meanNs: 20_000 } },
          },
        ],
        client: { ...PLAIN_CLIENT, hold: EXPONENTIAL, think: { kind: "constant", ns: 0 } },
        phases: [{ kind: "run", ns: 6_000_000 }],
      });
      const reference = runReference(crowd, false);
      const kernel = runKernel(crowd);
      expect(kernel.merged.ordering.windows).toBeGreaterThan(2);
      expectSame(kernel, reference, crowd);
    }
  });
});
