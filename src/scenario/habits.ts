/** Habits of drivers that are legal alone and from which a mistake follows when circumstances arise (src/contract/MODEL-DRIVERS.md, "Habits"). */

export const CALL_MANAGER_HABITS = [
  /** One flag an adapter says that a close is pended: of two at a time one is never completed. */
  "shared-flag",
  /** One handle an adapter, that of the AF opened last: with a second AF the wrong close is completed. */
  "one-handle",
  /** Its spin lock is held across the completion of a close: it deadlocks when the client calls back in. */
  "held-lock",
] as const;

export const CLIENT_HABITS = [
  /** It acts on what its last close returned, not on what this one did. */
  "ignored-status",
] as const;

export type CallManagerHabit = (typeof CALL_MANAGER_HABITS)[number];
export type ClientHabit = (typeof CLIENT_HABITS)[number];
