import type { CallName } from "./calls.js";
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
  "close/adapter": "NdisCloseAdapterEx is called for a binding while this AF has not ended",
  "notify/required": "the call manager halts and does not notify the client of this AF",
};

/** Rules that one call breaks, or that it does not come: the call, and what is the matter when it is not the next record. */
const MISSED: Partial<Readonly<Record<RuleId, { readonly call: CallName; readonly text: string }>>> = {
  "close/completes-once": {
    call: "ProtocolClCloseAfComplete",
    text: "the client does not call its own ProtocolClCloseAfComplete",
  },
};

/** What breaks this rule, where no record of the AF ever does; undefined of a rule that a record breaks. */
export function unrecordedBreach(rule: string): string | undefined {
  return (UNRECORDED as Readonly<Record<string, string>>)[rule];
}

/** The only call that breaks this rule by coming; undefined of a rule that any record may break. */
export function breachingCall(rule: string): CallName | undefined {
  return MISSED[rule as RuleId]?.call;
}

/** What to say of a rule that no record broke; undefined where nothing but time went by. */
export function describeUnrecorded(rule: string): string | undefined {
  return unrecordedBreach(rule) ?? MISSED[rule as RuleId]?.text;
}
