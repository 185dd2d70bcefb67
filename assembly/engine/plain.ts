// The hot path, a loop of its own for what most AFs do in a large run: opens are synchronous and at once, every close is pended,
// served without limit and completed at no cost; no arrivals, faults, halts, drain or trace (src/run/shard.ts decides). So an AF is open
// or its close is pended, and an event is the end of a hold (kind 0) or of a service (kind 1). It does what engine/loop.ts does, in other steps:
//
//   gather   takes the events of one tick after the other until a batch is full, and touches their records, so that cache misses overlap
//   foresee  draws when the next event of each AF is due: a draw depends on nothing that the batch does
//   apply    states, sequences, digests, in order
//   tell     latencies and order of the completions among them
//   insert   the next events
//
// A next event may be due before the batch ends. Then only the events up to that tick are applied, and the next one takes its place
// among those that remain. Steps are small loops without branches on the data: a branch on the kind of event would be mispredicted every
// other time, and V8 spills fewer registers in a small loop.
import {
  AF_LINK,
  AF_SEQUENCE,
  AF_TICK,
  AF_WORD,
  BATCH_CALL_MANAGERS,
  BATCH_EVENTS,
  BATCH_EVENTS_END,
  BATCH_KEYS,
  BATCH_FROM,
  BATCH_LIMIT,
  BATCH_NEXT,
  BATCH_OPENED,
  BATCH_SAMPLERS,
  BATCH_STEP,
  BATCH_TOLD,
  BATCH_WHAT,
  CHUNK_EVENTS,
  CHUNK_NEXT,
  CM_BYTES,
  CM_DIGEST,
  CM_PROFILE,
  CM_SEQUENCE,
  EVENT_BYTES,
  EVENTS_PER_CHUNK,
  HEAD_BYTES,
  HEAD_FIRST,
  HEAD_WRITE,
  KIND_BITS,
  KIND_MASK,
  LEVEL0_BITS,
  LEVEL0_MASK,
  MACHINE_ADAPTERS,
  MACHINE_ADAPTER_SCALE,
  MACHINE_BEYOND,
  MACHINE_CALL_MANAGERS,
  MACHINE_ENTERED,
  MACHINE_HORIZON,
  MACHINE_KEYS,
  MACHINE_LAST_TICK,
  MACHINE_NOW,
  MACHINE_OPEN,
  MACHINE_PEAK_OPEN,
  MACHINE_PEAK_PENDED,
  MACHINE_PENDED,
  MACHINE_QUEUED,
  MACHINE_TABLE,
  MACHINE_WHEEL,
  PROFILE_CLOSE_COMPLETE,
  PROFILE_CLOSE_SAMPLER,
  PROFILE_IRQL,
  SAMPLER_CELLS,
  SHARD_BATCH,
  SHARD_CLOSE_DEADLINE,
  SHARD_CLOSE_TOTAL,
  SHARD_GENERATION_MAX,
  SHARD_HOLD_SAMPLER,
  SHARD_STOP,
  SHARD_TRANSITIONS,
  STATE_BITS,
  STATE_MASK,
  TOLD_BYTES,
  TOLD_LATENCY,
  TOLD_PLACE,
  TOLD_SEQUENCE,
  TOTAL_CLOSE_COMPLETED,
  TOTAL_CLOSE_PENDED,
  TOTAL_CLOSE_TOLD,
  TOTAL_OPENED,
} from "../abi/layout";
import {
  ADVANCE_BUDGET,
  ADVANCE_REACHED,
  ADVANCE_STOPPED,
  CALL_CL_CLOSE,
  CALL_CL_OPEN,
  PASSIVE_LEVEL,
  PURPOSE_CLOSE_SERVICE,
  PURPOSE_HOLD,
  TRANSITION_CLOSE_PENDED,
  TRANSITION_CLOSE_TOLD_DIRECT,
  TRANSITION_OPENED,
  TRAP_LATE,
  TRAP_TRANSITION,
} from "../abi/codes";
import { trap } from "../core/assert";
import { mix } from "../core/random";
import { sampleTicks } from "../core/sampler";
import { DIGEST_SPREAD, foldedOne } from "../measure/digest";
import { countLatency } from "../measure/latency";
import { countOrder } from "../measure/ordering";
import { completeClose, tellClose } from "../ndis/close";
import { addTotal } from "../ndis/counts";
import { isTooHigh } from "../ndis/rules";
import { chunkEnd, freeChunk, insertEvent, nextTick } from "../queue/event-queue";
import { adapterOf, callManagerOf, clientOf, placeOf, recordOf } from "../table/handle-table";
import { advance } from "./loop";
import { General } from "./mode";

/** Events after which no further tick is gathered. A batch ends with a whole chunk, so it may have more, up to BATCH_LIMIT. */
const ENOUGH_BYTES: u32 = 64 * EVENT_BYTES;

/**
 * Fills the batch with the events that come next, all before `until`, and touches their records; answers the batch's end.
 * MACHINE_NOW becomes the first tick whose events are not all in it.
 */
function gather(machine: usize, now: u32, until: u32, batch: usize): usize {
  const wheel = load<u32>(machine, MACHINE_WHEEL) as usize;
  const table = load<u32>(machine, MACHINE_TABLE) as usize;
  const begin = batch + BATCH_EVENTS;
  const last = batch + BATCH_EVENTS_END - EVENTS_PER_CHUNK * EVENT_BYTES;
  let end = begin;
  let tick = now;
  while (end - begin < ENOUGH_BYTES) {
    tick = nextTick(machine, tick, until);
    if (tick >= until) break;
    const head = wheel + (tick & LEVEL0_MASK) * HEAD_BYTES;
    let chunk = load<u32>(head, HEAD_FIRST);
    const write = load<u32>(head, HEAD_WRITE);
    while (chunk && end <= last) {
      const next = load<u32>(chunk, CHUNK_NEXT);
      const chunkLimit = chunkEnd(chunk, write);
      for (let p = chunk + CHUNK_EVENTS; p < chunkLimit; p += EVENT_BYTES) {
        const event = load<u64>(p);
        // An event's word without its kind is the offset of its record.
        store<u32>(table + (((event >>> 32) as u32) & ~KIND_MASK), 0, AF_LINK);
        store<u64>(end, event);
        end += EVENT_BYTES;
      }
      freeChunk(machine, chunk);
      chunk = next;
    }
    store<u32>(head, chunk, HEAD_FIRST);
    if (chunk) break;
    store<u32>(head, 0, HEAD_WRITE);
    tick++;
  }
  store<u32>(machine, tick, MACHINE_NOW);
  return end;
}

/**
 * Draws the next event of each AF whose event is in the batch, from `begin` on. Answers where the events end that can be applied before any
 * of these next ones, and before one that only the general loop can take: the slot's generations are used up.
 */
function foresee(machine: usize, batch: usize, begin: usize, end: usize): usize {
  const table = load<u32>(machine, MACHINE_TABLE) as usize;
  const generationMax = load<u32>(SHARD_GENERATION_MAX);
  let soonest: u64 = 0xffffffff;
  let p = begin;
  for (; p < end; p += EVENT_BYTES) {
    const event = load<u64>(p);
    const word = (event >>> 32) as u32;
    const kind = word & 1;
    const generation = (load<u32>(table + (word & ~KIND_MASK), AF_WORD) >>> STATE_BITS) + kind;
    if (generation > generationMax) break;
    const row = batch + (kind << 3);
    const u = mix(load<u64>(row, BATCH_KEYS) ^ ((((word >>> KIND_BITS) as u64) << 32) | (generation as u64)));
    const due = min<u64>((event & 0xffffffff) + sampleTicks(load<u32>(row, BATCH_SAMPLERS), u), 0xffffffff);
    soonest = min<u64>(soonest, due);
    store<u64>(p, due | (((word ^ 1) as u64) << 32), BATCH_NEXT - BATCH_EVENTS);
  }
  // Nearly always all are due later than the last event of the batch.
  if (p == begin || soonest >= (load<u32>(p - EVENT_BYTES) as u64)) return p;
  return soonerThanNext(begin, p);
}

/** Where the first event stands that is due after the next event of one before it. */
function soonerThanNext(begin: usize, end: usize): usize {
  let soonest: u32 = 0xffffffff;
  let p = begin;
  for (; p < end && load<u32>(p) <= soonest; p += EVENT_BYTES) soonest = min(soonest, load<u32>(p, BATCH_NEXT - BATCH_EVENTS));
  return p;
}

/** Takes the AFs through the transitions of their events, in order; answers the end of the completions among them. */
function apply(machine: usize, batch: usize, begin: usize, end: usize): usize {
  const table = load<u32>(machine, MACHINE_TABLE) as usize;
  const callManagers = load<u32>(machine, MACHINE_CALL_MANAGERS) as usize;
  const scale = load<u64>(machine, MACHINE_ADAPTER_SCALE);
  const first = batch + BATCH_TOLD;
  let told = first;
  // A completion moves `told` by twice the bytes of its event: their distance counts the open AFs, EVENT_BYTES each.
  let least = told - begin;
  let most = least;
  for (let p = begin; p < end; p += EVENT_BYTES) {
    const event = load<u64>(p);
    const word = (event >>> 32) as u32;
    const kind = word & 1;
    const record = table + (word & ~KIND_MASK);
    const row = batch + (kind << 3);
    const place = ((word >>> KIND_BITS) as u64) * scale;
    const callManager = callManagers + ((place >>> 32) as u32) * CM_BYTES;
    const af = load<u32>(record, AF_WORD);
    if ((af & STATE_MASK) != load<u32>(row, BATCH_FROM)) trap(TRAP_TRANSITION, (kind << 8) | (af & STATE_MASK));
    store<u32>(p, callManager as u32, BATCH_CALL_MANAGERS - BATCH_EVENTS);
    store<u32>(told, (event as u32) - load<u32>(record, AF_TICK), TOLD_LATENCY);
    store<u32>(told, load<u32>(record, AF_SEQUENCE), TOLD_SEQUENCE);
    store<u64>(told, place, TOLD_PLACE);
    told += kind * TOLD_BYTES;
    const sequence = load<u32>(callManager, CM_SEQUENCE);
    store<u32>(callManager, sequence + (kind ^ 1), CM_SEQUENCE);
    store<u64>(record, ((af + load<u32>(row, BATCH_STEP)) as u64) | (event << 32), AF_WORD);
    // The general loop reads the due tick from the record.
    store<u64>(record, (sequence as u64) | (load<u64>(p, BATCH_NEXT - BATCH_EVENTS) << 32), AF_SEQUENCE);
    const distance = told - p - EVENT_BYTES;
    least = min(least, distance);
    most = max(most, distance);
  }
  const completions = ((told - first) as u32) / TOLD_BYTES;
  const events = ((end - begin) as u32) / EVENT_BYTES;
  const open = load<u32>(machine, MACHINE_OPEN);
  const pended = load<u32>(machine, MACHINE_PENDED);
  const rise = (most - (first - begin)) / EVENT_BYTES;
  const fall = (first - begin - least) / EVENT_BYTES;
  store<u32>(machine, max(load<u32>(machine, MACHINE_PEAK_OPEN), open + (rise as u32)), MACHINE_PEAK_OPEN);
  store<u32>(machine, max(load<u32>(machine, MACHINE_PEAK_PENDED), pended + (fall as u32)), MACHINE_PEAK_PENDED);
  store<u32>(machine, open + 2 * completions - events, MACHINE_OPEN);
  store<u32>(machine, pended + events - 2 * completions, MACHINE_PENDED);
  addTotal(TOTAL_CLOSE_PENDED, events - completions);
  addTotal(TOTAL_CLOSE_COMPLETED, completions);
  addTotal(TOTAL_CLOSE_TOLD, completions);
  addTotal(TOTAL_OPENED, completions);
  return told;
}

/** Folds the transitions of the batch's events into the digests of their call managers. */
function foldAll(machine: usize, batch: usize, begin: usize, end: usize): void {
  const table = load<u32>(machine, MACHINE_TABLE) as usize;
  const opened = load<u64>(batch, BATCH_OPENED);
  for (let p = begin; p < end; p += EVENT_BYTES) {
    const event = load<u64>(p);
    const word = (event >>> 32) as u32;
    const kind = word & 1;
    const callManager = load<u32>(p, BATCH_CALL_MANAGERS - BATCH_EVENTS) as usize;
    const af = load<u32>(table + (word & ~KIND_MASK), AF_WORD) as u64;
    const a = (((word >>> KIND_BITS) as u64) << 32) | (event & 0xffffffff);
    const spread = a * DIGEST_SPREAD;
    // After a close the AF is pended; after a completion it was vacant before it was opened again.
    const first = foldedOne(load<u64>(callManager, CM_DIGEST), spread, af + load<u64>(batch + (kind << 3), BATCH_WHAT));
    const second = foldedOne(first, spread, af | opened);
    store<u64>(callManager, first ^ ((first ^ second) & (0 - (kind as u64))), CM_DIGEST);
  }
}

/** Counts the completions of a batch: how long they took and in what order they came. */
function tell(machine: usize, batch: usize, end: usize): void {
  const counts = load<u32>(SHARD_CLOSE_TOTAL) as usize;
  const callManagers = load<u32>(machine, MACHINE_CALL_MANAGERS) as usize;
  let longest: u32 = 0;
  for (let told = batch + BATCH_TOLD; told < end; told += TOLD_BYTES) {
    const place = load<u64>(told, TOLD_PLACE);
    const latency = load<u32>(told, TOLD_LATENCY);
    longest = max(longest, latency);
    countLatency(counts, latency);
    const callManager = callManagers + ((place >>> 32) as u32) * CM_BYTES;
    countOrder(machine, callManager, clientOf(machine, place), load<u32>(told, TOLD_SEQUENCE));
  }
  if (longest > load<u32>(SHARD_CLOSE_DEADLINE)) trap(TRAP_LATE, longest);
}

/** Inserts the next events of the AFs whose events from `begin` to `applied` are done; answers where the events begin that are left. */
function insertNext(machine: usize, begin: usize, applied: usize, end: usize): usize {
  const wheel = load<u32>(machine, MACHINE_WHEEL) as usize;
  const gathered = load<u32>(machine, MACHINE_NOW);
  const reach = load<u32>(machine, MACHINE_HORIZON) - gathered;
  // Any tick of the block that has been entered will do.
  const present = (load<u32>(machine, MACHINE_ENTERED) - 1) << LEVEL0_BITS;
  let others: u32 = 0;
  for (let p = begin; p < applied; p += EVENT_BYTES) {
    const event = load<u64>(p, BATCH_NEXT - BATCH_EVENTS);
    if ((event as u32) - gathered < reach) insertEvent(machine, wheel, present, event);
    else others++;
  }
  store<u32>(machine, load<u32>(machine, MACHINE_QUEUED) - others, MACHINE_QUEUED);
  return others ? insertEarly(machine, begin, applied, end) : applied;
}

/**
 * What `insertNext` left out: an event beyond the horizon is only noted; one that is due before the batch ends goes among the events that are left,
 * after all that are due in the same tick. Those before it move up into the place of one that is done.
 */
function insertEarly(machine: usize, begin: usize, applied: usize, end: usize): usize {
  const gathered = load<u32>(machine, MACHINE_NOW);
  const horizon = load<u32>(machine, MACHINE_HORIZON);
  let left = applied;
  for (let p = begin; p < applied; p += EVENT_BYTES) {
    const event = load<u64>(p, BATCH_NEXT - BATCH_EVENTS);
    const due = event as u32;
    if (due >= horizon) {
      store<u32>(machine, 1, MACHINE_BEYOND);
    } else if (due < gathered) {
      left -= EVENT_BYTES;
      let at = left;
      for (; at + EVENT_BYTES < end && load<u32>(at, EVENT_BYTES) <= due; at += EVENT_BYTES) store<u64>(at, load<u64>(at, EVENT_BYTES));
      store<u64>(at, event);
      store<u32>(machine, load<u32>(machine, MACHINE_QUEUED) + 1, MACHINE_QUEUED);
    }
  }
  return left;
}

/** The completion of an AF whose slot has no generation left, as the general loop does it. */
function completeLast(machine: usize, event: u64): void {
  const slot = (event >>> (32 + KIND_BITS)) as u32;
  const now = event as u32;
  const record = recordOf(machine, slot);
  const callManager = callManagerOf(machine, adapterOf(placeOf(machine, slot)));
  const who = load<u32>(load<u32>(callManager, CM_PROFILE), PROFILE_IRQL);
  completeClose<General>(machine, now, slot, record, callManager, who, true);
  tellClose<General>(machine, now, slot, record, callManager, who, 0, true);
  store<u32>(machine, load<u32>(machine, MACHINE_QUEUED) - 1, MACHINE_QUEUED);
}

/** What the steps read by kind of event: key and sampler of the next event's draw, and the transition. */
function prepare(machine: usize, batch: usize): void {
  const profile = load<u32>(load<u32>(machine, MACHINE_CALL_MANAGERS), CM_PROFILE) as usize;
  const pended = load<u32>(TRANSITION_CLOSE_PENDED << 2, SHARD_TRANSITIONS);
  const told = load<u32>(TRANSITION_CLOSE_TOLD_DIRECT << 2, SHARD_TRANSITIONS);
  const opened = load<u32>(TRANSITION_OPENED << 2, SHARD_TRANSITIONS);
  // From vacant to open, in the next generation.
  const reopened = toOf(opened) - fromOf(opened) + (1 << STATE_BITS);
  store<u64>(batch, load<u64>(machine + (PURPOSE_CLOSE_SERVICE << 3), MACHINE_KEYS), BATCH_KEYS);
  store<u64>(batch, load<u64>(machine + (PURPOSE_HOLD << 3), MACHINE_KEYS), BATCH_KEYS + 8);
  store<u32>(batch, load<u32>(profile, PROFILE_CLOSE_SAMPLER), BATCH_SAMPLERS);
  store<u32>(batch, load<u32>(SHARD_HOLD_SAMPLER), BATCH_SAMPLERS + 8);
  store<u32>(batch, fromOf(pended), BATCH_FROM);
  store<u32>(batch, fromOf(told), BATCH_FROM + 8);
  store<u32>(batch, toOf(pended) - fromOf(pended), BATCH_STEP);
  store<u32>(batch, toOf(told) - fromOf(told) + reopened, BATCH_STEP + 8);
  store<u64>(batch, ((pended >>> 16) as u64) << 32, BATCH_WHAT);
  store<u64>(batch, (((told >>> 16) as u64) << 32) - (reopened as u64), BATCH_WHAT + 8);
  store<u64>(batch, ((opened >>> 16) as u64) << 32, BATCH_OPENED);
}

@inline
function fromOf(transition: u32): u32 {
  return transition & 0xff;
}

@inline
function toOf(transition: u32): u32 {
  return (transition >>> 8) & 0xff;
}

/**
 * Whether the drivers of a machine can break no rule by what is the same at every step here: the IRQL of calls, and how long a service lasts at most.
 * And whether close sequences last for so many events.
 */
function isHarmless(machine: usize, events: u32): bool {
  const profile = load<u32>(load<u32>(machine, MACHINE_CALL_MANAGERS), CM_PROFILE) as usize;
  const longest = load<u64>(load<u32>(profile, PROFILE_CLOSE_SAMPLER), SAMPLER_CELLS);
  if ((longest + 0xffff) >>> 16 > (load<u32>(SHARD_CLOSE_DEADLINE) as u64)) return false;
  if (isTooHigh(CALL_CL_OPEN, PASSIVE_LEVEL) || isTooHigh(CALL_CL_CLOSE, PASSIVE_LEVEL)) return false;
  if (isTooHigh(load<u32>(profile, PROFILE_CLOSE_COMPLETE), load<u32>(profile, PROFILE_IRQL))) return false;
  for (let adapter: u32 = 0; adapter < load<u32>(machine, MACHINE_ADAPTERS); adapter++) {
    if (load<u32>(callManagerOf(machine, adapter), CM_SEQUENCE) >= 0xffffffff - events) return false;
  }
  return true;
}

/** As `advance` in engine/loop.ts. All call managers have the same profile. */
export function advancePlain(machine: usize, until: u32, budget: u32): u32 {
  if (!isHarmless(machine, budget + BATCH_LIMIT)) return advance<General>(machine, until, budget);
  const batch = load<u32>(SHARD_BATCH) as usize;
  let done: u32 = 0;
  prepare(machine, batch);
  while (true) {
    let begin = batch + BATCH_EVENTS;
    const end = gather(machine, load<u32>(machine, MACHINE_NOW), until, batch);
    if (begin == end) return ADVANCE_REACHED;
    done += ((end - begin) as u32) / EVENT_BYTES;
    store<u32>(machine, load<u32>(end - EVENT_BYTES), MACHINE_LAST_TICK);
    while (begin < end) {
      const applied = foresee(machine, batch, begin, end);
      if (applied == begin) {
        completeLast(machine, load<u64>(begin));
        begin += EVENT_BYTES;
        continue;
      }
      const told = apply(machine, batch, begin, applied);
      foldAll(machine, batch, begin, applied);
      tell(machine, batch, told);
      begin = insertNext(machine, begin, applied, end);
    }
    if (load<u32>(SHARD_STOP)) return ADVANCE_STOPPED;
    if (done >= budget) return ADVANCE_BUDGET;
  }
}
