// What becomes of SAPs, VCs and parties in time: the service of an operation on the lane of who serves it, the wait for a call, or for its end, on
// the lane of who makes or ends it (src/contract/MODEL-OBJECTS.md "Life").
import { MACHINE_NOW } from "../abi/layout";
import { OPERATION_PROFILE, SERVE_SAMPLERS, SHARED_GAP, SHARED_LASTS, SHARED_REMOTE } from "../abi/object-layout";
import { EVENT_BEGIN, EVENT_OBJECT, ITEM_OBJECT } from "../abi/lane-layout";
import { PURPOSE_CALL_LASTS, PURPOSE_GAP, PURPOSE_OPERATION_SERVICE, PURPOSE_REMOTE } from "../abi/codes";
import { EVENT_LINE, EVENT_SAP_DONE, KIND_VC, OPERATION_ANSWER } from "../abi/object-codes";
import { draw, happens } from "../core/random";
import { sampleTicks } from "../core/sampler";
import { NUMBER_SHIFT, rowOf, servesOf } from "../objects/operation";
import { generationOf, isOutgoing, isTearing, sharedOf, slotOf } from "../objects/table";
import { beginSlot, objectEvent } from "../objects/teardown";
import { adapterOf, clientOf, placeOf } from "../table/handle-table";
import { itemOf, laneOfAdapter, laneOfClient, wordOf } from "./lane";
import { insert } from "./lane-queue";
import { own, presentOf, release } from "./owners";
import { send } from "./rings";

/** What is over: the service of an operation on a SAP, a VC or a party, by its kind, or what a VC has waited for. */
const OVER_GAP: u32 = 3;
const OVER_LASTS: u32 = 4;
/** Where the number of an operation stands above it. */
const OPERATION_SHIFT: u32 = 8;

/** An operation was pended: who serves it begins. */
export function handOverDone(lane: usize, slot: u32, operation: u32, kind: u32, index: u32): void {
  const place = placeOf(lane, slot);
  const to = operation == OPERATION_ANSWER ? laneOfClient(lane, clientOf(lane, place)) : laneOfAdapter(lane, adapterOf(place));
  send(lane, to, itemOf(index, ITEM_OBJECT, kind | (operation << OPERATION_SHIFT)));
}

/** A VC waits for its next call, or for the end of the present one: on the lane of the client, or of the call manager, which has the network's calls. */
export function handOverLine(lane: usize, slot: u32, vc: u32, purpose: u32): void {
  const place = placeOf(lane, slot);
  const isLast = purpose == PURPOSE_CALL_LASTS;
  const ofClient = isLast
    ? !happens(lane, PURPOSE_REMOTE, vc, generationOf(lane, KIND_VC, vc), load<u64>(sharedOf(lane), SHARED_REMOTE))
    : isOutgoing(lane, vc);
  const to = ofClient ? laneOfClient(lane, clientOf(lane, place)) : laneOfAdapter(lane, adapterOf(place));
  send(lane, to, itemOf(vc, ITEM_OBJECT, isLast ? OVER_LASTS : OVER_GAP));
}

@inline
function kindOf(over: u32): u32 {
  return over < OVER_GAP ? over : KIND_VC;
}

/** What was handed over takes its time. */
export function serveObject(lane: usize, index: u32, what: u32): void {
  const over = what & ((1 << OPERATION_SHIFT) - 1);
  const kind = kindOf(over);
  const generation = generationOf(lane, kind, index);
  let ticks: u64;
  if (over < OVER_GAP) {
    const operation = what >>> OPERATION_SHIFT;
    const part = load<u8>(rowOf(lane, operation), OPERATION_PROFILE) as u32;
    const sampler = load<u32>(servesOf(lane, slotOf(lane, kind, index)) + (part << 2), SERVE_SAMPLERS) as usize;
    ticks = sampleTicks(sampler, draw(lane, PURPOSE_OPERATION_SERVICE, index, (operation << NUMBER_SHIFT) | generation));
  } else {
    const isLast = over == OVER_LASTS;
    const sampler = load<u32>(sharedOf(lane) + (isLast ? SHARED_LASTS : SHARED_GAP)) as usize;
    ticks = max<u64>(1, sampleTicks(sampler, draw(lane, isLast ? PURPOSE_CALL_LASTS : PURPOSE_GAP, index, generation)));
  }
  insert(lane, load<u32>(lane, MACHINE_NOW), ticks, (index << 4) | EVENT_OBJECT, over as u64);
}

/** That is over. */
export function finishObject<M>(lane: usize, index: u32, over: u32): void {
  const slot = slotOf(lane, kindOf(over), index);
  if (!own(lane, slot)) return insert(lane, load<u32>(lane, MACHINE_NOW), 0, (index << 4) | EVENT_OBJECT, over as u64);
  objectEvent<M>(lane, presentOf(lane, slot), index, over < OVER_GAP ? EVENT_SAP_DONE + over : EVENT_LINE);
  release<M>(lane, slot);
}

/** An AF was opened with this word: its client registers SAPs, and VCs wait for their first calls. Unless it is to be closed already. */
export function beginObjects<M>(lane: usize, slot: u32, word: u32): void {
  if (!own(lane, slot)) return insert(lane, load<u32>(lane, MACHINE_NOW), 0, (slot << 4) | EVENT_BEGIN, word as u64);
  if (wordOf(lane, slot) == word && !isTearing(lane, slot)) beginSlot<M>(lane, presentOf(lane, slot), slot);
  release<M>(lane, slot);
}
