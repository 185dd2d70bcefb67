import type { RuleId } from "./rules.js";

/** A mistake that a scenario can make a driver commit, so that the rule which it breaks is seen to be checked. */
export interface Fault {
  /** What a scenario names in `faults[].kind`. */
  readonly id: FaultId;
  /** Whose mistake it is. */
  readonly of: "client" | "cm";
  /** The rule that it breaks. */
  readonly rule: RuleId;
  /** One sentence: what goes wrong. */
  readonly text: string;
  /** What happens each time it could strike; MODEL.md "Faults" says at which point of it. */
  readonly opportunity: string;
}

type Row = Omit<Fault, "id">;

const row = (of: Fault["of"], rule: RuleId, opportunity: string, text: string): Row => ({
  of,
  rule,
  text,
  opportunity,
});

const CLOSE_COMPLETION = "a completion of a pended close that is not inline";

const ROWS = {
  "double-complete": row(
    "cm",
    "close/double-complete",
    "the end of a pended close that is not completed inline",
    "The call manager completes a pended close a second time, with the handle that ended with the first.",
  ),
  "lost-completion": row(
    "cm",
    "close/owed",
    "the end of a pended close's service",
    "The call manager never calls the completion of a close that it had pended.",
  ),
  "early-completion": row(
    "cm",
    "close/not-pended",
    "an open of which the client has been told",
    "The call manager completes the close of an AF that is open and that nobody has asked it to close.",
  ),
  "wrong-family": row(
    "cm",
    "close/family",
    CLOSE_COMPLETION,
    "The call manager completes a close with the form of the other kind: a miniport call manager with NdisCm, a stand-alone one with NdisMCm.",
  ),
  "completion-irql": row(
    "cm",
    "irql/caller",
    CLOSE_COMPLETION,
    "The call manager calls the completion of a close from its interrupt handler, at DEVICE_LEVEL.",
  ),
  "completion-status": row(
    "cm",
    "close/complete-status",
    CLOSE_COMPLETION,
    "The call manager passes NDIS_STATUS_FAILURE to the completion of a close.",
  ),
  "stale-completion": row(
    "cm",
    "close/cm-stale",
    "the end of a synchronous close",
    "The call manager answers a close with NDIS_STATUS_SUCCESS and then completes it as if it had been pended.",
  ),
  "close-twice": row(
    "client",
    "close/redundant",
    "a close that was pended and is not completed inline",
    "The client closes an AF again while its first close is pended.",
  ),
  "stale-close": row(
    "client",
    "close/client-stale",
    "the end of a pended close that is not completed inline",
    "The client closes an AF again after it was told that the close has completed.",
  ),
  "open-irql": row(
    "client",
    "irql/caller",
    "an open",
    "The client opens an AF at DISPATCH_LEVEL, where only PASSIVE_LEVEL is allowed.",
  ),
  "lost-open-completion": row(
    "cm",
    "open/owed",
    "the end of a pended open's service",
    "The call manager never calls the completion of an open that it had pended.",
  ),
  "double-open-complete": row(
    "cm",
    "open/not-pended",
    "the end of an open's completion call",
    "The call manager completes a pended open a second time.",
  ),
  "open-completion-status": row(
    "cm",
    "open/status",
    "a completion of a pended open",
    "The call manager passes NDIS_STATUS_PENDING to the completion of an open.",
  ),
} as const satisfies Readonly<Record<string, Row>>;

export type FaultId = keyof typeof ROWS;

/** All faults (MODEL.md, "Faults"). */
export const faults: readonly Fault[] = (Object.entries(ROWS) as [FaultId, Row][]).map(([id, fields]) => ({
  id,
  ...fields,
}));

/** Their ids: what a scenario may name. */
export const faultIds: readonly FaultId[] = faults.map(({ id }) => id);

/** Whether a text from outside names a fault. */
export function isFaultId(id: string): id is FaultId {
  return Object.hasOwn(ROWS, id);
}

/** Whose mistake a fault is. */
export function faultOf(id: FaultId): Fault["of"] {
  return ROWS[id].of;
}
