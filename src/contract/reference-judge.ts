import { CALLS, type DriverCallName } from "./calls.js";
import type { Slot } from "./reference-parts.js";
import type { Place, TraceIrql } from "./reference-trace.js";
import type { RuleId } from "./rules.js";
import type { StatusName } from "./statuses.js";

/** A call that a driver makes. */
export interface DriverCall {
  readonly call: DriverCallName;
  readonly place: Place;
  /** The status passed: completions only. */
  readonly status?: StatusName;
}

const LEVELS: Readonly<Record<TraceIrql, number>> = { PASSIVE_LEVEL: 0, DISPATCH_LEVEL: 2, DEVICE_LEVEL: 3 };

interface Judgement {
  /** What a violation's fold has for a call that passes no status. */
  readonly violationStatus: StatusName;
  /** The rule about the status passed. */
  status(status: StatusName): RuleId | null;
  /** The rule about the state of the AF. */
  state(slot: Slot, generation: number): RuleId | null;
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

const CLOSE: Judgement = {
  violationStatus: "NDIS_STATUS_FAILURE",
  status: () => null,
  state(slot, generation) {
    if (hasEnded(slot, generation)) return "close/client-stale";
    return slot.state === "open" ? null : "close/redundant";
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
  state(slot, generation) {
    if (hasEnded(slot, generation)) return slot.endedClosePended ? "close/double-complete" : "close/cm-stale";
    switch (slot.state) {
      case "closing":
      case "closePended":
        return null;
      case "completedEarly":
      case "reporting":
        return "close/double-complete";
      default:
        return "close/not-pended";
    }
  },
};

const JUDGEMENTS: Readonly<Record<DriverCallName, Judgement>> = {
  NdisOpenAdapterEx: ANY,
  // There is no handle yet.
  NdisClOpenAddressFamilyEx: ANY,
  NdisMCmOpenAddressFamilyComplete: OPEN_COMPLETION,
  NdisCmOpenAddressFamilyComplete: OPEN_COMPLETION,
  NdisUnbindAdapter: ANY,
  NdisClCloseCall: ANY,
  NdisMCmCloseCallComplete: ANY,
  NdisCmCloseCallComplete: ANY,
  NdisClDeregisterSap: ANY,
  NdisMCmDeregisterSapComplete: ANY,
  NdisCmDeregisterSapComplete: ANY,
  NdisClCloseAddressFamily: CLOSE,
  NdisMCmCloseAddressFamilyComplete: CLOSE_COMPLETION,
  NdisCmCloseAddressFamilyComplete: CLOSE_COMPLETION,
  NdisCloseAdapterEx: ANY,
  NdisCompleteUnbindAdapterEx: ANY,
};

/**
 * The rule that a call breaks, if any: the first that applies (MODEL.md, "Judging calls").
 * @param generation of the handle that the call is made with: the slot's current one, or the one before it
 */
export function brokenRule({ call, place, status }: DriverCall, slot: Slot, generation: number): RuleId | null {
  const { callManagerKind, irqlMax } = CALLS[call];
  if (callManagerKind !== null && callManagerKind !== slot.callManager.profile.source.kind) return "close/family";
  if (LEVELS[place.irql] > LEVELS[irqlMax]) return "irql/caller";
  const { status: judgeStatus, state: judgeState } = JUDGEMENTS[call];
  return (status === undefined ? null : judgeStatus(status)) ?? judgeState(slot, generation);
}

/** The status that the violation of a rule by this call is folded with. */
export function violationStatus({ call, status }: DriverCall): StatusName {
  return status ?? JUDGEMENTS[call].violationStatus;
}
