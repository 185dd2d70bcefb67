// What a halt does with AFs that have objects: the call manager's lane owns the AF while it notifies, and the client takes down and closes
// inside of that as far as it gets.
import { CM_PROFILE, MACHINE_NOTES, MACHINE_NOW, PROFILE_NOTIFY_CLOSING, SHARD_NOTIFY_PENDS, STATE_MASK } from "../abi/layout";
import { EVENT_NOTIFY, LANE_WALK_GONE } from "../abi/lane-layout";
import {
  CALL_CL_NOTIFIED,
  FAULT_FORGOTTEN_NOTIFY,
  FAULT_WALK_REPEATS,
  FAULT_WALK_SKIPS,
  NOTE_FORGOTTEN,
  OP_CALL,
  PASSIVE_LEVEL,
  PURPOSE_NOTIFY_PENDS,
  RULE_NOTIFY_REQUIRED,
  STATE_CLOSE_PENDED,
  STATE_OPEN,
  STATE_REFUSED,
  STATE_STRANDED,
  STATE_VACANT,
  STATUS_NONE,
  STATUS_PENDING,
} from "../abi/codes";
import { happens } from "../core/random";
import { strikes } from "../ndis/faults";
import { isTearing } from "../objects/table";
import { adapterOf, callManagerOf, placeOf } from "../table/handle-table";
import { isBound } from "./bindings";
import { generationOf, inState, swap, violate, wordOf } from "./lane";
import { insert } from "./lane-queue";
import { noteOwes, notifyAgain, notifyClosing, returnBoth } from "./notifications";
import { beginNotifying, closeOwned, endNotifying } from "./object-closes";
import { own, release } from "./owners";
import { traceCall } from "./records";
import { answer, begin, callOf, deliver } from "./worked-notifications";

/** What a halt does with a slot, in its walk (`walking`, in the frame `parent`) or later. */
export function haltObjects<M>(lane: usize, slot: u32, seen: u32, parent: u32, walking: bool): void {
  if (!own(lane, slot)) return insert(lane, load<u32>(lane, MACHINE_NOW), 0, (slot << 4) | EVENT_NOTIFY, seen as u64);
  const word = wordOf(lane, slot);
  const state = word & STATE_MASK;
  const isTorn = isTearing(lane, slot);
  if (state == STATE_OPEN && !isTorn) notifyOpen<M>(lane, slot, word, parent, walking);
  else if (state == STATE_OPEN || state == STATE_REFUSED) deliver<M>(lane, slot, word, parent);
  else if (walking && state == STATE_CLOSE_PENDED && notifiesClosing(lane, slot)) notifyClosing<M>(lane, slot, word, parent);
  release<M>(lane, slot);
}

@inline
function notifiesClosing(lane: usize, slot: u32): bool {
  return load<u32>(load<u32>(callManagerOf(lane, adapterOf(placeOf(lane, slot))), CM_PROFILE), PROFILE_NOTIFY_CLOSING) != 0;
}

function notifyOpen<M>(lane: usize, slot: u32, word: u32, parent: u32, walking: bool): void {
  const generation = generationOf(word);
  const skips = walking && load<u32>(lane, LANE_WALK_GONE) != 0 && strikes(lane, FAULT_WALK_SKIPS, slot, generation);
  if (skips) store<u32>(lane, 0, LANE_WALK_GONE);
  if (skips || strikes(lane, FAULT_FORGOTTEN_NOTIFY, slot, generation)) return passOver<M>(lane, slot, word);
  const irql = begin(lane, slot, word);
  const call = callOf(lane, slot);
  const pends = happens(lane, PURPOSE_NOTIFY_PENDS, slot, generation, load<u64>(SHARD_NOTIFY_PENDS));
  const outer = traceCall<M>(lane, OP_CALL, call, slot, word, STATUS_NONE, parent, irql);
  const inner = traceCall<M>(lane, OP_CALL, CALL_CL_NOTIFIED, slot, word, STATUS_NONE, outer, irql);
  if (pends) {
    noteOwes(lane, slot);
    returnBoth<M>(lane, call, slot, word, STATUS_PENDING, outer, inner, irql);
  }
  beginNotifying(lane);
  closeOwned<M>(lane, slot, word, pends ? 0 : inner, pends ? PASSIVE_LEVEL : irql, true);
  const state = wordOf(lane, slot) & STATE_MASK;
  answer<M>(lane, slot, word, state, pends, outer, inner, irql);
  if (walking && state == STATE_VACANT && strikes(lane, FAULT_WALK_REPEATS, slot, generation)) notifyAgain<M>(lane, slot, word, call, parent);
  if (walking) store<u32>(lane, state == STATE_VACANT ? 1 : 0, LANE_WALK_GONE);
  endNotifying<M>(lane, slot, word);
}

/** The mistake of not notifying of an open AF: its client closes it when it is unbound, now or later. */
function passOver<M>(lane: usize, slot: u32, word: u32): void {
  violate(lane, slot, word, RULE_NOTIFY_REQUIRED);
  if (!isBound(lane, slot)) return closeOwned<M>(lane, slot, word, 0, PASSIVE_LEVEL, false);
  store<u8>(load<u32>(lane, MACHINE_NOTES) + slot, NOTE_FORGOTTEN as u8);
  swap(lane, slot, word, inState(word, STATE_STRANDED));
}
