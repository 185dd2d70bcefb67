import { expect } from "vitest";
import { STATE_VACANT } from "../../assembly/abi/codes.js";
import { brokenIn, checkTrace, readAfs, type LiveRun } from "./live-run.js";

/** Nothing is lost, the totals add up, and nobody has broken a rule. */
export function expectWhole(run: LiveRun, about: string): void {
  const { totals, machines } = run.execution.outcome;
  const [machine] = machines;
  const afs = readAfs(run);
  expect(run.execution.complete, about).toBe(true);
  expect(brokenIn(run), about).toEqual({});
  expect([machine?.openAtEnd, machine?.pendedAtEnd], about).toEqual([0, 0]);
  expect(
    afs.every(({ state }) => state === STATE_VACANT),
    about,
  ).toBe(true);
  const generations = afs.reduce((sum, { generation }) => sum + generation, 0);
  expect(generations, about).toBe(totals.lifecycles + totals.failedOpens);
  expect(totals.lifecycles, about).toBe(totals.opens);
  const verdict = checkTrace(run);
  expect({ ...verdict.byRule, undecided: verdict.undecided }, about).toEqual({ undecided: 0 });
}
