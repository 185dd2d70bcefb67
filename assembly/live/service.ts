// How a call manager gets its pended closes done, where it serves a number of them at a time or gathers completions: what drivers/serve.ts does,
// shared by all lanes that work for it (conduct.ts). The lane that ends a service goes on with the next; the one that begins a batch has its timer.
import {
  CM_BATCH_COUNT,
  CM_BATCH_DUE,
  CM_PROFILE,
  CM_TIMER,
  MACHINE_NOW,
  PROFILE_CLOSE_SAMPLER,
  PROFILE_COALESCE,
  PROFILE_ORDER,
  PROFILE_SERVERS,
  PROFILE_TIMER,
} from "../abi/layout";
import {
  CONDUCT_BATCH,
  CONDUCT_BATCH_CAPACITY,
  CONDUCT_BATCH_COUNT,
  CONDUCT_BATCH_NUMBER,
  CONDUCT_BUSY,
  CONDUCT_CHOICES,
  CONDUCT_SEQUENCE,
  CONDUCT_WAITING,
  CONDUCT_WAITING_CAPACITY,
  CONDUCT_WAITING_COUNT,
  CONDUCT_WAITING_HEAD,
  ENTRY_BYTES,
  ENTRY_SEQUENCE,
  ENTRY_SLOT,
  ENTRY_WORD,
} from "../abi/conduct-layout";
import { EVENT_SERVED, ITEM_SECOND } from "../abi/lane-layout";
import {
  EVENT_CLOSE_DONE,
  EVENT_COALESCE_TIMER,
  FAULT_DOUBLE_COMPLETE,
  ORDER_FIFO,
  ORDER_RANDOM,
  PURPOSE_CLOSE_SERVICE,
  PURPOSE_SERVER_CHOICE,
  TRAP_LIST,
} from "../abi/codes";
import { trap } from "../core/assert";
import { draw } from "../core/random";
import { sampleTicks } from "../core/sampler";
import { strikes } from "../ndis/faults";
import { adapterOf, callManagerOf, placeOf } from "../table/handle-table";
import { complete } from "./completions";
import { conductOf, lock, unlock } from "./conduct";
import { drops } from "./habits";
import { generationOf, itemOf, laneAfter } from "./lane";
import { insert } from "./lane-queue";
import { send } from "./rings";

@inline
function writeEntry(at: usize, slot: u32, word: u32, sequence: u32): void {
  store<u32>(at, slot, ENTRY_SLOT);
  store<u32>(at, word, ENTRY_WORD);
  store<u32>(at, sequence, ENTRY_SEQUENCE);
}

/** Address of the i-th waiting entry. */
@inline
function waitingAt(conduct: usize, i: u32): usize {
  const capacity = load<u32>(conduct, CONDUCT_WAITING_CAPACITY);
  let at = load<u32>(conduct, CONDUCT_WAITING_HEAD) + i;
  if (at >= capacity) at -= capacity;
  return (load<u32>(conduct, CONDUCT_WAITING) + at * ENTRY_BYTES) as usize;
}

function begin(lane: usize, slot: u32, word: u32, sequence: u32, profile: usize): void {
  const sampler = load<u32>(profile, PROFILE_CLOSE_SAMPLER) as usize;
  const service = sampleTicks(sampler, draw(lane, PURPOSE_CLOSE_SERVICE, slot, generationOf(word)));
  insert(lane, load<u32>(lane, MACHINE_NOW), service, (slot << 4) | EVENT_SERVED, (word as u64) | ((sequence as u64) << 32));
}

/** Takes the next place in the order of a call manager's closes. All lanes count there, as any of them may complete what another has taken. */
@inline
export function nextSequence(lane: usize, adapter: u32): u32 {
  return atomic.add<u32>(conductOf(lane, adapter), 1, CONDUCT_SEQUENCE);
}

/** A close that was pended is served, or waits where all servers are busy. */
export function serveInTurn(lane: usize, slot: u32, word: u32, sequence: u32): void {
  const adapter = adapterOf(placeOf(lane, slot));
  const profile = load<u32>(callManagerOf(lane, adapter), CM_PROFILE) as usize;
  const servers = load<u32>(profile, PROFILE_SERVERS);
  const conduct = lock(lane, adapter);
  if (conduct == 0) return;
  const busy = load<u32>(conduct, CONDUCT_BUSY);
  const waits = servers != 0 && busy == servers;
  if (waits) {
    const count = load<u32>(conduct, CONDUCT_WAITING_COUNT);
    if (count == load<u32>(conduct, CONDUCT_WAITING_CAPACITY)) trap(TRAP_LIST, slot);
    writeEntry(waitingAt(conduct, count), slot, word, sequence);
    store<u32>(conduct, count + 1, CONDUCT_WAITING_COUNT);
  } else if (servers) {
    store<u32>(conduct, busy + 1, CONDUCT_BUSY);
  }
  unlock(conduct);
  if (!waits) begin(lane, slot, word, sequence, profile);
}

/** Takes the next waiting entry by the profile's order; answers its address, where it stands until the lock is given back. */
function takeWaiting(lane: usize, adapter: u32, conduct: usize, profile: usize, count: u32): usize {
  const order = load<u32>(profile, PROFILE_ORDER);
  store<u32>(conduct, count - 1, CONDUCT_WAITING_COUNT);
  if (order == ORDER_FIFO) {
    const first = waitingAt(conduct, 0);
    const head = load<u32>(conduct, CONDUCT_WAITING_HEAD) + 1;
    store<u32>(conduct, head == load<u32>(conduct, CONDUCT_WAITING_CAPACITY) ? 0 : head, CONDUCT_WAITING_HEAD);
    return first;
  }
  const last = waitingAt(conduct, count - 1);
  if (order != ORDER_RANDOM) return last;
  const choice = load<u32>(conduct, CONDUCT_CHOICES);
  store<u32>(conduct, (choice + 1) & 0x7ffffff, CONDUCT_CHOICES);
  const u = draw(lane, PURPOSE_SERVER_CHOICE, adapter, choice);
  const at = waitingAt(conduct, (((u >>> 32) * (count as u64)) >>> 32) as u32);
  const taken = v128.load(at);
  v128.store(at, v128.load(last));
  v128.store(last, taken);
  return last;
}

/** The server of a close goes on with the next waiting one, if there is any. */
function goOn(lane: usize, adapter: u32, profile: usize): void {
  const conduct = lock(lane, adapter);
  if (conduct == 0) return;
  const count = load<u32>(conduct, CONDUCT_WAITING_COUNT);
  if (count == 0) {
    store<u32>(conduct, load<u32>(conduct, CONDUCT_BUSY) - 1, CONDUCT_BUSY);
    return unlock(conduct);
  }
  const entry = takeWaiting(lane, adapter, conduct, profile, count);
  const slot = load<u32>(entry, ENTRY_SLOT);
  const word = load<u32>(entry, ENTRY_WORD);
  const sequence = load<u32>(entry, ENTRY_SEQUENCE);
  unlock(conduct);
  begin(lane, slot, word, sequence, profile);
}

/** The service of a pended close has ended: its server goes on, and its completion is gathered or called. */
export function finishService<M>(lane: usize, slot: u32, word: u32, sequence: u32): void {
  const adapter = adapterOf(placeOf(lane, slot));
  const profile = load<u32>(callManagerOf(lane, adapter), CM_PROFILE) as usize;
  if (load<u32>(profile, PROFILE_SERVERS)) goOn(lane, adapter, profile);
  if (drops<M>(lane, slot, word, adapter)) return;
  // Not before: a close that another lane has completed must not be left waiting here, as its slot may come again.
  if (strikes(lane, FAULT_DOUBLE_COMPLETE, slot, generationOf(word))) send(lane, laneAfter(lane), itemOf(slot, ITEM_SECOND, word));
  if (load<u32>(profile, PROFILE_COALESCE)) gather(lane, slot, word, sequence, adapter, profile);
  else complete<M>(lane, slot, word, sequence);
}

/** A completion joins its call manager's batch. */
function gather(lane: usize, slot: u32, word: u32, sequence: u32, adapter: u32, profile: usize): void {
  const conduct = lock(lane, adapter);
  if (conduct == 0) return;
  const count = load<u32>(conduct, CONDUCT_BATCH_COUNT);
  const number = load<u32>(conduct, CONDUCT_BATCH_NUMBER);
  writeEntry((load<u32>(conduct, CONDUCT_BATCH) + count * ENTRY_BYTES) as usize, slot, word, sequence);
  store<u32>(conduct, count + 1, CONDUCT_BATCH_COUNT);
  const isFull = count + 1 == load<u32>(conduct, CONDUCT_BATCH_CAPACITY);
  if (isFull) flush(lane, conduct);
  unlock(conduct);
  if (count || isFull) return;
  // This lane's notes of the last batch that it has begun: its number, and when it is due.
  const callManager = callManagerOf(lane, adapter);
  const timer = load<u32>(profile, PROFILE_TIMER);
  store<u32>(callManager, number, CM_BATCH_COUNT);
  store<u32>(callManager, load<u32>(lane, MACHINE_NOW) + timer, CM_BATCH_DUE);
  if (load<u32>(callManager, CM_TIMER) == 0) setTimer(lane, slot, callManager, timer);
}

/** Any slot of the adapter stands for it. */
function setTimer(lane: usize, slot: u32, callManager: usize, ticks: u32): void {
  store<u32>(callManager, 1, CM_TIMER);
  insert(lane, load<u32>(lane, MACHINE_NOW), ticks, (slot << 4) | EVENT_COALESCE_TIMER, 0);
}

/**
 * The coalescing timer of a call manager has fired on this lane. It may be that of an earlier batch: then it is set again for the last one
 * that this lane has begun, so that a call manager never has more than one timer in a lane's queue.
 */
export function coalesceTimer(lane: usize, slot: u32): void {
  const adapter = adapterOf(placeOf(lane, slot));
  const callManager = callManagerOf(lane, adapter);
  const conduct = lock(lane, adapter);
  if (conduct == 0) return;
  store<u32>(callManager, 0, CM_TIMER);
  const isThere = load<u32>(conduct, CONDUCT_BATCH_COUNT) != 0 && load<u32>(conduct, CONDUCT_BATCH_NUMBER) == load<u32>(callManager, CM_BATCH_COUNT);
  const left = (load<u32>(callManager, CM_BATCH_DUE) - load<u32>(lane, MACHINE_NOW)) as i32;
  if (isThere && left <= 0) flush(lane, conduct);
  unlock(conduct);
  if (isThere && left > 0) setTimer(lane, slot, callManager, left);
}

/** Sends a batch off: its completions are due now, one after the other. A step takes only as many as it has room to hand over. */
function flush(lane: usize, conduct: usize): void {
  const batch = load<u32>(conduct, CONDUCT_BATCH) as usize;
  const end = batch + load<u32>(conduct, CONDUCT_BATCH_COUNT) * ENTRY_BYTES;
  const now = load<u32>(lane, MACHINE_NOW);
  for (let at = batch; at < end; at += ENTRY_BYTES) {
    insert(lane, now, 0, (load<u32>(at, ENTRY_SLOT) << 4) | EVENT_CLOSE_DONE, load<u64>(at, ENTRY_WORD));
  }
  store<u32>(conduct, 0, CONDUCT_BATCH_COUNT);
  store<u32>(conduct, load<u32>(conduct, CONDUCT_BATCH_NUMBER) + 1, CONDUCT_BATCH_NUMBER);
}
