import {
  afsOf,
  CLIENT_RELEASED,
  CLOSE_CL,
  CLOSE_CM,
  CLOSE_FAILED,
  CLOSE_PENDED,
  CLOSE_TOLD,
  CLOSED_AT_ONCE,
  CM_RELEASED,
  hasFailed,
  isClosing,
  isOver,
  NOTIFY_COMPLETED,
  OPEN_CM,
  OPEN_CL,
  OPEN_COMPLETED,
  OPEN_COMPLETED_UNCLEAR,
  OPEN_PENDED,
  OPEN_WAITING,
  OWES_NOTIFY,
  OWES_SELF_CLOSE,
  OWES_SELF_OPEN,
  CLOSE_COMPLETED,
  CLOSE_WAITING,
} from "./address-family.js";
import { judgeFanOut, judgeHalt, judgeUnbind, missesUnbind } from "./binding-judge.js";
import { judgeRefusal } from "./close-judge.js";
import { KIND_AF, KIND_NONE, KIND_PARTY, KIND_SAP, KIND_VC, LINE } from "./object-table.js";
import { missesSelfOpen } from "./open-judge.js";
import { OP_PENDED, type Operation } from "./operation.js";
import { DROP } from "./party-judge.js";
import { DEREGISTER, REGISTER } from "./sap-judge.js";
import { CLOSE_CALL, isWaiting, MAKE, OFFER, OWES_CLOSE } from "./vc-state.js";
import { DEAD, type Scene, SETTLED, type TraceEnd, UNKNOWN } from "./scene.js";

/** How much is known of what an object still owes. */
const NEVER = 0;
const PERHAPS = 1;

/** What an AF owes when its handle is used again, or when it is forgotten; false if it may still be met. */
export function settleAf(s: Scene, id: number, isReused: boolean): boolean {
  const { objects } = s;
  if (objects.kind(id) !== KIND_AF) return true;
  const isLate = (deadlineNs: number): boolean => isReused || s.nowNs - objects.time(id) > deadlineNs;
  if (!isLate(s.options.closeNs) && owesAnything(s, id)) return false;
  // A handle that is used again without its end having been seen: the trace has gaps.
  if (objects.has(id, DEAD)) judgeOwed(s, id, () => NEVER);
  objects.mark(id, SETTLED);
  return true;
}

function owesAnything(s: Scene, id: number): boolean {
  const { objects } = s;
  if (objects.has(id, OWES_NOTIFY | NOTIFY_COMPLETED | OWES_SELF_CLOSE | OWES_SELF_OPEN)) return true;
  return owesContexts(s, id) && !(objects.has(id, CLIENT_RELEASED) && objects.has(id, CM_RELEASED));
}

/** Whether the AF's close has ended with success and the trace has its life, so that its contexts are to be released. */
function owesContexts(s: Scene, id: number): boolean {
  return isOver(s, id) && !hasFailed(s, id) && !s.objects.has(id, UNKNOWN);
}

/** Judges what an AF owes: `fate` says of a deadline whether it is NEVER met or PERHAPS. */
function judgeOwed(s: Scene, id: number, fate: (deadlineNs: number) => number): void {
  const { objects, options } = s;
  const line = objects.get(id, LINE);
  const at = objects.time(id);
  const prompt = s.endsWhole ? NEVER : fate(options.closeNs);
  const closing = fate(options.closeNs);
  const owe = (state: number, judge: () => void): void => {
    if (state === NEVER) judge();
    else s.ledger.undecided++;
  };
  if (!isOver(s, id) && objects.state(id, OPEN_CM) === OPEN_PENDED && objects.state(id, OPEN_CL) <= OPEN_WAITING) {
    owe(fate(options.openNs), () =>
      s.omission("open/owed", line, at, id, "The call manager did not complete the open that it had pended."),
    );
  }
  if (objects.state(id, CLOSE_CM) === CLOSE_PENDED && (isClosing(s, id) || closing === NEVER)) {
    owe(closing, () =>
      s.omission("close/owed", line, at, id, "The call manager did not complete the close that it had pended."),
    );
  }
  if (objects.has(id, OWES_SELF_OPEN)) owe(prompt, () => missesSelfOpen(s, id));
  if (objects.has(id, OWES_SELF_CLOSE)) {
    const text = "The client did not call its own ProtocolClCloseAfComplete for a close that was not pended.";
    owe(prompt, () => s.unseen("clients' calls of themselves", "close/completes-once", line, at, id, text));
  }
  const waitsForCm =
    isClosing(s, id) ||
    (objects.state(id, CLOSE_CL) === CLOSE_FAILED && s.readings.failedClose === "retry") ||
    isWaiting(s, id);
  if (objects.has(id, OWES_NOTIFY) && !waitsForCm) {
    owe(closing, () =>
      s.omission("notify/owed", line, at, id, "The client did not complete the close notification that it had pended."),
    );
  }
  if (objects.has(id, NOTIFY_COMPLETED)) {
    const text = "NDIS did not tell the call manager that the client had completed the notification.";
    owe(prompt, () => s.omission("notify/completes-once", line, at, id, text));
  }
  if (!owesContexts(s, id)) return;
  const close = objects.state(id, CLOSE_CL);
  const isTold = close === CLOSE_TOLD || (close === CLOSED_AT_ONCE && !objects.has(id, OWES_SELF_CLOSE));
  if (isTold && !objects.has(id, CLIENT_RELEASED)) {
    const text = "The client did not release its context for an AF whose close had succeeded.";
    owe(closing, () => s.unseen("releases", "close/context-leak", line, at, id, text));
  }
  if (!objects.has(id, CM_RELEASED)) {
    const text = "The call manager did not release its context for an AF whose close had ended.";
    owe(closing, () => s.unseen("releases", "close/cm-leak", line, at, id, text));
  }
}

/** What the operations on SAPs, VCs and parties owe, and who owes it. */
const OWED: Readonly<Record<number, readonly (readonly [Operation, string])[]>> = {
  [KIND_SAP]: [
    [REGISTER, "call manager"],
    [DEREGISTER, "call manager"],
  ],
  [KIND_VC]: [
    [MAKE, "call manager"],
    [CLOSE_CALL, "call manager"],
    [OFFER, "client"],
  ],
  [KIND_PARTY]: [[DROP, "call manager"]],
};

function judgeObject(s: Scene, id: number, fate: (deadlineNs: number) => number): void {
  const { objects } = s;
  if (objects.has(id, DEAD)) return;
  for (const [{ state, rule, text }, driver] of OWED[objects.kind(id)] ?? []) {
    if (objects.state(id, state) !== OP_PENDED || rule === null) continue;
    if (fate(s.options.closeNs) === PERHAPS) s.ledger.undecided++;
    else
      s.omission(
        rule,
        objects.get(id, LINE),
        objects.time(id),
        id,
        `The ${driver} did not complete ${text} that it had pended.`,
      );
  }
  if (objects.kind(id) !== KIND_VC || !objects.has(id, OWES_CLOSE)) return;
  if (fate(s.options.closeNs) === PERHAPS) s.ledger.undecided++;
  else {
    const text = "The client did not call NdisClCloseCall for a call that the network had closed.";
    s.omission("call/incoming-close", objects.get(id, LINE), objects.time(id), id, text);
  }
}

/** The trace is over: judges all that is still owed. */
export function judgeEnd(s: Scene, endOf: (machine: number) => TraceEnd): void {
  const { objects } = s;
  for (let id = 0; id < objects.idEnd; id++) {
    const kind = objects.kind(id);
    if (kind === KIND_NONE || (objects.has(id, SETTLED) && objects.has(id, DEAD))) continue;
    const { timeNs, isDrained } = endOf(objects.machineOf(id));
    const age = timeNs - objects.time(id);
    const fate = (deadlineNs: number): number => (isDrained || age > deadlineNs ? NEVER : PERHAPS);
    if (kind !== KIND_AF) {
      judgeObject(s, id, fate);
      continue;
    }
    judgeRefusal(s, id);
    judgeOwed(s, id, fate);
    judgeNdis(s, id, isDrained);
  }
  for (const binding of s.bindings.all) judgeBindingEnd(s, binding, endOf(binding.adapter.machine));
}

/** NDIS has not told a client of what its call manager has completed. */
function judgeNdis(s: Scene, id: number, isDrained: boolean): void {
  if (!isDrained) return;
  const { objects } = s;
  const open = objects.state(id, OPEN_CM);
  if (objects.state(id, OPEN_CL) === OPEN_WAITING && open >= OPEN_COMPLETED && open <= OPEN_COMPLETED_UNCLEAR) {
    s.omission(
      "open/completes-once",
      objects.get(id, LINE),
      objects.time(id),
      id,
      "NDIS did not tell the client of the end of its open.",
    );
  }
  if (objects.state(id, CLOSE_CL) === CLOSE_WAITING && objects.state(id, CLOSE_CM) === CLOSE_COMPLETED) {
    s.omission(
      "close/completes-once",
      objects.get(id, LINE),
      objects.time(id),
      id,
      "NDIS did not tell the client of the end of its close.",
    );
  }
}

function judgeBindingEnd(s: Scene, binding: Scene["bindings"]["all"][number], { timeNs, isDrained }: TraceEnd): void {
  const isDue = (since: number): boolean => s.endsWhole || isDrained || timeNs - since > s.options.closeNs;
  const { adapter, failedOpen } = binding;
  if (failedOpen !== null) {
    if (isDue(failedOpen.timeNs)) missesUnbind(s, binding);
    else s.ledger.undecided++;
  }
  if (adapter.isUp === true && binding.isBound === true && s.endsWhole) judgeFanOut(s, binding, 1, timeNs);
  for (const id of afsOf(s, binding)) {
    if (adapter.halt !== null && isDue(adapter.halt.timeNs)) judgeHalt(s, adapter.halt.line, adapter.halt.timeNs, id);
    // A client that waits for something on the AF cannot have closed it yet.
    const isOverdue = binding.unbind !== null && (isDrained || timeNs - binding.unbind.timeNs > s.options.closeNs);
    if (binding.unbind !== null && (isOverdue || s.endsWhole) && !isWaiting(s, id))
      judgeUnbind(s, binding.unbind.line, binding.unbind.timeNs, id);
  }
}
