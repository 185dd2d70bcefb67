import { describe, expect, it } from "vitest";
import { draw, faultPurpose, machineKey, probabilityThreshold, saysYes } from "../../src/contract/draw.js";
import { type FaultId, faults as allFaults } from "../../src/contract/faults.js";
import { runReference, type ReferenceRun } from "../../src/contract/reference.js";
import type { TraceRecord } from "../../src/contract/reference-trace.js";
import { ruleOf } from "../../src/contract/rules.js";
import type { Scenario } from "../../src/scenario/scenario.js";
import { ADDED, addedRecords, content, EDITED, LOST } from "../support/fault-effects.js";
import {
  type BindingFaultId,
  CLOSE,
  livelyScenario,
  OPPORTUNITIES,
  TEARDOWN,
  VARIANTS,
} from "../support/fault-opportunities.js";
import { findCall, findReturn, type Life, livesOf } from "../support/lives.js";

type ShownId = Exclude<FaultId, BindingFaultId>;
/** All but those of bindings, which bindings.test.ts shows. */
const faults = allFaults.flatMap(({ id, ...rest }) => (id in OPPORTUNITIES ? [{ id: id as ShownId, ...rest }] : []));

type Strikes = (place: { readonly machine: number; readonly slot: number; readonly generation: number }) => boolean;

const RATE = 0.3;
/** Of machines 0 and 1: slots 0 and 4 of the 6 of the first, 1 and 6 of the 7 of the second. */
const AT = [0, 4, 7, 12];
const FIRST_AF = [0, 6];

/** A fault in second place, so that its own draws are seen to be used, and where it strikes. */
const PLACES: readonly [string, Pick<Scenario["faults"][number], "rate" | "at">, Strikes][] = [
  [
    "by rate",
    { rate: RATE, at: null },
    ({ machine, slot, generation }) =>
      saysYes(draw(machineKey(1, machine, faultPurpose(1)), slot, generation, 0), probabilityThreshold(RATE)),
  ],
  ["by AF index", { rate: null, at: AT }, ({ machine, slot }) => AT.includes(FIRST_AF[machine]! + slot)],
];

function withFault(scenario: Scenario, kind: ShownId, place: (typeof PLACES)[number][1]): Scenario {
  return {
    ...scenario,
    faults: [
      { kind: "lost-completion", rate: 0, at: null },
      { kind, ...place },
    ],
  };
}

const inOrder = (list: readonly object[]): string[] => list.map((item) => JSON.stringify(item)).toSorted();

/** Faults after which a lifecycle does not go on. */
const STOPPING: ReadonlySet<FaultId> = new Set(["lost-completion", "lost-open-completion", "outstanding-close"]);

type ViolationTick = (life: Life, lives: readonly Life[], run: ReferenceRun) => number;

const atEnd: ViolationTick = ({ machine }, _, run) => run.machines[machine]!.endTick;

/** A context that is kept is found when the slot is opened again, or at the end. */
const atNextOpen: ViolationTick = (life, lives, run) => {
  const { machine, slot, generation } = life;
  const next = lives.find(
    (other) => other.machine === machine && other.slot === slot && other.generation === generation + 1,
  );
  return next === undefined ? atEnd(life, lives, run) : next.records[0]!.timeNs / 100;
};

/** When the rule is broken, where that is not in the tick of the opportunity. */
const LATER: Readonly<Partial<Record<FaultId, ViolationTick>>> = {
  "lost-completion": atEnd,
  "lost-open-completion": atEnd,
  "context-leak": atNextOpen,
  "cm-leak": atNextOpen,
};

function expectedViolations(kind: ShownId, lives: readonly Life[], strikes: Strikes, run: ReferenceRun) {
  const { rule } = faults.find(({ id }) => id === kind)!;
  return lives.flatMap((life) => {
    const opportunity = OPPORTUNITIES[kind](life);
    if (opportunity === undefined || !strikes(life)) return [];
    const { machine, slot, generation } = life;
    const tick = LATER[kind]?.(life, lives, run) ?? opportunity.timeNs / 100;
    return [{ rule, tick, machine, slot, generation }];
  });
}

/** The records that a trace has beside those of another one. */
function extraRecords(trace: readonly TraceRecord[], clean: readonly TraceRecord[]): TraceRecord[] {
  const extra: TraceRecord[] = [];
  let next = 0;
  for (const record of trace) {
    if (next < clean.length && content(record) === content(clean[next]!)) next++;
    else extra.push(record);
  }
  expect(next).toBe(clean.length);
  return extra;
}

const CLEAN = VARIANTS.map((variant) => {
  const scenario = livelyScenario(variant);
  const clean = runReference(scenario);
  return { variant, scenario, clean, lives: livesOf(clean) };
});

describe("the scenario without faults", () => {
  it("breaks no rule, leaves nothing undecided and has every opportunity", () => {
    for (const { clean, lives } of CLEAN) {
      expect([clean.violations, clean.warnings]).toEqual([[], []]);
      expect(clean.totals.undecided).toBe(0);
      for (const { id } of faults)
        expect(
          lives.some((life) => OPPORTUNITIES[id](life) !== undefined),
          id,
        ).toBe(true);
    }
  });
});

describe.each(faults)("the fault $id", ({ id, rule }) => {
  it.each(PLACES)(`breaks ${rule} at exactly the places that are struck, %s`, (_, place, strikes) => {
    for (const { scenario, clean, lives } of CLEAN) {
      const run = runReference(withFault(scenario, id, place), STOPPING.has(id));
      // Where a lifecycle stops its slot does too, so the places that are left are those of the run itself.
      const expected = expectedViolations(id, STOPPING.has(id) ? livesOf(run) : lives, strikes, run);
      const { warning } = ruleOf(rule);
      expect(inOrder(warning ? run.warnings : run.violations)).toEqual(inOrder(expected));
      expect(warning ? run.violations : run.warnings).toEqual([]);
      expect(expected).not.toEqual([]);
      expect(run.totals.undecided).toBe(0);
      expect(run.digest).not.toBe(clean.digest);
    }
  });

  it("stops a lifecycle, adds a call or edits the trace", () => {
    expect([STOPPING.has(id), id in ADDED, id in EDITED].filter(Boolean)).toHaveLength(1);
  });
});

const [, BY_RATE, strikesByRate] = PLACES[0]!;

/** The lifecycles that a fault strikes by rate, each with the record of its opportunity. */
function struck(id: ShownId, lives: readonly Life[]): { readonly life: Life; readonly timeNs: number }[] {
  return lives.flatMap((life) => {
    const opportunity = OPPORTUNITIES[id](life);
    return opportunity === undefined || !strikesByRate(life) ? [] : [{ life, timeNs: opportunity.timeNs }];
  });
}

const entriesOf = <Value>(table: Readonly<Partial<Record<FaultId, Value>>>): [ShownId, Value][] =>
  Object.entries(table) as [ShownId, Value][];

describe.each(entriesOf(LOST))("the fault %s", (id, completionCall) => {
  it("leaves out the completion where it strikes, and nowhere else", () => {
    for (const { scenario } of CLEAN) {
      for (const life of livesOf(runReference(withFault(scenario, id, BY_RATE)))) {
        if (OPPORTUNITIES[id](life) === undefined) continue;
        expect(findCall(life, completionCall, "outside") === undefined).toBe(strikesByRate(life));
      }
    }
  });
});

describe("the fault outstanding-close", () => {
  const id = "outstanding-close";

  it("fails the close where it strikes, in place of the teardowns, and nowhere else", () => {
    for (const { scenario } of CLEAN) {
      for (const life of livesOf(runReference(withFault(scenario, id, BY_RATE)))) {
        if (OPPORTUNITIES[id](life) === undefined) continue;
        const call = findCall(life, CLOSE)!;
        const isStruck = strikesByRate(life);
        expect(findReturn(life, call)?.status).toBe(`NDIS_STATUS_${isStruck ? "FAILURE" : "PENDING"}`);
        expect(findCall(life, TEARDOWN) === undefined).toBe(isStruck);
        if (!isStruck) continue;
        const rest = life.records.slice(life.records.indexOf(call));
        expect(rest.map((record) => ("status" in record ? record.status : undefined))).toEqual([
          undefined,
          "NDIS_STATUS_FAILURE",
          "NDIS_STATUS_FAILURE",
          undefined,
        ]);
        expect(rest[2]).toMatchObject({ call: "ProtocolClCloseAfComplete", from: call.from, to: call.from });
      }
    }
  });

  it("leaves its slot open, and no close and no lifecycle behind", () => {
    for (const { scenario } of CLEAN) {
      const run = runReference(withFault(scenario, id, BY_RATE));
      const openAtEnd = run.machines.reduce((sum, machine) => sum + machine.openAtEnd, 0);
      expect(openAtEnd).toBe(run.violations.length);
      expect(run.totals.opens).toBe(run.totals.lifecycles + openAtEnd);
    }
  });
});

describe.each(entriesOf(ADDED))("the fault %s", (id, extra) => {
  it("adds a call that has no effect where it strikes, and changes nothing else", () => {
    for (const { variant, scenario, clean, lives } of CLEAN) {
      const run = runReference(withFault(scenario, id, BY_RATE));
      const expected = struck(id, lives).flatMap(({ life, timeNs }) => addedRecords(extra, variant, life, timeNs));
      const added = extraRecords(run.trace, clean.trace).map(content);
      expect(added.toSorted()).toEqual(expected.toSorted());
      expect(run.totals).toEqual({ ...clean.totals, calls: clean.totals.calls + expected.length / 2 });
      expect({ close: run.close, open: run.open }).toEqual({ close: clean.close, open: clean.open });
    }
  });
});

describe.each(entriesOf(EDITED))("the fault %s", (id, edit) => {
  it("changes the trace where it strikes, and nothing else", () => {
    for (const { variant, scenario, clean, lives } of CLEAN) {
      const run = runReference(withFault(scenario, id, BY_RATE));
      const edited = new Map<TraceRecord, readonly TraceRecord[]>();
      for (const { life } of struck(id, lives))
        for (const record of life.records) edited.set(record, edit(record, life, variant));
      const expected = clean.trace.flatMap((record) => edited.get(record) ?? [record]);
      expect(run.trace.map(content)).toEqual(expected.map(content));
      expect(run.totals).toEqual({ ...clean.totals, calls: expected.filter(({ op }) => op === "call").length });
      expect({ close: run.close, open: run.open }).toEqual({ close: clean.close, open: clean.open });
    }
  });
});
