import type { ObjectTotals, Totals, Violation } from "../measure/outcome.js";
import type { Scenario } from "../scenario/scenario.js";
import { GENERATION_MAX } from "./draw.js";
import { setUpReference } from "./reference-layout.js";
import { noLatencies, type ReferenceLatencies } from "./reference-ledger.js";
import { ReferenceMachine } from "./reference-machine.js";
import { addObjectTotals, objectTotalsOf } from "./reference-object-totals.js";
import type { CompletionStream } from "./reference-parts.js";
import { seriesOf, type ReferenceSeries } from "./reference-series.js";
import { foldRun } from "./reference-states.js";
import type { TraceRecord } from "./reference-trace.js";

/** The totals of a run. */
export interface ReferenceTotals extends Totals {
  readonly failedOpens: number;
}

/** What the reference model says of one machine. */
export interface ReferenceMachineRun {
  readonly machine: number;
  /** One per call manager, in adapter order. */
  readonly digests: readonly bigint[];
  readonly streams: readonly Readonly<CompletionStream>[];
  readonly peakOpen: number;
  readonly peakPendedCloses: number;
  readonly openAtEnd: number;
  readonly pendedAtEnd: number;
  readonly endTick: number;
  /** After the last warm-up. */
  readonly close: ReferenceLatencies;
  readonly open: ReferenceLatencies;
  readonly refused: number;
  readonly undecided: number;
  /** In the order in which they were found. */
  readonly violations: readonly Violation[];
  readonly warnings: readonly Violation[];
}

/** What the reference model says of a scenario. */
export interface ReferenceRun {
  /** 16 hex digits. */
  readonly digest: string;
  readonly totals: ReferenceTotals;
  /** Null in a scenario without objects. */
  readonly objects: ObjectTotals | null;
  readonly machines: readonly ReferenceMachineRun[];
  /** Of all machines, one after the other. */
  readonly close: ReferenceLatencies;
  readonly open: ReferenceLatencies;
  readonly series: ReferenceSeries;
  /** In (tick, machine) order. */
  readonly violations: readonly Violation[];
  /** What breaks a rule that only warns; likewise. */
  readonly warnings: readonly Violation[];
  /** In (timeNs, machine, seq) order; empty when no trace was asked for. */
  readonly trace: readonly TraceRecord[];
}

function totalsOf({ ledger, tracer, endTick }: ReferenceMachine): ReferenceTotals {
  const { taken } = ledger;
  const synchronousCloses = taken.closedSynchronously;
  const pendedCloses = taken.closePended + taken.completedInline;
  const completions = taken.toldOfClose + taken.pendingReturnedAfterInline;
  const closes = synchronousCloses + pendedCloses;
  const lifecycles = synchronousCloses + completions;
  return {
    events: closes + lifecycles,
    calls: tracer.calls,
    opens: taken.openedSynchronously + taken.toldOfOpen,
    failedOpens: taken.openFailedSynchronously + taken.toldOfFailedOpen,
    closes,
    synchronousCloses,
    pendedCloses,
    completions,
    inlineCompletions: taken.completedInline,
    lifecycles,
    refused: ledger.turnedAway,
    undecided: ledger.undecided,
    virtualTicks: endTick,
  };
}

function addTotals(sum: ReferenceTotals, of: ReferenceTotals): ReferenceTotals {
  const added = Object.fromEntries(
    (Object.keys(sum) as (keyof ReferenceTotals)[]).map((key) => [key, sum[key] + of[key]]),
  ) as unknown as ReferenceTotals;
  return { ...added, virtualTicks: Math.max(sum.virtualTicks, of.virtualTicks) };
}

function joinLatencies(parts: readonly ReferenceLatencies[]): ReferenceLatencies {
  const joined = noLatencies();
  for (const key of Object.keys(joined) as (keyof ReferenceLatencies)[])
    for (const part of parts) for (const ticks of part[key]) joined[key].push(ticks);
  return joined;
}

function describe(machine: ReferenceMachine): ReferenceMachineRun {
  const { ledger, callManagers } = machine;
  return {
    machine: machine.machine,
    digests: callManagers.map((callManager) => callManager.digest),
    streams: callManagers.map((callManager) => callManager.stream),
    peakOpen: ledger.peakOpen,
    peakPendedCloses: ledger.peakPendedCloses,
    openAtEnd: ledger.openNow,
    pendedAtEnd: ledger.pendedClosesNow,
    endTick: machine.endTick,
    close: ledger.close,
    open: ledger.open,
    refused: ledger.turnedAway,
    undecided: ledger.undecided,
    violations: ledger.violations,
    warnings: ledger.warnings,
  };
}

/**
 * Runs a scenario in the reference model: plain and slow, for populations up to about 20,000 AFs.
 * Throws RangeError when a time of the scenario is not a multiple of its tick, and Error when it names a fault that
 * does not exist.
 * @param keepTrace whether to keep trace records; they are counted in any case
 * @param generationMax a slot with this generation is not opened again; tests lower it
 */
export function runReference(scenario: Scenario, keepTrace = true, generationMax = GENERATION_MAX): ReferenceRun {
  const setup = setUpReference(scenario);
  const machines = Array.from(
    { length: scenario.topology.machines },
    (_, machine) => new ReferenceMachine(setup, machine, keepTrace, generationMax),
  );
  for (const machine of machines) machine.run();
  const runs = machines.map(describe);
  return {
    digest: foldRun(runs.flatMap((run) => run.digests)),
    totals: machines.map(totalsOf).reduce(addTotals),
    objects:
      setup.objects === null
        ? null
        : machines.map(({ ledger, slots }) => objectTotalsOf(ledger, slots)).reduce(addObjectTotals),
    machines: runs,
    close: joinLatencies(runs.map((run) => run.close)),
    open: joinLatencies(runs.map((run) => run.open)),
    series: seriesOf(
      scenario,
      machines.map(({ ledger }) => ledger),
    ),
    // Machines stand in order and the sorts are stable, so records of one tick stay in (machine, seq) order.
    violations: runs.flatMap((run) => run.violations).sort((a, b) => a.tick - b.tick),
    warnings: runs.flatMap((run) => run.warnings).sort((a, b) => a.tick - b.tick),
    trace: machines.flatMap((machine) => machine.tracer.records).sort((a, b) => a.timeNs - b.timeNs),
  };
}
