import { describe, expect, it } from "vitest";
import { DEFAULT_READINGS, type Readings } from "../../src/scenario/readings.js";
import type { ClientProfile, Phase } from "../../src/scenario/scenario.js";
import { digestOf, NOT_ACCEPTED, PENDING } from "../support/fault-example.js";
import { outline } from "../support/outline.js";
import {
  constant,
  halt,
  type Options,
  rulesOf,
  run,
  runPhases,
  shortly,
  ticksOf,
  topology,
} from "../support/run-phases.js";

const work = (vcs: number, saps: number): Partial<ClientProfile> => ({
  outstanding: { vcs: constant(vcs), saps: constant(saps) },
});

/** One AF with one VC, by default, that is torn down in 3 ticks. */
function reads(contract: Partial<Readings>, phases: readonly Phase[], { client, fields, ...rest }: Options = {}) {
  return runPhases(phases, {
    client: { ...work(1, 0), ...client },
    fields: { ...fields, contract: { ...DEFAULT_READINGS, ...contract } },
    ...rest,
  });
}

/** What is in the trace after the open of one AF, where all is on one processor and adapter. */
const afterOpen = (result: ReturnType<typeof reads>): string[] =>
  result.trace.slice(16).map((record) => outline(record).replace(/ adapter 0| cpu0| AF#0v1/g, ""));

const refusing = { close: { refuse: 1 } };

describe("a close that the call manager refuses while work is outstanding", () => {
  it("leaves the AF open for good where the client's handle is dead", () => {
    const result = reads({}, [run(30)], refusing);
    expect(afterOpen(result)).toEqual([
      "10 call NdisClCloseCall#9 client:0>ndis PASSIVE",
      "10 call ProtocolCmCloseCall#10 in #9 ndis>cm:0 PASSIVE",
      "10 return ProtocolCmCloseCall#10 PENDING PASSIVE",
      "10 return NdisClCloseCall#9 PENDING PASSIVE",
      "10 call NdisClCloseAddressFamily#11 client:0>ndis PASSIVE",
      "10 call ProtocolCmCloseAf#12 in #11 ndis>cm:0 PASSIVE",
      "10 return ProtocolCmCloseAf#12 NOT_ACCEPTED PASSIVE",
      "10 return NdisClCloseAddressFamily#11 NOT_ACCEPTED PASSIVE",
      "10 call ProtocolClCloseAfComplete#13 client:0>client:0 NOT_ACCEPTED PASSIVE",
      "10 return ProtocolClCloseAfComplete#13 PASSIVE",
      "13 call NdisMCmCloseCallComplete#14 cm:0>ndis SUCCESS DISPATCH",
      "13 call ProtocolClCloseCallComplete#15 in #14 ndis>client:0 SUCCESS DISPATCH",
      "13 return ProtocolClCloseCallComplete#15 DISPATCH",
      "13 return NdisMCmCloseCallComplete#14 DISPATCH",
    ]);
    expect(result.totals).toMatchObject({ opens: 1, closes: 0, lifecycles: 0, events: 0, undecided: 0 });
    expect(result.machines[0]).toMatchObject({ openAtEnd: 1, pendedAtEnd: 0, peakPendedCloses: 0 });
    expect(result.machines[0]!.streams[0]!.sequences).toEqual([]);
    expect(result.violations).toEqual([]);
  });

  it("is asked for again where it is not, as soon as the work is gone", () => {
    const result = reads({ failedClose: "retry" }, [run(34)], refusing);
    expect(afterOpen(result).slice(14)).toEqual([
      "13 call NdisClCloseAddressFamily#16 client:0>ndis PASSIVE",
      "13 call ProtocolCmCloseAf#17 in #16 ndis>cm:0 PASSIVE",
      "13 return ProtocolCmCloseAf#17 PENDING PASSIVE",
      "13 return NdisClCloseAddressFamily#16 PENDING PASSIVE",
      "33 release cm:0 DISPATCH",
      "33 call NdisMCmCloseAddressFamilyComplete#18 cm:0>ndis SUCCESS DISPATCH",
      "33 call ProtocolClCloseAfComplete#19 in #18 ndis>client:0 SUCCESS DISPATCH",
      "33 release client:0 DISPATCH",
      "33 return ProtocolClCloseAfComplete#19 DISPATCH",
      "33 return NdisMCmCloseAddressFamilyComplete#18 DISPATCH",
    ]);
    expect(result.close.total).toEqual([20]);
    expect(result.totals).toMatchObject({ closes: 1, pendedCloses: 1, completions: 1 });
    expect(result.machines[0]!.streams[0]!.sequences).toEqual([0]);
    expect(result.digest).toBe(
      digestOf([
        [0, 1, 1, "open"],
        [10, 1, 21, "refused", NOT_ACCEPTED],
        [13, 1, 22, "open"],
        [13, 1, 6, "closePended", PENDING],
        [33, 1, 10, "vacant"],
      ]),
    );
  });

  it("is then answered as one without work is: synchronously or inline, if the call manager would", () => {
    const synchronous = reads({ failedClose: "retry" }, [run(14)], { close: { refuse: 1, pend: 0 } });
    expect(synchronous.totals).toMatchObject({ synchronousCloses: 1, pendedCloses: 0 });
    const inline = reads({ failedClose: "retry" }, [run(14)], { close: { refuse: 1, inline: 1 } });
    expect(inline.totals).toMatchObject({ inlineCompletions: 1, completions: 1 });
    expect(ticksOf(inline, "NdisMCmCloseAddressFamilyComplete")).toEqual([13]);
  });

  it("was not pended, so that a completion after the synchronous second one comes too late and not twice", () => {
    const result = reads({ failedClose: "retry" }, [run(14)], {
      close: { refuse: 1, pend: 0 },
      faults: ["stale-completion"],
    });
    expect(rulesOf(result)).toEqual(["13 close/cm-stale"]);
    const failed = reads({ failedClose: "retry" }, [run(14)], {
      close: { pend: 0 },
      faults: ["outstanding-close", "stale-completion"],
    });
    expect(rulesOf(failed)).toEqual(["10 close/outstanding", "13 close/cm-stale"]);
  });

  it("was pended if it was forwarded with objects left, so that a second completion is one too many", () => {
    const faults = ["outstanding-close", "double-complete"] as const;
    const result = reads({ outstandingClose: "forwarded" }, [run(34)], { close: { pend: 0 }, faults });
    expect(rulesOf(result)).toEqual(["33 close/double-complete"]);
  });

  it("leaves an AF that is open until it is asked for again", () => {
    const result = reads({ failedClose: "retry" }, [run(12)], refusing);
    expect(result.machines[0]).toMatchObject({ openAtEnd: 1, pendedAtEnd: 0, peakOpen: 1 });
    expect(result.totals).toMatchObject({ opens: 1, closes: 0, undecided: 0 });
  });

  it("breaks close/status where NOT_ACCEPTED is in no table, and takes effect all the same", () => {
    const legal = reads({}, [run(30)], refusing);
    const table = reads({ notAcceptedClose: "table" }, [run(30)], refusing);
    expect(table.trace).toEqual(legal.trace);
    expect(table.digest).toBe(
      digestOf([
        [0, 1, 1, "open"],
        [10, 1, "close/status", "open", NOT_ACCEPTED],
        [10, 1, 19, "stranded", NOT_ACCEPTED],
      ]),
    );
  });

  it("is not refused without work", () => {
    expect(reads({}, [run(31)], { ...refusing, client: work(0, 0) }).totals).toMatchObject({ completions: 1 });
  });

  it("keeps an unbinding or a halt waiting while it will be asked for again, and no longer", () => {
    const unbind: Phase = { kind: "unbind", adapters: [{ from: 0, to: 0 }], clients: [{ from: 0, to: 0 }] };
    const waiting = reads({ failedClose: "retry" }, [run(11), unbind, run(40)], refusing);
    expect(ticksOf(waiting, "NdisClCloseAddressFamily")).toEqual([10, 13]);
    expect(ticksOf(waiting, "NdisCompleteUnbindAdapterEx")).toEqual([33]);
    const stranded = reads({}, [run(11), unbind, run(40)], refusing);
    expect(ticksOf(stranded, "NdisCompleteUnbindAdapterEx")).toEqual([11]);
    const closing = reads({}, [run(4), unbind, run(40)], refusing);
    expect(ticksOf(closing, "NdisCompleteUnbindAdapterEx")).toEqual([4]);
  });
});

describe("a halt", () => {
  it("notifies of an AF whose close was refused, and the client completes that when it has closed again", () => {
    const result = reads({ failedClose: "retry" }, [run(11), halt(), run(30)], refusing);
    expect(shortly(result).slice(0, 5)).toEqual([
      "11 call MiniportHaltEx#14 ndis>cm:0 no af PASSIVE",
      "11 call NdisMCmNotifyCloseAddressFamily#15 in #14 cm:0>ndis AF#0v1 PASSIVE",
      "11 call ProtocolClNotifyCloseAf#16 in #15 ndis>client:0 AF#0v1 PASSIVE",
      "11 return ProtocolClNotifyCloseAf#16 AF#0v1 PENDING PASSIVE",
      "11 return NdisMCmNotifyCloseAddressFamily#15 AF#0v1 PENDING PASSIVE",
    ]);
    expect(ticksOf(result, "ProtocolCmNotifyCloseAfComplete")).toEqual([33]);
    expect(ticksOf(result, "MiniportHaltEx", "return")).toEqual([33]);
    expect(result.violations).toEqual([]);
  });

  it("has a close inside ProtocolClNotifyCloseAf refused: that returns PENDING if it is to be tried again, else FAILURE", () => {
    const answersOf = (contract: Partial<Readings>) =>
      reads(contract, [run(4), halt(), run(26)], refusing).trace.flatMap((r) =>
        r.op === "return" && r.call === "ProtocolClNotifyCloseAf" ? [r.status] : [],
      );
    expect(answersOf({})).toEqual(["NDIS_STATUS_FAILURE"]);
    expect(answersOf({ failedClose: "retry" })).toEqual(["NDIS_STATUS_PENDING"]);
  });

  it("is complained of early, too, while the close is to be tried again", () => {
    const early = reads({ failedClose: "retry" }, [run(4), halt(), run(26)], {
      ...refusing,
      faults: ["early-notify-completion", "notify-wait"],
    });
    expect(rulesOf(early)).toEqual(["4 notify/owed"]);
    const success = reads({ failedClose: "retry" }, [run(11), halt(), run(26)], {
      ...refusing,
      faults: ["notify-success"],
    });
    expect(rulesOf(success)).toEqual(["11 notify/owed"]);
    expect(ticksOf(success, "NdisClNotifyCloseAddressFamilyComplete")).toEqual([]);
  });

  it("delivers the notification of a close under way, where that reading is taken", () => {
    const closing = { callManager: { notify: { closing: true } }, client: work(0, 0) };
    const result = reads({ notifyDuringClose: "delivered" }, [run(12), halt(), run(20)], closing);
    expect(shortly(result).slice(0, 5)).toEqual([
      "12 call MiniportHaltEx#11 ndis>cm:0 no af PASSIVE",
      "12 call NdisMCmNotifyCloseAddressFamily#12 in #11 cm:0>ndis AF#0v1 PASSIVE",
      "12 call ProtocolClNotifyCloseAf#13 in #12 ndis>client:0 AF#0v1 PASSIVE",
      "12 return ProtocolClNotifyCloseAf#13 AF#0v1 PENDING PASSIVE",
      "12 return NdisMCmNotifyCloseAddressFamily#12 AF#0v1 PENDING PASSIVE",
    ]);
    expect(shortly(result).slice(-5)).toEqual([
      "30 call NdisClNotifyCloseAddressFamilyComplete#16 client:0>ndis AF#0v1 SUCCESS PASSIVE",
      "30 call ProtocolCmNotifyCloseAfComplete#17 in #16 ndis>cm:0 AF#0v1 SUCCESS PASSIVE",
      "30 return ProtocolCmNotifyCloseAfComplete#17 AF#0v1 PASSIVE",
      "30 return NdisClNotifyCloseAddressFamilyComplete#16 AF#0v1 PASSIVE",
      "30 return MiniportHaltEx#11 no af PASSIVE",
    ]);
    const struck = reads({ notifyDuringClose: "delivered" }, [run(12), halt(), run(20)], {
      ...closing,
      faults: ["notify-success", "early-notify-completion", "notify-irql"],
    });
    expect(rulesOf(struck)).toEqual(["12 irql/caller", "12 notify/owed"]);
  });
});

describe("a close with objects left on the AF", () => {
  it("that NDIS has failed is asked for again when they are torn down, where that is right", () => {
    const result = reads({ failedClose: "retry" }, [run(34)], { faults: ["outstanding-close"] });
    expect(afterOpen(result).slice(0, 9)).toEqual([
      "10 call NdisClCloseAddressFamily#9 client:0>ndis PASSIVE",
      "10 return NdisClCloseAddressFamily#9 FAILURE PASSIVE",
      "10 call ProtocolClCloseAfComplete#10 client:0>client:0 FAILURE PASSIVE",
      "10 return ProtocolClCloseAfComplete#10 PASSIVE",
      "10 call NdisClCloseCall#11 client:0>ndis PASSIVE",
      "10 call ProtocolCmCloseCall#12 in #11 ndis>cm:0 PASSIVE",
      "10 return ProtocolCmCloseCall#12 PENDING PASSIVE",
      "10 return NdisClCloseCall#11 PENDING PASSIVE",
      "13 call NdisMCmCloseCallComplete#13 cm:0>ndis SUCCESS DISPATCH",
    ]);
    expect(ticksOf(result, "NdisClCloseAddressFamily")).toEqual([10, 13]);
    expect(rulesOf(result)).toEqual(["10 close/outstanding"]);
    expect(result.totals).toMatchObject({ completions: 1 });
  });

  it("is forwarded and pended where NDIS forwards every close; the teardown calls follow its return", () => {
    const result = reads({ outstandingClose: "forwarded" }, [run(34)], {
      faults: ["outstanding-close", "close-twice"],
    });
    expect(afterOpen(result).slice(0, 11)).toEqual([
      "10 call NdisClCloseAddressFamily#9 client:0>ndis PASSIVE",
      "10 call ProtocolCmCloseAf#10 in #9 ndis>cm:0 PASSIVE",
      "10 return ProtocolCmCloseAf#10 PENDING PASSIVE",
      "10 return NdisClCloseAddressFamily#9 PENDING PASSIVE",
      "10 call NdisClCloseCall#11 client:0>ndis PASSIVE",
      "10 call ProtocolCmCloseCall#12 in #11 ndis>cm:0 PASSIVE",
      "10 return ProtocolCmCloseCall#12 PENDING PASSIVE",
      "10 return NdisClCloseCall#11 PENDING PASSIVE",
      "10 call NdisClCloseAddressFamily#13 client:0>ndis PASSIVE",
      "10 return NdisClCloseAddressFamily#13 FAILURE PASSIVE",
      "13 call NdisMCmCloseCallComplete#14 cm:0>ndis SUCCESS DISPATCH",
    ]);
    expect(rulesOf(result)).toEqual(["10 close/redundant"]);
    expect(ticksOf(result, "NdisMCmCloseAddressFamilyComplete")).toEqual([33]);
  });

  it("that is forwarded may be refused; the teardown calls follow that, inside the notification that asked for it", () => {
    const forwarded = { outstandingClose: "forwarded" } as const;
    const options: Options = { ...refusing, client: work(0, 1), faults: ["outstanding-close", "retry-close"] };
    const result = reads(forwarded, [run(4), halt(), run(26)], options);
    expect(shortly(result).slice(3, 16)).toEqual([
      "4 call NdisClCloseAddressFamily#12 in #11 client:0>ndis AF#0v1 PASSIVE",
      "4 call ProtocolCmCloseAf#13 in #12 ndis>cm:0 AF#0v1 PASSIVE",
      "4 return ProtocolCmCloseAf#13 AF#0v1 NOT_ACCEPTED PASSIVE",
      "4 return NdisClCloseAddressFamily#12 AF#0v1 NOT_ACCEPTED PASSIVE",
      "4 call ProtocolClCloseAfComplete#14 in #11 client:0>client:0 AF#0v1 NOT_ACCEPTED PASSIVE",
      "4 return ProtocolClCloseAfComplete#14 AF#0v1 PASSIVE",
      "4 call NdisClDeregisterSap#15 in #11 client:0>ndis AF#0v1 PASSIVE",
      "4 call ProtocolCmDeregisterSap#16 in #15 ndis>cm:0 AF#0v1 PASSIVE",
      "4 return ProtocolCmDeregisterSap#16 AF#0v1 PENDING PASSIVE",
      "4 return NdisClDeregisterSap#15 AF#0v1 PENDING PASSIVE",
      "4 return ProtocolClNotifyCloseAf#11 AF#0v1 FAILURE PASSIVE",
      "4 return NdisMCmNotifyCloseAddressFamily#10 AF#0v1 FAILURE PASSIVE",
      "4 return MiniportHaltEx#9 no af PASSIVE",
    ]);
    // The last teardown is completed after the halt has ended; the handle is dead.
    expect(shortly(result).slice(16)).toEqual([
      "7 call NdisMCmDeregisterSapComplete#17 cm:0>ndis AF#0v1 SUCCESS DISPATCH",
      "7 call ProtocolClDeregisterSapComplete#18 in #17 ndis>client:0 AF#0v1 SUCCESS DISPATCH",
      "7 return ProtocolClDeregisterSapComplete#18 AF#0v1 DISPATCH",
      "7 return NdisMCmDeregisterSapComplete#17 AF#0v1 DISPATCH",
      "7 call NdisClCloseAddressFamily#19 client:0>ndis AF#0v1 PASSIVE",
      "7 return NdisClCloseAddressFamily#19 AF#0v1 FAILURE PASSIVE",
    ]);
    expect(rulesOf(result)).toEqual(["7 close/client-stale"]);
  });
});

describe("a close while another open is pended", () => {
  // The opens are completed one after the other: told at 12 and 17, and closed 3 ticks later.
  const overlapping = (openScope: Readings["openScope"], clients: number) =>
    reads({ openScope }, [run(16)], {
      client: { ...work(0, 0), hold: { kind: "constant", ns: 300 } },
      open: { pend: 1 },
      fields: { topology: topology(2, clients), processors: { count: 1, dpcBudget: 1, completionCostNs: 500 } },
    });

  it("breaks a rule where an open keeps its client off every AF of the binding, and is a close all the same", () => {
    const binding = overlapping("binding", 1);
    expect(binding.violations).toEqual([
      { rule: "open/use-before-complete", tick: 15, machine: 0, slot: 0, generation: 1 },
    ]);
    expect(binding.trace).toEqual(overlapping("af", 1).trace);
    expect(overlapping("af", 1).violations).toEqual([]);
  });

  it("breaks none if that is an open of another client", () => {
    expect(overlapping("binding", 2).violations).toEqual([]);
  });

  it("is only redundant, stale or outstanding if it is that too", () => {
    const result = reads({ openScope: "binding" }, [run(16)], {
      client: { ...work(1, 0), hold: { kind: "constant", ns: 300 } },
      open: { pend: 1 },
      faults: ["outstanding-close"],
      fields: { topology: topology(2), processors: { count: 1, dpcBudget: 1, completionCostNs: 500 } },
    });
    expect(rulesOf(result)).toEqual(["15 close/outstanding"]);
  });
});
