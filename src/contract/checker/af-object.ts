import type { CodedEvent } from "./event.js";
import type { Frame } from "./frames.js";
import {
  belongsTo,
  CLOSE_CL,
  CLOSE_FAILED,
  hasFailed,
  hasFailedForCm,
  isClosing,
  isOpening,
  isOver,
} from "./address-family.js";
import { hasExpiredForCm } from "./close-completion.js";
import { KIND_AF, LEFT, NOBODY, OWNER, WORK } from "./object-table.js";
import { FIRST_OWN_FLAG, type Scene } from "./scene.js";

/** Flags of SAPs and VCs from here on are their own; these two say what they count for on their AF. */
const COUNTS_AS_WORK = 1 << FIRST_OWN_FLAG;
const COUNTS_AS_LEFT = 1 << (FIRST_OWN_FLAG + 1);
export const FIRST_OBJECT_FLAG = FIRST_OWN_FLAG + 2;

/** A SAP or VC comes to an AF. */
export function joinAf(s: Scene, id: number, af: number): void {
  if (af === NOBODY || af < 0 || s.objects.get(id, OWNER) !== NOBODY) return;
  s.own(id, af);
  s.objects.mark(id, COUNTS_AS_WORK | COUNTS_AS_LEFT);
  s.objects.set(af, WORK, s.objects.get(af, WORK) + 1);
  s.objects.set(af, LEFT, s.objects.get(af, LEFT) + 1);
}

/** Its client has called its close or deregister: it is only the call manager's work any more. */
export function leaveToCm(s: Scene, id: number): void {
  uncount(s, id, COUNTS_AS_LEFT, LEFT);
}

/** It is gone. */
export function leaveAf(s: Scene, id: number): void {
  uncount(s, id, COUNTS_AS_LEFT, LEFT);
  uncount(s, id, COUNTS_AS_WORK, WORK);
  s.die(id);
}

function uncount(s: Scene, id: number, flag: number, field: number): void {
  const { objects } = s;
  if (!objects.has(id, flag)) return;
  objects.unmark(id, flag);
  const af = objects.get(id, OWNER);
  if (af !== NOBODY && objects.kind(af) === KIND_AF) objects.set(af, field, objects.get(af, field) - 1);
}

/** A client uses the handle of an AF for something other than its close; false if it may not. */
export function clientMayUse(s: Scene, e: CodedEvent, frame: Frame, what: string): boolean {
  const id = frame.af;
  if (id === NOBODY) return true;
  belongsTo(s, e, id, e.from);
  if (hasFailed(s, id)) s.breach("open/failed-handle", e, id, `The client ${what} on an AF whose open had failed.`);
  else if (isOpening(s, id))
    s.breach("open/use-before-complete", e, id, `The client ${what} on an AF whose open had not completed.`);
  else if (
    isOver(s, id) ||
    isClosing(s, id) ||
    (s.objects.state(id, CLOSE_CL) === CLOSE_FAILED && s.readings.failedClose === "dead")
  ) {
    s.breach("close/client-stale", e, id, `The client ${what} on an AF after it had called its close.`);
  } else return true;
  return false;
}

/** The same of a call manager. */
export function callManagerMayUse(s: Scene, e: CodedEvent, frame: Frame, what: string): boolean {
  const id = frame.af;
  if (id === NOBODY) return true;
  if (hasFailedForCm(s, id))
    s.breach("open/failed-handle", e, id, `The call manager ${what} on an AF whose open had failed.`);
  else if (hasExpiredForCm(s, id))
    s.breach("close/cm-stale", e, id, `The call manager ${what} on an AF whose close it had completed.`);
  else return true;
  return false;
}
