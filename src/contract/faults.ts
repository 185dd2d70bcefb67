import { type FaultRow, row } from "./fault-row.js";
import { OBJECT_FAULTS } from "./object-faults.js";

/** A mistake that a scenario can make a driver commit, so that the rule which it breaks is seen to be checked. */
export interface Fault extends FaultRow {
  /** What a scenario names in `faults[].kind`. */
  readonly id: FaultId;
}

const CLOSE_COMPLETION = "a completion of a pended close that is not inline";
const CLOSE_PENDED = "a close that was pended and is not completed inline";
const COMES_UP = "a call manager of an adapter with AFs comes up";
const NOTIFIED_AND_PENDED = "a close inside ProtocolClNotifyCloseAf that was pended and is not completed inline";
const NOTIFICATION_PENDED = "the end of the close of an AF whose close notification was pended";

const ROWS = {
  "double-complete": row(
    "cm",
    "close/double-complete",
    "the end of a pended close that is not completed inline",
    "The call manager completes a pended close a second time, with the handle that ended with the first.",
  ),
  "lost-completion": row(
    "cm",
    "close/owed",
    "the end of a pended close's service",
    "The call manager never calls the completion of a close that it had pended.",
  ),
  "early-completion": row(
    "cm",
    "close/not-pended",
    "an open of which the client has been told",
    "The call manager completes the close of an AF that is open and that nobody has asked it to close.",
  ),
  "wrong-family": row(
    "cm",
    "close/family",
    CLOSE_COMPLETION,
    "The call manager completes a close with the form of the other kind: a miniport call manager with NdisCm, a stand-alone one with NdisMCm.",
  ),
  "completion-irql": row(
    "cm",
    "irql/caller",
    CLOSE_COMPLETION,
    "The call manager calls the completion of a close from its interrupt handler, at DEVICE_LEVEL.",
  ),
  "completion-status": row(
    "cm",
    "close/complete-status",
    CLOSE_COMPLETION,
    "The call manager passes NDIS_STATUS_FAILURE to the completion of a close.",
  ),
  "stale-completion": row(
    "cm",
    "close/cm-stale",
    "the end of a synchronous close",
    "The call manager answers a close with NDIS_STATUS_SUCCESS and then completes it as if it had been pended.",
  ),
  "close-twice": row(
    "client",
    "close/redundant",
    CLOSE_PENDED,
    "The client closes an AF again while its first close is pended.",
  ),
  "stale-close": row(
    "client",
    "close/client-stale",
    "the end of a pended close that is not completed inline",
    "The client closes an AF again after it was told that the close has completed.",
  ),
  "open-irql": row(
    "client",
    "irql/caller",
    "an open",
    "The client opens an AF at DISPATCH_LEVEL, where only PASSIVE_LEVEL is allowed.",
  ),
  "lost-open-completion": row(
    "cm",
    "open/owed",
    "the end of a pended open's service",
    "The call manager never calls the completion of an open that it had pended.",
  ),
  "double-open-complete": row(
    "cm",
    "open/not-pended",
    "the end of an open's completion call",
    "The call manager completes a pended open a second time.",
  ),
  "open-completion-status": row(
    "cm",
    "open/status",
    "a completion of a pended open",
    "The call manager passes NDIS_STATUS_PENDING to the completion of an open.",
  ),
  "open-self-complete": row(
    "client",
    "open/completes-once",
    "an open that was pended",
    "The client calls its own ProtocolClOpenAfCompleteEx though its open was pended and NDIS will call it.",
  ),
  "early-close": row(
    "client",
    "open/use-before-complete",
    "an open that was pended",
    "The client closes an AF whose open has not completed yet.",
  ),
  "null-context": row(
    "cm",
    "open/context",
    "an open that the call manager lets succeed, in its return or in its completion",
    "The call manager lets an open succeed without giving its context.",
  ),
  "no-unbind": row(
    "client",
    "open/failed-unbind",
    "the first failed open of a binding, when its client is told",
    "The client never calls NdisUnbindAdapter for its binding, though an open has failed.",
  ),
  "failed-open-close": row(
    "client",
    "open/failed-handle",
    "a failed open of which the client has been told",
    "The client closes an AF whose open has failed.",
  ),
  "failed-open-leak": row(
    "cm",
    "open/failed-handle",
    "an open that the call manager lets fail, in its return or in its completion",
    "The call manager reports that an open has failed before it has released its context for it, which it never does.",
  ),
  "outstanding-close": row(
    "client",
    "close/outstanding",
    "a close of an AF with VCs or SAPs",
    "The client closes an AF without having closed the calls and deregistered the SAPs on it; the close fails.",
  ),
  "close-self-complete": row(
    "client",
    "close/completes-once",
    CLOSE_PENDED,
    "The client calls its own ProtocolClCloseAfComplete though its close was pended and NDIS will call it.",
  ),
  "early-release": row(
    "client",
    "close/context-early",
    CLOSE_PENDED,
    "The client releases its context for an AF while the close is pended.",
  ),
  "blocked-wait": row(
    "client",
    "close/blocked",
    CLOSE_PENDED,
    "The client waits for the completion of its close at DISPATCH_LEVEL.",
  ),
  "undrained-completion": row(
    "cm",
    "close/undrained",
    "a close that was pended with teardowns of VCs or SAPs outstanding",
    "The call manager completes a close that it had pended because of outstanding work before that work is completed.",
  ),
  "context-leak": row(
    "client",
    "close/context-leak",
    "the end of a close, when the client is told",
    "The client does not release its context for an AF when its close has completed.",
  ),
  "close-return-status": row(
    "cm",
    "close/status",
    "a synchronous close",
    "The call manager returns NDIS_STATUS_NOT_ACCEPTED from ProtocolCmCloseAf though no work is outstanding.",
  ),
  "cm-leak": row(
    "cm",
    "close/cm-leak",
    "a close that the call manager ends, in its return or in its completion",
    "The call manager does not release what it took for an AF at its open when the AF is closed.",
  ),
  "forgotten-af": row(
    "client",
    "close/unbind",
    "an AF that is open, or was forgotten by a halt, when its client is unbound from the adapter",
    "The client forgets to close an AF when it is unbound from the adapter.",
  ),
  "early-close-adapter": row(
    "client",
    "close/adapter",
    "an unbinding that has to wait for AFs",
    "The client closes its binding to the adapter while AFs on it are still opening or closing.",
  ),
  "register-late": row(
    "cm",
    "register/place",
    COMES_UP,
    "The call manager registers after MiniportInitializeEx, or a stand-alone one after ProtocolBindAdapterEx, has returned.",
  ),
  "register-twice": row("cm", "register/duplicate", COMES_UP, "The call manager registers its AF on an adapter twice."),
  "register-irql": row(
    "cm",
    "irql/caller",
    COMES_UP,
    "The call manager registers at DISPATCH_LEVEL, where only PASSIVE_LEVEL is allowed.",
  ),
  "forgotten-notify": row(
    "cm",
    "notify/required",
    "an AF that is open on an adapter that halts",
    "The call manager does not notify the client of an AF when its adapter halts or it is unbound from it.",
  ),
  "notify-irql": row(
    "cm",
    "irql/caller",
    "a close notification",
    "The call manager notifies of a close at DISPATCH_LEVEL, where only PASSIVE_LEVEL is allowed.",
  ),
  "saps-first": row(
    "client",
    "notify/order",
    "a close notification of an AF with VCs and SAPs",
    "The client deregisters the SAPs of an AF that is to be closed before it closes the calls on it.",
  ),
  "notify-wait": row(
    "client",
    "close/blocked",
    NOTIFIED_AND_PENDED,
    "The client waits inside ProtocolClNotifyCloseAf for the completion of its close.",
  ),
  "notify-success": row(
    "client",
    "notify/owed",
    NOTIFIED_AND_PENDED,
    "The client returns NDIS_STATUS_SUCCESS from ProtocolClNotifyCloseAf though its close is pended.",
  ),
  "lost-notify-completion": row(
    "client",
    "notify/owed",
    NOTIFICATION_PENDED,
    "The client never completes a close notification that it had pended.",
  ),
  "early-notify-completion": row(
    "client",
    "notify/owed",
    "a close notification that was pended, whose close is pended too",
    "The client completes a close notification before its close has completed.",
  ),
  "double-notify-completion": row(
    "client",
    "notify/owed",
    NOTIFICATION_PENDED,
    "The client completes a close notification a second time.",
  ),
  "cm-early-close-adapter": row(
    "cm",
    "close/adapter",
    "an unbinding of a stand-alone call manager that has to wait for AFs",
    "The call manager closes its binding to the adapter while AFs on it are still opening or closing.",
  ),
  "retry-close": row(
    "client",
    "close/client-stale",
    "the end of the last teardown on an AF whose close was refused",
    "The client closes an AF again whose first close has failed, where its handle is dead.",
  ),
  "use-in-completion": row(
    "cm",
    "close/cm-stale",
    CLOSE_COMPLETION,
    "The call manager uses the handle of an AF after it has called the completion of its close, before that has returned.",
  ),
  "use-after-completion": row(
    "cm",
    "close/cm-stale",
    "the end of a pended close that is not completed inline",
    "The call manager uses the handle of an AF after the completion of its close has returned.",
  ),
  "release-at-call": row(
    "client",
    "close/context-early",
    CLOSE_COMPLETION,
    "The client releases its context for an AF when the completion of its close is called, before it is told.",
  ),
  "shared-flag": row(
    "cm",
    "close/owed",
    "the end of a pended close's service while no other has set the flag",
    "The call manager keeps one flag an adapter for pended closes: of two that are pended at once one is never completed.",
  ),
  "one-handle": row(
    "cm",
    "close/double-complete",
    "the end of a pended close's service after another close of the adapter was completed",
    "The call manager keeps one handle an adapter: it completes the close of another AF a second time, and this one never.",
  ),
  "halted-completion": row(
    "cm",
    "close/owed",
    "the end of a pended close's service on a halted adapter",
    "The call manager drops the completion of a close because its adapter has halted before the work item ran.",
  ),
  "inline-success": row(
    "cm",
    "close/double-complete",
    "a close that is completed inline",
    "The call manager returns NDIS_STATUS_SUCCESS from ProtocolCmCloseAf after it has completed the close inside it.",
  ),
  "lock-deadlock": row(
    "cm",
    "close/owed",
    "the end of a completion of a pended close that is not inline",
    "The call manager holds its lock across the completion of a close, and deadlocks when the client calls back in: it completes nothing any more.",
  ),
  "no-self-complete": row(
    "client",
    "close/completes-once",
    "a synchronous close",
    "The client does not call its own ProtocolClCloseAfComplete after a close that was not pended.",
  ),
  "walk-skips": row(
    "cm",
    "notify/required",
    "an open AF in the walk of a halt, after one that has closed at once",
    "The call manager skips an AF in the walk of its list at a halt, as the one before it has left the list.",
  ),
  "walk-repeats": row(
    "cm",
    "close/cm-stale",
    "a close notification in the walk of a halt, whose close has ended at once",
    "The call manager notifies of an AF a second time, in the walk of its list at a halt, though it is closed.",
  ),
  "close-adapter-irql": row(
    "client",
    "irql/caller",
    "an unbinding of a client with AFs that comes to its end, its binding not closed yet",
    "The client closes its binding to the adapter at DISPATCH_LEVEL, where only PASSIVE_LEVEL is allowed.",
  ),
  "cm-close-adapter-irql": row(
    "cm",
    "irql/caller",
    "an unbinding of a stand-alone call manager with AFs that comes to its end, its binding not closed yet",
    "The call manager closes its binding to the adapter at DISPATCH_LEVEL, where only PASSIVE_LEVEL is allowed.",
  ),
  "callback-wait": {
    ...row(
      "client",
      "close/blocked",
      "the completion at PASSIVE_LEVEL of the last teardown on an AF whose close is pended",
      "The client waits for the completion of its close inside ProtocolClCloseCallComplete or ProtocolClDeregisterSapComplete: only a warning.",
    ),
    warningForm: true,
  },
  ...OBJECT_FAULTS,
} as const satisfies Readonly<Record<string, FaultRow>>;

export type FaultId = keyof typeof ROWS;

/** All faults (MODEL.md, MODEL-DRIVERS.md and MODEL-OBJECTS.md, "Faults"). */
export const faults: readonly Fault[] = (Object.entries(ROWS) as [FaultId, FaultRow][]).map(([id, fields]) => ({
  id,
  ...fields,
}));

/** Their ids: what a scenario may name. */
export const faultIds: readonly FaultId[] = faults.map(({ id }) => id);

export type ObjectFaultId = keyof typeof OBJECT_FAULTS;

/** Of them, those with SAPs, VCs, calls and parties: only in scenarios that have these can they be made. */
export const objectFaultIds: ReadonlySet<FaultId> = new Set(Object.keys(OBJECT_FAULTS) as ObjectFaultId[]);

/** Whether a text from outside names a fault. */
export function isFaultId(id: string): id is FaultId {
  return Object.hasOwn(ROWS, id);
}

/** Whose mistake a fault is. */
export function faultOf(id: FaultId): Fault["of"] {
  return ROWS[id].of;
}
