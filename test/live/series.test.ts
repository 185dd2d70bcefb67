import { describe, expect, it } from "vitest";
import { CALL_CL_CLOSE, CALL_CL_CLOSE_COMPLETE, OP_CALL, OP_CALL_SELF } from "../../assembly/abi/codes.js";
import { LANE_TRACE, LANE_TRACE_END } from "../../assembly/abi/lane-layout.js";
import { MOMENTS_MAX, TRACE_CALL, TRACE_OP, TRACE_RECORD_BYTES, TRACE_TICK } from "../../assembly/abi/layout.js";
import type { SeriesCounts } from "../../src/measure/series.js";
import { DISPATCHES } from "../../src/run/live-plan.js";
import type { ScenarioInput } from "../../src/scenario/schema.js";
import { isBusy, playLive, playUntil, RACES, type LiveRun } from "../support/live-run.js";

function seriesOf({ execution }: LiveRun): SeriesCounts {
  const { series } = execution.outcome;
  if (series === null) throw new Error("no series was recorded");
  return series;
}

type Column = "opens" | "closes" | "completions" | "lifecycles";

function sumOf({ steps }: SeriesCounts, column: Column): number {
  return steps.reduce((sum, step) => sum + step[column], 0);
}

/** Calls that lanes have recorded, by the step to which their stamp belongs. */
function countCalls({ plan, execution }: LiveRun, call: number): number[] {
  const view = new DataView(execution.memory.buffer);
  const { fromTick, stepTicks, steps } = execution.outcome.series!;
  const counts = steps.map(() => 0);
  for (const { header } of plan.map.lanes) {
    const end = view.getUint32(header + LANE_TRACE_END, true);
    for (let at = view.getUint32(header + LANE_TRACE, true); at < end; at += TRACE_RECORD_BYTES) {
      const op = view.getUint8(at + TRACE_OP);
      if ((op !== OP_CALL && op !== OP_CALL_SELF) || view.getUint8(at + TRACE_CALL) !== call) continue;
      const past = view.getUint32(at + TRACE_TICK, true) - fromTick;
      if (past >= 0) counts[Math.floor(past / stepTicks)]!++;
    }
  }
  return counts;
}

describe.each(DISPATCHES)("the series of a live run with %s", (dispatch) => {
  it.each([1, 3])("adds up to the totals, step by step to what the trace says, on %i lanes", async (lanes) => {
    const run = await playUntil(isBusy, RACES, { lanes, dispatch });
    const series = seriesOf(run);
    const { totals, close, machines } = run.execution.outcome;
    const latencies = series.steps.map((step) => step.close);

    for (const column of ["opens", "closes", "completions", "lifecycles"] as const)
      expect(sumOf(series, column), column).toBe(totals[column]);
    expect(series.steps.map(({ lifecycles }) => lifecycles)).toEqual(countCalls(run, CALL_CL_CLOSE_COMPLETE));
    expect(series.steps.map(({ closes }) => closes)).toEqual(countCalls(run, CALL_CL_CLOSE));
    expect([series.steps.at(-1)?.openAtEnd, series.steps.at(-1)?.pendedAtEnd]).toEqual([
      machines[0]?.openAtEnd,
      machines[0]?.pendedAtEnd,
    ]);
    expect(series.steps.every(({ openAtEnd, pendedAtEnd }) => openAtEnd >= 0 && pendedAtEnd >= 0)).toBe(true);
    expect(latencies.map(({ counts }) => counts.reduce((sum, n) => sum + n, 0))).toEqual(
      series.steps.map(({ completions }) => completions),
    );
    expect(latencies.reduce((sum, { sumTicks }) => sum + sumTicks, 0n)).toBe(close.total.sumTicks);
    expect(Math.min(...latencies.map(({ minTicks }) => minTicks))).toBe(close.total.minTicks);
    expect(Math.max(...latencies.map(({ maxTicks }) => maxTicks))).toBe(close.total.maxTicks);
  });
});

describe("the series of a live run", () => {
  const endless: ScenarioInput = { ...RACES, phases: [{ run: "400s" }] };

  it("begins where a warm-up ends, with what is open then", async () => {
    const churn = { ...RACES, callManager: { close: { pend: 1, service: { exponential: "20us" } } } };
    const run = await playLive({ ...churn, phases: [{ warmup: "60ms" }, { run: "64ms" }] });
    const series = seriesOf(run);
    const { totals, close, machines } = run.execution.outcome;

    expect([series.fromTick, series.stepTicks].map((ticks) => ticks * run.plan.scenario.tickNs)).toEqual([60e6, 2e6]);
    expect(series.steps.length).toBeLessThanOrEqual(32);
    expect(sumOf(series, "lifecycles")).toBe(close.total.count);
    expect(sumOf(series, "lifecycles")).toBeLessThan(totals.lifecycles);
    expect(series.steps.at(-1)?.openAtEnd).toBe(machines[0]?.openAtEnd);
  });

  it("has lanes that have nothing to do", async () => {
    const topology = { machines: 1, adaptersPerMachine: 1, clientsPerAdapter: 1, afs: 16 };
    const run = await playUntil(
      ({ execution }) => execution.outcome.totals.lifecycles > 0,
      { ...RACES, topology },
      { lanes: 4 },
    );

    expect(sumOf(seriesOf(run), "lifecycles")).toBe(run.execution.outcome.totals.lifecycles);
  });

  it("has longer steps, and no fewer counts, the longer a drain takes", async () => {
    // The last completions come 300 ms after the run, which has steps of 62.5 us.
    const slow: ScenarioInput = {
      ...RACES,
      callManager: { close: { pend: 1, service: { uniform: { from: "100ms", to: "300ms" } } } },
      client: { hold: { constant: "10us" } },
      phases: [{ run: "2ms" }, { drain: "20s" }],
    };
    const hasClosed = ({ execution }: LiveRun): boolean => execution.outcome.totals.lifecycles > 0;
    const run = await playUntil(hasClosed, slow, { pace: "wall", traced: false });
    const series = seriesOf(run);

    expect(series.steps.length).toBeGreaterThan(MOMENTS_MAX / 2 - 1);
    expect(series.steps.length).toBeLessThanOrEqual(MOMENTS_MAX);
    expect(sumOf(series, "lifecycles")).toBe(run.execution.outcome.totals.lifecycles);
    expect(series.steps.length * series.stepTicks * run.plan.scenario.tickNs).toBeGreaterThan(100e6);
  });

  it("has what was done so far when it is stopped", async () => {
    const stopping = new AbortController();
    const run = await playLive(
      endless,
      { traced: false },
      { signal: stopping.signal, onProgress: ({ events }) => events > 0 && stopping.abort() },
    );

    expect(run.execution.complete).toBe(false);
    expect(sumOf(seriesOf(run), "lifecycles")).toBe(run.execution.outcome.totals.lifecycles);
  });
});
