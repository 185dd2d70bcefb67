/** How drivers make their calls to NDIS and answer those of NDIS, mistakes included (MODEL.md, "Faults"). */
import { type Completed, COMPLETION_CALLS, NOTIFY_CALLS } from "./calls.js";
import type { FaultId } from "./faults.js";
import type { ReferenceFaults } from "./reference-faults.js";
import type { DriverCall, OpenContext } from "./reference-judge.js";
import type { Slot } from "./reference-parts.js";
import type { Frame } from "./reference-trace.js";
import type { StatusName } from "./statuses.js";
import type { CallManagerHabit } from "../scenario/habits.js";
import type { CallManagerKind } from "../scenario/scenario.js";

const OTHER_KIND: Readonly<Record<CallManagerKind, CallManagerKind>> = { mcm: "standalone", standalone: "mcm" };

function strikes(faults: ReferenceFaults, kind: FaultId, slot: Slot): boolean {
  return faults.strikes(kind, slot.index, slot.generation);
}

/** Whether the call manager of a slot has a habit (MODEL-DRIVERS.md, "Habits"). */
export function hasHabit({ callManager }: Slot, habit: CallManagerHabit): boolean {
  return callManager.profile.source.habit.includes(habit);
}

/** A client opens an AF. */
export function openCall(faults: ReferenceFaults, slot: Slot): DriverCall {
  const { clientPlace } = slot;
  const place = strikes(faults, "open-irql", slot) ? { ...clientPlace, irql: "DISPATCH_LEVEL" as const } : clientPlace;
  return { call: "NdisClOpenAddressFamilyEx", place };
}

function openContext(faults: ReferenceFaults, slot: Slot, fails: boolean): OpenContext {
  if (fails) return strikes(faults, "failed-open-leak", slot) ? "kept" : "released";
  return strikes(faults, "null-context", slot) ? "missing" : "given";
}

/** How an open ends: what a call manager returns or passes, and its client is told. */
const openEnd = (fails: boolean) => (fails ? "NDIS_STATUS_RESOURCES" : "NDIS_STATUS_SUCCESS");

/** A call manager returns from an open that it does not pend. */
export function openAnswer(faults: ReferenceFaults, slot: Slot, { place }: DriverCall, fails: boolean) {
  const context = openContext(faults, slot, fails);
  return { call: "ProtocolCmOpenAf", place, status: openEnd(fails), context } as const satisfies DriverCall;
}

/** A call manager completes an open that it had pended. */
export function openCompletion(faults: ReferenceFaults, slot: Slot, fails: boolean): DriverCall {
  const passed = strikes(faults, "open-completion-status", slot) ? "NDIS_STATUS_PENDING" : openEnd(fails);
  return { ...faultlessCompletion(slot, "open"), status: passed, context: openContext(faults, slot, fails) };
}

/**
 * A client closes an AF.
 * @param notified the ProtocolClNotifyCloseAf that it does so in
 */
export function closeCall(slot: Slot, notified?: Frame): DriverCall {
  const call = "NdisClCloseAddressFamily";
  return notified === undefined ? { call, place: slot.clientPlace } : { call, place: notified, parent: notified };
}

/** A call manager returns from a close that it does not pend. */
export function closeAnswer(faults: ReferenceFaults, slot: Slot, { place }: DriverCall) {
  const status = strikes(faults, "close-return-status", slot) ? "NDIS_STATUS_NOT_ACCEPTED" : "NDIS_STATUS_SUCCESS";
  return { call: "ProtocolCmCloseAf", place, status } as const satisfies DriverCall;
}

/** A call manager refuses a close while work is left. */
export function closeRefusal({ place }: DriverCall): DriverCall {
  return { call: "ProtocolCmCloseAf", place, status: "NDIS_STATUS_NOT_ACCEPTED" };
}

/** A call manager completes a close that it had pended, not inline. */
export function closeCompletion(faults: ReferenceFaults, slot: Slot): DriverCall {
  const { place: placeOfCompletions, profile } = slot.callManager;
  const { kind } = profile.source;
  // The lock is a spin lock.
  const place = hasHabit(slot, "held-lock")
    ? { ...placeOfCompletions, irql: "DISPATCH_LEVEL" as const }
    : placeOfCompletions;
  return {
    call: COMPLETION_CALLS[strikes(faults, "wrong-family", slot) ? OTHER_KIND[kind] : kind].close,
    place: strikes(faults, "completion-irql", slot) ? { ...place, irql: "DEVICE_LEVEL" } : place,
    status: strikes(faults, "completion-status", slot) ? "NDIS_STATUS_FAILURE" : "NDIS_STATUS_SUCCESS",
  };
}

/** The completion call of a slot's call manager as it should be. */
export function faultlessCompletion(slot: Slot, of: Completed): DriverCall {
  const { place, profile } = slot.callManager;
  return { call: COMPLETION_CALLS[profile.source.kind][of], place, status: "NDIS_STATUS_SUCCESS" };
}

/** A client calls its own completion function, which NDIS will call, since the open or close was pended. */
export function selfCompletion(slot: Slot, of: "open" | "close"): DriverCall {
  const call = of === "open" ? "ProtocolClOpenAfCompleteEx" : "ProtocolClCloseAfComplete";
  return { call, place: slot.clientPlace, status: "NDIS_STATUS_SUCCESS" };
}

/**
 * A call manager notifies of the close of an AF.
 * @param halt the MiniportHaltEx or ProtocolUnbindAdapterEx that it does so in
 */
export function notifyCall(faults: ReferenceFaults, slot: Slot, halt?: Frame): DriverCall {
  const call = notifyAgain(slot, halt);
  return strikes(faults, "notify-irql", slot) ? { ...call, place: { ...call.place, irql: "DISPATCH_LEVEL" } } : call;
}

/**
 * A call manager notifies of a close that it has completed, or is completing.
 * @param halt as above
 */
export function notifyAgain(slot: Slot, halt?: Frame): DriverCall {
  const { threadPlace, profile } = slot.callManager;
  return {
    call: NOTIFY_CALLS[profile.source.kind],
    place: threadPlace,
    ...(halt === undefined ? {} : { parent: halt }),
  };
}

/** A client completes a notification that it had pended. */
export function notifyCompletion(slot: Slot, status: StatusName): DriverCall {
  return { call: "NdisClNotifyCloseAddressFamilyComplete", place: slot.clientPlace, status };
}
