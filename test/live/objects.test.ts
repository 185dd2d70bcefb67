import { describe, expect, it } from "vitest";
import { STATE_VACANT } from "../../assembly/abi/codes.js";
import { faults, objectFaultIds } from "../../src/contract/faults.js";
import { DISPATCHES } from "../../src/run/live-plan.js";
import type { ScenarioInput } from "../../src/scenario/schema.js";
import { brokenIn, checkTrace, playUntil, readAfs, type LiveRun } from "../support/live-run.js";
import { CALLS, HALTED_CALLS } from "../support/live-objects.js";
import { LANES, waysFor } from "../support/live-work.js";

const countsOf = ({ execution }: LiveRun) => execution.outcome.objects!;
const hasCalls = (run: LiveRun): boolean =>
  countsOf(run).calls.closed > 30 && run.execution.outcome.totals.lifecycles > 10;

/** The rules that lanes found broken, which the checker of traces has found as often; and what there is was counted. */
function expectJudged(run: LiveRun): Record<string, number> {
  const broken = brokenIn(run);
  const { byRule, undecided } = checkTrace(run);
  expect({ ...byRule, undecided }).toEqual({ ...broken, undecided: 0 });
  const { saps, vcs, parties } = countsOf(run);
  expect(vcs.created).toBe(vcs.deleted + vcs.atEnd);
  expect(parties.added - parties.dropped).toBeLessThanOrEqual(parties.atEnd);
  expect(saps.registered - saps.deregistered).toBeLessThanOrEqual(saps.atEnd);
  return broken;
}

/** Nothing was lost: every call was closed, every object deleted, and every AF with them. */
function expectWhole(run: LiveRun): void {
  const { totals } = run.execution.outcome;
  const { saps, vcs, calls, parties } = countsOf(run);
  expect(run.execution.complete).toBe(true);
  expect(expectJudged(run)).toEqual({});
  expect(readAfs(run).every(({ state }) => state === STATE_VACANT)).toBe(true);
  expect(totals.lifecycles).toBe(totals.opens);
  expect(totals.completions).toBe(totals.pendedCloses);
  expect([saps.atEnd, vcs.atEnd, parties.atEnd]).toEqual([0, 0, 0]);
  expect(saps.registered).toBe(saps.deregistered);
  expect(calls.connected).toBe(calls.closed);
  expect(vcs.created).toBe(calls.connected + calls.failed + calls.rejected);
  expect(parties.added).toBe(parties.dropped);
}

describe.each(DISPATCHES)("SAPs, calls and parties, by %s", (dispatch) => {
  it.each(LANES)("are made and ended on all lanes, and none is lost, on %i lanes", async (lanes) => {
    expectWhole(await playUntil(hasCalls, CALLS, { lanes, dispatch }));
  });

  it("are ended in the notifications of a halt and after them", async () => {
    for (const notify of [{ pend: 0 }, { pend: 1 }])
      expectWhole(
        await playUntil(
          (run) => countsOf(run).calls.closed > 5,
          { ...HALTED_CALLS, client: { ...HALTED_CALLS.client, notify } },
          { dispatch },
        ),
      );
  });

  it("are ended at unbinds, and begun again after binds", async () => {
    const [run, ...end] = CALLS.phases ?? [];
    const phases = [
      run!,
      { unbind: { adapters: "all" } },
      { run: "1ms" },
      { bind: { adapters: "all" } },
      { run: "2ms" },
      ...end,
    ] as const;
    expectWhole(await playUntil(hasCalls, { ...CALLS, phases: [...phases] }, { dispatch, lanes: 4 }));
  });
});

describe("a second reading of the contract, with objects", () => {
  const refusing: ScenarioInput = {
    ...CALLS,
    callManager: {
      ...(CALLS.callManager as readonly object[])[0],
      close: { pend: 1, refuse: 0.5, service: { exponential: "10us" } },
    },
  };
  const early = { faults: [{ kind: "outstanding-close", rate: 0.3 }] };
  const readings: readonly (readonly [string, ScenarioInput["contract"], ScenarioInput, string | null])[] = [
    ["retry lets a client close again", { failedClose: "retry" }, refusing, null],
    ["table judges every refusal", { failedClose: "retry", notAcceptedClose: "table" }, refusing, "close/status"],
    [
      "forwarded lets a close with objects reach the call manager",
      { outstandingClose: "forwarded", failedClose: "retry" },
      { ...refusing, ...early },
      null,
    ],
    ["called has NDIS fail it", { failedClose: "retry" }, { ...CALLS, ...early }, "close/outstanding"],
    [
      "allowed lets a VC make another call",
      { vcReuse: "allowed" },
      { ...CALLS, faults: [{ kind: "reuse-vc", rate: 0.3 }] },
      null,
    ],
  ];

  it.each(readings)("%s", async (_, contract, base, rule) => {
    for (const ways of waysFor(rule ?? "none")) {
      const isEnough = (run: LiveRun): boolean => hasCalls(run) && (rule === null || brokenIn(run)[rule] !== undefined);
      const run = await playUntil(isEnough, { ...base, contract }, ways);

      expect(Object.keys(expectJudged(run))).toEqual(rule === null ? [] : [rule]);
      expect(readAfs(run).every(({ state }) => state === STATE_VACANT)).toBe(true);
    }
  });
});

/** Without a halt, at which the client of a call that is never closed would owe the completion of a notification too. */
const faultyWith = (kind: string): ScenarioInput => ({
  ...CALLS,
  phases: [{ run: "4ms" }, { drain: "5s" }],
  faults: [{ kind, rate: 0.2 }],
});

describe("a mistake with SAPs, calls or parties", () => {
  const mistakes = faults.filter(({ id }) => objectFaultIds.has(id)).map(({ id, rule }) => [id, rule] as const);

  it.each(mistakes)("%s is found as %s, every time, for every strategy", async (kind, rule) => {
    for (const ways of waysFor(kind)) {
      const run = await playUntil((one) => brokenIn(one)[rule] !== undefined, faultyWith(kind), ways);

      // An AF waits for ever for what never comes.
      expect(Object.keys(expectJudged(run)).filter((broken) => broken !== "close/owed")).toEqual([rule]);
    }
  });
});
