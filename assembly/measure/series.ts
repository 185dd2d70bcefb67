// The time series: what the shard had counted at moments of virtual time, all as far apart. The host stops its machines there; no event does anything for it.
import {
  LATENCY_COUNTS,
  LATENCY_MAX,
  LATENCY_MIN,
  LATENCY_SUM,
  MACHINE_OPEN,
  MACHINE_PENDED,
  MOMENTS_MAX,
  MOMENT_BUCKETS,
  MOMENT_CLOSED,
  MOMENT_CLOSE_PENDED,
  MOMENT_CLOSE_TOLD,
  MOMENT_COUNTS,
  MOMENT_MAX,
  MOMENT_MIN,
  MOMENT_OPEN,
  MOMENT_OPENED,
  MOMENT_OPEN_TOLD,
  MOMENT_PENDED,
  MOMENT_SUM,
  SHARD_CLOSE_FIRST,
  SHARD_CLOSE_TOTAL,
  SHARD_MOMENTS,
  SHARD_MOMENT_BYTES,
  SHARD_SERIES,
  TOTAL_CLOSED,
  TOTAL_CLOSE_PENDED,
  TOTAL_CLOSE_TOLD,
  TOTAL_OPENED,
  TOTAL_OPEN_TOLD,
} from "../abi/layout";

@inline
function momentAt(index: u32): usize {
  return (load<u32>(SHARD_SERIES) + index * load<u32>(SHARD_MOMENT_BYTES)) as usize;
}

/** The moment where measuring begins, without its machines; no latency has been counted. */
export function beginSeries(): void {
  copyTotals(momentAt(0));
}

/** The next moment, without its machines. */
export function recordMoment(): void {
  const index = load<u32>(SHARD_MOMENTS) + 1;
  const moment = momentAt(index);
  store<u32>(SHARD_MOMENTS, index);
  copyTotals(moment);
  copyLatencies(moment, load<u32>(SHARD_CLOSE_TOTAL) as usize, load<u32>(SHARD_CLOSE_FIRST) as usize);
}

/** Adds a machine to the last moment. */
export function recordMachine(machine: usize): void {
  const moment = momentAt(load<u32>(SHARD_MOMENTS));
  store<u64>(moment, load<u64>(moment, MOMENT_OPEN) + (load<u32>(machine, MACHINE_OPEN) as u64), MOMENT_OPEN);
  store<u64>(moment, load<u64>(moment, MOMENT_PENDED) + (load<u32>(machine, MACHINE_PENDED) as u64), MOMENT_PENDED);
}

/** One more moment like the last one: nothing has happened since. */
export function repeatMoment(): void {
  const index = load<u32>(SHARD_MOMENTS) + 1;
  store<u32>(SHARD_MOMENTS, index);
  repeatAt(momentAt(index), load<u32>(SHARD_MOMENT_BYTES));
}

/** Writes a moment that is like the one before it. */
export function repeatAt(moment: usize, bytes: u32): void {
  memory.copy(moment, moment - bytes, bytes);
  store<u32>(moment, 0xffffffff, MOMENT_MIN);
  store<u32>(moment, 0, MOMENT_MAX);
}

/** Forgets every second one of MOMENTS_MAX moments. */
export function thinMoments(): void {
  thinAt(momentAt(0), load<u32>(SHARD_MOMENT_BYTES));
  store<u32>(SHARD_MOMENTS, MOMENTS_MAX / 2);
}

/** The same of moments whose first, where measuring begins, is at an address. */
export function thinAt(series: usize, bytes: u32): void {
  for (let index: u32 = 1; index <= MOMENTS_MAX / 2; index++) {
    const first = series + (2 * index - 1) * bytes;
    const second = first + bytes;
    store<u32>(second, min(load<u32>(first, MOMENT_MIN), load<u32>(second, MOMENT_MIN)), MOMENT_MIN);
    store<u32>(second, max(load<u32>(first, MOMENT_MAX), load<u32>(second, MOMENT_MAX)), MOMENT_MAX);
    memory.copy(series + index * bytes, second, bytes);
  }
}

function copyTotals(moment: usize): void {
  store<u64>(moment, 0, MOMENT_OPEN);
  store<u64>(moment, 0, MOMENT_PENDED);
  store<u64>(moment, load<u64>(TOTAL_OPENED), MOMENT_OPENED);
  store<u64>(moment, load<u64>(TOTAL_OPEN_TOLD), MOMENT_OPEN_TOLD);
  store<u64>(moment, load<u64>(TOTAL_CLOSED), MOMENT_CLOSED);
  store<u64>(moment, load<u64>(TOTAL_CLOSE_PENDED), MOMENT_CLOSE_PENDED);
  store<u64>(moment, load<u64>(TOTAL_CLOSE_TOLD), MOMENT_CLOSE_TOLD);
}

/** Copies the latencies from `begin` to `end`, and begins with the next ones anew to look for the smallest and the largest. */
export function copyLatencies(moment: usize, begin: usize, end: usize): void {
  store<u64>(moment, load<u64>(begin, LATENCY_SUM), MOMENT_SUM);
  store<u32>(moment, load<u32>(begin, LATENCY_MIN), MOMENT_MIN);
  store<u32>(moment, load<u32>(begin, LATENCY_MAX), MOMENT_MAX);
  store<u32>(begin, 0xffffffff, LATENCY_MIN);
  store<u32>(begin, 0, LATENCY_MAX);
  let p = begin + LATENCY_COUNTS;
  let to = moment;
  for (; p + 8 * MOMENT_BUCKETS <= end; p += 8 * MOMENT_BUCKETS, to += 8) {
    let sums = v128.load(p);
    for (let q = p + 16; q < p + 8 * MOMENT_BUCKETS; q += 16) sums = i64x2.add(sums, v128.load(q));
    store<u64>(to, i64x2.extract_lane(sums, 0) + i64x2.extract_lane(sums, 1), MOMENT_COUNTS);
  }
  if (p == end) return;
  let rest: u64 = 0;
  for (; p < end; p += 8) rest += load<u64>(p);
  store<u64>(to, rest, MOMENT_COUNTS);
}
