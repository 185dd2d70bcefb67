import os from "node:os";
import process from "node:process";
import { RULES, type Rule } from "../contract/rules.js";
import { foldDigest } from "../measure/merge.js";
import { executePlan, RunFailure, type Execution, type RunProgress } from "../pool/pool.js";
import type { Thread } from "../pool/thread.js";
import { allocateMemories, checkMemory, readAvailableBytes, type ShardMemories } from "../pool/shard-memories.js";
import { buildResult } from "../result/build.js";
import type { DescribedScenario, Result, Tool } from "../result/schema.js";
import { afIndexOf } from "../run/place.js";
import { planRun, type RunPlan, type TraceFilter } from "../run/plan.js";
import type { Scenario } from "../scenario/scenario.js";
import type { Histories } from "./histories.js";
import { checkRequest } from "./request-checks.js";

/** Threads that are started at most: so many a processor, but never fewer than the second number. */
const WORKERS_PER_PROCESSOR = 1;
const WORKERS_MIN_CAP = 8;

/** What to run, and on what. */
export interface RunRequest {
  readonly scenario: Scenario;
  readonly describedScenario: DescribedScenario;
  readonly tool: Tool;
  /** Command line that gives the result again: scenario, seed and overrides. */
  readonly command: string;
  /** Null: as many as the plan finds best. */
  readonly shards: number | null;
  /** Threads; null: as many as processors. At most one a shard, and as many as processors or 8, whatever is asked for. */
  readonly workers: number | null;
  /** Times that the same run is made, at least 1. */
  readonly repeat: number;
  readonly trace: { readonly file: string; readonly filter: TraceFilter } | null;
  /** Asks the run to stop; what was done so far is the result. */
  readonly signal?: AbortSignal;
  /** A thread started in advance; it is ended with the first run. */
  readonly thread?: Thread;
  /** Called once, when everything but the trace file is checked and nothing is computed yet: the time to find out whether results can be kept. */
  readonly onChecked?: () => void;
  readonly onProgress?: (progress: RunProgress) => void;
}

export interface RunReport {
  /** Null when the run was stopped before any shard had something to say. */
  readonly result: Result | null;
  /** The signal came before everything that was asked for was done. */
  readonly stopped: boolean;
  readonly traceWritten: boolean;
  /** Why violations lack the histories that led to them; null when they do not. */
  readonly historyProblem: string | null;
  /** Shards that were run again because their worker died. */
  readonly restarted: number;
}

/**
 * Runs a scenario in virtual time: plan, pool, merge, result.
 *
 * @throws InputError when an option is out of bounds, the scenario does not fit the kernel or this computer, or the trace cannot be written
 * @throws RunFailure and other errors when the simulator fails: repetitions that differ, totals that do not add up
 */
export async function run(request: RunRequest): Promise<RunReport> {
  const { scenario, signal, onProgress, thread, trace } = request;
  checkRequest(request, scenario);
  const plan = planRun(scenario, { shards: request.shards, trace: trace && trace.filter });
  const workers = Math.min(threadsOf(request.workers), plan.shards.length);
  checkMemory(plan, workers, readAvailableBytes());
  const memories = allocateMemories(plan);
  request.onChecked?.();
  const executions: Execution[] = [];
  const digests = new Set<string>();
  const isStopped = (): boolean => signal?.aborted === true;
  while (executions.length < request.repeat && !(executions.length > 0 && isStopped())) {
    const execution = await executePlan(plan, {
      workers,
      memories,
      ...(signal && { signal }),
      ...(thread && executions.length === 0 && { thread }),
      ...(onProgress && { onProgress }),
      ...(trace && { traceFile: trace.file }),
    });
    // A repetition that was stopped says nothing that the first run has not said.
    if (execution.complete) digests.add(digestOf(execution));
    // Outcomes are large where there are many clients.
    if (executions.length === 0) executions.push(execution);
    else if (execution.complete) executions.push({ ...execution, outcomes: [] });
  }
  if (digests.size > 1) throw new RunFailure(`repetitions of the same run differ: digests ${[...digests].join(", ")}`);
  const [first] = executions;
  const histories = await findHistories(request, plan, workers, first, memories);
  const isDone =
    executions.length === request.repeat &&
    first?.complete === true &&
    first.traceWritten === (trace !== null) &&
    histories.problem === null;
  return {
    result: first && first.outcomes.length > 0 ? build(request, plan, workers, executions, first, histories) : null,
    stopped: isStopped() && !isDone,
    traceWritten: first?.traceWritten === true,
    historyProblem: histories.problem,
    restarted: executions.reduce((sum, execution) => sum + execution.restarted, 0),
  };
}

/** Its code is loaded here because most runs break nothing. A run that was stopped is to end now. */
async function findHistories(
  { signal, onProgress }: RunRequest,
  plan: RunPlan,
  workers: number,
  first: Execution | undefined,
  memories: ShardMemories,
): Promise<Histories> {
  if (!first?.complete || first.outcomes.every(({ firstOfRules }) => firstOfRules.length === 0))
    return { byForm: new Map(), problem: null };
  const { recordHistories } = await import("./histories.js");
  const options = { workers, ...(signal && { signal }), ...(onProgress && { onProgress }) };
  return recordHistories(plan, first, memories, options);
}

/** More threads than processors only take memory; a few more are useful to see that no result depends on them. */
export function threadsOf(wanted: number | null): number {
  const processors = os.availableParallelism();
  return Math.min(wanted ?? processors, Math.max(WORKERS_MIN_CAP, WORKERS_PER_PROCESSOR * processors));
}

function build(
  request: RunRequest,
  plan: RunPlan,
  workers: number,
  executions: readonly Execution[],
  first: Execution,
  histories: Histories,
): Result {
  const { scenario } = request;
  const rules = new Map<string, Rule>(RULES.map((rule) => [rule.id, rule]));
  return buildResult({
    scenario,
    describedScenario: request.describedScenario,
    outcomes: first.outcomes,
    plan,
    host: {
      runs: executions,
      workers,
      rssBytes: process.resourceUsage().maxRSS * 1024,
      node: process.versions.node,
      cpu: os.cpus()[0]?.model.trim() ?? "unknown",
    },
    tool: request.tool,
    partial: !first.complete,
    rule: (id) => rules.get(id),
    histories: histories.byForm,
    command: request.command,
    reproduce: (violation) =>
      `${request.command} --trace trace.jsonl --trace-af ${afIndexOf(violation, scenario.topology)}`,
  });
}

function digestOf({ outcomes }: Execution): string {
  const machines = outcomes.flatMap((outcome) => outcome.machines);
  return foldDigest(machines.sort((a, b) => a.machine - b.machine));
}
