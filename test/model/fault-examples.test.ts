import { describe, expect, it } from "vitest";
import type { FaultId } from "../../src/contract/faults.js";
import { type ReferenceRun, runReference } from "../../src/contract/reference.js";
import type { CallRecord } from "../../src/contract/reference-trace.js";
import { foldDigest } from "../../src/measure/merge.js";
import { COMPLETION_FAULT_EXAMPLES } from "../support/completion-fault-examples.js";
import { CONTEXT_FAULT_EXAMPLES } from "../support/context-fault-examples.js";
import { DRIVER_FAULT_EXAMPLES } from "../support/driver-fault-examples.js";
import { HABIT_FAULT_EXAMPLES } from "../support/habit-fault-examples.js";
import { OBJECT_FAULT_EXAMPLES } from "../support/object-fault-examples.js";
import {
  always,
  atOnce,
  brokenRule,
  digestOf,
  type Example,
  FAILURE,
  pendedClose,
  pendedOpen,
  PENDING,
  RESOURCES,
} from "../support/fault-example.js";
import { PLAIN_CLIENT, plainScenario, START_RECORDS } from "../support/plain-scenario.js";
import { runKernel } from "../support/run-kernel.js";

const EXAMPLES: Readonly<Record<FaultId, readonly Example[]>> = {
  ...COMPLETION_FAULT_EXAMPLES,
  ...CONTEXT_FAULT_EXAMPLES,
  ...DRIVER_FAULT_EXAMPLES,
  ...HABIT_FAULT_EXAMPLES,
  ...OBJECT_FAULT_EXAMPLES,
};

const callsOf = (run: ReferenceRun, name: string): CallRecord[] =>
  run.trace.filter((record): record is CallRecord => record.op === "call" && record.call === name);

describe.each(Object.entries(EXAMPLES) as [FaultId, readonly Example[]][])(
  "the fault %s, step by step",
  (id, examples) => {
    it("folds its violation where the model says, with the slot's state, the handle's generation and the status", () => {
      for (const { scenario, entries, at } of examples) {
        const faults = [always(id, at)];
        const run = runReference({ ...scenario, faults });
        const broken = (warning: boolean) =>
          entries.flatMap(([tick, generation, what, , , slot = 0]) => {
            if (typeof what === "number" || brokenRule(what).warning !== warning) return [];
            return [{ rule: brokenRule(what).rule, tick, machine: 0, slot, generation }];
          });
        expect(run.violations).toEqual(broken(false));
        expect(run.warnings).toEqual(broken(true));
        expect(run.digest).toBe(digestOf(entries));
        const kernel = runKernel({ ...scenario, faults }).merged;
        expect(foldDigest(kernel.machines)).toBe(run.digest);
        expect(kernel.firstViolations).toEqual(broken(false));
        expect(kernel.firstOfRules.filter(({ rule }) => rule in kernel.warningsByRule)).toMatchObject(
          broken(true).slice(0, 1),
        );
      }
    });

    it("is all that breaks a rule there", () => {
      for (const { scenario } of examples) {
        const run = runReference(scenario);
        expect([run.violations, run.warnings]).toEqual([[], []]);
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
    const run = runReference({ ...atOnce(39), faults: three.map((kind) => always(kind)) });
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
    const run = runReference({ ...atOnce(39), faults: kinds.map((kind) => always(kind)) });
    expect(callsOf(run, "NdisMCmCloseAddressFamilyComplete")).toMatchObject([
      { irql: "DISPATCH_LEVEL", status: "NDIS_STATUS_SUCCESS" },
    ]);
    expect(run.violations.map(({ rule }) => rule)).toEqual(["close/family", "close/double-complete"]);
  });
});

describe("faults of one open or close", () => {
  it("open-completion-status hides what the context breaks, and all happen", () => {
    const given = runReference({
      ...atOnce(9, pendedOpen),
      faults: [always("null-context"), always("open-completion-status")],
    });
    expect(given.violations.map(({ rule }) => rule)).toEqual(["open/status"]);
    expect(callsOf(given, "NdisMCmOpenAddressFamilyComplete")).toMatchObject([{ status: PENDING, context: null }]);
    const leaked = runReference({
      ...atOnce(8, { pend: 1, fail: 1 }),
      faults: [always("failed-open-leak"), always("open-completion-status")],
    });
    expect(leaked.violations.map(({ rule }) => rule)).toEqual(["open/status"]);
    expect(callsOf(leaked, "ProtocolClOpenAfCompleteEx")).toMatchObject([{ status: RESOURCES }]);
    expect(leaked.trace.filter(({ op }) => op === "release")).toMatchObject([{ from: "client:0" }]);
  });

  it("open-irql is folded before what the answer breaks, and holds for the client's call of itself", () => {
    const run = runReference({ ...atOnce(1, { fail: 1 }), faults: [always("failed-open-leak"), always("open-irql")] });
    expect(run.digest).toBe(
      digestOf([
        [0, 1, "irql/caller", "vacant"],
        [0, 1, "open/failed-handle", "vacant", RESOURCES],
        [0, 1, 13, "vacant", RESOURCES],
      ]),
    );
    expect(run.trace.slice(START_RECORDS).map(({ irql }) => irql.replace("_LEVEL", ""))).toEqual([
      ...Array.from({ length: 7 }, () => "DISPATCH"),
      "PASSIVE",
      "PASSIVE",
    ]);
  });

  it("a pended open is completed by its client before it is closed", () => {
    const run = runReference({
      ...atOnce(5, pendedOpen),
      faults: [always("early-close"), always("open-self-complete")],
    });
    expect(run.violations.map(({ rule }) => rule)).toEqual(["open/completes-once", "open/use-before-complete"]);
  });

  it("after a failed open the warning comes first, and the close with its handle last", () => {
    const run = runReference({ ...atOnce(1, { fail: 1 }), faults: [always("failed-open-close"), always("no-unbind")] });
    expect(run.digest).toBe(
      digestOf([
        [0, 1, 13, "vacant", RESOURCES],
        [0, 1, "open/failed-unbind", "vacant"],
        [0, 1, "open/failed-handle", "vacant", FAILURE],
      ]),
    );
    expect(run.totals.calls).toBe(START_RECORDS / 2 + 4);
  });

  const pendedFaults: FaultId[] = [
    "undrained-completion",
    "blocked-wait",
    "early-release",
    "close-self-complete",
    "close-twice",
  ];

  it("after a pended close come in the order of MODEL.md", () => {
    const run = runReference({
      ...plainScenario({
        client: {
          ...PLAIN_CLIENT,
          outstanding: { vcs: { kind: "constant", count: 0 }, saps: { kind: "constant", count: 2 } },
        },
        phases: [{ kind: "run", ns: 1_100 }],
      }),
      faults: pendedFaults.map((kind) => always(kind)),
    });
    expect(run.violations.map(({ rule }) => rule)).toEqual([
      "close/redundant",
      "close/completes-once",
      "close/context-early",
      "close/blocked",
      "close/undrained",
    ]);
    expect(run.trace.slice(-8).map((record) => ("call" in record ? `${record.op} ${record.call}` : record.op))).toEqual(
      [
        "call NdisClCloseAddressFamily",
        "return NdisClCloseAddressFamily",
        "call ProtocolClCloseAfComplete",
        "return ProtocolClCloseAfComplete",
        "release",
        "wait",
        "call NdisMCmCloseAddressFamilyComplete",
        "return NdisMCmCloseAddressFamilyComplete",
      ],
    );
  });

  it("a client that never releases its context does not release it early", () => {
    const run = runReference({ ...atOnce(31), faults: [always("early-release"), always("context-leak")] });
    expect(run.violations.map(({ rule, tick }) => [rule, tick])).toEqual([["close/context-leak", 30]]);
    expect(run.trace.filter(({ op }) => op === "release")).toMatchObject([{ from: "cm:0" }]);
  });

  it("a client is blamed for its context before the call manager, also when the slot retires", () => {
    const both = { ...atOnce(39), faults: [always("cm-leak"), always("context-leak")] };
    expect(runReference(both, true, 1).digest).toBe(
      digestOf([
        [0, 1, 1, "open"],
        [10, 1, 6, "closePended", PENDING],
        [30, 1, 10, "vacant"],
        [30, 1, "close/context-leak", "vacant"],
        [30, 1, "close/cm-leak", "vacant"],
        [30, 1, 11, "retired"],
      ]),
    );
    const undecided = runReference({ ...both, client: { ...PLAIN_CLIENT, reopen: false } });
    expect([undecided.violations, undecided.totals.undecided]).toEqual([[], 2]);
  });
});

it("a client that never releases its context does not release it early either", () => {
  const kinds: FaultId[] = ["early-release", "context-leak"];
  const scenario = { ...atOnce(39), faults: kinds.map((kind) => always(kind)) };
  const run = runReference(scenario);
  expect(run.violations.map(({ rule, tick }) => [rule, tick])).toEqual([["close/context-leak", 30]]);
  expect(foldDigest(runKernel(scenario).merged.machines)).toBe(run.digest);
});

it("contexts that are kept are decided when their slot retires, before it does", () => {
  const kinds: FaultId[] = ["cm-leak", "context-leak"];
  const scenario = { ...atOnce(39), faults: kinds.map((kind) => always(kind)) };
  const digest = digestOf([
    [0, 1, 1, "open"],
    [10, 1, 6, "closePended", PENDING],
    [30, 1, 10, "vacant"],
    [30, 1, "close/context-leak", "vacant"],
    [30, 1, "close/cm-leak", "vacant"],
    [30, 1, 11, "retired"],
  ]);
  expect(runReference(scenario, true, 1).digest).toBe(digest);
  expect(foldDigest(runKernel(scenario, { generationMax: 1 }).merged.machines)).toBe(digest);
});

it("a close with work on its AF was pended, whatever the draw says, so that a second completion is one too many", () => {
  const one = { kind: "constant", count: 1 } as const;
  const scenario = plainScenario(
    {
      client: { ...PLAIN_CLIENT, outstanding: { ...PLAIN_CLIENT.outstanding, vcs: one } },
      phases: [{ kind: "run", ns: 3_700 }],
      faults: [always("double-complete")],
    },
    {},
    { pend: 0 },
  );
  const digest = digestOf([
    [0, 1, 1, "open"],
    [10, 1, 6, "closePended", PENDING],
    [33, 1, 10, "vacant"],
    [33, 1, "close/double-complete", "vacant"],
  ]);
  expect(runReference(scenario).digest).toBe(digest);
  expect(foldDigest(runKernel(scenario).merged.machines)).toBe(digest);
});

it("the first violation of a rule is the earliest of all machines, however they take turns", () => {
  for (let seed = 1; seed <= 10; seed++) {
    const { firstViolations, firstOfRules } = runKernel({
      ...atOnce(3_200),
      seed,
      topology: { machines: 3, adaptersPerMachine: 1, clientsPerAdapter: 1, afs: 9 },
      client: { ...PLAIN_CLIENT, hold: { kind: "uniform", fromNs: 0, toNs: 9_000 } },
      faults: [{ kind: "close-twice", rate: 1, at: null }],
    }).merged;
    expect(firstOfRules).toEqual([firstViolations[0]]);
  }
});

describe("a completion that is late and struck", () => {
  it("of an open that fails breaks open/owed, and then the rule of the fault", () => {
    const scenario = atOnce(8, { pend: 1, fail: 1 }, {}, { deadlines: { openNs: 600, closeNs: 12e9 } });
    const run = runReference({ ...scenario, faults: [always("failed-open-leak")] });
    expect(run.violations.map(({ rule }) => rule)).toEqual(["open/owed", "open/failed-handle"]);
  });

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
