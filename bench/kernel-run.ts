import { performance } from "node:perf_hooks";

import type { ShardOutcome } from "../src/measure/outcome.js";
import { planRun, type RunPlan } from "../src/run/plan.js";
import { runShard } from "../src/run/shard.js";
import { churnScenario } from "./churn-scenario.js";

const PAGE_BYTES = 0x1_0000;

export interface KernelRun {
  readonly outcome: ShardOutcome;
  /** What the kernel ran in; nobody else holds it. */
  readonly memory: WebAssembly.Memory;
}

/** Plans churn on one machine in one shard. Throws InputError when the population does not fit one kernel. */
export async function planChurn(afs: number, durationMs: number): Promise<RunPlan> {
  return planRun(await churnScenario(afs, 1, durationMs), { shards: 1, trace: null });
}

/** Runs a plan of one shard in this thread, in a fresh memory. Throws when the outcome is not what churn must yield. */
export function runKernel(module: WebAssembly.Module, plan: RunPlan): KernelRun {
  const shard = plan.shards[0]!;
  const pages = Math.ceil(shard.memoryBytes / PAGE_BYTES);
  const memory = new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true });
  const outcome = runShard({ module, memory, plan: shard }, () => performance.now(), null);
  checkChurn(plan, [outcome]);
  return { outcome, memory };
}

/**
 * Checks what any run of churn must yield, so that no figure comes from a run that went wrong: it is whole, breaks no
 * rule, its totals add up, and it has one event an AF and virtual millisecond, which follows from the two means.
 */
export function checkChurn(plan: RunPlan, outcomes: readonly ShardOutcome[]): void {
  const { afs } = plan.scenario.topology;
  const sum = (value: (outcome: ShardOutcome) => number): number =>
    outcomes.reduce((total, outcome) => total + value(outcome), 0);
  const machineSum = (key: "openAtEnd" | "pendedAtEnd"): number =>
    sum((outcome) => outcome.machines.reduce((total, machine) => total + machine[key], 0));
  const live = machineSum("openAtEnd") + machineSum("pendedAtEnd");
  const events = sum(({ totals }) => totals.events);
  const expected = (afs * plan.horizonTicks * plan.scenario.tickNs) / 1e6;
  const problems = [
    [outcomes.every(({ complete }) => complete), "the run is not complete"],
    [
      outcomes.every(({ violationsByRule }) => Object.values(violationsByRule).every((n) => n === 0)),
      "a rule is broken",
    ],
    [live === afs, `${live} AFs are live at the end`],
    [sum(({ totals }) => totals.opens - totals.lifecycles) === live, "opens do not add up"],
    [sum(({ totals }) => totals.closes + totals.completions) === events, "events do not add up"],
    // The count's standard deviation is below sqrt(expected); a run is wrong long before 8 of them.
    [Math.abs(events - expected) < 8 * Math.sqrt(expected) + 1, `${events} events, about ${expected} expected`],
  ] as const;
  for (const [holds, problem] of problems) if (!holds) throw new Error(`churn with ${afs} AFs: ${problem}`);
}
