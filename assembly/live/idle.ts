// What a lane does that has nothing to do, and what one lane sees of all.
import { MACHINE_DRAINING, MACHINE_QUEUED } from "../abi/layout";
import {
  DISPATCH_LOCK,
  DISPATCH_SPSC,
  LANE_DISPATCH,
  LANE_IN,
  LANE_IN_STRIDE,
  LANE_LANES,
  LANE_MAIL,
  LANE_OPEN,
  LANE_PEAK_OPEN,
  LANE_PEAK_PENDED,
  LANE_PENDED,
  LANE_RECEIVED,
  LANE_SELF_DRAINS,
  LANE_SENT,
  LANE_SHARED,
  LANE_SLEEPS,
  LANE_TOTAL_WAITS,
  LANE_WAITED,
  LANE_WAITS_FOR,
  RING_TAIL,
  RING_TAKEN,
  SHARED_HEAD,
  SHARED_LIST_HEAD,
  SHARED_LIST_TAIL,
  SHARED_TAIL,
  STEP_BUSY,
  STEP_ENDED,
  WAIT_IDLE,
} from "../abi/lane-layout";
import { countOwn, laneAt } from "./lane";
import { isWalking } from "./walks";

/** A lane that nobody wakes looks for itself after this. */
const NAP_NS: i64 = 100_000;

/** Steps that a lane waits for room before it sleeps. */
const PATIENT_STEPS: u32 = 8;

/** Whether something waits to be taken. */
function hasItems(lane: usize): bool {
  if (atomic.load<u32>(lane, LANE_MAIL)) return true;
  const shared = load<u32>(lane, LANE_SHARED) as usize;
  const dispatch = load<u32>(lane, LANE_DISPATCH);
  if (dispatch == DISPATCH_LOCK) return atomic.load<u32>(shared, SHARED_LIST_HEAD) != atomic.load<u32>(shared, SHARED_LIST_TAIL);
  if (dispatch != DISPATCH_SPSC) return atomic.load<u32>(shared, SHARED_HEAD) != atomic.load<u32>(shared, SHARED_TAIL);
  for (let from: u32 = 0; from < load<u32>(lane, LANE_LANES); from++) {
    const ring = (load<u32>(lane, LANE_IN) + from * load<u32>(lane, LANE_IN_STRIDE)) as usize;
    if (atomic.load<u32>(ring, RING_TAIL) != load<u32>(ring, RING_TAKEN)) return true;
  }
  return false;
}

/** Items under way and handed over so far, or -1 where a lane is not idle and draining. */
function countItems(lane: usize): i64 {
  let under: u32 = 0;
  let all: u32 = 0;
  for (let index: u32 = 0; index < load<u32>(lane, LANE_LANES); index++) {
    const other = laneAt(lane, index);
    if (atomic.load<u32>(other, LANE_WAITS_FOR) != WAIT_IDLE || atomic.load<u32>(other, LANE_MAIL) != 0) return -1;
    if (atomic.load<u32>(other, MACHINE_QUEUED) != 0 || atomic.load<u32>(other, MACHINE_DRAINING) == 0) return -1;
    const received = atomic.load<u32>(other, LANE_RECEIVED);
    const sent = atomic.load<u32>(other, LANE_SENT);
    under += sent - received;
    all += sent + received;
  }
  return under == 0 ? (all as i64) : -1;
}

/** Whether nothing can happen any more: every lane drains and is idle, nothing is under way, and nothing was between two looks. */
function isQuiet(lane: usize): bool {
  if (load<u32>(lane, MACHINE_DRAINING) == 0 || isWalking(lane)) return false;
  const first = countItems(lane);
  return first >= 0 && countItems(lane) == first;
}

/** Sleeps until something is handed over, or a little while; answers whether the run is over. */
export function rest(lane: usize): u32 {
  atomic.store<u32>(lane, WAIT_IDLE, LANE_WAITS_FOR);
  if (load<u32>(lane, LANE_SELF_DRAINS) && isQuiet(lane)) return STEP_ENDED;
  atomic.store<u32>(lane, 1, LANE_SLEEPS);
  // Whoever hands something over from here on sees the sleeper.
  if (!hasItems(lane)) atomic.wait<i32>(lane + LANE_SLEEPS, 1, NAP_NS);
  atomic.store<u32>(lane, 0, LANE_SLEEPS);
  return STEP_BUSY;
}

/** A step without room. After a few of them in a row the lane sleeps: the one that is to make room may need its processor. */
export function waitForRoom(lane: usize): void {
  const waited = load<u32>(lane, LANE_WAITED) + 1;
  store<u32>(lane, waited, LANE_WAITED);
  countOwn(lane, LANE_TOTAL_WAITS, 1);
  if (waited > PATIENT_STEPS) atomic.wait<i32>(lane + LANE_SLEEPS, 0, NAP_NS);
}

/** AFs open and closes pended in all lanes, as far as they have counted. */
export function seePeaks(lane: usize): void {
  let open: i32 = 0;
  let pended: i32 = 0;
  for (let index: u32 = 0; index < load<u32>(lane, LANE_LANES); index++) {
    const other = laneAt(lane, index);
    open += atomic.load<i32>(other, LANE_OPEN);
    pended += atomic.load<i32>(other, LANE_PENDED);
  }
  store<i32>(lane, max(load<i32>(lane, LANE_PEAK_OPEN), open), LANE_PEAK_OPEN);
  store<i32>(lane, max(load<i32>(lane, LANE_PEAK_PENDED), pended), LANE_PEAK_PENDED);
}
