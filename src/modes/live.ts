import os from "node:os";
import process from "node:process";
import { RULES, type Rule } from "../contract/rules.js";
import { executeLive, type LiveExecution } from "../pool/lanes.js";
import type { RunProgress } from "../pool/pool.js";
import { buildResult } from "../result/build.js";
import type { DescribedScenario, Result, ResultLive, Tool } from "../result/schema.js";
import { liveHistories } from "../run/live-history.js";
import { liveTraceLines } from "../run/live-trace.js";
import { planLive, type Dispatch, type LivePlan, type Pace } from "../run/live-plan.js";
import type { Scenario } from "../scenario/scenario.js";

/** What to play, and how. */
export interface LiveRequest {
  readonly scenario: Scenario;
  readonly describedScenario: DescribedScenario;
  readonly tool: Tool;
  /** Command line that plays the same again. */
  readonly command: string;
  /** Null: as many as processors. */
  readonly lanes: number | null;
  readonly dispatch: Dispatch;
  readonly pace: Pace;
  /** Takes the lines of the trace, without newlines; null: no trace is recorded. */
  readonly writeTrace: ((lines: Iterable<string>) => void) | null;
  /** Asks the run to stop; what was done so far is the result. */
  readonly signal?: AbortSignal;
  /** Called once, when everything is checked and nothing has begun. */
  readonly onChecked?: () => void;
  readonly onProgress?: (progress: RunProgress) => void;
}

export interface LiveReport {
  readonly result: Result;
  readonly stopped: boolean;
  /** The trace's buffers were full, and the run was ended for that. */
  readonly traceFull: boolean;
}

/** Lanes where nobody says how many: a lane more than processors only takes time from the others. */
const LANES_DEFAULT_MAX = 8;

/** As many lanes as processors, at most 8. */
export function defaultLanes(): number {
  return Math.min(os.availableParallelism(), LANES_DEFAULT_MAX);
}

/**
 * Plays a scenario with real threads in wall-clock time: plan, lanes, result.
 *
 * @throws InputError when the scenario has no meaning there, or does not fit the memory
 * @throws RunFailure when a lane dies or hangs
 */
export async function live(request: LiveRequest): Promise<LiveReport> {
  const { scenario, signal, onProgress } = request;
  const plan = planLive(scenario, {
    lanes: request.lanes ?? defaultLanes(),
    dispatch: request.dispatch,
    pace: request.pace,
    traced: request.writeTrace !== null,
  });
  request.onChecked?.();
  const execution = await executeLive(plan, { ...(signal && { signal }), ...(onProgress && { onProgress }) });
  request.writeTrace?.(liveTraceLines(execution.memory, plan));
  const stopped = !execution.complete && signal?.aborted === true;
  return { result: build(request, plan, execution), stopped, traceFull: !execution.complete && !stopped };
}

function build(request: LiveRequest, plan: LivePlan, execution: LiveExecution): Result {
  const { scenario, map, horizonTicks } = plan;
  const rules = new Map<string, Rule>(RULES.map((rule) => [rule.id, rule]));
  const shard = { shard: 0, scenario, firstMachine: 0, machineCount: 1, memoryBytes: map.bytes, trace: null };
  return buildResult({
    scenario,
    describedScenario: request.describedScenario,
    outcomes: [execution.outcome],
    plan: { shards: [shard], memoryBytes: map.bytes, horizonTicks },
    host: {
      runs: [execution],
      workers: plan.lanes,
      rssBytes: process.resourceUsage().maxRSS * 1024,
      node: process.versions.node,
      cpu: os.cpus()[0]?.model.trim() ?? "unknown",
    },
    tool: request.tool,
    partial: !execution.complete,
    rule: (id) => rules.get(id),
    histories: plan.traced ? liveHistories(execution.memory, plan, execution.outcome.firstOfRules) : new Map(),
    command: request.command,
    // A live run cannot be run again for a history: it comes from a trace.
    reproduce: () => `${request.command} --trace trace.jsonl`,
    live: describeLive(plan, execution),
  });
}

function describeLive({ lanes, dispatch, pace }: LivePlan, { counts }: LiveExecution): ResultLive {
  return { lanes, dispatch, pace, ...counts };
}
