import { DEFAULT_READINGS } from "../../src/scenario/readings.js";
import type {
  CallManagerObjects,
  CallManagerProfile,
  ClientProfile,
  Distribution,
  Scenario,
} from "../../src/scenario/scenario.js";

/** A constant time of so many ticks of 100 ns. */
export function ticks(count: number): Distribution {
  return { kind: "constant", ns: count * 100 };
}

/** Every operation on a SAP, VC, call or party is synchronous, and no call fails. */
export const PLAIN_OBJECTS: CallManagerObjects = {
  sap: { pend: 0, service: ticks(2) },
  call: { pend: 0, service: ticks(4), fail: 0 },
  vc: { pend: 0, service: ticks(1) },
  party: { pend: 0, service: ticks(3) },
};

/** An MCM that opens synchronously and pends every close for 20 ticks, without servers or batches. */
export const PLAIN_CALL_MANAGER: CallManagerProfile = {
  kind: "mcm",
  weight: 1,
  irql: "DISPATCH_LEVEL",
  open: { pend: 0, fail: 0, service: ticks(7) },
  close: { pend: 1, inline: 0, refuse: 0, service: ticks(20), serve: null, coalesce: null },
  teardown: { service: ticks(3) },
  notify: { closing: false },
  objects: PLAIN_OBJECTS,
  habit: [],
};

/** A client that holds for 10 ticks, thinks for 5 and opens again; it never waits, and has no work on its AFs. */
export const PLAIN_CLIENT: ClientProfile = {
  hold: ticks(10),
  think: ticks(5),
  reopen: true,
  wait: 0,
  notify: { pend: 0 },
  habit: [],
  outstanding: { vcs: { kind: "constant", count: 0 }, saps: { kind: "constant", count: 0 } },
  objects: null,
};

/** One machine, adapter, client and AF; hold 10 ticks, think 5, one run of 100 ticks: nothing is left to chance. */
export const PLAIN_SCENARIO: Scenario = {
  name: "plain",
  description: "Constant times, to be worked out by hand.",
  seed: 1,
  tickNs: 100,
  topology: { machines: 1, adaptersPerMachine: 1, clientsPerAdapter: 1, afs: 1 },
  processors: { count: 1, dpcBudget: 64, completionCostNs: 0 },
  callManagers: [PLAIN_CALL_MANAGER],
  client: PLAIN_CLIENT,
  arrivals: null,
  contract: DEFAULT_READINGS,
  deadlines: { openNs: 12e9, closeNs: 12e9 },
  phases: [{ kind: "run", ns: 10_000 }],
  faults: [],
  thresholds: [],
};

/** Records, two for each call, that its MCM and client leave in a trace before the first open: frames 1 to 5. */
export const START_RECORDS = 10;

/** The plain scenario with some of its fields replaced, and its call manager's. */
export function plainScenario(
  fields: Partial<Scenario>,
  open: Partial<CallManagerProfile["open"]> = {},
  close: Partial<CallManagerProfile["close"]> = {},
  callManager: Partial<CallManagerProfile> = {},
): Scenario {
  const profile = {
    ...PLAIN_CALL_MANAGER,
    ...callManager,
    open: { ...PLAIN_CALL_MANAGER.open, ...open },
    close: { ...PLAIN_CALL_MANAGER.close, ...close },
  };
  return { ...PLAIN_SCENARIO, callManagers: [profile], ...fields };
}
