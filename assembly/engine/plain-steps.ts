// Two steps of the plain loop (plain.ts): apply and tell. What depends on the kind of event is a table of two rows, so that nothing branches on it.
import {
  AF_SEQUENCE,
  AF_TICK,
  AF_WORD,
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
  SHARD_ORDER,
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
import { countBucket, countSums } from "../measure/latency";
import { countOrderAt, measureWindow } from "../measure/ordering";
import { addTotal } from "../ndis/counts";
import { clientOf } from "../table/handle-table";

/** What the steps read by kind of event: key and sampler of the next event's draw, and the transition. */
export function prepare(machine: usize): void {
  const profile = load<u32>(load<u32>(machine, MACHINE_CALL_MANAGERS), CM_PROFILE) as usize;
  const pended = load<u32>(TRANSITION_CLOSE_PENDED << 2, SHARD_TRANSITIONS);
  const told = load<u32>(TRANSITION_CLOSE_TOLD_DIRECT << 2, SHARD_TRANSITIONS);
  const opened = load<u32>(TRANSITION_OPENED << 2, SHARD_TRANSITIONS);
  // From vacant to open, in the next generation.
  const reopened = toOf(opened) - fromOf(opened) + (1 << STATE_BITS);
  store<u64>(BATCH_KEYS, load<u64>(machine + (PURPOSE_CLOSE_SERVICE << 3), MACHINE_KEYS));
  store<u64>(BATCH_KEYS + 8, load<u64>(machine + (PURPOSE_HOLD << 3), MACHINE_KEYS));
  store<u32>(BATCH_SAMPLERS, load<u32>(profile, PROFILE_CLOSE_SAMPLER));
  store<u32>(BATCH_SAMPLERS + 8, load<u32>(SHARD_HOLD_SAMPLER));
  store<u32>(BATCH_FROM, fromOf(pended));
  store<u32>(BATCH_FROM + 8, fromOf(told));
  store<u32>(BATCH_STEP, toOf(pended) - fromOf(pended));
  store<u32>(BATCH_STEP + 8, toOf(told) - fromOf(told) + reopened);
  store<u64>(BATCH_WHAT, ((pended >>> 16) as u64) << 32);
  store<u64>(BATCH_WHAT + 8, (((told >>> 16) as u64) << 32) - (reopened as u64));
  store<u64>(BATCH_OPENED, ((opened >>> 16) as u64) << 32);
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
export function apply(machine: usize, end: usize): usize {
  const table = load<u32>(machine, MACHINE_TABLE) as usize;
  const callManagers = load<u32>(machine, MACHINE_CALL_MANAGERS) as usize;
  const scale = load<u64>(machine, MACHINE_ADAPTER_SCALE);
  let told: usize = BATCH_TOLD;
  const opened = load<u64>(BATCH_OPENED);
  for (let p: usize = BATCH_EVENTS; p < end; p += EVENT_BYTES) {
    const event = load<u64>(p);
    const word = (event >>> 32) as u32;
    const kind = word & 1;
    const record = table + (word & ~KIND_MASK);
    const row = (kind << 3) as usize;
    const place = ((word >>> KIND_BITS) as u64) * scale;
    const callManager = callManagers + ((place >>> 32) as u32) * CM_BYTES;
    const af = load<u32>(record, AF_WORD);
    if ((af & STATE_MASK) != load<u32>(row, BATCH_FROM)) trap(TRAP_TRANSITION, (kind << 8) | (af & STATE_MASK));
    store<u32>(told, (event as u32) - load<u32>(record, AF_TICK), TOLD_LATENCY);
    store<u32>(told, load<u32>(record, AF_SEQUENCE), TOLD_SEQUENCE);
    store<u64>(told, place, TOLD_PLACE);
    told += kind * TOLD_BYTES;
    const sequence = load<u32>(callManager, CM_SEQUENCE);
    store<u32>(callManager, sequence + 1 - kind, CM_SEQUENCE);
    const after = af + load<u32>(row, BATCH_STEP);
    store<u64>(record, (after as u64) | (event << 32), AF_WORD);
    // The general loop reads the due tick from the record.
    store<u64>(record, (sequence as u64) | (load<u64>(p, BATCH_NEXT - BATCH_EVENTS) << 32), AF_SEQUENCE);
    const spread = ((((word >>> KIND_BITS) as u64) << 32) | (event & 0xffffffff)) * DIGEST_SPREAD;
    // After a close the AF is pended; after a completion it was vacant before it was opened again.
    const first = foldedOne(load<u64>(callManager, CM_DIGEST), spread, (after as u64) + load<u64>(row, BATCH_WHAT));
    const second = foldedOne(first, spread, (after as u64) | opened);
    store<u64>(callManager, first ^ ((first ^ second) & (0 - (kind as u64))), CM_DIGEST);
  }
  const completions = ((told - BATCH_TOLD) as u32) / TOLD_BYTES;
  const closes = ((end - BATCH_EVENTS) as u32) / EVENT_BYTES - completions;
  const open = load<u32>(machine, MACHINE_OPEN);
  const pended = load<u32>(machine, MACHINE_PENDED);
  // Seldom near: only then it matters which event came first.
  if (open + completions > load<u32>(machine, MACHINE_PEAK_OPEN) || pended + closes > load<u32>(machine, MACHINE_PEAK_PENDED)) {
    seePeaks(machine, end, open, pended);
  }
  store<u32>(machine, open + completions - closes, MACHINE_OPEN);
  store<u32>(machine, pended + closes - completions, MACHINE_PENDED);
  addTotal(TOTAL_CLOSE_PENDED, closes);
  addTotal(TOTAL_CLOSE_COMPLETED, completions);
  addTotal(TOTAL_CLOSE_TOLD, completions);
  addTotal(TOTAL_OPENED, completions);
  return told;
}

/** Raises the peaks to what they were at after each event of the batch. */
function seePeaks(machine: usize, end: usize, open: u32, pended: u32): void {
  let peakOpen = load<u32>(machine, MACHINE_PEAK_OPEN);
  let peakPended = load<u32>(machine, MACHINE_PEAK_PENDED);
  for (let p: usize = BATCH_EVENTS; p < end; p += EVENT_BYTES) {
    const rise = (((load<u64>(p) >>> 32) as u32 & 1) << 1) - 1;
    open += rise;
    pended -= rise;
    peakOpen = max(peakOpen, open);
    peakPended = max(peakPended, pended);
  }
  store<u32>(machine, peakOpen, MACHINE_PEAK_OPEN);
  store<u32>(machine, peakPended, MACHINE_PEAK_PENDED);
}

/** Counts how long the completions of a batch took. */
@inline
function countLatencies(end: usize): void {
  const counts = load<u32>(SHARD_CLOSE_TOTAL) as usize;
  let sum: u64 = 0;
  let least: u32 = 0xffffffff;
  let most: u32 = 0;
  for (let told: usize = BATCH_TOLD; told < end; told += TOLD_BYTES) {
    const latency = load<u32>(told, TOLD_LATENCY);
    sum += latency;
    least = min(least, latency);
    most = max(most, latency);
    countBucket(counts, latency);
  }
  countSums(counts, sum, least, most);
  if (most > load<u32>(SHARD_CLOSE_DEADLINE)) trap(TRAP_LATE, most);
}

/** Counts the completions of a batch: how long they took, and in what order they came. */
export function tell(machine: usize, end: usize): void {
  countLatencies(end);
  const order = load<u32>(SHARD_ORDER) as usize;
  const callManagers = load<u32>(machine, MACHINE_CALL_MANAGERS) as usize;
  // A loop of its own: what is alive across a call in it has no register.
  for (let told: usize = BATCH_TOLD; told < end; told += TOLD_BYTES) {
    const place = load<u64>(told, TOLD_PLACE);
    const callManager = callManagers + ((place >>> 32) as u32) * CM_BYTES;
    if (countOrderAt(order, machine, callManager, clientOf(machine, place), load<u32>(told, TOLD_SEQUENCE))) measureWindow(callManager);
  }
}
