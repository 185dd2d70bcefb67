// Opens of a client that are under way, in the reading in which it leaves all AFs of its binding alone meanwhile (openScope). Whether a close
// meets one has to agree with the trace: a lane counts or asks under the client's lock, together with the record of its call.
import { LANE_SCOPES, SCOPE_BYTES, SCOPE_LOCK, SCOPE_OPENING } from "../abi/lane-layout";
import { clientOf, placeOf } from "../table/handle-table";

/** A lane whose lock another one holds, which may have lost its processor, looks again after this. */
const NAP_NS: i64 = 20_000;

@inline
function scopeAt(lane: usize, slot: u32): usize {
  return load<u32>(lane, LANE_SCOPES) + clientOf(lane, placeOf(lane, slot)) * SCOPE_BYTES;
}

/** Before the record of an open or a close of this slot's client. */
@inline
export function beginScope(lane: usize, slot: u32): void {
  if (load<u32>(lane, LANE_SCOPES)) lock(scopeAt(lane, slot));
}

/** After it: counts opens under way up or down; answers how many there were. */
@inline
export function endScope(lane: usize, slot: u32, change: u32): u32 {
  return load<u32>(lane, LANE_SCOPES) ? unlock(scopeAt(lane, slot), change) : 0;
}

function lock(scope: usize): void {
  while (atomic.cmpxchg<u32>(scope, 0, 1, SCOPE_LOCK)) atomic.wait<i32>(scope + SCOPE_LOCK, 1, NAP_NS);
}

function unlock(scope: usize, change: u32): u32 {
  const opening = load<u32>(scope, SCOPE_OPENING);
  store<u32>(scope, opening + change, SCOPE_OPENING);
  atomic.store<u32>(scope, 0, SCOPE_LOCK);
  return opening;
}
