import { mergeFirstOfRules } from "../measure/merge.js";
import type { History } from "../measure/history.js";
import { formOf, type Violation } from "../measure/outcome.js";
import { executePlan, RunFailure, type ExecuteOptions, type Execution } from "../pool/pool.js";
import { lendMemories, type ShardMemories } from "../pool/shard-memories.js";
import { planHistories } from "../run/history-plan.js";
import type { RunPlan } from "../run/plan.js";

/** What led to the first violation of each rule and of its warning form, by formOf. */
export interface Histories {
  readonly byForm: ReadonlyMap<string, History>;
  /** Why there is not one for every rule; null when nothing is the matter. */
  readonly problem: string | null;
}

/**
 * Runs the machines again on which rules were first broken, with a trace of the AFs concerned, in the memories of the run that is
 * over. A problem, other than a machine that does not do the same again, costs histories and not the result.
 *
 * @param execution of the whole plan
 * @throws RunFailure when a machine does not break the rule again
 */
export async function recordHistories(
  plan: RunPlan,
  { outcomes }: Execution,
  memories: ShardMemories,
  options: Pick<ExecuteOptions, "workers" | "signal" | "onProgress">,
): Promise<Histories> {
  const machines = outcomes.flatMap((outcome) => outcome.machines);
  const again = planHistories(plan, mergeFirstOfRules(outcomes), machines);
  const byForm = new Map<string, History>();
  if (again.shards.length === 0) return { byForm, problem: null };
  let execution: Execution;
  try {
    const lent = lendMemories(memories, plan, again);
    execution = await executePlan(again, { ...options, memories: lent, step: "history" });
  } catch (error) {
    return { byForm, problem: error instanceof Error ? error.message : String(error) };
  }
  if (!execution.complete) return { byForm, problem: "the run was stopped" };
  for (const { shard, histories = [], firstOfRules } of execution.outcomes) {
    again.shards[shard]?.history?.violations.forEach((violation, index) => {
      checkSame(violation, firstOfRules);
      byForm.set(formOf(violation), histories[index]!);
    });
  }
  return { byForm, problem: null };
}

function checkSame(violation: Violation, again: readonly Violation[]): void {
  const found = again.find((one) => formOf(one) === formOf(violation));
  const place = ({ tick, slot, generation }: Violation): string => `tick ${tick}, AF#${slot}v${generation}`;
  if (found && place(found) === place(violation)) return;
  throw new RunFailure(
    `machine ${violation.machine} broke ${violation.rule} at ${place(violation)}; ` +
      `run again alone it did ${found ? `at ${place(found)}` : "not"}`,
  );
}
