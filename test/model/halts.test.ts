import { describe, expect, it } from "vitest";
import type { Phase } from "../../src/scenario/scenario.js";
import { outline } from "../support/outline.js";
import {
  constant,
  halt,
  only,
  rulesOf,
  run,
  runPhases,
  shortly,
  standalone,
  ticksOf,
  topology,
} from "../support/run-phases.js";

describe("a halt", () => {
  it("of an MCM notifies inside MiniportHaltEx, which returns when the close and the notification are completed", () => {
    const result = runPhases([run(4), halt(), run(26)]);
    expect(shortly(result)).toEqual([
      "4 call MiniportHaltEx#9 ndis>cm:0 no af PASSIVE",
      "4 call NdisMCmNotifyCloseAddressFamily#10 in #9 cm:0>ndis AF#0v1 PASSIVE",
      "4 call ProtocolClNotifyCloseAf#11 in #10 ndis>client:0 AF#0v1 PASSIVE",
      "4 call NdisClCloseAddressFamily#12 in #11 client:0>ndis AF#0v1 PASSIVE",
      "4 call ProtocolCmCloseAf#13 in #12 ndis>cm:0 AF#0v1 PASSIVE",
      "4 return ProtocolCmCloseAf#13 AF#0v1 PENDING PASSIVE",
      "4 return NdisClCloseAddressFamily#12 AF#0v1 PENDING PASSIVE",
      "4 return ProtocolClNotifyCloseAf#11 AF#0v1 PENDING PASSIVE",
      "4 return NdisMCmNotifyCloseAddressFamily#10 AF#0v1 PENDING PASSIVE",
      "24 release cm:0 AF#0v1 DISPATCH",
      "24 call NdisMCmCloseAddressFamilyComplete#14 cm:0>ndis AF#0v1 SUCCESS DISPATCH",
      "24 call ProtocolClCloseAfComplete#15 in #14 ndis>client:0 AF#0v1 SUCCESS DISPATCH",
      "24 release client:0 AF#0v1 DISPATCH",
      "24 return ProtocolClCloseAfComplete#15 AF#0v1 DISPATCH",
      "24 return NdisMCmCloseAddressFamilyComplete#14 AF#0v1 DISPATCH",
      "24 call NdisClNotifyCloseAddressFamilyComplete#16 client:0>ndis AF#0v1 SUCCESS PASSIVE",
      "24 call ProtocolCmNotifyCloseAfComplete#17 in #16 ndis>cm:0 AF#0v1 SUCCESS PASSIVE",
      "24 return ProtocolCmNotifyCloseAfComplete#17 AF#0v1 PASSIVE",
      "24 return NdisClNotifyCloseAddressFamilyComplete#16 AF#0v1 PASSIVE",
      "24 return MiniportHaltEx#9 no af PASSIVE",
    ]);
    expect(result.totals.calls).toBe(17);
    expect([result.violations, result.warnings]).toEqual([[], []]);
  });

  it("of a stand-alone call manager closes synchronously inside ProtocolClNotifyCloseAf, on its processor", () => {
    // Start: 3 + 3 calls of call managers, 4 * 2 + 4 of clients; then 4 opens of 3 calls.
    const result = runPhases([run(4), halt(1), run(1)], {
      close: { pend: 0 },
      callManager: standalone,
      fields: {
        topology: topology(4, 2, 2),
        processors: { count: 3, dpcBudget: 1, completionCostNs: 0 },
      },
    });
    const first = result.trace.findIndex((r) => r.timeNs === 400);
    expect(result.trace.slice(first).map(outline)).toEqual([
      "4 call ProtocolUnbindAdapterEx#31 ndis>cm:1 adapter 1 no af cpu1 PASSIVE",
      ...[2, 3].flatMap((slot) => {
        const frame = 32 + (slot - 2) * 5;
        const [af, at] = [`AF#${slot}v1`, "cpu1 PASSIVE"];
        return [
          `4 call NdisCmNotifyCloseAddressFamily#${frame} in #31 cm:1>ndis adapter 1 ${af} ${at}`,
          `4 call ProtocolClNotifyCloseAf#${frame + 1} in #${frame} ndis>client:${slot} adapter 1 ${af} ${at}`,
          `4 call NdisClCloseAddressFamily#${frame + 2} in #${frame + 1} client:${slot}>ndis adapter 1 ${af} ${at}`,
          `4 call ProtocolCmCloseAf#${frame + 3} in #${frame + 2} ndis>cm:1 adapter 1 ${af} ${at}`,
          `4 release cm:1 ${af} ${at}`,
          `4 return ProtocolCmCloseAf#${frame + 3} ${af} SUCCESS ${at}`,
          `4 return NdisClCloseAddressFamily#${frame + 2} ${af} SUCCESS ${at}`,
          `4 call ProtocolClCloseAfComplete#${frame + 4} in #${frame + 1} client:${slot}>client:${slot} adapter 1 ${af} SUCCESS ${at}`,
          `4 release client:${slot} ${af} ${at}`,
          `4 return ProtocolClCloseAfComplete#${frame + 4} ${af} ${at}`,
          `4 return ProtocolClNotifyCloseAf#${frame + 1} ${af} SUCCESS ${at}`,
          `4 return NdisCmNotifyCloseAddressFamily#${frame} ${af} SUCCESS ${at}`,
        ];
      }),
      "4 return ProtocolUnbindAdapterEx#31 no af PENDING cpu1 PASSIVE",
      "4 call NdisCloseAdapterEx#42 cm:1>ndis adapter 1 no af cpu1 PASSIVE",
      "4 return NdisCloseAdapterEx#42 no af SUCCESS cpu1 PASSIVE",
      "4 call NdisCompleteUnbindAdapterEx#43 cm:1>ndis adapter 1 no af cpu1 PASSIVE",
      "4 return NdisCompleteUnbindAdapterEx#43 no af cpu1 PASSIVE",
    ]);
  });

  it("whose client pends the notification first has it close afterwards, at its own place and in its order", () => {
    const result = runPhases([run(4), halt(1), run(1)], {
      client: { notify: { pend: 1 }, outstanding: { vcs: constant(1), saps: constant(1) }, wait: 1 },
      fields: { topology: topology(4, 2, 2), processors: { count: 3, dpcBudget: 1, completionCostNs: 0 } },
    });
    // Start: 2 + 2, 4 * 2 + 4; opens: 4 * 3.
    const first = result.trace.findIndex((r) => r.timeNs === 400);
    expect(result.trace.slice(first, first + 18).map(outline)).toEqual([
      "4 call MiniportHaltEx#29 ndis>cm:1 adapter 1 no af cpu1 PASSIVE",
      "4 call NdisMCmNotifyCloseAddressFamily#30 in #29 cm:1>ndis adapter 1 AF#2v1 cpu1 PASSIVE",
      "4 call ProtocolClNotifyCloseAf#31 in #30 ndis>client:2 adapter 1 AF#2v1 cpu1 PASSIVE",
      "4 return ProtocolClNotifyCloseAf#31 AF#2v1 PENDING cpu1 PASSIVE",
      "4 return NdisMCmNotifyCloseAddressFamily#30 AF#2v1 PENDING cpu1 PASSIVE",
      "4 call NdisClCloseCall#32 client:2>ndis adapter 1 AF#2v1 cpu2 PASSIVE",
      "4 call ProtocolCmCloseCall#33 in #32 ndis>cm:1 adapter 1 AF#2v1 cpu2 PASSIVE",
      "4 return ProtocolCmCloseCall#33 AF#2v1 PENDING cpu2 PASSIVE",
      "4 return NdisClCloseCall#32 AF#2v1 PENDING cpu2 PASSIVE",
      "4 call NdisClDeregisterSap#34 client:2>ndis adapter 1 AF#2v1 cpu2 PASSIVE",
      "4 call ProtocolCmDeregisterSap#35 in #34 ndis>cm:1 adapter 1 AF#2v1 cpu2 PASSIVE",
      "4 return ProtocolCmDeregisterSap#35 AF#2v1 PENDING cpu2 PASSIVE",
      "4 return NdisClDeregisterSap#34 AF#2v1 PENDING cpu2 PASSIVE",
      "4 call NdisClCloseAddressFamily#36 client:2>ndis adapter 1 AF#2v1 cpu2 PASSIVE",
      "4 call ProtocolCmCloseAf#37 in #36 ndis>cm:1 adapter 1 AF#2v1 cpu2 PASSIVE",
      "4 return ProtocolCmCloseAf#37 AF#2v1 PENDING cpu2 PASSIVE",
      "4 return NdisClCloseAddressFamily#36 AF#2v1 PENDING cpu2 PASSIVE",
      "4 wait client:2 AF#2v1 cpu2 PASSIVE",
    ]);
  });

  it("tears work down inside ProtocolClNotifyCloseAf; what follows the return of the close is at the client's place", () => {
    const result = runPhases([run(4), halt(1), run(1)], {
      client: { outstanding: { vcs: constant(0), saps: constant(1) }, wait: 1 },
      callManager: { irql: "PASSIVE_LEVEL" },
      faults: [],
      fields: {
        topology: topology(4, 2, 2),
        processors: { count: 3, dpcBudget: 1, completionCostNs: 0 },
        faults: [
          { kind: "close-twice", rate: null, at: [2] },
          { kind: "notify-irql", rate: null, at: [2] },
        ],
      },
    });
    const first = result.trace.findIndex((r) => r.timeNs === 400);
    expect(result.trace.slice(first + 1, first + 16).map(outline)).toEqual([
      "4 call NdisMCmNotifyCloseAddressFamily#30 in #29 cm:1>ndis adapter 1 AF#2v1 cpu1 DISPATCH",
      "4 call ProtocolClNotifyCloseAf#31 in #30 ndis>client:2 adapter 1 AF#2v1 cpu1 DISPATCH",
      "4 call NdisClDeregisterSap#32 in #31 client:2>ndis adapter 1 AF#2v1 cpu1 DISPATCH",
      "4 call ProtocolCmDeregisterSap#33 in #32 ndis>cm:1 adapter 1 AF#2v1 cpu1 DISPATCH",
      "4 return ProtocolCmDeregisterSap#33 AF#2v1 PENDING cpu1 DISPATCH",
      "4 return NdisClDeregisterSap#32 AF#2v1 PENDING cpu1 DISPATCH",
      "4 call NdisClCloseAddressFamily#34 in #31 client:2>ndis adapter 1 AF#2v1 cpu1 DISPATCH",
      "4 call ProtocolCmCloseAf#35 in #34 ndis>cm:1 adapter 1 AF#2v1 cpu1 DISPATCH",
      "4 return ProtocolCmCloseAf#35 AF#2v1 PENDING cpu1 DISPATCH",
      "4 return NdisClCloseAddressFamily#34 AF#2v1 PENDING cpu1 DISPATCH",
      "4 call NdisClCloseAddressFamily#36 client:2>ndis adapter 1 AF#2v1 cpu2 PASSIVE",
      "4 return NdisClCloseAddressFamily#36 AF#2v1 FAILURE cpu2 PASSIVE",
      "4 wait client:2 AF#2v1 cpu2 PASSIVE",
      "4 return ProtocolClNotifyCloseAf#31 AF#2v1 PENDING cpu1 DISPATCH",
      "4 return NdisMCmNotifyCloseAddressFamily#30 AF#2v1 PENDING cpu1 DISPATCH",
    ]);
    expect(rulesOf(result)).toEqual(["4 irql/caller", "4 close/redundant"]);
  });

  it("completes inline inside all frames of the notification, and then owes nothing", () => {
    expect(shortly(runPhases([run(4), halt(), run(1)], { close: { inline: 1 } }))).toEqual([
      "4 call MiniportHaltEx#9 ndis>cm:0 no af PASSIVE",
      "4 call NdisMCmNotifyCloseAddressFamily#10 in #9 cm:0>ndis AF#0v1 PASSIVE",
      "4 call ProtocolClNotifyCloseAf#11 in #10 ndis>client:0 AF#0v1 PASSIVE",
      "4 call NdisClCloseAddressFamily#12 in #11 client:0>ndis AF#0v1 PASSIVE",
      "4 call ProtocolCmCloseAf#13 in #12 ndis>cm:0 AF#0v1 PASSIVE",
      "4 release cm:0 AF#0v1 PASSIVE",
      "4 call NdisMCmCloseAddressFamilyComplete#14 in #13 cm:0>ndis AF#0v1 SUCCESS PASSIVE",
      "4 call ProtocolClCloseAfComplete#15 in #14 ndis>client:0 AF#0v1 SUCCESS PASSIVE",
      "4 release client:0 AF#0v1 PASSIVE",
      "4 return ProtocolClCloseAfComplete#15 AF#0v1 PASSIVE",
      "4 return NdisMCmCloseAddressFamilyComplete#14 AF#0v1 PASSIVE",
      "4 return ProtocolCmCloseAf#13 AF#0v1 PENDING PASSIVE",
      "4 return NdisClCloseAddressFamily#12 AF#0v1 PENDING PASSIVE",
      "4 return ProtocolClNotifyCloseAf#11 AF#0v1 SUCCESS PASSIVE",
      "4 return NdisMCmNotifyCloseAddressFamily#10 AF#0v1 SUCCESS PASSIVE",
      "4 return MiniportHaltEx#9 no af PASSIVE",
    ]);
  });

  it("notifies of an AF that is still opening when its client is told of the open, from outside all calls", () => {
    const result = runPhases([run(4), halt(), run(26)], { open: { pend: 1 } });
    expect(shortly(result).slice(0, 11)).toEqual([
      "4 call MiniportHaltEx#8 ndis>cm:0 no af PASSIVE",
      "7 call NdisMCmOpenAddressFamilyComplete#9 cm:0>ndis AF#0v1 SUCCESS DISPATCH",
      "7 return NdisMCmOpenAddressFamilyComplete#9 AF#0v1 DISPATCH",
      "7 call ProtocolClOpenAfCompleteEx#10 ndis>client:0 AF#0v1 SUCCESS PASSIVE",
      "7 return ProtocolClOpenAfCompleteEx#10 AF#0v1 PASSIVE",
      "7 call NdisMCmNotifyCloseAddressFamily#11 cm:0>ndis AF#0v1 PASSIVE",
      "7 call ProtocolClNotifyCloseAf#12 in #11 ndis>client:0 AF#0v1 PASSIVE",
      "7 call NdisClCloseAddressFamily#13 in #12 client:0>ndis AF#0v1 PASSIVE",
      "7 call ProtocolCmCloseAf#14 in #13 ndis>cm:0 AF#0v1 PASSIVE",
      "7 return ProtocolCmCloseAf#14 AF#0v1 PENDING PASSIVE",
      "7 return NdisClCloseAddressFamily#13 AF#0v1 PENDING PASSIVE",
    ]);
    expect(ticksOf(result, "MiniportHaltEx", "return")).toEqual([27]);
  });

  it("waits for an open that fails, and for a completion that has been called and costs time", () => {
    const failing = runPhases([run(4), halt(), run(26)], { open: { pend: 1, fail: 1 } });
    expect(ticksOf(failing, "MiniportHaltEx", "return")).toEqual([7]);
    const processors = { count: 1, dpcBudget: 1, completionCostNs: 500 };
    // Closed at 10, completion called at 30 and done at 35.
    const costly = runPhases([run(33), halt(), run(26)], { fields: { processors } });
    expect(ticksOf(costly, "MiniportHaltEx", "return")).toEqual([35]);
  });

  it("of an adapter that is halted already, or on which nothing is, leaves nothing but its own calls", () => {
    const twice = runPhases([run(4), halt(), run(1), halt(), run(25)]);
    expect(twice.trace).toEqual(runPhases([run(4), halt(), run(26)]).trace);
    const idle = runPhases([run(4), halt(1), run(1)], {
      callManager: standalone,
      fields: { topology: topology(1, 1, 2) },
    });
    expect(ticksOf(idle, "NdisCompleteUnbindAdapterEx")).toEqual([4]);
    expect(ticksOf(idle, "NdisCmNotifyCloseAddressFamily")).toEqual([]);
  });

  it("takes its adapters in ascending order, each with its own slots", () => {
    const adapters = [
      { from: 2, to: 2 },
      { from: 0, to: 0 },
    ];
    const result = runPhases([run(4), { kind: "halt", adapters }, run(1)], { fields: { topology: topology(6, 1, 3) } });
    const told = result.trace.filter((r) => r.op === "call" && /HaltEx$|^ProtocolClNotify/.test(r.call));
    expect(told.map((r) => r.af ?? ("to" in r && r.to))).toEqual([
      "cm:0",
      "AF#0v1",
      "AF#1v1",
      "cm:2",
      "AF#4v1",
      "AF#5v1",
    ]);
  });

  it("at the very end halts the adapter, but what follows at its tick is beyond the end", () => {
    const result = runPhases([run(4), { kind: "drain", ns: 100 }, halt()], { close: { pend: 0 } });
    expect(ticksOf(result, "MiniportHaltEx")).toEqual([5]);
    expect(ticksOf(result, "MiniportHaltEx", "return")).toEqual([]);
    expect(result.totals).toMatchObject({ lifecycles: 1, undecided: 0, virtualTicks: 5 });
  });

  it("waits for ever for a completion that is lost, which is no violation of its own", () => {
    const result = runPhases([run(4), halt(), { kind: "drain", ns: 10_000 }], { faults: ["lost-completion"] });
    expect(rulesOf(result)).toEqual(["24 close/owed"]);
    expect(ticksOf(result, "MiniportHaltEx", "return")).toEqual([]);
  });
});

describe("a halt of a call manager whose list still has what is closing", () => {
  const closing = { notify: { closing: true } };

  it("notifies of it, which NDIS fails without calling the client", () => {
    const result = runPhases([run(12), halt(), run(20)], { callManager: closing });
    expect(shortly(result).slice(0, 3)).toEqual([
      "12 call MiniportHaltEx#11 ndis>cm:0 no af PASSIVE",
      "12 call NdisMCmNotifyCloseAddressFamily#12 in #11 cm:0>ndis AF#0v1 PASSIVE",
      "12 return NdisMCmNotifyCloseAddressFamily#12 AF#0v1 FAILURE PASSIVE",
    ]);
    expect(ticksOf(result, "ProtocolClNotifyCloseAf")).toEqual([]);
    expect(ticksOf(result, "NdisClNotifyCloseAddressFamilyComplete")).toEqual([]);
    expect(ticksOf(result, "MiniportHaltEx", "return")).toEqual([30]);
    expect(result.violations).toEqual([]);
  });

  it("does not notify of a close whose completion has been called", () => {
    const processors = { count: 1, dpcBudget: 1, completionCostNs: 500 };
    const result = runPhases([run(33), halt(), run(20)], { callManager: closing, fields: { processors } });
    expect(ticksOf(result, "NdisMCmNotifyCloseAddressFamily")).toEqual([]);
  });
});

describe("a halt and an unbinding", () => {
  const unbind: Phase = { kind: "unbind", adapters: only(0), clients: only(0) };

  it.each([
    ["the unbinding first", [run(4), unbind, halt(), run(26)], 0],
    ["the halt first", [run(4), halt(), unbind, run(26)], 1],
  ] as const)("end in the same tick, the adapter before the binding (%s)", (_, phases, notifications) => {
    const result = runPhases(phases);
    expect(ticksOf(result, "NdisMCmNotifyCloseAddressFamily").length).toBe(notifications);
    expect(result.trace.slice(-5).map(({ timeNs }) => timeNs / 100)).toEqual([24, 24, 24, 24, 24]);
    expect(result.trace.slice(-5).map((r) => "call" in r && `${r.op} ${r.call}`)).toEqual([
      "return MiniportHaltEx",
      "call NdisCloseAdapterEx",
      "return NdisCloseAdapterEx",
      "call NdisCompleteUnbindAdapterEx",
      "return NdisCompleteUnbindAdapterEx",
    ]);
  });

  it("both wait for an AF of which the call manager forgets to notify: its client closes all that it has", () => {
    const result = runPhases([run(4), unbind, halt(), run(26)], { open: { pend: 1 }, faults: ["forgotten-notify"] });
    expect(rulesOf(result)).toEqual(["7 notify/required"]);
    expect(ticksOf(result, "NdisClCloseAddressFamily")).toEqual([7]);
    expect(ticksOf(result, "NdisCompleteUnbindAdapterEx")).toEqual([27]);
    expect(ticksOf(result, "MiniportHaltEx", "return")).toEqual([27]);
    expect(result.machines[0]).toMatchObject({ openAtEnd: 0 });
  });

  it("that comes later closes an AF of which the call manager forgot to notify, and lets the halt end", () => {
    const result = runPhases([run(4), halt(), run(5), unbind, run(26)], { faults: ["forgotten-notify"] });
    expect(rulesOf(result)).toEqual(["4 notify/required"]);
    expect(ticksOf(result, "NdisClCloseAddressFamily")).toEqual([9]);
    expect(ticksOf(result, "ProtocolClNotifyCloseAf")).toEqual([]);
    expect(ticksOf(result, "MiniportHaltEx", "return")).toEqual([29]);
    expect(ticksOf(result, "NdisCompleteUnbindAdapterEx")).toEqual([29]);
  });

  it("leave the halt waiting for ever where the call manager and then the client forgets an AF", () => {
    const result = runPhases([run(4), halt(), run(5), unbind, { kind: "drain", ns: 10_000 }], {
      faults: ["forgotten-notify", "forgotten-af"],
    });
    expect(rulesOf(result)).toEqual(["4 notify/required", "9 close/unbind"]);
    expect(ticksOf(result, "MiniportHaltEx", "return")).toEqual([]);
    // What the client has forgotten it does not wait for.
    expect(ticksOf(result, "NdisCompleteUnbindAdapterEx")).toEqual([9]);
    expect(result.machines[0]).toMatchObject({ openAtEnd: 1 });
  });
});

describe("a close that fails in NDIS during a halt", () => {
  const work = { outstanding: { vcs: constant(1), saps: constant(0) } };

  it("fails the notification in which it was asked for", () => {
    const result = runPhases([run(4), halt(), run(6)], { client: work, faults: ["outstanding-close"] });
    expect(shortly(result)).toEqual([
      "4 call MiniportHaltEx#9 ndis>cm:0 no af PASSIVE",
      "4 call NdisMCmNotifyCloseAddressFamily#10 in #9 cm:0>ndis AF#0v1 PASSIVE",
      "4 call ProtocolClNotifyCloseAf#11 in #10 ndis>client:0 AF#0v1 PASSIVE",
      "4 call NdisClCloseAddressFamily#12 in #11 client:0>ndis AF#0v1 PASSIVE",
      "4 return NdisClCloseAddressFamily#12 AF#0v1 FAILURE PASSIVE",
      "4 call ProtocolClCloseAfComplete#13 in #11 client:0>client:0 AF#0v1 FAILURE PASSIVE",
      "4 return ProtocolClCloseAfComplete#13 AF#0v1 PASSIVE",
      "4 return ProtocolClNotifyCloseAf#11 AF#0v1 FAILURE PASSIVE",
      "4 return NdisMCmNotifyCloseAddressFamily#10 AF#0v1 FAILURE PASSIVE",
      "4 return MiniportHaltEx#9 no af PASSIVE",
    ]);
  });

  const pending = { ...work, notify: { pend: 1 } };

  it("completes a notification that was pended before, with FAILURE", () => {
    const result = runPhases([run(4), halt(), run(6)], { client: pending, faults: ["outstanding-close"] });
    expect(shortly(result).slice(3)).toEqual([
      "4 return ProtocolClNotifyCloseAf#11 AF#0v1 PENDING PASSIVE",
      "4 return NdisMCmNotifyCloseAddressFamily#10 AF#0v1 PENDING PASSIVE",
      "4 call NdisClCloseAddressFamily#12 client:0>ndis AF#0v1 PASSIVE",
      "4 return NdisClCloseAddressFamily#12 AF#0v1 FAILURE PASSIVE",
      "4 call ProtocolClCloseAfComplete#13 client:0>client:0 AF#0v1 FAILURE PASSIVE",
      "4 return ProtocolClCloseAfComplete#13 AF#0v1 PASSIVE",
      "4 call NdisClNotifyCloseAddressFamilyComplete#14 client:0>ndis AF#0v1 FAILURE PASSIVE",
      "4 call ProtocolCmNotifyCloseAfComplete#15 in #14 ndis>cm:0 AF#0v1 FAILURE PASSIVE",
      "4 return ProtocolCmNotifyCloseAfComplete#15 AF#0v1 PASSIVE",
      "4 return NdisClNotifyCloseAddressFamilyComplete#14 AF#0v1 PASSIVE",
      "4 return MiniportHaltEx#9 no af PASSIVE",
    ]);
  });

  it("leaves a notification that its client does not complete owed, from the tick of the close", () => {
    const ending = (closeTicks: number) =>
      runPhases([run(4), halt(), run(6)], {
        client: pending,
        faults: ["outstanding-close", "lost-notify-completion"],
        fields: { deadlines: { openNs: 0, closeNs: closeTicks * 100 } },
      });
    expect(rulesOf(ending(5))).toEqual(["4 close/outstanding", "10 notify/owed"]);
    expect(rulesOf(ending(6))).toEqual(["4 close/outstanding"]);
    expect(ending(6).totals.undecided).toBe(1);
    expect(ticksOf(ending(5), "MiniportHaltEx", "return")).toEqual([]);
  });
});
