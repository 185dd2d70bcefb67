import type { RuleId } from "../rules.js";
import type { CodedEvent } from "./event.js";
import type { Frame } from "./frames.js";
import { LINE } from "./object-table.js";
import { type Scene, UNKNOWN } from "./scene.js";
import { isFailure, STATUS_MISSING, STATUS_PENDING, STATUS_SUCCESS } from "./status-class.js";

/** Where an operation on a SAP, VC or party stands: a byte of the object. */
export const OP_NONE = 0;
/** The request was called, and nobody has answered. */
export const OP_CALLED = 1;
export const OP_PENDED = 2;
export const OP_ENDED = 3;
const OP_FAILED = 4;
/** Its completion passed NDIS_STATUS_PENDING: how it has ended shows what the requester is told. */
export const OP_UNCLEAR = 5;

/** How an operation has ended just now, if it has. */
export const NOT_YET = 0;
export const WITH_SUCCESS = 1;
export const WITH_FAILURE = 2;

/** An operation that its asked driver may pend and then owes: the byte of its state, and the rule that says so. */
export interface Operation {
  readonly state: number;
  /** Null: no page asks for more. */
  readonly rule: RuleId | null;
  /** As a sentence has it: `the registration of a SAP`. */
  readonly text: string;
  /** Its completion takes NDIS_STATUS_SUCCESS only. */
  readonly onlySucceeds?: true;
}

export const isUnderWay = (state: number): boolean => state === OP_CALLED || state === OP_PENDED;

/** The request is called. */
export function begin(s: Scene, e: CodedEvent, id: number, operation: Operation): void {
  s.objects.setState(id, operation.state, OP_CALLED);
  s.objects.set(id, LINE, e.line);
  s.objects.setTime(id, e.timeNs);
}

/** The driver that was asked has answered. */
export function answer(s: Scene, e: CodedEvent, id: number, operation: Operation): number {
  const { objects } = s;
  const status = e.statusClass;
  const state = objects.state(id, operation.state);
  if (status === STATUS_MISSING) {
    s.doubt(id);
    return NOT_YET;
  }
  if (status === STATUS_PENDING) {
    if (state <= OP_CALLED) objects.setState(id, operation.state, OP_PENDED);
    return NOT_YET;
  }
  if (state >= OP_ENDED) {
    if (operation.rule !== null) {
      s.breach(
        operation.rule,
        e,
        id,
        `${capital(operation.text)} was completed, and then answered with ${e.status}: it ended twice.`,
      );
    }
    return NOT_YET;
  }
  return end(s, id, operation, !isFailure(status));
}

/** The request has returned: all that a trace without the calls of NDIS to the other driver has. */
export function requestReturned(s: Scene, e: CodedEvent, id: number, operation: Operation): number {
  const { objects } = s;
  const status = e.statusClass;
  const state = objects.state(id, operation.state);
  if (status === STATUS_MISSING) s.doubt(id);
  if (state > OP_CALLED || status === STATUS_MISSING) return NOT_YET;
  if (status !== STATUS_PENDING) return end(s, id, operation, !isFailure(status));
  if (!s.hasAsks) objects.setState(id, operation.state, OP_PENDED);
  return NOT_YET;
}

/** The completion is called. */
export function complete(
  s: Scene,
  e: CodedEvent,
  frame: Frame,
  id: number,
  operation: Operation,
  isBroken: boolean,
): number {
  const { objects } = s;
  const { rule, text } = operation;
  const state = objects.state(id, operation.state);
  const status = e.statusClass;
  const isLegal = isUnderWay(state) || (state === OP_NONE && objects.has(id, UNKNOWN));
  const breach = (why: string): void => {
    if (!isBroken && rule !== null) s.breach(rule, e, id, `The completion of ${text} ${why}.`);
  };
  if (!isLegal) {
    frame.ignored = true;
    const illegal = state >= OP_ENDED ? "was called a second time" : "was called, but it is not under way";
    breach(status === STATUS_PENDING ? "was called with NDIS_STATUS_PENDING" : illegal);
    return NOT_YET;
  }
  if (state !== OP_NONE && s.nowNs - objects.time(id) > s.options.closeNs)
    breach(`of line ${objects.get(id, LINE)} came after its deadline`);
  else if (status === STATUS_PENDING) breach("was called with NDIS_STATUS_PENDING");
  else if (operation.onlySucceeds && status !== STATUS_SUCCESS && status !== STATUS_MISSING)
    breach(`takes only success, not ${e.status}`);
  else if (status === STATUS_MISSING && rule !== null) s.cannotSay(rule, "status", e);
  if (status !== STATUS_PENDING) return end(s, id, operation, !isFailure(status));
  objects.setState(id, operation.state, OP_UNCLEAR);
  return NOT_YET;
}

/** Its requester is told: what counts in a trace that has no calls of the driver that was asked. */
export function tell(s: Scene, e: CodedEvent, id: number, operation: Operation): number {
  const state = s.objects.state(id, operation.state);
  if (state !== OP_UNCLEAR && (!isUnderWay(state) || s.hasCallManagerCalls)) return NOT_YET;
  return end(s, id, operation, !isFailure(e.statusClass));
}

function end(s: Scene, id: number, operation: Operation, hasSucceeded: boolean): number {
  s.objects.setState(id, operation.state, hasSucceeded ? OP_ENDED : OP_FAILED);
  return hasSucceeded ? WITH_SUCCESS : WITH_FAILURE;
}

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
