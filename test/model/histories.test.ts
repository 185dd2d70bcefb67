import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type FaultId, faults as allFaults, type ObjectFaultId } from "../../src/contract/faults.js";
import { HISTORY_FIRST, HISTORY_LAST, type TraceRecord } from "../../src/measure/history.js";
import { KERNEL_CALLS } from "../../src/kernel/call-codes.js";
import { firstAfOf } from "../../src/kernel/topology.js";
import type { Scenario } from "../../src/scenario/scenario.js";
import { haltingScenario, livelyScenario, VARIANTS } from "../support/fault-opportunities.js";
import { PLAIN_CLIENT, plainScenario, ticks } from "../support/plain-scenario.js";
import { runHistories, type Recorded } from "../support/run-histories.js";
import { runKernel } from "../support/run-kernel.js";
import { faultyScenario } from "../support/scenario-generator.js";

/** Calls that are about no AF. */
const DRIVER_CALLS = new Set(KERNEL_CALLS.filter(({ af }) => af === "none").map(({ name }) => name));
DRIVER_CALLS.delete("NdisUnbindAdapter");

/** What `--trace-af` writes of a violation's AF, or of the drivers that break a rule before there is an AF. */
function traceOf(scenario: Scenario, { machine, slot, generation }: Recorded["violation"]): readonly TraceRecord[] {
  const af = firstAfOf(scenario.topology, machine) + slot;
  const trace = runKernel(scenario, { trace: { afs: [{ from: af, to: af }], timeNs: null } }).trace as TraceRecord[];
  return trace.filter(({ call = "" }) => DRIVER_CALLS.has(call) === (generation === 0));
}

/** Generations of the records; a driver may use the handle of an earlier one at any time. */
function generationsOf(trace: readonly TraceRecord[]): number[] {
  const ofFrame = new Map<number, number>();
  for (const { frame, af } of trace)
    if (frame !== undefined && af !== undefined) ofFrame.set(frame, Number(af.split("v")[1]));
  let latest = 0;
  return trace.map(({ frame, af }) => {
    const own = af === undefined ? undefined : Number(af.split("v")[1]);
    const generation = own ?? ofFrame.get(frame ?? 0) ?? latest;
    latest = Math.max(latest, generation);
    return generation;
  });
}

/** The part of the filtered trace that a history should be. */
function expectPartOfTrace(scenario: Scenario, recorded: Recorded): void {
  const { violation, history } = recorded;
  if (violation.generation === 0) return expectPartOfStart(scenario, recorded);
  const { records, brokenBy, leftOut } = history;
  const all = traceOf(scenario, violation);
  const generations = generationsOf(all);
  const trace = all.filter((_, i) => generations[i]! >= violation.generation);
  const end = records.length + leftOut.recordsBetween;
  const life = trace.slice(0, end);
  expect(records).toEqual(
    leftOut.recordsBetween === 0 ? life : [...life.slice(0, HISTORY_FIRST), ...life.slice(-HISTORY_LAST)],
  );
  const timeNs = violation.tick * scenario.tickNs;
  const handle = `AF#${violation.slot}v${violation.generation}`;
  expect(leftOut.lives).toBe(violation.generation - 1);
  expect(life[0]).toMatchObject({ op: "call", call: "NdisClOpenAddressFamilyEx" });
  // The call of an open names no handle yet: only its rule, irql/caller, can end the history before one is named.
  if (life.length > 1) expect(life[1]).toMatchObject({ af: handle });
  if (brokenBy === null) {
    expect(life.at(-1)?.timeNs).toBeLessThanOrEqual(timeNs);
    if (end < trace.length) expect(trace[end]!.timeNs).toBeGreaterThanOrEqual(timeNs);
  } else {
    expect(life.at(-1)).toMatchObject({ seq: brokenBy, timeNs });
  }
}

/** The part of the trace of its adapter's drivers that the history of a violation without an AF should be. */
function expectPartOfStart(scenario: Scenario, { violation, history }: Recorded): void {
  const { records, brokenBy, leftOut } = history;
  expect(records.length).toBeGreaterThan(0);
  expect(records).toEqual(traceOf(scenario, violation).slice(0, records.length));
  expect(records.at(-1)).toMatchObject({ seq: brokenBy, op: "call", timeNs: violation.tick * scenario.tickNs });
  expect(leftOut).toEqual({ lives: 0, recordsOfLives: 0, recordsBetween: 0 });
}

describe("the history of a violation", () => {
  it("is the part of its AF's trace from the open of that life to the violation", () => {
    const found = { byRecord: 0, byNone: 0, later: 0, beforeAnyAf: 0 };
    fc.assert(
      fc.property(faultyScenario, (scenario) => {
        for (const recorded of runHistories(scenario)) {
          expectPartOfTrace(scenario, recorded);
          if (recorded.history.brokenBy === null) found.byNone++;
          else found.byRecord++;
          if (recorded.violation.generation > 1) found.later++;
          if (recorded.violation.generation === 0) found.beforeAnyAf++;
        }
      }),
      { numRuns: 100 },
    );
    expect(Math.min(...Object.values(found))).toBeGreaterThan(5);
  });

  it("is the same for any number of shards", () => {
    fc.assert(
      fc.property(faultyScenario, (scenario) => {
        const one = runHistories(scenario, 1);
        expect(runHistories(scenario, scenario.topology.machines)).toEqual(one);
      }),
      { numRuns: 20 },
    );
  });

  it("of a life with very many records has the first and the last of them", () => {
    const most = { kind: "constant", count: 31 } as const;
    const scenario = plainScenario({
      client: { ...PLAIN_CLIENT, hold: ticks(10), outstanding: { vcs: most, saps: most } },
      faults: [{ kind: "undrained-completion", rate: 1, at: null }],
    });
    const [recorded] = runHistories(scenario);
    // An open has 6 records, a teardown 4, the close as many, and the completion call is the last one.
    expect(recorded?.history.leftOut.recordsBetween).toBe(6 + 62 * 4 + 4 + 1 - (HISTORY_FIRST + HISTORY_LAST));
    expect(recorded?.history.records).toHaveLength(HISTORY_FIRST + HISTORY_LAST);
    expectPartOfTrace(scenario, recorded!);
  });

  it("ends with what was owed, when the run ended without it", () => {
    const scenario = plainScenario({
      faults: [{ kind: "lost-completion", rate: 1, at: null }],
      phases: [
        { kind: "run", ns: 5000 },
        { kind: "drain", ns: 1e9 },
      ],
    });
    const [recorded] = runHistories(scenario);
    expect(recorded).toMatchObject({ violation: { rule: "close/owed" }, history: { brokenBy: null } });
    expect(recorded?.history.records.at(-1)).toMatchObject({ op: "return", status: "NDIS_STATUS_PENDING" });
  });
});

const CLOSE_COMPLETION = /^call NdisM?CmCloseAddressFamilyComplete$/;
const OPEN_COMPLETION = /^call NdisM?CmOpenAddressFamilyComplete$/;
const CLOSE = /^call NdisClCloseAddressFamily$/;
const OPEN_ANSWER = /^return ProtocolCmOpenAf$|^call NdisM?CmOpenAddressFamilyComplete$/;

const NOTIFY = /^call NdisM?CmNotifyCloseAddressFamily$/;
const NOTIFY_COMPLETE = /^call NdisClNotifyCloseAddressFamilyComplete$/;

const REGISTER = /^call NdisM?CmRegisterAddressFamilyEx$/;

/** Of a binding; the first two have a test of their own. */
type OfABinding =
  | "forgotten-af"
  | "early-close-adapter"
  | "close-adapter-irql"
  | "cm-close-adapter-irql"
  | "cm-early-close-adapter";

/** What breaks the rule of each fault, those with objects apart (objects.test.ts); null where no record of the AF does. */
const BREACHES: Readonly<Record<Exclude<FaultId, OfABinding | ObjectFaultId>, RegExp | null>> = {
  "double-complete": CLOSE_COMPLETION,
  "lost-completion": null,
  "early-completion": CLOSE_COMPLETION,
  "wrong-family": CLOSE_COMPLETION,
  "completion-irql": CLOSE_COMPLETION,
  "completion-status": CLOSE_COMPLETION,
  "stale-completion": CLOSE_COMPLETION,
  "close-twice": CLOSE,
  "stale-close": CLOSE,
  "open-irql": /^call NdisClOpenAddressFamilyEx$/,
  "lost-open-completion": null,
  "double-open-complete": OPEN_COMPLETION,
  "open-completion-status": OPEN_COMPLETION,
  "open-self-complete": /^call ProtocolClOpenAfCompleteEx$/,
  "early-close": CLOSE,
  "null-context": OPEN_ANSWER,
  "no-unbind": null,
  "failed-open-close": CLOSE,
  "failed-open-leak": OPEN_ANSWER,
  "outstanding-close": CLOSE,
  "close-self-complete": /^call ProtocolClCloseAfComplete$/,
  "early-release": /^release client:\d+$/,
  "blocked-wait": /^wait client:\d+$/,
  "callback-wait": /^wait client:\d+$/,
  "undrained-completion": CLOSE_COMPLETION,
  "context-leak": null,
  "close-return-status": /^return ProtocolCmCloseAf$/,
  "cm-leak": null,
  "register-late": REGISTER,
  "register-twice": REGISTER,
  "register-irql": REGISTER,
  "forgotten-notify": null,
  "notify-irql": NOTIFY,
  "saps-first": /^call NdisClDeregisterSap$/,
  "notify-wait": /^wait client:\d+$/,
  "notify-success": /^return ProtocolClNotifyCloseAf$/,
  "lost-notify-completion": null,
  "early-notify-completion": NOTIFY_COMPLETE,
  "double-notify-completion": NOTIFY_COMPLETE,
  "retry-close": CLOSE,
  "use-in-completion": NOTIFY,
  "use-after-completion": NOTIFY,
  "release-at-call": /^release client:\d+$/,
  "shared-flag": null,
  "one-handle": CLOSE_COMPLETION,
  "halted-completion": null,
  "inline-success": /^return ProtocolCmCloseAf$/,
  "lock-deadlock": null,
  "no-self-complete": null,
  "walk-skips": null,
  "walk-repeats": NOTIFY,
};

describe("what breaks a rule, as its history marks it", () => {
  it.each(Object.entries(BREACHES))("is found for %s", (kind, breach) => {
    let found = 0;
    for (const variant of VARIANTS) {
      const faults = [{ kind: kind as FaultId, rate: 0.5, at: null }];
      const scenarios = [livelyScenario(variant), haltingScenario(variant)].map((scenario) => ({
        ...scenario,
        callManagers: scenario.callManagers.map((profile) => ({
          ...profile,
          close: { ...profile.close, refuse: kind === "retry-close" ? 0.5 : 0 },
        })),
        faults,
      }));
      for (const { violation, history } of scenarios.flatMap((scenario) => runHistories(scenario))) {
        // A mistake may leave something owed beside.
        if (violation.rule !== allFaults.find(({ id }) => id === kind)?.rule) continue;
        const { op, call, from } = history.records.at(-1)!;
        if (breach === null) expect(history.brokenBy).toBeNull();
        else expect(`${op} ${call ?? from}`).toMatch(breach);
        found++;
      }
    }
    expect(found).toBeGreaterThan(0);
  });

  it("is none of the AF's records where two mistakes follow each other and the first is to do nothing", () => {
    const scenario = plainScenario(
      {
        faults: [
          { kind: "no-unbind", rate: 1, at: null },
          { kind: "failed-open-close", rate: 1, at: null },
        ],
      },
      { fail: 1 },
    );
    const recorded = runHistories(scenario);
    const breachOf = (rule: string) => recorded.find(({ violation }) => violation.rule === rule)?.history;
    expect(breachOf("open/failed-unbind")?.brokenBy).toBeNull();
    expect(breachOf("open/failed-handle")?.records.at(-1)).toMatchObject({ call: "NdisClCloseAddressFamily" });
  });

  it("is none of the AF's records where its binding is closed too early, or it is forgotten", () => {
    const scenario = plainScenario(
      {
        topology: { machines: 1, adaptersPerMachine: 1, clientsPerAdapter: 1, afs: 8 },
        client: { ...PLAIN_CLIENT, hold: { kind: "exponential", meanNs: 2000 } },
        phases: [
          { kind: "run", ns: 5000 },
          { kind: "unbind", adapters: [{ from: 0, to: 0 }], clients: [{ from: 0, to: 0 }] },
          { kind: "drain", ns: 1e9 },
        ],
        faults: [
          { kind: "forgotten-af", rate: 0.3, at: null },
          { kind: "early-close-adapter", rate: 1, at: null },
        ],
      },
      {},
      { service: ticks(0) },
    );
    const recorded = runHistories(scenario);
    expect(recorded.map(({ violation }) => violation.rule).toSorted()).toEqual(["close/adapter", "close/unbind"]);
    for (const { history } of recorded) expect(history.brokenBy).toBeNull();
  });
});
