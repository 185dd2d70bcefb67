/** How drivers make their calls to NDIS, mistakes included (MODEL.md, "Faults"). */
import { COMPLETION_CALLS } from "./calls.js";
import type { FaultId } from "./faults.js";
import type { ReferenceFaults } from "./reference-faults.js";
import type { DriverCall } from "./reference-judge.js";
import type { Slot } from "./reference-parts.js";
import type { CallManagerKind } from "../scenario/scenario.js";

const OTHER_KIND: Readonly<Record<CallManagerKind, CallManagerKind>> = { mcm: "standalone", standalone: "mcm" };

function strikes(faults: ReferenceFaults, kind: FaultId, slot: Slot): boolean {
  return faults.strikes(kind, slot.index, slot.generation);
}

/** A client opens an AF. */
export function openCall(faults: ReferenceFaults, slot: Slot): DriverCall {
  const { clientPlace } = slot;
  const place = strikes(faults, "open-irql", slot) ? { ...clientPlace, irql: "DISPATCH_LEVEL" as const } : clientPlace;
  return { call: "NdisClOpenAddressFamilyEx", place };
}

/** A client closes an AF. */
export function closeCall(slot: Slot): DriverCall {
  return { call: "NdisClCloseAddressFamily", place: slot.clientPlace };
}

/** A call manager completes an open that it had pended. */
export function openCompletion(faults: ReferenceFaults, slot: Slot): DriverCall {
  const passed = strikes(faults, "open-completion-status", slot) ? "NDIS_STATUS_PENDING" : "NDIS_STATUS_SUCCESS";
  return { ...faultlessCompletion(slot, "open"), status: passed };
}

/** A call manager completes a close that it had pended, not inline. */
export function closeCompletion(faults: ReferenceFaults, slot: Slot): DriverCall {
  const { place, profile } = slot.callManager;
  const { kind } = profile.source;
  return {
    call: COMPLETION_CALLS[strikes(faults, "wrong-family", slot) ? OTHER_KIND[kind] : kind].close,
    place: strikes(faults, "completion-irql", slot) ? { ...place, irql: "DEVICE_LEVEL" } : place,
    status: strikes(faults, "completion-status", slot) ? "NDIS_STATUS_FAILURE" : "NDIS_STATUS_SUCCESS",
  };
}

/** The completion call of a slot's call manager as it should be. */
export function faultlessCompletion(slot: Slot, of: "open" | "close"): DriverCall {
  const { place, profile } = slot.callManager;
  return { call: COMPLETION_CALLS[profile.source.kind][of], place, status: "NDIS_STATUS_SUCCESS" };
}
