import { describe, expect, it } from "vitest";
import { DISPATCHES } from "../../src/run/live-plan.js";
import { brokenIn, checkTrace, isBusy, playUntil, RACES, type LiveRun } from "../support/live-run.js";
import { expectWhole } from "../support/whole-run.js";

/** More lanes than this machine has processors are the harder case: a lane stops anywhere. */
const LANES = [1, 2, 4, 8];
const SEEDS = Number(process.env["CONDIS_LIVE_SEEDS"] ?? 2);

describe.each(DISPATCHES)("lanes that hand over by %s", (dispatch) => {
  it.each(LANES)("break no rule and lose nothing with %i of them, whatever the seed", async (lanes) => {
    for (let seed = 1; seed <= SEEDS; seed++) {
      const run = await playUntil(isBusy, { ...RACES, seed }, { lanes, dispatch });
      // The halt and the drain leave nothing open, so that every generation is a lifecycle or a failed open.
      expectWhole(run, `seed ${seed}`);
    }
  });
});

describe("a completion that comes before ProtocolCmCloseAf has returned PENDING", () => {
  it("tells the client once", async () => {
    const inline = { ...RACES, callManager: { close: { pend: 1, inline: 1, service: { constant: "1us" } } } } as const;
    const isEnough = ({ execution }: LiveRun): boolean => execution.outcome.totals.inlineCompletions > 0;
    const run = await playUntil(isEnough, { ...inline, phases: [{ run: "4ms" }, { drain: "5s" }] });
    const { totals } = run.execution.outcome;

    expect(brokenIn(run)).toEqual({});
    expect(totals.completions).toBe(totals.pendedCloses);
    expect(checkTrace(run).byRule).toEqual({});
  });
});

describe("a halt", () => {
  it("meets closes of the same AFs on other threads, and one of both wins", async () => {
    const halts = {
      ...RACES,
      client: { ...RACES.client, hold: { exponential: "2us" }, think: { constant: 0 } },
    } as const;
    let lost = 0;
    for (let seed = 1; seed <= 20 && lost === 0; seed++) {
      const run = await playUntil(isBusy, { ...halts, seed });
      lost += run.execution.counts.lostRaces;
      expect(brokenIn(run)).toEqual({});
      expect(checkTrace(run).byRule).toEqual({});
    }
    expect(lost).toBeGreaterThan(0);
  });
});
