import type { RuleId } from "./rules.js";

/**
 * Rules that no record of the AF itself breaks, each with what is the matter instead: something does not happen, or happens to
 * the AF's binding. All others are broken by a call, return, release or wait; what is owed, also by nothing at all until the end.
 */
const UNRECORDED: Partial<Readonly<Record<RuleId, string>>> = {
  "open/failed-unbind": "the client does not call NdisUnbindAdapter",
  "close/context-leak": "the client has not released its context, and can do so no more",
  "close/cm-leak": "the call manager has not released its context, and can do so no more",
  "close/unbind": "the client is unbound and does not close the AF",
  "close/adapter": "the client calls NdisCloseAdapterEx while this AF has not ended",
  "notify/required": "the call manager goes away and has not notified its clients",
};

/** What breaks this rule, where no record of the AF does; undefined of a rule that a record breaks. */
export function unrecordedBreach(rule: string): string | undefined {
  return (UNRECORDED as Readonly<Record<string, string>>)[rule];
}
