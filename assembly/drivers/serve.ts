// How a call manager gets its pended closes done: a number of servers that take waiting ones in an order, and completions that it
// gathers into batches.
import {
  AF_LINK,
  AF_WORD,
  CM_BATCH_COUNT,
  CM_BATCH_DUE,
  CM_BATCH_HEAD,
  CM_BATCH_TAIL,
  CM_BUSY,
  CM_CHOICES,
  CM_PROFILE,
  CM_TIMER,
  CM_WAITING,
  CM_WAITING_CAPACITY,
  CM_WAITING_COUNT,
  CM_WAITING_HEAD,
  PROFILE_CLOSE_SAMPLER,
  PROFILE_COALESCE,
  PROFILE_ORDER,
  PROFILE_SERVERS,
  PROFILE_TIMER,
  STATE_BITS,
} from "../abi/layout";
import {
  EVENT_CLOSE_DONE,
  EVENT_COALESCE_TIMER,
  ORDER_FIFO,
  ORDER_RANDOM,
  PURPOSE_CLOSE_SERVICE,
  PURPOSE_SERVER_CHOICE,
  TRAP_LIST,
} from "../abi/codes";
import { trap } from "../core/assert";
import { draw } from "../core/random";
import { scheduleAfter, scheduleDrawn } from "../engine/agenda";
import { dispatch } from "../ndis/dispatch";
import { drops } from "../ndis/habits";
import { adapterAt, callManagerOf, recordOf } from "../table/handle-table";

@inline
function serve<M>(machine: usize, now: u32, slot: u32, generation: u32, profile: usize): void {
  const sampler = load<u32>(profile, PROFILE_CLOSE_SAMPLER);
  scheduleDrawn<M>(machine, now, slot, EVENT_CLOSE_DONE, generation, sampler, PURPOSE_CLOSE_SERVICE);
}

/** Address of the i-th waiting slot; the waiting ones stand in a ring. */
@inline
function waitingAt(callManager: usize, i: u32): usize {
  const capacity = load<u32>(callManager, CM_WAITING_CAPACITY);
  let at = load<u32>(callManager, CM_WAITING_HEAD) + i;
  if (at >= capacity) at -= capacity;
  return (load<u32>(callManager, CM_WAITING) + (at << 2)) as usize;
}

/** A pended close, with no work left, is served, or waits where all servers are busy. */
@inline
export function startService<M>(machine: usize, now: u32, slot: u32, generation: u32, callManager: usize): void {
  const profile = load<u32>(callManager, CM_PROFILE) as usize;
  if (load<u32>(profile, PROFILE_SERVERS)) serveOrWait<M>(machine, now, slot, generation, callManager, profile);
  else serve<M>(machine, now, slot, generation, profile);
}

function serveOrWait<M>(
  machine: usize,
  now: u32,
  slot: u32,
  generation: u32,
  callManager: usize,
  profile: usize,
): void {
  const busy = load<u32>(callManager, CM_BUSY);
  if (busy < load<u32>(profile, PROFILE_SERVERS)) {
    store<u32>(callManager, busy + 1, CM_BUSY);
    serve<M>(machine, now, slot, generation, profile);
    return;
  }
  const count = load<u32>(callManager, CM_WAITING_COUNT);
  if (count == load<u32>(callManager, CM_WAITING_CAPACITY)) trap(TRAP_LIST, slot);
  store<u32>(waitingAt(callManager, count), slot);
  store<u32>(callManager, count + 1, CM_WAITING_COUNT);
}

/** Takes the next waiting slot by the profile's order. */
function takeWaiting(machine: usize, callManager: usize, profile: usize, count: u32): u32 {
  const order = load<u32>(profile, PROFILE_ORDER);
  store<u32>(callManager, count - 1, CM_WAITING_COUNT);
  if (order == ORDER_FIFO) {
    const slot = load<u32>(waitingAt(callManager, 0));
    const head = load<u32>(callManager, CM_WAITING_HEAD) + 1;
    store<u32>(callManager, head == load<u32>(callManager, CM_WAITING_CAPACITY) ? 0 : head, CM_WAITING_HEAD);
    return slot;
  }
  const last = load<u32>(waitingAt(callManager, count - 1));
  if (order != ORDER_RANDOM) return last;
  const choice = load<u32>(callManager, CM_CHOICES);
  store<u32>(callManager, (choice + 1) & 0x7ffffff, CM_CHOICES);
  const u = draw(machine, PURPOSE_SERVER_CHOICE, adapterAt(machine, callManager), choice);
  const at = waitingAt(callManager, (((u >>> 32) * (count as u64)) >>> 32) as u32);
  const slot = load<u32>(at);
  store<u32>(at, last);
  return slot;
}

/** The service of a pended close has ended: the server goes on, and the completion is gathered or dispatched. */
export function finishService<M>(machine: usize, now: u32, slot: u32, callManager: usize): void {
  const profile = load<u32>(callManager, CM_PROFILE) as usize;
  if (load<u32>(profile, PROFILE_SERVERS)) {
    const count = load<u32>(callManager, CM_WAITING_COUNT);
    if (count) {
      const next = takeWaiting(machine, callManager, profile, count);
      serve<M>(machine, now, next, load<u32>(recordOf(machine, next), AF_WORD) >>> STATE_BITS, profile);
    } else {
      store<u32>(callManager, load<u32>(callManager, CM_BUSY) - 1, CM_BUSY);
    }
  }
  const generation = load<u32>(recordOf(machine, slot), AF_WORD) >>> STATE_BITS;
  if (drops<M>(machine, now, slot, generation, callManager)) return;
  const coalesce = load<u32>(profile, PROFILE_COALESCE);
  if (coalesce == 0) {
    dispatch<M>(machine, now, slot, callManager);
    return;
  }
  const count = load<u32>(callManager, CM_BATCH_COUNT) + 1;
  store<u32>(callManager, count, CM_BATCH_COUNT);
  store<u32>(recordOf(machine, slot), 0, AF_LINK);
  if (count == 1) {
    store<u32>(callManager, slot + 1, CM_BATCH_HEAD);
    const timer = load<u32>(profile, PROFILE_TIMER);
    store<u64>(callManager, (now as u64) + (timer as u64), CM_BATCH_DUE);
    if (load<u32>(callManager, CM_TIMER) == 0) scheduleTimer<M>(machine, now, callManager, timer);
  } else {
    store<u32>(recordOf(machine, load<u32>(callManager, CM_BATCH_TAIL) - 1), slot + 1, AF_LINK);
  }
  store<u32>(callManager, slot + 1, CM_BATCH_TAIL);
  if (count >= coalesce) flushBatch<M>(machine, now, callManager);
}

function scheduleTimer<M>(machine: usize, now: u32, callManager: usize, ticks: u32): void {
  store<u32>(callManager, 1, CM_TIMER);
  scheduleAfter<M>(machine, now, adapterAt(machine, callManager), EVENT_COALESCE_TIMER, ticks);
}

/**
 * The coalescing timer of a call manager has fired. It may be that of an earlier batch, flushed by its count: then it is set
 * again for the present one, so that a call manager never has more than one timer in the queue.
 */
export function coalesceTimer<M>(machine: usize, now: u32, adapter: u32): void {
  const callManager = callManagerOf(machine, adapter);
  store<u32>(callManager, 0, CM_TIMER);
  if (load<u32>(callManager, CM_BATCH_COUNT) == 0) return;
  const due = load<u64>(callManager, CM_BATCH_DUE);
  if (due == (now as u64)) flushBatch<M>(machine, now, callManager);
  else scheduleTimer<M>(machine, now, callManager, (due - (now as u64)) as u32);
}

function flushBatch<M>(machine: usize, now: u32, callManager: usize): void {
  let number = load<u32>(callManager, CM_BATCH_HEAD);
  store<u32>(callManager, 0, CM_BATCH_HEAD);
  store<u32>(callManager, 0, CM_BATCH_COUNT);
  while (number) {
    const slot = number - 1;
    number = load<u32>(recordOf(machine, slot), AF_LINK);
    dispatch<M>(machine, now, slot, callManager);
  }
}
