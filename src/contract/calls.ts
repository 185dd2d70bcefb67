import type { CallManagerKind } from "../scenario/scenario.js";
import { type ContractCall, dispatch, passive } from "./call-row.js";
import { OBJECT_CALLS } from "./object-calls.js";

/** The calls of a call manager, of a binding and of an address family from its open to the end of its close, in the order of a life. */
const AF_CALLS = {
  MiniportInitializeEx: passive("ndis", "cm", "nc-ndis-miniport_initialize", "mcm"),
  NdisMCmRegisterAddressFamilyEx: passive("cm", "ndis", "nf-ndis-ndismcmregisteraddressfamilyex", "mcm"),
  NdisCmRegisterAddressFamilyEx: passive("cm", "ndis", "nf-ndis-ndiscmregisteraddressfamilyex", "standalone"),
  ProtocolBindAdapterEx: passive("ndis", "client", "nc-ndis-protocol_bind_adapter_ex"),
  NdisOpenAdapterEx: passive("client", "ndis", "nf-ndis-ndisopenadapterex"),
  ProtocolCoAfRegisterNotify: passive("ndis", "client", "nc-ndis-protocol_co_af_register_notify"),

  NdisClOpenAddressFamilyEx: passive("client", "ndis", "nf-ndis-ndisclopenaddressfamilyex"),
  ProtocolCmOpenAf: dispatch("ndis", "cm", "nc-ndis-protocol_cm_open_af"),
  NdisMCmOpenAddressFamilyComplete: dispatch("cm", "ndis", "nf-ndis-ndismcmopenaddressfamilycomplete", "mcm"),
  NdisCmOpenAddressFamilyComplete: dispatch("cm", "ndis", "nf-ndis-ndiscmopenaddressfamilycomplete", "standalone"),
  ProtocolClOpenAfCompleteEx: passive("ndis", "client", "nc-ndis-protocol_cl_open_af_complete_ex"),
  NdisUnbindAdapter: dispatch("client", "ndis", "nf-ndis-ndisunbindadapter"),

  NdisClCloseCall: dispatch("client", "ndis", "nf-ndis-ndisclclosecall"),
  ProtocolCmCloseCall: dispatch("ndis", "cm", "nc-ndis-protocol_cm_close_call"),
  NdisMCmCloseCallComplete: dispatch("cm", "ndis", "nf-ndis-ndismcmclosecallcomplete", "mcm"),
  NdisCmCloseCallComplete: dispatch("cm", "ndis", "nf-ndis-ndiscmclosecallcomplete", "standalone"),
  ProtocolClCloseCallComplete: dispatch("ndis", "client", "nc-ndis-protocol_cl_close_call_complete"),

  NdisClDeregisterSap: dispatch("client", "ndis", "nf-ndis-ndisclderegistersap"),
  ProtocolCmDeregisterSap: dispatch("ndis", "cm", "nc-ndis-protocol_cm_deregister_sap"),
  NdisMCmDeregisterSapComplete: dispatch("cm", "ndis", "nf-ndis-ndismcmderegistersapcomplete", "mcm"),
  NdisCmDeregisterSapComplete: dispatch("cm", "ndis", "nf-ndis-ndiscmderegistersapcomplete", "standalone"),
  ProtocolClDeregisterSapComplete: dispatch("ndis", "client", "nc-ndis-protocol_cl_deregister_sap_complete"),

  NdisClCloseAddressFamily: dispatch("client", "ndis", "nf-ndis-ndisclcloseaddressfamily"),
  ProtocolCmCloseAf: dispatch("ndis", "cm", "nc-ndis-protocol_cm_close_af"),
  NdisMCmCloseAddressFamilyComplete: dispatch("cm", "ndis", "nf-ndis-ndismcmcloseaddressfamilycomplete", "mcm"),
  NdisCmCloseAddressFamilyComplete: dispatch("cm", "ndis", "nf-ndis-ndiscmcloseaddressfamilycomplete", "standalone"),
  ProtocolClCloseAfComplete: dispatch("ndis", "client", "nc-ndis-protocol_cl_close_af_complete"),

  MiniportHaltEx: passive("ndis", "cm", "nc-ndis-miniport_halt", "mcm"),
  NdisMCmNotifyCloseAddressFamily: passive("cm", "ndis", "nf-ndis-ndismcmnotifycloseaddressfamily", "mcm"),
  NdisCmNotifyCloseAddressFamily: passive("cm", "ndis", "nf-ndis-ndiscmnotifycloseaddressfamily", "standalone"),
  ProtocolClNotifyCloseAf: dispatch("ndis", "client", "nc-ndis-protocol_cl_notify_close_af"),
  NdisClNotifyCloseAddressFamilyComplete: dispatch("client", "ndis", "nf-ndis-ndisclnotifycloseaddressfamilycomplete"),
  ProtocolCmNotifyCloseAfComplete: dispatch("ndis", "cm", "nc-ndis-protocol_cm_notify_close_af_complete"),

  ProtocolUnbindAdapterEx: passive("ndis", "client", "nc-ndis-protocol_unbind_adapter_ex"),
  NdisCloseAdapterEx: passive("client", "ndis", "nf-ndis-ndiscloseadapterex"),
  ProtocolCloseAdapterCompleteEx: passive("ndis", "client", "nc-ndis-protocol_close_adapter_complete_ex"),
  NdisCompleteUnbindAdapterEx: dispatch("client", "ndis", "nf-ndis-ndiscompleteunbindadapterex"),
} satisfies Readonly<Record<string, ContractCall>>;

/** All calls. */
export const CALLS = { ...AF_CALLS, ...OBJECT_CALLS };

export type CallName = keyof typeof CALLS;
/** A call that a driver makes, as against one that NDIS makes to a driver. */
export type DriverCallName = Extract<CallName, `Ndis${string}`>;
/** Such a call about an AF as a whole, or about giving up what is on it. */
export type AfDriverCallName = Extract<keyof typeof AF_CALLS, `Ndis${string}`>;

/** Calls of a binding in which a stand-alone call manager stands where the client does, for its own binding. */
export const BINDING_CALLS = [
  "ProtocolBindAdapterEx",
  "NdisOpenAdapterEx",
  "ProtocolUnbindAdapterEx",
  "NdisCloseAdapterEx",
  "ProtocolCloseAdapterCompleteEx",
  "NdisCompleteUnbindAdapterEx",
] as const satisfies readonly CallName[];

/** Calls about a VC in which a call manager, of NdisCo… only a stand-alone one, stands where the client does, for a VC that it has created. */
export const VC_CALLS = [
  "NdisCoCreateVc",
  "ProtocolCoCreateVc",
  "NdisCoDeleteVc",
  "ProtocolCoDeleteVc",
] as const satisfies readonly CallName[];

/** The calls by which a kind of call manager registers, and notifies of a close (close/family). */
export const REGISTER_CALLS: Readonly<Record<CallManagerKind, AfDriverCallName>> = {
  mcm: "NdisMCmRegisterAddressFamilyEx",
  standalone: "NdisCmRegisterAddressFamilyEx",
};
export const NOTIFY_CALLS: Readonly<Record<CallManagerKind, AfDriverCallName>> = {
  mcm: "NdisMCmNotifyCloseAddressFamily",
  standalone: "NdisCmNotifyCloseAddressFamily",
};

/** What a call manager completes: the open or close of an AF, or the teardown of a VC or SAP. */
export type Completed = "open" | "close" | "vc" | "sap";

/** The completion calls that a kind of call manager makes (close/family). */
export const COMPLETION_CALLS: Readonly<Record<CallManagerKind, Readonly<Record<Completed, AfDriverCallName>>>> = {
  mcm: {
    open: "NdisMCmOpenAddressFamilyComplete",
    close: "NdisMCmCloseAddressFamilyComplete",
    vc: "NdisMCmCloseCallComplete",
    sap: "NdisMCmDeregisterSapComplete",
  },
  standalone: {
    open: "NdisCmOpenAddressFamilyComplete",
    close: "NdisCmCloseAddressFamilyComplete",
    vc: "NdisCmCloseCallComplete",
    sap: "NdisCmDeregisterSapComplete",
  },
};

/** What hangs on an AF and is torn down before its close. */
export type WorkKind = "vc" | "sap";

/** The calls of a teardown: the client's, the one by which NDIS asks the call manager, and the one that tells the client. */
export const TEARDOWN_CALLS: Readonly<
  Record<WorkKind, { readonly request: AfDriverCallName; readonly ask: CallName; readonly tell: CallName }>
> = {
  vc: { request: "NdisClCloseCall", ask: "ProtocolCmCloseCall", tell: "ProtocolClCloseCallComplete" },
  sap: { request: "NdisClDeregisterSap", ask: "ProtocolCmDeregisterSap", tell: "ProtocolClDeregisterSapComplete" },
};
