import { createChecker } from "../../src/contract/checker/checker.js";
import type { TraceEvent } from "../../src/contract/checker/event.js";
import type { Verdict } from "../../src/contract/checker/verdict.js";
import { mergeOutcomes } from "../../src/measure/merge.js";
import { checkTotals } from "../../src/measure/totals.js";
import { prepareScenario } from "../../src/modes/scenario-input.js";
import { executeLive, type LiveExecuteOptions, type LiveExecution } from "../../src/pool/lanes.js";
import { liveTraceLines } from "../../src/run/live-trace.js";
import { planLive, type LiveOptions, type LivePlan } from "../../src/run/live-plan.js";
import type { ScenarioInput } from "../../src/scenario/schema.js";
import { AF_BYTES, STATE_BITS, STATE_MASK } from "../../assembly/abi/layout.js";

/** Small, and with everything that lanes can race on: two kinds of call managers, halts that meet closes, opens that fail. */
export const RACES: ScenarioInput = {
  name: "races",
  topology: { machines: 2, adaptersPerMachine: 2, clientsPerAdapter: 4, afs: 64 },
  processors: { count: 2, completionCost: "0ns" },
  callManager: [
    {
      kind: "mcm",
      open: { pend: 0.3, fail: 0.1, service: { exponential: "5us" } },
      close: { pend: 0.8, inline: 0.3, service: { exponential: "20us" } },
    },
    {
      kind: "standalone",
      irql: "PASSIVE_LEVEL",
      open: { pend: 0.3, service: { exponential: "5us" } },
      close: { pend: 0.8, inline: 0.3, service: { exponential: "20us" } },
    },
  ],
  client: { hold: { exponential: "30us" }, think: { exponential: "5us" }, notify: { pend: 0.5 } },
  phases: [{ run: "4ms" }, { halt: { adapters: "all" } }, { drain: "5s" }],
};

export const WAYS: LiveOptions = { lanes: 2, dispatch: "spsc", pace: "free", traced: true };

/** Where the built kernel and worker are: what runs in threads is what is built. */
const BUILT = {
  kernelFile: new URL("../../dist/live.wasm", import.meta.url),
  workerFile: new URL("../../dist/src/pool/live-worker.cjs", import.meta.url),
};

export interface LiveRun {
  readonly plan: LivePlan;
  readonly execution: LiveExecution;
}

/** Plays a scenario; checks that its totals add up. */
export async function playLive(
  value: ScenarioInput,
  ways: Partial<LiveOptions> = {},
  options: LiveExecuteOptions = {},
): Promise<LiveRun> {
  const scenario = await prepareScenario({ value });
  const plan = planLive(scenario, { ...WAYS, ...ways });
  const execution = await executeLive(plan, { ...BUILT, ...options });
  checkTotals(mergeOutcomes([execution.outcome]));
  return { plan, execution };
}

/** Lengths of the run phase: on a busy computer threads may not have begun after the first of them. */
const RUN_MS = [4, 20, 100, 500, 2500];

/** Plays a scenario, whose first phase is a run, for longer and longer until enough has happened. */
export async function playUntil(
  isEnough: (run: LiveRun) => boolean,
  value: ScenarioInput,
  ways: Partial<LiveOptions> = {},
): Promise<LiveRun> {
  for (const ms of RUN_MS) {
    const [, ...rest] = value.phases ?? [];
    const run = await playLive({ ...value, phases: [{ run: `${ms}ms` }, ...rest] }, ways);
    if (isEnough(run)) return run;
  }
  throw new Error("too little has happened");
}

/** A few hundred lifecycles. */
export function isBusy({ execution }: LiveRun): boolean {
  return execution.outcome.totals.lifecycles > 300;
}

/** Rules that the lanes found broken, warnings among them, by rule. */
export function brokenIn({ execution: { outcome } }: LiveRun): Record<string, number> {
  return { ...outcome.violationsByRule, ...outcome.warningsByRule };
}

/** What the checker of traces says to the lanes' merged trace. The run has ended because nothing was left that could happen. */
export function checkTrace({ plan, execution }: LiveRun): Verdict {
  const { scenario } = plan;
  const [machine] = execution.outcome.machines;
  const end = { timeNs: (machine?.endTick ?? 0) * scenario.tickNs, isDrained: true };
  const checker = createChecker({ deadlines: scenario.deadlines, readings: scenario.contract, end: () => end });
  let line = 0;
  for (const text of liveTraceLines(execution.memory, plan)) {
    checker.take({ ...(JSON.parse(text) as Omit<TraceEvent, "line">), line: ++line });
  }
  return checker.end();
}

/** States and generations of the AFs when all is over. */
export function readAfs({ plan, execution }: LiveRun): { readonly state: number; readonly generation: number }[] {
  const view = new DataView(execution.memory.buffer);
  return Array.from({ length: plan.scenario.topology.afs }, (_, slot) => {
    const word = view.getUint32(plan.map.machine.table + slot * AF_BYTES, true);
    return { state: word & STATE_MASK, generation: word >>> STATE_BITS };
  });
}

/** How often a call is made, or returns, in the lanes' merged trace. */
export function countCalls({ plan, execution }: LiveRun, name: string, op: "call" | "return" = "call"): number {
  let count = 0;
  for (const text of liveTraceLines(execution.memory, plan)) {
    const record = JSON.parse(text) as TraceEvent;
    if (record.call === name && record.op === op) count++;
  }
  return count;
}
