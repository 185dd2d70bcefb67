import { describe, expect, it } from "vitest";
import { DISPATCHES } from "../../src/run/live-plan.js";
import { liveTraceLines } from "../../src/run/live-trace.js";
import type { TraceEvent } from "../../src/contract/checker/event.js";
import type { RuleId } from "../../src/contract/rules.js";
import type { CallManagerHabit } from "../../src/scenario/habits.js";
import type { ScenarioInput } from "../../src/scenario/schema.js";
import { brokenIn, checkTrace, isBusy, playUntil, RACES, type LiveRun } from "../support/live-run.js";

const WAYS_TO_HAND_OVER = DISPATCHES.flatMap((dispatch) => [1, 2, 4].map((lanes) => [dispatch, lanes] as const));

/** What lanes race on, with call managers of a habit; they pend every close, and a completion takes its time. */
function withHabit(habit: CallManagerHabit[], client: ScenarioInput["client"] = {}, fail = 0.1): ScenarioInput {
  return {
    ...RACES,
    callManager: (["mcm", "standalone"] as const).map((kind) => ({
      kind,
      irql: "PASSIVE_LEVEL" as const,
      open: { pend: 0.3, fail, service: { exponential: "5us" as const } },
      close: { pend: 0.9, inline: 0.2, service: { exponential: "20us" as const } },
      habit,
    })),
    client: { ...RACES.client, ...client },
  };
}

function expectChecked(run: LiveRun, rules: readonly RuleId[]): void {
  const broken = brokenIn(run);

  expect(Object.keys(broken).filter((rule) => !(rules as readonly string[]).includes(rule))).toEqual([]);
  expect(checkTrace(run).byRule).toEqual(broken);
}

function hasBroken(rule: RuleId): (run: LiveRun) => boolean {
  return (run) => brokenIn(run)[rule] !== undefined;
}

describe.each(WAYS_TO_HAND_OVER)("habits, by %s on %i lanes", (dispatch, lanes) => {
  const ways = { dispatch, lanes };

  it("break no rule where circumstances never arise: one AF an adapter, every close pended", async () => {
    const legal: ScenarioInput = {
      ...RACES,
      topology: { machines: 1, adaptersPerMachine: 8, clientsPerAdapter: 1, afs: 8 },
      callManager: {
        open: { pend: 0.5, service: { exponential: "5us" } },
        close: { pend: 1, service: { exponential: "10us" } },
        habit: ["shared-flag", "one-handle"],
      },
      client: { hold: { exponential: "20us" }, think: { exponential: "5us" }, habit: "ignored-status" },
    };
    const run = await playUntil(isBusy, legal, ways);
    const { totals, machines } = run.execution.outcome;

    expectChecked(run, []);
    expect([machines[0]?.openAtEnd, machines[0]?.pendedAtEnd]).toEqual([0, 0]);
    expect(totals.lifecycles).toBe(totals.opens);
  });

  it("with one flag an adapter, of closes that are pended at once some are never completed", async () => {
    const run = await playUntil(hasBroken("close/owed"), withHabit(["shared-flag"]), ways);

    expectChecked(run, ["close/owed"]);
  });

  it("with one handle an adapter, the wrong close is completed, and judged by where its AF stands just then", async () => {
    // Where opens fail, too, a completion of the wrong close can be laid to the rule of the state before or after: README, "What is not there yet".
    const run = await playUntil(hasBroken("close/owed"), withHabit(["one-handle"], {}, 0), ways);

    expectChecked(run, ["close/owed", "close/not-pended", "close/double-complete", "close/cm-stale"]);
  });

  it("with a lock held, completions are called at DISPATCH_LEVEL, and nothing breaks while no client calls back in", async () => {
    const quiet = withHabit(["held-lock"], { think: { constant: "5us" }, notify: { pend: 0 } });
    const run = await playUntil(isBusy, { ...quiet, phases: [{ run: "4ms" }, { drain: "5s" }] }, ways);
    const irqls = [...liveTraceLines(run.execution.memory, run.plan)]
      .map((line) => JSON.parse(line) as TraceEvent)
      .filter(
        ({ op, call, parent }) => op === "call" && parent === undefined && call?.endsWith("CloseAddressFamilyComplete"),
      )
      .map(({ irql }) => irql);

    expectChecked(run, []);
    // An inline one has the IRQL of its profile.
    expect(new Set(irqls)).toContain("DISPATCH_LEVEL");
    expect(irqls.filter((irql) => irql === "DISPATCH_LEVEL").length).toBeGreaterThan(irqls.length / 2);
  });

  it("with a lock held, a call manager completes nothing any more when a client opens again at once", async () => {
    const again = withHabit(["held-lock"], { think: { constant: 0 } });
    const run = await playUntil(hasBroken("close/owed"), again, ways);

    // Some opens were pended, too.
    expectChecked(run, ["close/owed", "open/owed"]);
  });

  it("of a client that goes by its last close's status, one completes itself and another waits for NDIS", async () => {
    const run = await playUntil(hasBroken("close/completes-once"), withHabit([], { habit: "ignored-status" }), ways);

    expectChecked(run, ["close/completes-once"]);
  });
});
