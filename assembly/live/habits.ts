// Habits of drivers and the mistakes that they invite (src/contract/MODEL-DRIVERS.md "Habits"), as ndis/habits.ts has them. What is noted of a
// call manager is noted by the lanes of its clients and read by whichever lane works for it: each note is one atomic operation on its record
// (conduct.ts), before whatever it is to be seen by is handed over. So with one AF an adapter a habit stays legal, whichever lanes race.
import {
  CM_PROFILE,
  MACHINE_DRAINING,
  MACHINE_NOTES,
  PROFILE_CLOSE_COMPLETE,
  PROFILE_CLOSE_PENDS,
  PROFILE_IRQL,
  PROFILE_NOTIFY,
  PROFILE_OPEN_FAILS,
  PROFILE_STANDALONE,
  SHARD_ARRIVAL_SAMPLER,
  STATE_BITS,
  STATE_MASK,
  TOTAL_OTHER_CALLS,
} from "../abi/layout";
import { CONDUCT_HANDLE, CONDUCT_LAST, CONDUCT_NOTES } from "../abi/conduct-layout";
import { LANE_REOPENS, LANE_SHARED, LANE_THINK, SHARED_OLDER } from "../abi/lane-layout";
import {
  DEVICE_LEVEL,
  DISPATCH_LEVEL,
  FAULT_COMPLETION_IRQL,
  FAULT_CONTEXT_LEAK,
  FAULT_EARLY_RELEASE,
  FAULT_HALTED_COMPLETION,
  FAULT_LOCK_DEADLOCK,
  FAULT_LOST_COMPLETION,
  FAULT_LOST_NOTIFY_COMPLETION,
  FAULT_ONE_HANDLE,
  FAULT_RELEASE_AT_CALL,
  FAULT_SHARED_FLAG,
  FAULT_USE_AFTER_COMPLETION,
  FAULT_USE_IN_COMPLETION,
  HABIT_HELD_LOCK,
  HABIT_ONE_HANDLE,
  HABIT_SHARED_FLAG,
  HANDLE_CLOSED,
  HANDLE_COMPLETED,
  HANDLE_OPEN_FAILED,
  JUDGED_CLOSE_COMPLETION,
  NOTE_DEADLOCKED,
  NOTE_FLAG,
  NOTE_OLDER_PENDING,
  NOTE_OLDER_SUCCESS,
  NOTE_OWES,
  OP_CALL,
  OP_RELEASE_CLIENT,
  PASSIVE_LEVEL,
  PURPOSE_CLOSE_PENDS,
  PURPOSE_OPEN_FAILS,
  RULE_CLOSE_CM_STALE,
  RULE_CLOSE_CONTEXT_EARLY,
  STATE_CLOSE_PENDED,
  STATE_COMPLETED_EARLY,
  STATE_OPEN,
  STATE_OPEN_COMPLETED,
  STATE_OPEN_FAILED,
  STATE_OPEN_PENDED,
  STATE_REFUSED,
  STATE_REPORTING,
  STATE_STRANDED,
  STATUS_FAILURE,
  STATUS_NONE,
  STATUS_SUCCESS,
} from "../abi/codes";
import { happens } from "../core/random";
import { isTraced } from "../engine/mode";
import { hasFaults, strikes } from "../ndis/faults";
import { DEADLOCKING, DROPPING, FLAGGED, HELD_LOCK, IGNORED_STATUS, ONE_HANDLE, hasHabit } from "../ndis/habit-kinds";
import { adapterOf, callManagerOf, clientOf, placeOf } from "../table/handle-table";
import { isBound } from "./bindings";
import { STATE_HELD } from "./claims";
import { conductOf, lock, unlock } from "./conduct";
import { count, generationOf, isHalted, judge, STATE_CLOSING, violate, wordOf } from "./lane";
import { takeBack, traceAct, traceBoth, traceCall, tracePlace, traceReturn } from "./records";
import { hasWork, leftOf } from "./work";

const MIDWAY: u64 = ((1 as u64) << FAULT_USE_IN_COMPLETION) | ((1 as u64) << FAULT_RELEASE_AT_CALL);

/** What opens are noted for. */
export const NOTED_OPENS: u64 = ONE_HANDLE;
/** What is done, or not, in the completion of a close. */
export const IN_COMPLETION: u64 = ((1 as u64) << FAULT_ONE_HANDLE) | ((1 as u64) << FAULT_USE_AFTER_COMPLETION) | DEADLOCKING | MIDWAY;

/** The call manager is about to have opened an AF, or to have pended its open. */
@inline
export function noteOpened(lane: usize, slot: u32, adapter: u32): void {
  if (hasFaults(lane, ONE_HANDLE)) atomic.store<u32>(conductOf(lane, adapter), slot + 1, CONDUCT_HANDLE);
}

/** A close of the call manager has been pended, and is not handed over yet. */
@inline
export function notePended(lane: usize, adapter: u32): void {
  if (hasFaults(lane, FLAGGED)) atomic.or<u32>(conductOf(lane, adapter), NOTE_FLAG, CONDUCT_NOTES);
}

/** The client was told of a pended close; `deadlocks` says whether the completion call returns. */
export function noteTold(lane: usize, slot: u32, word: u32, deadlocks: bool): void {
  if (!hasFaults(lane, ((1 as u64) << FAULT_ONE_HANDLE) | DEADLOCKING)) return;
  const conduct = conductOf(lane, adapterOf(placeOf(lane, slot)));
  atomic.store<u64>(conduct, ((slot + 1) as u64) | ((generationOf(word) as u64) << 32), CONDUCT_LAST);
  if (deadlocks) atomic.or<u32>(conduct, NOTE_DEADLOCKED, CONDUCT_NOTES);
}

/** Whether the call manager deadlocks in the completion of a close, its lock held: by mistake, or because the client calls back in. */
export function deadlocks(lane: usize, slot: u32, word: u32): bool {
  if (!hasFaults(lane, DEADLOCKING)) return false;
  if (strikes(lane, FAULT_LOCK_DEADLOCK, slot, generationOf(word))) return true;
  const adapter = adapterOf(placeOf(lane, slot));
  if (!hasHabit(callManagerOf(lane, adapter), HABIT_HELD_LOCK)) return false;
  return completesNotification(lane, slot, word) || opensAgainAtOnce(lane, slot, adapter);
}

function completesNotification(lane: usize, slot: u32, word: u32): bool {
  const notes = load<u32>(lane, MACHINE_NOTES);
  if (notes == 0 || (load<u8>(notes + slot) & NOTE_OWES) == 0) return false;
  return !strikes(lane, FAULT_LOST_NOTIFY_COMPLETION, slot, generationOf(word));
}

function opensAgainAtOnce(lane: usize, slot: u32, adapter: u32): bool {
  if (load<u32>(SHARD_ARRIVAL_SAMPLER) || load<u32>(lane, LANE_THINK)) return false;
  return load<u32>(lane, LANE_REOPENS) != 0 && !load<u32>(lane, MACHINE_DRAINING) && !isHalted(lane, adapter) && isBound(lane, slot);
}

/** Whether the call manager holds a lock for good and completes nothing any more. */
@inline
export function isDeadlocked(lane: usize, adapter: u32): bool {
  return hasFaults(lane, DEADLOCKING) && (atomic.load<u32>(conductOf(lane, adapter), CONDUCT_NOTES) & NOTE_DEADLOCKED) != 0;
}

/** The IRQL at which the completion of a pended close is called. */
@inline
export function closeIrqlOf(lane: usize, callManager: usize, slot: u32, generation: u32): u32 {
  if (strikes(lane, FAULT_COMPLETION_IRQL, slot, generation)) return DEVICE_LEVEL;
  if (hasFaults(lane, HELD_LOCK) && hasHabit(callManager, HABIT_HELD_LOCK)) return DISPATCH_LEVEL;
  return load<u32>(load<u32>(callManager, CM_PROFILE), PROFILE_IRQL);
}

/** Whether by mistake the completion of a close whose service has ended is never called. */
@inline
export function drops<M>(lane: usize, slot: u32, word: u32, adapter: u32): bool {
  return hasFaults(lane, DROPPING) && isDropped<M>(lane, slot, generationOf(word), adapter);
}

function isDropped<M>(lane: usize, slot: u32, generation: u32, adapter: u32): bool {
  if (strikes(lane, FAULT_LOST_COMPLETION, slot, generation)) return true;
  if (isHalted(lane, adapter) && strikes(lane, FAULT_HALTED_COMPLETION, slot, generation)) return true;
  const conduct = conductOf(lane, adapter);
  const callManager = callManagerOf(lane, adapter);
  if ((atomic.and<u32>(conduct, ~NOTE_FLAG, CONDUCT_NOTES) & NOTE_FLAG) == 0) {
    if (hasHabit(callManager, HABIT_SHARED_FLAG) || strikes(lane, FAULT_SHARED_FLAG, slot, generation)) return true;
  }
  const last = atomic.load<u64>(conduct, CONDUCT_LAST);
  if (last && strikes(lane, FAULT_ONE_HANDLE, slot, generation)) {
    completeWrongly<M>(lane, (last as u32) - 1, ((last >>> 32) as u32) << STATE_BITS, callManager, HANDLE_COMPLETED);
    return true;
  }
  if (!hasHabit(callManager, HABIT_ONE_HANDLE)) return false;
  const handle = atomic.load<u32>(conduct, CONDUCT_HANDLE) - 1;
  if (handle == slot) return false;
  completeHandle<M>(lane, handle, adapter, callManager);
  return true;
}

/** The call manager completes the close of the one handle that it has, where that is a mistake. A slot that it has opened last has its last generation. */
function completeHandle<M>(lane: usize, slot: u32, adapter: u32, callManager: usize): void {
  const held = holdHandles<M>(lane, adapter);
  const word = wordOf(lane, slot);
  const state = word & STATE_MASK;
  // A close that waits for its completion gets it when its own service ends. Before its first open a slot has no handle.
  const waits = state == STATE_CLOSING || state == STATE_CLOSE_PENDED || state == STATE_HELD || state == STATE_REPORTING;
  if (state == STATE_CLOSE_PENDED) completeUndrained<M>(lane, slot, word, callManager);
  else if (!waits && generationOf(word) != 0) {
    completeWrongly<M>(lane, slot, word, callManager, standingOf(lane, slot, word, callManager));
  }
  letHandlesGo(held);
}

/** Of a close that is pended, only one with work left; its record has its number before that is looked at. */
function completeUndrained<M>(lane: usize, slot: u32, word: u32, callManager: usize): void {
  if (!hasWork(lane)) return;
  const before = tracePlace<M>(lane);
  traceCompletion<M>(lane, slot, word, callManager);
  if (leftOf(lane, slot) == 0 || wordOf(lane, slot) != word) return takeBack<M>(lane, before);
  count(lane, TOTAL_OTHER_CALLS, 1);
  judge(lane, slot, word, JUDGED_CLOSE_COMPLETION, STATE_CLOSE_PENDED);
}

/** Where a handle of this word stands: the state of its AF, or what became of it. */
function standingOf(lane: usize, slot: u32, word: u32, callManager: usize): u32 {
  const state = word & STATE_MASK;
  const isOpening = state == STATE_REFUSED || state == STATE_OPEN_PENDED || state == STATE_OPEN_COMPLETED || state == STATE_OPEN_FAILED;
  if (isOpening || state == STATE_OPEN || state == STATE_STRANDED || state == STATE_COMPLETED_EARLY) return state;
  const profile = load<u32>(callManager, CM_PROFILE) as usize;
  const generation = generationOf(word);
  if (happens(lane, PURPOSE_OPEN_FAILS, slot, generation, load<u64>(profile, PROFILE_OPEN_FAILS))) return HANDLE_OPEN_FAILED;
  return happens(lane, PURPOSE_CLOSE_PENDS, slot, generation, load<u64>(profile, PROFILE_CLOSE_PENDS)) ? HANDLE_COMPLETED : HANDLE_CLOSED;
}

/** A completion that the call manager may not call. */
function completeWrongly<M>(lane: usize, slot: u32, word: u32, callManager: usize, standing: u32): void {
  count(lane, TOTAL_OTHER_CALLS, 1);
  judge(lane, slot, word, JUDGED_CLOSE_COMPLETION, standing);
  traceCompletion<M>(lane, slot, word, callManager);
}

@inline
function traceCompletion<M>(lane: usize, slot: u32, word: u32, callManager: usize): void {
  const profile = load<u32>(callManager, CM_PROFILE) as usize;
  traceBoth<M>(lane, OP_CALL, load<u32>(profile, PROFILE_CLOSE_COMPLETE), slot, word, STATUS_SUCCESS, 0, load<u32>(profile, PROFILE_IRQL));
}

/**
 * In a traced run with the habit one-handle, no lane takes an AF of the adapter from what its records say to another state until
 * `letHandlesGo`: the mistake is judged by the state that its handle has at that place of the trace.
 */
@inline
export function holdHandles<M>(lane: usize, adapter: u32): usize {
  return isTraced<M>() && hasFaults(lane, ONE_HANDLE) ? lock(lane, adapter) : 0;
}

@inline
export function letHandlesGo(held: usize): void {
  if (held) unlock(held);
}

/** Mistakes between the call of a close's completion and the moment when the client is told. */
export function actMidway<M>(lane: usize, slot: u32, word: u32, callManager: usize): void {
  if (!hasFaults(lane, MIDWAY)) return;
  const generation = generationOf(word);
  if (strikes(lane, FAULT_USE_IN_COMPLETION, slot, generation)) {
    // Of an MCM the handle ends only when the call returns.
    const isOver = load<u32>(load<u32>(callManager, CM_PROFILE), PROFILE_STANDALONE) != 0;
    notifyWrongly<M>(lane, slot, word, callManager, isOver);
  }
  if (!releasesAtCall(lane, slot, generation)) return;
  violate(lane, slot, word, RULE_CLOSE_CONTEXT_EARLY);
  traceAct<M>(lane, OP_RELEASE_CLIENT, slot, word, 0, PASSIVE_LEVEL);
}

/** Whether the client releases its context when the completion of the close is called, before it is told. */
export function releasesAtCall(lane: usize, slot: u32, generation: u32): bool {
  if (!strikes(lane, FAULT_RELEASE_AT_CALL, slot, generation)) return false;
  return !strikes(lane, FAULT_CONTEXT_LEAK, slot, generation) && !strikes(lane, FAULT_EARLY_RELEASE, slot, generation);
}

/** use-after-completion: the client has been told and the completion call has returned. */
export function useEnded<M>(lane: usize, slot: u32, word: u32, callManager: usize): void {
  if (strikes(lane, FAULT_USE_AFTER_COMPLETION, slot, generationOf(word))) notifyWrongly<M>(lane, slot, word, callManager, true);
}

/** The call manager notifies of a close with a handle whose close has ended or is being completed; it may be legal. NDIS fails it. */
function notifyWrongly<M>(lane: usize, slot: u32, word: u32, callManager: usize, isMistake: bool): void {
  const call = load<u32>(load<u32>(callManager, CM_PROFILE), PROFILE_NOTIFY);
  count(lane, TOTAL_OTHER_CALLS, 1);
  if (isMistake) violate(lane, slot, word, RULE_CLOSE_CM_STALE);
  const frame = traceCall<M>(lane, OP_CALL, call, slot, word, STATUS_NONE, 0, PASSIVE_LEVEL);
  traceReturn<M>(lane, call, slot, word, STATUS_FAILURE, frame, PASSIVE_LEVEL);
}

/** A close of a client has returned, pended or not, which its next one may go by; answers what the one before it has returned, 0 when nobody asks. */
export function noteAnswered(lane: usize, slot: u32, isPended: bool): u32 {
  if (!hasFaults(lane, IGNORED_STATUS)) return 0;
  const client = clientOf(lane, placeOf(lane, slot));
  const older = (load<u32>(load<u32>(lane, LANE_SHARED), SHARED_OLDER) + client) as usize;
  return atomic.xchg<u8>(older, (isPended ? NOTE_OLDER_PENDING : NOTE_OLDER_SUCCESS) as u8) as u32;
}
