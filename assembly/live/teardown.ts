// Teardowns of the VCs and SAPs on an AF: asked for by the lane that closes, completed by the call manager's, or by any where lanes share one
// ring. Who lets the last hold on the work go goes on with the close (src/contract/MODEL.md "Events").
import {
  CM_PROFILE,
  MACHINE_NOW,
  PROFILE_CALL_CLOSED,
  PROFILE_IRQL,
  PROFILE_SAP_DEREGISTERED,
  PROFILE_TEARDOWN_SAMPLER,
  STATE_MASK,
  TOTAL_OTHER_CALLS,
} from "../abi/layout";
import {
  DISPATCH_SPSC,
  EVENT_SECOND_DONE,
  ITEM_AGAIN,
  ITEM_CALLS,
  ITEM_SAPS,
  ITEM_SERVE,
  LANE_CONDUCTS,
  LANE_DISPATCH,
  LANE_INDEX,
} from "../abi/lane-layout";
import {
  CALL_CL_CLOSE,
  CALL_CL_CLOSE_CALL,
  CALL_CL_CLOSE_CALL_COMPLETE,
  CALL_CL_DEREGISTER_SAP,
  CALL_CL_DEREGISTER_SAP_COMPLETE,
  CALL_CM_CLOSE_CALL,
  CALL_CM_DEREGISTER_SAP,
  EVENT_CALL_CLOSED,
  EVENT_CLOSE_DONE,
  EVENT_SAP_DEREGISTERED,
  FAULT_CALLBACK_WAIT,
  FAULT_DOUBLE_COMPLETE,
  FAULT_RETRY_CLOSE,
  JUDGED_CLOSE,
  OP_CALL,
  OP_WAIT,
  OP_WAKE,
  PASSIVE_LEVEL,
  PURPOSE_SAP_TEARDOWN,
  PURPOSE_VC_TEARDOWN,
  RULE_CLOSE_BLOCKED_IN_CALLBACK,
  RULE_IRQL_CALLER,
  STATE_CLOSE_PENDED,
  STATE_REFUSED,
  STATE_STRANDED,
  STATUS_FAILURE,
  STATUS_NONE,
  STATUS_PENDING,
  STATUS_SUCCESS,
} from "../abi/codes";
import { draw } from "../core/random";
import { sampleTicks } from "../core/sampler";
import { strikes } from "../ndis/faults";
import { isTooHigh } from "../ndis/rules";
import { NUMBER_SHIFT } from "../ndis/teardown";
import { adapterOf, callManagerOf, clientOf, placeOf } from "../table/handle-table";
import { STATE_HELD } from "./claims";
import { beginService, takePlace } from "./completions";
import { count, generationOf, inState, itemOf, judge, laneOfAdapter, laneOfClient, violate, wordOf } from "./lane";
import { insert } from "./lane-queue";
import { traceAct, traceCall, traceReturn } from "./records";
import { send } from "./rings";
import { countDown, letWorkGo, sapsOf, sequenceAt, vcsOf } from "./work";

/** The client tears down everything that is on the AF, in the frame `parent`; calls first, but by mistake. */
export function tearDown<M>(lane: usize, slot: u32, word: u32, parent: u32, sapsFirst: bool): void {
  const generation = generationOf(word);
  const vcs = vcsOf(lane, slot, generation);
  const saps = sapsOf(lane, slot, generation);
  if (sapsFirst) ask<M>(lane, slot, word, parent, saps, ITEM_SAPS, CALL_CL_DEREGISTER_SAP, CALL_CM_DEREGISTER_SAP);
  ask<M>(lane, slot, word, parent, vcs, ITEM_CALLS, CALL_CL_CLOSE_CALL, CALL_CM_CLOSE_CALL);
  if (!sapsFirst) ask<M>(lane, slot, word, parent, saps, ITEM_SAPS, CALL_CL_DEREGISTER_SAP, CALL_CM_DEREGISTER_SAP);
}

/** Asks for teardowns of a kind, which the call manager pends; one item is about all of them. */
function ask<M>(lane: usize, slot: u32, word: u32, parent: u32, teardowns: u32, item: u32, outerCall: u32, innerCall: u32): void {
  if (teardowns == 0) return;
  count(lane, TOTAL_OTHER_CALLS, 2 * teardowns);
  for (let n: u32 = 0; n < teardowns; n++) {
    const outer = traceCall<M>(lane, OP_CALL, outerCall, slot, word, STATUS_NONE, parent, PASSIVE_LEVEL);
    const inner = traceCall<M>(lane, OP_CALL, innerCall, slot, word, STATUS_NONE, outer, PASSIVE_LEVEL);
    traceReturn<M>(lane, innerCall, slot, word, STATUS_PENDING, inner, PASSIVE_LEVEL);
    traceReturn<M>(lane, outerCall, slot, word, STATUS_PENDING, outer, PASSIVE_LEVEL);
  }
  send(lane, laneOfAdapter(lane, adapterOf(placeOf(lane, slot))), itemOf(slot, item, word));
}

/** The call manager has pended teardowns of a kind: each begins its service. */
export function serveTeardowns(lane: usize, slot: u32, word: u32, item: u32): void {
  const generation = generationOf(word);
  const isCalls = item == ITEM_CALLS;
  const teardowns = isCalls ? vcsOf(lane, slot, generation) : sapsOf(lane, slot, generation);
  const purpose = isCalls ? PURPOSE_VC_TEARDOWN : PURPOSE_SAP_TEARDOWN;
  const kind = isCalls ? EVENT_CALL_CLOSED : EVENT_SAP_DEREGISTERED;
  const callManager = callManagerOf(lane, adapterOf(placeOf(lane, slot)));
  const sampler = load<u32>(load<u32>(callManager, CM_PROFILE), PROFILE_TEARDOWN_SAMPLER) as usize;
  for (let n: u32 = 0; n < teardowns; n++) {
    const service = sampleTicks(sampler, draw(lane, purpose, slot, (n << NUMBER_SHIFT) | generation));
    insert(lane, load<u32>(lane, MACHINE_NOW), service, (slot << 4) | kind, word as u64);
  }
}

/** The call manager completes a teardown, in which NDIS tells the client. */
export function finishTeardown<M>(lane: usize, slot: u32, word: u32, kind: u32): void {
  const profile = load<u32>(callManagerOf(lane, adapterOf(placeOf(lane, slot))), CM_PROFILE) as usize;
  const isCall = kind == EVENT_CALL_CLOSED;
  const call = isCall ? load<u32>(profile, PROFILE_CALL_CLOSED) : load<u32>(profile, PROFILE_SAP_DEREGISTERED);
  const told = isCall ? CALL_CL_CLOSE_CALL_COMPLETE : CALL_CL_DEREGISTER_SAP_COMPLETE;
  const irql = load<u32>(profile, PROFILE_IRQL);
  count(lane, TOTAL_OTHER_CALLS, 2);
  if (isTooHigh(call, irql)) violate(lane, slot, word, RULE_IRQL_CALLER);
  const isLast = countDown(lane, slot) == 1;
  const outer = traceCall<M>(lane, OP_CALL, call, slot, word, STATUS_SUCCESS, 0, irql);
  const inner = traceCall<M>(lane, OP_CALL, told, slot, word, STATUS_SUCCESS, outer, irql);
  if (isLast && waitsInCallback(lane, slot, irql)) {
    violate(lane, slot, word, RULE_CLOSE_BLOCKED_IN_CALLBACK);
    traceAct<M>(lane, OP_WAIT, slot, word, inner, irql);
    traceAct<M>(lane, OP_WAKE, slot, word, inner, irql);
  }
  traceReturn<M>(lane, told, slot, word, STATUS_NONE, inner, irql);
  traceReturn<M>(lane, call, slot, word, STATUS_NONE, outer, irql);
  letGo<M>(lane, slot);
}

/** The mistake of waiting for the completion of a close inside the callback of its last teardown; it is given up at once. */
function waitsInCallback(lane: usize, slot: u32, irql: u32): bool {
  const word = wordOf(lane, slot);
  return (
    (word & STATE_MASK) == STATE_CLOSE_PENDED &&
    irql == PASSIVE_LEVEL &&
    strikes(lane, FAULT_CALLBACK_WAIT, slot, generationOf(word))
  );
}

/** The call manager has pended a close because of work: it takes its place in the order, and is served when nothing is left. */
export function serveHeldClose<M>(lane: usize, slot: u32): void {
  // Where any lane may take the close from here on, its place is one in the order of that lane.
  if (load<u32>(lane, LANE_DISPATCH) == DISPATCH_SPSC) store<u32>(sequenceAt(lane, slot), takePlace(lane, slot));
  letGo<M>(lane, slot);
}

/** Lets a hold on the work go; with the last one the close goes on, or is tried again if it has failed. */
export function letGo<M>(lane: usize, slot: u32): void {
  if (!letWorkGo(lane, slot)) return;
  const word = wordOf(lane, slot);
  const state = word & STATE_MASK;
  // A halt that is notifying of an AF may have claimed it just now, one that is to be closed again or one whose close is pended.
  if (state == STATE_CLOSE_PENDED || state == STATE_HELD) return serve(lane, slot, inState(word, STATE_CLOSE_PENDED));
  if (state != STATE_STRANDED) return send(lane, laneOfClient(lane, clientOf(lane, placeOf(lane, slot))), itemOf(slot, ITEM_AGAIN, inState(word, STATE_REFUSED)));
  if (!strikes(lane, FAULT_RETRY_CLOSE, slot, generationOf(word))) return;
  count(lane, TOTAL_OTHER_CALLS, 1);
  judge(lane, slot, word, JUDGED_CLOSE, STATE_STRANDED);
  const frame = traceCall<M>(lane, OP_CALL, CALL_CL_CLOSE, slot, word, STATUS_NONE, 0, PASSIVE_LEVEL);
  traceReturn<M>(lane, CALL_CL_CLOSE, slot, word, STATUS_FAILURE, frame, PASSIVE_LEVEL);
}

/** Nothing is left on an AF whose close is pended. A second completion, by mistake, cannot come before. */
export function serve(lane: usize, slot: u32, word: u32): void {
  const callManagers = laneOfAdapter(lane, adapterOf(placeOf(lane, slot)));
  // The last object may be gone on the client's lane.
  if (load<u32>(lane, LANE_DISPATCH) == DISPATCH_SPSC && callManagers != load<u32>(lane, LANE_INDEX)) return send(lane, callManagers, itemOf(slot, ITEM_SERVE, word));
  const isSpsc = load<u32>(lane, LANE_DISPATCH) == DISPATCH_SPSC;
  beginService(lane, slot, word, EVENT_CLOSE_DONE, isSpsc ? load<u32>(sequenceAt(lane, slot)) : takePlace(lane, slot));
  // Where call managers have a record of conduct, it follows the service (service.ts).
  if (load<u32>(lane, LANE_CONDUCTS) == 0 && strikes(lane, FAULT_DOUBLE_COMPLETE, slot, generationOf(word))) beginService(lane, slot, word, EVENT_SECOND_DONE, takePlace(lane, slot));
}
