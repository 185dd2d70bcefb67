import type { CodedEvent } from "./event.js";
import type { Frame } from "./frames.js";
import {
  ASSUMED_OPEN,
  belongsTo,
  CM_RELEASED,
  COUNTS_AS_OPENING,
  endLife,
  FAILURE_RETURNED,
  isOver,
  OPEN,
  OPEN_ANSWERED,
  OPEN_ANSWERED_FAILED,
  OPEN_ANSWERED_UNCLEAR,
  OPEN_ASKED,
  OPEN_CALLED,
  OPEN_CL,
  OPEN_CM,
  OPEN_COMPLETED,
  OPEN_COMPLETED_FAILED,
  OPEN_COMPLETED_UNCLEAR,
  OPEN_FAILED,
  OPEN_PENDED,
  OPEN_WAITING,
  OWES_SELF_OPEN,
  stopOpening,
} from "./address-family.js";
import type { Binding } from "./bindings.js";
import { IRQL_MISSING, irqlName, PASSIVE_LEVEL } from "./call-table.js";
import { KIND_AF, LINE, NOBODY } from "./object-table.js";
import { type Scene, SETTLED, UNKNOWN } from "./scene.js";
import { isError, isFailure, STATUS_MISSING, STATUS_PENDING, STATUS_SUCCESS } from "./status-class.js";

/** NDIS calls ProtocolCmOpenAf: an AF's life begins. Null without a handle. */
export function openIsAsked(s: Scene, e: CodedEvent, frame: Frame): void {
  if (e.af === undefined) return;
  const id = s.born(e, KIND_AF, e.af);
  settlePast(s, e, id);
  const { objects } = s;
  const outer = s.frames.find(e.machine, e.parent);
  objects.setState(id, OPEN_CM, OPEN_ASKED);
  let binding: Binding | null = null;
  if (outer !== null && outer.binding >= 0) {
    binding = s.bindings.all[outer.binding]!;
    s.own(id, binding.index);
    outer.id = id;
    objects.setState(id, OPEN_CL, OPEN_CALLED);
    objects.mark(id, COUNTS_AS_OPENING);
    binding.opening++;
  } else binding = belongsTo(s, e, id, undefined);
  frame.id = id;
  frame.af = id;
}

/** A slot of our simulator is used again: its last life can meet nothing any more. */
function settlePast(s: Scene, e: CodedEvent, id: number): void {
  const { slot, isAf } = e.af!;
  if (!isAf) return;
  const past = s.slots.take(e.machine, slot, id);
  if (past < 0 || past === id || s.objects.kind(past) !== KIND_AF || s.objects.machineOf(past) !== e.machine) return;
  // The id may be another object's by now.
  const handle = s.objects.handle(past);
  if (!handle.isAf || handle.slot !== slot || s.objects.has(past, SETTLED)) return;
  s.settle(past, true);
  s.objects.mark(past, SETTLED);
}

export function openIsAnswered(s: Scene, e: CodedEvent, id: number): void {
  const { objects } = s;
  const status = e.statusClass;
  if (status === STATUS_MISSING) {
    s.cannotSay("open/status", "status", e);
    s.doubt(id);
    return;
  }
  const before = objects.state(id, OPEN_CM);
  if (status === STATUS_PENDING) {
    if (before <= OPEN_ASKED) objects.setState(id, OPEN_CM, OPEN_PENDED);
    return;
  }
  if (status !== STATUS_SUCCESS && !isError(status)) {
    s.breach(
      "open/status",
      e,
      id,
      `ProtocolCmOpenAf returned ${e.status}, which is neither success, pending nor an error.`,
    );
    if (before <= OPEN_ASKED) objects.setState(id, OPEN_CM, OPEN_ANSWERED_UNCLEAR);
    return;
  }
  if (before >= OPEN_COMPLETED && before <= OPEN_COMPLETED_UNCLEAR) {
    s.breach(
      "open/not-pended",
      e,
      id,
      `ProtocolCmOpenAf returned ${e.status} after the completion of the open was called: only a pended open is completed.`,
    );
    return;
  }
  judgeOutcome(s, e, id, status, "returned");
  objects.setState(id, OPEN_CM, status === STATUS_SUCCESS ? OPEN_ANSWERED : OPEN_ANSWERED_FAILED);
  // Of a trace that has no call of the client.
  if (objects.state(id, OPEN_CL) === 0 && status === STATUS_SUCCESS) {
    objects.setState(id, OPEN_CL, OPEN);
    objects.mark(id, ASSUMED_OPEN);
  }
}

/** What the call manager gives with a success, and what it has given up before it reports a failure. True if it did not. */
function judgeOutcome(s: Scene, e: CodedEvent, id: number, status: number, how: string): boolean {
  if (status === STATUS_SUCCESS) {
    if (e.context === null) {
      s.breach("open/context", e, id, `The call manager ${how} success for the open without a context for the AF.`);
      return true;
    }
    if (e.context === undefined && !s.isWhole) s.cannotSay("open/context", "context", e);
    return false;
  }
  if (!isError(status) || s.objects.has(id, CM_RELEASED) || s.objects.has(id, UNKNOWN)) return false;
  const text = `The call manager ${how} ${e.status} for the open before it had released its context for the AF.`;
  s.unseen("releases", "open/failed-handle", e.line, e.timeNs, id, text);
  return s.isWhole || s.ledger.hasShown("releases");
}

/** Ndis(M)CmOpenAddressFamilyComplete. */
export function openIsCompleted(s: Scene, e: CodedEvent, frame: Frame, isBroken: boolean): void {
  const id = frame.id;
  if (id === NOBODY) return;
  const { objects } = s;
  const before = objects.state(id, OPEN_CM);
  const isLegal =
    !isOver(s, id) && (before === OPEN_PENDED || before === OPEN_ASKED || (before === 0 && objects.has(id, UNKNOWN)));
  if (isLegal && before !== 0 && s.nowNs - objects.time(id) > s.options.openNs) {
    s.breach(
      "open/owed",
      e,
      id,
      `The open that was pended on line ${objects.get(id, LINE)} is completed after its deadline.`,
    );
  }
  const status = e.statusClass;
  let isWrong = isBroken;
  if (!isWrong && status === STATUS_PENDING) {
    s.breach("open/status", e, id, "NDIS_STATUS_PENDING was passed to the completion of an open.");
    isWrong = true;
  }
  if (!isWrong && status === STATUS_MISSING) s.cannotSay("open/status", "status", e);
  if (!isWrong && status !== STATUS_MISSING && isLegal) isWrong = judgeOutcome(s, e, id, status, "passed");
  if (!isLegal) {
    frame.ignored = true;
    if (!isWrong)
      s.breach("open/not-pended", e, id, "The completion of an open was called, but the open is not pended.");
    return;
  }
  let after = OPEN_COMPLETED_UNCLEAR;
  if (status === STATUS_SUCCESS) after = OPEN_COMPLETED;
  else if (isFailure(status)) after = OPEN_COMPLETED_FAILED;
  objects.setState(id, OPEN_CM, after);
}

/** The completion call has returned: the handle of an open that failed has expired. */
export function openCompletionHasReturned(s: Scene, frame: Frame | null, id: number): void {
  if (id === NOBODY || frame?.ignored === true) return;
  if (s.objects.state(id, OPEN_CM) === OPEN_COMPLETED_FAILED) s.objects.mark(id, FAILURE_RETURNED);
}

/** NdisClOpenAddressFamilyEx is called; the AF has no handle yet. */
export function openIsCalled(s: Scene, e: CodedEvent, frame: Frame): void {
  frame.binding = s.bindings.binding(e.machine, e.adapter, e.from ?? null).index;
}

/** NdisClOpenAddressFamilyEx has returned. */
export function openHasReturned(s: Scene, e: CodedEvent, frame: Frame | null): void {
  const { objects } = s;
  let id = e.af === undefined ? (frame?.id ?? NOBODY) : s.find(e.machine, KIND_AF, e.af);
  const status = e.statusClass;
  if (id < 0) {
    id = s.born(e, KIND_AF, e.af!);
    if (frame !== null && frame.binding >= 0) s.own(id, frame.binding);
    objects.setState(id, OPEN_CL, OPEN_CALLED);
    // What the call manager was asked is not in the trace.
    objects.mark(id, UNKNOWN);
  }
  if (id === NOBODY) {
    if (isFailure(status) && frame !== null && frame.binding >= 0)
      owesUnbind(e, s.bindings.all[frame.binding]!, NOBODY);
    return;
  }
  const before = objects.has(id, ASSUMED_OPEN) ? OPEN_CALLED : objects.state(id, OPEN_CL);
  objects.unmark(id, ASSUMED_OPEN);
  if (status === STATUS_MISSING) {
    s.cannotSay("open/completes-once", "status", e);
    s.doubt(id);
  } else if (status === STATUS_PENDING) {
    if (before <= OPEN_CALLED) objects.setState(id, OPEN_CL, OPEN_WAITING);
  } else if (before >= OPEN) {
    s.breach("open/completes-once", e, id, `NDIS had told the client of an open that then returned ${e.status}.`);
  } else {
    objects.mark(id, OWES_SELF_OPEN);
    isTold(s, e, id, !isFailure(status));
  }
}

/** The client knows how its open has ended. */
function isTold(s: Scene, e: CodedEvent, id: number, hasSucceeded: boolean): void {
  const { objects } = s;
  stopOpening(s, id);
  if (hasSucceeded) {
    objects.setState(id, OPEN_CL, OPEN);
    return;
  }
  objects.setState(id, OPEN_CL, OPEN_FAILED);
  const binding = s.bindingOf(id);
  if (binding !== null && binding.client !== null) owesUnbind(e, binding, id);
  endLife(s, id);
}

function owesUnbind(e: CodedEvent, binding: Binding, id: number): void {
  if (binding.hasAsked || binding.failedOpen !== null) return;
  binding.failedOpen = { line: e.line, timeNs: e.timeNs, id };
}

/** ProtocolClOpenAfCompleteEx, by NDIS or by the client itself. */
export function openIsTold(s: Scene, e: CodedEvent, frame: Frame): void {
  const id = frame.id;
  if (id === NOBODY) return;
  const { objects } = s;
  belongsTo(s, e, id, e.to);
  const isAssumed = objects.has(id, ASSUMED_OPEN);
  const state = isAssumed ? 0 : objects.state(id, OPEN_CL);
  objects.unmark(id, ASSUMED_OPEN);
  const status = e.statusClass;
  if (isBySelf(e, objects.has(id, OWES_SELF_OPEN))) {
    s.ledger.show("clients' calls of themselves");
    if (objects.has(id, OWES_SELF_OPEN)) {
      objects.unmark(id, OWES_SELF_OPEN);
    } else if (state >= OPEN_WAITING || (state === OPEN_CALLED && s.hasReturns)) {
      const what = state === OPEN_WAITING ? "was pended, so that NDIS calls it" : "has been told of already";
      s.breach(
        "open/completes-once",
        e,
        id,
        `The client called its own ProtocolClOpenAfCompleteEx for an open that ${what}.`,
      );
      frame.ignored = true;
    } else isTold(s, e, id, !isFailure(status));
    return;
  }
  const irql = e.irql;
  if (irql === IRQL_MISSING) s.cannotSay("irql/callback", "irql", e);
  else if (irql > PASSIVE_LEVEL) {
    s.breach(
      "irql/callback",
      e,
      id,
      `NDIS called ProtocolClOpenAfCompleteEx at ${irqlName(e.irql)}; its page says PASSIVE_LEVEL.`,
    );
  }
  const cm = objects.state(id, OPEN_CM);
  const isUncompleted = cm === OPEN_PENDED || (cm === OPEN_ASKED && s.hasReturns);
  if (state >= OPEN || isUncompleted) {
    const why = state >= OPEN ? "the client knew already" : "the call manager has not completed";
    s.breach("open/completes-once", e, id, `NDIS called ProtocolClOpenAfCompleteEx for an open that ${why}.`);
    if (state >= OPEN) return;
  }
  const hasFailed = status === STATUS_MISSING ? cm === OPEN_COMPLETED_FAILED : isFailure(status);
  isTold(s, e, id, !hasFailed);
}

/** A client that has closed the AF, or will do nothing more, has not called its own completion function. */
export function missesSelfOpen(s: Scene, id: number): void {
  const { objects } = s;
  if (!objects.has(id, OWES_SELF_OPEN)) return;
  objects.unmark(id, OWES_SELF_OPEN);
  const text = "The client did not call its own ProtocolClOpenAfCompleteEx for an open that was not pended.";
  s.unseen("clients' calls of themselves", "open/completes-once", objects.get(id, LINE), objects.time(id), id, text);
}

/** Whether a client's completion function was called by the client; by NDIS it is where the trace does not say and the client owes no such call. */
export function isBySelf(e: CodedEvent, owesIt: boolean): boolean {
  return e.from === undefined ? owesIt : e.from.startsWith("client");
}
