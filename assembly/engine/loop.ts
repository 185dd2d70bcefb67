// The loop: takes the events of a tick chunk by chunk. A chunk passes through three small loops: touch every record, so that the cache
// misses of a batch overlap; apply the events in order; draw and insert what they schedule.
import {
  AF_LINK,
  AF_WORD,
  CHUNK_EVENTS,
  CHUNK_NEXT,
  EVENT_BYTES,
  HEAD_BYTES,
  HEAD_FIRST,
  HEAD_WRITE,
  KIND_BITS,
  KIND_MASK,
  LEVEL0_MASK,
  MACHINE_CHUNK_BYTES,
  MACHINE_LAST_TICK,
  MACHINE_NOW,
  MACHINE_QUEUED,
  MACHINE_RUN_END,
  MACHINE_RUN_NEXT,
  MACHINE_WHEEL,
  PROFILE_CALL_CLOSED,
  PROFILE_SAP_DEREGISTERED,
  SHARD_STOP,
  SHARD_TOUCHED,
  STATE_BITS,
  STATE_MASK,
  WORD_BYTES,
} from "../abi/layout";
import {
  ADVANCE_BUDGET,
  ADVANCE_REACHED,
  ADVANCE_STOPPED,
  CALL_CL_CLOSE_CALL_COMPLETE,
  CALL_CL_DEREGISTER_SAP_COMPLETE,
  EVENT_ARRIVAL,
  EVENT_CALL_CLOSED,
  EVENT_CLOSE_DONE,
  EVENT_COALESCE_TIMER,
  EVENT_HALT_DONE,
  EVENT_HOLD,
  EVENT_OPEN_DONE,
  EVENT_OPEN_TOLD,
  EVENT_PROCESSOR_DONE,
  EVENT_SAP_DEREGISTERED,
  EVENT_THINK,
  EVENT_UNBIND_DONE,
  FAULT_LOST_OPEN_COMPLETION,
  PASSIVE_LEVEL,
  SLOT_EVENTS,
  STATE_OPEN,
  TRAP_EVENT_KIND,
} from "../abi/codes";
import { EVENT_LINE, EVENT_PARTY_DONE, EVENT_SAP_DONE, EVENT_VC_DONE } from "../abi/object-codes";
import { trap } from "../core/assert";
import { coalesceTimer, finishService } from "../drivers/serve";
import { finishUnbind } from "../ndis/bindings";
import { close } from "../ndis/close";
import { strikes } from "../ndis/faults";
import { tellOpen } from "../ndis/open";
import { dispatch, finishItem } from "../ndis/dispatch";
import { finishHalt } from "../ndis/halt";
import { finishTeardown } from "../ndis/teardown";
import { clientContext } from "../ndis/trace";
import { objectEvent } from "../objects/teardown";
import { chunkEnd, chunkOf, freeChunk, nextTick } from "../queue/event-queue";
import { adapterOf, callManagerOf, placeOf, recordOf } from "../table/handle-table";
import { arrive } from "./arrivals";
import { General } from "./mode";
import { thinkOver } from "./start";
import { flush } from "./agenda";

/** Loads every record of a batch. The sum is stored so that the loads are not dropped. */
@inline
function touch(machine: usize, begin: u32, end: u32, stride: u32): void {
  let sum: u32 = 0;
  for (let p = begin; p < end; p += stride) {
    const word = load<u32>(p);
    // Only events of slots have a record.
    const slot = (SLOT_EVENTS >>> (word & KIND_MASK)) & 1 ? word >>> KIND_BITS : 0;
    sum += load<u32>(recordOf(machine, slot));
  }
  store<u32>(SHARD_TOUCHED, sum);
}

/** A hold is over: it counts only for the open AF whose hold it is, as a halt may have cut it short. */
@inline
function holdOver<M>(machine: usize, now: u32, slot: u32): void {
  const record = recordOf(machine, slot);
  if ((load<u32>(record, AF_WORD) & STATE_MASK) != STATE_OPEN || load<u32>(record, AF_LINK) != now) return;
  const callManager = callManagerOf(machine, adapterOf(placeOf(machine, slot)));
  close<M>(machine, now, slot, record, callManager, clientContext<M>(machine, slot, PASSIVE_LEVEL), 0);
}

@inline
function apply<M>(machine: usize, now: u32, index: u32, kind: u32): void {
  if (kind == EVENT_HOLD) {
    holdOver<M>(machine, now, index);
    return;
  }
  switch (kind) {
    case EVENT_CLOSE_DONE:
      finishService<M>(machine, now, index, callManagerOf(machine, adapterOf(placeOf(machine, index))));
      break;
    case EVENT_OPEN_DONE:
      if (strikes(machine, FAULT_LOST_OPEN_COMPLETION, index, load<u32>(recordOf(machine, index), AF_WORD) >>> STATE_BITS)) break;
      dispatch<M>(machine, now, index, callManagerOf(machine, adapterOf(placeOf(machine, index))));
      break;
    case EVENT_OPEN_TOLD:
      tellOpen<M>(machine, now, index);
      break;
    case EVENT_THINK:
      thinkOver<M>(machine, now, index);
      break;
    case EVENT_COALESCE_TIMER:
      coalesceTimer<M>(machine, now, index);
      break;
    case EVENT_PROCESSOR_DONE:
      finishItem<M>(machine, now, index);
      break;
    case EVENT_ARRIVAL:
      arrive<M>(machine, now);
      break;
    case EVENT_CALL_CLOSED:
      finishTeardown<M>(machine, now, index, PROFILE_CALL_CLOSED, CALL_CL_CLOSE_CALL_COMPLETE);
      break;
    case EVENT_SAP_DEREGISTERED:
      finishTeardown<M>(machine, now, index, PROFILE_SAP_DEREGISTERED, CALL_CL_DEREGISTER_SAP_COMPLETE);
      break;
    case EVENT_UNBIND_DONE:
      finishUnbind<M>(machine, now, index);
      break;
    case EVENT_HALT_DONE:
      finishHalt<M>(machine, now, index);
      break;
    case EVENT_SAP_DONE:
    case EVENT_VC_DONE:
    case EVENT_PARTY_DONE:
    case EVENT_LINE:
      objectEvent<M>(machine, now, index, kind);
      break;
    default:
      trap(TRAP_EVENT_KIND, kind);
  }
}

/** Applies events of the present tick, whose words stand `stride` bytes apart; answers how many there are. */
@inline
function applyAll<M>(machine: usize, now: u32, begin: u32, end: u32, stride: u32): u32 {
  touch(machine, begin, end, stride);
  for (let p = begin; p < end; p += stride) {
    const word = load<u32>(p);
    apply<M>(machine, now, word >>> KIND_BITS, word & KIND_MASK);
  }
  flush<M>(machine, now);
  const count = (end - begin) / stride;
  store<u32>(machine, load<u32>(machine, MACHINE_QUEUED) - count, MACHINE_QUEUED);
  return count;
}

/** Takes the events of the present tick off the block's run; answers where they end. */
@inline
function takeRun(machine: usize, now: u32): u32 {
  const runEnd = load<u32>(machine, MACHINE_RUN_END);
  let end = load<u32>(machine, MACHINE_RUN_NEXT);
  while (end < runEnd && load<u32>(end) == now) end += EVENT_BYTES;
  store<u32>(machine, end, MACHINE_RUN_NEXT);
  return end;
}

/**
 * Advances a machine to the tick `until`, or until about `budget` events are done, or the stop flag is raised; answers
 * which. At ADVANCE_REACHED the machine stands at `until`, before its events.
 */
@inline
export function advance<M>(machine: usize, until: u32, budget: u32): u32 {
  const wheel = load<u32>(machine, MACHINE_WHEEL) as usize;
  const bytes = load<u32>(machine, MACHINE_CHUNK_BYTES);
  let now = load<u32>(machine, MACHINE_NOW);
  let done: u32 = 0;
  while (true) {
    now = nextTick(machine, now, until);
    store<u32>(machine, now, MACHINE_NOW);
    if (now >= until) return ADVANCE_REACHED;
    store<u32>(machine, now, MACHINE_LAST_TICK);
    const head = wheel + (now & LEVEL0_MASK) * HEAD_BYTES;
    let begin = load<u32>(machine, MACHINE_RUN_NEXT);
    let end = takeRun(machine, now);
    let chunk: u32 = 0;
    let stride = EVENT_BYTES;
    while (true) {
      if (begin == end) {
        begin = load<u32>(head, HEAD_FIRST);
        if (begin == 0) break;
        chunk = chunkOf(begin, bytes);
        const next = load<u32>(chunk, CHUNK_NEXT);
        end = chunkEnd(chunk, bytes, load<u32>(head, HEAD_WRITE));
        stride = WORD_BYTES;
        // The last chunk is taken off whole: what is due in this same tick goes to a new one.
        store<u32>(head, next ? next + CHUNK_EVENTS : 0, HEAD_FIRST);
        if (next == 0) store<u32>(head, 0, HEAD_WRITE);
      } else {
        begin += EVENT_BYTES - WORD_BYTES;
        end += EVENT_BYTES - WORD_BYTES;
      }
      done += applyAll<M>(machine, now, begin, end, stride);
      if (chunk) freeChunk(machine, chunk);
      if (load<u32>(SHARD_STOP)) return ADVANCE_STOPPED;
      if (done >= budget) return ADVANCE_BUDGET;
      begin = end;
    }
  }
}

/** The loop without a trace, as a function: the plain loop that may call it stays small. */
export function advanceGeneral(machine: usize, until: u32, budget: u32): u32 {
  return advance<General>(machine, until, budget);
}
