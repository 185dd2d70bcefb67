import type { Scenario } from "../scenario/scenario.js";
import type { ReferenceLatencies } from "./reference-ledger.js";
import { toTicks } from "./reference-layout.js";
import type { TransitionName } from "./reference-states.js";

/** A transition that took place, and what the machine had after it. */
export interface Moment {
  readonly tick: number;
  readonly name: TransitionName;
  readonly open: number;
  readonly pendedCloses: number;
}

/** What the series of a run is made of, machine by machine. */
export interface MachinePast {
  readonly moments: readonly Moment[];
  readonly close: ReferenceLatencies;
}

export interface ReferenceStep {
  opens: number;
  closes: number;
  completions: number;
  lifecycles: number;
  openAtEnd: number;
  pendedAtEnd: number;
  /** Of the closes of which a client was told, in ticks. */
  readonly latencies: number[];
}

export interface ReferenceSeries {
  readonly fromTick: number;
  readonly stepTicks: number;
  readonly steps: readonly ReferenceStep[];
}

const STEPS_PLANNED = 32;
const STEPS_MAX = 64;

const COUNTED: Readonly<Partial<Record<TransitionName, "opens" | "closes" | "completions">>> = {
  openedSynchronously: "opens",
  toldOfOpen: "opens",
  closedSynchronously: "closes",
  closePended: "closes",
  completedInline: "closes",
  toldOfClose: "completions",
  pendingReturnedAfterInline: "completions",
};
const ENDS: readonly TransitionName[] = ["closedSynchronously", "toldOfClose", "pendingReturnedAfterInline"];

function endOfPhases(scenario: Scenario, count: number): number {
  const timed = scenario.phases.slice(0, count).map((phase) => ("ns" in phase ? phase.ns : 0));
  return timed.reduce((sum, ns) => sum + toTicks(ns, scenario.tickNs), 0);
}

/** The series of a run (MODEL.md, "Time series"). */
export function seriesOf(scenario: Scenario, machines: readonly MachinePast[]): ReferenceSeries {
  const { phases } = scenario;
  const kinds = phases.map(({ kind }) => kind);
  const fromTick = endOfPhases(scenario, kinds.lastIndexOf("warmup") + 1);
  const horizon = endOfPhases(scenario, phases.length);
  const firstDrain = kinds.includes("drain") ? endOfPhases(scenario, kinds.indexOf("drain")) : horizon;
  const planned = (firstDrain > fromTick ? firstDrain : horizon) - fromTick;
  let stepTicks = Math.max(1, Math.ceil(planned / STEPS_PLANNED));
  const stepAt = (tick: number): number => Math.floor((Math.min(tick, horizon - 1) - fromTick) / stepTicks);
  const lastTick = machines
    .flatMap(({ moments }) => moments.findLast(({ name }) => name in COUNTED)?.tick ?? [])
    .reduce((last, tick) => Math.max(last, tick), fromTick);
  while (stepAt(lastTick) >= STEPS_MAX) stepTicks *= 2;
  const count = Math.max(1, stepAt(lastTick) + 1);
  const steps = Array.from({ length: count }, (): ReferenceStep => {
    return { opens: 0, closes: 0, completions: 0, lifecycles: 0, openAtEnd: 0, pendedAtEnd: 0, latencies: [] };
  });
  for (const { moments, close } of machines) {
    let next = 0;
    let [open, pendedCloses] = [0, 0];
    steps.forEach((step, index) => {
      for (let moment = moments[next]; moment && stepAt(moment.tick) <= index; moment = moments[++next]) {
        ({ open, pendedCloses } = moment);
        if (moment.tick < fromTick) continue;
        const counted = COUNTED[moment.name];
        if (counted) step[counted]++;
        if (ENDS.includes(moment.name)) step.lifecycles++;
      }
      step.openAtEnd += open;
      step.pendedAtEnd += pendedCloses;
    });
    close.told.forEach((tick, index) => steps[stepAt(tick)]!.latencies.push(close.total[index]!));
  }
  return { fromTick, stepTicks, steps };
}
