// What follows when a lifecycle has ended or an open has failed: the slot is vacant, and its client may open it again.
import {
  AF_LINK,
  AF_WORD,
  CM_HALTED,
  MACHINE_DRAINING,
  MACHINE_FREE_HEAD,
  MACHINE_FREE_TAIL,
  SAMPLER_CONSTANT,
  SAMPLER_TICKS,
  SHARD_ARRIVAL_SAMPLER,
  SHARD_REOPEN,
  SHARD_THINK_SAMPLER,
  STATE_BITS,
  TOTAL_OTHER_CALLS,
} from "../abi/layout";
import {
  CALL_CL_UNBIND,
  EVENT_THINK,
  FAULT_FAILED_OPEN_CLOSE,
  FAULT_NO_UNBIND,
  NOTE_ASKED,
  OP_CALL,
  PASSIVE_LEVEL,
  PURPOSE_THINK,
  RULE_IRQL_CALLER,
  RULE_OPEN_FAILED_UNBIND,
  STATUS_NONE,
  STATUS_SUCCESS,
} from "../abi/codes";
import { draw } from "../core/random";
import { sampleTicks } from "../core/sampler";
import { scheduleAfter, scheduleDrawn } from "../engine/agenda";
import { isTraced } from "../engine/mode";
import { clientOf, placeOf, recordOf } from "../table/handle-table";
import { isBound, leave } from "./bindings";
import { addTotal } from "./counts";
import { extraClose } from "./extra-calls";
import { strikes } from "./faults";
import { leaveAdapter } from "./halt";
import { clientNotes, setClientNotes } from "./notes";
import { finishNotify } from "./notify";
import { open } from "./open";
import { checkIrql, violate } from "./rules";
import { clientContext, traceOnce } from "./trace";

/** Whether the client of a vacant slot opens it again by itself. Otherwise the slot waits for an arrival, a bind or nothing. */
@inline
function reopens<M>(machine: usize, now: u32, slot: u32, record: usize, callManager: usize): bool {
  const halted = load<u32>(callManager, CM_HALTED);
  if (halted) leaveAdapter<M>(machine, now, slot, callManager);
  if (!isBound(machine, slot)) {
    leave<M>(machine, now, slot);
    return false;
  }
  if (halted) return false;
  if (load<u32>(SHARD_ARRIVAL_SAMPLER)) {
    freeSlot(machine, slot, record);
    return false;
  }
  return isReopening(machine);
}

/** Whether clients open again what they have closed. */
@inline
function isReopening(machine: usize): bool {
  return load<u32>(machine, MACHINE_DRAINING) == 0 && load<u32>(SHARD_REOPEN) != 0;
}

/** Whether the end of a lifecycle opens the slot again in the same tick. */
export function opensAgainAtOnce(machine: usize, slot: u32, callManager: usize): bool {
  if (load<u32>(callManager, CM_HALTED) || !isBound(machine, slot) || load<u32>(SHARD_ARRIVAL_SAMPLER)) return false;
  return isReopening(machine) && thinksNot();
}

/** Whether clients open again without thinking. */
@inline
function thinksNot(): bool {
  const think = load<u32>(SHARD_THINK_SAMPLER);
  return load<u32>(think, SAMPLER_CONSTANT) != 0 && load<u32>(think, SAMPLER_TICKS) == 0;
}

/** A lifecycle ended. Of a halt its client may owe the completion of a notification. */
@inline
export function ended<M>(machine: usize, now: u32, slot: u32, record: usize, callManager: usize): void {
  if (load<u32>(callManager, CM_HALTED)) finishNotify<M>(machine, now, slot, callManager, STATUS_SUCCESS);
  if (!reopens<M>(machine, now, slot, record, callManager)) return;
  if (!thinksNot()) {
    const think = load<u32>(SHARD_THINK_SAMPLER);
    const generation = load<u32>(record, AF_WORD) >>> STATE_BITS;
    scheduleDrawn<M>(machine, now, slot, EVENT_THINK, generation, think, PURPOSE_THINK);
    return;
  }
  open<M>(machine, now, slot, record, callManager);
}

/** An open has failed and its client knows. The client asks to be unbound, once for a binding; should it go on, then not in this tick, so that time moves. */
export function failed<M>(machine: usize, now: u32, slot: u32, record: usize, callManager: usize): void {
  const word = load<u32>(record, AF_WORD);
  const generation = word >>> STATE_BITS;
  const client = clientOf(machine, placeOf(machine, slot));
  if (clientNotes(machine, client, NOTE_ASKED) == 0) {
    setClientNotes(machine, client, 0, NOTE_ASKED);
    if (strikes(machine, FAULT_NO_UNBIND, slot, generation)) {
      violate(machine, callManager, now, slot, word, RULE_OPEN_FAILED_UNBIND, STATUS_SUCCESS);
    } else {
      unbind<M>(machine, callManager, now, slot, word);
    }
  }
  if (reopens<M>(machine, now, slot, record, callManager)) {
    const ticks = max(1, min(thinkTicks(machine, slot, generation), 0xffffffff));
    // Noted at once: this may be the second of two thinks that are due in this tick, and the other must not pass for this one.
    store<u32>(record, min((now as u64) + ticks, 0xffffffff) as u32, AF_LINK);
    scheduleAfter<M>(machine, now, slot, EVENT_THINK, ticks as u32);
  }
  if (strikes(machine, FAULT_FAILED_OPEN_CLOSE, slot, generation)) {
    extraClose<M>(machine, now, slot, generation, callManager);
  }
}

/** NdisUnbindAdapter, on which NDIS need not act. */
function unbind<M>(machine: usize, callManager: usize, now: u32, slot: u32, word: u32): void {
  const who = clientContext<M>(machine, slot, PASSIVE_LEVEL);
  addTotal(TOTAL_OTHER_CALLS, 1);
  checkIrql(machine, callManager, now, slot, word, RULE_IRQL_CALLER, CALL_CL_UNBIND, PASSIVE_LEVEL);
  if (!isTraced<M>()) return;
  traceOnce(machine, now, slot, word, OP_CALL, CALL_CL_UNBIND, 0, who, STATUS_NONE, STATUS_SUCCESS);
}

function thinkTicks(machine: usize, slot: u32, generation: u32): u64 {
  const think = load<u32>(SHARD_THINK_SAMPLER) as usize;
  if (load<u32>(think, SAMPLER_CONSTANT)) return load<u32>(think, SAMPLER_TICKS);
  return sampleTicks(think, draw(machine, PURPOSE_THINK, slot, generation));
}

/** Puts a vacant slot at the tail of the free list, from which arrivals take theirs. */
export function freeSlot(machine: usize, slot: u32, record: usize): void {
  store<u32>(record, 0, AF_LINK);
  const tail = load<u32>(machine, MACHINE_FREE_TAIL);
  if (tail) store<u32>(recordOf(machine, tail - 1), slot + 1, AF_LINK);
  else store<u32>(machine, slot + 1, MACHINE_FREE_HEAD);
  store<u32>(machine, slot + 1, MACHINE_FREE_TAIL);
}
