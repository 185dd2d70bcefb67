/** How large a live run can be: checks beside those that every scenario passes. */
import type { Check } from "../scenario/check.js";
import type { Scenario } from "../scenario/scenario.js";

/** Adapters of one machine: a place has 16 bits for them. */
const ADAPTERS_MAX = 2 ** 16;
/** An event's word has 28 bits for its slot, and 16 bytes an AF fill half of 4 GiB with so many: events and lanes need the rest. */
const AFS_MAX = 2 ** 27;

const adapterCount = ({ topology }: Scenario): number => topology.machines * topology.adaptersPerMachine;

export const LIVE_LIMITS: readonly Check<Scenario>[] = [
  {
    at: [
      ["topology", "adaptersPerMachine"],
      ["topology", "machines"],
    ],
    holds: (scenario) => adapterCount(scenario) <= ADAPTERS_MAX,
    message: (scenario) =>
      `${adapterCount(scenario)} adapters of all machines are more than a live run's ${ADAPTERS_MAX}`,
  },
  {
    at: [["topology", "afs"]],
    holds: ({ topology }) => topology.afs <= AFS_MAX,
    message: ({ topology }) => `${topology.afs} AFs are more than a live run's ${AFS_MAX}`,
  },
];
