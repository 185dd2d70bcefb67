/** A resolved scenario in the shape that users write; `resolveScenario` reads it back to the same scenario. */
import type {
  BindingRanges,
  CallManagerProfile,
  ClientObjects,
  CountDistribution,
  Distribution,
  Fault,
  NumberRange,
  Operation,
  Phase,
  Scenario,
} from "./scenario.js";
import type { ScenarioInput } from "./schema.js";
import { formatDuration, formatRate } from "./units.js";

type ProfileInput = Exclude<NonNullable<ScenarioInput["callManager"]>, unknown[]>;
type DistributionInput = NonNullable<NonNullable<ScenarioInput["client"]>["hold"]>;
type PhaseInput = NonNullable<ScenarioInput["phases"]>[number];
type FaultInput = NonNullable<ScenarioInput["faults"]>[number];

/** Writes a scenario out in full: every field, durations as text, counts as numbers. It is what `result.scenario` holds. */
export function describeScenario(scenario: Scenario): ScenarioInput {
  const { client, arrivals, callManagers, processors, deadlines } = scenario;
  const profiles = callManagers.map(describeProfile);
  return {
    name: scenario.name,
    description: scenario.description,
    seed: scenario.seed,
    tick: formatDuration(scenario.tickNs),
    topology: { ...scenario.topology },
    processors: {
      count: processors.count,
      dpcBudget: processors.dpcBudget,
      completionCost: formatDuration(processors.completionCostNs),
    },
    callManager: profiles.length === 1 && profiles[0] !== undefined ? profiles[0] : profiles,
    client: {
      hold: describeDistribution(client.hold),
      think: describeDistribution(client.think),
      ...(arrivals === null
        ? { reopen: client.reopen }
        : {
            arrivals:
              arrivals.kind === "poisson"
                ? { poisson: formatRate(arrivals.perSecond) }
                : { constant: formatRate(arrivals.perSecond) },
          }),
      wait: client.wait,
      notify: { ...client.notify },
      habit: [...client.habit],
      outstanding: { vcs: describeCount(client.outstanding.vcs), saps: describeCount(client.outstanding.saps) },
      objects: client.objects === null ? null : describeObjects(client.objects),
    },
    contract: { ...scenario.contract },
    deadlines: { open: formatDuration(deadlines.openNs), close: formatDuration(deadlines.closeNs) },
    phases: scenario.phases.map(describePhase),
    faults: scenario.faults.map(describeFault),
    thresholds: scenario.thresholds.map(({ text }) => text),
  };
}

function describeProfile(profile: CallManagerProfile): ProfileInput {
  const { kind, weight, irql, open, close, teardown, notify, objects, habit } = profile;
  return {
    kind,
    weight,
    irql,
    open: { pend: open.pend, fail: open.fail, service: describeDistribution(open.service) },
    close: {
      pend: close.pend,
      inline: close.inline,
      refuse: close.refuse,
      service: describeDistribution(close.service),
      serve: close.serve === null ? null : { ...close.serve },
      coalesce:
        close.coalesce === null ? null : { count: close.coalesce.count, timer: formatDuration(close.coalesce.timerNs) },
    },
    teardown: { service: describeDistribution(teardown.service) },
    notify: { ...notify },
    objects: {
      sap: describeOperation(objects.sap),
      call: { ...describeOperation(objects.call), fail: objects.call.fail },
      vc: describeOperation(objects.vc),
      party: describeOperation(objects.party),
    },
    habit: [...habit],
  };
}

function describeObjects(objects: ClientObjects) {
  const { saps, calls, incoming, parties, gap, lasts, remote, answer } = objects;
  return {
    saps,
    calls,
    incoming,
    parties,
    gap: describeDistribution(gap),
    lasts: describeDistribution(lasts),
    remote,
    answer: { ...describeOperation(answer), reject: answer.reject },
  };
}

function describeOperation({ pend, service }: Operation) {
  return { pend, service: describeDistribution(service) };
}

function describeDistribution(distribution: Distribution): DistributionInput {
  switch (distribution.kind) {
    case "constant":
      return { constant: formatDuration(distribution.ns) };
    case "uniform":
      return { uniform: { from: formatDuration(distribution.fromNs), to: formatDuration(distribution.toNs) } };
    case "exponential":
      return { exponential: formatDuration(distribution.meanNs) };
    case "lognormal":
      return { lognormal: { mean: formatDuration(distribution.meanNs), sigma: distribution.sigma } };
    case "pareto":
      return { pareto: { min: formatDuration(distribution.minNs), alpha: distribution.alpha } };
    case "empirical":
      return { empirical: distribution.points.map(({ p, ns }): [number, string] => [p, formatDuration(ns)]) };
  }
}

function describeCount(count: CountDistribution): number | { poisson: number } {
  return count.kind === "constant" ? count.count : { poisson: count.mean };
}

function describePhase(phase: Phase): PhaseInput {
  switch (phase.kind) {
    case "warmup":
      return { warmup: formatDuration(phase.ns) };
    case "run":
      return { run: formatDuration(phase.ns) };
    case "halt":
      return { halt: { adapters: describeRanges(phase.adapters) } };
    case "unbind":
      return { unbind: describeBindings(phase) };
    case "bind":
      return { bind: describeBindings(phase) };
    case "drain":
      return { drain: formatDuration(phase.ns) };
  }
}

const describeRanges = (ranges: readonly NumberRange[]): (number | string)[] =>
  ranges.map(({ from, to }) => (from === to ? from : `${from}-${to}`));

const describeBindings = ({ adapters, clients }: BindingRanges) => ({
  adapters: describeRanges(adapters),
  clients: describeRanges(clients),
});

function describeFault({ kind, rate, at, of }: Fault): FaultInput {
  return {
    kind,
    ...(rate === null ? {} : { rate }),
    ...(at === null ? {} : { at: [...at] }),
    ...(of === undefined ? {} : { of }),
  };
}
