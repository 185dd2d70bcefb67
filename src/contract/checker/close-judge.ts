import type { CodedEvent } from "./event.js";
import type { Frame } from "./frames.js";
import {
  beginObligation,
  belongsTo,
  CLOSE_ANSWERED,
  CLOSE_ASKED,
  CLOSE_CALLED,
  CLOSE_CL,
  CLOSE_CM,
  CLOSE_COMPLETED,
  CLOSE_FAILED,
  CLOSE_PENDED,
  CLOSE_REFUSED,
  CLOSE_TOLD,
  CLOSE_WAITING,
  CLOSE_WAS_PENDED,
  CLOSED_AT_ONCE,
  COMPLETION_RETURNED,
  endLife,
  HALT_JUDGED,
  hasFailed,
  isClosing,
  isOpen,
  isOpening,
  isOver,
  MAY_SELF_CLOSE,
  NOTIFIED,
  OPEN,
  OPEN_CL,
  OWES_SELF_CLOSE,
  REFUSAL_UNCLEAR,
} from "./address-family.js";

import { CHILD, LEFT, LINE, LINE2, NOBODY, WORK } from "./object-table.js";
import { isBySelf, missesSelfOpen } from "./open-judge.js";
import { type Scene, UNKNOWN } from "./scene.js";
import { isFailure, STATUS_MISSING, STATUS_NOT_ACCEPTED, STATUS_PENDING, STATUS_SUCCESS } from "./status-class.js";

/** NdisClCloseAddressFamily. */
export function closeIsCalled(s: Scene, e: CodedEvent, frame: Frame, isBroken: boolean): void {
  const id = frame.id;
  if (id === NOBODY) return;
  const { objects } = s;
  belongsTo(s, e, id, e.from);
  if (!judgeCloseCall(s, e, id, isBroken)) {
    frame.ignored = true;
    return;
  }
  const isJudged = isBroken || hasObjectsLeft(s, id);
  if (!isJudged && s.readings.openScope === "binding" && (s.bindingOf(id)?.opening ?? 0) > 0)
    frame.note = LEAVES_NO_OPEN_ALONE;
  judgeForgotten(s, id);
  missesSelfOpen(s, id);
  if (objects.state(id, OPEN_CL) === 0) objects.setState(id, OPEN_CL, OPEN);
  objects.setState(id, CLOSE_CL, CLOSE_CALLED);
  objects.setState(id, CLOSE_CM, 0);
  objects.unmark(id, COMPLETION_RETURNED | CLOSE_WAS_PENDED | OWES_SELF_CLOSE);
  beginObligation(s, e, id);
}

/** Judges a close by where its AF stands; false when it has no effect. */
function judgeCloseCall(s: Scene, e: CodedEvent, id: number, isBroken: boolean): boolean {
  const { objects } = s;
  const close = objects.state(id, CLOSE_CL);
  const breach = (rule: Parameters<Scene["breach"]>[0], text: string): boolean => {
    if (!isBroken) s.breach(rule, e, id, text);
    return false;
  };
  if (hasFailed(s, id)) return breach("open/failed-handle", "The client closed an AF whose open had failed.");
  if (isOpening(s, id))
    return breach("open/use-before-complete", "The client closed an AF whose open had not completed.");
  if (isOver(s, id)) return breach("close/client-stale", "The client used the handle of an AF whose close had ended.");
  if (isClosing(s, id)) {
    return breach(
      "close/redundant",
      `The client closed an AF whose close, of line ${objects.get(id, LINE)}, was under way.`,
    );
  }
  if (close === CLOSE_FAILED && s.readings.failedClose === "dead") {
    return breach("close/client-stale", "The client used the handle of an AF after its close had failed.");
  }
  // NDIS fails it; what it returns says what becomes of the AF.
  if (hasObjectsLeft(s, id))
    breach(
      "close/outstanding",
      `The client closed an AF with ${objects.get(id, LEFT)} of its VCs and SAPs left on it.`,
    );
  return true;
}

const hasObjectsLeft = (s: Scene, id: number): boolean =>
  s.objects.get(id, LEFT) > 0 && s.readings.outstandingClose === "called";

/** A close that no other rule forbids, made while another open of the binding is under way (openScope). */
const LEAVES_NO_OPEN_ALONE = 1;

function judgeScope(s: Scene, frame: Frame | null, id: number): void {
  if (frame?.note !== LEAVES_NO_OPEN_ALONE) return;
  frame.note = 0;
  const text = "The client closed an AF while another open of its binding was under way.";
  s.omission("open/use-before-complete", frame.line, frame.timeNs, id, text);
}

/** In a trace of ours a call manager that goes notifies of every open AF before anything else happens. */
function judgeForgotten(s: Scene, id: number): void {
  const { objects } = s;
  const halt = s.bindingOf(id)?.adapter.halt ?? null;
  if (!s.isWhole || halt === null || isOpen(s, id) !== true || objects.has(id, NOTIFIED | HALT_JUDGED)) return;
  objects.mark(id, HALT_JUDGED);
  s.omission(
    "notify/required",
    halt.line,
    halt.timeNs,
    id,
    "The call manager did not notify the client of this AF when it went.",
  );
}

/** ProtocolCmCloseAf. */
export function closeIsAsked(s: Scene, e: CodedEvent, frame: Frame): void {
  const id = frame.id;
  if (id === NOBODY) return;
  const { objects } = s;
  belongsTo(s, e, id, undefined);
  judgeScope(s, s.frames.find(e.machine, e.parent), id);
  const close = objects.state(id, CLOSE_CL);
  if (close !== CLOSE_CALLED && close !== CLOSE_WAITING) {
    // The trace has no call of the client.
    if (isOver(s, id)) return;
    objects.setState(id, CLOSE_CL, CLOSE_CALLED);
    beginObligation(s, e, id);
  }
  if (objects.state(id, CLOSE_CM) === 0) objects.setState(id, CLOSE_CM, CLOSE_ASKED);
}

/** ProtocolCmCloseAf has returned. */
export function closeIsAnswered(s: Scene, e: CodedEvent, id: number): void {
  if (id === NOBODY) return;
  const { objects } = s;
  const status = e.statusClass;
  const isCompleted = objects.state(id, CLOSE_CM) === CLOSE_COMPLETED;
  if (status === STATUS_MISSING) {
    s.cannotSay("close/status", "status", e);
    s.doubt(id);
    return;
  }
  if (isCompleted && status !== STATUS_PENDING) {
    s.breach(
      "close/double-complete",
      e,
      id,
      `ProtocolCmCloseAf returned ${e.status} after the completion of the close was called: it is completed twice.`,
    );
    return;
  }
  if (status === STATUS_PENDING) {
    objects.mark(id, CLOSE_WAS_PENDED);
    if (!isCompleted) objects.setState(id, CLOSE_CM, CLOSE_PENDED);
    return;
  }
  if (status === STATUS_SUCCESS) {
    objects.setState(id, CLOSE_CM, CLOSE_ANSWERED);
    return;
  }
  if (status === STATUS_NOT_ACCEPTED) {
    const hasWork = objects.get(id, WORK) > 0 || objects.get(id, LEFT) > 0;
    if (s.readings.notAcceptedClose === "table") {
      s.breach(
        "close/status",
        e,
        id,
        "ProtocolCmCloseAf returned NDIS_STATUS_NOT_ACCEPTED, which its table of returns does not have.",
      );
    } else if (!hasWork && objects.has(id, UNKNOWN)) s.cannotSay("close/status", "the beginning of the AF's life", e);
    else if (!hasWork && s.readings.outstandingClose === "forwarded" && objects.get(id, CHILD) === NOBODY) {
      objects.mark(id, REFUSAL_UNCLEAR);
      objects.set(id, LINE2, e.line);
    } else if (!hasWork) s.breach("close/status", e, id, REFUSED_WITHOUT_WORK);
    objects.setState(id, CLOSE_CM, CLOSE_REFUSED);
    return;
  }
  s.breach("close/status", e, id, `ProtocolCmCloseAf returned ${e.status}.`);
  objects.setState(id, CLOSE_CM, CLOSE_REFUSED);
}

const REFUSED_WITHOUT_WORK = "ProtocolCmCloseAf returned NDIS_STATUS_NOT_ACCEPTED with no work outstanding.";

/** A refusal that no work has explained since. */
export function judgeRefusal(s: Scene, id: number): void {
  const { objects } = s;
  if (!objects.has(id, REFUSAL_UNCLEAR)) return;
  objects.unmark(id, REFUSAL_UNCLEAR);
  s.omission("close/status", objects.get(id, LINE2), objects.time(id), id, REFUSED_WITHOUT_WORK);
}

/** NdisClCloseAddressFamily has returned. */
export function closeHasReturned(s: Scene, e: CodedEvent, frame: Frame | null, id: number): void {
  if (id === NOBODY) return;
  const { objects } = s;
  const status = e.statusClass;
  if (frame?.ignored === true) {
    if (status !== STATUS_PENDING) objects.mark(id, MAY_SELF_CLOSE);
    return;
  }
  if (status === STATUS_MISSING) {
    s.cannotSay("close/completes-once", "status", e);
    s.doubt(id);
    return;
  }
  const close = objects.state(id, CLOSE_CL);
  if (close === 0 && !objects.has(id, UNKNOWN)) return;
  if (!isFailure(status)) judgeScope(s, frame, id);
  if (status === STATUS_PENDING) {
    if (close <= CLOSE_CALLED) objects.setState(id, CLOSE_CL, CLOSE_WAITING);
    if (close === 0) beginObligation(s, e, id);
    return;
  }
  if (close === CLOSE_TOLD) {
    s.breach("close/completes-once", e, id, `NDIS had told the client of a close that then returned ${e.status}.`);
    return;
  }
  if (close > CLOSE_WAITING) return;
  objects.mark(id, OWES_SELF_CLOSE);
  if (status === STATUS_SUCCESS) {
    judgeRefusal(s, id);
    objects.setState(id, CLOSE_CL, CLOSED_AT_ONCE);
    if (objects.state(id, CLOSE_CM) === CLOSE_REFUSED) objects.setState(id, CLOSE_CM, CLOSE_ANSWERED);
    endLife(s, id);
    return;
  }
  objects.setState(id, CLOSE_CL, CLOSE_FAILED);
  judgeFailure(s, e, frame, id);
}

/** NDIS has failed a close that seemed legal, without asking the call manager: SAPs or VCs are left that the trace does not have. */
function judgeFailure(s: Scene, e: CodedEvent, frame: Frame | null, id: number): void {
  const { objects } = s;
  if (objects.state(id, CLOSE_CM) !== 0 || !s.hasAsks || objects.get(id, LEFT) > 0) {
    judgeScope(s, frame, id);
    return;
  }
  if (objects.has(id, UNKNOWN)) {
    s.cannotSay("close/outstanding", "the beginning of the AF's life", e);
    return;
  }
  s.omission(
    "close/outstanding",
    frame?.line ?? e.line,
    frame?.timeNs ?? e.timeNs,
    id,
    `NDIS failed the close with ${e.status} and did not ask the call manager: VCs or SAPs were left on the AF.`,
  );
}

/** ProtocolClCloseAfComplete, by NDIS or by the client itself. */
export function closeIsTold(s: Scene, e: CodedEvent, frame: Frame): void {
  const id = frame.id;
  if (id === NOBODY) return;
  const { objects } = s;
  belongsTo(s, e, id, e.to);
  const status = e.statusClass;
  const close = objects.state(id, CLOSE_CL);
  if (isBySelf(e, objects.has(id, OWES_SELF_CLOSE))) {
    s.ledger.show("clients' calls of themselves");
    if (objects.has(id, OWES_SELF_CLOSE)) {
      objects.unmark(id, OWES_SELF_CLOSE);
      if (close === CLOSED_AT_ONCE) objects.setState(id, CLOSE_CL, CLOSE_TOLD);
    } else if (objects.has(id, MAY_SELF_CLOSE) && isFailure(status)) objects.unmark(id, MAY_SELF_CLOSE);
    else if (close === 0 ? objects.has(id, UNKNOWN) : close === CLOSE_CALLED && !s.hasReturns) {
      objects.setState(id, CLOSE_CL, isFailure(status) ? CLOSE_FAILED : CLOSE_TOLD);
      if (!isFailure(status)) endLife(s, id);
    } else {
      const what = close === CLOSE_WAITING ? "was pended, so that NDIS calls it" : "it need not be told of";
      s.breach(
        "close/completes-once",
        e,
        id,
        `The client called its own ProtocolClCloseAfComplete for a close that ${what}.`,
      );
      frame.ignored = true;
    }
    return;
  }
  const cm = objects.state(id, CLOSE_CM);
  const isExpected = close === CLOSE_CALLED || close === CLOSE_WAITING || (close === 0 && objects.has(id, UNKNOWN));
  if (!isExpected) {
    s.breach(
      "close/completes-once",
      e,
      id,
      "NDIS called ProtocolClCloseAfComplete for an AF with no close that it had to tell of.",
    );
    frame.ignored = true;
    return;
  }
  if (cm === CLOSE_PENDED || cm === CLOSE_ASKED) {
    const text = "NDIS called ProtocolClCloseAfComplete for a close that the call manager has not completed.";
    s.unseen("the call manager's calls", "close/completes-once", e.line, e.timeNs, id, text);
  }
  objects.setState(id, CLOSE_CL, isFailure(status) ? CLOSE_FAILED : CLOSE_TOLD);
  if (!isFailure(status)) endLife(s, id);
}
