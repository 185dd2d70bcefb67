/**
 * The checks across fields of a scenario, each a row: where, what must hold, and what to say when it does not. Ranges of
 * single fields are in the schema.
 */
import { faultOf, isFaultId } from "../contract/faults.js";
import {
  type Check,
  inTicks,
  longest,
  notInTicks,
  notOnTick,
  onTick,
  type Problem,
  probabilityCheck,
  tickChecks,
} from "./check.js";
import type { Path } from "./load.js";
import { meanNs } from "./distribution.js";
import { AFS_PER_MACHINE_MAX, TICKS_MAX } from "./limits.js";
import { OBJECT_CHECKS, OBJECT_PROFILE_CHECKS, objectDistributions } from "./object-checks.js";
import { PHASE_CHECKS } from "./phase-checks.js";
import { virtualNsOf } from "./phases.js";
import type { CallManagerProfile, CountDistribution, Distribution, Fault, Phase, Scenario } from "./scenario.js";
import { nearest } from "./suggest.js";
import { formatCount, formatDuration, quote } from "./units.js";

/** More arrivals than this in a tick of one machine would lose their order in the sampler's 16 binary places. */
const ARRIVALS_PER_TICK_MAX = 256;
/** Clients of one machine are counted one by one. */
const CLIENTS_PER_MACHINE_MAX = 2 ** 24;

const number = (count: number, noun: string) => `${count} ${noun}${count === 1 ? "" : "s"}`;
function deadlineChecks(at: Path, ns: (scenario: Scenario) => number): Check<Scenario>[] {
  return [
    {
      at: [at, ["tick"]],
      holds: (scenario) => ns(scenario) >= scenario.tickNs,
      message: (scenario) =>
        `${formatDuration(ns(scenario))} is shorter than a tick, ${formatDuration(scenario.tickNs)}`,
    },
    {
      at: [at, ["tick"]],
      holds: (scenario) => inTicks(ns(scenario), scenario),
      message: (scenario) => notInTicks(ns(scenario), scenario),
    },
  ];
}

const phaseAfterDrain = (phases: readonly Phase[]) =>
  phases.find(
    ({ kind }, index) =>
      (kind === "run" || kind === "warmup") && phases.slice(0, index).some((earlier) => earlier.kind === "drain"),
  );
const clientsPerMachine = ({ topology }: Scenario) => topology.adaptersPerMachine * topology.clientsPerAdapter;

/** The probability that there is any, where it is that small. */
const rareCount = (counts: CountDistribution) => (counts.kind === "poisson" ? counts.mean : 0);

const SCENARIO_CHECKS: readonly Check<Scenario>[] = [
  probabilityCheck(["client", "outstanding", "vcs"], ({ client }) => rareCount(client.outstanding.vcs)),
  probabilityCheck(["client", "outstanding", "saps"], ({ client }) => rareCount(client.outstanding.saps)),
  probabilityCheck(["client", "wait"], ({ client }) => client.wait),
  probabilityCheck(["client", "notify", "pend"], ({ client }) => client.notify.pend),
  ...OBJECT_CHECKS,
  {
    at: [["name"]],
    holds: ({ name }) => name.trim() !== "",
    message: () => "the name is empty",
  },
  {
    at: [
      ["topology", "afs"],
      ["topology", "machines"],
    ],
    holds: ({ topology }) => topology.afs >= topology.machines,
    message: ({ topology }) =>
      `${number(topology.afs, "AF")} for ${number(topology.machines, "machine")}: each needs one at least; ` +
      `${number(topology.afs, "machine")} would do`,
  },
  {
    at: [
      ["topology", "afs"],
      ["topology", "machines"],
    ],
    holds: ({ topology }) => Math.ceil(topology.afs / topology.machines) <= AFS_PER_MACHINE_MAX,
    message: ({ topology }) =>
      `${formatCount(topology.afs)} AFs are too many for ${number(topology.machines, "machine")}: ` +
      `at most ${AFS_PER_MACHINE_MAX} each; ${Math.ceil(topology.afs / AFS_PER_MACHINE_MAX)} machines would do`,
  },
  {
    at: [
      ["topology", "clientsPerAdapter"],
      ["topology", "adaptersPerMachine"],
    ],
    holds: (scenario) => clientsPerMachine(scenario) <= CLIENTS_PER_MACHINE_MAX,
    message: (scenario) =>
      `${clientsPerMachine(scenario)} clients a machine are too many: at most ${CLIENTS_PER_MACHINE_MAX}`,
  },
  ...tickChecks<Scenario>(["processors", "completionCost"], (scenario) => scenario.processors.completionCostNs),
  ...deadlineChecks(["deadlines", "open"], (scenario) => scenario.deadlines.openNs),
  ...deadlineChecks(["deadlines", "close"], (scenario) => scenario.deadlines.closeNs),
  {
    at: [["callManager"]],
    holds: (scenario) => scenario.callManagers.length > 0,
    message: () => "there must be at least one call manager profile",
  },
  {
    at: [["phases"]],
    holds: (scenario) => scenario.phases.length > 0,
    message: () => "there must be at least one phase",
  },
  {
    at: [["phases"]],
    holds: (scenario) => scenario.phases.some((phase) => phase.kind === "run"),
    message: () => "there must be at least one run phase, such as {run: 10ms}: nothing else is measured",
  },
  {
    at: [["phases"]],
    holds: ({ phases }) =>
      !phases.some(
        (phase, index) => phase.kind === "warmup" && phases.slice(0, index).some(({ kind }) => kind === "run"),
      ),
    message: () => "a warm-up after a run phase would throw away what that run measured",
  },
  {
    at: [["phases"]],
    holds: ({ phases }) => phaseAfterDrain(phases) === undefined,
    message: ({ phases }) =>
      `a ${phaseAfterDrain(phases)?.kind} phase after a drain would stay empty: from the drain on nothing is opened`,
  },
  {
    at: [["phases"], ["tick"]],
    holds: (scenario) => inTicks(virtualNsOf(scenario), scenario),
    message: (scenario) =>
      `together the phases last ${formatDuration(virtualNsOf(scenario))}; at a tick of ${formatDuration(scenario.tickNs)} at most ${longest(scenario)}${fittingTick(virtualNsOf(scenario))}`,
  },
  {
    at: [["client", "arrivals"]],
    holds: (scenario) => scenario.arrivals === null || arrivalsPerTick(scenario) <= ARRIVALS_PER_TICK_MAX,
    message: (scenario) =>
      `${arrivalsPerTick(scenario).toFixed(0)} arrivals in a tick of each machine are too many: at most ${ARRIVALS_PER_TICK_MAX}`,
  },
  {
    at: [["client", "hold"], ["client", "think"], ["callManager"]],
    holds: (scenario) =>
      !scenario.client.reopen ||
      scenario.callManagers.every((profile) => meanLifecycleNs(profile, scenario) >= scenario.tickNs),
    message: (scenario) =>
      `a lifecycle takes less than a tick, ${formatDuration(scenario.tickNs)}, on average: virtual time would hardly go on`,
  },
];

function fittingTick(totalNs: number): string {
  const fitting = [1e3, 1e4, 1e5, 1e6].find((tickNs) => totalNs / tickNs <= TICKS_MAX);
  return fitting === undefined ? "" : `; a tick of ${formatDuration(fitting)} would do`;
}

function arrivalsPerTick({ arrivals, topology, tickNs }: Scenario): number {
  return ((arrivals?.perSecond ?? 0) / topology.machines / 1e9) * tickNs;
}

/** A lower bound of the share of AFs that have a VC or a SAP: 1 - e^-m is at least m / (1 + m). */
function shareWithWork({ outstanding: { vcs, saps } }: Scenario["client"]): number {
  const counts = [vcs, saps];
  if (counts.some((count) => count.kind === "constant" && count.count > 0)) return 1;
  const mean = counts.reduce((sum, count) => sum + (count.kind === "poisson" ? count.mean : 0), 0);
  return mean / (1 + mean);
}

/** Of opens that succeed; without queueing and batches, which may add nothing to it. */
function meanLifecycleNs({ open, close, teardown }: CallManagerProfile, { client, processors }: Scenario): number {
  // A mean can be infinite, and infinitely long with probability 0 is no time.
  const part = (share: number, ns: number) => (share === 0 ? 0 : share * ns);
  const withWork = shareWithWork(client);
  const pendedCloses = withWork + (1 - withWork) * close.pend * (1 - close.inline);
  return (
    meanNs(client.hold) +
    meanNs(client.think) +
    part(open.pend, meanNs(open.service) + processors.completionCostNs) +
    part(withWork, meanNs(teardown.service)) +
    part(pendedCloses, meanNs(close.service) + processors.completionCostNs)
  );
}

type Empirical = Extract<Distribution, { kind: "empirical" }>;
const points = (distribution: Distribution): Empirical["points"] =>
  distribution.kind === "empirical" ? distribution.points : [];

/** Rows for kinds that a distribution is not hold by themselves. */
const DISTRIBUTION_CHECKS: readonly Check<Distribution>[] = [
  {
    at: [["constant"], ["tick"]],
    holds: (distribution, scenario) => distribution.kind !== "constant" || onTick(distribution.ns, scenario),
    message: (distribution, scenario) => (distribution.kind === "constant" ? notOnTick(distribution.ns, scenario) : ""),
  },
  {
    at: [["uniform"]],
    holds: (distribution) => distribution.kind !== "uniform" || distribution.fromNs <= distribution.toNs,
    message: (distribution) =>
      distribution.kind === "uniform"
        ? `from ${formatDuration(distribution.fromNs)} to ${formatDuration(distribution.toNs)} runs backwards`
        : "",
  },
  {
    at: [["empirical"]],
    holds: (distribution) => distribution.kind !== "empirical" || distribution.points.length >= 2,
    message: () => "at least two points are needed, for probability 0 and for 1",
  },
  {
    at: [["empirical"]],
    holds: (distribution) =>
      distribution.kind !== "empirical" || (points(distribution)[0]?.p === 0 && points(distribution).at(-1)?.p === 1),
    message: () => "the first point must be of probability 0 and the last of probability 1",
  },
  {
    at: [["empirical"]],
    holds: (distribution) =>
      points(distribution).every(({ p }, index, all) => index === 0 || p > (all[index - 1]?.p ?? 0)),
    message: () => "the probabilities must rise from point to point",
  },
  {
    at: [["empirical"]],
    holds: (distribution) =>
      points(distribution).every(({ ns }, index, all) => index === 0 || ns >= (all[index - 1]?.ns ?? 0)),
    message: () => "the times must not fall from point to point",
  },
];

const PROFILE_CHECKS: readonly Check<CallManagerProfile>[] = [
  probabilityCheck(["open", "pend"], ({ open }) => open.pend),
  probabilityCheck(["open", "fail"], ({ open }) => open.fail),
  probabilityCheck(["close", "pend"], ({ close }) => close.pend),
  probabilityCheck(["close", "inline"], ({ close }) => close.inline),
  probabilityCheck(["close", "refuse"], ({ close }) => close.refuse),
  ...tickChecks<CallManagerProfile>(["close", "coalesce", "timer"], ({ close }) => close.coalesce?.timerNs ?? 0),
  ...OBJECT_PROFILE_CHECKS,
];

const OWNERS = { cm: "the call manager", client: "the client" } as const;
const ownerOf = ({ kind }: Fault) => (isFaultId(kind) ? faultOf(kind) : undefined);

const FAULT_CHECKS: readonly Check<Fault>[] = [
  probabilityCheck(["rate"], ({ rate }) => rate ?? 0),
  {
    at: [["of"], ["kind"]],
    holds: (fault) => fault.of === undefined || [undefined, fault.of].includes(ownerOf(fault)),
    message: (fault) =>
      `${fault.kind} is a mistake of ${OWNERS[ownerOf(fault) ?? "cm"]}, not of ${OWNERS[fault.of ?? "cm"]}`,
    suggestion: ownerOf,
  },
  {
    at: [["rate"], ["at"]],
    holds: ({ rate, at }) => (rate === null) !== (at === null),
    message: ({ rate }) => `give either rate or at, ${rate === null ? "neither is there" : "not both"}`,
  },
  {
    at: [["at"], ["topology", "afs"]],
    holds: ({ at }, { topology }) => (at ?? []).every((af) => af < topology.afs),
    message: ({ at }, { topology }) =>
      `there is no AF ${(at ?? []).find((af) => af >= topology.afs)}: the ${topology.afs} AFs are counted from 0`,
  },
];

/** Paths of checks that name a field of the whole scenario, not of the check's subject. */
const SHARED_FIELDS = new Set(["tick", "topology"]);

function failing<Subject>(
  checks: readonly Check<Subject>[],
  subject: Subject,
  base: Path,
  scenario: Scenario,
): Problem[] {
  return checks
    .filter((check) => !check.holds(subject, scenario))
    .map((check) => ({
      at: check.at.map((path) => (SHARED_FIELDS.has(String(path[0])) ? path : [...base, ...path])),
      message: check.message(subject, scenario),
      suggestion: check.suggestion?.(subject, scenario),
    }));
}

/**
 * All problems of a scenario whose fields are each valid, the checks of the schema's order first.
 * @param profilePath path of the call manager profile with an index, as the user wrote it.
 * @param faultIds the faults that exist.
 * @param limits what the way to play it asks for beside.
 */
export function findProblems(
  scenario: Scenario,
  profilePath: (index: number) => Path,
  faultIds: readonly string[],
  limits: readonly Check<Scenario>[],
): Problem[] {
  const distributions: [Path, Distribution][] = [
    [["client", "hold"], scenario.client.hold],
    [["client", "think"], scenario.client.think],
    ...scenario.callManagers.flatMap((profile, index): [Path, Distribution][] => [
      [[...profilePath(index), "open", "service"], profile.open.service],
      [[...profilePath(index), "close", "service"], profile.close.service],
      [[...profilePath(index), "teardown", "service"], profile.teardown.service],
    ]),
    ...objectDistributions(scenario, profilePath),
  ];
  const unknownFaults = scenario.faults.map(({ kind }, index): Problem[] =>
    faultIds.includes(kind)
      ? []
      : [
          {
            at: [["faults", index, "kind"]],
            message: `there is no fault ${quote(kind)}`,
            suggestion: nearest(kind, faultIds),
          },
        ],
  );
  return [
    ...distributions.flatMap(([path, distribution]) => failing(DISTRIBUTION_CHECKS, distribution, path, scenario)),
    ...scenario.callManagers.flatMap((profile, index) =>
      failing(PROFILE_CHECKS, profile, profilePath(index), scenario),
    ),
    ...scenario.phases.flatMap((phase, index) => failing(PHASE_CHECKS, phase, ["phases", index], scenario)),
    ...unknownFaults.flat(),
    ...scenario.faults.flatMap((fault, index) => failing(FAULT_CHECKS, fault, ["faults", index], scenario)),
    ...failing([...SCENARIO_CHECKS, ...limits], scenario, [], scenario),
  ];
}
