import type { Role } from "./call-row.js";
import type { CallName } from "./calls.js";
import type { Readings } from "../scenario/readings.js";
import type { AfObject, Party, Sap, Vc } from "./reference-objects.js";
import type { RuleId } from "./rules.js";
import type { StatusName } from "./statuses.js";

/** A call about something that hangs on an AF, or the return of one. */
export interface ObjectCall {
  readonly call: CallName;
  readonly object: AfObject;
  /** Who makes it, or returns. */
  readonly by: Role;
  /** What is passed or returned, if that is known when it is judged. */
  readonly status?: StatusName;
  /** The SAP that is asked for, where another client may have it. */
  readonly address?: Sap;
  /** The party is the first of its call, which the call ends with. */
  readonly isFirstParty?: true;
}

type Judgement = (call: ObjectCall, contract: Readings) => RuleId | null;

const SUCCESS = "NDIS_STATUS_SUCCESS";
const PENDING = "NDIS_STATUS_PENDING";

/** The judgement of a call about a SAP. */
const ofSap =
  (judge: (sap: Sap, call: ObjectCall) => RuleId | null): Judgement =>
  (call) => {
    if (call.object.kind !== "sap") throw new Error(`${call.call} is about no SAP`);
    return judge(call.object, call);
  };

/** Of one about a VC or its call. */
const ofVc =
  (judge: (vc: Vc, call: ObjectCall, contract: Readings) => RuleId | null): Judgement =>
  (call, contract) => {
    if (call.object.kind !== "vc") throw new Error(`${call.call} is about no VC`);
    return judge(call.object, call, contract);
  };

const REGISTER_COMPLETION = ofSap(({ state }, { status }) =>
  status !== PENDING && state === "registering" ? null : "sap/owed",
);

const DEREGISTER_COMPLETION = ofSap(({ state }, { status }) =>
  status === SUCCESS && state === "deregistering" ? null : "sap/owed",
);

const MAKE_COMPLETION = ofVc(({ state, isOutgoing, active }, { status }) => {
  const isUnderWay = state === "calling" || (state === "activating" && isOutgoing);
  if (status === PENDING || !isUnderWay) return "call/owed";
  return status === SUCCESS && !active ? "vc/activate" : null;
});

const CLOSE_COMPLETION = ofVc(({ state, active }, { status }) => {
  const isUnderWay = state === "closing" || state === "deactivating";
  if (status === PENDING || !isUnderWay) return "call/owed";
  return status === SUCCESS && active ? "call/close" : null;
});

const ANSWER_COMPLETION = ofVc(({ state }, { status }) =>
  status !== PENDING && state === "offered" ? null : "call/owed",
);

/** The return of a callback that creates or deletes a VC. */
const NEVER_PENDING = ofVc((_, { status }) => (status === PENDING ? "vc/create" : null));

const DELETE = ofVc(({ state, isOutgoing }, { by }) => {
  const isCreator = by === (isOutgoing ? "client" : "cm");
  return isCreator && (state === "created" || state === "closed") ? null : "vc/delete";
});

const DISPATCH_CALL = ofVc(({ active }) => (active ? null : "vc/order"));

const JUDGEMENTS: Partial<Readonly<Record<CallName, Judgement>>> = {
  NdisMCmRegisterSapComplete: REGISTER_COMPLETION,
  NdisCmRegisterSapComplete: REGISTER_COMPLETION,
  NdisMCmDeregisterSapComplete: DEREGISTER_COMPLETION,
  NdisCmDeregisterSapComplete: DEREGISTER_COMPLETION,
  NdisMCmMakeCallComplete: MAKE_COMPLETION,
  NdisCmMakeCallComplete: MAKE_COMPLETION,
  NdisMCmCloseCallComplete: CLOSE_COMPLETION,
  NdisCmCloseCallComplete: CLOSE_COMPLETION,
  NdisClIncomingCallComplete: ANSWER_COMPLETION,

  ProtocolCmRegisterSap: ofSap((sap, { status, address = sap }) =>
    status === SUCCESS && address !== sap && address.state === "registered" ? "sap/status" : null,
  ),
  NdisClDeregisterSap: ofSap(({ state }) => (state === "registered" ? null : "sap/stale")),

  ProtocolCoCreateVc: NEVER_PENDING,
  ProtocolCoDeleteVc: NEVER_PENDING,
  NdisCoDeleteVc: DELETE,
  NdisMCmDeleteVc: DELETE,

  ProtocolCmMakeCall: ofVc(({ active }, { status }) => (status === SUCCESS && !active ? "vc/activate" : null)),
  NdisMCmDispatchIncomingCall: DISPATCH_CALL,
  NdisCmDispatchIncomingCall: DISPATCH_CALL,
  NdisMCmDeactivateVc: ofVc(({ active }) => (active ? null : "vc/deactivate")),
  NdisClMakeCall: ofVc(({ state }, _, { vcReuse }) =>
    state === "created" || (state === "closed" && vcReuse === "allowed") ? null : "call/make",
  ),
  NdisClCloseCall: ofVc(({ state, parties }) =>
    state === "connected" && parties.every(isVacant) ? null : "call/close",
  ),
  ProtocolCmCloseCall: ofVc(({ active }, { status }) => (status === SUCCESS && active ? "call/close" : null)),

  NdisClDropParty: ({ object, isFirstParty = false }) =>
    object.state === "connected" && !isFirstParty ? null : "party/drop",
};

/** Whether a party is not there. */
export function isVacant({ state }: Party): boolean {
  return state === "vacant";
}

/** The rule that such a call or return breaks, if any (MODEL-OBJECTS.md "Judging"). */
export function brokenObjectRule(call: ObjectCall, contract: Readings): RuleId | null {
  return JUDGEMENTS[call.call]?.(call, contract) ?? null;
}

/** What is owed while an object is in its state: a rule that is broken when it does not come, or comes late. */
export function owedRule(object: AfObject): RuleId | null {
  switch (object.kind) {
    case "sap":
      return object.state === "registering" || object.state === "deregistering" ? "sap/owed" : null;
    case "vc":
      return isCallOwed(object) ? "call/owed" : null;
    case "party":
      return object.state === "dropping" ? "party/drop" : null;
  }
}

function isCallOwed({ state, isOutgoing }: Vc): boolean {
  // While a VC is activated for an incoming call nobody waits for that call.
  if (state === "activating") return isOutgoing;
  return state === "calling" || state === "offered" || state === "closing" || state === "deactivating";
}
