import { describe, expect, it } from "vitest";
import type { FaultId } from "../../src/contract/faults.js";
import type { Fault } from "../../src/scenario/scenario.js";
import {
  constant,
  halt,
  rulesOf,
  run,
  runPhases,
  shortly,
  standalone,
  ticksOf,
  topology,
} from "../support/run-phases.js";

describe("mistakes in a halt", () => {
  it("early and twice: the completion of a notification is called and refused, and called again at its end", () => {
    const result = runPhases([run(4), halt(), run(26)], {
      faults: ["double-notify-completion", "early-notify-completion"],
    });
    expect(shortly(result).slice(7, 11)).toEqual([
      "4 return ProtocolClNotifyCloseAf#11 AF#0v1 PENDING PASSIVE",
      "4 return NdisMCmNotifyCloseAddressFamily#10 AF#0v1 PENDING PASSIVE",
      "4 call NdisClNotifyCloseAddressFamilyComplete#14 client:0>ndis AF#0v1 SUCCESS PASSIVE",
      "4 return NdisClNotifyCloseAddressFamilyComplete#14 AF#0v1 PASSIVE",
    ]);
    expect(shortly(result).slice(-3)).toEqual([
      "24 call NdisClNotifyCloseAddressFamilyComplete#19 client:0>ndis AF#0v1 SUCCESS PASSIVE",
      "24 return NdisClNotifyCloseAddressFamilyComplete#19 AF#0v1 PASSIVE",
      "24 return MiniportHaltEx#9 no af PASSIVE",
    ]);
    expect(rulesOf(result)).toEqual(["4 notify/owed", "24 notify/owed"]);
  });

  it("a notification whose completion is lost keeps the halt waiting for ever", () => {
    const result = runPhases([run(4), halt(), { kind: "drain", ns: 10_000 }], { faults: ["lost-notify-completion"] });
    expect(ticksOf(result, "ProtocolClCloseAfComplete")).toEqual([24]);
    expect(ticksOf(result, "MiniportHaltEx", "return")).toEqual([]);
  });

  it("a client that waits in ProtocolClNotifyCloseAf gives up before it returns, beside the wait that it would do", () => {
    const result = runPhases([run(4), halt(), run(6)], { client: { wait: 1 }, faults: ["notify-wait", "notify-irql"] });
    expect(shortly(result).slice(6, 12)).toEqual([
      "4 return NdisClCloseAddressFamily#12 AF#0v1 PENDING DISPATCH",
      "4 wait client:0 AF#0v1 PASSIVE",
      "4 wait in #11 client:0 AF#0v1 DISPATCH",
      "4 wake in #11 client:0 AF#0v1 DISPATCH",
      "4 return ProtocolClNotifyCloseAf#11 AF#0v1 PENDING DISPATCH",
      "4 return NdisMCmNotifyCloseAddressFamily#10 AF#0v1 PENDING DISPATCH",
    ]);
    expect(rulesOf(result)).toEqual(["4 irql/caller", "4 close/blocked"]);
  });

  it("a client that claims success has nothing to complete, and is blamed for the wait first", () => {
    const result = runPhases([run(4), halt(), run(26)], {
      faults: ["early-notify-completion", "notify-success", "notify-wait", "lost-notify-completion"],
    });
    expect(rulesOf(result)).toEqual(["4 close/blocked", "4 notify/owed"]);
    expect(ticksOf(result, "NdisClNotifyCloseAddressFamilyComplete")).toEqual([]);
    expect(ticksOf(result, "MiniportHaltEx", "return")).toEqual([24]);
    expect(shortly(result)).toContain("4 return NdisMCmNotifyCloseAddressFamily#10 AF#0v1 SUCCESS PASSIVE");
  });

  it("a synchronous close that is completed all the same has that from outside, before the notification returns", () => {
    const result = runPhases([run(4), halt(), run(1)], { close: { pend: 0 }, faults: ["stale-completion"] });
    expect(shortly(result).slice(-5)).toEqual([
      "4 call NdisMCmCloseAddressFamilyComplete#15 cm:0>ndis AF#0v1 SUCCESS DISPATCH",
      "4 return NdisMCmCloseAddressFamilyComplete#15 AF#0v1 DISPATCH",
      "4 return ProtocolClNotifyCloseAf#11 AF#0v1 SUCCESS PASSIVE",
      "4 return NdisMCmNotifyCloseAddressFamily#10 AF#0v1 SUCCESS PASSIVE",
      "4 return MiniportHaltEx#9 no af PASSIVE",
    ]);
    expect(rulesOf(result)).toEqual(["4 close/cm-stale"]);
  });

  it("what is owed at the end comes in order: the notification, the client's context, the call manager's", () => {
    const result = runPhases([run(4), halt(), { kind: "drain", ns: 10_000 }], {
      faults: ["cm-leak", "context-leak", "lost-notify-completion"],
    });
    expect(rulesOf(result)).toEqual(["24 notify/owed", "24 close/context-leak", "24 close/cm-leak"]);
  });

  it("SAPs that are deregistered first are also completed first", () => {
    const result = runPhases([run(4), halt(), run(26)], {
      client: { outstanding: { vcs: constant(2), saps: constant(1) } },
      faults: ["saps-first"],
    });
    const torn = result.trace.filter((r) => r.op === "call" && /^NdisM?C[lm](Close|Dereg).*(Call|Sap)/.test(r.call));
    expect(torn.map((r) => "call" in r && r.call)).toEqual([
      "NdisClDeregisterSap",
      "NdisClCloseCall",
      "NdisClCloseCall",
      "NdisMCmDeregisterSapComplete",
      "NdisMCmCloseCallComplete",
      "NdisMCmCloseCallComplete",
    ]);
    expect(rulesOf(result)).toEqual(["4 notify/order"]);
  });

  it("a stand-alone call manager that closes the adapter early does so in ProtocolUnbindAdapterEx, and NDIS completes it", () => {
    const result = runPhases([run(4), halt(), run(26)], {
      callManager: standalone,
      faults: ["cm-early-close-adapter"],
    });
    const lines = shortly(result).filter((line) => line.includes("no af"));
    expect(lines).toEqual([
      "4 call ProtocolUnbindAdapterEx#10 ndis>cm:0 no af PASSIVE",
      "4 call NdisCloseAdapterEx#15 in #10 cm:0>ndis no af PASSIVE",
      "4 return NdisCloseAdapterEx#15 no af PENDING PASSIVE",
      "4 return ProtocolUnbindAdapterEx#10 no af PENDING PASSIVE",
      "24 call ProtocolCloseAdapterCompleteEx#20 ndis>cm:0 no af PASSIVE",
      "24 return ProtocolCloseAdapterCompleteEx#20 no af PASSIVE",
      "24 call NdisCompleteUnbindAdapterEx#21 cm:0>ndis no af PASSIVE",
      "24 return NdisCompleteUnbindAdapterEx#21 no af PASSIVE",
    ]);
    expect(result.warnings).toEqual([{ rule: "close/adapter", tick: 4, machine: 0, slot: 0, generation: 1 }]);
    expect(result.violations).toEqual([]);
  });

  it("the warning has the lowest AF that is waited for, also one whose notification is lost", () => {
    const at = (kind: FaultId, slot: number): Fault => ({ kind, rate: null, at: [slot] });
    const warningsOf = (faults: readonly Fault[]): number[] =>
      runPhases([run(4), halt(), run(26)], {
        callManager: standalone,
        client: { notify: { pend: 1 } },
        close: { pend: 0 },
        fields: { topology: topology(3), faults: [...faults, { kind: "cm-early-close-adapter", rate: 1, at: null }] },
      }).warnings.map(({ slot }) => slot);
    expect(warningsOf([])).toEqual([]);
    expect(warningsOf([at("lost-notify-completion", 1), at("lost-notify-completion", 2)])).toEqual([1]);
  });
});
