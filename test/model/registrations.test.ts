import { describe, expect, it } from "vitest";
import type { FaultId } from "../../src/contract/faults.js";
import type { ReferenceRun } from "../../src/contract/reference.js";
import type { CallManagerKind, Fault, Scenario } from "../../src/scenario/scenario.js";
import { outline } from "../support/outline.js";
import { PLAIN_CALL_MANAGER, PLAIN_CLIENT, plainScenario } from "../support/plain-scenario.js";
import { runBoth } from "../support/run-both.js";

const always = (kind: FaultId): Fault => ({ kind, rate: null, at: [0] });

/** One adapter and client whose AF is opened by an arrival that never comes, so that nothing happens but the start. */
const starting = (kind: CallManagerKind, faults: readonly FaultId[] = [], fields: Partial<Scenario> = {}) =>
  runBoth(
    plainScenario(
      {
        client: { ...PLAIN_CLIENT, reopen: false },
        arrivals: { kind: "constant", perSecond: 1 },
        phases: [{ kind: "run", ns: 500 }],
        faults: faults.map(always),
        ...fields,
      },
      {},
      {},
      { kind },
    ),
  );

/** What the call manager leaves in the trace, which comes before all that clients do. */
const comingUp = (result: ReferenceRun): string[] =>
  result.trace.filter((r) => ("to" in r ? [r.from, r.to].includes("cm:0") : true)).map(outline);

const callsOf = (result: ReferenceRun, name: string): string[] =>
  result.trace.filter((r) => r.op === "call" && r.call === name).map((r) => ("to" in r ? `${r.from}>${r.to}` : ""));

describe("the start", () => {
  it("has every call manager up before the first client binds, and every client bound before the first is notified", () => {
    const [mcm, standalone] = [PLAIN_CALL_MANAGER, { ...PLAIN_CALL_MANAGER, kind: "standalone" as const }];
    const result = runBoth(
      plainScenario({
        topology: { machines: 1, adaptersPerMachine: 2, clientsPerAdapter: 2, afs: 1 },
        processors: { count: 3, dpcBudget: 64, completionCostNs: 0 },
        callManagers: [mcm, standalone],
        phases: [{ kind: "run", ns: 100 }],
      }),
    );
    // The IRQL of the profile is DISPATCH_LEVEL: that of completions, and of nothing here.
    expect(result.trace.slice(0, 35).map(outline)).toEqual([
      "0 call MiniportInitializeEx#1 ndis>cm:0 adapter 0 no af cpu0 PASSIVE",
      "0 call NdisMCmRegisterAddressFamilyEx#2 in #1 cm:0>ndis adapter 0 no af cpu0 PASSIVE",
      "0 return NdisMCmRegisterAddressFamilyEx#2 no af SUCCESS cpu0 PASSIVE",
      "0 return MiniportInitializeEx#1 no af SUCCESS cpu0 PASSIVE",
      "0 call ProtocolBindAdapterEx#3 ndis>cm:1 adapter 1 no af cpu1 PASSIVE",
      "0 call NdisOpenAdapterEx#4 in #3 cm:1>ndis adapter 1 no af cpu1 PASSIVE",
      "0 return NdisOpenAdapterEx#4 no af SUCCESS cpu1 PASSIVE",
      "0 call NdisCmRegisterAddressFamilyEx#5 in #3 cm:1>ndis adapter 1 no af cpu1 PASSIVE",
      "0 return NdisCmRegisterAddressFamilyEx#5 no af SUCCESS cpu1 PASSIVE",
      "0 return ProtocolBindAdapterEx#3 no af SUCCESS cpu1 PASSIVE",
      ...[0, 1, 2, 3].flatMap((client) => {
        const [adapter, cpu, frame] = [Math.floor(client / 2), client % 3, 6 + 2 * client];
        return [
          `0 call ProtocolBindAdapterEx#${frame} ndis>client:${client} adapter ${adapter} no af cpu${cpu} PASSIVE`,
          `0 call NdisOpenAdapterEx#${frame + 1} in #${frame} client:${client}>ndis adapter ${adapter} no af cpu${cpu} PASSIVE`,
          `0 return NdisOpenAdapterEx#${frame + 1} no af SUCCESS cpu${cpu} PASSIVE`,
          `0 return ProtocolBindAdapterEx#${frame} no af SUCCESS cpu${cpu} PASSIVE`,
        ];
      }),
      ...[0, 1, 2, 3].flatMap((client) => {
        const [adapter, cpu, frame] = [Math.floor(client / 2), client % 3, 14 + client];
        return [
          `0 call ProtocolCoAfRegisterNotify#${frame} ndis>client:${client} adapter ${adapter} no af cpu${cpu} PASSIVE`,
          `0 return ProtocolCoAfRegisterNotify#${frame} no af cpu${cpu} PASSIVE`,
        ];
      }),
      "0 call NdisClOpenAddressFamilyEx#18 client:0>ndis adapter 0 no af cpu0 PASSIVE",
    ]);
  });

  it("comes before a halt at tick 0, and folds nothing", () => {
    const phases = [
      { kind: "halt" as const, adapters: [{ from: 0, to: 0 }] },
      { kind: "run" as const, ns: 100 },
    ];
    const result = starting("mcm", [], { phases });
    expect(result.trace.slice(10).map(outline)).toEqual([
      "0 call MiniportHaltEx#6 ndis>cm:0 adapter 0 no af cpu0 PASSIVE",
      "0 return MiniportHaltEx#6 no af cpu0 PASSIVE",
    ]);
    expect(result.machines[0]!.digests).toEqual([0n]);
    expect(result.totals.calls).toBe(6);
  });

  it("notifies every client once for each of its binds, also later", () => {
    const all = { adapters: [{ from: 0, to: 9 }], clients: [{ from: 0, to: 9 }] };
    const result = runBoth(
      plainScenario({
        topology: { machines: 2, adaptersPerMachine: 2, clientsPerAdapter: 3, afs: 5 },
        phases: [
          { kind: "run", ns: 5_000 },
          { kind: "unbind", ...all },
          { kind: "run", ns: 3_000 },
          { kind: "bind", ...all },
          { kind: "run", ns: 3_000 },
        ],
      }),
    );
    const binds = callsOf(result, "ProtocolBindAdapterEx").filter((parties) => parties.startsWith("ndis>client:"));
    expect(binds.length).toBe(2 * 12);
    expect(callsOf(result, "ProtocolCoAfRegisterNotify")).toEqual(binds);
  });
});

describe("a call manager that registers badly", () => {
  it("late: after MiniportInitializeEx has returned, from outside all calls", () => {
    const result = starting("mcm", ["register-late"]);
    expect(comingUp(result).slice(0, 4)).toEqual([
      "0 call MiniportInitializeEx#1 ndis>cm:0 adapter 0 no af cpu0 PASSIVE",
      "0 return MiniportInitializeEx#1 no af SUCCESS cpu0 PASSIVE",
      "0 call NdisMCmRegisterAddressFamilyEx#2 cm:0>ndis adapter 0 no af cpu0 PASSIVE",
      "0 return NdisMCmRegisterAddressFamilyEx#2 no af SUCCESS cpu0 PASSIVE",
    ]);
    expect(result.warnings).toEqual([{ rule: "register/place", tick: 0, machine: 0, slot: 0, generation: 0 }]);
    expect(result.violations).toEqual([]);
  });

  it("twice: in the same frame, and the second time in vain", () => {
    const result = starting("standalone", ["register-twice"]);
    expect(comingUp(result).slice(3, 8)).toEqual([
      "0 call NdisCmRegisterAddressFamilyEx#3 in #1 cm:0>ndis adapter 0 no af cpu0 PASSIVE",
      "0 return NdisCmRegisterAddressFamilyEx#3 no af SUCCESS cpu0 PASSIVE",
      "0 call NdisCmRegisterAddressFamilyEx#4 in #1 cm:0>ndis adapter 0 no af cpu0 PASSIVE",
      "0 return NdisCmRegisterAddressFamilyEx#4 no af FAILURE cpu0 PASSIVE",
      "0 return ProtocolBindAdapterEx#1 no af SUCCESS cpu0 PASSIVE",
    ]);
    expect(result.violations.map(({ rule }) => rule)).toEqual(["register/duplicate"]);
  });

  it("late, twice and at DISPATCH_LEVEL: the IRQL hides that it is late, and the second call is at PASSIVE_LEVEL", () => {
    const result = starting("standalone", ["register-twice", "register-late", "register-irql"]);
    expect(comingUp(result).slice(3, 8)).toEqual([
      "0 return ProtocolBindAdapterEx#1 no af SUCCESS cpu0 PASSIVE",
      "0 call NdisCmRegisterAddressFamilyEx#3 cm:0>ndis adapter 0 no af cpu0 DISPATCH",
      "0 return NdisCmRegisterAddressFamilyEx#3 no af SUCCESS cpu0 DISPATCH",
      "0 call NdisCmRegisterAddressFamilyEx#4 cm:0>ndis adapter 0 no af cpu0 PASSIVE",
      "0 return NdisCmRegisterAddressFamilyEx#4 no af FAILURE cpu0 PASSIVE",
    ]);
    expect(result.violations.map(({ rule }) => rule)).toEqual(["irql/caller", "register/duplicate"]);
    expect(result.warnings).toEqual([]);
  });

  it("does so by the lowest slot of its adapter, at its generation 0, and not at all without one", () => {
    // 3 AFs on 2 machines of 2 adapters each: slot 0 of the first; slots 0 and 1 of the second.
    const topology = { machines: 2, adaptersPerMachine: 2, clientsPerAdapter: 1, afs: 3 };
    const placesOf = (fault: Omit<Fault, "kind">): string[] =>
      starting("mcm", [], { topology, faults: [{ kind: "register-twice", ...fault }] }).violations.map(
        ({ machine, slot, generation }) => `machine ${machine} slot ${slot} v${generation}`,
      );
    expect(placesOf({ rate: 1, at: null })).toEqual([
      "machine 0 slot 0 v0",
      "machine 1 slot 0 v0",
      "machine 1 slot 1 v0",
    ]);
    expect(placesOf({ rate: null, at: [2] })).toEqual(["machine 1 slot 1 v0"]);
    const crowded = starting("mcm", [], {
      topology: { machines: 1, adaptersPerMachine: 1, clientsPerAdapter: 1, afs: 3 },
      faults: [{ kind: "register-twice", rate: null, at: [1, 2] }],
    });
    expect(crowded.violations).toEqual([]);
  });
});
