import type { Binding } from "./bindings.js";
import type { CodedEvent } from "./event.js";
import { KIND_AF, LINE, NEXT, NOBODY, OWNER, stateByte } from "./object-table.js";
import { DEAD, FIRST_OWN_FLAG, type Scene, UNKNOWN } from "./scene.js";

/**
 * What a trace has shown of one AF, as four states, one for each side of its open and of its close, as the sides need not agree at any one time:
 * a call manager may complete a close before it returns that it is pended. 0 means that nothing was seen.
 */
export const OPEN_CM = stateByte(0);
/** NDIS has asked. */
export const OPEN_ASKED = 1;
export const OPEN_PENDED = 2;
/** The completion was called: with success, with a failure, or with what no completion may pass. */
export const OPEN_COMPLETED = 3;
export const OPEN_COMPLETED_FAILED = 4;
export const OPEN_COMPLETED_UNCLEAR = 5;
/** Answered at once: with success, with a failure, or with what no answer may be. */
export const OPEN_ANSWERED = 6;
export const OPEN_ANSWERED_FAILED = 7;
export const OPEN_ANSWERED_UNCLEAR = 8;

export const OPEN_CL = stateByte(1);
export const OPEN_CALLED = 1;
/** NdisClOpenAddressFamilyEx has returned NDIS_STATUS_PENDING. */
export const OPEN_WAITING = 2;
/** The client knows that it is open, or that it has failed. */
export const OPEN = 3;
export const OPEN_FAILED = 4;

export const CLOSE_CM = stateByte(2);
export const CLOSE_ASKED = 1;
export const CLOSE_PENDED = 2;
export const CLOSE_COMPLETED = 3;
export const CLOSE_ANSWERED = 4;
export const CLOSE_REFUSED = 5;

export const CLOSE_CL = stateByte(3);
export const CLOSE_CALLED = 1;
/** NdisClCloseAddressFamily has returned NDIS_STATUS_PENDING. */
export const CLOSE_WAITING = 2;
/** The client was told of its end, or it was closed at once, or the close has failed. */
export const CLOSE_TOLD = 3;
export const CLOSED_AT_ONCE = 4;
export const CLOSE_FAILED = 5;

const flag = (n: number): number => 1 << (FIRST_OWN_FLAG + n);
export const CLIENT_RELEASED = flag(0);
export const CM_RELEASED = flag(1);
/** The client owes the call of its own completion function. */
export const OWES_SELF_OPEN = flag(2);
export const OWES_SELF_CLOSE = flag(3);
/** It may call it once more, for a second close that failed. */
export const MAY_SELF_CLOSE = flag(4);
/** The call manager has called Ndis(M)CmNotifyCloseAddressFamily. */
export const NOTIFIED = flag(5);
/** ProtocolClNotifyCloseAf is under way. */
export const IN_NOTIFY = flag(6);
/** It has been delivered. */
export const WAS_NOTIFIED = flag(7);
/** It has returned NDIS_STATUS_PENDING, and the client has not completed it. */
export const OWES_NOTIFY = flag(8);
/** It has returned NDIS_STATUS_PENDING at some time. */
export const NOTIFY_PENDED = flag(9);
/** The client has completed it, and NDIS has not told the call manager; the next flag: with a status that is not success. */
export const NOTIFY_COMPLETED = flag(10);
export const NOTIFY_FAILED = flag(11);
/** The completion of its close was called, and has returned. */
export const COMPLETION_RETURNED = flag(12);
/** The answer to its last close was NDIS_STATUS_PENDING. */
export const CLOSE_WAS_PENDED = flag(13);
/** A SAP was deregistered after a notification, though calls were not closed; notify/order has been judged. */
export const SAP_DEREGISTERED = flag(14);
export const ORDER_JUDGED = flag(15);
/** That nobody notified of it, or that its client did not close it, has been judged. */
export const HALT_JUDGED = flag(16);
export const UNBIND_JUDGED = flag(17);
/** It was called as NdisClOpenAddressFamilyEx says: counted among the opens of its binding. */
export const COUNTS_AS_OPENING = flag(18);
/** The completion that let its open fail has returned. */
export const FAILURE_RETURNED = flag(19);
/** That its client knows of the open is only taken from the call manager's answer. */
export const ASSUMED_OPEN = flag(21);
/** Its close was refused although no work was seen on it: whether there was any shows later, if NDIS forwards every close. */
export const REFUSAL_UNCLEAR = flag(20);

/** Whether the client knows that the open has failed. */
export const hasFailed = (s: Scene, id: number): boolean => s.objects.state(id, OPEN_CL) === OPEN_FAILED;

/** Whether the handle of a failed open has expired for the call manager: its completion has returned, or all is over. */
export const hasFailedForCm = (s: Scene, id: number): boolean =>
  hasFailed(s, id) || s.objects.has(id, FAILURE_RETURNED);

/** Whether the AF's open is under way: its client does not know yet. */
export function isOpening(s: Scene, id: number): boolean {
  const state = s.objects.state(id, OPEN_CL);
  return state === OPEN_CALLED || state === OPEN_WAITING;
}

/** Whether the client has it open and has not called its close; of an AF of which the trace has not shown the open, null. */
export function isOpen(s: Scene, id: number): boolean | null {
  if (s.objects.state(id, CLOSE_CL) !== 0) return false;
  const state = s.objects.state(id, OPEN_CL);
  if (state === 0) return s.objects.has(id, UNKNOWN) ? null : false;
  return state === OPEN;
}

/** Whether its close has been called and has not ended. */
export function isClosing(s: Scene, id: number): boolean {
  const state = s.objects.state(id, CLOSE_CL);
  return state === CLOSE_CALLED || state === CLOSE_WAITING;
}

/** Whether its life is over: the open failed, or the close has ended with success. */
export const isOver = (s: Scene, id: number): boolean => s.objects.has(id, DEAD);

/** Ends its life. While its client owes the completion of a notification the call manager still has to wait for it. */
export function endLife(s: Scene, id: number): void {
  stopOpening(s, id);
  s.die(id);
  if (!s.objects.has(id, OWES_NOTIFY)) s.unlink(id);
}

/** The open of an AF of this binding is no longer under way. */
export function stopOpening(s: Scene, id: number): void {
  if (!s.objects.has(id, COUNTS_AS_OPENING)) return;
  s.objects.unmark(id, COUNTS_AS_OPENING);
  const binding = s.bindingOf(id);
  if (binding !== null) binding.opening--;
}

/** Notes whose AF it is, when a record says so. */
export function belongsTo(s: Scene, e: CodedEvent, id: number, client: string | undefined): Binding | null {
  const { objects } = s;
  const owner = objects.get(id, OWNER);
  if (owner !== NOBODY) {
    const binding = s.bindings.all[owner]!;
    if (binding.client !== null || client === undefined || !client.startsWith("client")) return binding;
  }
  const isClient = client !== undefined && client.startsWith("client");
  if (!isClient && e.adapter === undefined) return null;
  const binding = s.bindings.binding(e.machine, e.adapter, isClient ? client : null);
  if (owner !== NOBODY) s.unlink(id);
  s.own(id, binding.index);
  return binding;
}

/** The AFs of a binding that are not over, or whose notification is still owed. */
export function* afsOf(s: Scene, binding: Binding): Generator<number> {
  for (let id = binding.afs; id !== NOBODY;) {
    const next = s.objects.get(id, NEXT);
    if (s.objects.kind(id) === KIND_AF) yield id;
    id = next;
  }
}

/** Where and when the obligation began that the AF is under now. */
export function beginObligation(s: Scene, e: CodedEvent, id: number): void {
  s.objects.set(id, LINE, e.line);
  s.objects.setTime(id, e.timeNs);
}
