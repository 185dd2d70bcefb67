/**
 * Where mistakes strike whose opportunity is seen in no lifecycle alone. By rate: places worked out from the trace of the run without them. By
 * the index of an AF: small runs, by hand. All others: faults-in-reference.test.ts.
 */
import { describe, expect, it } from "vitest";
import { draw, faultPurpose, machineKey, probabilityThreshold, saysYes } from "../../src/contract/draw.js";
import { type FaultId, faults } from "../../src/contract/faults.js";
import { runReference, type ReferenceRun } from "../../src/contract/reference.js";
import type { TraceRecord } from "../../src/contract/reference-trace.js";
import { ruleOf } from "../../src/contract/rules.js";
import { slotCountOf, SlotPlaces } from "../../src/kernel/topology.js";
import type { Phase, Scenario } from "../../src/scenario/scenario.js";
import {
  CLOSE,
  CLOSE_COMPLETION,
  CLOSE_TOLD,
  CM_CLOSE,
  HALT_TICK,
  haltingScenario,
  livelyScenario,
  NOTIFIED,
  NOTIFY,
  VARIANTS,
} from "../support/fault-opportunities.js";
import { findCall, findReturn, type Life, livesOf } from "../support/lives.js";
import { type Options, run as runFor, runPhases, standalone } from "../support/run-phases.js";

const RATE = 0.4;

interface Place {
  readonly machine: number;
  readonly slot: number;
  readonly generation: number;
}

/** Whether a scenario's only fault, by rate, strikes in a generation of a slot. */
const strikes = ({ machine, slot, generation }: Place): boolean =>
  saysYes(draw(machineKey(1, machine, faultPurpose(0)), slot, generation, 0), probabilityThreshold(RATE));

interface Clean {
  readonly scenario: Scenario;
  readonly run: ReferenceRun;
  readonly lives: readonly Life[];
}

/** Where a fault is to break its rule, with the tick of that. */
type Places = (clean: Clean, faulty: ReferenceRun) => (Place & { readonly tick: number })[];

const machinesOf = ({ topology }: Scenario): number[] => Array.from({ length: topology.machines }, (_, i) => i);

/** The lowest slot of every adapter stands for its call manager, before anything is opened. */
const comingUp: Places = ({ scenario }) =>
  machinesOf(scenario).flatMap((machine) => {
    const places = new SlotPlaces(scenario.topology, slotCountOf(scenario.topology, machine));
    const adapters = Array.from(
      { length: slotCountOf(scenario.topology, machine) },
      (_, slot) => places.placeOf(slot).adapter,
    );
    const lowest = [...new Set(adapters)].map((adapter) => adapters.indexOf(adapter));
    return lowest.map((slot) => ({ machine, slot, generation: 0, tick: 0 })).filter(strikes);
  });

const placeOf = ({ machine, slot, generation }: Life, tick: number) => ({ machine, slot, generation, tick });

const tickOf = (record: { readonly timeNs: number } | undefined): number =>
  record === undefined ? Infinity : record.timeNs / 100;

/** Closes that NDIS or the call manager has failed are asked for again when the last teardown is done. */
const askedAgain: Places = ({ lives }) =>
  lives.flatMap((life) => {
    const isRefused = findReturn(life, findCall(life, CM_CLOSE))?.status === "NDIS_STATUS_NOT_ACCEPTED";
    return isRefused && strikes(life) ? [placeOf(life, tickOf(life.records.at(-1)))] : [];
  });

/** Completions that would come after the halt are owed at the end. */
const completedAfterHalt: Places = ({ lives }, faulty) =>
  lives.flatMap((life) => {
    const completion = findCall(life, CLOSE_COMPLETION, "outside");
    const isLate = completion !== undefined && tickOf(completion) > HALT_TICK;
    return isLate && strikes(life) ? [placeOf(life, faulty.machines[life.machine]!.endTick)] : [];
  });

/** In the order of slots: an AF is skipped if the one before it has gone, when it is its turn. */
const skippedInWalk: Places = ({ scenario, lives }) =>
  machinesOf(scenario).flatMap((machine) => {
    const places = new SlotPlaces(scenario.topology, slotCountOf(scenario.topology, machine));
    const walked = lives
      // Later, when its open has ended, an AF is notified of outside of all calls; of one that is closing its client is not told.
      .filter((life) => life.machine === machine && findCall(life, NOTIFY, "inside") && findCall(life, NOTIFIED))
      .toSorted((a, b) => a.slot - b.slot);
    let gone = -1;
    return walked.flatMap((life) => {
      const { adapter } = places.placeOf(life.slot);
      const isSkipped = gone === adapter && strikes(life);
      const isInline = findCall(life, CLOSE_COMPLETION, "inside") !== undefined;
      const ended = findCall(life, CLOSE_TOLD);
      const hasEnded = tickOf(ended) === HALT_TICK && (ended!.from !== "ndis" || isInline);
      gone = !isSkipped && hasEnded ? adapter : -1;
      return isSkipped ? [placeOf(life, HALT_TICK)] : [];
    });
  });

const UNBIND_TICK = 60;

/** Of the clients that are unbound. */
const openAtUnbind: Places = ({ lives }) =>
  lives.flatMap((life) =>
    tickOf(findCall(life, CLOSE)) === UNBIND_TICK && strikes(life) ? [placeOf(life, UNBIND_TICK)] : [],
  );

/** All clients of one adapter are unbound when few others close. */
function unbindingScenario(variant: (typeof VARIANTS)[number]): Scenario {
  const lively = livelyScenario(variant);
  const phases: readonly Phase[] = [
    { kind: "run", ns: UNBIND_TICK * 100 },
    { kind: "unbind", adapters: [{ from: 0, to: 3 }], clients: [{ from: 0, to: 1 }] },
    { kind: "drain", ns: 1e9 },
  ];
  return {
    ...lively,
    topology: { ...lively.topology, afs: 60 },
    client: { ...lively.client, hold: { kind: "constant", ns: 10_001_00 } },
    phases,
  };
}

function refusingScenario(variant: (typeof VARIANTS)[number]): Scenario {
  const lively = livelyScenario(variant);
  return {
    ...lively,
    callManagers: lively.callManagers.map((profile) => ({ ...profile, close: { ...profile.close, refuse: 0.5 } })),
  };
}

/** The lowest slot of every binding of a client stands for it when the binding is closed, in its last generation and without an AF. */
const closedBindings: Places = ({ scenario, run, lives }) => {
  const places = new Map<string, Place & { readonly tick: number }>();
  for (const life of lives) {
    const { machine, slot, generation } = life;
    const placed = new SlotPlaces(scenario.topology, slotCountOf(scenario.topology, machine)).placeOf(slot);
    const isClosed = (record: TraceRecord): boolean =>
      record.op === "call" &&
      record.call === "NdisCloseAdapterEx" &&
      record.machine === machine &&
      record.from === `client:${placed.client}`;
    const closed = run.trace.find(isClosed);
    const key = `${machine} ${placed.client}`;
    const other = places.get(key);
    const isLower = other === undefined || slot < other.slot || (slot === other.slot && generation > other.generation);
    if (closed !== undefined && isLower) places.set(key, { machine, slot, generation, tick: tickOf(closed) });
  }
  return [...places.values()].filter(strikes).map((place) => ({ ...place, generation: 0 }));
};

const HIDDEN: Readonly<Partial<Record<FaultId, readonly [Places, (variant: (typeof VARIANTS)[number]) => Scenario]>>> =
  {
    "register-late": [comingUp, livelyScenario],
    "register-twice": [comingUp, livelyScenario],
    "register-irql": [comingUp, livelyScenario],
    "retry-close": [askedAgain, refusingScenario],
    "halted-completion": [completedAfterHalt, haltingScenario],
    "walk-skips": [skippedInWalk, haltingScenario],
    "forgotten-af": [openAtUnbind, unbindingScenario],
    "close-adapter-irql": [closedBindings, unbindingScenario],
  };

const sorted = (places: readonly object[]): string[] => places.map((place) => JSON.stringify(place)).toSorted();

describe.each(Object.entries(HIDDEN))("the fault %s", (kind, [placesOf, scenarioOf]) => {
  const { id, rule } = faults.find((fault) => fault.id === kind)!;
  it(`breaks ${rule} at exactly the places that are struck`, () => {
    let found = 0;
    for (const variant of VARIANTS) {
      const scenario = scenarioOf(variant);
      const run = runReference(scenario);
      expect([run.violations, run.warnings]).toEqual([[], []]);
      const faulty = runReference({ ...scenario, faults: [{ kind: id, rate: RATE, at: null }] }, false);
      const expected = placesOf({ scenario, run, lives: livesOf(run) }, faulty);
      const broken = ruleOf(rule).warning ? faulty.warnings : faulty.violations;
      expect(sorted(broken)).toEqual(sorted(expected.map(({ tick, ...place }) => ({ rule, tick, ...place }))));
      found += expected.length;
    }
    expect(found).toBeGreaterThan(4);
  });
});

/** AFs 0 and 1 are slots 0 and 1 of the first machine's adapter 0, 2 and 3 of its adapter 1; 4 to 7 are those of the second machine. */
const TWO_MACHINES = { machines: 2, adaptersPerMachine: 2, clientsPerAdapter: 1, afs: 8 };

function runAt(phases: readonly Phase[], kind: FaultId, at: readonly number[], options: Options = {}): ReferenceRun {
  const faults = [{ kind, rate: null, at }];
  return runPhases(phases, { ...options, fields: { topology: TWO_MACHINES, ...options.fields, faults } });
}

describe("the fault cm-close-adapter-irql, told where to strike", () => {
  const phases: readonly Phase[] = [runFor(4), { kind: "halt", adapters: [{ from: 0, to: 3 }] }, runFor(26)];
  const brokenAt = (at: readonly number[], options: Options = { callManager: standalone }): object[] => {
    const { violations, warnings } = runAt(phases, "cm-close-adapter-irql", at, options);
    expect(warnings).toEqual([]);
    return violations.map(({ machine, slot, tick, generation, rule }) => ({ machine, slot, tick, generation, rule }));
  };
  const place = { tick: 24, generation: 0, rule: "irql/caller" };

  it("strikes the call manager whose lowest AF is named, on the machine of that AF", () => {
    expect(brokenAt([0])).toEqual([{ machine: 0, slot: 0, ...place }]);
    expect(brokenAt([2])).toEqual([{ machine: 0, slot: 2, ...place }]);
    expect(brokenAt([6])).toEqual([{ machine: 1, slot: 2, ...place }]);
    expect(brokenAt([2, 4])).toEqual([
      { machine: 0, slot: 2, ...place },
      { machine: 1, slot: 0, ...place },
    ]);
  });

  it("breaks nothing where another AF of the adapter is named, or the call manager has no binding", () => {
    expect(brokenAt([1, 3, 5, 7])).toEqual([]);
    expect(brokenAt([0, 1, 2, 3, 4, 5, 6, 7], {})).toEqual([]);
  });
});

describe("the fault lock-deadlock, told where to strike", () => {
  // Every AF closes at 10 and, reopened, at 45: those are owed from 50 on.
  const phases = [runFor(75)];
  const fields = { deadlines: { openNs: 12e9, closeNs: 2_500 } };
  const owedBy = ({ violations }: ReferenceRun): string[] =>
    violations.map(({ rule, machine, slot, generation }) => `${rule} ${machine} AF#${slot}v${generation}`).toSorted();

  it("strikes when the close of the AF that is named is completed: its call manager completes nothing after it", () => {
    expect(owedBy(runAt(phases, "lock-deadlock", [3], { fields }))).toEqual([
      "close/owed 0 AF#2v2",
      "close/owed 0 AF#3v2",
    ]);
    // The first of two that are due together: the other's completion is never called.
    expect(owedBy(runAt(phases, "lock-deadlock", [4], { fields }))).toEqual([
      "close/owed 1 AF#0v2",
      "close/owed 1 AF#1v1",
    ]);
  });

  it.each([
    ["is completed inline", { inline: 1 }],
    ["is not pended", { pend: 0 }],
  ])("breaks nothing and changes nothing where the close of the AF that is named %s", (_, close) => {
    const struck = runAt(phases, "lock-deadlock", [3, 4], { close, fields });
    expect(owedBy(struck)).toEqual([]);
    expect(struck.digest).toBe(runAt(phases, "lock-deadlock", [], { close, fields }).digest);
  });
});
