import type { CallManagerKind, Irql } from "../scenario/scenario.js";

/** A role of the contract, as in the first part of a trace's party names. */
export type Role = "client" | "cm" | "ndis";

/** One call of an address family's life. */
export interface ContractCall {
  readonly from: Role;
  /** A client also calls its own completion function, when NDIS does not (open/completes-once, close/completes-once). */
  readonly to: Role;
  /** The highest IRQL that the page's `req.irql` allows. */
  readonly irqlMax: Irql;
  /** Page of the NDIS DDI reference. */
  readonly page: string;
  /** The only kind of call manager that may make this call, or null when the call is open to both. */
  readonly callManagerKind: CallManagerKind | null;
}

/** The calls from the open of an address family to the end of its close, in the order of a life. */
export const CALLS = {
  NdisClOpenAddressFamilyEx: {
    from: "client",
    to: "ndis",
    irqlMax: "PASSIVE_LEVEL",
    page: "nf-ndis-ndisclopenaddressfamilyex",
    callManagerKind: null,
  },
  ProtocolCmOpenAf: {
    from: "ndis",
    to: "cm",
    irqlMax: "DISPATCH_LEVEL",
    page: "nc-ndis-protocol_cm_open_af",
    callManagerKind: null,
  },
  NdisMCmOpenAddressFamilyComplete: {
    from: "cm",
    to: "ndis",
    irqlMax: "DISPATCH_LEVEL",
    page: "nf-ndis-ndismcmopenaddressfamilycomplete",
    callManagerKind: "mcm",
  },
  NdisCmOpenAddressFamilyComplete: {
    from: "cm",
    to: "ndis",
    irqlMax: "DISPATCH_LEVEL",
    page: "nf-ndis-ndiscmopenaddressfamilycomplete",
    callManagerKind: "standalone",
  },
  ProtocolClOpenAfCompleteEx: {
    from: "ndis",
    to: "client",
    irqlMax: "PASSIVE_LEVEL",
    page: "nc-ndis-protocol_cl_open_af_complete_ex",
    callManagerKind: null,
  },
  NdisClCloseAddressFamily: {
    from: "client",
    to: "ndis",
    irqlMax: "DISPATCH_LEVEL",
    page: "nf-ndis-ndisclcloseaddressfamily",
    callManagerKind: null,
  },
  ProtocolCmCloseAf: {
    from: "ndis",
    to: "cm",
    irqlMax: "DISPATCH_LEVEL",
    page: "nc-ndis-protocol_cm_close_af",
    callManagerKind: null,
  },
  NdisMCmCloseAddressFamilyComplete: {
    from: "cm",
    to: "ndis",
    irqlMax: "DISPATCH_LEVEL",
    page: "nf-ndis-ndismcmcloseaddressfamilycomplete",
    callManagerKind: "mcm",
  },
  NdisCmCloseAddressFamilyComplete: {
    from: "cm",
    to: "ndis",
    irqlMax: "DISPATCH_LEVEL",
    page: "nf-ndis-ndiscmcloseaddressfamilycomplete",
    callManagerKind: "standalone",
  },
  ProtocolClCloseAfComplete: {
    from: "ndis",
    to: "client",
    irqlMax: "DISPATCH_LEVEL",
    page: "nc-ndis-protocol_cl_close_af_complete",
    callManagerKind: null,
  },
} as const satisfies Readonly<Record<string, ContractCall>>;

export type CallName = keyof typeof CALLS;
/** A call that a driver makes, as against one that NDIS makes to a driver. */
export type DriverCallName = Extract<CallName, `Ndis${string}`>;

/** The completion calls that a kind of call manager makes (close/family). */
export const COMPLETION_CALLS: Readonly<
  Record<CallManagerKind, { readonly open: DriverCallName; readonly close: DriverCallName }>
> = {
  mcm: { open: "NdisMCmOpenAddressFamilyComplete", close: "NdisMCmCloseAddressFamilyComplete" },
  standalone: { open: "NdisCmOpenAddressFamilyComplete", close: "NdisCmCloseAddressFamilyComplete" },
};
