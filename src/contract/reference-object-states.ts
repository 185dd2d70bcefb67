import type { StatusName } from "./statuses.js";

/** States of a SAP (MODEL-OBJECTS.md, "Objects"). */
const SAP_STATES = { vacant: 0, registering: 1, registered: 2, deregistering: 3 } as const;
/** States of a VC. */
const VC_STATES = {
  vacant: 0,
  created: 1,
  calling: 2,
  activating: 3,
  offered: 4,
  connected: 5,
  closing: 6,
  deactivating: 7,
  closed: 8,
} as const;
/** States of a party. */
const PARTY_STATES = { vacant: 0, adding: 1, connected: 2, dropping: 3 } as const;

export type SapState = keyof typeof SAP_STATES;
export type VcState = keyof typeof VC_STATES;
export type PartyState = keyof typeof PARTY_STATES;

/** The states of an object by name, with what stands for them in the digest. */
export const OBJECT_STATES = { sap: SAP_STATES, vc: VC_STATES, party: PARTY_STATES } as const;

interface ObjectTransition<State extends string> {
  readonly code: number;
  readonly from: readonly State[];
  readonly to: State;
  readonly status: StatusName;
}

const SUCCESS = "NDIS_STATUS_SUCCESS";
const PENDING = "NDIS_STATUS_PENDING";
const FAILURE = "NDIS_STATUS_FAILURE";

/** Every change of a SAP's state that the model allows. */
const SAP_TRANSITIONS = {
  registered: { code: 128, from: ["vacant"], to: "registered", status: SUCCESS },
  registrationPended: { code: 129, from: ["vacant"], to: "registering", status: PENDING },
  registrationCompleted: { code: 130, from: ["registering"], to: "registered", status: SUCCESS },
  deregistered: { code: 131, from: ["registered"], to: "vacant", status: SUCCESS },
  deregistrationPended: { code: 132, from: ["registered"], to: "deregistering", status: PENDING },
  deregistrationCompleted: { code: 133, from: ["deregistering"], to: "vacant", status: SUCCESS },
  deregisteredWhileClosing: { code: 134, from: ["registered"], to: "vacant", status: FAILURE },
} as const satisfies Readonly<Record<string, ObjectTransition<SapState>>>;

/** Every change of a VC's state. */
const VC_TRANSITIONS = {
  created: { code: 136, from: ["vacant"], to: "created", status: SUCCESS },
  callPended: { code: 137, from: ["created"], to: "calling", status: PENDING },
  activationPended: { code: 138, from: ["created", "calling"], to: "activating", status: PENDING },
  connected: { code: 139, from: ["created", "calling", "activating", "offered"], to: "connected", status: SUCCESS },
  callFailed: { code: 140, from: ["created", "calling"], to: "created", status: FAILURE },
  answerPended: { code: 141, from: ["created", "activating"], to: "offered", status: PENDING },
  callRejected: { code: 142, from: ["created", "activating", "offered"], to: "closed", status: FAILURE },
  callClosed: { code: 143, from: ["connected"], to: "closed", status: SUCCESS },
  callClosePended: { code: 144, from: ["connected"], to: "closing", status: PENDING },
  deactivationPended: { code: 145, from: ["closing"], to: "deactivating", status: PENDING },
  callCloseCompleted: { code: 146, from: ["closing", "deactivating"], to: "closed", status: SUCCESS },
  deleted: { code: 147, from: ["created", "closed"], to: "vacant", status: SUCCESS },
} as const satisfies Readonly<Record<string, ObjectTransition<VcState>>>;

/** Every change of a party's state. */
const PARTY_TRANSITIONS = {
  added: { code: 150, from: ["vacant"], to: "connected", status: SUCCESS },
  addingPended: { code: 151, from: ["vacant"], to: "adding", status: PENDING },
  addingCompleted: { code: 152, from: ["adding"], to: "connected", status: SUCCESS },
  dropped: { code: 153, from: ["connected"], to: "vacant", status: SUCCESS },
  droppingPended: { code: 154, from: ["connected"], to: "dropping", status: PENDING },
  droppingCompleted: { code: 155, from: ["dropping"], to: "vacant", status: SUCCESS },
} as const satisfies Readonly<Record<string, ObjectTransition<PartyState>>>;

/** All of them; their names are all different. */
export const OBJECT_TRANSITIONS = { ...SAP_TRANSITIONS, ...VC_TRANSITIONS, ...PARTY_TRANSITIONS } as const;

/** The changes of state of each kind of object. */
export interface TransitionNames {
  readonly sap: keyof typeof SAP_TRANSITIONS;
  readonly vc: keyof typeof VC_TRANSITIONS;
  readonly party: keyof typeof PARTY_TRANSITIONS;
}
export type ObjectTransitionName = keyof typeof OBJECT_TRANSITIONS;
