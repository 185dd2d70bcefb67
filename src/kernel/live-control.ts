import * as A from "../../assembly/abi/lane-layout.js";
import {
  SHARD_STOP,
  SHARD_TOTALS,
  TOTAL_CLOSED,
  TOTAL_CLOSE_PENDED,
  TOTAL_CLOSE_TOLD,
} from "../../assembly/abi/layout.js";

/** What another thread may read and write while lanes run. */

/** Stops that do not wait for a lock either, which a lane that has died may hold. */
const STOP_AT_ONCE = 2;

export interface LaneState {
  /** Steps so far. */
  readonly beat: number;
  readonly waitsFor: number;
  /** The other lane that it waits for. */
  readonly waitsOn: number;
}

export function readLane(memory: WebAssembly.Memory, header: number): LaneState {
  const words = new Int32Array(memory.buffer, header + A.LANE_BEAT, 3);
  return { beat: Atomics.load(words, 0), waitsFor: Atomics.load(words, 1), waitsOn: Atomics.load(words, 2) };
}

/** Events of a lane so far. */
export function readLaneEvents(memory: WebAssembly.Memory, header: number): number {
  const view = new DataView(memory.buffer);
  const total = (address: number): number =>
    Number(view.getBigUint64(header + A.LANE_TOTALS + address - SHARD_TOTALS, true));
  return 2 * total(TOTAL_CLOSED) + total(TOTAL_CLOSE_PENDED) + total(TOTAL_CLOSE_TOLD);
}

/** Makes every lane stop, wherever it is. */
export function raiseStopAtOnce(memory: WebAssembly.Memory): void {
  Atomics.store(new Int32Array(memory.buffer, SHARD_STOP, 1), 0, STOP_AT_ONCE);
}

const WAIT_TEXTS: readonly (readonly [code: number, text: (lane: number) => string])[] = [
  [A.WAIT_NOTHING, () => "nothing: it is in the middle of a step"],
  [A.WAIT_START, () => "the other lanes to be ready"],
  [A.WAIT_LOCK, (lane) => `the lock of the list, which lane ${lane} holds`],
  [A.WAIT_ROOM, (lane) => `room in the ring that lane ${lane} empties`],
  [A.WAIT_IDLE, () => "something to do"],
  [A.WAIT_CALL_MANAGER, (lane) => `the lock of a call manager, which lane ${lane} holds`],
];

/** What a lane waits for, in words. */
export function describeWait({ waitsFor, waitsOn }: LaneState): string {
  return WAIT_TEXTS.find(([code]) => code === waitsFor)?.[1](waitsOn) ?? `something unknown (${waitsFor})`;
}
