import type { OBJECT_FAULTS } from "../../src/contract/object-faults.js";
import { type Entry, type Example, FAILURE, NOT_ACCEPTED, PENDING } from "./fault-example.js";
import { objectScenario, PENDED } from "./object-scenario.js";

const TWO_CLIENTS = { machines: 1, adaptersPerMachine: 1, clientsPerAdapter: 2, afs: 2 } as const;
const OPEN: Entry = [0, 1, 1, "open"];

/** One SAP, whose registration and deregistration take 2 ticks each. */
const sap = (runTicks: number, fields: { holdTicks?: number; deadlineTicks?: number } = {}) =>
  objectScenario({ objects: { saps: 1 }, served: { sap: PENDED.sap }, runTicks, ...fields });

/** One outgoing call, which is made at tick 10. */
const call = (fields: Omit<Parameters<typeof objectScenario>[0], "objects" | "runTicks"> = {}, runTicks = 18) =>
  objectScenario({ objects: { calls: 1 }, runTicks, ...fields });
/** One that is made and closed at once. */
const CALL: Readonly<Record<"made" | "connected" | "closed" | "deleted", Entry>> = {
  made: [10, 1, 136, "vc created"],
  connected: [10, 1, 139, "vc connected"],
  closed: [15, 1, 143, "vc closed"],
  deleted: [15, 1, 147, "vc vacant"],
};
/** One whose make-call and close-call take 4 ticks each. */
const pendedCall = (runTicks: number, deadlineTicks = 1_000) =>
  call({ served: { call: PENDED.call }, deadlineTicks }, runTicks);
const PENDED_CALL: readonly Entry[] = [OPEN, CALL.made, [10, 1, 137, "vc calling", PENDING]];

/** One incoming call, which is offered at tick 10. */
const incoming = (fields: Partial<Parameters<typeof objectScenario>[0]> = {}) =>
  objectScenario({ runTicks: 18, ...fields, objects: { saps: 1, incoming: 1, ...fields.objects } });
const INCOMING: readonly Entry[] = [OPEN, [0, 1, 128, "sap registered"], CALL.made];

/** One outgoing call to which a party is added. */
const multipoint = (fields: Partial<Parameters<typeof objectScenario>[0]> = {}) =>
  objectScenario({ runTicks: 18, ...fields, objects: { calls: 1, parties: 1 } });
/** The first party of VC 0 is party 0, this one party 1. */
const party = (tick: number, code: number, state: Entry[3], status: Entry[4] = "NDIS_STATUS_SUCCESS"): Entry => [
  tick,
  1,
  code,
  state,
  status,
  1,
];

/** Faults with SAPs, VCs, calls and parties, from MODEL-OBJECTS.md alone. */
export const OBJECT_FAULT_EXAMPLES: Readonly<Record<keyof typeof OBJECT_FAULTS, readonly Example[]>> = {
  "sap-in-use": [
    {
      at: 1,
      scenario: objectScenario({ objects: { saps: 1 }, runTicks: 5, scenario: { topology: TWO_CLIENTS } }),
      entries: [
        OPEN,
        [0, 1, 128, "sap registered"],
        [0, 1, 1, "open", "NDIS_STATUS_SUCCESS", 1],
        [0, 1, "sap/status", "open", "NDIS_STATUS_SUCCESS", 1],
        [0, 1, 128, "sap registered", "NDIS_STATUS_SUCCESS", 1],
      ],
    },
  ],
  "lost-sap-completion": [
    {
      scenario: sap(5, { deadlineTicks: 4 }),
      entries: [OPEN, [0, 1, 129, "sap registering", PENDING], [5, 1, "sap/owed", "open"]],
    },
  ],
  "sap-completion-status": [
    {
      scenario: sap(5),
      entries: [
        OPEN,
        [0, 1, 129, "sap registering", PENDING],
        [2, 1, "sap/owed", "open", PENDING],
        [2, 1, 130, "sap registered"],
      ],
    },
  ],
  "sap-completed-twice": [
    {
      scenario: sap(5),
      entries: [
        OPEN,
        [0, 1, 129, "sap registering", PENDING],
        [2, 1, 130, "sap registered"],
        [2, 1, "sap/owed", "open"],
      ],
    },
  ],
  "deregister-twice": [
    {
      scenario: sap(8, { holdTicks: 4 }),
      entries: [
        OPEN,
        [0, 1, 129, "sap registering", PENDING],
        [2, 1, 130, "sap registered"],
        [4, 1, 132, "sap deregistering", PENDING],
        [4, 1, "sap/stale", "open", FAILURE],
        [4, 1, 6, "closePended", PENDING],
        [6, 1, 133, "sap vacant"],
      ],
    },
  ],
  "create-pending": [
    // The next call comes a gap later, and is struck too.
    {
      scenario: call({}, 22),
      entries: [OPEN, [10, 1, "vc/create", "open", PENDING], [20, 1, "vc/create", "open", PENDING]],
    },
  ],
  "delete-active": [
    {
      scenario: call(),
      entries: [OPEN, CALL.made, CALL.connected, [10, 1, "vc/delete", "open", NOT_ACCEPTED], CALL.closed, CALL.deleted],
    },
    // A client may not delete what the call manager has created, either.
    {
      scenario: incoming({ runTicks: 12 }),
      entries: [...INCOMING, CALL.connected, [10, 1, "vc/delete", "open", NOT_ACCEPTED]],
    },
  ],
  "unactivated-call": [
    {
      scenario: call(),
      entries: [OPEN, CALL.made, [10, 1, "vc/activate", "open"], CALL.connected, CALL.closed, CALL.deleted],
    },
    // Its activation would be pended.
    {
      scenario: call({ served: { call: PENDED.call, vc: PENDED.vc } }),
      entries: [...PENDED_CALL, [14, 1, "vc/activate", "open"], [14, 1, 139, "vc connected"]],
    },
  ],
  "dispatch-first": [
    {
      scenario: incoming(),
      entries: [...INCOMING, [10, 1, "vc/order", "open"], CALL.connected, CALL.closed, CALL.deleted],
    },
    // Its activation would be pended.
    {
      scenario: incoming({ served: { vc: PENDED.vc } }),
      entries: [...INCOMING, [10, 1, "vc/order", "open"], CALL.connected, CALL.closed, CALL.deleted],
    },
  ],
  "deactivate-twice": [
    {
      scenario: call(),
      entries: [
        OPEN,
        CALL.made,
        CALL.connected,
        [15, 1, "vc/deactivate", "open", NOT_ACCEPTED],
        CALL.closed,
        CALL.deleted,
      ],
    },
    // Of a call that the client rejects.
    {
      scenario: incoming({ objects: { answer: { pend: 0, service: { kind: "constant", ns: 0 }, reject: 1 } } }),
      entries: [
        ...INCOMING,
        [10, 1, "vc/deactivate", "open", NOT_ACCEPTED],
        [10, 1, 142, "vc closed", FAILURE],
        [10, 1, 147, "vc vacant"],
      ],
    },
  ],
  "reuse-vc": [
    {
      scenario: call(),
      entries: [OPEN, CALL.made, CALL.connected, CALL.closed, [15, 1, "call/make", "open", FAILURE], CALL.deleted],
    },
  ],
  "lost-call-completion": [{ scenario: pendedCall(18, 4), entries: [...PENDED_CALL, [18, 1, "call/owed", "open"]] }],
  "call-completion-status": [
    {
      scenario: pendedCall(18),
      entries: [...PENDED_CALL, [14, 1, "call/owed", "open", PENDING], [14, 1, 139, "vc connected"]],
    },
  ],
  "lost-answer": [
    {
      scenario: incoming({
        objects: { answer: { pend: 1, service: { kind: "constant", ns: 600 }, reject: 0 } },
        deadlineTicks: 6,
      }),
      entries: [...INCOMING, [10, 1, 141, "vc offered", PENDING], [18, 1, "call/owed", "open"]],
    },
  ],
  "close-with-parties": [
    {
      scenario: multipoint(),
      entries: [
        OPEN,
        CALL.made,
        CALL.connected,
        party(10, 150, "party connected"),
        [15, 1, "call/close", "open", FAILURE],
        party(15, 153, "party vacant"),
        CALL.closed,
        CALL.deleted,
      ],
    },
  ],
  "no-deactivate": [
    {
      scenario: call(),
      entries: [OPEN, CALL.made, CALL.connected, [15, 1, "call/close", "open"], CALL.closed, CALL.deleted],
    },
    {
      scenario: pendedCall(25),
      entries: [
        ...PENDED_CALL,
        [14, 1, 139, "vc connected"],
        [19, 1, 144, "vc closing", PENDING],
        [23, 1, "call/close", "open"],
        [23, 1, 146, "vc closed"],
        [23, 1, 147, "vc vacant"],
      ],
    },
  ],
  "ignored-close": [
    {
      scenario: objectScenario({ objects: { calls: 1, remote: 1 }, runTicks: 40 }),
      entries: [OPEN, CALL.made, CALL.connected, [15, 1, "call/incoming-close", "open"]],
    },
  ],
  "drop-twice": [
    {
      scenario: multipoint({ served: { party: PENDED.party } }),
      entries: [
        OPEN,
        CALL.made,
        CALL.connected,
        party(10, 151, "party adding", PENDING),
        party(13, 152, "party connected"),
        party(15, 154, "party dropping", PENDING),
        [15, 1, "party/drop", "open", FAILURE],
      ],
    },
  ],
  "drop-last": [
    {
      scenario: multipoint(),
      entries: [
        OPEN,
        CALL.made,
        CALL.connected,
        party(10, 150, "party connected"),
        party(15, 153, "party vacant"),
        [15, 1, "party/drop", "open", FAILURE],
        CALL.closed,
        CALL.deleted,
      ],
    },
  ],
  "lost-drop-completion": [
    {
      scenario: multipoint({ served: { party: PENDED.party }, runTicks: 20, deadlineTicks: 4 }),
      entries: [
        OPEN,
        CALL.made,
        CALL.connected,
        party(10, 151, "party adding", PENDING),
        party(13, 152, "party connected"),
        party(15, 154, "party dropping", PENDING),
        [20, 1, "party/drop", "open"],
      ],
    },
  ],
};
