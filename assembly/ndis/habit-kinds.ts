// Which faults and habits what a call manager does by habit depends on: masks for `hasFaults`, where habits stand among the kinds of faults.
import { CM_PROFILE, PROFILE_HABITS } from "../abi/layout";
import {
  FAULT_HALTED_COMPLETION,
  FAULT_LOCK_DEADLOCK,
  FAULT_LOST_COMPLETION,
  FAULT_ONE_HANDLE,
  FAULT_SHARED_FLAG,
  HABITS_SHIFT,
  HABIT_HELD_LOCK,
  HABIT_IGNORED_STATUS,
  HABIT_ONE_HANDLE,
  HABIT_SHARED_FLAG,
} from "../abi/codes";

export const ONE_HANDLE: u64 = (HABIT_ONE_HANDLE as u64) << HABITS_SHIFT;
export const HELD_LOCK: u64 = (HABIT_HELD_LOCK as u64) << HABITS_SHIFT;
export const IGNORED_STATUS: u64 = (HABIT_IGNORED_STATUS as u64) << HABITS_SHIFT;
/** One flag an adapter for pended closes, by habit or by mistake. */
export const FLAGGED: u64 = ((1 as u64) << FAULT_SHARED_FLAG) | ((HABIT_SHARED_FLAG as u64) << HABITS_SHIFT);
/** A completion may never be made. */
export const DROPPING: u64 =
  ((1 as u64) << FAULT_LOST_COMPLETION) |
  ((1 as u64) << FAULT_HALTED_COMPLETION) |
  ((1 as u64) << FAULT_ONE_HANDLE) |
  FLAGGED |
  ONE_HANDLE;
export const DEADLOCKING: u64 = ((1 as u64) << FAULT_LOCK_DEADLOCK) | HELD_LOCK;
/** What follows a close that is pended. */
export const AFTER_PENDING: u64 = FLAGGED | IGNORED_STATUS;

@inline
export function hasHabit(callManager: usize, habit: u32): bool {
  return (load<u32>(load<u32>(callManager, CM_PROFILE), PROFILE_HABITS) & habit) != 0;
}
