import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { afCountOf, planRun } from "../../src/run/plan.js";
import { DEFAULT_READINGS } from "../../src/scenario/readings.js";
import type { CountDistribution, Distribution, Scenario } from "../../src/scenario/scenario.js";
import { fakeScenario } from "../support/fake-plan.js";
import { PLAIN_CALL_MANAGER, PLAIN_CLIENT, plainScenario, ticks } from "../support/plain-scenario.js";
import { runKernel } from "../support/run-kernel.js";

const counts = { shards: null, trace: null };

/** Of a machine with one MCM and one client, which come up. */
const DRIVER_RECORDS = 10;

describe("planRun", () => {
  it("puts every machine into one shard, and every AF", () => {
    const sizes = fc
      .integer({ min: 1, max: 40 })
      .chain((machines) =>
        fc.record({ machines: fc.constant(machines), shards: fc.integer({ min: 1, max: machines }) }),
      );
    fc.assert(
      fc.property(sizes, ({ machines, shards }) => {
        const plan = planRun(fakeScenario("any", machines), { shards, trace: null });
        const placed = plan.shards.flatMap(({ firstMachine, machineCount }) =>
          Array.from({ length: machineCount }, (_, index) => firstMachine + index),
        );
        expect(plan.shards).toHaveLength(shards);
        expect(placed).toEqual(Array.from({ length: machines }, (_, machine) => machine));
        expect(plan.shards.reduce((afs, shard) => afs + afCountOf(shard), 0)).toBe(1000 * machines);
      }),
    );
  });

  it.each([0, 1.5, -1, NaN])("makes no plan without some of the machines: %s shards", (shards) => {
    expect(() => planRun(fakeScenario("any", 3), { shards, trace: null })).toThrow();
  });

  it("refuses a run in which a call manager would have more closes than it can count", () => {
    const scenario = fakeScenario("any", 1);
    const endless: Scenario = {
      ...scenario,
      topology: { ...scenario.topology, afs: 10_000_000, adaptersPerMachine: 1 },
      phases: [{ kind: "run", ns: 400e9 }],
    };
    expect(() => planRun(endless, counts)).toThrow(
      expect.objectContaining({
        name: "InputError",
        message: expect.stringMatching(/closes are planned.*use more adapters/),
      }),
    );
    expect(() => planRun({ ...endless, phases: [{ kind: "run", ns: 1e6 }] }, counts)).not.toThrow();
  });

  it("plans for the records of the AFs that are traced, also when these are many", () => {
    const scenario = fakeScenario("any", 2);
    const planned = (afs: { from: number; to: number }[] | null): number =>
      planRun(scenario, { shards: null, trace: { afs, timeNs: null } }).expectedTraceRecords;
    // Nobody asks which drivers are those of these AFs.
    const driverRecords = 2 * DRIVER_RECORDS;
    const quarter = (planned(null) - driverRecords) / 4 + driverRecords;
    expect(planned([{ from: 0, to: 499 }])).toBeCloseTo(quarter, -1);
    expect(
      planned([
        { from: 0, to: 1999 },
        { from: 0, to: 1999 },
      ]),
    ).toBe(planned(null));
  });
});

describe("the memory for outstanding work", () => {
  const AFS = 20_000;
  const work = (outstanding: Scenario["client"]["outstanding"], service: Distribution): Scenario =>
    plainScenario({
      topology: { machines: 1, adaptersPerMachine: 2, clientsPerAdapter: 2, afs: AFS },
      callManagers: [{ ...PLAIN_CALL_MANAGER, teardown: { service } }],
      client: { ...PLAIN_CLIENT, hold: { kind: "uniform", fromNs: 0, toNs: 10_000 }, outstanding },
      // At the halt they all tear down at once, with the holds that it cut short in the queue.
      phases: [
        { kind: "run", ns: 100_000 },
        { kind: "halt", adapters: [{ from: 0, to: 1 }] },
        { kind: "drain", ns: 1_000_000 },
      ],
    });
  const NOTHING = { kind: "constant", count: 0 } as const;

  it.each([0, 0.1, 1, 8])("holds the teardowns of all AFs at once, with Poisson of mean %d", (mean) => {
    const counts = { kind: "poisson", mean } as const;
    // The longest service, so that the AFs with the most work are seen the most.
    for (const service of [ticks(300), { kind: "pareto", minNs: 10_000, alpha: 0.7 } as const]) {
      const { totals } = runKernel(work({ vcs: counts, saps: counts }, service)).merged;
      expect(totals.closes).toBeGreaterThanOrEqual(AFS);
    }
  });

  it("is none without work, and little above the mean with it", () => {
    const bytesPerAf = (vcs: CountDistribution): number =>
      planRun(work({ vcs, saps: NOTHING }, ticks(3)), counts).memoryBytes / AFS;
    const without = bytesPerAf(NOTHING);
    expect(bytesPerAf({ kind: "poisson", mean: 0 })).toBe(without);
    expect(bytesPerAf({ kind: "constant", count: 3 }) - without).toBeCloseTo(1 + 2 * 8, -1);
    expect(bytesPerAf({ kind: "poisson", mean: 3 }) - without).toBeLessThan(1 + 3 * 8 + 8);
  });

  it("holds the holds that unbinds have cut short, one after the other", () => {
    const again = (from: number): Scenario["phases"] => [
      { kind: "run", ns: 2_000 },
      { kind: "unbind", adapters: [{ from: 0, to: 1 }], clients: [{ from: 0, to: 9 }] },
      { kind: "run", ns: from },
      { kind: "bind", adapters: [{ from: 0, to: 1 }], clients: [{ from: 0, to: 9 }] },
    ];
    const scenario = work({ vcs: NOTHING, saps: NOTHING }, ticks(3));
    const { totals } = runKernel({
      ...scenario,
      client: { ...scenario.client, hold: ticks(1_000) },
      phases: [...again(3_000), ...again(3_000), ...again(3_000), ...again(3_000), { kind: "run", ns: 1e6 }],
    }).merged;
    expect(totals.closes).toBeGreaterThanOrEqual(5 * AFS);
  });

  it("holds the ends of halts of adapters without AFs beside all that is in the queue", () => {
    const scenario = plainScenario({
      topology: { machines: 1, adaptersPerMachine: 20_000, clientsPerAdapter: 1, afs: 1 },
      phases: [
        { kind: "halt", adapters: [{ from: 0, to: 19_999 }] },
        { kind: "run", ns: 1e6 },
      ],
    });
    const { totals } = runKernel(scenario).merged;
    // Two calls of each call manager and three of each client at the start, one at the halt; eight of the AF and its notification.
    expect(totals.calls).toBe(6 * 20_000 + 3 + 2 + 2 + 2 + 2);
  });
});

describe("the planned size of a trace", () => {
  /** Planned records over real ones. */
  const planned = (
    client: Partial<Scenario["client"]>,
    callManager: Partial<Record<"open" | "close" | "notify", object>> = {},
    fields: Partial<Scenario> = {},
  ): number => {
    const profile = {
      ...PLAIN_CALL_MANAGER,
      open: { ...PLAIN_CALL_MANAGER.open, ...callManager.open },
      close: { ...PLAIN_CALL_MANAGER.close, ...callManager.close },
      notify: { ...PLAIN_CALL_MANAGER.notify, ...callManager.notify },
    };
    const phases: Scenario["phases"] = [{ kind: "run", ns: 1e6 }];
    const scenario = plainScenario({
      client: { ...PLAIN_CLIENT, ...client },
      callManagers: [profile],
      phases,
      ...fields,
    });
    const trace = { afs: null, timeNs: null };
    const { expectedTraceRecords } = planRun(scenario, { shards: null, trace });
    return expectedTraceRecords / runKernel(scenario, { trace }).trace.length;
  };
  const outstanding = { vcs: { kind: "constant", count: 2 }, saps: { kind: "constant", count: 1 } } as const;
  const hold = { kind: "exponential", meanNs: 20_000 } as const;
  const many = { machines: 1, adaptersPerMachine: 4, clientsPerAdapter: 4, afs: 400 };
  const halted: Partial<Scenario> = {
    topology: many,
    phases: [
      { kind: "run", ns: 3_000 },
      { kind: "halt", adapters: [{ from: 0, to: 3 }] },
      { kind: "drain", ns: 100_000 },
    ],
  };

  it.each([
    ["waits", planned({ wait: 1 })],
    ["teardowns", planned({ outstanding })],
    ["opens that fail", planned({}, { open: { fail: 1 } })],
    ["opens of which half fail", planned({}, { open: { fail: 0.5 } })],
    ["drivers that come up", planned({}, {}, { topology: { ...many, clientsPerAdapter: 400 } })],
    ["notifications", planned({ hold }, {}, halted)],
    ["notifications that are pended", planned({ hold, notify: { pend: 1 } }, { close: { pend: 0 } }, halted)],
    [
      "notifications of closing AFs",
      planned({ hold }, { close: { service: hold }, notify: { closing: true } }, halted),
    ],
    ["closes that are refused", planned({ outstanding }, { close: { refuse: 0.5 } }, { topology: many })],
    [
      "closes that are refused and tried again",
      planned({ outstanding }, { close: { refuse: 0.5 } }, { contract: { ...DEFAULT_READINGS, failedClose: "retry" } }),
    ],
  ])("counts %s", (_what, ratio) => {
    expect(ratio).toBeGreaterThan(0.85);
    expect(ratio).toBeLessThan(1.4);
  });
});

describe("a trace of some AFs", () => {
  it("has those of every range, across machines, and no other", () => {
    const scenario = fakeScenario("any", 3);
    const afs = [
      { from: 3, to: 3 },
      { from: 998, to: 2001 },
    ];
    const { trace } = runKernel(scenario, { trace: { afs, timeNs: null } });
    const traced = new Set(
      (trace as { machine: number; af?: string }[])
        .filter(({ af }) => af !== undefined)
        .map(({ machine, af }) => 1000 * machine + Number(/#(\d+)/.exec(af ?? "")?.[1])),
    );
    const wanted = [3, ...Array.from({ length: 1004 }, (_, index) => 998 + index)];
    expect([...traced].sort((a, b) => a - b)).toEqual(wanted);
  });
});
