import { dispatch, type ContractCall } from "./call-row.js";

/** The calls about SAPs, VCs, calls and parties, but those by which the client gives them up (calls.ts). */
export const OBJECT_CALLS = {
  NdisClRegisterSap: dispatch("client", "ndis", "nf-ndis-ndisclregistersap"),
  ProtocolCmRegisterSap: dispatch("ndis", "cm", "nc-ndis-protocol_cm_reg_sap"),
  NdisMCmRegisterSapComplete: dispatch("cm", "ndis", "nf-ndis-ndismcmregistersapcomplete", "mcm"),
  NdisCmRegisterSapComplete: dispatch("cm", "ndis", "nf-ndis-ndiscmregistersapcomplete", "standalone"),
  ProtocolClRegisterSapComplete: dispatch("ndis", "client", "nc-ndis-protocol_cl_register_sap_complete"),

  NdisCoCreateVc: dispatch("client", "ndis", "nf-ndis-ndiscocreatevc"),
  NdisMCmCreateVc: dispatch("cm", "ndis", "nf-ndis-ndismcmcreatevc", "mcm"),
  ProtocolCoCreateVc: dispatch("ndis", "client", "nc-ndis-protocol_co_create_vc"),
  NdisMCmActivateVc: dispatch("cm", "ndis", "nf-ndis-ndismcmactivatevc", "mcm"),
  NdisCmActivateVc: dispatch("cm", "ndis", "nf-ndis-ndiscmactivatevc", "standalone"),
  ProtocolCmActivateVcComplete: dispatch("ndis", "cm", "nc-ndis-protocol_cm_activate_vc_complete"),

  NdisClMakeCall: dispatch("client", "ndis", "nf-ndis-ndisclmakecall"),
  ProtocolCmMakeCall: dispatch("ndis", "cm", "nc-ndis-protocol_cm_make_call"),
  NdisMCmMakeCallComplete: dispatch("cm", "ndis", "nf-ndis-ndismcmmakecallcomplete", "mcm"),
  NdisCmMakeCallComplete: dispatch("cm", "ndis", "nf-ndis-ndiscmmakecallcomplete", "standalone"),
  ProtocolClMakeCallComplete: dispatch("ndis", "client", "nc-ndis-protocol_cl_make_call_complete"),

  NdisMCmDispatchIncomingCall: dispatch("cm", "ndis", "nf-ndis-ndismcmdispatchincomingcall", "mcm"),
  NdisCmDispatchIncomingCall: dispatch("cm", "ndis", "nf-ndis-ndiscmdispatchincomingcall", "standalone"),
  ProtocolClIncomingCall: dispatch("ndis", "client", "nc-ndis-protocol_cl_incoming_call"),
  NdisClIncomingCallComplete: dispatch("client", "ndis", "nf-ndis-ndisclincomingcallcomplete"),
  ProtocolCmIncomingCallComplete: dispatch("ndis", "cm", "nc-ndis-protocol_cm_incoming_call_complete"),
  NdisMCmDispatchCallConnected: dispatch("cm", "ndis", "nf-ndis-ndismcmdispatchcallconnected", "mcm"),
  NdisCmDispatchCallConnected: dispatch("cm", "ndis", "nf-ndis-ndiscmdispatchcallconnected", "standalone"),
  ProtocolClCallConnected: dispatch("ndis", "client", "nc-ndis-protocol_cl_call_connected"),

  NdisClAddParty: dispatch("client", "ndis", "nf-ndis-ndiscladdparty"),
  ProtocolCmAddParty: dispatch("ndis", "cm", "nc-ndis-protocol_cm_add_party"),
  NdisMCmAddPartyComplete: dispatch("cm", "ndis", "nf-ndis-ndismcmaddpartycomplete", "mcm"),
  NdisCmAddPartyComplete: dispatch("cm", "ndis", "nf-ndis-ndiscmaddpartycomplete", "standalone"),
  ProtocolClAddPartyComplete: dispatch("ndis", "client", "nc-ndis-protocol_cl_add_party_complete"),

  NdisMCmDispatchIncomingDropParty: dispatch("cm", "ndis", "nf-ndis-ndismcmdispatchincomingdropparty", "mcm"),
  NdisCmDispatchIncomingDropParty: dispatch("cm", "ndis", "nf-ndis-ndiscmdispatchincomingdropparty", "standalone"),
  ProtocolClIncomingDropParty: dispatch("ndis", "client", "nc-ndis-protocol_cl_incoming_drop_party"),
  NdisClDropParty: dispatch("client", "ndis", "nf-ndis-ndiscldropparty"),
  ProtocolCmDropParty: dispatch("ndis", "cm", "nc-ndis-protocol_cm_drop_party"),
  NdisMCmDropPartyComplete: dispatch("cm", "ndis", "nf-ndis-ndismcmdroppartycomplete", "mcm"),
  NdisCmDropPartyComplete: dispatch("cm", "ndis", "nf-ndis-ndiscmdroppartycomplete", "standalone"),
  ProtocolClDropPartyComplete: dispatch("ndis", "client", "nc-ndis-protocol_cl_drop_party_complete"),

  NdisMCmDispatchIncomingCloseCall: dispatch("cm", "ndis", "nf-ndis-ndismcmdispatchincomingclosecall", "mcm"),
  NdisCmDispatchIncomingCloseCall: dispatch("cm", "ndis", "nf-ndis-ndiscmdispatchincomingclosecall", "standalone"),
  ProtocolClIncomingCloseCall: dispatch("ndis", "client", "nc-ndis-protocol_cl_incoming_close_call"),
  NdisMCmDeactivateVc: dispatch("cm", "ndis", "nf-ndis-ndismcmdeactivatevc", "mcm"),
  NdisCmDeactivateVc: dispatch("cm", "ndis", "nf-ndis-ndiscmdeactivatevc", "standalone"),
  ProtocolCmDeactivateVcComplete: dispatch("ndis", "cm", "nc-ndis-protocol_cm_deactivate_vc_complete"),

  NdisCoDeleteVc: dispatch("client", "ndis", "nf-ndis-ndiscodeletevc"),
  NdisMCmDeleteVc: dispatch("cm", "ndis", "nf-ndis-ndismcmdeletevc", "mcm"),
  ProtocolCoDeleteVc: dispatch("ndis", "client", "nc-ndis-protocol_co_delete_vc"),
} satisfies Readonly<Record<string, ContractCall>>;
