import * as C from "../../assembly/abi/codes.js";
import { objectCalls } from "./object-calls.js";

/** A party of a call, as in the first part of a trace's party names. */
export type Role = "client" | "cm" | "ndis";

/** A call as the kernel knows it. */
export interface KernelCall {
  readonly code: number;
  /** In the words of the DDI; src/contract/calls.ts says more of it. */
  readonly name: string;
  readonly from: Role;
  readonly to: Role;
  /** Which of its trace records name the AF that they are about. */
  readonly af: "both" | "return" | "none";
}

function call(code: number, name: string, from: Role, to: Role, af: KernelCall["af"] = "both"): KernelCall {
  return { code, name, from, to, af };
}

const AF_CALLS: readonly KernelCall[] = [
  call(C.CALL_CL_OPEN, "NdisClOpenAddressFamilyEx", "client", "ndis", "return"),
  call(C.CALL_CM_OPEN, "ProtocolCmOpenAf", "ndis", "cm"),
  call(C.CALL_MCM_OPEN_COMPLETE, "NdisMCmOpenAddressFamilyComplete", "cm", "ndis"),
  call(C.CALL_CM_OPEN_COMPLETE, "NdisCmOpenAddressFamilyComplete", "cm", "ndis"),
  call(C.CALL_CL_OPEN_COMPLETE, "ProtocolClOpenAfCompleteEx", "ndis", "client"),
  call(C.CALL_CL_CLOSE, "NdisClCloseAddressFamily", "client", "ndis"),
  call(C.CALL_CM_CLOSE, "ProtocolCmCloseAf", "ndis", "cm"),
  call(C.CALL_MCM_CLOSE_COMPLETE, "NdisMCmCloseAddressFamilyComplete", "cm", "ndis"),
  call(C.CALL_CM_CLOSE_COMPLETE, "NdisCmCloseAddressFamilyComplete", "cm", "ndis"),
  call(C.CALL_CL_CLOSE_COMPLETE, "ProtocolClCloseAfComplete", "ndis", "client"),
  call(C.CALL_CL_UNBIND, "NdisUnbindAdapter", "client", "ndis", "none"),
  call(C.CALL_CL_CLOSE_CALL, "NdisClCloseCall", "client", "ndis"),
  call(C.CALL_CM_CLOSE_CALL, "ProtocolCmCloseCall", "ndis", "cm"),
  call(C.CALL_MCM_CLOSE_CALL_COMPLETE, "NdisMCmCloseCallComplete", "cm", "ndis"),
  call(C.CALL_CM_CLOSE_CALL_COMPLETE, "NdisCmCloseCallComplete", "cm", "ndis"),
  call(C.CALL_CL_CLOSE_CALL_COMPLETE, "ProtocolClCloseCallComplete", "ndis", "client"),
  call(C.CALL_CL_DEREGISTER_SAP, "NdisClDeregisterSap", "client", "ndis"),
  call(C.CALL_CM_DEREGISTER_SAP, "ProtocolCmDeregisterSap", "ndis", "cm"),
  call(C.CALL_MCM_DEREGISTER_SAP_COMPLETE, "NdisMCmDeregisterSapComplete", "cm", "ndis"),
  call(C.CALL_CM_DEREGISTER_SAP_COMPLETE, "NdisCmDeregisterSapComplete", "cm", "ndis"),
  call(C.CALL_CL_DEREGISTER_SAP_COMPLETE, "ProtocolClDeregisterSapComplete", "ndis", "client"),
  call(C.CALL_UNBIND_ADAPTER, "ProtocolUnbindAdapterEx", "ndis", "client", "none"),
  call(C.CALL_CLOSE_ADAPTER, "NdisCloseAdapterEx", "client", "ndis", "none"),
  call(C.CALL_CLOSE_ADAPTER_COMPLETE, "ProtocolCloseAdapterCompleteEx", "ndis", "client", "none"),
  call(C.CALL_COMPLETE_UNBIND, "NdisCompleteUnbindAdapterEx", "client", "ndis", "none"),
  call(C.CALL_BIND_ADAPTER, "ProtocolBindAdapterEx", "ndis", "client", "none"),
  call(C.CALL_OPEN_ADAPTER, "NdisOpenAdapterEx", "client", "ndis", "none"),
  call(C.CALL_INITIALIZE, "MiniportInitializeEx", "ndis", "cm", "none"),
  call(C.CALL_MCM_REGISTER, "NdisMCmRegisterAddressFamilyEx", "cm", "ndis", "none"),
  call(C.CALL_CM_REGISTER, "NdisCmRegisterAddressFamilyEx", "cm", "ndis", "none"),
  call(C.CALL_REGISTER_NOTIFY, "ProtocolCoAfRegisterNotify", "ndis", "client", "none"),
  call(C.CALL_HALT, "MiniportHaltEx", "ndis", "cm", "none"),
  call(C.CALL_MCM_NOTIFY, "NdisMCmNotifyCloseAddressFamily", "cm", "ndis"),
  call(C.CALL_CM_NOTIFY, "NdisCmNotifyCloseAddressFamily", "cm", "ndis"),
  call(C.CALL_CL_NOTIFIED, "ProtocolClNotifyCloseAf", "ndis", "client"),
  call(C.CALL_CL_NOTIFY_COMPLETE, "NdisClNotifyCloseAddressFamilyComplete", "client", "ndis"),
  call(C.CALL_CM_NOTIFY_COMPLETE, "ProtocolCmNotifyCloseAfComplete", "ndis", "cm"),
];

/** All calls, by code. */
export const KERNEL_CALLS: readonly KernelCall[] = [...AF_CALLS, ...objectCalls(AF_CALLS.length)];
