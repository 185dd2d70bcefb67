import { faultlessCompletion } from "./reference-conduct.js";
import type { ReferenceDrivers } from "./reference-drivers.js";
import type { Slot } from "./reference-parts.js";

/**
 * A call manager has served a close: says whether it loses it, so that its completion is never called, by one of the
 * mistakes that habits invite (MODEL-DRIVERS.md, "Habits").
 */
export function losesClose(drivers: ReferenceDrivers, slot: Slot): boolean {
  const { callManager } = slot;
  if (drivers.strikes("lost-completion", slot)) return true;
  if (callManager.halted && drivers.strikes("halted-completion", slot)) return true;
  if (callManager.closePendedFlag) callManager.closePendedFlag = false;
  else if (drivers.strikes("shared-flag", slot)) return true;
  return completesAnother(drivers, slot);
}

/** Whether it completes the close of the only handle that it keeps in place of this one. */
function completesAnother(drivers: ReferenceDrivers, slot: Slot): boolean {
  const { lastHandle } = slot.callManager;
  if (lastHandle === null || !drivers.strikes("one-handle", slot)) return false;
  drivers.wrongCall(lastHandle.slot, faultlessCompletion(lastHandle.slot, "close"), lastHandle.generation);
  return true;
}
