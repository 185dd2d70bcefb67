import { describe, expect, it } from "vitest";
import type { FaultId } from "../../src/contract/faults.js";
import type { Fault, Phase } from "../../src/scenario/scenario.js";
import { constant, halt, rulesOf, run, runPhases, shortly, ticksOf, topology } from "../support/run-phases.js";

const each = (...kinds: readonly FaultId[]): readonly Fault[] => kinds.map((kind) => ({ kind, rate: 1, at: null }));
const costly = { processors: { count: 1, dpcBudget: 64, completionCostNs: 500 } };

/** Ticks and slots of the calls by which clients are told that their pended closes have ended. */
const toldOf = (result: ReturnType<typeof runPhases>): string[] =>
  result.trace.flatMap((r) =>
    r.op === "call" && r.call === "ProtocolClCloseAfComplete" && r.from === "ndis" ? [`${r.timeNs / 100} ${r.af}`] : [],
  );

describe("a call manager with one flag for all its pended closes", () => {
  it("loses every second one of those that are pended together", () => {
    const result = runPhases([run(35)], {
      fields: { topology: topology(5), faults: each("shared-flag") },
      client: { reopen: false },
    });
    // All five set it at 10; the first takes it back at 30.
    expect(toldOf(result)).toEqual(["30 AF#0v1"]);
  });

  it("loses none that sets it after the last one took it back", () => {
    const result = runPhases([run(100)], { faults: ["shared-flag"] });
    expect(toldOf(result)).toEqual(["30 AF#0v1", "65 AF#0v2"]);
  });

  it("has a flag for each adapter", () => {
    const result = runPhases([run(35)], {
      fields: { topology: topology(2, 1, 2), faults: each("shared-flag") },
      client: { reopen: false },
    });
    expect(toldOf(result)).toEqual(["30 AF#0v1", "30 AF#1v1"]);
  });

  it("loses a close first because it forgets it, then because its adapter has halted; only then it looks at the flag", () => {
    const result = runPhases([run(11), halt(), { kind: "drain", ns: 10_000 }], {
      fields: {
        topology: topology(3),
        faults: [
          { kind: "lost-completion", rate: null, at: [0] },
          { kind: "halted-completion", rate: null, at: [1] },
          ...each("shared-flag"),
        ],
      },
    });
    // AF 2 finds the flag that neither of them has taken back.
    expect(toldOf(result)).toEqual(["30 AF#2v1"]);
    expect(rulesOf(result)).toEqual(["30 close/owed", "30 close/owed"]);
  });
});

describe("a call manager with one handle an adapter", () => {
  it("completes the close of the handle that it has twice, and its own never", () => {
    const result = runPhases([run(35)], {
      fields: { topology: topology(3), faults: [{ kind: "one-handle", rate: null, at: [1, 2] }] },
      client: { reopen: false },
      faults: [],
    });
    expect(result.violations).toEqual([
      { rule: "close/double-complete", tick: 30, machine: 0, slot: 0, generation: 1 },
      { rule: "close/double-complete", tick: 30, machine: 0, slot: 0, generation: 1 },
    ]);
    expect(toldOf(result)).toEqual(["30 AF#0v1"]);
    expect(result.trace.slice(-4).map((r) => "call" in r && `${r.op} ${r.call} ${r.af}`)).toEqual([
      "call NdisMCmCloseAddressFamilyComplete AF#0v1",
      "return NdisMCmCloseAddressFamilyComplete AF#0v1",
      "call NdisMCmCloseAddressFamilyComplete AF#0v1",
      "return NdisMCmCloseAddressFamilyComplete AF#0v1",
    ]);
    expect(result.totals.undecided).toBe(2);
  });
});

describe("a call manager that holds its lock across the completion", () => {
  it("never comes back from it, though the client is told and goes on, and completes nothing from then on", () => {
    const result = runPhases([run(75)], { faults: ["lock-deadlock", "double-complete"] });
    const from30 = result.trace.filter(({ timeNs }) => timeNs === 3_000);
    expect(from30.map((r) => ("call" in r ? `${r.op} ${r.call}` : r.op))).toEqual([
      "release",
      "call NdisMCmCloseAddressFamilyComplete",
      "call ProtocolClCloseAfComplete",
      "release",
      "return ProtocolClCloseAfComplete",
      "call NdisMCmCloseAddressFamilyComplete",
      "return NdisMCmCloseAddressFamilyComplete",
    ]);
    expect(ticksOf(result, "NdisClCloseAddressFamily")).toEqual([10, 45]);
    expect(toldOf(result)).toEqual(["30 AF#0v1"]);
    expect(result.totals).toMatchObject({ lifecycles: 1, undecided: 1 });
  });

  it("still calls what is in its list already", () => {
    // Due at 30 together: the first is done at 35.
    const result = runPhases([run(60)], {
      fields: { ...costly, topology: topology(3) },
      client: { reopen: false },
      faults: ["lock-deadlock"],
    });
    expect(toldOf(result)).toEqual(["35 AF#0v1", "40 AF#1v1", "45 AF#2v1"]);
    // And nothing after that, though the completions of the others have come back.
    const reopening = runPhases([run(120)], {
      fields: { ...costly, topology: topology(3) },
      faults: ["lock-deadlock"],
    });
    expect(toldOf(reopening)).toEqual(["35 AF#0v1", "40 AF#1v1", "45 AF#2v1"]);
    const batch = runPhases([run(60)], {
      fields: { topology: topology(3) },
      client: { reopen: false },
      close: { coalesce: { count: 3, timerNs: 1_000 } },
      faults: ["lock-deadlock"],
    });
    // A batch is no list: its closes are dispatched one after the other.
    expect(toldOf(batch)).toEqual(["30 AF#0v1"]);
  });

  it("keeps its own lock, and no other's", () => {
    const result = runPhases([run(60)], {
      fields: { topology: topology(4, 1, 2) },
      client: { reopen: false },
      faults: ["lock-deadlock"],
    });
    expect(toldOf(result)).toEqual(["30 AF#0v1", "30 AF#2v1", "30 AF#3v1"]);
  });
});

describe("a handle that is used too long", () => {
  it("in the completion call: between it and what tells the client, from outside", () => {
    const result = runPhases([run(36)], { fields: costly, faults: ["release-at-call", "use-in-completion"] });
    const lines = result.trace.filter(({ timeNs }) => timeNs >= 3_000);
    expect(lines.map((r) => `${r.timeNs / 100} ${r.op} ${"call" in r ? r.call : r.from} ${r.irql}`)).toEqual([
      "30 release cm:0 DISPATCH_LEVEL",
      "30 call NdisMCmCloseAddressFamilyComplete DISPATCH_LEVEL",
      "30 call NdisMCmNotifyCloseAddressFamily PASSIVE_LEVEL",
      "30 return NdisMCmNotifyCloseAddressFamily PASSIVE_LEVEL",
      "30 release client:0 PASSIVE_LEVEL",
      "35 call ProtocolClCloseAfComplete DISPATCH_LEVEL",
      "35 return ProtocolClCloseAfComplete DISPATCH_LEVEL",
      "35 return NdisMCmCloseAddressFamilyComplete DISPATCH_LEVEL",
    ]);
    expect(rulesOf(result)).toEqual(["30 close/context-early"]);
    const use = result.trace.filter((r) => "call" in r && r.call === "NdisMCmNotifyCloseAddressFamily");
    expect(use).toMatchObject([{ af: "AF#0v1" }, { af: "AF#0v1", status: "NDIS_STATUS_FAILURE" }]);
    for (const record of use) expect(record).not.toHaveProperty("parent");
  });

  it("after the completion comes last of all extra calls", () => {
    const result = runPhases([run(31)], { faults: ["use-after-completion", "stale-close", "double-complete"] });
    expect(rulesOf(result)).toEqual(["30 close/double-complete", "30 close/client-stale", "30 close/cm-stale"]);
  });

  it("is released at the call only by a client that releases its context then, and not before or never", () => {
    const rules = (other: FaultId) => rulesOf(runPhases([run(31)], { faults: ["release-at-call", other] }));
    expect(rules("early-release")).toEqual(["10 close/context-early"]);
    expect(rules("context-leak")).toEqual([]);
  });
});

describe("statuses that are taken for others", () => {
  it("inline-success: only ProtocolCmCloseAf returns it, and a client is told once", () => {
    const result = runPhases([run(11)], { close: { inline: 1 }, faults: ["inline-success"] });
    const returns = result.trace.filter((r) => r.op === "return" && r.timeNs === 1_000);
    expect(returns.map((r) => "call" in r && `${r.call} ${"status" in r ? r.status : ""}`)).toEqual([
      "ProtocolClCloseAfComplete ",
      "NdisMCmCloseAddressFamilyComplete ",
      "ProtocolCmCloseAf NDIS_STATUS_SUCCESS",
      "NdisClCloseAddressFamily NDIS_STATUS_PENDING",
    ]);
    expect(result.totals).toMatchObject({ inlineCompletions: 1, completions: 1 });
  });

  it("no-self-complete: the calls that are left out may be more than all others beside those of opens and closes", () => {
    const result = runPhases([run(60)], {
      close: { pend: 0 },
      fields: { topology: topology(4), faults: each("no-self-complete") },
    });
    // 5 at the start; of each AF 4 opens with 3 calls and 4 closes with 2.
    expect(result.totals).toMatchObject({ opens: 16, closes: 16, calls: 5 + 16 * 3 + 16 * 2 });
  });

  it("no-self-complete: the client is never told and keeps its context, which is decided by context-leak alone", () => {
    const phases = [run(4), halt(), { kind: "drain" as const, ns: 10_000 }];
    const result = runPhases(phases, { close: { pend: 0 }, faults: ["no-self-complete"] });
    expect(shortly(result).slice(3)).toEqual([
      "4 call NdisClCloseAddressFamily#12 in #11 client:0>ndis AF#0v1 PASSIVE",
      "4 call ProtocolCmCloseAf#13 in #12 ndis>cm:0 AF#0v1 PASSIVE",
      "4 release cm:0 AF#0v1 PASSIVE",
      "4 return ProtocolCmCloseAf#13 AF#0v1 SUCCESS PASSIVE",
      "4 return NdisClCloseAddressFamily#12 AF#0v1 SUCCESS PASSIVE",
      "4 return ProtocolClNotifyCloseAf#11 AF#0v1 SUCCESS PASSIVE",
      "4 return NdisMCmNotifyCloseAddressFamily#10 AF#0v1 SUCCESS PASSIVE",
      "4 return MiniportHaltEx#9 no af PASSIVE",
    ]);
    expect(rulesOf(result)).toEqual(["4 close/completes-once"]);
    const both = runPhases(phases, {
      close: { pend: 0 },
      faults: ["context-leak", "no-self-complete", "close-return-status"],
    });
    expect(rulesOf(both)).toEqual(["4 close/status", "4 close/completes-once", "10 close/context-leak"]);
  });
});

describe("a walk of the list of AFs that changes under it", () => {
  const walking = (faults: readonly Fault[], afs: number) =>
    runPhases([run(4), halt(), run(2)], { close: { pend: 0 }, fields: { topology: topology(afs), faults } });

  it("skips the neighbour of one that has left it, and goes on with the next", () => {
    const result = walking(each("walk-skips"), 5);
    expect(result.violations.map(({ rule, slot }) => [rule, slot])).toEqual([
      ["notify/required", 1],
      ["notify/required", 3],
    ]);
    expect(result.machines[0]).toMatchObject({ openAtEnd: 2 });
  });

  it("skips none after one of which the call manager has forgotten to notify, nor forgets one that it skips", () => {
    const result = walking([...each("walk-skips"), { kind: "forgotten-notify", rate: null, at: [0, 3] }], 5);
    // 0 is forgotten, 1 and 2 are notified and skipped, 3 is forgotten as none was notified since, 4 is notified.
    expect(result.violations.map(({ rule, slot }) => [rule, slot])).toEqual([
      ["notify/required", 0],
      ["notify/required", 2],
      ["notify/required", 3],
    ]);
  });

  it("passes over what is not open: the neighbour is the last one that was notified", () => {
    const unbind: Phase = { kind: "unbind", adapters: [{ from: 0, to: 0 }], clients: [{ from: 1, to: 1 }] };
    const result = runPhases([run(3), unbind, run(1), halt(), run(2)], {
      close: { pend: 0 },
      fields: { topology: topology(4, 4), faults: each("walk-skips") },
    });
    expect(result.violations.map(({ rule, tick, slot }) => [rule, tick, slot])).toEqual([["notify/required", 4, 2]]);
  });

  it("visits one that has left it twice, in the frame of the walk", () => {
    const result = walking(each("walk-repeats"), 1);
    expect(shortly(result).slice(-3)).toEqual([
      "4 call NdisMCmNotifyCloseAddressFamily#15 in #9 cm:0>ndis AF#0v1 PASSIVE",
      "4 return NdisMCmNotifyCloseAddressFamily#15 AF#0v1 FAILURE PASSIVE",
      "4 return MiniportHaltEx#9 no af PASSIVE",
    ]);
    const irql = walking(each("notify-irql", "walk-repeats"), 1);
    expect(rulesOf(irql)).toEqual(["4 irql/caller", "4 close/cm-stale"]);
    expect(shortly(irql)).toContain("4 return NdisMCmNotifyCloseAddressFamily#15 AF#0v1 FAILURE PASSIVE");
  });
});

it("a client that closes again after a close that was refused does so once, when the last teardown is completed", () => {
  const result = runPhases([run(30)], {
    client: { outstanding: { vcs: constant(2), saps: constant(1) } },
    close: { refuse: 1 },
    faults: ["retry-close"],
  });
  expect(ticksOf(result, "NdisClCloseAddressFamily")).toEqual([10, 13]);
  expect(rulesOf(result)).toEqual(["13 close/client-stale"]);
});
