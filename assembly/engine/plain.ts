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
  AF_WORD,
  BATCH_EVENTS,
  BATCH_KEYS,
  BATCH_LIMIT,
  BATCH_NEXT,
  BATCH_SAMPLERS,
  CM_PROFILE,
  CM_SEQUENCE,
  EVENT_BYTES,
  HEAD_BYTES,
  HEAD_FIRST,
  HEAD_WRITE,
  KIND_BITS,
  KIND_MASK,
  LEVEL0_BITS,
  LEVEL0_MASK,
  MACHINE_ADAPTERS,
  MACHINE_BEYOND,
  MACHINE_CALL_MANAGERS,
  MACHINE_CHUNK_BYTES,
  MACHINE_ENTERED,
  MACHINE_HORIZON,
  MACHINE_LAST_TICK,
  MACHINE_NOW,
  MACHINE_QUEUED,
  MACHINE_RUN_END,
  MACHINE_RUN_NEXT,
  MACHINE_TABLE,
  MACHINE_WHEEL,
  PROFILE_CLOSE_COMPLETE,
  PROFILE_CLOSE_SAMPLER,
  PROFILE_IRQL,
  SAMPLER_CELLS,
  SHARD_CLOSE_DEADLINE,
  SHARD_GENERATION_MAX,
  SHARD_HOLD_SAMPLER,
  SHARD_STOP,
  STATE_BITS,
  WORD_BYTES,
} from "../abi/layout";
import {
  ADVANCE_BUDGET,
  ADVANCE_REACHED,
  ADVANCE_STOPPED,
  CALL_CL_CLOSE,
  CALL_CL_OPEN,
  PASSIVE_LEVEL,
} from "../abi/codes";
import { mix } from "../core/random";
import { sampleTicks } from "../core/sampler";
import { dispatch } from "../ndis/dispatch";
import { isTooHigh } from "../ndis/rules";
import { blockEnd, chunkEnd, chunkOf, insertEvent, nextChunk, nextTick, slotTickBefore, tickOfRun } from "../queue/event-queue";
import { adapterOf, callManagerOf, placeOf } from "../table/handle-table";
import { advanceGeneral } from "./loop";
import { General } from "./mode";
import { apply, prepare, tell } from "./plain-steps";

/** Events that are applied in a step. As many more have been gathered: their records come into the caches meanwhile. */
const STEP_BYTES: u32 = (BATCH_LIMIT >>> 1) * EVENT_BYTES;
/** A batch never reaches beyond its block, and an AF has at most two events in a tick: so many may be done beyond the budget. */
const EXCESS: u32 = 2 * (LEVEL0_MASK + 1) * BATCH_LIMIT;

/**
 * Appends the events that come next, all before `until` and in one block, to the batch, up to its limit, and touches their records
 * by a store; answers the batch's end. MACHINE_NOW becomes the first tick whose events are not all in it.
 */
function gather(machine: usize, until: u32, end: usize): usize {
  const limit: usize = BATCH_EVENTS + BATCH_LIMIT * EVENT_BYTES;
  const wheel = load<u32>(machine, MACHINE_WHEEL) as usize;
  const table = load<u32>(machine, MACHINE_TABLE) as usize;
  const bytes = load<u32>(machine, MACHINE_CHUNK_BYTES);
  let tick = load<u32>(machine, MACHINE_NOW);
  while (end < limit) {
    if (end == BATCH_EVENTS) {
      tick = nextTick(machine, tick, until);
      if (tick >= until) break;
    } else if ((tick & LEVEL0_MASK) == 0 || tick >= until) {
      // Where next events are always due before the batch ends, it is never empty, and only then stops: at the end of the block it must.
      break;
    }
    // Of a tick the run's events come first. As many as there is room for go before those in slots, up to the first slot's tick and with it.
    const runEnd = load<u32>(machine, MACHINE_RUN_END) as usize;
    let run = load<u32>(machine, MACHINE_RUN_NEXT) as usize;
    const most = min(runEnd, run + (limit - end));
    const reach = run < most && most < runEnd ? (load<u32>(most - EVENT_BYTES) as u64) : blockEnd(tick);
    const slotTick = slotTickBefore(wheel, tick, min<u64>(reach, until));
    const stop = min<u64>(slotTick + 1, until);
    for (; run < most; run += EVENT_BYTES) {
      const event = load<u64>(run);
      if ((event & 0xffffffff) >= stop) break;
      store<u32>(table + ((event >>> 32) as u32 & ~KIND_MASK), 0, AF_LINK);
      store<u64>(end, event);
      end += EVENT_BYTES;
    }
    store<u32>(machine, run as u32, MACHINE_RUN_NEXT);
    tick = min<u64>(min<u64>(slotTick, tickOfRun(machine)), until) as u32;
    if ((tick as u64) != slotTick || end == limit || tick == until) continue;
    const head = wheel + (tick & LEVEL0_MASK) * HEAD_BYTES;
    let p = load<u32>(head, HEAD_FIRST);
    if (p == 0) continue;
    const chunk = chunkOf(p, bytes);
    const last = chunkEnd(chunk, bytes, load<u32>(head, HEAD_WRITE));
    const room = ((limit - end) as u32) / EVENT_BYTES;
    const full = min(last, p + room * WORD_BYTES);
    for (; p < full; p += WORD_BYTES) {
      const word = load<u32>(p);
      // An event's word without its kind is the offset of its record.
      store<u32>(table + (word & ~KIND_MASK), 0, AF_LINK);
      store<u64>(end, (tick as u64) | ((word as u64) << 32));
      end += EVENT_BYTES;
    }
    if (p < last) store<u32>(head, p, HEAD_FIRST);
    else if (!nextChunk(machine, head, chunk)) tick++;
  }
  store<u32>(machine, tick, MACHINE_NOW);
  return end;
}

/**
 * Draws the next event of each AF whose event is in the batch. Answers where the events end that can be applied before any
 * of these next ones, and before one that only the general loop can take: the slot's generations are used up.
 */
function foresee(machine: usize, end: usize): usize {
  const table = load<u32>(machine, MACHINE_TABLE) as usize;
  const generationMax = load<u32>(SHARD_GENERATION_MAX);
  let soonest: u64 = 0xffffffff;
  let p: usize = BATCH_EVENTS;
  for (; p < end; p += EVENT_BYTES) {
    const event = load<u64>(p);
    const word = (event >>> 32) as u32;
    const kind = word & 1;
    const generation = (load<u32>(table + (word & ~KIND_MASK), AF_WORD) >>> STATE_BITS) + kind;
    if (generation > generationMax) break;
    const row = (kind << 3) as usize;
    const u = mix(load<u64>(row, BATCH_KEYS) ^ ((((word >>> KIND_BITS) as u64) << 32) | (generation as u64)));
    const due = (event & 0xffffffff) + sampleTicks(load<u32>(row, BATCH_SAMPLERS), u);
    soonest = min<u64>(soonest, due);
    store<u64>(p, due | (((word ^ 1) as u64) << 32), BATCH_NEXT - BATCH_EVENTS);
  }
  // Nearly always all are due later than the last event of the batch.
  if (p == BATCH_EVENTS || soonest >= (load<u32>(p - EVENT_BYTES) as u64)) return p;
  return soonerThanNext(p);
}

/** Where the first event stands that is due after the next event of one before it. */
function soonerThanNext(end: usize): usize {
  let soonest: u32 = 0xffffffff;
  let p: usize = BATCH_EVENTS;
  for (; p < end && load<u32>(p) <= soonest; p += EVENT_BYTES) soonest = min(soonest, load<u32>(p, BATCH_NEXT - BATCH_EVENTS));
  return p;
}

/** Inserts the next events of the AFs whose events up to `applied` are done; answers where the events begin that are left. */
function insertNext(machine: usize, applied: usize, end: usize): usize {
  const wheel = load<u32>(machine, MACHINE_WHEEL) as usize;
  const gathered = load<u32>(machine, MACHINE_NOW);
  const reach = load<u32>(machine, MACHINE_HORIZON) - gathered;
  // Any tick of the block that has been entered will do.
  const present = (load<u32>(machine, MACHINE_ENTERED) - 1) << LEVEL0_BITS;
  const bytes = load<u32>(machine, MACHINE_CHUNK_BYTES);
  let others: u32 = 0;
  for (let p: usize = BATCH_EVENTS; p < applied; p += EVENT_BYTES) {
    const event = load<u64>(p, BATCH_NEXT - BATCH_EVENTS);
    if ((event as u32) - gathered < reach) insertEvent(machine, wheel, bytes, present, event);
    else others++;
  }
  store<u32>(machine, load<u32>(machine, MACHINE_QUEUED) - others, MACHINE_QUEUED);
  return others ? insertEarly(machine, applied, end) : applied;
}

/**
 * What `insertNext` left out: an event beyond the horizon is only noted; one that is due before the batch ends goes among the events that are left,
 * after all that are due in the same tick. Those before it move up into the place of one that is done.
 */
function insertEarly(machine: usize, applied: usize, end: usize): usize {
  const gathered = load<u32>(machine, MACHINE_NOW);
  const horizon = load<u32>(machine, MACHINE_HORIZON);
  let left = applied;
  for (let p: usize = BATCH_EVENTS; p < applied; p += EVENT_BYTES) {
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

/** The completion of an AF whose slot has no generation left, by the general loop: a call, so that the loop below stays small. */
function completeLast(machine: usize, event: u64): void {
  const slot = (event >>> (32 + KIND_BITS)) as u32;
  const now = event as u32;
  dispatch<General>(machine, now, slot, callManagerOf(machine, adapterOf(placeOf(machine, slot))));
  store<u32>(machine, load<u32>(machine, MACHINE_QUEUED) - 1, MACHINE_QUEUED);
}

/**
 * Whether the drivers of a machine can break no rule by what is the same at every step here: the IRQL of calls, and how long a service lasts at most.
 * And whether close sequences last for so many events, and ticks for the longest service and hold.
 */
function isHarmless(machine: usize, events: u32): bool {
  const profile = load<u32>(load<u32>(machine, MACHINE_CALL_MANAGERS), CM_PROFILE) as usize;
  const longest = load<u64>(load<u32>(profile, PROFILE_CLOSE_SAMPLER), SAMPLER_CELLS);
  if ((longest + 0xffff) >>> 16 > (load<u32>(SHARD_CLOSE_DEADLINE) as u64)) return false;
  const longestHold = load<u64>(load<u32>(SHARD_HOLD_SAMPLER), SAMPLER_CELLS);
  if ((load<u32>(machine, MACHINE_HORIZON) as u64) + ((max(longest, longestHold) + 0xffff) >>> 16) > 0xffffffff) return false;
  if (isTooHigh(CALL_CL_OPEN, PASSIVE_LEVEL) || isTooHigh(CALL_CL_CLOSE, PASSIVE_LEVEL)) return false;
  if (isTooHigh(load<u32>(profile, PROFILE_CLOSE_COMPLETE), load<u32>(profile, PROFILE_IRQL))) return false;
  for (let adapter: u32 = 0; adapter < load<u32>(machine, MACHINE_ADAPTERS); adapter++) {
    if (load<u32>(callManagerOf(machine, adapter), CM_SEQUENCE) >= 0xffffffff - events) return false;
  }
  return true;
}

/** As `advance` in engine/loop.ts. All call managers have the same profile. */
export function advancePlain(machine: usize, until: u32, budget: u32): u32 {
  if (!isHarmless(machine, budget + EXCESS)) return advanceGeneral(machine, until, budget);
  let end: usize = BATCH_EVENTS;
  let done: u32 = 0;
  let answer: u32 = ADVANCE_REACHED;
  prepare(machine);
  while (true) {
    // What has been gathered is applied, whatever the answer.
    if (answer == ADVANCE_REACHED) end = gather(machine, until, end);
    if (end == BATCH_EVENTS) return answer;
    const applied = foresee(machine, min<usize>(BATCH_EVENTS + STEP_BYTES, end));
    let left = applied;
    if (applied == BATCH_EVENTS) {
      store<u32>(machine, load<u32>(BATCH_EVENTS), MACHINE_LAST_TICK);
      completeLast(machine, load<u64>(BATCH_EVENTS));
      left += EVENT_BYTES;
      done++;
    } else {
      store<u32>(machine, load<u32>(applied - EVENT_BYTES), MACHINE_LAST_TICK);
      const told = apply(machine, applied);
      tell(machine, told);
      left = insertNext(machine, applied, end);
    }
    done += ((applied - BATCH_EVENTS) as u32) / EVENT_BYTES;
    end = moveUp(left, end);
    if (load<u32>(SHARD_STOP)) answer = ADVANCE_STOPPED;
    else if (done >= budget) answer = ADVANCE_BUDGET;
  }
}

/** Moves the events that are left to the begin of the batch; answers its end. */
@inline
function moveUp(left: usize, end: usize): usize {
  const distance = left - BATCH_EVENTS;
  // Two at a time; the last one may be no event.
  for (let p = left; p < end; p += 2 * EVENT_BYTES) v128.store(p - distance, v128.load(p));
  return end - distance;
}
