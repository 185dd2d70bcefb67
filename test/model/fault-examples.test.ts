import { describe, expect, it } from "vitest";
import type { FaultId } from "../../src/contract/faults.js";
import { type ReferenceRun, runReference } from "../../src/contract/reference.js";
import type { CallRecord } from "../../src/contract/reference-trace.js";
import { ruleOf } from "../../src/contract/rules.js";
import { foldDigest } from "../../src/measure/merge.js";
import { COMPLETION_FAULT_EXAMPLES } from "../support/completion-fault-examples.js";
import { CONTEXT_FAULT_EXAMPLES } from "../support/context-fault-examples.js";
import {
  always,
  atOnce,
  digestOf,
  type Example,
  FAILURE,
  pendedClose,
  pendedOpen,
  PENDING,
} from "../support/fault-example.js";
import { plainScenario } from "../support/plain-scenario.js";
import { runKernel } from "../support/run-kernel.js";

const EXAMPLES: Readonly<Record<FaultId, readonly Example[]>> = {
  ...COMPLETION_FAULT_EXAMPLES,
  ...CONTEXT_FAULT_EXAMPLES,
};

const callsOf = (run: ReferenceRun, name: string): CallRecord[] =>
  run.trace.filter((record): record is CallRecord => record.op === "call" && record.call === name);

describe.each(Object.entries(EXAMPLES) as [FaultId, readonly Example[]][])(
  "the fault %s, step by step",
  (id, examples) => {
    it("folds its violation where MODEL.md says, with the slot's state, the handle's generation and the status", () => {
      for (const { scenario, entries } of examples) {
        const run = runReference({ ...scenario, faults: [always(id)] });
        const broken = (warning: boolean) =>
          entries
            .filter(([, , what]) => typeof what === "string" && ruleOf(what).warning === warning)
            .map(([tick, generation, rule]) => ({ rule, tick, machine: 0, slot: 0, generation }));
        expect(run.violations).toEqual(broken(false));
        expect(run.warnings).toEqual(broken(true));
        expect(run.digest).toBe(digestOf(entries));
        expect(foldDigest(runKernel({ ...scenario, faults: [always(id)] }).merged.machines)).toBe(run.digest);
      }
    });
  },
);

describe("several faults", () => {
  it("of one kind strike at most once at one opportunity", () => {
    const one = runReference({ ...atOnce(39), faults: [always("double-complete")] });
    const many = runReference({
      ...atOnce(39),
      faults: [always("double-complete"), { kind: "double-complete", rate: 1, at: null }, always("double-complete")],
    });
    expect(many).toEqual(one);
  });

  it("of one completion all happen; family is judged before irql, irql before status", () => {
    const three: FaultId[] = ["completion-status", "completion-irql", "wrong-family"];
    const run = runReference({ ...atOnce(39), faults: three.map(always) });
    expect(run.digest).toBe(digestOf(pendedClose({ completing: [30, 1, "close/family", "closePended", FAILURE] })));
    expect(callsOf(run, "NdisCmCloseAddressFamilyComplete")).toMatchObject([
      { irql: "DEVICE_LEVEL", status: FAILURE, from: "cm:0" },
    ]);
    expect(callsOf(run, "ProtocolClCloseAfComplete")).toMatchObject([
      { irql: "DEVICE_LEVEL", status: "NDIS_STATUS_SUCCESS" },
    ]);
    const two = runReference({ ...atOnce(39), faults: [always("completion-status"), always("completion-irql")] });
    expect(two.digest).toBe(digestOf(pendedClose({ completing: [30, 1, "irql/caller", "closePended", FAILURE] })));
  });

  it("of the end of a close come in order: double-complete, then stale-close", () => {
    const run = runReference({ ...atOnce(39), faults: [always("stale-close"), always("double-complete")] });
    expect(run.violations.map(({ rule }) => rule)).toEqual(["close/double-complete", "close/client-stale"]);
    expect(run.trace.slice(-4).map((record) => [record.op, "call" in record && record.call, record.irql])).toEqual([
      ["call", "NdisMCmCloseAddressFamilyComplete", "DISPATCH_LEVEL"],
      ["return", "NdisMCmCloseAddressFamilyComplete", "DISPATCH_LEVEL"],
      ["call", "NdisClCloseAddressFamily", "PASSIVE_LEVEL"],
      ["return", "NdisClCloseAddressFamily", "PASSIVE_LEVEL"],
    ]);
  });

  it("are not struck by each other: the second completion is right in form, IRQL and status", () => {
    const kinds: FaultId[] = ["double-complete", "wrong-family", "completion-irql", "completion-status"];
    const run = runReference({ ...atOnce(39), faults: kinds.map(always) });
    expect(callsOf(run, "NdisMCmCloseAddressFamilyComplete")).toMatchObject([
      { irql: "DISPATCH_LEVEL", status: "NDIS_STATUS_SUCCESS" },
    ]);
    expect(run.violations.map(({ rule }) => rule)).toEqual(["close/family", "close/double-complete"]);
  });
});

describe("a completion that is late and struck", () => {
  it("breaks close/owed, with status SUCCESS, and then the rule of the fault", () => {
    const scenario = atOnce(39, {}, {}, { deadlines: { openNs: 12e9, closeNs: 1_900 } });
    const run = runReference({ ...scenario, faults: [always("completion-status")] });
    expect(run.digest).toBe(
      digestOf([
        [0, 1, 1, "open"],
        [10, 1, 6, "closePended", PENDING],
        [30, 1, "close/owed", "closePended"],
        [30, 1, "close/complete-status", "closePended", FAILURE],
        [30, 1, 10, "vacant"],
        [30, 2, 1, "open"],
      ]),
    );
  });

  it("breaks open/owed, and then the rule of the fault", () => {
    const scenario = atOnce(9, pendedOpen, {}, { deadlines: { openNs: 600, closeNs: 12e9 } });
    const run = runReference({ ...scenario, faults: [always("open-completion-status")] });
    expect(run.violations.map(({ rule }) => rule)).toEqual(["open/owed", "open/status"]);
  });
});

it("a server goes on to the next close after one whose completion is lost", () => {
  const scenario = plainScenario(
    { topology: { machines: 1, adaptersPerMachine: 1, clientsPerAdapter: 1, afs: 2 } },
    {},
    { serve: { servers: 1, order: "fifo" } },
  );
  const run = runReference({ ...scenario, faults: [always("lost-completion")] });
  expect(callsOf(run, "ProtocolClCloseAfComplete").map(({ af, timeNs }) => [af, timeNs])).toEqual([
    ["AF#1v1", 5_000],
    ["AF#1v2", 8_500],
  ]);
});

it("a close whose completion is lost fills no batch", () => {
  const scenario = plainScenario(
    { topology: { machines: 1, adaptersPerMachine: 1, clientsPerAdapter: 1, afs: 2 } },
    {},
    { coalesce: { count: 2, timerNs: 700 } },
  );
  const run = runReference({ ...scenario, faults: [always("lost-completion")] });
  expect(callsOf(run, "ProtocolClCloseAfComplete").map(({ timeNs }) => timeNs)).toEqual([3_700, 7_900]);
});

it("a scenario with a fault that does not exist is refused", () => {
  const faulty = { ...atOnce(9), faults: [{ kind: "nonsense", rate: 1, at: null }] };
  expect(() => runReference(faulty)).toThrow("there is no fault nonsense");
});
