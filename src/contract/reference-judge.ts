import { CALLS, type DriverCallName } from "./calls.js";
import type { ReferenceLuck } from "./reference-luck.js";
import { holdsBinding, type Slot } from "./reference-parts.js";
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
  readonly call: DriverCallName | SelfCallName | AnswerName;
  readonly place: Place;
  /** What it is made from; absent for a call from outside all calls. */
  readonly parent?: Frame;
  /** The status passed or returned, where there is one. */
  readonly status?: StatusName;
  /** Only of the end of an open. */
  readonly context?: OpenContext;
}

const LEVELS: Readonly<Record<TraceIrql, number>> = { PASSIVE_LEVEL: 0, DISPATCH_LEVEL: 2, DEVICE_LEVEL: 3 };

interface Judgement {
  /** What a violation's fold has for a call that passes no status. */
  readonly violationStatus: StatusName;
  /** The rule about the status. */
  status(status: StatusName): RuleId | null;
  /** The rule about the state of the AF, or of what else the call is about. */
  state(slot: Slot, generation: number, luck: ReferenceLuck, call: DriverCall): RuleId | null;
}

/** Whether the lifecycle of a handle is over. */
function hasEnded({ state, generation: current }: Slot, generation: number): boolean {
  return generation < current || state === "vacant" || state === "retired";
}

/** No status and no state of the AF makes such a call wrong. */
const ANY: Judgement = {
  violationStatus: "NDIS_STATUS_SUCCESS",
  status: () => null,
  state: () => null,
};

/** What the client breaks by closing an AF in these states; in all others that do not allow it the close is redundant. */
const WRONG_CLOSES: Readonly<Partial<Record<State, RuleId>>> = {
  openPended: "open/use-before-complete",
  openCompleted: "open/use-before-complete",
  openFailed: "open/use-before-complete",
  stranded: "close/client-stale",
};

const CLOSE: Judgement = {
  violationStatus: "NDIS_STATUS_FAILURE",
  status: () => null,
  state(slot, generation, luck) {
    if (hasEnded(slot, generation))
      return luck.openFails(slot, generation) ? "open/failed-handle" : "close/client-stale";
    if (slot.state === "open") return slot.tornDown || !luck.hasWork(slot) ? null : "close/outstanding";
    return WRONG_CLOSES[slot.state] ?? "close/redundant";
  },
};

const OPEN_COMPLETION: Judgement = {
  violationStatus: "NDIS_STATUS_SUCCESS",
  status: (status) => (status === "NDIS_STATUS_PENDING" ? "open/status" : null),
  state: (slot, generation) =>
    generation === slot.generation && slot.state === "openPended" ? null : "open/not-pended",
};

const CLOSE_COMPLETION: Judgement = {
  violationStatus: "NDIS_STATUS_SUCCESS",
  status: (status) => (status === "NDIS_STATUS_SUCCESS" ? null : "close/complete-status"),
  state(slot, generation, luck) {
    if (hasEnded(slot, generation)) {
      if (luck.openFails(slot, generation)) return "open/failed-handle";
      return luck.closePends(slot, generation) ? "close/double-complete" : "close/cm-stale";
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
  // A close with work on its AF is always pended.
  status: (status) => (status === "NDIS_STATUS_NOT_ACCEPTED" ? "close/status" : null),
};

const OPEN_SELF_COMPLETION: Judgement = {
  ...ANY,
  state: ({ state }) => (state === "openPended" ? "open/completes-once" : null),
};

const CLOSE_SELF_COMPLETION: Judgement = {
  ...ANY,
  state: ({ state }) => (state === "closePended" ? "close/completes-once" : null),
};

const CLOSE_ADAPTER: Judgement = {
  ...ANY,
  state: ({ binding }) => (binding.slots.some(holdsBinding) ? "close/adapter" : null),
};

const REGISTER: Judgement = {
  ...ANY,
  state({ callManager }, _generation, _luck, { parent }) {
    if (callManager.registered) return "register/duplicate";
    return parent === undefined ? "register/place" : null;
  },
};

const NOTIFY: Judgement = {
  ...ANY,
  state(slot, generation, luck) {
    if (!hasEnded(slot, generation)) return null;
    return luck.openFails(slot, generation) ? "open/failed-handle" : "close/cm-stale";
  },
};

const NOTIFY_COMPLETION: Judgement = {
  ...ANY,
  state({ owesNotification, state }) {
    if (!owesNotification) return "close/client-stale";
    return state === "vacant" || state === "stranded" ? null : "notify/owed";
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

/**
 * The rule that a call breaks, if any: the first that applies (MODEL.md "Judging calls", MODEL-DRIVERS.md "Judging").
 * @param generation of the handle that the call is made with: the slot's current one, or the one before it
 */
export function brokenRule(driverCall: DriverCall, slot: Slot, generation: number, luck: ReferenceLuck): RuleId | null {
  const { call, place, status, context } = driverCall;
  const { callManagerKind, irqlMax } = CALLS[call];
  if (callManagerKind !== null && callManagerKind !== slot.callManager.profile.source.kind) return "close/family";
  if (LEVELS[place.irql] > LEVELS[irqlMax]) return "irql/caller";
  const { status: judgeStatus, state: judgeState } = JUDGEMENTS[call];
  return (
    (status === undefined ? null : judgeStatus(status)) ??
    (context === undefined ? null : CONTEXT_RULES[context]) ??
    judgeState(slot, generation, luck, driverCall)
  );
}

/** The status that the violation of a rule by this call is folded with. */
export function violationStatus({ call, status }: DriverCall, rule: RuleId): StatusName {
  if (rule === "register/duplicate") return "NDIS_STATUS_FAILURE";
  return status ?? JUDGEMENTS[call].violationStatus;
}
