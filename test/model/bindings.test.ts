import { describe, expect, it } from "vitest";
import type { ReferenceRun } from "../../src/contract/reference.js";
import type { CallManagerProfile, Fault, NumberRange, Phase, Scenario } from "../../src/scenario/scenario.js";
import { outline } from "../support/outline.js";
import { PLAIN_CLIENT, plainScenario, START_RECORDS, ticks } from "../support/plain-scenario.js";
import { runBoth } from "../support/run-both.js";

const run = (count: number): Phase => ({ kind: "run", ns: count * 100 });
const ALL: readonly NumberRange[] = [{ from: 0, to: 99 }];
const only = (number: number): readonly NumberRange[] => [{ from: number, to: number }];
const unbind = (adapters = ALL, clients = ALL): Phase => ({ kind: "unbind", adapters, clients });
const bind = (adapters = ALL, clients = ALL): Phase => ({ kind: "bind", adapters, clients });
const always = (kind: string): Fault => ({ kind, rate: null, at: [0] });

const topology = (afs: number, clientsPerAdapter = 1, adaptersPerMachine = 1, machines = 1) => ({
  machines,
  adaptersPerMachine,
  clientsPerAdapter,
  afs,
});

const ticksOf = (result: ReferenceRun, call: string): number[] =>
  result.trace.filter((r) => r.op === "call" && r.call === call).map((r) => r.timeNs / 100);

const afsOf = (result: ReferenceRun, call: string): (string | undefined)[] =>
  result.trace.filter((r) => r.op === "call" && r.call === call).map(({ af }) => af);

const bindingRecords = (result: ReferenceRun): string[] =>
  result.trace.filter(({ af }) => af === undefined).map(outline);

/** Hold 10, close 20; unbound at 4 and bound again at some tick. */
function bound(
  more: readonly Phase[],
  fields: Partial<Scenario> = {},
  close: Partial<CallManagerProfile["close"]> = {},
  open: Partial<CallManagerProfile["open"]> = {},
): ReferenceRun {
  return runBoth(plainScenario({ phases: [run(4), unbind(), ...more], ...fields }, open, close));
}

describe("an unbinding", () => {
  it("closes what is open, waits for it, and ends in the tick in which the last close does", () => {
    const result = bound([run(96)]);
    expect(bindingRecords(result).slice(START_RECORDS + 1)).toEqual([
      "4 call ProtocolUnbindAdapterEx#9 ndis>client:0 adapter 0 no af cpu0 PASSIVE",
      "4 return ProtocolUnbindAdapterEx#9 no af PENDING cpu0 PASSIVE",
      "24 call NdisCloseAdapterEx#14 client:0>ndis adapter 0 no af cpu0 PASSIVE",
      "24 return NdisCloseAdapterEx#14 no af SUCCESS cpu0 PASSIVE",
      "24 call NdisCompleteUnbindAdapterEx#15 client:0>ndis adapter 0 no af cpu0 PASSIVE",
      "24 return NdisCompleteUnbindAdapterEx#15 no af cpu0 PASSIVE",
    ]);
    expect(result.totals).toMatchObject({ opens: 1, lifecycles: 1 });
  });

  it("ends at once when nothing is on the binding, or only what closes synchronously", () => {
    for (const result of [
      bound([run(5)], {}, { pend: 0 }),
      bound([run(5)], { arrivals: { kind: "constant", perSecond: 1 } }),
    ])
      expect(ticksOf(result, "NdisCompleteUnbindAdapterEx")).toEqual([4]);
  });

  it("waits for an open under way, which is closed as soon as its client is told", () => {
    const result = bound([run(96)], {}, {}, { pend: 1 });
    expect(ticksOf(result, "NdisClCloseAddressFamily")).toEqual([7]);
    expect(ticksOf(result, "NdisCompleteUnbindAdapterEx")).toEqual([27]);
  });

  it("waits for an open that fails", () => {
    const result = bound([run(96)], {}, {}, { pend: 1, fail: 1 });
    expect(ticksOf(result, "NdisUnbindAdapter")).toEqual([7]);
    expect(ticksOf(result, "NdisCompleteUnbindAdapterEx")).toEqual([7]);
    expect(ticksOf(result, "NdisClOpenAddressFamilyEx")).toEqual([0]);
  });

  it.each([
    ["open that fails", 9, { pend: 1, fail: 1 }, 12],
    ["open, and then for its close", 9, { pend: 1 }, 12 + 20 + 5],
    ["close", 33, {}, 35],
  ] as const)("waits for an %s, whose completion has been called and costs time", (_, at, open, end) => {
    const processors = { count: 1, dpcBudget: 1, completionCostNs: 500 };
    const result = runBoth(plainScenario({ processors, phases: [run(at), unbind(), run(91)] }, open));
    expect(ticksOf(result, "NdisCompleteUnbindAdapterEx")).toEqual([end]);
  });

  it("never ends when a completion is lost", () => {
    const result = bound([run(96)], { faults: [always("lost-completion")] });
    expect(ticksOf(result, "NdisCompleteUnbindAdapterEx")).toEqual([]);
  });

  it("does not wait for a close that fails", () => {
    const client = {
      ...PLAIN_CLIENT,
      outstanding: { vcs: { kind: "constant" as const, count: 1 }, saps: { kind: "constant" as const, count: 0 } },
    };
    const result = bound([run(5)], { client, faults: [always("outstanding-close")] });
    expect(ticksOf(result, "NdisCompleteUnbindAdapterEx")).toEqual([4]);
    expect(result.machines[0]).toMatchObject({ openAtEnd: 1 });
    // One that fails later, when its open is told, ends what was waited for.
    const later = bound([run(96)], { client, faults: [always("outstanding-close")] }, {}, { pend: 1 });
    expect(ticksOf(later, "NdisCompleteUnbindAdapterEx")).toEqual([7]);
  });

  it("ends a thought: the client does not open again", () => {
    const result = runBoth(plainScenario({ phases: [run(32), unbind(), run(68)] }));
    expect(ticksOf(result, "NdisClOpenAddressFamilyEx")).toEqual([0]);
  });

  it("comes to the clients named, adapter by adapter", () => {
    const result = runBoth(
      plainScenario({
        topology: topology(16, 4, 2, 2),
        phases: [
          run(4),
          unbind(
            [{ from: 1, to: 2 }],
            [
              { from: 1, to: 1 },
              { from: 3, to: 50 },
            ],
          ),
          run(2),
        ],
      }),
    );
    const told = result.trace.filter((r) => r.op === "call" && r.call === "ProtocolUnbindAdapterEx");
    expect(told.map((r) => "to" in r && [r.machine, r.adapter, r.to])).toEqual([
      [0, 1, "client:5"],
      [0, 1, "client:7"],
      [1, 0, "client:1"],
      [1, 0, "client:3"],
    ]);
    expect(afsOf(result, "NdisClCloseAddressFamily")).toEqual(["AF#5v1", "AF#7v1", "AF#1v1", "AF#3v1"]);
  });

  it("tells a client that has no AF, too", () => {
    const result = runBoth(plainScenario({ topology: topology(1, 3), phases: [run(4), unbind(), run(2)] }));
    expect(ticksOf(result, "ProtocolUnbindAdapterEx")).toEqual([4, 4, 4]);
    expect(ticksOf(result, "NdisCompleteUnbindAdapterEx")).toEqual([4, 4]);
  });

  it("of a client that is not bound changes nothing", () => {
    expect(bindingRecords(bound([run(1), unbind(), run(95)]))).toEqual(bindingRecords(bound([run(96)])));
    expect(bindingRecords(bound([run(56), unbind(), run(40)]))).toEqual(bindingRecords(bound([run(96)])));
  });

  it("keeps the order of the free slots of others", () => {
    const result = runBoth(
      plainScenario({
        topology: topology(8, 4),
        client: { ...PLAIN_CLIENT, reopen: false },
        arrivals: { kind: "constant", perSecond: 1_000_000 },
        phases: [run(5), unbind(ALL, only(1)), run(45)],
      }),
    );
    expect(afsOf(result, "ProtocolCmOpenAf")).toEqual(["AF#0v1", "AF#1v1", "AF#4v1", "AF#5v1"]);
  });
});

describe("a bind", () => {
  it("opens all AFs of the client again, also without reopen", () => {
    const client = { ...PLAIN_CLIENT, reopen: false };
    const result = bound([run(46), bind(), run(50)], { client, topology: topology(2) });
    expect(bindingRecords(result).slice(START_RECORDS + 8)).toEqual([
      "50 call ProtocolBindAdapterEx#23 ndis>client:0 adapter 0 no af cpu0 PASSIVE",
      "50 call NdisOpenAdapterEx#24 in #23 client:0>ndis adapter 0 no af cpu0 PASSIVE",
      "50 return NdisOpenAdapterEx#24 no af SUCCESS cpu0 PASSIVE",
      "50 return ProtocolBindAdapterEx#23 no af SUCCESS cpu0 PASSIVE",
      "50 call ProtocolCoAfRegisterNotify#25 ndis>client:0 adapter 0 no af cpu0 PASSIVE",
      "50 return ProtocolCoAfRegisterNotify#25 no af cpu0 PASSIVE",
      "50 call NdisClOpenAddressFamilyEx#26 client:0>ndis adapter 0 no af cpu0 PASSIVE",
      "50 call NdisClOpenAddressFamilyEx#29 client:0>ndis adapter 0 no af cpu0 PASSIVE",
    ]);
    expect(afsOf(result, "ProtocolCmOpenAf")).toEqual(["AF#0v1", "AF#1v1", "AF#0v2", "AF#1v2"]);
  });

  it("of a client that is still unbinding comes when that has ended", () => {
    expect(ticksOf(bound([run(6), bind(), run(90)]), "ProtocolBindAdapterEx")).toEqual([0, 24]);
  });

  it("is taken back by another unbind before that", () => {
    expect(ticksOf(bound([run(6), bind(), run(1), unbind(), run(90)]), "ProtocolBindAdapterEx")).toEqual([0]);
  });

  it("of a client that is bound, or of an adapter that has halted, does nothing", () => {
    const plain = runBoth(plainScenario({ phases: [run(4), run(96)] }));
    expect(runBoth(plainScenario({ phases: [run(4), bind(), run(96)] }))).toEqual(plain);
    const halted = bound([run(46), { kind: "halt", adapters: ALL }, bind(), run(50)]);
    expect(ticksOf(halted, "ProtocolBindAdapterEx")).toEqual([0]);
  });

  it("gives the AFs back to arrivals, in order", () => {
    const result = runBoth(
      plainScenario({
        topology: topology(3),
        client: { ...PLAIN_CLIENT, reopen: false },
        arrivals: { kind: "constant", perSecond: 1_000_000 },
        phases: [unbind(), run(15), bind(), run(35)],
      }),
    );
    expect(result.totals.refused).toBe(1);
    expect(afsOf(result, "ProtocolCmOpenAf").slice(0, 3)).toEqual(["AF#0v1", "AF#1v1", "AF#2v1"]);
  });

  it("opens nothing in a drain", () => {
    const result = bound([run(46), { kind: "drain", ns: 100 }, bind(), { kind: "drain", ns: 5_000 }]);
    expect(ticksOf(result, "ProtocolBindAdapterEx")).toEqual([0, 51]);
    expect(result.totals.opens).toBe(1);
  });

  it("leaves no hold from before behind, also when the new one ends beyond the end", () => {
    const client = { ...PLAIN_CLIENT, hold: ticks(50) };
    const result = runBoth(
      plainScenario({ client, phases: [run(10), unbind(), run(10), bind(), run(40)] }, {}, { pend: 0 }),
    );
    expect(ticksOf(result, "NdisClOpenAddressFamilyEx")).toEqual([0, 20]);
    expect(ticksOf(result, "NdisClCloseAddressFamily")).toEqual([10]);
  });

  it("opens once where a thought from before ends in the same tick, also when that open fails at once", () => {
    const client = { ...PLAIN_CLIENT, think: { kind: "uniform" as const, fromNs: 100, toNs: 900 } };
    const phases = [run(1), unbind(), run(1), bind(), run(30)];
    const result = runBoth(plainScenario({ topology: topology(100), client, phases }, { fail: 1 }));
    const opens = result.trace.filter((r) => r.op === "call" && r.call === "ProtocolCmOpenAf");
    expect(new Set(opens.map(({ af, timeNs }) => `${af?.replace(/v.*/, "")} at ${timeNs}`)).size).toBe(opens.length);
  });

  it("leaves no thought from before behind", () => {
    // Ended at 30 and thinking until 130, unbound and bound again at 40: opened at once, ended at 70 and thinking until 170.
    const client = { ...PLAIN_CLIENT, think: ticks(100) };
    const result = runBoth(plainScenario({ client, phases: [run(40), unbind(), run(1), bind(), run(200)] }));
    expect(ticksOf(result, "NdisClOpenAddressFamilyEx")).toEqual([0, 41, 171]);
  });
});

/** Kinds of call managers, with the calls that one of the kind and its client make before the first open. */
const KINDS = [
  ["mcm", 5],
  ["standalone", 6],
] as const;

describe.each(KINDS)("faults at the unbinding from a call manager that is %s", (kind, startCalls) => {
  const faulty = (faults: readonly string[], phases: readonly Phase[] = [run(4), unbind(), run(96)], afs = 3) =>
    runBoth(
      plainScenario(
        { topology: topology(afs), phases, faults: faults.map((id) => ({ kind: id, rate: null, at: [1] })) },
        {},
        {},
        { kind },
      ),
    );

  it("forgotten-af leaves the AF open for good, and the unbinding does not wait for it", () => {
    const result = faulty(["forgotten-af"]);
    expect(result.violations).toEqual([{ rule: "close/unbind", tick: 4, machine: 0, slot: 1, generation: 1 }]);
    expect(afsOf(result, "NdisClCloseAddressFamily")).toEqual(["AF#0v1", "AF#2v1"]);
    expect(ticksOf(result, "NdisCompleteUnbindAdapterEx")).toEqual([24]);
    expect(result.machines[0]).toMatchObject({ openAtEnd: 1, peakOpen: 3 });
  });

  it("early-close-adapter warns of the lowest AF that is waited for", () => {
    expect(faulty(["early-close-adapter"]).warnings).toEqual([]);
    const result = faulty(["forgotten-af", "early-close-adapter"], [run(12), unbind(), run(88)]);
    expect(result.warnings).toEqual([]);
    const alone = runBoth(
      plainScenario(
        {
          topology: topology(2),
          phases: [run(4), unbind(), run(96)],
          faults: [always("early-close-adapter")],
        },
        {},
        {},
        { kind },
      ),
    );
    expect(alone.warnings).toEqual([{ rule: "close/adapter", tick: 4, machine: 0, slot: 0, generation: 1 }]);
    expect(alone.violations).toEqual([]);
  });

  it("early-close-adapter: the adapter is closed right after the closes, and NDIS completes that at the end", () => {
    const result = runBoth(
      plainScenario({ phases: [run(4), unbind(), run(96)], faults: [always("early-close-adapter")] }, {}, {}, { kind }),
    );
    expect(bindingRecords(result).slice(2 * startCalls + 1)).toEqual([
      `4 call ProtocolUnbindAdapterEx#${startCalls + 4} ndis>client:0 adapter 0 no af cpu0 PASSIVE`,
      `4 return ProtocolUnbindAdapterEx#${startCalls + 4} no af PENDING cpu0 PASSIVE`,
      `4 call NdisCloseAdapterEx#${startCalls + 7} client:0>ndis adapter 0 no af cpu0 PASSIVE`,
      `4 return NdisCloseAdapterEx#${startCalls + 7} no af PENDING cpu0 PASSIVE`,
      `24 call ProtocolCloseAdapterCompleteEx#${startCalls + 10} ndis>client:0 adapter 0 no af cpu0 PASSIVE`,
      `24 return ProtocolCloseAdapterCompleteEx#${startCalls + 10} no af cpu0 PASSIVE`,
      `24 call NdisCompleteUnbindAdapterEx#${startCalls + 11} client:0>ndis adapter 0 no af cpu0 PASSIVE`,
      `24 return NdisCompleteUnbindAdapterEx#${startCalls + 11} no af cpu0 PASSIVE`,
    ]);
  });

  it("nothing is broken without them, nor by them without an unbind", () => {
    const clean = faulty([]);
    expect([clean.violations, clean.warnings]).toEqual([[], []]);
    const bound1 = faulty(["forgotten-af", "early-close-adapter"], [run(100)]);
    expect([bound1.violations, bound1.warnings]).toEqual([[], []]);
  });
});

it("unbinding and binding again have the digest that a separate implementation of MODEL.md in Python computes", () => {
  const phases = [run(4), unbind(), run(2), bind(), run(24)];
  expect(runBoth(plainScenario({ phases })).digest).toBe("acb83d0826ed46a3");
  const forgetful = { phases, faults: [always("forgotten-af")] };
  expect(runBoth(plainScenario(forgetful)).digest).toBe("c0d0b3bc9555d270");
});
