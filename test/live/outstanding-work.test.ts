import { describe, expect, it } from "vitest";
import { STATE_STRANDED, STATE_VACANT } from "../../assembly/abi/codes.js";
import { DISPATCHES } from "../../src/run/live-plan.js";
import type { ScenarioInput } from "../../src/scenario/schema.js";
import { brokenIn, checkTrace, isBusy, playUntil, readAfs, type LiveRun } from "../support/live-run.js";
import { countRefusals, DEAD_HANDLES, HALTED_WORK, LANES, waysFor, WORK, WORK_MISTAKES } from "../support/live-work.js";

const isRefused = (run: LiveRun): boolean => isBusy(run) && countRefusals(run) > 0;

/** The rules that lanes found broken, which the checker of traces has found as often. */
function expectJudged(run: LiveRun): Record<string, number> {
  const broken = brokenIn(run);
  const { byRule, undecided } = checkTrace(run);
  expect({ ...byRule, undecided }).toEqual({ ...broken, undecided: 0 });
  return broken;
}

const hasBroken = (run: LiveRun): boolean => Object.keys(brokenIn(run)).length > 0;

describe.each(DISPATCHES)("AFs with work on them, by %s", (dispatch) => {
  it.each(LANES)(
    "are closed when it is torn down, or again when it is, and none is lost, on %i lanes",
    async (lanes) => {
      const run = await playUntil(isRefused, WORK, { lanes, dispatch });
      const { totals } = run.execution.outcome;

      expect(expectJudged(run)).toEqual({});
      expect(readAfs(run).every(({ state }) => state === STATE_VACANT)).toBe(true);
      expect(totals.lifecycles).toBe(totals.opens);
      expect(totals.completions).toBe(totals.pendedCloses);
    },
  );

  it("stay stranded where a close that was refused leaves no handle", async () => {
    const run = await playUntil((one) => countRefusals(one) > 0, DEAD_HANDLES, { lanes: 2, dispatch });
    const stranded = readAfs(run).filter(({ state }) => state === STATE_STRANDED).length;

    expect(expectJudged(run)).toEqual({});
    expect(stranded).toBe(countRefusals(run));
    expect(run.execution.outcome.machines[0]?.openAtEnd).toBe(stranded);
  });

  it("are torn down in the notifications of a halt, which their clients complete", async () => {
    const isHalted = ({ execution }: LiveRun): boolean => execution.outcome.totals.lifecycles > 0;
    for (const notify of [{ pend: 0 }, { pend: 1 }]) {
      const run = await playUntil(
        isHalted,
        { ...HALTED_WORK, client: { ...HALTED_WORK.client, notify } },
        { dispatch },
      );

      expect(expectJudged(run)).toEqual({});
      expect(run.execution.outcome.totals.lifecycles).toBe(run.execution.outcome.totals.opens);
    }
  });
});

describe("a second reading of the contract", () => {
  const readings: readonly (readonly [string, ScenarioInput["contract"], Partial<ScenarioInput>, string | null])[] = [
    ["table judges every refusal", { notAcceptedClose: "table", failedClose: "retry" }, {}, "close/status"],
    [
      "binding judges closes that meet an open of the same binding",
      { openScope: "binding", failedClose: "retry" },
      {},
      "open/use-before-complete",
    ],
    [
      "forwarded lets a close with work on the AF reach the call manager",
      { outstandingClose: "forwarded", failedClose: "retry" },
      { faults: [{ kind: "outstanding-close", rate: 0.3 }] },
      null,
    ],
    [
      "called has NDIS fail it, to be tried again",
      { failedClose: "retry" },
      { faults: [{ kind: "outstanding-close", rate: 0.3 }] },
      "close/outstanding",
    ],
  ];

  it.each(readings)("%s", async (_, contract, more, rule) => {
    for (const ways of waysFor(rule ?? "none")) {
      const isEnough = (one: LiveRun): boolean => isRefused(one) && (rule === null || hasBroken(one));
      const run = await playUntil(isEnough, { ...WORK, ...more, contract }, ways);

      expect(Object.keys(expectJudged(run))).toEqual(rule === null ? [] : [rule]);
      expect(readAfs(run).every(({ state }) => state === STATE_VACANT)).toBe(true);
    }
  });
});

describe("a mistake with work on an AF", () => {
  const mistakes = [...WORK_MISTAKES].map(([kind, [rule, base]]) => [kind, rule, base] as const);
  // One that is made without work too: a second completion does not come before the work is done.
  mistakes.push(["double-complete", "close/double-complete", WORK]);

  it.each(mistakes)("%s is found as %s, every time, for every strategy", async (kind, rule, base) => {
    for (const ways of waysFor(kind)) {
      const run = await playUntil(hasBroken, { ...base, faults: [{ kind, rate: 0.3 }] }, ways);

      expect(Object.keys(expectJudged(run))).toEqual([rule]);
    }
  });
});
