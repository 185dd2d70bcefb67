// Two steps of the plain loop (plain.ts): apply and tell. What depends on the kind of event is a table of two rows, so that nothing branches on it.
import {
  AF_SEQUENCE,
  AF_TICK,
  AF_WORD,
  BATCH_CALL_MANAGERS,
  BATCH_EVENTS,
  BATCH_KEYS,
  BATCH_FROM,
  BATCH_NEXT,
  BATCH_OPENED,
  BATCH_SAMPLERS,
  BATCH_STEP,
  BATCH_TOLD,
  BATCH_WHAT,
  CM_BYTES,
  CM_DIGEST,
  CM_PROFILE,
  CM_SEQUENCE,
  EVENT_BYTES,
  KIND_BITS,
  KIND_MASK,
  MACHINE_ADAPTER_SCALE,
  MACHINE_CALL_MANAGERS,
  MACHINE_KEYS,
  MACHINE_OPEN,
  MACHINE_PEAK_OPEN,
  MACHINE_PEAK_PENDED,
  MACHINE_PENDED,
  MACHINE_TABLE,
  PROFILE_CLOSE_SAMPLER,
  SHARD_CLOSE_DEADLINE,
  SHARD_CLOSE_TOTAL,
  SHARD_HOLD_SAMPLER,
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
  PURPOSE_CLOSE_SERVICE,
  PURPOSE_HOLD,
  TRANSITION_CLOSE_PENDED,
  TRANSITION_CLOSE_TOLD_DIRECT,
  TRANSITION_OPENED,
  TRAP_LATE,
  TRAP_TRANSITION,
} from "../abi/codes";
import { trap } from "../core/assert";
import { DIGEST_SPREAD, foldedOne } from "../measure/digest";
import { countLatency } from "../measure/latency";
import { countOrder } from "../measure/ordering";
import { addTotal } from "../ndis/counts";
import { clientOf } from "../table/handle-table";

/** What the steps read by kind of event: key and sampler of the next event's draw, and the transition. */
export function prepare(machine: usize, batch: usize): void {
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

/** Takes the AFs through the transitions of their events, in order; answers the end of the completions among them. */
export function apply(machine: usize, batch: usize, begin: usize, end: usize): usize {
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
export function foldAll(machine: usize, batch: usize, begin: usize, end: usize): void {
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
export function tell(machine: usize, batch: usize, end: usize): void {
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
