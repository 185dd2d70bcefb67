import { describe, expect, it } from "vitest";
import { COMPLETION_CALLS } from "../../src/contract/calls.js";
import { draw, faultPurpose, machineKey, probabilityThreshold, saysYes } from "../../src/contract/draw.js";
import { type FaultId, faults } from "../../src/contract/faults.js";
import { runReference, type ReferenceRun } from "../../src/contract/reference.js";
import type { TraceRecord } from "../../src/contract/reference-trace.js";
import type { CallManagerKind, Irql, Scenario } from "../../src/scenario/scenario.js";
import { findCall, findReturn, type Life, livesOf } from "../support/lives.js";
import { PLAIN_CLIENT, plainScenario, ticks } from "../support/plain-scenario.js";

const OPEN_COMPLETION = /^NdisM?CmOpenAddressFamilyComplete$/;
const CLOSE_COMPLETION = /^NdisM?CmCloseAddressFamilyComplete$/;
const OPEN_TOLD = /^ProtocolClOpenAfCompleteEx$/;
const CLOSE_TOLD = /^ProtocolClCloseAfComplete$/;
const OPEN = /^NdisClOpenAddressFamilyEx$/;
const CLOSE = /^NdisClCloseAddressFamily$/;

const exponential = (meanTicks: number) => ({ kind: "exponential" as const, meanNs: meanTicks * 100 });

interface Variant {
  readonly kind: CallManagerKind;
  readonly irql: Irql;
  readonly completionCostNs: number;
  readonly thinkTicks: number;
}

/** Every kind and IRQL, with completions that cost nothing and some that do; every second one reopens at once. */
const VARIANTS: readonly Variant[] = (["mcm", "standalone"] as const).flatMap((kind, i) =>
  (["PASSIVE_LEVEL", "DISPATCH_LEVEL"] as const).flatMap((irql, j) =>
    [0, 300].map((completionCostNs, k) => ({
      kind,
      irql,
      completionCostNs,
      thinkTicks: (i + j + k) % 2 === 0 ? 0 : 25,
    })),
  ),
);

/** Two machines of two adapters, 13 AFs that open and close in every way, drained: some 100 lifecycles. */
function livelyScenario({ kind, irql, completionCostNs, thinkTicks }: Variant): Scenario {
  return plainScenario(
    {
      topology: { machines: 2, adaptersPerMachine: 2, clientsPerAdapter: 2, afs: 13 },
      processors: { count: 3, dpcBudget: 2, completionCostNs },
      client: { ...PLAIN_CLIENT, hold: exponential(30), think: ticks(thinkTicks) },
      phases: [
        { kind: "run", ns: 60_000 },
        { kind: "drain", ns: 1e9 },
      ],
    },
    { pend: 0.5, service: exponential(10) },
    { pend: 0.7, inline: 0.2, service: exponential(40) },
    { kind, irql },
  );
}

/** The record in whose tick a fault of this kind can strike a lifecycle: worked out from the trace, not from the model. */
const OPPORTUNITIES: Readonly<Partial<Record<FaultId, (life: Life) => TraceRecord | undefined>>> = {
  "double-complete": (life) => findReturn(life, findCall(life, CLOSE_COMPLETION, "outside")),
  "lost-completion": pendedClose,
  "early-completion": (life) => findReturn(life, findCall(life, OPEN_TOLD)),
  "wrong-family": (life) => findCall(life, CLOSE_COMPLETION, "outside"),
  "completion-irql": (life) => findCall(life, CLOSE_COMPLETION, "outside"),
  "completion-status": (life) => findCall(life, CLOSE_COMPLETION, "outside"),
  "stale-completion": (life) => findReturn(life, findCall(life, CLOSE_TOLD, "outside")),
  "close-twice": pendedClose,
  "stale-close": (life) => findReturn(life, findCall(life, CLOSE_COMPLETION, "outside")),
  "open-irql": (life) => findCall(life, OPEN),
  "lost-open-completion": (life) => {
    const returned = findReturn(life, findCall(life, OPEN));
    return returned?.status === "NDIS_STATUS_PENDING" ? returned : undefined;
  },
  "double-open-complete": (life) => findReturn(life, findCall(life, OPEN_COMPLETION)),
  "open-completion-status": (life) => findCall(life, OPEN_COMPLETION),
};

/** The faults that this file shows. */
const SHOWN = faults.filter(({ id }) => OPPORTUNITIES[id] !== undefined);

function pendedClose(life: Life): TraceRecord | undefined {
  const returned = findReturn(life, findCall(life, CLOSE));
  const inline = findCall(life, CLOSE_COMPLETION, "inside") !== undefined;
  return returned?.status === "NDIS_STATUS_PENDING" && !inline ? returned : undefined;
}

/** Faults whose violation is a call that is never made; what follows in their slots does not happen. */
const LOST: Readonly<Partial<Record<FaultId, RegExp>>> = {
  "lost-completion": CLOSE_COMPLETION,
  "lost-open-completion": OPEN_COMPLETION,
};

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

function withFault(scenario: Scenario, kind: FaultId, place: (typeof PLACES)[number][1]): Scenario {
  return {
    ...scenario,
    faults: [
      { kind: "lost-completion", rate: 0, at: null },
      { kind, ...place },
    ],
  };
}

const inOrder = (list: readonly object[]): string[] => list.map((item) => JSON.stringify(item)).toSorted();

function expectedViolations(kind: FaultId, lives: readonly Life[], strikes: Strikes, run: ReferenceRun) {
  const { rule } = faults.find(({ id }) => id === kind)!;
  return lives.flatMap((life) => {
    const opportunity = OPPORTUNITIES[kind]?.(life);
    if (opportunity === undefined || !strikes(life)) return [];
    const { machine, slot, generation } = life;
    const tick = LOST[kind] === undefined ? opportunity.timeNs / 100 : run.machines[machine]!.endTick;
    return [{ rule, tick, machine, slot, generation }];
  });
}

/** A record without what counts records, so that further records before it do not show. */
function content(record: TraceRecord): string {
  return JSON.stringify({ ...record, seq: 0, ...("frame" in record ? { frame: 0 } : {}), parent: "parent" in record });
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

type Extra = (variant: Variant) => { readonly call: string; readonly status?: string; readonly answer?: string };

const completion =
  (of: "open" | "close"): Extra =>
  ({ kind }) => ({ call: COMPLETION_CALLS[kind][of], status: "NDIS_STATUS_SUCCESS" });
const close: Extra = () => ({ call: "NdisClCloseAddressFamily", answer: "NDIS_STATUS_FAILURE" });

/** Faults that add a call. */
const ADDED: Readonly<Partial<Record<FaultId, Extra>>> = {
  "double-complete": completion("close"),
  "early-completion": completion("close"),
  "stale-completion": completion("close"),
  "double-open-complete": completion("open"),
  "close-twice": close,
  "stale-close": close,
};

/** The call that a fault adds at a place, and its return. */
function addedRecords(extra: Extra, variant: Variant, life: Life, timeNs: number): string[] {
  const open = findCall(life, OPEN)!;
  const { call, status, answer } = extra(variant);
  const byClient = answer !== undefined;
  const { adapter, machine } = open;
  const irql = byClient ? "PASSIVE_LEVEL" : variant.irql;
  const processor = byClient ? open.processor : adapter % 3;
  const head = { seq: 0, timeNs, machine, processor, irql };
  const af = `AF#${life.slot}v${life.generation}`;
  const from = byClient ? open.from : `cm:${adapter}`;
  const passed = status === undefined ? {} : { status };
  const answered = answer === undefined ? {} : { status: answer };
  return [
    { ...head, op: "call", frame: 0, call, from, to: "ndis", adapter, af, ...passed, parent: false },
    { ...head, op: "return", frame: 0, call, af, ...answered, parent: false },
  ].map((record) => JSON.stringify(record));
}

type Change = (record: TraceRecord, variant: Variant, life: Life) => TraceRecord;

const otherFamily: Change = (record, { kind }) => {
  if (!("call" in record) || !CLOSE_COMPLETION.test(record.call)) return record;
  return { ...record, call: COMPLETION_CALLS[kind === "mcm" ? "standalone" : "mcm"].close };
};

const atDeviceLevel: Change = (record) =>
  !("call" in record) || CLOSE_COMPLETION.test(record.call) || CLOSE_TOLD.test(record.call)
    ? { ...record, irql: "DEVICE_LEVEL" }
    : record;

const passes =
  (call: RegExp, status: "NDIS_STATUS_FAILURE" | "NDIS_STATUS_PENDING"): Change =>
  (record) =>
    record.op === "call" && call.test(record.call) ? { ...record, status } : record;

const openAtDispatchLevel: Change = (record, _, life) => {
  if (!("call" in record)) return record;
  const follows =
    OPEN.test(record.call) ||
    record.call === "ProtocolCmOpenAf" ||
    (OPEN_TOLD.test(record.call) && findCall(life, OPEN_TOLD)!.from !== "ndis");
  return follows ? { ...record, irql: "DISPATCH_LEVEL" } : record;
};

/** Faults that change calls: what becomes of a struck lifecycle's records. */
const CHANGED: Readonly<Partial<Record<FaultId, Change>>> = {
  "wrong-family": otherFamily,
  "completion-irql": atDeviceLevel,
  "completion-status": passes(CLOSE_COMPLETION, "NDIS_STATUS_FAILURE"),
  "open-completion-status": passes(OPEN_COMPLETION, "NDIS_STATUS_PENDING"),
  "open-irql": openAtDispatchLevel,
};

const CLEAN = VARIANTS.map((variant) => {
  const scenario = livelyScenario(variant);
  const clean = runReference(scenario);
  return { variant, scenario, clean, lives: livesOf(clean) };
});

describe("the scenario without faults", () => {
  it("breaks no rule, leaves nothing undecided and has every opportunity", () => {
    for (const { clean, lives } of CLEAN) {
      expect(clean.violations).toEqual([]);
      expect(clean.totals.undecided).toBe(0);
      for (const { id } of SHOWN) expect(lives.some((life) => OPPORTUNITIES[id]?.(life) !== undefined)).toBe(true);
    }
  });
});

describe.each(SHOWN)("the fault $id", ({ id, rule }) => {
  it.each(PLACES)(`breaks ${rule} at exactly the places that are struck, %s`, (_, place, strikes) => {
    for (const { scenario, clean, lives } of CLEAN) {
      const run = runReference(withFault(scenario, id, place), LOST[id] !== undefined);
      // A lost completion stops its slot, so the places that are left are those of the run itself.
      const expected = expectedViolations(id, LOST[id] === undefined ? lives : livesOf(run), strikes, run);
      expect(inOrder(run.violations)).toEqual(inOrder(expected));
      expect(expected).not.toEqual([]);
      expect(run.totals.undecided).toBe(0);
      expect(run.digest).not.toBe(clean.digest);
    }
  });

  it("leaves out a call, adds one or changes one", () => {
    expect([LOST, ADDED, CHANGED].filter((group) => id in group)).toHaveLength(1);
  });
});

const [, BY_RATE, strikesByRate] = PLACES[0]!;

/** The lifecycles that a fault strikes by rate, each with the record of its opportunity. */
function struck(id: FaultId, lives: readonly Life[]): { readonly life: Life; readonly timeNs: number }[] {
  return lives.flatMap((life) => {
    const opportunity = OPPORTUNITIES[id]?.(life);
    return opportunity === undefined || !strikesByRate(life) ? [] : [{ life, timeNs: opportunity.timeNs }];
  });
}

const entriesOf = <Value>(table: Readonly<Partial<Record<FaultId, Value>>>): [FaultId, Value][] =>
  Object.entries(table) as [FaultId, Value][];

describe.each(entriesOf(LOST))("the fault %s", (id, completionCall) => {
  it("leaves out the completion where it strikes, and nowhere else", () => {
    for (const { scenario } of CLEAN) {
      for (const life of livesOf(runReference(withFault(scenario, id, BY_RATE)))) {
        if (OPPORTUNITIES[id]?.(life) === undefined) continue;
        expect(findCall(life, completionCall, "outside") === undefined).toBe(strikesByRate(life));
      }
    }
  });
});

describe.each(entriesOf(ADDED))("the fault %s", (id, extra) => {
  it("adds a refused call where it strikes, and changes nothing else", () => {
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

describe.each(entriesOf(CHANGED))("the fault %s", (id, change) => {
  it("changes the call where it strikes, and nothing else", () => {
    for (const { variant, scenario, clean, lives } of CLEAN) {
      const run = runReference(withFault(scenario, id, BY_RATE));
      const changed = new Map<TraceRecord, TraceRecord>();
      for (const { life } of struck(id, lives))
        for (const record of life.records) changed.set(record, change(record, variant, life));
      const expected = clean.trace.map((record) => changed.get(record) ?? record);
      expect(run.trace.map(content)).toEqual(expected.map(content));
      expect(run.totals).toEqual(clean.totals);
    }
  });
});
