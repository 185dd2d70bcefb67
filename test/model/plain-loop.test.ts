import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ADVANCE_BUDGET } from "../../assembly/abi/codes.js";
import { TOTAL_CLOSE_PENDED, TOTAL_CLOSE_TOLD } from "../../assembly/abi/layout.js";
import { instantiateKernel } from "../../src/kernel/kernel.js";
import { mapShard } from "../../src/kernel/memory-map.js";
import { configureShard } from "../../src/run/configure.js";
import { planRun, type ShardPlan, shardSizesOf } from "../../src/run/plan.js";
import { hasPlainDrivers } from "../../src/run/shard.js";
import type { Distribution, Phase, Scenario } from "../../src/scenario/scenario.js";
import { PLAIN_SCENARIO, plainScenario } from "../support/plain-scenario.js";
import { kernelModule, runKernel, type KernelRunOptions } from "../support/run-kernel.js";

const RUNS = Number(process.env["CONDIS_MODEL_RUNS"] ?? 30);

/** Ticks of 100 ns: from "all at once" to "beyond the end". */
const delay: fc.Arbitrary<Distribution> = fc.oneof(
  fc.constantFrom(0, 100, 3000, 51_200, 5_000_000).map((ns): Distribution => ({ kind: "constant", ns })),
  fc.constantFrom(100, 2000, 50_000, 1_000_000).map((meanNs): Distribution => ({ kind: "exponential", meanNs })),
  fc.constantFrom(200, 70_000).map((toNs): Distribution => ({ kind: "uniform", fromNs: 0, toNs })),
);

/** Phases, in ticks, that end before, in and long after a block of 512 ticks. */
const phases: fc.Arbitrary<readonly Phase[]> = fc
  .tuple(
    fc.constantFrom(0, 1, 77, 512),
    fc.constantFrom(1, 300, 511, 1024, 2500),
    fc.boolean(),
    fc.constantFrom(0, 1, 900),
    fc.boolean(),
  )
  .map(([warmup, run, halts, again, drains]) => [
    ...(warmup === 0 ? [] : [{ kind: "warmup" as const, ns: warmup * 100 }]),
    { kind: "run" as const, ns: run * 100 },
    ...(halts ? [{ kind: "halt" as const, adapters: [{ from: 1, to: 1 }] }] : []),
    ...(again === 0 ? [] : [{ kind: "run" as const, ns: again * 100 }]),
    ...(drains ? [{ kind: "drain" as const, ns: 200_000 }] : []),
  ]);

interface Case {
  readonly scenario: Scenario;
  readonly options: KernelRunOptions;
}

const plainCase: fc.Arbitrary<Case> = fc
  .record({
    seed: fc.nat(),
    topology: fc.record({
      machines: fc.constantFrom(1, 2),
      adaptersPerMachine: fc.constantFrom(1, 3),
      clientsPerAdapter: fc.constantFrom(1, 5),
      afs: fc.constantFrom(2, 9, 130, 2000),
    }),
    hold: delay,
    service: delay,
    kind: fc.constantFrom("mcm" as const, "standalone" as const),
    irql: fc.constantFrom("PASSIVE_LEVEL" as const, "DISPATCH_LEVEL" as const),
    closeNs: fc.constantFrom(200, 100_000, 12e9),
    phases,
    generationMax: fc.option(fc.constantFrom(1, 2, 5), { nil: undefined }),
  })
  // An AF that closes and opens again in the same tick never lets time pass.
  .filter(({ hold, service }) => !(isZero(hold) && isZero(service)))
  .map(({ seed, topology, hold, service, kind, irql, closeNs, phases, generationMax }) => ({
    scenario: plainScenario(
      {
        seed,
        topology,
        phases,
        client: { ...PLAIN_SCENARIO.client, hold, think: { kind: "constant", ns: 0 }, reopen: true },
        deadlines: { openNs: 12e9, closeNs },
      },
      {},
      { service },
      { kind, irql },
    ),
    options: generationMax === undefined ? {} : { generationMax },
  }));

function isZero(distribution: Distribution): boolean {
  return distribution.kind === "constant" && distribution.ns === 0;
}

/** Everything that a run yields but its times. */
function yieldOf(scenario: Scenario, options: KernelRunOptions) {
  return runKernel(scenario, options).outcomes.map((outcome) => ({ ...outcome, setupSeconds: 0, kernelSeconds: 0 }));
}

function expectSameYield({ scenario, options }: Case): void {
  // A fault that never strikes leaves the run to the general loop.
  const general: Scenario = { ...scenario, faults: [{ kind: "double-complete", rate: 0, at: null }] };
  expect([hasPlainDrivers(scenario), hasPlainDrivers(general)]).toEqual([true, false]);
  expect(yieldOf(scenario, options)).toEqual(yieldOf(general, options));
}

describe("the plain loop", () => {
  it("yields what the general loop yields, for any times, phases, deadlines and generations", () => {
    fc.assert(fc.property(plainCase, expectSameYield), { numRuns: 2 * RUNS });
  });

  it("comes back soon after its budget is used up, also where the next event is always due at once", () => {
    const scenario = plainScenario(
      {
        topology: { machines: 1, adaptersPerMachine: 1, clientsPerAdapter: 1, afs: 50 },
        client: { ...PLAIN_SCENARIO.client, hold: { kind: "constant", ns: 100 }, think: { kind: "constant", ns: 0 } },
        phases: [{ kind: "run", ns: 1e9 }],
      },
      {},
      { service: { kind: "exponential", meanNs: 100 } },
    );
    const [plan] = planRun(scenario, { shards: 1, trace: null }).shards as [ShardPlan];
    const pages = plan.memoryBytes / 65_536;
    const memory = new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true });
    const map = mapShard(shardSizesOf({ scenario, firstMachine: 0, machineCount: 1, trace: null }));
    configureShard(memory, map, plan);
    const kernel = instantiateKernel(kernelModule(), memory, () => {});
    const { header } = map.machines[0]!;
    kernel.startGeneral(header, 0, 50);
    expect(kernel.advancePlain(header, 1e7, 1000)).toBe(ADVANCE_BUDGET);
    const view = new DataView(memory.buffer);
    const events = view.getBigUint64(TOTAL_CLOSE_PENDED, true) + view.getBigUint64(TOTAL_CLOSE_TOLD, true);
    expect(events).toBeGreaterThanOrEqual(1000n);
    expect(events).toBeLessThan(60_000n);
  });

  it("yields the same for so many AFs that the event queue has large chunks", () => {
    const exponential = { kind: "exponential", meanNs: 1_000_000 } as const;
    expectSameYield({
      scenario: plainScenario(
        {
          topology: { machines: 1, adaptersPerMachine: 8, clientsPerAdapter: 16, afs: 2 ** 19 },
          client: { ...PLAIN_SCENARIO.client, hold: exponential, think: { kind: "constant", ns: 0 }, reopen: true },
          phases: [{ kind: "run", ns: 1_500_000 }],
        },
        {},
        { service: exponential },
      ),
      options: {},
    });
  });
});
