import { describe, expect, it } from "vitest";
import type { FaultId } from "../../src/contract/faults.js";
import { type ReferenceRun, runReference } from "../../src/contract/reference.js";
import { foldEntry, foldRun, type State, violationCode } from "../../src/contract/reference-states.js";
import type { CallRecord } from "../../src/contract/reference-trace.js";
import type { RuleId } from "../../src/contract/rules.js";
import type { StatusName } from "../../src/contract/statuses.js";
import type { CallManagerProfile, Fault, Scenario } from "../../src/scenario/scenario.js";
import { PLAIN_CLIENT, plainScenario, ticks } from "../support/plain-scenario.js";

const always = (kind: FaultId): Fault => ({ kind, rate: null, at: [0] });

/** Tick, generation, the transition's code or the rule that is broken, the state after it, status. */
type Entry = readonly [number, number, number | RuleId, State, StatusName?];

interface Example {
  readonly scenario: Scenario;
  readonly entries: readonly Entry[];
}

const PENDING = "NDIS_STATUS_PENDING";
const FAILURE = "NDIS_STATUS_FAILURE";

/** One AF that is open for 10 ticks and opens again as soon as its close has ended. */
function atOnce(
  runTicks: number,
  open: Partial<CallManagerProfile["open"]> = {},
  close: Partial<CallManagerProfile["close"]> = {},
  fields: Partial<Scenario> & Partial<CallManagerProfile> = {},
): Scenario {
  const { irql = "DISPATCH_LEVEL", ...rest } = fields;
  return plainScenario(
    {
      client: { ...PLAIN_CLIENT, hold: ticks(10), think: ticks(0) },
      phases: [{ kind: "run", ns: runTicks * 100 }],
      ...rest,
    },
    open,
    close,
    { irql },
  );
}

/** Synchronous open at 0, close pended at 10, completed at 30 and opened again; where a fault adds its violation. */
function pendedClose(added: Partial<Record<"opened" | "pended" | "completing" | "ended", Entry>>): readonly Entry[] {
  const list: readonly (Entry | undefined)[] = [
    [0, 1, 1, "open"],
    added.opened,
    [10, 1, 6, "closePended", PENDING],
    added.pended,
    added.completing,
    [30, 1, 10, "vacant"],
    [30, 2, 1, "open"],
    added.opened && [30, 2, added.opened[2], "open"],
    added.ended,
  ];
  return list.filter((entry) => entry !== undefined);
}

const pendedOpen = { pend: 1 };
const costly = { processors: { count: 1, dpcBudget: 1, completionCostNs: 500 } };

const EXAMPLES: Readonly<Partial<Record<FaultId, readonly Example[]>>> = {
  "double-complete": [
    { scenario: atOnce(39), entries: pendedClose({ ended: [30, 1, "close/double-complete", "open"] }) },
    {
      scenario: atOnce(39, {}, {}, { client: { ...PLAIN_CLIENT, hold: ticks(10), think: ticks(9) }, ...costly }),
      entries: [
        [0, 1, 1, "open"],
        [10, 1, 6, "closePended", PENDING],
        [30, 1, 9, "reporting"],
        [35, 1, 10, "vacant"],
        [35, 1, "close/double-complete", "vacant"],
      ],
    },
    { scenario: atOnce(11, {}, { inline: 1 }), entries: inlineClose() },
  ],
  "lost-completion": [
    {
      scenario: atOnce(39, {}, {}, { deadlines: { openNs: 12e9, closeNs: 2_800 } }),
      entries: [
        [0, 1, 1, "open"],
        [10, 1, 6, "closePended", PENDING],
        [39, 1, "close/owed", "closePended"],
      ],
    },
    {
      scenario: atOnce(39, {}, {}, { deadlines: { openNs: 12e9, closeNs: 2_900 } }),
      entries: [
        [0, 1, 1, "open"],
        [10, 1, 6, "closePended", PENDING],
      ],
    },
  ],
  "early-completion": [
    { scenario: atOnce(39), entries: pendedClose({ opened: [0, 1, "close/not-pended", "open"] }) },
    {
      // The adapter halts while the open is pended, so the AF is closed as soon as it is open.
      scenario: atOnce(
        8,
        pendedOpen,
        { pend: 0 },
        {
          phases: [
            { kind: "run", ns: 300 },
            { kind: "halt", adapters: [{ from: 0, to: 0 }] },
            { kind: "run", ns: 500 },
          ],
        },
      ),
      entries: [
        [0, 1, 2, "openPended", PENDING],
        [7, 1, 3, "openCompleted"],
        [7, 1, 4, "open"],
        [7, 1, "close/not-pended", "open"],
        [7, 1, 5, "vacant"],
      ],
    },
  ],
  "wrong-family": [
    { scenario: atOnce(39), entries: pendedClose({ completing: [30, 1, "close/family", "closePended"] }) },
  ],
  "completion-irql": [
    { scenario: atOnce(39), entries: pendedClose({ completing: [30, 1, "irql/caller", "closePended"] }) },
  ],
  "completion-status": [
    {
      scenario: atOnce(39),
      entries: pendedClose({ completing: [30, 1, "close/complete-status", "closePended", FAILURE] }),
    },
    {
      scenario: atOnce(34, {}, {}, costly),
      entries: [
        [0, 1, 1, "open"],
        [10, 1, 6, "closePended", PENDING],
        [30, 1, "close/complete-status", "closePended", FAILURE],
        [30, 1, 9, "reporting"],
      ],
    },
  ],
  "stale-completion": [
    {
      scenario: atOnce(15, {}, { pend: 0 }),
      entries: [
        [0, 1, 1, "open"],
        [10, 1, 5, "vacant"],
        [10, 2, 1, "open"],
        [10, 1, "close/cm-stale", "open"],
      ],
    },
  ],
  "close-twice": [
    {
      scenario: atOnce(39),
      entries: pendedClose({ pended: [10, 1, "close/redundant", "closePended", FAILURE] }),
    },
    { scenario: atOnce(11, {}, { inline: 1 }), entries: inlineClose() },
  ],
  "stale-close": [
    { scenario: atOnce(39), entries: pendedClose({ ended: [30, 1, "close/client-stale", "open", FAILURE] }) },
    { scenario: atOnce(11, {}, { inline: 1 }), entries: inlineClose() },
  ],
  "open-irql": [
    {
      scenario: atOnce(9),
      entries: [
        [0, 1, "irql/caller", "vacant"],
        [0, 1, 1, "open"],
      ],
    },
  ],
  "lost-open-completion": [
    {
      scenario: atOnce(39, pendedOpen, {}, { deadlines: { openNs: 3_800, closeNs: 12e9 } }),
      entries: [
        [0, 1, 2, "openPended", PENDING],
        [39, 1, "open/owed", "openPended"],
      ],
    },
  ],
  "double-open-complete": [
    {
      scenario: atOnce(9, pendedOpen),
      entries: [
        [0, 1, 2, "openPended", PENDING],
        [7, 1, 3, "openCompleted"],
        [7, 1, "open/not-pended", "openCompleted"],
        [7, 1, 4, "open"],
      ],
    },
    {
      scenario: atOnce(9, pendedOpen, {}, { irql: "PASSIVE_LEVEL" }),
      entries: [
        [0, 1, 2, "openPended", PENDING],
        [7, 1, 3, "openCompleted"],
        [7, 1, 4, "open"],
        [7, 1, "open/not-pended", "open"],
      ],
    },
  ],
  "open-completion-status": [
    {
      scenario: atOnce(9, pendedOpen),
      entries: [
        [0, 1, 2, "openPended", PENDING],
        [7, 1, "open/status", "openPended", PENDING],
        [7, 1, 3, "openCompleted"],
        [7, 1, 4, "open"],
      ],
    },
  ],
};

function inlineClose(): readonly Entry[] {
  return [
    [0, 1, 1, "open"],
    [10, 1, 7, "completedEarly"],
    [10, 1, 8, "vacant", PENDING],
    [10, 2, 1, "open"],
  ];
}

function digestOf(entries: readonly Entry[]): string {
  const digest = entries.reduce((sum, [tick, generation, what, state, status = "NDIS_STATUS_SUCCESS"]) => {
    const code = typeof what === "number" ? what : violationCode(what);
    return foldEntry(sum, { tick, slot: 0, generation, code, state, status });
  }, 0n);
  return foldRun([digest]);
}

const callsOf = (run: ReferenceRun, name: string): CallRecord[] =>
  run.trace.filter((record): record is CallRecord => record.op === "call" && record.call === name);

describe.each(Object.entries(EXAMPLES) as [FaultId, readonly Example[]][])(
  "the fault %s, step by step",
  (id, examples) => {
    it("folds its violation where MODEL.md says, with the slot's state, the handle's generation and the status", () => {
      for (const { scenario, entries } of examples) {
        const run = runReference({ ...scenario, faults: [always(id)] });
        const violations = entries.filter(([, , what]) => typeof what === "string");
        expect(run.violations).toEqual(
          violations.map(([tick, generation, rule]) => ({ rule, tick, machine: 0, slot: 0, generation })),
        );
        expect(run.digest).toBe(digestOf(entries));
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
