import { type FaultRow, row } from "./fault-row.js";

/** Mistakes with SAPs, VCs, calls and parties (MODEL-OBJECTS.md "Faults"). */
export const OBJECT_FAULTS = {
  "sap-in-use": row(
    "cm",
    "sap/status",
    "a registration while the neighbouring client's SAP of the same number is registered",
    "The call manager registers a SAP that another client has registered, instead of answering NDIS_STATUS_INVALID_DATA.",
  ),
  "lost-sap-completion": row(
    "cm",
    "sap/owed",
    "the end of a pended registration's or deregistration's service",
    "The call manager never calls the completion of a registration or deregistration that it had pended.",
  ),
  "sap-completion-status": row(
    "cm",
    "sap/owed",
    "a completion of a pended registration or deregistration",
    "The call manager passes NDIS_STATUS_PENDING to the completion of a registration or deregistration.",
  ),
  "sap-completed-twice": row(
    "cm",
    "sap/owed",
    "the end of a pended registration",
    "The call manager completes the registration of a SAP a second time.",
  ),
  "deregister-twice": row(
    "client",
    "sap/stale",
    "a deregistration that was pended",
    "The client deregisters a SAP again, whose handle ended with its first call.",
  ),
  "create-pending": row(
    "cm",
    "vc/create",
    "the creation of a VC for outgoing calls",
    "The call manager returns NDIS_STATUS_PENDING from ProtocolCoCreateVc; NDIS has the VC deleted.",
  ),
  "delete-active": row(
    "client",
    "vc/delete",
    "a call that is connected",
    "The client deletes a VC that is active and has a call.",
  ),
  "unactivated-call": row(
    "cm",
    "vc/activate",
    "an outgoing call that succeeds",
    "The call manager lets a call succeed without having activated its VC.",
  ),
  "dispatch-first": row(
    "cm",
    "vc/order",
    "the creation of a VC for an incoming call",
    "The call manager dispatches an incoming call before it has activated its VC.",
  ),
  "deactivate-twice": row(
    "cm",
    "vc/deactivate",
    "a deactivation by a miniport call manager",
    "The call manager deactivates a VC that it has deactivated already, and that it is to delete.",
  ),
  "reuse-vc": row(
    "client",
    "call/make",
    "the end of a call on a VC that the client created",
    "The client makes another call on a VC whose call was closed, instead of deleting it.",
  ),
  "lost-call-completion": row(
    "cm",
    "call/owed",
    "the end of the service of a call that is made or closed, and was pended",
    "The call manager never calls the completion of a make-call or close-call that it had pended.",
  ),
  "call-completion-status": row(
    "cm",
    "call/owed",
    "a completion of a call that is made or closed",
    "The call manager passes NDIS_STATUS_PENDING to the completion of a make-call or close-call.",
  ),
  "lost-answer": row(
    "client",
    "call/owed",
    "the end of the time that a client takes to answer an incoming call",
    "The client never completes an incoming call that it had pended.",
  ),
  "close-with-parties": row(
    "client",
    "call/close",
    "the end of a multipoint call by its client",
    "The client closes a call that still has more than one party; the call manager fails that.",
  ),
  "no-deactivate": row(
    "cm",
    "call/close",
    "a call that is closed",
    "The call manager closes a call without deactivating its VC.",
  ),
  "ignored-close": row(
    "client",
    "call/incoming-close",
    "an incoming close",
    "The client does not answer an incoming close with NdisClCloseCall.",
  ),
  "drop-twice": row(
    "client",
    "party/drop",
    "the dropping of a party that was pended",
    "The client drops a party again, whose handle ended with its first call.",
  ),
  "drop-last": row(
    "client",
    "party/drop",
    "the close of a multipoint call by its client",
    "The client drops the last party of a call, which goes with the close of the call.",
  ),
  "lost-drop-completion": row(
    "cm",
    "party/drop",
    "the end of the service of a party's dropping that was pended",
    "The call manager never calls the completion of a party's dropping that it had pended.",
  ),
} as const satisfies Readonly<Record<string, FaultRow>>;
