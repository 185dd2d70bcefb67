// The rings alone, for the bench: what handing an item over and taking one costs when nothing else is done.
import {
  DISPATCH_LOCK,
  DISPATCH_SPSC,
  LANE_DISPATCH,
  LANE_IN,
  LANE_INBOX,
  LANE_INDEX,
  LANE_IN_STRIDE,
  LANE_LANES,
  LANE_OUT,
  LANE_SHARED,
  RING_BYTES,
} from "../abi/lane-layout";
import { publishRing, readList, readRing, readShared, ringHasRoom, writeList, writeRing, writeShared } from "./rings";

/** Items that a step hands over together. */
const BATCH: u32 = 64;

/** Hands over `items` to another lane, a batch after the other, and takes what comes meanwhile until it has as many. */
export function exchangeItems(lane: usize, items: u32): void {
  const inbox = load<u32>(lane, LANE_INBOX) as usize;
  const shared = load<u32>(lane, LANE_SHARED) as usize;
  const dispatch = load<u32>(lane, LANE_DISPATCH);
  const lanes = load<u32>(lane, LANE_LANES);
  const index = load<u32>(lane, LANE_INDEX);
  const out = (load<u32>(lane, LANE_OUT) + ((index + 1) % lanes) * RING_BYTES) as usize;
  const from = (load<u32>(lane, LANE_IN) + ((index + lanes - 1) % lanes) * load<u32>(lane, LANE_IN_STRIDE)) as usize;
  let sent: u32 = 0;
  let taken: u32 = 0;
  while (sent < items || taken < items) {
    if (dispatch == DISPATCH_SPSC) {
      if (sent < items && ringHasRoom(out, BATCH)) {
        for (let n: u32 = 0; n < BATCH; n++) writeRing(out, sent as u64);
        publishRing(out);
        sent += BATCH;
      }
      taken += readRing(from, inbox, min(BATCH, items - taken));
    } else {
      for (let n: u32 = 0; n < BATCH && sent < items; n++) {
        if (dispatch == DISPATCH_LOCK) writeList(lane, shared, sent as u64);
        else writeShared(shared, sent as u64);
        sent++;
      }
      for (let n: u32 = 0; n < BATCH && taken < items; n++) {
        if (!(dispatch == DISPATCH_LOCK ? readList(lane, shared, inbox) : readShared(shared, inbox))) {
          // Another lane was faster; what it put in its place comes next.
          if (sent >= items) break;
          continue;
        }
        taken++;
      }
    }
  }
}
