import { CALLS } from "../calls.js";
import type { ContractCall, Role } from "../call-row.js";
import type { TraceIrql } from "./event.js";
import { KIND_AF, KIND_NONE, KIND_PARTY, KIND_SAP, KIND_VC } from "./object-table.js";

/** A call as the checker knows it. Its code is its place in TRACE_CALLS. */
export interface TraceCall {
  readonly name: string;
  readonly from: Role;
  readonly to: Role;
  /** IRQL code (irqlCode) that a driver which makes the call may not exceed. */
  readonly irqlMax: number;
  /** 1 only MCMs make the call, 2 only stand-alone call managers, 0 it is open to both or is no call manager's. */
  readonly form: number;
  /** Whether a driver makes it, so that its IRQL is the driver's to choose. */
  readonly byDriver: boolean;
  /** Kind of the object that it is about. */
  readonly subject: number;
}

export const MCM = 1;
export const STANDALONE = 2;

export const PASSIVE_LEVEL = 0;
export const DISPATCH_LEVEL = 2;
/** By their codes, in their order. */
const IRQLS: readonly TraceIrql[] = ["PASSIVE_LEVEL", "APC_LEVEL", "DISPATCH_LEVEL", "DEVICE_LEVEL"];
export const IRQL_MISSING = -1;

/** The order of IRQLs; IRQL_MISSING for none. */
export function irqlCode(irql: string | undefined): number {
  return (IRQLS as readonly (string | undefined)[]).indexOf(irql);
}

export const irqlName = (code: number): TraceIrql | undefined => IRQLS[code];

/** The calls whose objects are not AFs, in both forms where there are two; all of them up to DISPATCH_LEVEL. */
const CLIENT_CALLS: Readonly<Record<string, number>> = {
  NdisClRegisterSap: KIND_SAP,
  NdisClDeregisterSap: KIND_SAP,
  NdisClMakeCall: KIND_VC,
  NdisClCloseCall: KIND_VC,
  NdisClModifyCallQoS: KIND_VC,
  NdisClIncomingCallComplete: KIND_VC,
  NdisClAddParty: KIND_PARTY,
  NdisClDropParty: KIND_PARTY,
};
const CALL_MANAGER_CALLS: Readonly<Record<string, number>> = {
  RegisterSapComplete: KIND_SAP,
  DeregisterSapComplete: KIND_SAP,
  MakeCallComplete: KIND_VC,
  CloseCallComplete: KIND_VC,
  ModifyCallQoSComplete: KIND_VC,
  ActivateVc: KIND_VC,
  DeactivateVc: KIND_VC,
  DispatchIncomingCall: KIND_VC,
  DispatchCallConnected: KIND_VC,
  DispatchIncomingCloseCall: KIND_VC,
  DispatchIncomingCallQoSChange: KIND_VC,
  AddPartyComplete: KIND_PARTY,
  DropPartyComplete: KIND_PARTY,
  DispatchIncomingDropParty: KIND_PARTY,
};
const TO_CALL_MANAGER: Readonly<Record<string, number>> = {
  ProtocolCmRegisterSap: KIND_SAP,
  ProtocolCmDeregisterSap: KIND_SAP,
  ProtocolCmMakeCall: KIND_VC,
  ProtocolCmCloseCall: KIND_VC,
  ProtocolCmModifyCallQoS: KIND_VC,
  ProtocolCmIncomingCallComplete: KIND_VC,
  ProtocolCmActivateVcComplete: KIND_VC,
  ProtocolCmDeactivateVcComplete: KIND_VC,
  ProtocolCmAddParty: KIND_PARTY,
  ProtocolCmDropParty: KIND_PARTY,
};
const TO_CLIENT: Readonly<Record<string, number>> = {
  ProtocolClRegisterSapComplete: KIND_SAP,
  ProtocolClDeregisterSapComplete: KIND_SAP,
  ProtocolClMakeCallComplete: KIND_VC,
  ProtocolClCloseCallComplete: KIND_VC,
  ProtocolClModifyCallQoSComplete: KIND_VC,
  ProtocolClIncomingCall: KIND_VC,
  ProtocolClCallConnected: KIND_VC,
  ProtocolClIncomingCloseCall: KIND_VC,
  ProtocolClIncomingCallQoSChange: KIND_VC,
  ProtocolClAddPartyComplete: KIND_PARTY,
  ProtocolClDropPartyComplete: KIND_PARTY,
  ProtocolClIncomingDropParty: KIND_PARTY,
};
/** Clients and stand-alone call managers make these, or NDIS makes them to whichever of the two shares the VC. */
const SHARED_CALLS: Readonly<Record<string, number>> = {
  NdisCoCreateVc: KIND_VC,
  NdisCoDeleteVc: KIND_VC,
  NdisCoSendNetBufferLists: KIND_VC,
  ProtocolCoCreateVc: KIND_VC,
  ProtocolCoDeleteVc: KIND_VC,
  ProtocolCoSendNetBufferListsComplete: KIND_VC,
  ProtocolCoReceiveNetBufferLists: KIND_VC,
};

/** Calls of CALLS that are not about an AF. */
const ABOUT_BINDINGS: ReadonlySet<string> = new Set([
  "MiniportInitializeEx",
  "MiniportHaltEx",
  "NdisMCmRegisterAddressFamilyEx",
  "NdisCmRegisterAddressFamilyEx",
  "ProtocolBindAdapterEx",
  "NdisOpenAdapterEx",
  "ProtocolCoAfRegisterNotify",
  "NdisUnbindAdapter",
  "ProtocolUnbindAdapterEx",
  "NdisCloseAdapterEx",
  "ProtocolCloseAdapterCompleteEx",
  "NdisCompleteUnbindAdapterEx",
]);

const call = (name: string, subject: number, from: Role, to: Role, form = 0, irqlMax = DISPATCH_LEVEL): TraceCall => ({
  name,
  from,
  to,
  irqlMax,
  form,
  byDriver: name.startsWith("Ndis"),
  subject,
});

function* listCalls(): Generator<TraceCall> {
  for (const [name, subject] of Object.entries(CLIENT_CALLS)) yield call(name, subject, "client", "ndis");
  for (const [name, subject] of Object.entries(CALL_MANAGER_CALLS)) {
    yield call(`NdisMCm${name}`, subject, "cm", "ndis", MCM);
    yield call(`NdisCm${name}`, subject, "cm", "ndis", STANDALONE);
  }
  yield call("NdisMCmCreateVc", KIND_VC, "cm", "ndis", MCM);
  yield call("NdisMCmDeleteVc", KIND_VC, "cm", "ndis", MCM);
  for (const [name, subject] of Object.entries(TO_CALL_MANAGER)) yield call(name, subject, "ndis", "cm");
  for (const [name, subject] of Object.entries(TO_CLIENT)) yield call(name, subject, "ndis", "client");
  for (const [name, subject] of Object.entries(SHARED_CALLS)) {
    const byDriver = name.startsWith("Ndis");
    yield call(name, subject, byDriver ? "client" : "ndis", byDriver ? "ndis" : "client");
  }
  const tables = [CLIENT_CALLS, TO_CALL_MANAGER, TO_CLIENT, SHARED_CALLS];
  const listed = new Set([...tables.flatMap((table) => Object.keys(table)), "NdisMCmCreateVc", "NdisMCmDeleteVc"]);
  for (const [name, row] of Object.entries<ContractCall>(CALLS)) {
    if (listed.has(name) || isCallManagerCall(name)) continue;
    const form =
      row.callManagerKind === null || !name.startsWith("Ndis") ? 0 : row.callManagerKind === "mcm" ? MCM : STANDALONE;
    yield call(name, ABOUT_BINDINGS.has(name) ? KIND_NONE : KIND_AF, row.from, row.to, form, irqlCode(row.irqlMax));
  }
}

function isCallManagerCall(name: string): boolean {
  return Object.hasOwn(CALL_MANAGER_CALLS, name.replace(/^NdisM?Cm/, "")) && /^NdisM?Cm/.test(name);
}

export const TRACE_CALLS: readonly TraceCall[] = [...new Map([...listCalls()].map((one) => [one.name, one])).values()];

const CODES = new Map(TRACE_CALLS.map(({ name }, code) => [name, code]));

/** The code of a call; -1 of one that the contract says nothing about. */
export function callCode(name: string): number {
  return CODES.get(name) ?? -1;
}

/** Codes of the two forms of a call manager's call, or of the one call of that name. */
export function codesOf(...names: readonly string[]): number[] {
  return names.map((name) => {
    const code = callCode(name);
    if (code < 0) throw new Error(`no call of the contract: ${name}`);
    return code;
  });
}
