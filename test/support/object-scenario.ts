import type { CallManagerObjects, CallManagerProfile, ClientObjects, Scenario } from "../../src/scenario/scenario.js";
import { PLAIN_CALL_MANAGER, PLAIN_CLIENT, PLAIN_OBJECTS, plainScenario, ticks } from "./plain-scenario.js";

/** Nothing on the AFs: calls come 10 ticks after the open or the last one, and last 5; clients answer at once. */
export const NO_OBJECTS: ClientObjects = {
  saps: 0,
  calls: 0,
  incoming: 0,
  parties: 0,
  gap: ticks(10),
  lasts: ticks(5),
  remote: 0,
  answer: { pend: 0, service: ticks(6), reject: 0 },
};

/** What differs from one AF that is open for 100 ticks, with nothing on it. */
export interface ObjectFields {
  readonly objects: Partial<ClientObjects>;
  /** How the call manager serves these. */
  readonly served?: Partial<CallManagerObjects>;
  readonly callManager?: Partial<CallManagerProfile>;
  readonly holdTicks?: number;
  readonly runTicks: number;
  readonly deadlineTicks?: number;
  readonly scenario?: Partial<Scenario>;
}

/** A run of one AF with objects on it, in which all times are constant. */
export function objectScenario({
  objects,
  served = {},
  callManager = {},
  holdTicks = 100,
  runTicks,
  deadlineTicks = 1_000_000,
  scenario = {},
}: ObjectFields): Scenario {
  return plainScenario({
    callManagers: [{ ...PLAIN_CALL_MANAGER, objects: { ...PLAIN_OBJECTS, ...served }, ...callManager }],
    client: { ...PLAIN_CLIENT, hold: ticks(holdTicks), objects: { ...NO_OBJECTS, ...objects } },
    phases: [{ kind: "run", ns: runTicks * 100 }],
    deadlines: { openNs: 12e9, closeNs: deadlineTicks * 100 },
    ...scenario,
  });
}

/** Operations on SAPs that are all pended, for 2 ticks; of calls for 4, of VCs for 1, of parties for 3. */
export const PENDED = {
  sap: { ...PLAIN_OBJECTS.sap, pend: 1 },
  call: { ...PLAIN_OBJECTS.call, pend: 1 },
  vc: { ...PLAIN_OBJECTS.vc, pend: 1 },
  party: { ...PLAIN_OBJECTS.party, pend: 1 },
} as const satisfies CallManagerObjects;
