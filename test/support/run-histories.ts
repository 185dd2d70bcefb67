import type { History } from "../../src/measure/history.js";
import type { Violation } from "../../src/measure/outcome.js";
import { planHistories } from "../../src/run/history-plan.js";
import { planRun } from "../../src/run/plan.js";
import { runShard } from "../../src/run/shard.js";
import type { Scenario } from "../../src/scenario/scenario.js";
import { kernelModule, runKernel } from "./run-kernel.js";

export interface Recorded {
  readonly violation: Violation;
  readonly history: History;
}

/** Runs a scenario in the kernel, and then the machines again that broke a rule first, for the history of each rule. */
export function runHistories(scenario: Scenario, shards: number | null = null): Recorded[] {
  const { merged } = runKernel(scenario, { shards });
  const plan = planHistories(planRun(scenario, { shards, trace: null }), merged.firstOfRules, merged.machines);
  return plan.shards.flatMap((shard) => {
    const pages = shard.memoryBytes / 65_536;
    const memory = new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true });
    const outcome = runShard({ module: kernelModule(), memory, plan: shard }, () => 0, null);
    return shard.history!.violations.map((violation, index) => ({ violation, history: outcome.histories![index]! }));
  });
}
