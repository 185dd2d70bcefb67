// Completions that meet a notification of the AF that they close: only where call managers notify also of AFs that are closing
// (LANE_CLAIMS). Who makes such a call holds the AF for that moment, and a completion takes it before it is called.
import { AF_WORD, STATE_MASK } from "../abi/layout";
import { LANE_CLAIMS } from "../abi/lane-layout";
import { STATE_REPORTING } from "../abi/codes";
import { recordOf } from "../table/handle-table";
import { inState, swap } from "./lane";

/** The state of an AF that is being closed and that a lane holds for a call; after those of codes.ts. */
export const STATE_HELD: u32 = 16;

/** Looks again after this: the holder writes two trace records, but may have lost its processor. */
const NAP_NS: i64 = 50_000;

/** Gives an AF back that was held. */
@inline
export function letAfGo(lane: usize, slot: u32, held: u32, word: u32): void {
  swap(lane, slot, held, word);
  atomic.notify(recordOf(lane, slot) + AF_WORD);
}

/** The call manager is about to complete a close that is pended with this word: answers the word that the AF has then, or this one if it comes too late. */
@inline
export function claim(lane: usize, slot: u32, word: u32): u32 {
  return load<u32>(lane, LANE_CLAIMS) ? take(lane, slot, word) : word;
}

function take(lane: usize, slot: u32, word: u32): u32 {
  const taken = inState(word, STATE_REPORTING);
  while (true) {
    const seen = swap(lane, slot, word, taken);
    if (seen == word) return taken;
    if (seen != inState(word, STATE_HELD)) return word;
    atomic.wait<i32>(recordOf(lane, slot) + AF_WORD, seen, NAP_NS);
  }
}
