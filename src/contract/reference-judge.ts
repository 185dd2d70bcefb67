import { type AfDriverCallName, CALLS } from "./calls.js";
import { isUnclosed } from "./reference-objects.js";
import { holdsBinding, type Slot } from "./reference-parts.js";
import type { ReferencePast } from "./reference-past.js";
import type { State } from "./reference-states.js";
import type { Frame, Place, TraceIrql } from "./reference-trace.js";
import type { RuleId } from "./rules.js";
import type { StatusName } from "./statuses.js";

/** Completion functions that a client calls itself. */
type SelfCallName = "ProtocolClOpenAfCompleteEx" | "ProtocolClCloseAfComplete";
/** Calls of NDIS whose return is judged. */
type AnswerName = "ProtocolCmOpenAf" | "ProtocolCmCloseAf";

/** What becomes of the call manager's context at the end of an open: of a success the first two, of a failure the others. */
export type OpenContext = "given" | "missing" | "released" | "kept";

/** A call that a driver makes, or its return from a call of NDIS. */
export interface DriverCall {
  readonly call: AfDriverCallName | SelfCallName | AnswerName;
  readonly place: Place;
  /** What it is made from; absent for a call from outside all calls. */
  readonly parent?: Frame;
  /** The status passed or returned, where there is one. */
  readonly status?: StatusName;
  /** Only of the end of an open. */
  readonly context?: OpenContext;
}

const LEVELS: Readonly<Record<TraceIrql, number>> = { PASSIVE_LEVEL: 0, DISPATCH_LEVEL: 2, DEVICE_LEVEL: 3 };

/** A call and what it is made with. */
export interface JudgedCall {
  readonly call: DriverCall;
  readonly slot: Slot;
  /** Of the handle: the slot's current one, or one before it. */
  readonly generation: number;
  readonly past: ReferencePast;
}

interface Judgement {
  /** What a violation's fold has for a call that passes no status. */
  readonly violationStatus: StatusName;
  /** The rule about the status. */
  status(status: StatusName, judged: JudgedCall): RuleId | null;
  /** The rule about the state of the AF, or of what else the call is about. */
  state(judged: JudgedCall): RuleId | null;
}

/** Whether the lifecycle of a handle is over. */
function hasEnded({ slot: { state, generation: current }, generation }: JudgedCall): boolean {
  return generation < current || state === "vacant" || state === "retired";
}

/** No status and no state of the AF makes such a call wrong. */
const ANY: Judgement = {
  violationStatus: "NDIS_STATUS_SUCCESS",
  status: () => null,
  state: () => null,
};

const OPENING: ReadonlySet<State> = new Set(["openPended", "openCompleted", "openFailed"]);

/** What the client breaks by closing an AF in these states; in all others that do not allow it the close is redundant. */
const WRONG_CLOSES: Readonly<Partial<Record<State, RuleId>>> = {
  openPended: "open/use-before-complete",
  openCompleted: "open/use-before-complete",
  openFailed: "open/use-before-complete",
  stranded: "close/client-stale",
};

/** What the client breaks by closing an AF that is open. */
function closeOfOpen({ slot, past: { contract, luck } }: JudgedCall): RuleId | null {
  const mayHaveWork = contract.outstandingClose === "forwarded";
  const hasWork = !slot.tornDown && luck.hasWork(slot);
  const hasObjects = slot.saps.some(isUnclosed) || slot.vcs.some(isUnclosed);
  if (!mayHaveWork && (hasWork || hasObjects)) return "close/outstanding";
  const leavesOthersAlone = contract.openScope === "binding";
  if (leavesOthersAlone && slot.binding.slots.some(({ state }) => OPENING.has(state)))
    return "open/use-before-complete";
  return null;
}

const CLOSE: Judgement = {
  violationStatus: "NDIS_STATUS_FAILURE",
  status: () => null,
  state(judged) {
    const { slot, generation, past } = judged;
    if (hasEnded(judged)) return past.openFailed(slot, generation) ? "open/failed-handle" : "close/client-stale";
    if (slot.state === "open") return closeOfOpen(judged);
    return WRONG_CLOSES[slot.state] ?? "close/redundant";
  },
};

const OPEN_COMPLETION: Judgement = {
  violationStatus: "NDIS_STATUS_SUCCESS",
  status: (status) => (status === "NDIS_STATUS_PENDING" ? "open/status" : null),
  state: ({ slot, generation }) =>
    generation === slot.generation && slot.state === "openPended" ? null : "open/not-pended",
};

const CLOSE_COMPLETION: Judgement = {
  violationStatus: "NDIS_STATUS_SUCCESS",
  status: (status) => (status === "NDIS_STATUS_SUCCESS" ? null : "close/complete-status"),
  state(judged) {
    const { slot, generation, past } = judged;
    if (hasEnded(judged)) {
      if (past.openFailed(slot, generation)) return "open/failed-handle";
      return past.closeWasPended(slot, generation) ? "close/double-complete" : "close/cm-stale";
    }
    switch (slot.state) {
      case "closing":
        return null;
      case "closePended":
        return slot.left === 0 ? null : "close/undrained";
      case "completedEarly":
      case "reporting":
        return "close/double-complete";
      default:
        return "close/not-pended";
    }
  },
};

const CLOSE_ANSWER: Judgement = {
  ...ANY,
  status(status, { slot, past }) {
    const mayRefuse = slot.left > 0 && past.contract.notAcceptedClose === "legal";
    return status === "NDIS_STATUS_NOT_ACCEPTED" && !mayRefuse ? "close/status" : null;
  },
};

const OPEN_SELF_COMPLETION: Judgement = {
  ...ANY,
  state: ({ slot }) => (slot.state === "openPended" ? "open/completes-once" : null),
};

const CLOSE_SELF_COMPLETION: Judgement = {
  ...ANY,
  state: ({ slot }) => (slot.state === "closePended" ? "close/completes-once" : null),
};

const CLOSE_ADAPTER: Judgement = {
  ...ANY,
  state: ({ slot }) => (slot.binding.slots.some(holdsBinding) ? "close/adapter" : null),
};

const REGISTER: Judgement = {
  ...ANY,
  state({ slot, call }) {
    if (slot.callManager.registered) return "register/duplicate";
    return call.parent === undefined ? "register/place" : null;
  },
};

const NOTIFY: Judgement = {
  ...ANY,
  state(judged) {
    const { slot, generation, past } = judged;
    if (hasEnded(judged)) return past.openFailed(slot, generation) ? "open/failed-handle" : "close/cm-stale";
    const isBeingCompleted = slot.completionFrame !== null;
    return isBeingCompleted && past.expiresAtCall(slot) ? "close/cm-stale" : null;
  },
};

const NOTIFY_COMPLETION: Judgement = {
  ...ANY,
  state({ slot: { owesNotification, pendedNotification, state } }) {
    if (owesNotification && (state === "vacant" || state === "stranded")) return null;
    // One completion too many is that before it is stale.
    return pendedNotification ? "notify/owed" : "close/client-stale";
  },
};

const JUDGEMENTS: Readonly<Record<DriverCall["call"], Judgement>> = {
  NdisOpenAdapterEx: ANY,
  // There is no handle yet.
  NdisClOpenAddressFamilyEx: ANY,
  ProtocolCmOpenAf: ANY,
  NdisMCmOpenAddressFamilyComplete: OPEN_COMPLETION,
  NdisCmOpenAddressFamilyComplete: OPEN_COMPLETION,
  ProtocolClOpenAfCompleteEx: OPEN_SELF_COMPLETION,
  NdisUnbindAdapter: ANY,
  NdisClCloseCall: ANY,
  NdisMCmCloseCallComplete: ANY,
  NdisCmCloseCallComplete: ANY,
  NdisClDeregisterSap: ANY,
  NdisMCmDeregisterSapComplete: ANY,
  NdisCmDeregisterSapComplete: ANY,
  NdisClCloseAddressFamily: CLOSE,
  ProtocolCmCloseAf: CLOSE_ANSWER,
  NdisMCmCloseAddressFamilyComplete: CLOSE_COMPLETION,
  NdisCmCloseAddressFamilyComplete: CLOSE_COMPLETION,
  ProtocolClCloseAfComplete: CLOSE_SELF_COMPLETION,
  NdisCloseAdapterEx: CLOSE_ADAPTER,
  NdisCompleteUnbindAdapterEx: ANY,
  NdisMCmRegisterAddressFamilyEx: REGISTER,
  NdisCmRegisterAddressFamilyEx: REGISTER,
  NdisMCmNotifyCloseAddressFamily: NOTIFY,
  NdisCmNotifyCloseAddressFamily: NOTIFY,
  NdisClNotifyCloseAddressFamilyComplete: NOTIFY_COMPLETION,
};

const CONTEXT_RULES: Readonly<Record<OpenContext, RuleId | null>> = {
  given: null,
  missing: "open/context",
  released: null,
  kept: "open/failed-handle",
};

/** The rule that a call breaks, if any: the first that applies (MODEL.md "Judging calls", MODEL-DRIVERS.md "Judging"). */
export function brokenRule(judged: JudgedCall): RuleId | null {
  const { call, place, status, context } = judged.call;
  const { callManagerKind, irqlMax } = CALLS[call];
  if (callManagerKind !== null && callManagerKind !== judged.slot.callManager.profile.source.kind)
    return "close/family";
  if (LEVELS[place.irql] > LEVELS[irqlMax]) return "irql/caller";
  const judgement = JUDGEMENTS[call];
  return (
    (status === undefined ? null : judgement.status(status, judged)) ??
    (context === undefined ? null : CONTEXT_RULES[context]) ??
    judgement.state(judged)
  );
}

/** The status that the violation of a rule by this call is folded with. */
export function violationStatus({ call, status }: DriverCall, rule: RuleId): StatusName {
  if (rule === "register/duplicate") return "NDIS_STATUS_FAILURE";
  return status ?? JUDGEMENTS[call].violationStatus;
}
