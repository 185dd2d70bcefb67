import { describe, expect, it } from "vitest";
import { draw, faultPurpose, machineKey, probabilityThreshold, saysYes } from "../../src/contract/draw.js";
import { type FaultId, faults as allFaults } from "../../src/contract/faults.js";
import { runReference, type ReferenceRun } from "../../src/contract/reference.js";
import type { TraceRecord } from "../../src/contract/reference-trace.js";
import { ruleOf } from "../../src/contract/rules.js";
import type { Scenario } from "../../src/scenario/scenario.js";
import { ADDED, addedRecords, content, EDITED, LOST } from "../support/fault-effects.js";
import {
  CLOSE,
  CLOSE_CALL,
  DEREGISTER_SAP,
  HALT_FAULTS,
  HALT_TICK,
  type HiddenFaultId,
  haltingScenario,
  livelyScenario,
  NOTIFIED,
  OPEN_TOLD,
  OPPORTUNITIES,
  type Variant,
  VARIANTS,
} from "../support/fault-opportunities.js";
import { findCall, findReturn, type Life, livesOf } from "../support/lives.js";

type ShownId = Exclude<FaultId, HiddenFaultId>;
/** The others are shown by fault-places.test.ts and fault-examples.test.ts, and by the tests of bindings, registrations, halts and habits. */
const faults = allFaults.flatMap(({ id, ...rest }) => (id in OPPORTUNITIES ? [{ id: id as ShownId, ...rest }] : []));

type Strikes = (
  place: { readonly machine: number; readonly slot: number; readonly generation: number },
  scenario: Scenario,
) => boolean;

const RATE = 0.3;
/** Every third AF, through both machines. */
const STRUCK = Array.from({ length: 60 }, (_, i) => 3 * i);

/** A fault in second place, so that its own draws are seen to be used, and where it strikes. */
const PLACES: readonly [string, Pick<Scenario["faults"][number], "rate" | "at">, Strikes][] = [
  [
    "by rate",
    { rate: RATE, at: null },
    ({ machine, slot, generation }) =>
      saysYes(draw(machineKey(1, machine, faultPurpose(1)), slot, generation, 0), probabilityThreshold(RATE)),
  ],
  [
    "by AF index",
    { rate: null, at: STRUCK },
    ({ machine, slot }, { topology }) => STRUCK.includes(Math.floor((machine * topology.afs) / 2) + slot),
  ],
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
const STOPPING: ReadonlySet<FaultId> = new Set<FaultId>([
  "lost-completion",
  "lost-open-completion",
  "outstanding-close",
  "forgotten-notify",
  "lost-notify-completion",
]);

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
  "lost-notify-completion": atEnd,
  // When the adapter halts, or when the client is told of its open after that.
  "forgotten-notify": (life) => Math.max(HALT_TICK, findCall(life, OPEN_TOLD)!.timeNs / 100),
};

function expectedViolations(
  kind: ShownId,
  lives: readonly Life[],
  strikes: (life: Life) => boolean,
  run: ReferenceRun,
) {
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

const cleanRun = (scenario: Scenario, variant: (typeof VARIANTS)[number], halts: boolean) => {
  const clean = runReference(scenario);
  return { variant, scenario, halts, clean, lives: livesOf(clean) };
};

const CLEAN = [
  ...VARIANTS.map((variant) => cleanRun(livelyScenario(variant), variant, false)),
  // Of the eight variants one with each kind and IRQL.
  ...VARIANTS.filter((_, i) => [0, 3, 5, 6].includes(i)).map((variant) =>
    cleanRun(haltingScenario(variant), variant, true),
  ),
];

/** Faults that break their rules at some call managers only. */
const AT: Readonly<Partial<Record<FaultId, (variant: Variant) => boolean>>> = {
  // The handle of an MCM is good until the completion has returned.
  "use-in-completion": ({ kind }) => kind === "standalone",
  // What waits at DISPATCH_LEVEL is another fault.
  "callback-wait": ({ irql }) => irql === "PASSIVE_LEVEL",
};

/** The scenarios in which a fault can break its rule. */
const casesOf = (id: FaultId) =>
  CLEAN.filter(({ halts, variant }) => (halts || !HALT_FAULTS.has(id)) && (AT[id]?.(variant) ?? true));

describe("the scenarios without faults", () => {
  it("break no rule, leave nothing undecided and have every opportunity", () => {
    for (const { clean } of CLEAN) {
      expect([clean.violations, clean.warnings]).toEqual([[], []]);
      expect(clean.totals.undecided).toBe(0);
    }
    for (const { id } of faults)
      for (const { lives } of casesOf(id))
        expect(
          lives.some((life) => OPPORTUNITIES[id](life) !== undefined),
          id,
        ).toBe(true);
  });
});

describe.each(faults)("the fault $id", ({ id, rule, warningForm }) => {
  it.each(PLACES)(`breaks ${rule} at exactly the places that are struck, %s`, (_, place, strikes) => {
    let found = 0;
    for (const { scenario, clean, lives } of casesOf(id)) {
      const run = runReference(withFault(scenario, id, place), STOPPING.has(id));
      const strikesHere = (life: Life): boolean => strikes(life, scenario);
      // Where a lifecycle stops its slot does too, so the places that are left are those of the run itself.
      const expected = expectedViolations(id, STOPPING.has(id) ? livesOf(run) : lives, strikesHere, run);
      const warning = warningForm === true || ruleOf(rule).warning;
      expect(inOrder(warning ? run.warnings : run.violations)).toEqual(inOrder(expected));
      expect(warning ? run.violations : run.warnings).toEqual([]);
      found += expected.length;
      expect(run.totals.undecided).toBe(0);
      if (expected.length > 0) expect(run.digest).not.toBe(clean.digest);
    }
    expect(found).toBeGreaterThan(0);
  });

  it("stops a lifecycle, adds a call, or edits or reorders the trace", () => {
    const isKnown = [STOPPING.has(id), id in ADDED, id in EDITED, id === "saps-first"];
    expect(isKnown.filter(Boolean)).toHaveLength(1);
  });
});

const [, BY_RATE, strikes] = PLACES[0]!;
/** The rate, and so what it strikes, is the same in all scenarios, whose seeds are. */
const strikesByRate = (life: Life): boolean => strikes(life, CLEAN[0]!.scenario);

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
    for (const { scenario } of casesOf(id)) {
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
    for (const { scenario } of casesOf(id)) {
      for (const life of livesOf(runReference(withFault(scenario, id, BY_RATE)))) {
        if (OPPORTUNITIES[id](life) === undefined) continue;
        const call = findCall(life, CLOSE)!;
        const isStruck = strikesByRate(life);
        expect(findReturn(life, call)?.status).toBe(`NDIS_STATUS_${isStruck ? "FAILURE" : "PENDING"}`);
        expect((findCall(life, CLOSE_CALL) ?? findCall(life, DEREGISTER_SAP)) === undefined).toBe(isStruck);
        if (!isStruck) continue;
        const at = life.records.indexOf(call);
        const rest = life.records.slice(at, at + 4);
        // A notification ends after it, and nothing else comes.
        for (const record of life.records.slice(at + 4))
          expect("call" in record && record.call).toMatch(/NotifyCloseA/);
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
    for (const { scenario } of casesOf(id)) {
      const run = runReference(withFault(scenario, id, BY_RATE));
      const openAtEnd = run.machines.reduce((sum, machine) => sum + machine.openAtEnd, 0);
      expect(openAtEnd).toBe(run.violations.length);
      expect(run.totals.opens).toBe(run.totals.lifecycles + openAtEnd);
    }
  });
});

describe("the fault forgotten-notify", () => {
  it("leaves the AF open where it strikes, without a notification, and nowhere else", () => {
    for (const { scenario, lives } of casesOf("forgotten-notify")) {
      const run = runReference(withFault(scenario, "forgotten-notify", BY_RATE));
      const notified = livesOf(run).filter((life) => findCall(life, NOTIFIED) !== undefined);
      const places = (list: readonly Life[]) =>
        list.map(({ machine, slot, generation }) => [machine, slot, generation]);
      const expected = lives.filter((life) => findCall(life, NOTIFIED) !== undefined);
      expect(places(notified)).toEqual(places(expected.filter((life) => !strikesByRate(life))));
      const openAtEnd = run.machines.reduce((sum, machine) => sum + machine.openAtEnd, 0);
      expect(openAtEnd).toBe(expected.length - notified.length);
    }
  });
});

describe("the fault saps-first", () => {
  const id = "saps-first";

  it("only has the SAPs of a struck lifecycle deregistered before its calls are closed", () => {
    for (const { scenario, clean } of casesOf(id)) {
      const run = runReference(withFault(scenario, id, BY_RATE));
      // Teardowns that end in one tick may change places, too.
      expect(run.trace.map(content).toSorted()).toEqual(clean.trace.map(content).toSorted());
      expect(run.totals).toEqual(clean.totals);
      for (const life of livesOf(run)) {
        if (OPPORTUNITIES[id](life) === undefined) continue;
        const [call, sap] = [CLOSE_CALL, DEREGISTER_SAP].map((name) => life.records.indexOf(findCall(life, name)!));
        expect(sap! < call!).toBe(strikesByRate(life));
      }
    }
  });
});

describe.each(entriesOf(ADDED))("the fault %s", (id, extra) => {
  it("adds a call that has no effect where it strikes, and changes nothing else", () => {
    for (const { variant, scenario, clean, lives } of casesOf(id)) {
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
    for (const { variant, scenario, clean, lives } of casesOf(id)) {
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
