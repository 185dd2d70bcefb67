import { describe, expect, it } from "vitest";
import { faults } from "../../src/contract/faults.js";
import { unrecordedBreach } from "../../src/contract/unrecorded.js";
import type { History } from "../../src/measure/history.js";
import { formOf, type Violation } from "../../src/measure/outcome.js";
import { liveHistories } from "../../src/run/live-history.js";
import { liveTraceLines } from "../../src/run/live-trace.js";
import type { ScenarioInput } from "../../src/scenario/schema.js";
import { playUntil, RACES, type LiveRun } from "../support/live-run.js";

/** Of every kind that a history ends in: a call, a return, a release, a wait, nothing at all, and time. */
const KINDS = [
  "double-complete",
  "stale-completion",
  "close-twice",
  "stale-close",
  "completion-status",
  "close-return-status",
  "early-release",
  "blocked-wait",
  "cm-leak",
  "context-leak",
  "null-context",
  "open-irql",
  "lost-completion",
];

const scenarioOf = (kind: string): ScenarioInput => ({ ...RACES, faults: [{ kind, rate: 0.05 }] });

function firstOf({ execution }: LiveRun, rule: string): Violation | undefined {
  return execution.outcome.firstOfRules.find((violation) => violation.rule === rule);
}

async function playOne(kind: string): Promise<{ run: LiveRun; violation: Violation; history: History }> {
  const { rule = "" } = faults.find(({ id }) => id === kind) ?? {};
  const run = await playUntil((one) => firstOf(one, rule) !== undefined, scenarioOf(kind));
  const violation = firstOf(run, rule)!;
  const history = liveHistories(run.execution.memory, run.plan, [violation]).get(formOf(violation))!;
  return { run, violation, history };
}

describe("the history of a violation in a live run", () => {
  it.each(KINDS)("is what the trace has of its AF, up to what breaks the rule: %s", async (kind) => {
    const { run, violation, history } = await playOne(kind);
    const lines = [...liveTraceLines(run.execution.memory, run.plan)];
    const handle = `AF#${violation.slot}v${violation.generation}`;
    const last = history.records.at(-1);

    expect(history.records.length).toBeGreaterThan(0);
    for (const record of history.records) expect(JSON.stringify(record)).toBe(lines[record.seq - 1]);
    expect(last?.af ?? handle).toBe(handle);
    const ofLife = lines
      .filter((line) => line.includes(`"${handle}"`))
      .map((line) => JSON.parse(line) as { seq: number });
    const told = new Set(history.records.map(({ seq }) => seq));
    expect(ofLife.filter(({ seq }) => seq <= last!.seq && !told.has(seq))).toEqual([]);
    if (unrecordedBreach(violation.rule) !== undefined || kind === "lost-completion") {
      expect(history.brokenBy).toBe(null);
    } else {
      expect(history.brokenBy).toBe(last?.seq);
      expect(last?.timeNs).toBeGreaterThanOrEqual(violation.tick * run.plan.scenario.tickNs);
    }
  });

  it("names the lane that saw it, which is that of the record that breaks the rule", async () => {
    const { violation, history } = await playOne("completion-status");

    expect(violation.lane).toBeDefined();
    expect(violation.machine).toBe(0);
    expect(history.records.at(-1)?.processor).toBe(violation.lane);
  });

  it("names no lane where it was found when all had ended", async () => {
    const { violation } = await playOne("lost-completion");

    expect(violation).not.toHaveProperty("lane");
  });
});
