/**
 * The contract of CoNDIS address families as a table of rules. Every rule paraphrases pages of the NDIS DDI reference
 * (`nf-…`, `nc-…`) or of the network driver guide; to break one is to break the documentation, no more.
 */

export type RuleGroup = "irql" | "register" | "open" | "close" | "notify" | "sap" | "vc" | "call" | "party";

/** CL client, CM any call manager, MC miniport call manager, N NDIS itself: a bug of the kernel. */
export type Actor = "CL" | "CM" | "MC" | "N";

export interface Rule {
  readonly id: RuleId;
  /** Code 64 + number stands for its violation in the digest; a number is never given to another rule. */
  readonly number: number;
  readonly group: RuleGroup;
  readonly text: string;
  /** Page names. */
  readonly source: readonly string[];
  /** Who can break it. */
  readonly who: readonly Actor[];
  /** The page says "should", "usually" or "guideline": counted apart, never fails a run. */
  readonly warning: boolean;
  /** Number of the form of it that is only a warning, for a rule whose page demands one thing and advises another; else null. */
  readonly warningForm: number | null;
}

type Row = Omit<Rule, "id" | "group">;

const CLIENT = ["CL"] as const;
const CALL_MANAGER = ["CM"] as const;
const BOTH = ["CL", "CM"] as const;
const NDIS = ["N"] as const;
const NDIS_AND_CLIENT = ["N", "CL"] as const;

const OPEN_COMPLETE_PAGES = ["nf-ndis-ndismcmopenaddressfamilycomplete", "nf-ndis-ndiscmopenaddressfamilycomplete"];
const CLOSE_COMPLETE_PAGES = ["nf-ndis-ndismcmcloseaddressfamilycomplete", "nf-ndis-ndiscmcloseaddressfamilycomplete"];
const REGISTER_PAGES = ["nf-ndis-ndismcmregisteraddressfamilyex", "nf-ndis-ndiscmregisteraddressfamilyex"];

const must = (number: number, who: readonly Actor[], source: readonly string[], text: string): Row => ({
  number,
  who,
  source,
  text,
  warning: false,
  warningForm: null,
});

const should = (...row: Parameters<typeof must>): Row => ({ ...must(...row), warning: true });

const ROWS = {
  "irql/caller": must(
    0,
    BOTH,
    [
      "nf-ndis-ndisclopenaddressfamilyex",
      ...REGISTER_PAGES,
      "nf-ndis-ndiscmnotifycloseaddressfamily",
      "nf-ndis-ndismcmnotifycloseaddressfamily",
      "nf-ndis-ndiscloseadapterex",
    ],
    "A driver calls NDIS at an IRQL that the page of the call allows: opening or registering an AF, notifying of a close and closing an adapter only at PASSIVE_LEVEL, the rest up to DISPATCH_LEVEL.",
  ),
  "irql/callback": must(
    1,
    NDIS,
    ["nc-ndis-protocol_cl_open_af_complete_ex", "nc-ndis-protocol_co_af_register_notify"],
    "NDIS makes callbacks at the IRQL of their pages: ProtocolClOpenAfCompleteEx and ProtocolCoAfRegisterNotify at PASSIVE_LEVEL, even when their cause ran at DISPATCH_LEVEL.",
  ),

  "register/place": should(
    2,
    CALL_MANAGER,
    REGISTER_PAGES,
    "An MCM registers its AF from MiniportInitializeEx, a stand-alone call manager from ProtocolBindAdapterEx.",
  ),
  "register/duplicate": must(
    3,
    CALL_MANAGER,
    REGISTER_PAGES,
    "An AF is registered once on an adapter; a second registration fails with NDIS_STATUS_FAILURE.",
  ),
  "register/fan-out": must(
    4,
    NDIS,
    REGISTER_PAGES,
    "Every client bound to the adapter, also one that binds later, is notified once of a registration, after the routine that registered has returned; an MCM displaces a stand-alone call manager.",
  ),

  "open/completes-once": must(
    5,
    NDIS_AND_CLIENT,
    ["nf-ndis-ndisclopenaddressfamilyex"],
    "When an open returned NDIS_STATUS_PENDING, NDIS calls ProtocolClOpenAfCompleteEx exactly once; otherwise the client calls it itself and NDIS does not.",
  ),
  "open/status": must(
    6,
    CALL_MANAGER,
    ["nc-ndis-protocol_cm_open_af", ...OPEN_COMPLETE_PAGES],
    "ProtocolCmOpenAf returns success, NDIS_STATUS_PENDING, NDIS_STATUS_RESOURCES or another error, and the status of an open's completion is never NDIS_STATUS_PENDING.",
  ),
  "open/context": must(
    7,
    CALL_MANAGER,
    ["nc-ndis-protocol_cm_open_af", ...OPEN_COMPLETE_PAGES],
    "A successful open gives NDIS the call manager's context for the AF.",
  ),
  "open/owed": must(8, CALL_MANAGER, OPEN_COMPLETE_PAGES, "A call manager that pended an open completes it."),
  "open/not-pended": must(
    9,
    CALL_MANAGER,
    OPEN_COMPLETE_PAGES,
    "The completion of an open is called once, and only for an open that was pended (inferred).",
  ),
  "open/use-before-complete": must(
    10,
    CLIENT,
    OPEN_COMPLETE_PAGES,
    "A client does nothing connection-oriented with an AF whose open has not completed.",
  ),
  "open/failed-unbind": should(
    11,
    CLIENT,
    ["nf-ndis-ndisclopenaddressfamilyex"],
    "After a failed open the client calls NdisUnbindAdapter.",
  ),
  "open/failed-handle": must(
    12,
    BOTH,
    [...OPEN_COMPLETE_PAGES, "nc-ndis-protocol_cl_open_af_complete_ex"],
    "After a failed open nobody uses the handle: the client is given NULL, for the call manager it ends with the completion call, before which it has freed its context.",
  ),

  "close/outstanding": must(
    13,
    CLIENT,
    ["nc-ndis-protocol_cl_close_af_complete"],
    "A client closes an AF only when no VC and no SAP is left on it; otherwise the close fails with NDIS_STATUS_FAILURE.",
  ),
  "close/redundant": must(
    14,
    CLIENT,
    ["nc-ndis-protocol_cl_close_af_complete"],
    "An AF whose close is under way is not closed again; the second close fails with NDIS_STATUS_FAILURE.",
  ),
  "close/client-stale": must(
    15,
    CLIENT,
    ["nf-ndis-ndisclcloseaddressfamily"],
    "From its close call on the client does not use the handle, except for one NdisClNotifyCloseAddressFamilyComplete.",
  ),
  "close/blocked": {
    ...must(
      16,
      CLIENT,
      ["nf-ndis-ndisclcloseaddressfamily"],
      "A client does not wait for the completion of its close inside ProtocolClNotifyCloseAf or at DISPATCH_LEVEL; inside any other callback it should not (a warning).",
    ),
    warningForm: 49,
  },
  "close/completes-once": must(
    17,
    NDIS_AND_CLIENT,
    ["nf-ndis-ndisclcloseaddressfamily"],
    "When a close returned NDIS_STATUS_PENDING, NDIS calls ProtocolClCloseAfComplete exactly once; otherwise the client calls it itself and NDIS does not.",
  ),
  "close/context-early": must(
    18,
    CLIENT,
    ["nc-ndis-protocol_cl_close_af_complete"],
    "A client keeps its context for an AF until it is told that the close succeeded.",
  ),
  "close/context-leak": must(
    19,
    CLIENT,
    ["nc-ndis-protocol_cl_close_af_complete"],
    "A client releases its context for an AF once the close has succeeded.",
  ),
  "close/unbind": must(
    20,
    CLIENT,
    ["nf-ndis-ndisclcloseaddressfamily"],
    "A client that is being unbound closes every AF that it has open through the binding.",
  ),
  "close/status": must(
    21,
    CALL_MANAGER,
    ["nc-ndis-protocol_cm_close_af"],
    "ProtocolCmCloseAf returns NDIS_STATUS_SUCCESS or NDIS_STATUS_PENDING, or NDIS_STATUS_NOT_ACCEPTED while work on the AF is outstanding.",
  ),
  "close/undrained": must(
    22,
    CALL_MANAGER,
    ["nc-ndis-protocol_cm_close_af"],
    "A close that was pended because of outstanding work is completed only after that work.",
  ),
  "close/owed": must(
    23,
    CALL_MANAGER,
    CLOSE_COMPLETE_PAGES,
    "A call manager that pended a close completes it, within the scenario's deadline (no page sets one).",
  ),
  "close/complete-status": must(
    24,
    CALL_MANAGER,
    CLOSE_COMPLETE_PAGES,
    "The status of a close's completion is NDIS_STATUS_SUCCESS.",
  ),
  "close/not-pended": must(
    25,
    CALL_MANAGER,
    CLOSE_COMPLETE_PAGES,
    "The completion of a close is called only for an AF whose close was pended (inferred).",
  ),
  "close/double-complete": must(
    26,
    CALL_MANAGER,
    CLOSE_COMPLETE_PAGES,
    "A pended close is completed only once (inferred).",
  ),
  "close/cm-stale": must(
    27,
    CALL_MANAGER,
    CLOSE_COMPLETE_PAGES,
    "A call manager does not use the handle after completing the close: an MCM from the return of the completion call, a stand-alone call manager from the call itself.",
  ),
  "close/family": must(
    28,
    CALL_MANAGER,
    [...CLOSE_COMPLETE_PAGES, "differences-in-calls-to-ndisxxx-functions"],
    "An MCM calls the NdisMCm form of a function, a stand-alone call manager the NdisCm form.",
  ),
  "close/cm-leak": must(
    29,
    CALL_MANAGER,
    ["nc-ndis-protocol_cm_close_af"],
    "With the close a call manager gives back everything that it took for the AF at its open.",
  ),
  "close/adapter": should(
    30,
    BOTH,
    ["nf-ndis-ndiscloseadapterex", "nf-ndis-ndisclcloseaddressfamily"],
    "Before a binding is closed, its sends and requests have completed and its connection-oriented resources are released.",
  ),

  "notify/required": must(
    31,
    CALL_MANAGER,
    ["nc-ndis-protocol_cm_notify_close_af_complete"],
    "A call manager that goes away notifies its clients first: an MCM before MiniportHaltEx returns, a stand-alone call manager before it closes the binding in ProtocolUnbindAdapterEx.",
  ),
  "notify/order": must(
    32,
    CLIENT,
    ["nc-ndis-protocol_cl_notify_close_af"],
    "A notified client drops parties down to one, closes its calls, deregisters its SAPs and closes the AF, in this order.",
  ),
  "notify/owed": must(
    33,
    CLIENT,
    ["nf-ndis-ndisclnotifycloseaddressfamilycomplete"],
    "A client that pended a close notification completes it once, after the close of its AF has completed.",
  ),
  "notify/completes-once": must(
    34,
    NDIS,
    ["nf-ndis-ndisclnotifycloseaddressfamilycomplete", "nf-ndis-ndiscmnotifycloseaddressfamily"],
    "NDIS calls ProtocolCmNotifyCloseAfComplete exactly once, with the client's status, for a notification that returned NDIS_STATUS_PENDING, and never for another.",
  ),

  "sap/status": must(
    35,
    CALL_MANAGER,
    ["nc-ndis-protocol_cm_reg_sap"],
    "ProtocolCmRegisterSap returns success, NDIS_STATUS_PENDING, NDIS_STATUS_RESOURCES, NDIS_STATUS_INVALID_DATA or another error, and NDIS_STATUS_INVALID_DATA for a SAP that another client uses.",
  ),
  "sap/owed": must(
    36,
    CALL_MANAGER,
    ["nf-ndis-ndismcmregistersapcomplete", "nf-ndis-ndismcmderegistersapcomplete"],
    "A pended register or deregister of a SAP is completed once, never with NDIS_STATUS_PENDING, a deregister only with success.",
  ),
  "sap/stale": must(
    37,
    CLIENT,
    ["nf-ndis-ndisclderegistersap"],
    "From its deregister call on the client does not use the SAP's handle; a redundant deregister fails with NDIS_STATUS_FAILURE.",
  ),
  "sap/closing": must(
    38,
    NDIS,
    ["nc-ndis-protocol_cl_deregister_sap_complete", "deregistering-a-sap"],
    "A deregister on an AF that is closing fails with NDIS_STATUS_FAILURE, and a call that was received before it lives on.",
  ),

  "vc/create": must(
    39,
    BOTH,
    ["nf-ndis-ndiscocreatevc", "nf-ndis-ndismcmcreatevc", "nc-ndis-protocol_co_create_vc"],
    "Creating a VC on an invalid AF fails with NDIS_STATUS_FAILURE, and the callbacks that create and delete VCs never return NDIS_STATUS_PENDING.",
  ),
  "vc/delete": must(
    40,
    BOTH,
    ["nf-ndis-ndiscodeletevc", "nf-ndis-ndismcmdeletevc"],
    "A VC is deleted only by its creator, while it is inactive and has no call; its handle ends with the delete.",
  ),
  "vc/activate": must(
    41,
    CALL_MANAGER,
    ["nf-ndis-ndismcmactivatevc", "nf-ndis-ndismcmmakecallcomplete"],
    "No data flows on a VC before it is activated, and a call completes with success only on an active VC.",
  ),
  "vc/order": should(
    42,
    CALL_MANAGER,
    ["nf-ndis-ndismcmactivatevc"],
    "For an incoming call a call manager creates the VC, activates it and then dispatches the call; for an outgoing one it activates and then completes.",
  ),
  "vc/deactivate": must(
    43,
    ["MC"],
    ["nf-ndis-ndismcmdeactivatevc"],
    "An MCM's redundant deactivation of a VC is answered with NDIS_STATUS_NOT_ACCEPTED and leaves the handle valid.",
  ),

  "call/make": must(
    44,
    CLIENT,
    ["nf-ndis-ndisclmakecall"],
    "A call is made on a created VC, and its parameter buffer lives until the call has completed.",
  ),
  "call/owed": must(
    45,
    BOTH,
    [
      "nc-ndis-protocol_cm_make_call",
      "nf-ndis-ndismcmmakecallcomplete",
      "nf-ndis-ndismcmclosecallcomplete",
      "nf-ndis-ndisclincomingcallcomplete",
    ],
    "A pended make-call, close-call or incoming call is completed once, also when it failed, never with NDIS_STATUS_PENDING, and with success only on an active VC.",
  ),
  "call/close": must(
    46,
    BOTH,
    ["nf-ndis-ndisclclosecall", "nc-ndis-protocol_cm_close_call"],
    "A call is closed when all its sends are back and all but one of its parties are dropped; afterwards nothing is sent and the VC is deactivated.",
  ),
  "call/incoming-close": must(
    47,
    CLIENT,
    ["nc-ndis-protocol_cl_incoming_close_call"],
    "A client answers an incoming close with NdisClCloseCall.",
  ),

  "party/drop": must(
    48,
    BOTH,
    ["nf-ndis-ndiscldropparty", "nc-ndis-protocol_cl_drop_party_complete", "nc-ndis-protocol_cm_drop_party"],
    "From its drop call on a client does not use the party's handle; the last party goes with the close of the call, and a pended drop is completed.",
  ),
} satisfies Readonly<Record<`${RuleGroup}/${string}`, Row>>;

export type RuleId = keyof typeof ROWS;

/** All rules, by number. */
export const RULES: readonly Rule[] = (Object.entries(ROWS) as [RuleId, Row][])
  .map(([id, row]) => ({ id, group: id.slice(0, id.indexOf("/")) as RuleGroup, ...row }))
  .sort((a, b) => a.number - b.number);

/** The rule with this id. */
export function ruleOf(id: RuleId): Rule {
  return RULES[ROWS[id].number]!;
}

/** Whether a text from outside names a rule. */
export function isRuleId(id: string): id is RuleId {
  return Object.hasOwn(ROWS, id);
}
