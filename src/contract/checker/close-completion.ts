import type { CodedEvent } from "./event.js";
import type { Frame } from "./frames.js";
import {
  beginObligation,
  CLOSE_ANSWERED,
  CLOSE_ASKED,
  CLOSE_CL,
  CLOSE_CM,
  CLOSE_COMPLETED,
  CLOSE_PENDED,
  CLOSE_WAITING,
  COMPLETION_RETURNED,
  hasFailedForCm,
  isClosing,
  isOver,
  OPEN,
  OPEN_CL,
} from "./address-family.js";
import { MCM } from "./call-table.js";
import { LINE, NOBODY, WORK } from "./object-table.js";

import { type Scene, UNKNOWN } from "./scene.js";
import { STATUS_MISSING, STATUS_SUCCESS } from "./status-class.js";

/** Ndis(M)CmCloseAddressFamilyComplete. */
export function closeIsCompleted(s: Scene, e: CodedEvent, frame: Frame, isBroken: boolean): void {
  const id = frame.id;
  if (id === NOBODY) return;
  const { objects } = s;
  s.ledger.show("the call manager's calls");
  const cm = objects.state(id, CLOSE_CM);
  const isUnasked = cm === 0 && (objects.has(id, UNKNOWN) || (!s.hasAsks && isClosing(s, id)));
  const isLegal =
    !hasFailedForCm(s, id) && (cm === CLOSE_ASKED || cm === CLOSE_PENDED || isUnasked) && objects.get(id, WORK) === 0;
  if (isLegal && isClosing(s, id) && s.nowNs - objects.time(id) > s.options.closeNs) {
    s.breach(
      "close/owed",
      e,
      id,
      `The close that was called on line ${objects.get(id, LINE)} is completed after its deadline.`,
    );
  }
  let isWrong = isBroken;
  if (!isWrong) {
    const status = e.statusClass;
    if (status === STATUS_MISSING) s.cannotSay("close/complete-status", "status", e);
    else if (status !== STATUS_SUCCESS) {
      s.breach(
        "close/complete-status",
        e,
        id,
        `${e.status} was passed to the completion of a close, which takes NDIS_STATUS_SUCCESS only.`,
      );
      isWrong = true;
    }
  }
  if (!isLegal) {
    frame.ignored = true;
    if (!isWrong) judgeCompletion(s, e, id);
    return;
  }
  objects.setState(id, CLOSE_CM, CLOSE_COMPLETED);
  if (isUnasked && objects.state(id, CLOSE_CL) === 0) {
    objects.setState(id, CLOSE_CL, CLOSE_WAITING);
    objects.setState(id, OPEN_CL, OPEN);
    beginObligation(s, e, id);
  }
}

/** The rule that a completion breaks by where its AF stands. */
function judgeCompletion(s: Scene, e: CodedEvent, id: number): void {
  const { objects } = s;
  const cm = objects.state(id, CLOSE_CM);
  if (hasFailedForCm(s, id))
    s.breach("open/failed-handle", e, id, "The call manager completed the close of an AF whose open had failed.");
  else if (cm === CLOSE_COMPLETED)
    s.breach("close/double-complete", e, id, "The call manager completed a close that it had completed already.");
  else if (cm === CLOSE_ANSWERED) {
    s.breach(
      "close/cm-stale",
      e,
      id,
      "The call manager completed a close that it had not pended but answered with success.",
    );
  } else if (cm === CLOSE_PENDED || cm === CLOSE_ASKED) {
    const work = objects.get(id, WORK);
    s.breach(
      "close/undrained",
      e,
      id,
      `The call manager completed a close while ${work} operations on the AF's VCs and SAPs were outstanding.`,
    );
  } else
    s.breach(
      "close/not-pended",
      e,
      id,
      "The call manager completed the close of an AF of which it was not asked, or which it had refused.",
    );
}

/** The completion call has returned: an MCM's handle has expired. */
export function completionHasReturned(s: Scene, frame: Frame | null, id: number): void {
  if (id === NOBODY || frame?.ignored === true) return;
  if (s.objects.state(id, CLOSE_CM) === CLOSE_COMPLETED) s.objects.mark(id, COMPLETION_RETURNED);
}

/** Whether the call manager's handle has expired: its close has ended, or the completion was called and that is enough, or it has returned. */
export function hasExpiredForCm(s: Scene, id: number): boolean {
  const { objects } = s;
  if (isOver(s, id)) return true;
  if (objects.state(id, CLOSE_CM) !== CLOSE_COMPLETED) return false;
  if (objects.has(id, COMPLETION_RETURNED)) return true;
  if (s.readings.handleExpiry === "atCall") return true;
  const form = s.bindingOf(id)?.adapter.form ?? 0;
  return form !== 0 && form !== MCM;
}
