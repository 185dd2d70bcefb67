/** What the kernel reads from tables and this host writes: the state machine of an AF, and rules by where a handle stands. */
import * as C from "../../assembly/abi/codes.js";
import type { FaultId } from "../contract/faults.js";
import type { CallManagerHabit, ClientHabit } from "../scenario/habits.js";
import { READINGS, type Readings, type Switch } from "../scenario/readings.js";

/** One row of the state machine: from, to, status, and the code that the digest folds, its own where none is given. */
export interface Transition {
  readonly transition: number;
  readonly from: number;
  readonly to: number;
  readonly status: number;
  readonly code: number;
}

function row(transition: number, from: number, to: number, status: number, code = transition): Transition {
  return { transition, from, to, status, code };
}

/** The state machine of an AF (src/contract/MODEL.md "States and digest"). */
export const TRANSITIONS: readonly Transition[] = [
  row(C.TRANSITION_OPENED, C.STATE_VACANT, C.STATE_OPEN, C.STATUS_SUCCESS),
  row(C.TRANSITION_OPEN_PENDED, C.STATE_VACANT, C.STATE_OPEN_PENDED, C.STATUS_PENDING),
  row(C.TRANSITION_OPEN_COMPLETED, C.STATE_OPEN_PENDED, C.STATE_OPEN_COMPLETED, C.STATUS_SUCCESS),
  row(C.TRANSITION_OPEN_TOLD, C.STATE_OPEN_COMPLETED, C.STATE_OPEN, C.STATUS_SUCCESS),
  row(C.TRANSITION_CLOSED, C.STATE_OPEN, C.STATE_VACANT, C.STATUS_SUCCESS),
  row(C.TRANSITION_CLOSE_PENDED, C.STATE_OPEN, C.STATE_CLOSE_PENDED, C.STATUS_PENDING),
  row(C.TRANSITION_COMPLETED_INLINE, C.STATE_OPEN, C.STATE_COMPLETED_EARLY, C.STATUS_SUCCESS),
  row(C.TRANSITION_INLINE_RETURNED, C.STATE_COMPLETED_EARLY, C.STATE_VACANT, C.STATUS_PENDING),
  row(C.TRANSITION_CLOSE_COMPLETED, C.STATE_CLOSE_PENDED, C.STATE_REPORTING, C.STATUS_SUCCESS),
  row(C.TRANSITION_CLOSE_TOLD, C.STATE_REPORTING, C.STATE_VACANT, C.STATUS_SUCCESS),
  row(C.TRANSITION_RETIRED, C.STATE_VACANT, C.STATE_RETIRED, C.STATUS_SUCCESS),
  row(C.TRANSITION_CLOSE_TOLD_DIRECT, C.STATE_CLOSE_PENDED, C.STATE_VACANT, C.STATUS_SUCCESS, C.TRANSITION_CLOSE_TOLD),
  row(C.TRANSITION_OPEN_FAILED, C.STATE_VACANT, C.STATE_VACANT, C.STATUS_RESOURCES),
  row(C.TRANSITION_FAILURE_COMPLETED, C.STATE_OPEN_PENDED, C.STATE_OPEN_FAILED, C.STATUS_RESOURCES),
  row(C.TRANSITION_FAILURE_TOLD, C.STATE_OPEN_FAILED, C.STATE_VACANT, C.STATUS_RESOURCES),
  row(C.TRANSITION_CLOSE_FAILED, C.STATE_OPEN, C.STATE_STRANDED, C.STATUS_FAILURE),
  row(C.TRANSITION_FORGOTTEN, C.STATE_OPEN, C.STATE_STRANDED, C.STATUS_SUCCESS),
  row(C.TRANSITION_NOT_NOTIFIED, C.STATE_OPEN, C.STATE_STRANDED, C.STATUS_SUCCESS),
  row(C.TRANSITION_CLOSE_REFUSED, C.STATE_OPEN, C.STATE_STRANDED, C.STATUS_NOT_ACCEPTED),
  row(C.TRANSITION_CLOSE_FAILED_RETRY, C.STATE_OPEN, C.STATE_REFUSED, C.STATUS_FAILURE),
  row(C.TRANSITION_CLOSE_REFUSED_RETRY, C.STATE_OPEN, C.STATE_REFUSED, C.STATUS_NOT_ACCEPTED),
  row(C.TRANSITION_CLOSE_AGAIN, C.STATE_REFUSED, C.STATE_OPEN, C.STATUS_SUCCESS),
  row(C.TRANSITION_REMEMBERED, C.STATE_STRANDED, C.STATE_OPEN, C.STATUS_SUCCESS),
];

/**
 * By judged call, where the handle stands and the rule that the call breaks there (src/contract/MODEL.md "Judging calls"). What is
 * left out breaks none: the call is legal, or nobody makes it there.
 */
export const CALL_RULES: readonly (readonly [judged: number, standing: number, rule: number])[] = [
  [C.JUDGED_CLOSE, C.STATE_OPEN_PENDED, C.RULE_OPEN_USE_BEFORE_COMPLETE],
  [C.JUDGED_CLOSE, C.STATE_OPEN_COMPLETED, C.RULE_OPEN_USE_BEFORE_COMPLETE],
  [C.JUDGED_CLOSE, C.STATE_OPEN_FAILED, C.RULE_OPEN_USE_BEFORE_COMPLETE],
  [C.JUDGED_CLOSE, C.STATE_CLOSE_PENDED, C.RULE_CLOSE_REDUNDANT],
  [C.JUDGED_CLOSE, C.STATE_COMPLETED_EARLY, C.RULE_CLOSE_REDUNDANT],
  [C.JUDGED_CLOSE, C.STATE_REPORTING, C.RULE_CLOSE_REDUNDANT],
  [C.JUDGED_CLOSE, C.STATE_STRANDED, C.RULE_CLOSE_CLIENT_STALE],
  [C.JUDGED_CLOSE, C.HANDLE_OPEN_FAILED, C.RULE_OPEN_FAILED_HANDLE],
  [C.JUDGED_CLOSE, C.HANDLE_COMPLETED, C.RULE_CLOSE_CLIENT_STALE],
  [C.JUDGED_CLOSE, C.HANDLE_CLOSED, C.RULE_CLOSE_CLIENT_STALE],

  [C.JUDGED_CLOSE_COMPLETION, C.STATE_OPEN_PENDED, C.RULE_CLOSE_NOT_PENDED],
  [C.JUDGED_CLOSE_COMPLETION, C.STATE_OPEN_COMPLETED, C.RULE_CLOSE_NOT_PENDED],
  [C.JUDGED_CLOSE_COMPLETION, C.STATE_OPEN_FAILED, C.RULE_CLOSE_NOT_PENDED],
  [C.JUDGED_CLOSE_COMPLETION, C.STATE_OPEN, C.RULE_CLOSE_NOT_PENDED],
  [C.JUDGED_CLOSE_COMPLETION, C.STATE_STRANDED, C.RULE_CLOSE_NOT_PENDED],
  [C.JUDGED_CLOSE_COMPLETION, C.STATE_REFUSED, C.RULE_CLOSE_NOT_PENDED],
  // With work left; without it would be legal.
  [C.JUDGED_CLOSE_COMPLETION, C.STATE_CLOSE_PENDED, C.RULE_CLOSE_UNDRAINED],
  [C.JUDGED_CLOSE_COMPLETION, C.STATE_COMPLETED_EARLY, C.RULE_CLOSE_DOUBLE_COMPLETE],
  [C.JUDGED_CLOSE_COMPLETION, C.STATE_REPORTING, C.RULE_CLOSE_DOUBLE_COMPLETE],
  [C.JUDGED_CLOSE_COMPLETION, C.HANDLE_OPEN_FAILED, C.RULE_OPEN_FAILED_HANDLE],
  [C.JUDGED_CLOSE_COMPLETION, C.HANDLE_COMPLETED, C.RULE_CLOSE_DOUBLE_COMPLETE],
  [C.JUDGED_CLOSE_COMPLETION, C.HANDLE_CLOSED, C.RULE_CLOSE_CM_STALE],

  [C.JUDGED_OPEN_COMPLETION, C.STATE_OPEN_COMPLETED, C.RULE_OPEN_NOT_PENDED],
  [C.JUDGED_OPEN_COMPLETION, C.STATE_OPEN_FAILED, C.RULE_OPEN_NOT_PENDED],
  [C.JUDGED_OPEN_COMPLETION, C.STATE_OPEN, C.RULE_OPEN_NOT_PENDED],
  [C.JUDGED_OPEN_COMPLETION, C.STATE_STRANDED, C.RULE_OPEN_NOT_PENDED],
  [C.JUDGED_OPEN_COMPLETION, C.STATE_CLOSE_PENDED, C.RULE_OPEN_NOT_PENDED],
  [C.JUDGED_OPEN_COMPLETION, C.STATE_COMPLETED_EARLY, C.RULE_OPEN_NOT_PENDED],
  [C.JUDGED_OPEN_COMPLETION, C.STATE_REPORTING, C.RULE_OPEN_NOT_PENDED],
  [C.JUDGED_OPEN_COMPLETION, C.HANDLE_OPEN_FAILED, C.RULE_OPEN_NOT_PENDED],
  [C.JUDGED_OPEN_COMPLETION, C.HANDLE_COMPLETED, C.RULE_OPEN_NOT_PENDED],
  [C.JUDGED_OPEN_COMPLETION, C.HANDLE_CLOSED, C.RULE_OPEN_NOT_PENDED],
];

/** Columns of a judged call in the kernel's table. */
export const STANDINGS = 16;
export const JUDGED_CALLS = 3;

/** The bit of each switch of the contract that a scenario reads in the second way. */
const READING_BITS: Readonly<Record<Switch, number>> = {
  notAcceptedClose: C.READING_NOT_ACCEPTED_TABLE,
  handleExpiry: C.READING_EXPIRY_AT_CALL,
  failedClose: C.READING_RETRY,
  outstandingClose: C.READING_FORWARDED,
  openScope: C.READING_BINDING_SCOPE,
  clientRelease: C.READING_RELEASE_FROM_CALL,
  notifyDuringClose: C.READING_DELIVERED,
  vcReuse: C.READING_VC_REUSE,
};

/** The bits of a scenario's second readings. */
export function readingBits(readings: Readings): number {
  const names = Object.keys(READINGS) as Switch[];
  return names.reduce((bits, name) => bits | (readings[name] === READINGS[name][1] ? READING_BITS[name] : 0), 0);
}

const HABIT_BITS: Readonly<Record<CallManagerHabit | ClientHabit, number>> = {
  "shared-flag": C.HABIT_SHARED_FLAG,
  "one-handle": C.HABIT_ONE_HANDLE,
  "held-lock": C.HABIT_HELD_LOCK,
  "ignored-status": C.HABIT_IGNORED_STATUS,
};

/** The bits of drivers' habits. */
export function habitBits(habits: readonly (CallManagerHabit | ClientHabit)[]): number {
  return habits.reduce((bits, habit) => bits | HABIT_BITS[habit], 0);
}

/** Numbers of the faults of src/contract/faults.ts. */
export const FAULT_KINDS: Readonly<Record<FaultId, number>> = {
  "double-complete": C.FAULT_DOUBLE_COMPLETE,
  "lost-completion": C.FAULT_LOST_COMPLETION,
  "early-completion": C.FAULT_EARLY_COMPLETION,
  "wrong-family": C.FAULT_WRONG_FAMILY,
  "completion-irql": C.FAULT_COMPLETION_IRQL,
  "completion-status": C.FAULT_COMPLETION_STATUS,
  "stale-completion": C.FAULT_STALE_COMPLETION,
  "close-twice": C.FAULT_CLOSE_TWICE,
  "stale-close": C.FAULT_STALE_CLOSE,
  "open-irql": C.FAULT_OPEN_IRQL,
  "lost-open-completion": C.FAULT_LOST_OPEN_COMPLETION,
  "double-open-complete": C.FAULT_DOUBLE_OPEN_COMPLETE,
  "open-completion-status": C.FAULT_OPEN_COMPLETION_STATUS,
  "open-self-complete": C.FAULT_OPEN_SELF_COMPLETE,
  "early-close": C.FAULT_EARLY_CLOSE,
  "null-context": C.FAULT_NULL_CONTEXT,
  "no-unbind": C.FAULT_NO_UNBIND,
  "failed-open-close": C.FAULT_FAILED_OPEN_CLOSE,
  "failed-open-leak": C.FAULT_FAILED_OPEN_LEAK,
  "outstanding-close": C.FAULT_OUTSTANDING_CLOSE,
  "close-self-complete": C.FAULT_CLOSE_SELF_COMPLETE,
  "early-release": C.FAULT_EARLY_RELEASE,
  "blocked-wait": C.FAULT_BLOCKED_WAIT,
  "undrained-completion": C.FAULT_UNDRAINED_COMPLETION,
  "context-leak": C.FAULT_CONTEXT_LEAK,
  "close-return-status": C.FAULT_CLOSE_RETURN_STATUS,
  "cm-leak": C.FAULT_CM_LEAK,
  "forgotten-af": C.FAULT_FORGOTTEN_AF,
  "early-close-adapter": C.FAULT_EARLY_CLOSE_ADAPTER,
  "register-late": C.FAULT_REGISTER_LATE,
  "register-twice": C.FAULT_REGISTER_TWICE,
  "register-irql": C.FAULT_REGISTER_IRQL,
  "forgotten-notify": C.FAULT_FORGOTTEN_NOTIFY,
  "notify-irql": C.FAULT_NOTIFY_IRQL,
  "saps-first": C.FAULT_SAPS_FIRST,
  "notify-wait": C.FAULT_NOTIFY_WAIT,
  "notify-success": C.FAULT_NOTIFY_SUCCESS,
  "lost-notify-completion": C.FAULT_LOST_NOTIFY_COMPLETION,
  "early-notify-completion": C.FAULT_EARLY_NOTIFY_COMPLETION,
  "double-notify-completion": C.FAULT_DOUBLE_NOTIFY_COMPLETION,
  "cm-early-close-adapter": C.FAULT_CM_EARLY_CLOSE_ADAPTER,
  "retry-close": C.FAULT_RETRY_CLOSE,
  "use-in-completion": C.FAULT_USE_IN_COMPLETION,
  "use-after-completion": C.FAULT_USE_AFTER_COMPLETION,
  "release-at-call": C.FAULT_RELEASE_AT_CALL,
  "shared-flag": C.FAULT_SHARED_FLAG,
  "one-handle": C.FAULT_ONE_HANDLE,
  "halted-completion": C.FAULT_HALTED_COMPLETION,
  "inline-success": C.FAULT_INLINE_SUCCESS,
  "lock-deadlock": C.FAULT_LOCK_DEADLOCK,
  "no-self-complete": C.FAULT_NO_SELF_COMPLETE,
  "walk-skips": C.FAULT_WALK_SKIPS,
  "walk-repeats": C.FAULT_WALK_REPEATS,
  "close-adapter-irql": C.FAULT_CLOSE_ADAPTER_IRQL,
  "cm-close-adapter-irql": C.FAULT_CM_CLOSE_ADAPTER_IRQL,
  "callback-wait": C.FAULT_CALLBACK_WAIT,
  "sap-in-use": C.FAULT_SAP_IN_USE,
  "lost-sap-completion": C.FAULT_LOST_SAP_COMPLETION,
  "sap-completion-status": C.FAULT_SAP_COMPLETION_STATUS,
  "sap-completed-twice": C.FAULT_SAP_COMPLETED_TWICE,
  "deregister-twice": C.FAULT_DEREGISTER_TWICE,
  "create-pending": C.FAULT_CREATE_PENDING,
  "delete-active": C.FAULT_DELETE_ACTIVE,
  "unactivated-call": C.FAULT_UNACTIVATED_CALL,
  "dispatch-first": C.FAULT_DISPATCH_FIRST,
  "deactivate-twice": C.FAULT_DEACTIVATE_TWICE,
  "reuse-vc": C.FAULT_REUSE_VC,
  "lost-call-completion": C.FAULT_LOST_CALL_COMPLETION,
  "call-completion-status": C.FAULT_CALL_COMPLETION_STATUS,
  "lost-answer": C.FAULT_LOST_ANSWER,
  "close-with-parties": C.FAULT_CLOSE_WITH_PARTIES,
  "no-deactivate": C.FAULT_NO_DEACTIVATE,
  "ignored-close": C.FAULT_IGNORED_CLOSE,
  "drop-twice": C.FAULT_DROP_TWICE,
  "drop-last": C.FAULT_DROP_LAST,
  "lost-drop-completion": C.FAULT_LOST_DROP_COMPLETION,
};
