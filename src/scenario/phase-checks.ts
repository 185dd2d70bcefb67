/** Checks of phases: lengths, and the adapters and clients that they name. */
import { type Check, notOnTick, onTick } from "./check.js";
import { isTimed, lengthNs, type TimedPhase } from "./phases.js";
import type { Phase, Scenario } from "./scenario.js";

const adapterCount = ({ topology }: Scenario) => topology.machines * topology.adaptersPerMachine;

type PointPhase = Exclude<Phase, TimedPhase>;
const KINDS: readonly PointPhase["kind"][] = ["halt", "unbind", "bind"];

/** Rows for a phase that names adapters; they hold for all others. */
function adapterChecks(kind: PointPhase["kind"]): Check<Phase>[] {
  const adaptersOf = (phase: Phase) => (phase.kind === kind ? phase.adapters : null);
  const lastOf = (phase: Phase) => (adaptersOf(phase) ?? []).reduce((last, { to }) => Math.max(last, to), -1);
  const clientsOf = (phase: Phase) => (phase.kind === kind && phase.kind !== "halt" ? phase.clients : null);
  const article = kind === "unbind" ? "an" : "a";
  return [
    {
      at: [[kind, "adapters"]],
      holds: (phase) => adaptersOf(phase)?.length !== 0,
      message: () => `${article} ${kind} needs at least one adapter`,
      suggestion: () => "all",
    },
    {
      at: [
        [kind, "adapters"],
        ["topology", "machines"],
        ["topology", "adaptersPerMachine"],
      ],
      holds: (phase, scenario) => lastOf(phase) < adapterCount(scenario),
      message: (phase, scenario) =>
        `there is no adapter ${lastOf(phase)}: the machines have ${adapterCount(scenario)} adapters together, counted from 0`,
      suggestion: () => "all",
    },
    {
      at: [[kind, "clients"]],
      holds: (phase) => clientsOf(phase)?.length !== 0,
      message: () => `${article} ${kind} needs at least one client`,
      suggestion: () => "all",
    },
  ];
}

export const PHASE_CHECKS: readonly Check<Phase>[] = [
  {
    at: [[]],
    holds: (phase) => !isTimed(phase) || phase.ns > 0,
    message: ({ kind }) => `a ${kind} phase of length 0 does nothing`,
  },
  {
    at: [[], ["tick"]],
    holds: (phase, scenario) => onTick(lengthNs(phase), scenario),
    message: (phase, scenario) => notOnTick(lengthNs(phase), scenario),
  },
  ...KINDS.flatMap(adapterChecks),
];
