import { faultlessCompletion, hasHabit } from "./reference-conduct.js";
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
  else if (hasHabit(slot, "shared-flag") || drivers.strikes("shared-flag", slot)) return true;
  return completesAgain(drivers, slot) || completesLastOpened(drivers, slot);
}

/** Whether it completes in place of this close the one that it has completed last. */
function completesAgain(drivers: ReferenceDrivers, slot: Slot): boolean {
  const { lastHandle } = slot.callManager;
  if (lastHandle === null || !drivers.strikes("one-handle", slot)) return false;
  drivers.wrongCall(lastHandle.slot, faultlessCompletion(lastHandle.slot, "close"), lastHandle.generation);
  return true;
}

/** Whether it completes in place of this close that of the AF opened last, the only one whose handle it has. */
function completesLastOpened(drivers: ReferenceDrivers, slot: Slot): boolean {
  const { lastOpened } = slot.callManager;
  if (lastOpened === null || lastOpened === slot || !hasHabit(slot, "one-handle")) return false;
  // A close that can be completed is, when it has been served itself.
  const isLegal = lastOpened.state === "closePended" && lastOpened.left === 0;
  if (!isLegal) drivers.wrongCall(lastOpened, faultlessCompletion(lastOpened, "close"), lastOpened.generation);
  return true;
}
