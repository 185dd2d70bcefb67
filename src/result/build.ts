import type { Rule } from "../contract/rules.js";
import type { PhasedLatency } from "../measure/counts.js";
import { foldDigest, mergeOutcomes, type MergedOutcome } from "../measure/merge.js";
import type { History } from "../measure/history.js";
import { summarizeLatency } from "../measure/percentiles.js";
import { checkTotals } from "../measure/totals.js";
import { formOf, type ShardOutcome, type Violation } from "../measure/outcome.js";
import { adapterOf } from "../run/place.js";
import { afCountOf, type RunPlan } from "../run/plan.js";
import { measuredFromNs } from "../scenario/phases.js";
import type { Scenario } from "../scenario/scenario.js";
import { groupCounts } from "./groups.js";
import { buildSeries } from "./series.js";
import {
  SCHEMA_VERSION,
  type DescribedScenario,
  type HostRun,
  type PartialRun,
  type Result,
  type ResultHost,
  type ResultLatency,
  type ResultLive,
  type ResultOrdering,
  type ResultViolation,
  type RuleCounts,
  type Tool,
  type WorstClient,
} from "./schema.js";
import { evaluateThresholds, type JudgedResult } from "./thresholds.js";

/** Wall times of one run, in milliseconds. */
export interface RunTimes {
  /** From the start to the end of the run. */
  readonly wallMs: number;
  /** Until all memories were set up and touched. */
  readonly setupMs: number;
  /** In the kernels after that, until the last shard had ended. */
  readonly kernelMs: number;
}

/** What the caller measured on this computer. */
export interface HostFigures {
  /** In the order of the runs; more than one with `--repeat`. */
  readonly runs: readonly RunTimes[];
  readonly workers: number;
  readonly rssBytes: number;
  readonly node: string;
  readonly cpu: string;
}

export interface BuildInput {
  readonly scenario: Scenario;
  readonly describedScenario: DescribedScenario;
  /** Of all shards of one run, in any order. */
  readonly outcomes: readonly ShardOutcome[];
  readonly plan: Pick<RunPlan, "shards" | "memoryBytes" | "horizonTicks">;
  readonly host: HostFigures;
  readonly tool: Tool;
  /** The run was stopped early. */
  readonly partial: boolean;
  /** The rule with this id; undefined when there is no such rule. */
  readonly rule: (id: string) => Pick<Rule, "text" | "source"> | undefined;
  /** What led to the first violation of a rule, by rule. */
  readonly histories: ReadonlyMap<string, History>;
  /** Command line that gives the result again: scenario, seed and overrides, nothing about shards or workers. */
  readonly command: string;
  /** Command line that shows a violation again. */
  readonly reproduce: (violation: Violation) => string;
  /** Only of a live run, whose order, and so its digest, is the machine's. */
  readonly live?: ResultLive;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

function ratio(part: number, whole: number): number | null {
  return whole === 0 ? null : part / whole;
}

function buildLatency(latency: PhasedLatency, tickNs: number): ResultLatency {
  return {
    ...summarizeLatency(latency.total, tickNs),
    phases: {
      requestToCompletion: summarizeLatency(latency.requestToCompletion, tickNs),
      completionToClient: summarizeLatency(latency.completionToClient, tickNs),
    },
  };
}

function isWorse(client: WorstClient, than: WorstClient | null): boolean {
  if (than === null) return true;
  return client.reorderedRatio === than.reorderedRatio
    ? client.completions > than.completions
    : client.reorderedRatio > than.reorderedRatio;
}

/** Of clients with at least one completion. There may be millions: none of them becomes an object but the worst so far. */
function buildPerClient({ machines, ordering }: MergedOutcome): ResultOrdering["perClient"] {
  const { clientCompletions, clientReordered } = ordering;
  const perMachine = clientCompletions.length / machines.length;
  const ratios = new Float64Array(clientCompletions.length);
  let clients = 0;
  let worst: WorstClient | null = null;
  for (const [index, { machine }] of machines.entries()) {
    for (let client = 0; client < perMachine; client++) {
      const completions = clientCompletions[index * perMachine + client] ?? 0;
      if (completions === 0) continue;
      const reorderedRatio = (clientReordered[index * perMachine + client] ?? 0) / completions;
      ratios[clients++] = reorderedRatio;
      if (worst !== null && reorderedRatio < worst.reorderedRatio) continue;
      const candidate = { machine, client, reorderedRatio, completions };
      if (isWorse(candidate, worst)) worst = candidate;
    }
  }
  const sorted = ratios.subarray(0, clients).sort();
  return { clients, medianReorderedRatio: sorted[Math.floor((clients - 1) / 2)] ?? null, worst };
}

function buildOrdering(outcome: MergedOutcome): ResultOrdering {
  const counts = outcome.ordering;
  const inversions = Number(counts.inversions);
  const pairs = Number(counts.pairs);
  return {
    completions: counts.completions,
    reordered: counts.reordered,
    reorderedRatio: ratio(counts.reordered, counts.completions),
    maxExtent: counts.maxExtent,
    beyondWindow: counts.beyondWindow,
    windowCompletions: counts.extents.length,
    windows: counts.windows,
    extents: groupCounts(counts.extents, 0),
    nReordering: groupCounts(counts.nReordering, 0),
    nBeyondWindow: counts.nBeyondWindow,
    density: groupCounts(counts.density, (counts.density.length - 1) / 2),
    inversions,
    pairs,
    inversionRatio: ratio(inversions, pairs),
    perClient: buildPerClient(outcome),
  };
}

function buildRuleCounts(byRule: Readonly<Record<string, number>>): RuleCounts {
  return { total: sum(Object.values(byRule)), byRule };
}

/** The earliest violations, and of every rule that is not among them the first; all in order. */
function selectFirst(merged: MergedOutcome): Violation[] {
  const shown = new Set(merged.firstViolations.map(({ rule }) => rule));
  const others = merged.firstOfRules.filter((one) => !isWarning(one, merged) && !shown.has(one.rule));
  return [...merged.firstViolations, ...others];
}

function isWarning({ rule, warningForm }: Violation, { violationsByRule }: MergedOutcome): boolean {
  return warningForm === true || !(rule in violationsByRule);
}

function placeViolations(violations: readonly Violation[], input: BuildInput): ResultViolation[] {
  const forms = new Set<string>();
  return violations.map((violation) => {
    const placed = placeViolation(violation, input);
    const form = formOf(violation);
    const history = forms.has(form) ? undefined : input.histories.get(form);
    forms.add(form);
    if (history === undefined) return placed;
    return { ...placed, brokenBy: history.brokenBy, leftOut: history.leftOut, history: history.records };
  });
}

function placeViolation(violation: Violation, input: BuildInput): ResultViolation {
  const { rule, tick, machine, slot, generation } = violation;
  return {
    rule,
    timeNs: tick * input.scenario.tickNs,
    machine,
    adapter: adapterOf(violation, input.scenario.topology),
    ...(violation.lane === undefined ? {} : { lane: violation.lane }),
    af: generation === 0 ? null : `AF#${slot}v${generation}`,
    text: input.rule(rule)?.text ?? rule,
    source: input.rule(rule)?.source ?? [],
    reproduce: input.reproduce(violation),
  };
}

function buildRun(times: RunTimes, events: number): HostRun {
  return {
    wallMs: times.wallMs,
    setupMs: times.setupMs,
    eventsPerSecond: times.kernelMs > 0 ? events / (times.kernelMs / 1e3) : 0,
    nsPerEvent: events > 0 ? (times.kernelMs * 1e6) / events : 0,
  };
}

function buildHost({ host, plan, scenario }: BuildInput, events: number): ResultHost {
  const runs = host.runs.map((times) => buildRun(times, events));
  const bySpeed = runs.toSorted((a, b) => a.eventsPerSecond - b.eventsPerSecond);
  const typical = bySpeed[Math.floor((runs.length - 1) / 2)];
  if (typical === undefined) throw new Error("internal error: a result needs the times of at least one run");
  return {
    ...typical,
    workers: host.workers,
    shards: plan.shards.length,
    memoryBytes: plan.memoryBytes,
    bytesPerAf: plan.memoryBytes / scenario.topology.afs,
    rssBytes: host.rssBytes,
    node: host.node,
    cpu: host.cpu,
    ...(runs.length > 1 ? { runs } : {}),
  };
}

function buildPartial({ outcomes, plan, scenario: { topology } }: BuildInput): PartialRun {
  const started = outcomes.flatMap(({ shard }) => plan.shards[shard] ?? []);
  // A machine whose drain ended early has come to its end.
  const ticks = outcomes.flatMap(({ complete, machines }) =>
    machines.map(({ endTick }) => (complete ? plan.horizonTicks : endTick)),
  );
  return {
    done: sum(ticks) / (topology.machines * plan.horizonTicks),
    shards: plan.shards.length,
    shardsStarted: outcomes.length,
    shardsDone: outcomes.filter(({ complete }) => complete).length,
    machines: topology.machines,
    machinesStarted: sum(started.map(({ machineCount }) => machineCount)),
    afs: topology.afs,
    afsStarted: sum(started.map(afCountOf)),
  };
}

/**
 * Builds the result of a run from the outcomes of its shards, after checking that they add up. Everything but `host` depends
 * on the scenario alone, not on how it was run.
 * @throws Error (internal) when the totals do not add up
 */
export function buildResult(input: BuildInput): Result {
  const { scenario } = input;
  const merged = mergeOutcomes(input.outcomes);
  checkTotals(merged);
  const { virtualTicks, ...totals } = merged.totals;
  const virtualNs = virtualTicks * scenario.tickNs;
  const machineSum = (field: "peakOpen" | "peakPendedCloses" | "openAtEnd" | "pendedAtEnd"): number =>
    sum(merged.machines.map((machine) => machine[field]));
  const judged: JudgedResult = {
    schemaVersion: SCHEMA_VERSION,
    tool: input.tool,
    mode: input.live ? "live" : "run",
    ...(input.partial || !merged.complete ? { partial: buildPartial(input) } : {}),
    scenario: input.describedScenario,
    seed: scenario.seed,
    ...(input.live ? {} : { digest: foldDigest(merged.machines) }),
    command: input.command,
    totals: { ...totals, virtualNs, measuredFromNs: Math.min(measuredFromNs(scenario), virtualNs) },
    afs: {
      configured: scenario.topology.afs,
      peakOpen: machineSum("peakOpen"),
      peakPendedCloses: machineSum("peakPendedCloses"),
      openAtEnd: machineSum("openAtEnd"),
      pendedAtEnd: machineSum("pendedAtEnd"),
    },
    objects: merged.objects,
    latency: {
      close: buildLatency(merged.close, scenario.tickNs),
      open: buildLatency(merged.open, scenario.tickNs),
    },
    ordering: buildOrdering(merged),
    series: buildSeries(merged.series, virtualTicks, scenario.tickNs),
    violations: {
      ...buildRuleCounts(merged.violationsByRule),
      first: placeViolations(selectFirst(merged), input),
    },
    warnings: {
      ...buildRuleCounts(merged.warningsByRule),
      first: placeViolations(
        merged.firstOfRules.filter((one) => isWarning(one, merged)),
        input,
      ),
    },
  };
  return {
    ...judged,
    thresholds: evaluateThresholds(scenario.thresholds, judged),
    host: buildHost(input, totals.events),
    ...(input.live && { live: input.live }),
  };
}
