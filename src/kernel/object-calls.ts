import type { KernelCall, Role } from "./call-codes.js";

type Row = readonly [name: string, from: Role, to: Role];

/** The calls of client, NDIS and call manager by which an operation is requested, asked, completed and told. */
function operation(verb: string): readonly Row[] {
  return [
    [`NdisCl${verb}`, "client", "ndis"],
    [`ProtocolCm${verb}`, "ndis", "cm"],
    ...byCallManager(`${verb}Complete`),
    [`ProtocolCl${verb}Complete`, "ndis", "client"],
  ];
}

/** A call of a call manager, in the form of each kind. */
function byCallManager(verb: string): readonly Row[] {
  return [
    [`NdisMCm${verb}`, "cm", "ndis"],
    [`NdisCm${verb}`, "cm", "ndis"],
  ];
}

const ROWS: readonly Row[] = [
  ...operation("RegisterSap"),

  ["NdisCoCreateVc", "client", "ndis"],
  ["NdisMCmCreateVc", "cm", "ndis"],
  ["ProtocolCoCreateVc", "ndis", "client"],
  ...byCallManager("ActivateVc"),
  ["ProtocolCmActivateVcComplete", "ndis", "cm"],

  ...operation("MakeCall"),

  ...byCallManager("DispatchIncomingCall"),
  ["ProtocolClIncomingCall", "ndis", "client"],
  ["NdisClIncomingCallComplete", "client", "ndis"],
  ["ProtocolCmIncomingCallComplete", "ndis", "cm"],
  ...byCallManager("DispatchCallConnected"),
  ["ProtocolClCallConnected", "ndis", "client"],

  ...operation("AddParty"),

  ...byCallManager("DispatchIncomingDropParty"),
  ["ProtocolClIncomingDropParty", "ndis", "client"],
  ...operation("DropParty"),

  ...byCallManager("DispatchIncomingCloseCall"),
  ["ProtocolClIncomingCloseCall", "ndis", "client"],
  ...byCallManager("DeactivateVc"),
  ["ProtocolCmDeactivateVcComplete", "ndis", "cm"],

  ["NdisCoDeleteVc", "client", "ndis"],
  ["NdisMCmDeleteVc", "cm", "ndis"],
  ["ProtocolCoDeleteVc", "ndis", "client"],
];

/** The calls about SAPs, VCs, calls and parties, numbered from `first` on. The kernel knows them from tables only. */
export function objectCalls(first: number): readonly KernelCall[] {
  return ROWS.map(([name, from, to], i) => ({ code: first + i, name, from, to, af: "both" }));
}
