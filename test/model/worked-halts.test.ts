import { describe, expect, it } from "vitest";
import type { TraceRecord as Line } from "../../src/measure/history.js";
import type { TraceRecord } from "../../src/contract/reference-trace.js";
import type { RuleId } from "../../src/contract/rules.js";
import type { ClientProfile, Scenario } from "../../src/scenario/scenario.js";
import { always } from "../support/fault-example.js";
import { plainScenario } from "../support/plain-scenario.js";
import { runKernel } from "../support/run-kernel.js";
import { WORKED_HALTS } from "../support/worked-halts.js";
import { describeWorked, HALT, halted, one } from "../support/worked-runs.js";

describeWorked(WORKED_HALTS);

describe("a notification that is never completed", () => {
  const lost = (fields: Partial<Scenario>, client: Partial<ClientProfile> = {}): Record<string, number> => {
    const { merged } = runKernel(halted({ faults: [always("lost-notify-completion")], ...fields }, client));
    return { ...merged.violationsByRule, undecided: merged.totals.undecided };
  };
  const drained: Partial<Scenario> = {
    phases: [{ kind: "run", ns: 400 }, HALT, { kind: "drain", ns: 1e6 }],
  };
  const late: Partial<Scenario> = { deadlines: { openNs: 0, closeNs: 9_500 } };
  const owed: RuleId = "notify/owed";

  it("is undecided while its deadline, that of the close, has not passed", () => {
    expect(lost({})).toEqual({ undecided: 1 });
    expect(lost({ deadlines: { openNs: 0, closeNs: 9_600 } })).toEqual({ undecided: 1 });
  });

  it("is a violation when that has passed, or when nothing can happen any more", () => {
    expect(lost(late)).toEqual({ [owed]: 1, undecided: 0 });
    expect(lost(drained)).toEqual({ [owed]: 1, undecided: 0 });
  });

  it("is owed also after a close that failed in NDIS, from the tick of that", () => {
    const faults = [always("lost-notify-completion"), always("outstanding-close")];
    const client = { notify: { pend: 1 }, outstanding: { vcs: one, saps: one } };
    expect(lost({ faults, ...late }, client)).toEqual({ "close/outstanding": 1, [owed]: 1, undecided: 0 });
    const never = { openNs: 0, closeNs: 9_600 };
    expect(lost({ faults, deadlines: never }, client)).toEqual({ "close/outstanding": 1, undecided: 1 });
  });

  it("keeps the call manager waiting", () => {
    const scenario = halted({ faults: [always("lost-notify-completion")] });
    const { trace } = runKernel(scenario, { trace: { afs: null, timeNs: null } });
    const returned = (trace as readonly TraceRecord[]).filter(
      (record) => record.op === "return" && record.call === "MiniportHaltEx",
    );
    expect(returned).toEqual([]);
  });

  it("comes before the contexts that are kept", () => {
    const faults = [always("context-leak"), always("lost-notify-completion")];
    const { firstViolations } = runKernel(halted({ faults, ...drained })).merged;
    expect(firstViolations.map(({ rule }) => rule)).toEqual([owed, "close/context-leak"]);
  });
});

describe("drivers of several adapters", () => {
  const several = plainScenario({
    topology: { machines: 1, adaptersPerMachine: 3, clientsPerAdapter: 2, afs: 2 },
    processors: { count: 4, dpcBudget: 1, completionCostNs: 0 },
    faults: ["register-twice", "register-irql"].map((kind) => ({ kind, rate: 1, at: null })),
    phases: [{ kind: "run", ns: 400 }, { kind: "halt", adapters: [{ from: 0, to: 2 }] }, HALT],
  });
  const { trace, merged } = runKernel(several, { trace: { afs: null, timeNs: null } });
  const calls = (trace as readonly TraceRecord[]).filter((record) => record.op === "call");
  const partiesOf = (name: string): (readonly [string, number, number])[] =>
    calls.filter(({ call }) => call === name).map(({ to, adapter, processor }) => [to, adapter, processor] as const);

  it("come up adapter by adapter, then client by client, each on its processor, also those without AFs", () => {
    const managers = [0, 1, 2].map((adapter) => [`cm:${adapter}`, adapter, adapter] as const);
    const clients = [0, 1, 2, 3, 4, 5].map((client) => [`client:${client}`, client >> 1, client % 4] as const);
    expect(partiesOf("MiniportInitializeEx")).toEqual(managers);
    expect(partiesOf("ProtocolBindAdapterEx")).toEqual(clients);
    expect(partiesOf("ProtocolCoAfRegisterNotify")).toEqual(clients);
    expect(partiesOf("MiniportHaltEx")).toEqual(managers);
  });

  it("make no mistake where there is no AF to stand for it", () => {
    // Slots 0 and 1 of 2 stand on adapters 0 and 1.
    expect(merged.violationsByRule).toEqual({ "irql/caller": 2, "register/duplicate": 2 });
    expect(partiesOf("NdisMCmRegisterAddressFamilyEx").map(([, adapter]) => adapter)).toEqual([0, 0, 1, 1, 2]);
  });

  it("halt an adapter once", () => {
    expect(partiesOf("NdisMCmNotifyCloseAddressFamily").map(([, adapter]) => adapter)).toEqual([0, 1]);
  });

  it("are kept by a filter of AFs where they are the drivers of one", () => {
    const filtered = runKernel(several, { trace: { afs: [{ from: 0, to: 0 }], timeNs: null } }).trace;
    const whole = trace as readonly Line[];
    // Slot 0 belongs to the first client of adapter 0.
    const isOfDriver = ({ from, to }: Line): boolean =>
      [from, to].some((party) => party === "cm:0" || party === "client:0");
    const frames = new Set(whole.filter(isOfDriver).map(({ frame }) => frame));
    const isKept = (record: Line): boolean =>
      record.af === undefined
        ? record.frame === undefined
          ? isOfDriver(record)
          : frames.has(record.frame)
        : record.af.startsWith("AF#0v");
    expect(filtered).toEqual(whole.filter(isKept));
    expect(filtered.length).toBeLessThan(whole.length / 2);
  });
});
