import type { CallName, DriverCallName } from "./calls.js";
import type { CallManagerKind } from "../scenario/scenario.js";

/** A call of a call manager, in the form of each kind. */
export type CallManagerCall = Readonly<Record<CallManagerKind, DriverCallName>>;

/** Something that a driver asks of another one about a SAP, a VC or a party, and that may be pended (MODEL-OBJECTS.md "Operations"). */
export interface ObjectOperation {
  /** Tells its draws from those of other operations. */
  readonly number: number;
  readonly of: "sap" | "vc" | "party";
  /** The call that asks for it, by the client or the call manager. */
  readonly request: DriverCallName | CallManagerCall;
  /** By which NDIS asks the other driver; null where only NDIS is asked. */
  readonly ask: CallName | null;
  /** By which the other driver completes what it has pended; null where NDIS does. */
  readonly completion: DriverCallName | CallManagerCall | null;
  /** By which the driver that asked is told, or tells itself. */
  readonly tell: CallName;
  /** Whose profile says how often it is pended: a part of the call manager's objects, or the client's answer. */
  readonly profile: "sap" | "call" | "vc" | "party" | "answer";
}

type VerbOf<Prefix extends string, Name = DriverCallName> = Name extends `${Prefix}${infer Verb}` ? Verb : never;
type BothVerb = VerbOf<"NdisMCm"> & VerbOf<"NdisCm">;

/** The forms of a call that both kinds of call managers have. */
export function callManagerCall(verb: BothVerb): CallManagerCall {
  return { mcm: `NdisMCm${verb}`, standalone: `NdisCm${verb}` };
}

export const OPERATIONS = {
  register: {
    number: 0,
    of: "sap",
    request: "NdisClRegisterSap",
    ask: "ProtocolCmRegisterSap",
    completion: callManagerCall("RegisterSapComplete"),
    tell: "ProtocolClRegisterSapComplete",
    profile: "sap",
  },
  deregister: {
    number: 1,
    of: "sap",
    request: "NdisClDeregisterSap",
    ask: "ProtocolCmDeregisterSap",
    completion: callManagerCall("DeregisterSapComplete"),
    tell: "ProtocolClDeregisterSapComplete",
    profile: "sap",
  },
  make: {
    number: 2,
    of: "vc",
    request: "NdisClMakeCall",
    ask: "ProtocolCmMakeCall",
    completion: callManagerCall("MakeCallComplete"),
    tell: "ProtocolClMakeCallComplete",
    profile: "call",
  },
  close: {
    number: 3,
    of: "vc",
    request: "NdisClCloseCall",
    ask: "ProtocolCmCloseCall",
    completion: callManagerCall("CloseCallComplete"),
    tell: "ProtocolClCloseCallComplete",
    profile: "call",
  },
  activate: {
    number: 4,
    of: "vc",
    request: callManagerCall("ActivateVc"),
    ask: null,
    completion: null,
    tell: "ProtocolCmActivateVcComplete",
    profile: "vc",
  },
  deactivate: {
    number: 5,
    of: "vc",
    request: callManagerCall("DeactivateVc"),
    ask: null,
    completion: null,
    tell: "ProtocolCmDeactivateVcComplete",
    profile: "vc",
  },
  answer: {
    number: 6,
    of: "vc",
    request: callManagerCall("DispatchIncomingCall"),
    ask: "ProtocolClIncomingCall",
    completion: "NdisClIncomingCallComplete",
    tell: "ProtocolCmIncomingCallComplete",
    profile: "answer",
  },
  add: {
    number: 7,
    of: "party",
    request: "NdisClAddParty",
    ask: "ProtocolCmAddParty",
    completion: callManagerCall("AddPartyComplete"),
    tell: "ProtocolClAddPartyComplete",
    profile: "party",
  },
  drop: {
    number: 8,
    of: "party",
    request: "NdisClDropParty",
    ask: "ProtocolCmDropParty",
    completion: callManagerCall("DropPartyComplete"),
    tell: "ProtocolClDropPartyComplete",
    profile: "party",
  },
} as const satisfies Readonly<Record<string, ObjectOperation>>;

export type OperationName = keyof typeof OPERATIONS;
