import type { ObjectFaultId } from "../../src/contract/faults.js";
import type { Scenario } from "../../src/scenario/scenario.js";
import { CLOSE_PENDED, type Fold, OPEN, withObjects } from "./object-example.js";

export interface ObjectFaultExample {
  /** The AF that the fault strikes, if it is not AF 0. */
  readonly at?: number;
  readonly scenario: Scenario;
  readonly folds: readonly Fold[];
  /** Op and call of the record that breaks the rule; null where none does. */
  readonly brokenBy: string | null;
}

/** What is owed for more than 5 ticks is overdue. */
const SOON = { deadlines: { openNs: 12e9, closeNs: 500 } };

const OPENED: Fold = [0, 0, 1, 1, OPEN];
const CREATED: Fold = [10, 0, 1, 136, 1];
const CONNECTED: Fold = [10, 0, 1, 139, 5];
const CALL = { objects: { calls: 1 } };
const CALLING: readonly Fold[] = [OPENED, CREATED, [10, 0, 1, 137, 2, "PENDING"]];
const CLOSED: readonly Fold[] = [
  [30, 0, 1, 143, 8],
  [30, 0, 1, 147, 0],
];
const INCOMING = { objects: { saps: 1, incoming: 1 } };
const REGISTERED: Fold = [0, 0, 1, 128, 2];
/** Party 1 of the VC. */
const CONFERENCE = { objects: { calls: 1, parties: 1 } };
const ADDED: readonly Fold[] = [OPENED, CREATED, CONNECTED, [10, 1, 1, 150, 2]];
const ADDED_LATER: readonly Fold[] = [OPENED, CREATED, CONNECTED, [10, 1, 1, 151, 1, "PENDING"], [13, 1, 1, 152, 2]];

export const OBJECT_FAULT_EXAMPLES: Readonly<Record<ObjectFaultId, readonly ObjectFaultExample[]>> = {
  "sap-in-use": [
    {
      at: 1,
      scenario: withObjects({
        objects: { saps: 1 },
        pended: [],
        fields: { topology: { machines: 1, adaptersPerMachine: 1, clientsPerAdapter: 2, afs: 2 } },
      }),
      folds: [OPENED, REGISTERED, [0, 1, 1, 1, OPEN], [0, 1, 1, "sap/status", OPEN], [0, 1, 1, 128, 2]],
      brokenBy: "return ProtocolCmRegisterSap",
    },
    {
      // The neighbour after it has not registered yet, and there is none before it.
      at: 0,
      scenario: withObjects({
        objects: { saps: 1 },
        fields: { topology: { machines: 1, adaptersPerMachine: 1, clientsPerAdapter: 2, afs: 2 } },
      }),
      folds: [OPENED, REGISTERED, [0, 1, 1, 1, OPEN], [0, 1, 1, 128, 2]],
      brokenBy: null,
    },
  ],
  "lost-sap-completion": [
    {
      scenario: withObjects({ objects: { saps: 1 }, pended: ["sap"], fields: SOON }),
      folds: [OPENED, [0, 0, 1, 129, 1, "PENDING"], [40, 0, 1, "sap/owed", OPEN]],
      brokenBy: null,
    },
  ],
  "sap-completion-status": [
    {
      scenario: withObjects({ objects: { saps: 1 }, pended: ["sap"] }),
      folds: [OPENED, [0, 0, 1, 129, 1, "PENDING"], [2, 0, 1, "sap/owed", OPEN, "PENDING"], [2, 0, 1, 130, 2]],
      brokenBy: "call NdisMCmRegisterSapComplete",
    },
  ],
  "sap-completed-twice": [
    {
      scenario: withObjects({ objects: { saps: 1 }, pended: ["sap"] }),
      folds: [OPENED, [0, 0, 1, 129, 1, "PENDING"], [2, 0, 1, 130, 2], [2, 0, 1, "sap/owed", OPEN]],
      brokenBy: "call NdisMCmRegisterSapComplete",
    },
  ],
  "deregister-twice": [
    {
      scenario: withObjects({ objects: { saps: 1 }, pended: ["sap"], hold: 10, run: 30 }),
      folds: [
        OPENED,
        [0, 0, 1, 129, 1, "PENDING"],
        [2, 0, 1, 130, 2],
        [10, 0, 1, 132, 3, "PENDING"],
        [10, 0, 1, "sap/stale", OPEN, "FAILURE"],
        [10, 0, 1, 6, CLOSE_PENDED, "PENDING"],
        [12, 0, 1, 133, 0],
      ],
      brokenBy: "call NdisClDeregisterSap",
    },
  ],
  "create-pending": [
    {
      scenario: withObjects({ ...CALL, run: 25 }),
      folds: [OPENED, [10, 0, 1, "vc/create", OPEN, "PENDING"], [20, 0, 1, "vc/create", OPEN, "PENDING"]],
      brokenBy: "return ProtocolCoCreateVc",
    },
  ],
  "delete-active": [
    {
      scenario: withObjects({ ...CALL, run: 25 }),
      folds: [OPENED, CREATED, CONNECTED, [10, 0, 1, "vc/delete", OPEN, "NOT_ACCEPTED"]],
      brokenBy: "call NdisCoDeleteVc",
    },
  ],
  "unactivated-call": [
    {
      scenario: withObjects({ ...CALL, run: 25 }),
      folds: [OPENED, CREATED, [10, 0, 1, "vc/activate", OPEN], CONNECTED],
      brokenBy: "return ProtocolCmMakeCall",
    },
    {
      scenario: withObjects({ ...CALL, pended: ["call", "vc"], run: 25 }),
      folds: [...CALLING, [14, 0, 1, "vc/activate", OPEN], [14, 0, 1, 139, 5]],
      brokenBy: "call NdisMCmMakeCallComplete",
    },
    // A call that fails needs no active VC.
    {
      scenario: withObjects({ ...CALL, callFails: true, run: 15 }),
      folds: [OPENED, CREATED, [10, 0, 1, 140, 1, "FAILURE"], [10, 0, 1, 147, 0]],
      brokenBy: null,
    },
  ],
  "dispatch-first": [
    {
      scenario: withObjects({ ...INCOMING, run: 25 }),
      folds: [OPENED, REGISTERED, CREATED, [10, 0, 1, "vc/order", OPEN], CONNECTED],
      brokenBy: "call NdisMCmDispatchIncomingCall",
    },
  ],
  "deactivate-twice": [
    {
      scenario: withObjects(CALL),
      folds: [OPENED, CREATED, CONNECTED, [30, 0, 1, "vc/deactivate", OPEN, "NOT_ACCEPTED"], ...CLOSED],
      brokenBy: "call NdisMCmDeactivateVc",
    },
    {
      scenario: withObjects({ ...CALL, callManager: { kind: "standalone" } }),
      folds: [OPENED, CREATED, CONNECTED, ...CLOSED],
      brokenBy: null,
    },
  ],
  "reuse-vc": [
    {
      scenario: withObjects(CALL),
      folds: [
        OPENED,
        CREATED,
        CONNECTED,
        [30, 0, 1, 143, 8],
        [30, 0, 1, "call/make", OPEN, "FAILURE"],
        [30, 0, 1, 147, 0],
      ],
      brokenBy: "call NdisClMakeCall",
    },
  ],
  "lost-call-completion": [
    {
      scenario: withObjects({ ...CALL, pended: ["call"], fields: SOON }),
      folds: [...CALLING, [40, 0, 1, "call/owed", OPEN]],
      brokenBy: null,
    },
  ],
  "call-completion-status": [
    {
      scenario: withObjects({ ...CALL, pended: ["call"], run: 25 }),
      folds: [...CALLING, [14, 0, 1, "call/owed", OPEN, "PENDING"], [14, 0, 1, 139, 5]],
      brokenBy: "call NdisMCmMakeCallComplete",
    },
  ],
  "lost-answer": [
    {
      scenario: withObjects({
        objects: { ...INCOMING.objects, answer: { pend: 1, service: { kind: "constant", ns: 300 }, reject: 0 } },
        fields: SOON,
      }),
      folds: [OPENED, REGISTERED, CREATED, [10, 0, 1, 141, 4, "PENDING"], [40, 0, 1, "call/owed", OPEN]],
      brokenBy: null,
    },
  ],
  "close-with-parties": [
    {
      scenario: withObjects(CONFERENCE),
      folds: [...ADDED, [30, 0, 1, "call/close", OPEN, "FAILURE"], [30, 1, 1, 153, 0], ...CLOSED],
      brokenBy: "call NdisClCloseCall",
    },
  ],
  "no-deactivate": [
    {
      scenario: withObjects(CALL),
      folds: [OPENED, CREATED, CONNECTED, [30, 0, 1, "call/close", OPEN], ...CLOSED],
      brokenBy: "return ProtocolCmCloseCall",
    },
  ],
  "ignored-close": [
    {
      scenario: withObjects({ objects: { calls: 1, remote: 1 } }),
      folds: [OPENED, CREATED, CONNECTED, [30, 0, 1, "call/incoming-close", OPEN]],
      brokenBy: "return ProtocolClIncomingCloseCall",
    },
  ],
  "drop-twice": [
    {
      scenario: withObjects({ ...CONFERENCE, pended: ["party"] }),
      folds: [
        ...ADDED_LATER,
        [30, 1, 1, 154, 3, "PENDING"],
        [30, 0, 1, "party/drop", OPEN, "FAILURE"],
        [33, 1, 1, 155, 0],
        [33, 0, 1, 143, 8],
        [33, 0, 1, 147, 0],
      ],
      brokenBy: "call NdisClDropParty",
    },
  ],
  "drop-last": [
    {
      scenario: withObjects(CONFERENCE),
      folds: [...ADDED, [30, 1, 1, 153, 0], [30, 0, 1, "party/drop", OPEN, "FAILURE"], ...CLOSED],
      brokenBy: "call NdisClDropParty",
    },
  ],
  "lost-drop-completion": [
    {
      scenario: withObjects({ ...CONFERENCE, pended: ["party"], fields: SOON }),
      folds: [...ADDED_LATER, [30, 1, 1, 154, 3, "PENDING"], [40, 0, 1, "party/drop", OPEN]],
      brokenBy: null,
    },
  ],
};
