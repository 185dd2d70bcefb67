import { DISPATCH_LEVEL, IRQL_MISSING, irqlName } from "./call-table.js";
import type { CodedEvent } from "./event.js";
import type { Frame } from "./frames.js";
import {
  beginObligation,
  belongsTo,
  CLOSE_CL,
  CLOSE_FAILED,
  hasFailedForCm,
  IN_NOTIFY,
  isClosing,
  isOpen,
  isOver,
  NOTIFIED,
  NOTIFY_COMPLETED,
  NOTIFY_FAILED,
  NOTIFY_PENDED,
  OWES_NOTIFY,
  OWES_SELF_OPEN,
  WAS_NOTIFIED,
} from "./address-family.js";
import { hasExpiredForCm } from "./close-completion.js";
import { KIND_AF, NOBODY } from "./object-table.js";
import { type Scene, UNKNOWN } from "./scene.js";
import { isFailure, STATUS_MISSING, STATUS_PENDING, STATUS_SUCCESS } from "./status-class.js";

/** Ndis(M)CmNotifyCloseAddressFamily. */
export function notifyIsCalled(s: Scene, e: CodedEvent, frame: Frame, isBroken: boolean): void {
  const id = frame.id;
  if (id === NOBODY) return;
  belongsTo(s, e, id, undefined);
  if (hasFailedForCm(s, id)) {
    if (!isBroken) s.breach("open/failed-handle", e, id, "The call manager notified of an AF whose open had failed.");
  } else if (hasExpiredForCm(s, id)) {
    if (!isBroken)
      s.breach("close/cm-stale", e, id, "The call manager used the handle of an AF whose close it had completed.");
  } else {
    s.objects.mark(id, NOTIFIED);
    return;
  }
  frame.ignored = true;
}

/** ProtocolClNotifyCloseAf. */
export function notifyIsDelivered(s: Scene, e: CodedEvent, frame: Frame): void {
  const id = frame.id;
  if (id === NOBODY) return;
  belongsTo(s, e, id, e.to);
  s.objects.mark(id, NOTIFIED | WAS_NOTIFIED | IN_NOTIFY);
}

/** ProtocolClNotifyCloseAf has returned. */
export function notifyIsAnswered(s: Scene, e: CodedEvent, id: number): void {
  if (id === NOBODY) return;
  const { objects } = s;
  objects.unmark(id, IN_NOTIFY);
  const status = e.statusClass;
  if (status === STATUS_MISSING) {
    s.cannotSay("notify/owed", "status", e);
    s.doubt(id);
  } else if (status === STATUS_PENDING) {
    objects.mark(id, NOTIFY_PENDED);
    if (objects.has(id, NOTIFY_COMPLETED)) return;
    objects.mark(id, OWES_NOTIFY);
    if (isOpen(s, id) === true && !objects.has(id, OWES_SELF_OPEN)) beginObligation(s, e, id);
  } else if (status === STATUS_SUCCESS && !isOver(s, id) && !isUnclear(s, id)) {
    s.breach(
      "notify/owed",
      e,
      id,
      "ProtocolClNotifyCloseAf returned NDIS_STATUS_SUCCESS, which says that the AF is closed, though its close has not ended.",
    );
  }
}

/** Whether the trace has not shown where the AF stands. */
const isUnclear = (s: Scene, id: number): boolean => s.objects.has(id, UNKNOWN) && s.objects.state(id, CLOSE_CL) === 0;

/** NdisClNotifyCloseAddressFamilyComplete. */
export function notifyIsCompleted(s: Scene, e: CodedEvent, frame: Frame, isBroken: boolean): void {
  const id = frame.id;
  if (id === NOBODY) return;
  const { objects } = s;
  const isDead = objects.state(id, CLOSE_CL) === CLOSE_FAILED && s.readings.failedClose === "dead";
  const hasEnded = isOver(s, id) || isDead;
  const wasPended = objects.has(id, NOTIFY_PENDED | IN_NOTIFY);
  const mayOwe = objects.has(id, OWES_NOTIFY | IN_NOTIFY) || (objects.has(id, UNKNOWN) && !wasPended);
  if ((hasEnded || isUnclear(s, id)) && mayOwe && !objects.has(id, NOTIFY_COMPLETED)) {
    objects.mark(id, NOTIFY_PENDED);
    objects.unmark(id, OWES_NOTIFY);
    objects.mark(id, NOTIFY_COMPLETED);
    if (isFailure(e.statusClass)) objects.mark(id, NOTIFY_FAILED);
    else objects.unmark(id, NOTIFY_FAILED);
    if (isOver(s, id)) s.unlink(id);
    return;
  }
  frame.ignored = true;
  if (isBroken) return;
  if (!wasPended) {
    s.breach("close/client-stale", e, id, "The client completed a close notification that it had not pended.");
    return;
  }
  const why = objects.has(id, OWES_NOTIFY) ? "before the close of its AF had ended" : "a second time";
  s.breach("notify/owed", e, id, `The client completed a close notification ${why}.`);
}

/** ProtocolCmNotifyCloseAfComplete. */
export function notifyIsTold(s: Scene, e: CodedEvent, frame: Frame): void {
  const id = frame.id;
  if (id === NOBODY) return;
  const { objects } = s;
  if (!objects.has(id, NOTIFY_COMPLETED)) {
    if (objects.has(id, UNKNOWN)) s.cannotSay("notify/completes-once", "the beginning of the AF's life", e);
    else
      s.breach(
        "notify/completes-once",
        e,
        id,
        "NDIS told the call manager of the end of a notification that the client has not completed.",
      );
    return;
  }
  objects.unmark(id, NOTIFY_COMPLETED);
  const status = e.statusClass;
  if (status === STATUS_MISSING) s.cannotSay("notify/completes-once", "status", e);
  else if (isFailure(status) !== objects.has(id, NOTIFY_FAILED)) {
    s.breach(
      "notify/completes-once",
      e,
      id,
      `NDIS told the call manager ${e.status}, which is not what the client has passed.`,
    );
  }
}

/** A client waits for the completion of its close. */
export function clientWaits(s: Scene, e: CodedEvent, around: number): void {
  if (e.af === undefined || e.from === undefined || !e.from.startsWith("client")) return;
  const id = s.known(e, KIND_AF, e.af);
  if (!isClosing(s, id) && !isUnclear(s, id)) return;
  if (e.irql >= DISPATCH_LEVEL) {
    s.breach("close/blocked", e, id, `The client waited at ${irqlName(e.irql)} for the completion of its close.`);
  } else if (around === WAITS_IN_NOTIFY) {
    s.breach(
      "close/blocked",
      e,
      id,
      "The client waited inside ProtocolClNotifyCloseAf for the completion of its close.",
    );
  } else if (around === WAITS_IN_CALLBACK) {
    s.warn("close/blocked", e, id, "The client waited inside a callback of NDIS for the completion of its close.");
  } else if (e.irql === IRQL_MISSING) s.cannotSay("close/blocked", "irql", e);
  else if (around === WAITS_UNKNOWN) s.cannotSay("close/blocked", "parent", e);
}

export const WAITS_OUTSIDE = 0;
export const WAITS_IN_NOTIFY = 1;
export const WAITS_IN_CALLBACK = 2;
export const WAITS_UNKNOWN = 3;
