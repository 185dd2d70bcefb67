import { describe, expect, it } from "vitest";
import type { ReferenceRun } from "../../src/contract/reference.js";
import type { ClientProfile, CountDistribution, Scenario } from "../../src/scenario/scenario.js";
import { PLAIN_CLIENT, plainScenario, ticks } from "../support/plain-scenario.js";
import { runBoth } from "../support/run-both.js";

const constant = (count: number): CountDistribution => ({ kind: "constant", count });
const withWork = (vcs: number, saps: number, client: Partial<ClientProfile> = {}): Pick<Scenario, "client"> => ({
  client: { ...PLAIN_CLIENT, ...client, outstanding: { vcs: constant(vcs), saps: constant(saps) } },
});

/** Ticks at which a call is made, in order. */
const ticksOf = (run: ReferenceRun, call: string): number[] =>
  run.trace.filter((r) => r.op === "call" && r.call === call).map((r) => r.timeNs / 100);

describe("a close with outstanding work", () => {
  it("is pended and not inline, whatever the call manager would do without", () => {
    for (const close of [{ pend: 0 }, { inline: 1 }]) {
      const run = runBoth(plainScenario({ ...withWork(1, 1), phases: [{ kind: "run", ns: 3_400 }] }, {}, close));
      // Hold 10, teardown 3, service 20.
      expect(ticksOf(run, "ProtocolClCloseAfComplete")).toEqual([33]);
      expect(run.totals).toMatchObject({ pendedCloses: 1, inlineCompletions: 0, synchronousCloses: 0 });
    }
  });

  it("waits for a server only when its work is gone, in that order", () => {
    const run = runBoth(
      plainScenario(
        {
          ...withWork(1, 0, { reopen: false }),
          topology: { machines: 1, adaptersPerMachine: 1, clientsPerAdapter: 1, afs: 3 },
        },
        {},
        { serve: { servers: 1, order: "fifo" } },
      ),
    );
    expect(ticksOf(run, "ProtocolClCloseCallComplete")).toEqual([13, 13, 13]);
    expect(ticksOf(run, "ProtocolClCloseAfComplete")).toEqual([33, 53, 73]);
  });

  it("comes at once when an adapter halts", () => {
    const run = runBoth(
      plainScenario({
        ...withWork(2, 0),
        phases: [
          { kind: "run", ns: 400 },
          { kind: "halt", adapters: [{ from: 0, to: 0 }] },
          { kind: "run", ns: 9_600 },
        ],
      }),
    );
    expect(ticksOf(run, "NdisClCloseCall")).toEqual([4, 4]);
    expect(ticksOf(run, "NdisClCloseAddressFamily")).toEqual([4]);
    expect(ticksOf(run, "ProtocolClCloseAfComplete")).toEqual([27]);
  });

  it("stays pended when a teardown would end beyond the end, and is undecided even after a drain", () => {
    const run = runBoth(
      plainScenario(
        {
          ...withWork(1, 0),
          phases: [
            { kind: "run", ns: 1_100 },
            { kind: "drain", ns: 200 },
          ],
        },
        {},
        {},
        { teardown: { service: ticks(3) } },
      ),
    );
    expect(run.totals).toMatchObject({ undecided: 1, pendedCloses: 1, completions: 0, virtualTicks: 13 });
    expect(run.machines[0]).toMatchObject({ pendedAtEnd: 1, violations: [] });
  });

  it("owes its completion from the close on, also while work is left", () => {
    const run = runBoth(
      plainScenario({
        ...withWork(1, 0),
        deadlines: { openNs: 0, closeNs: 200 },
        phases: [{ kind: "run", ns: 1_300 }],
      }),
    );
    expect(run.violations).toMatchObject([{ rule: "close/owed", tick: 13 }]);
  });

  it("is numbered in the order of requests though it may end later", () => {
    const scenario = plainScenario({
      topology: { machines: 1, adaptersPerMachine: 1, clientsPerAdapter: 1, afs: 20 },
      client: {
        ...PLAIN_CLIENT,
        reopen: false,
        outstanding: { vcs: { kind: "poisson", mean: 0.7 }, saps: constant(0) },
      },
    });
    const { sequences } = runBoth(scenario).machines[0]!.streams[0]!;
    expect(sequences.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 20 }, (_, i) => i));
    expect(sequences).not.toEqual(sequences.toSorted((a, b) => a - b));
  });
});

describe("a client that waits", () => {
  const phases: Scenario["phases"] = [{ kind: "run", ns: 3_100 }];
  const notes = (run: ReferenceRun): string[] =>
    run.trace
      .filter(({ op }) => op === "wait" || op === "wake")
      .map(({ op, timeNs, irql }) => `${op} ${timeNs / 100} ${irql}`);

  it("does so at PASSIVE_LEVEL until it is told", () => {
    const run = runBoth(plainScenario({ client: { ...PLAIN_CLIENT, wait: 1 }, phases }));
    expect(notes(run)).toEqual(["wait 10 PASSIVE_LEVEL", "wake 30 DISPATCH_LEVEL"]);
  });

  it("has nothing to wait for when the close is synchronous or inline", () => {
    for (const close of [{ pend: 0 }, { inline: 1 }])
      expect(notes(runBoth(plainScenario({ client: { ...PLAIN_CLIENT, wait: 1 }, phases }, {}, close)))).toEqual([]);
  });

  it("changes nothing but the trace", () => {
    const idle = runBoth(plainScenario({}));
    const waiting = runBoth(plainScenario({ client: { ...PLAIN_CLIENT, wait: 1 } }));
    expect({ ...waiting, trace: null }).toEqual({ ...idle, trace: null });
  });
});

describe("an open that fails", () => {
  it("has its client ask for the release of its binding, once a binding, however many fail", () => {
    const unbound = plainScenario(
      {
        topology: { machines: 1, adaptersPerMachine: 1, clientsPerAdapter: 2, afs: 4 },
        client: { ...PLAIN_CLIENT, reopen: false },
        phases: [
          { kind: "run", ns: 1_000 },
          { kind: "unbind", adapters: [{ from: 0, to: 0 }], clients: [{ from: 1, to: 1 }] },
          { kind: "run", ns: 1_000 },
          { kind: "bind", adapters: [{ from: 0, to: 0 }], clients: [{ from: 1, to: 1 }] },
          { kind: "run", ns: 1_000 },
        ],
      },
      { fail: 1 },
    );
    const asked = runBoth(unbound).trace.filter(
      (record) => record.op === "call" && record.call === "NdisUnbindAdapter",
    );
    // The second client is bound anew, and its opens fail again.
    expect(asked.map((record) => ["from" in record && record.from, record.timeNs])).toEqual([
      ["client:0", 0],
      ["client:1", 0],
      ["client:1", 2_000],
    ]);
  });

  const failing = (client: Partial<ClientProfile>, rest: Partial<Scenario> = {}) =>
    runBoth(plainScenario({ client: { ...PLAIN_CLIENT, ...client }, ...rest }, { fail: 1 }));

  it("is tried again after thinking, but never at once", () => {
    expect(ticksOf(failing({ think: ticks(40) }), "NdisClOpenAddressFamilyEx")).toEqual([0, 40, 80]);
    expect(ticksOf(failing({ think: ticks(0) }), "NdisClOpenAddressFamilyEx")).toEqual(
      Array.from({ length: 100 }, (_, tick) => tick),
    );
  });

  it("is not tried again by a client that does not reopen, or whose adapter has halted", () => {
    expect(failing({ reopen: false }).totals).toMatchObject({ failedOpens: 1, opens: 0 });
    const halted = failing(
      { think: ticks(40) },
      {
        phases: [
          { kind: "run", ns: 300 },
          { kind: "halt", adapters: [{ from: 0, to: 0 }] },
          { kind: "run", ns: 9_700 },
        ],
      },
    );
    expect(halted.totals.failedOpens).toBe(1);
  });

  it("gives its slot back to arrivals", () => {
    const run = failing({ reopen: false }, { arrivals: { kind: "constant", perSecond: 1_000_000 } });
    expect(run.totals).toMatchObject({ failedOpens: 9, refused: 0 });
  });

  it("uses a generation up", () => {
    const run = runBoth(plainScenario({ client: { ...PLAIN_CLIENT, think: ticks(0) } }, { fail: 1 }), 3);
    expect(run.totals.failedOpens).toBe(3);
  });
});
