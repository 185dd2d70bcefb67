// What the events of a batch schedule is collected here and inserted in one go: the draws of a batch then run side by side, and
// the order of insertion stays that of the events.
import {
  AF_LINK,
  AF_SHIFT,
  KIND_BITS,
  MACHINE_BEYOND,
  MACHINE_CHUNK_BYTES,
  MACHINE_HORIZON,
  MACHINE_KEYS,
  MACHINE_QUEUED,
  MACHINE_TABLE,
  MACHINE_WHEEL,
  SAMPLER_CONSTANT,
  SAMPLER_TICKS,
  SHARD_AGENDA,
  SHARD_AGENDA_END,
  AGENDA_BYTES,
  AGENDA_GENERATION,
  AGENDA_KEY,
  AGENDA_LIMIT,
  AGENDA_SAMPLER,
  AGENDA_WORD,
  KIND_MASK,
} from "../abi/layout";
import { EVENT_THINK } from "../abi/codes";
import { mix } from "../core/random";
import { sampleTicks } from "../core/sampler";
import { insert } from "../queue/event-queue";

/** Schedules an event of a slot after a sample of `sampler`, drawn for a purpose. */
@inline
export function scheduleDrawn<M>(
  machine: usize,
  now: u32,
  slot: u32,
  kind: u32,
  generation: u32,
  sampler: u32,
  purpose: u32,
): void {
  const entry = load<u32>(SHARD_AGENDA_END) as usize;
  store<u32>(entry, (slot << KIND_BITS) | kind, AGENDA_WORD);
  store<u32>(entry, generation, AGENDA_GENERATION);
  store<u32>(entry, sampler, AGENDA_SAMPLER);
  store<u32>(entry, (machine as u32) + MACHINE_KEYS + (purpose << 3), AGENDA_KEY);
  store<u32>(SHARD_AGENDA_END, (entry as u32) + AGENDA_BYTES);
  flushWhenFull<M>(machine, now);
}

/** Schedules an event after a fixed number of ticks. */
@inline
export function scheduleAfter<M>(machine: usize, now: u32, index: u32, kind: u32, ticks: u32): void {
  const entry = load<u32>(SHARD_AGENDA_END) as usize;
  store<u32>(entry, (index << KIND_BITS) | kind, AGENDA_WORD);
  store<u32>(entry, ticks, AGENDA_GENERATION);
  store<u32>(entry, 0, AGENDA_SAMPLER);
  store<u32>(SHARD_AGENDA_END, (entry as u32) + AGENDA_BYTES);
  flushWhenFull<M>(machine, now);
}

@inline
function flushWhenFull<M>(machine: usize, now: u32): void {
  if (load<u32>(SHARD_AGENDA_END) == load<u32>(SHARD_AGENDA) + AGENDA_LIMIT * AGENDA_BYTES) flush<M>(machine, now);
}

/** Draws and inserts everything that is scheduled, in order. */
export function flush<M>(machine: usize, now: u32): void {
  const end = load<u32>(SHARD_AGENDA_END) as usize;
  const begin = load<u32>(SHARD_AGENDA) as usize;
  const horizon = load<u32>(machine, MACHINE_HORIZON) as u64;
  const table = load<u32>(machine, MACHINE_TABLE) as usize;
  const wheel = load<u32>(machine, MACHINE_WHEEL) as usize;
  const bytes = load<u32>(machine, MACHINE_CHUNK_BYTES);
  let inserted: u32 = 0;
  for (let entry = begin; entry < end; entry += AGENDA_BYTES) {
    const word = load<u32>(entry, AGENDA_WORD);
    const slot = word >>> KIND_BITS;
    const generation = load<u32>(entry, AGENDA_GENERATION);
    const sampler = load<u32>(entry, AGENDA_SAMPLER) as usize;
    let ticks: u64;
    if (sampler == 0) {
      ticks = generation;
    } else if (load<u32>(sampler, SAMPLER_CONSTANT)) {
      ticks = load<u32>(sampler, SAMPLER_TICKS);
    } else {
      const key = load<u64>(load<u32>(entry, AGENDA_KEY));
      ticks = sampleTicks(sampler, mix(key ^ (((slot as u64) << 32) | (generation as u64))));
    }
    const due = (now as u64) + ticks;
    // Noted also when it is beyond the end: an earlier event of the slot that is still in the queue must not pass for this one.
    if ((word & KIND_MASK) <= EVENT_THINK) store<u32>(table + (slot << AF_SHIFT), min<u64>(due, 0xffffffff) as u32, AF_LINK);
    if (due < horizon) {
      insert(machine, wheel, bytes, now, due as u32, word);
      inserted++;
    } else {
      store<u32>(machine, 1, MACHINE_BEYOND);
    }
  }
  store<u32>(SHARD_AGENDA_END, begin as u32);
  store<u32>(machine, load<u32>(machine, MACHINE_QUEUED) + inserted, MACHINE_QUEUED);
}
