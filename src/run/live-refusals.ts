/** What a live run does not play: rows by the part of a scenario that they look at, each with the field's path in that part. */
import { type FaultId, isFaultId, objectFaultIds } from "../contract/faults.js";
import { type Check, refusal, type Refusals } from "../scenario/check.js";
import type { CallManagerProfile, Scenario } from "../scenario/scenario.js";

/** Faults that lanes can commit. */
export const LIVE_FAULTS: ReadonlySet<FaultId> = new Set([
  ...objectFaultIds,
  "double-complete",
  "lost-completion",
  "early-completion",
  "wrong-family",
  "completion-irql",
  "completion-status",
  "stale-completion",
  "close-twice",
  "stale-close",
  "open-irql",
  "lost-open-completion",
  "double-open-complete",
  "open-completion-status",
  "open-self-complete",
  "early-close",
  "null-context",
  "no-unbind",
  "failed-open-close",
  "failed-open-leak",
  "outstanding-close",
  "close-self-complete",
  "early-release",
  "blocked-wait",
  "undrained-completion",
  "context-leak",
  "close-return-status",
  "cm-leak",
  "no-self-complete",
  "forgotten-notify",
  "notify-irql",
  "notify-success",
  "lost-notify-completion",
  "double-notify-completion",
  "saps-first",
  "retry-close",
  "callback-wait",
  "register-late",
  "register-twice",
  "register-irql",
  "forgotten-af",
  "early-close-adapter",
  "close-adapter-irql",
  "notify-wait",
  "early-notify-completion",
  "walk-skips",
  "walk-repeats",
  "cm-early-close-adapter",
  "cm-close-adapter-irql",
]);

/** Adapters of one machine: a place has 16 bits for them. */
const ADAPTERS_MAX = 2 ** 16;
const AFS_MAX = 2 ** 27;

const NOT_SIMULATED = "a live run does not simulate it";

const adapterCount = ({ topology }: Scenario): number => topology.machines * topology.adaptersPerMachine;

const ADAPTER_LIMIT: Check<Scenario> = {
  at: [
    ["topology", "adaptersPerMachine"],
    ["topology", "machines"],
  ],
  holds: (scenario) => adapterCount(scenario) <= ADAPTERS_MAX,
  message: (scenario) =>
    `${adapterCount(scenario)} adapters of all machines are more than a live run's ${ADAPTERS_MAX}`,
};

export const LIVE_REFUSALS: Refusals = {
  profiles: [
    refusal<CallManagerProfile>(["close", "serve"], ({ close }) => close.serve !== null, NOT_SIMULATED),
    refusal<CallManagerProfile>(["close", "coalesce"], ({ close }) => close.coalesce !== null, NOT_SIMULATED),
    refusal<CallManagerProfile>(["habit"], ({ habit }) => habit.length > 0, NOT_SIMULATED),
  ],
  scenario: [
    refusal<Scenario>(["client", "habit"], ({ client }) => client.habit.length > 0, NOT_SIMULATED),
    ADAPTER_LIMIT,
    refusal<Scenario>(
      ["topology", "afs"],
      ({ topology }) => topology.afs > AFS_MAX,
      `a live run has ${AFS_MAX} at most`,
    ),
  ],
  phases: [],
  faults: [
    refusal(["kind"], ({ kind }) => !isFaultId(kind) || !LIVE_FAULTS.has(kind), "a live run cannot commit this fault"),
  ],
};
