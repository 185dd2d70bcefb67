/** What a live run does not play: rows by the part of a scenario that they look at, each with the field's path in that part. */
import { type Check, refusal, type Refusals } from "../scenario/check.js";
import type { Scenario } from "../scenario/scenario.js";

/** Adapters of one machine: a place has 16 bits for them. */
const ADAPTERS_MAX = 2 ** 16;
const AFS_MAX = 2 ** 27;

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
  profiles: [],
  scenario: [
    ADAPTER_LIMIT,
    refusal<Scenario>(
      ["topology", "afs"],
      ({ topology }) => topology.afs > AFS_MAX,
      `a live run has ${AFS_MAX} at most`,
    ),
  ],
  phases: [],
  faults: [],
};
