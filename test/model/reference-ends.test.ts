import { describe, expect, it } from "vitest";
import { type ReferenceRun, runReference } from "../../src/contract/reference.js";
import { foldEntry, foldRun } from "../../src/contract/reference-states.js";
import type { CallRecord } from "../../src/contract/reference-trace.js";
import { PLAIN_SCENARIO, plainScenario } from "../support/plain-scenario.js";

const topology = (afs: number) => ({ machines: 1, adaptersPerMachine: 1, clientsPerAdapter: 1, afs });

/** The opens that reach the call manager. */
const opensOf = (run: ReferenceRun): CallRecord[] =>
  run.trace.filter((record): record is CallRecord => record.op === "call" && record.call === "ProtocolCmOpenAf");

describe("what is owed at the end", () => {
  const costly = { processors: { count: 1, dpcBudget: 1, completionCostNs: 100_000 } };
  const deadlines = { openNs: 100, closeNs: 2_000 };
  const phases = [
    { kind: "run" as const, ns: 3_500 },
    { kind: "drain" as const, ns: 1_000 },
  ];

  it("is no close whose completion was called, though the client is not told yet", () => {
    const run = runReference(plainScenario({ ...costly, deadlines, phases }));
    expect(run.machines[0]).toMatchObject({ pendedAtEnd: 1, violations: [], undecided: 0 });
  });

  it("is no open whose completion was called, though the client is not told yet", () => {
    const run = runReference(
      plainScenario({ ...costly, deadlines: { openNs: 700, closeNs: 100 }, phases }, { pend: 1 }),
    );
    expect(run.totals).toMatchObject({ opens: 0, undecided: 0 });
    expect(run.violations).toEqual([]);
  });
});

describe("a slot whose generations are used up", () => {
  const transition = (
    tick: number,
    generation: number,
    code: number,
    state: "open" | "closePended" | "vacant" | "retired",
  ) =>
    ({
      tick,
      slot: 0,
      generation,
      code,
      state,
      status: code === 6 ? "NDIS_STATUS_PENDING" : "NDIS_STATUS_SUCCESS",
    }) as const;
  const round = (tick: number, generation: number) => [
    transition(tick, generation, 1, "open"),
    transition(tick + 10, generation, 6, "closePended"),
    transition(tick + 30, generation, 10, "vacant"),
  ];

  it("retires when it would be opened again", () => {
    const run = runReference(PLAIN_SCENARIO, true, 2);
    expect(opensOf(run).map(({ timeNs }) => timeNs / 100)).toEqual([0, 35]);
    const entries = [...round(0, 1), ...round(35, 2), transition(70, 2, 11, "retired")];
    expect(run.digest).toBe(foldRun([entries.reduce(foldEntry, 0n)]));
  });

  const arriving = {
    topology: topology(2),
    client: { ...PLAIN_SCENARIO.client, reopen: false },
    // Every 8 ticks; a lifecycle takes 30.
    arrivals: { kind: "constant" as const, perSecond: 1_250_000 },
  };

  it("retires when an arrival meets it, which takes the next free slot or is refused", () => {
    const run = runReference(plainScenario(arriving), true, 2);
    expect(opensOf(run).map(({ af }) => af)).toEqual(["AF#0v1", "AF#1v1", "AF#0v2", "AF#1v2"]);
    // Of 12 arrivals; those at ticks 72 and 80 each meet one slot, which retires.
    expect(run.totals.refused).toBe(8);
    const ofSlot = (slot: number, entries: readonly ReturnType<typeof transition>[]) =>
      entries.map((entry) => ({ ...entry, slot }));
    const entries = [
      ...ofSlot(0, [...round(8, 1), ...round(40, 2), transition(72, 2, 11, "retired")]),
      ...ofSlot(1, [...round(16, 1), ...round(48, 2), transition(80, 2, 11, "retired")]),
    ].sort((a, b) => a.tick - b.tick);
    expect(run.digest).toBe(foldRun([entries.reduce(foldEntry, 0n)]));
  });

  it("is dropped, not retired, when its adapter has halted", () => {
    const halted = plainScenario({
      ...arriving,
      topology: topology(1),
      phases: [
        { kind: "run", ns: 3_900 },
        { kind: "halt", adapters: [{ from: 0, to: 0 }] },
        { kind: "run", ns: 6_100 },
      ],
    });
    expect(runReference(halted, true, 1).digest).toBe(foldRun([round(8, 1).reduce(foldEntry, 0n)]));
  });
});
