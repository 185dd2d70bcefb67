import { describe, expect, it } from "vitest";
import type { Phase } from "../../src/scenario/scenario.js";
import { outline } from "../support/outline.js";
import { constant, halt, only, rulesOf, run, runPhases, standalone, ticksOf } from "../support/run-phases.js";

const binding = (kind: "unbind" | "bind"): Phase => ({ kind, adapters: only(0), clients: only(0) });
const withWork = { outstanding: { vcs: constant(1), saps: constant(1) } };

/** The records from a tick on, all on one processor and adapter. */
const from = (tick: number, result: ReturnType<typeof runPhases>): string[] =>
  result.trace
    .filter(({ timeNs }) => timeNs >= tick * 100)
    .map((record) => outline(record).replace(/ adapter 0| cpu0/g, ""));

describe("the frame in which a client waits", () => {
  it("is the callback of the last teardown where it should not wait, and is named by both records", () => {
    const result = runPhases([run(14)], {
      client: withWork,
      callManager: { irql: "PASSIVE_LEVEL" },
      faults: ["callback-wait"],
    });
    expect(from(13, result)).toEqual([
      "13 call NdisMCmCloseCallComplete#15 cm:0>ndis AF#0v1 SUCCESS PASSIVE",
      "13 call ProtocolClCloseCallComplete#16 in #15 ndis>client:0 AF#0v1 SUCCESS PASSIVE",
      "13 return ProtocolClCloseCallComplete#16 AF#0v1 PASSIVE",
      "13 return NdisMCmCloseCallComplete#15 AF#0v1 PASSIVE",
      "13 call NdisMCmDeregisterSapComplete#17 cm:0>ndis AF#0v1 SUCCESS PASSIVE",
      "13 call ProtocolClDeregisterSapComplete#18 in #17 ndis>client:0 AF#0v1 SUCCESS PASSIVE",
      "13 wait in #18 client:0 AF#0v1 PASSIVE",
      "13 wake in #18 client:0 AF#0v1 PASSIVE",
      "13 return ProtocolClDeregisterSapComplete#18 AF#0v1 PASSIVE",
      "13 return NdisMCmDeregisterSapComplete#17 AF#0v1 PASSIVE",
    ]);
    expect(result).toMatchObject({ violations: [], warnings: [{ rule: "close/blocked", tick: 13, generation: 1 }] });
  });

  it("is ProtocolClNotifyCloseAf where it must not wait, and none in a thread of its own", () => {
    const result = runPhases([run(4), halt(), run(21)], { client: { wait: 1 }, faults: ["notify-wait"] });
    const waits = result.trace.filter(({ op }) => op === "wait" || op === "wake").map(outline);
    expect(waits).toEqual([
      "4 wait client:0 AF#0v1 cpu0 PASSIVE",
      "4 wait in #11 client:0 AF#0v1 cpu0 PASSIVE",
      "4 wake in #11 client:0 AF#0v1 cpu0 PASSIVE",
      "24 wake client:0 AF#0v1 cpu0 DISPATCH",
    ]);
  });
});

describe("a binding that is closed at DISPATCH_LEVEL", () => {
  it("is that of a client in its unbinding, at every one of these", () => {
    const phases = [run(4), binding("unbind"), run(26), binding("bind"), run(4), binding("unbind"), run(26)];
    const result = runPhases(phases, { faults: ["close-adapter-irql"] });
    expect(from(24, result).slice(6, 10)).toEqual([
      "24 call NdisCloseAdapterEx#14 client:0>ndis no af DISPATCH",
      "24 return NdisCloseAdapterEx#14 no af SUCCESS DISPATCH",
      "24 call NdisCompleteUnbindAdapterEx#15 client:0>ndis no af PASSIVE",
      "24 return NdisCompleteUnbindAdapterEx#15 no af PASSIVE",
    ]);
    expect(result.violations).toEqual(
      [24, 54].map((tick) => ({ rule: "irql/caller", tick, machine: 0, slot: 0, generation: 0 })),
    );
  });

  it("is that of a stand-alone call manager at the end of its halt, unless it has closed it too early", () => {
    const phases = [run(4), halt(), run(26)];
    const late = runPhases(phases, { callManager: standalone, faults: ["cm-close-adapter-irql"] });
    expect(from(24, late).slice(-4)).toEqual([
      "24 call NdisCloseAdapterEx#19 cm:0>ndis no af DISPATCH",
      "24 return NdisCloseAdapterEx#19 no af SUCCESS DISPATCH",
      "24 call NdisCompleteUnbindAdapterEx#20 cm:0>ndis no af PASSIVE",
      "24 return NdisCompleteUnbindAdapterEx#20 no af PASSIVE",
    ]);
    const faults = ["cm-close-adapter-irql", "cm-early-close-adapter"] as const;
    const early = runPhases(phases, { callManager: standalone, faults });
    expect([rulesOf(late), rulesOf(early)]).toEqual([["24 irql/caller"], []]);
    expect(early.warnings).toMatchObject([{ rule: "close/adapter", tick: 4 }]);
  });
});

describe("an AF that a halt has forgotten", () => {
  it("keeps the halt waiting until its client closes it, when that is unbound", () => {
    const result = runPhases([run(4), halt(), run(4), binding("unbind"), run(26)], { faults: ["forgotten-notify"] });
    expect(ticksOf(result, "NdisClCloseAddressFamily")).toEqual([8]);
    expect(ticksOf(result, "MiniportHaltEx", "return")).toEqual([28]);
    expect(ticksOf(result, "NdisCompleteUnbindAdapterEx")).toEqual([28]);
    expect(rulesOf(result)).toEqual(["4 notify/required"]);
    expect(result.machines[0]).toMatchObject({ openAtEnd: 0, pendedAtEnd: 0 });
  });

  it("is not closed at the end of its hold, nor by a client that forgets it as well", () => {
    const alone = runPhases([run(4), halt(), run(40)], { faults: ["forgotten-notify"] });
    expect(ticksOf(alone, "NdisClCloseAddressFamily")).toEqual([]);
    const twice = runPhases([run(4), halt(), run(4), binding("unbind"), run(26)], {
      faults: ["forgotten-notify", "forgotten-af"],
    });
    expect(rulesOf(twice)).toEqual(["4 notify/required", "8 close/unbind"]);
    expect(ticksOf(twice, "MiniportHaltEx", "return")).toEqual([]);
  });

  it("may have its SAPs deregistered first, as no notification asks for an order", () => {
    const result = runPhases([run(4), halt(), run(4), binding("unbind"), run(26)], {
      client: withWork,
      faults: ["forgotten-notify", "saps-first"],
    });
    expect(rulesOf(result)).toEqual(["4 notify/required"]);
    expect(ticksOf(result, "NdisClCloseCall")).toEqual([8]);
  });
});

it("a client asks once for the release of a binding, however many opens of it fail, and again for a new one", () => {
  const result = runPhases([run(30), binding("unbind"), run(1), binding("bind"), run(30)], { open: { fail: 1 } });
  expect(result.totals.failedOpens).toBeGreaterThan(5);
  expect(ticksOf(result, "NdisUnbindAdapter")).toEqual([0, 31]);
});
