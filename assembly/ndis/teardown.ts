// The VCs and SAPs of an AF, which its client tears down before it closes the AF. They are counts; stored is only, for a slot whose
// close is pended, how many teardowns the call manager has yet to complete. Objects are torn down apart (objects/teardown.ts).
import {
  AF_WORD,
  CM_HALTED,
  CM_PROFILE,
  COUNT_MAX,
  COUNT_THRESHOLDS,
  MACHINE_LEFT,
  PROFILE_IRQL,
  PROFILE_TEARDOWN_SAMPLER,
  SHARD_SAPS,
  SHARD_VCS,
  STATE_BITS,
  STATE_MASK,
  TOTAL_OTHER_CALLS,
} from "../abi/layout";
import {
  CALL_CL_CLOSE_CALL,
  CALL_CL_DEREGISTER_SAP,
  CALL_CM_CLOSE_CALL,
  CALL_CM_DEREGISTER_SAP,
  EVENT_CALL_CLOSED,
  EVENT_SAP_DEREGISTERED,
  FAULT_CALLBACK_WAIT,
  FAULT_OUTSTANDING_CLOSE,
  FAULT_RETRY_CLOSE,
  FAULT_SAPS_FIRST,
  PASSIVE_LEVEL,
  PURPOSE_SAPS,
  PURPOSE_SAP_TEARDOWN,
  PURPOSE_VCS,
  PURPOSE_VC_TEARDOWN,
  RULE_CLOSE_BLOCKED_IN_CALLBACK,
  RULE_IRQL_CALLER,
  RULE_NOTIFY_ORDER,
  STATE_CLOSE_PENDED,
  STATE_REFUSED,
  STATUS_NONE,
  STATUS_PENDING,
  STATUS_SUCCESS,
} from "../abi/codes";
import { draw } from "../core/random";
import { startService } from "../drivers/serve";
import { scheduleDrawn } from "../engine/agenda";
import { isTraced } from "../engine/mode";
import { hasObjects } from "../objects/table";
import { tearAfterwards } from "../objects/teardown";
import { adapterOf, callManagerOf, placeOf, recordOf } from "../table/handle-table";
import { closeAgain } from "./close-failed";
import { addTotal } from "./counts";
import { extraClose } from "./extra-calls";
import { strikes } from "./faults";
import { isForgotten } from "./notify";
import { request } from "./request";
import { checkIrql, violate } from "./rules";
import { callManagerContext, irqlOf, traceNested, traceReturns, traceWaiting } from "./trace";

/** Where the number of a teardown stands in its draw, above the generation (src/contract/MODEL.md "Draws"). */
export const NUMBER_SHIFT: u32 = 27;

/** The count of a table (src/contract/MODEL.md "Samples") for this generation of a slot. */
export function countOf(machine: usize, table: usize, purpose: u32, slot: u32, generation: u32): u32 {
  const most = load<u32>(table, COUNT_MAX);
  if (most == 0) return 0;
  const u = (draw(machine, purpose, slot, generation) >>> 32) as u32;
  let count: u32 = 0;
  while (count < most && load<u32>(table + (count << 2), COUNT_THRESHOLDS) <= u) count++;
  return count;
}

/** VCs and SAPs of the AF, together. */
export function workOf(machine: usize, slot: u32, generation: u32): u32 {
  return (
    countOf(machine, SHARD_VCS, PURPOSE_VCS, slot, generation) +
    countOf(machine, SHARD_SAPS, PURPOSE_SAPS, slot, generation)
  );
}

/** Address of a slot's count of teardowns that are not completed. Only in scenarios with work. */
@inline
function leftAt(machine: usize, slot: u32): usize {
  return (load<u32>(machine, MACHINE_LEFT) + slot) as usize;
}

/** Teardowns of a slot that are not completed. */
export function leftOf(machine: usize, slot: u32): u32 {
  return load<u32>(machine, MACHINE_LEFT) ? load<u8>(leftAt(machine, slot)) : 0;
}

/** The client tears down everything that is on the AF, in the frame `parent`. Of objects that is only what follows a close that has failed or was forwarded. */
export function tearDown<M>(
  machine: usize,
  now: u32,
  slot: u32,
  word: u32,
  callManager: usize,
  who: u32,
  parent: u32,
): void {
  if (hasObjects(machine)) {
    tearAfterwards<M>(machine, now, slot, who, parent);
    return;
  }
  const generation = word >>> STATE_BITS;
  const vcs = countOf(machine, SHARD_VCS, PURPOSE_VCS, slot, generation);
  const saps = countOf(machine, SHARD_SAPS, PURPOSE_SAPS, slot, generation);
  store<u8>(leftAt(machine, slot), (vcs + saps) as u8);
  addTotal(TOTAL_OTHER_CALLS, 2 * (vcs + saps));
  // On a halted adapter an AF is closed because of a notification, unless that was forgotten.
  const sapsFirst =
    vcs != 0 &&
    saps != 0 &&
    load<u32>(callManager, CM_HALTED) &&
    !isForgotten(machine, slot) &&
    strikes(machine, FAULT_SAPS_FIRST, slot, generation) &&
    !strikes(machine, FAULT_OUTSTANDING_CLOSE, slot, generation);
  if (sapsFirst) {
    violate(machine, callManager, now, slot, word, RULE_NOTIFY_ORDER, STATUS_SUCCESS);
    deregisterSaps<M>(machine, now, slot, word, callManager, who, parent, saps);
  }
  closeCalls<M>(machine, now, slot, word, callManager, who, parent, vcs);
  if (!sapsFirst) deregisterSaps<M>(machine, now, slot, word, callManager, who, parent, saps);
}

function closeCalls<M>(
  machine: usize,
  now: u32,
  slot: u32,
  word: u32,
  callManager: usize,
  who: u32,
  parent: u32,
  vcs: u32,
): void {
  for (let n: u32 = 0; n < vcs; n++) {
    ask<M>(machine, callManager, now, slot, word, CALL_CL_CLOSE_CALL, CALL_CM_CLOSE_CALL, who, parent);
    schedule<M>(machine, now, slot, word, callManager, n, EVENT_CALL_CLOSED, PURPOSE_VC_TEARDOWN);
  }
}

function deregisterSaps<M>(
  machine: usize,
  now: u32,
  slot: u32,
  word: u32,
  callManager: usize,
  who: u32,
  parent: u32,
  saps: u32,
): void {
  for (let n: u32 = 0; n < saps; n++) {
    ask<M>(machine, callManager, now, slot, word, CALL_CL_DEREGISTER_SAP, CALL_CM_DEREGISTER_SAP, who, parent);
    schedule<M>(machine, now, slot, word, callManager, n, EVENT_SAP_DEREGISTERED, PURPOSE_SAP_TEARDOWN);
  }
}

function ask<M>(
  machine: usize,
  callManager: usize,
  now: u32,
  slot: u32,
  word: u32,
  outer: u32,
  inner: u32,
  who: u32,
  parent: u32,
): void {
  const frame = request<M>(machine, callManager, now, slot, word, outer, inner, parent, who);
  if (isTraced<M>()) traceReturns(machine, now, slot, word, outer, inner, frame, who, STATUS_PENDING, STATUS_PENDING);
}

/** Schedules the completion of teardown number n. */
@inline
function schedule<M>(
  machine: usize,
  now: u32,
  slot: u32,
  word: u32,
  callManager: usize,
  n: u32,
  kind: u32,
  purpose: u32,
): void {
  const sampler = load<u32>(load<u32>(callManager, CM_PROFILE), PROFILE_TEARDOWN_SAMPLER);
  scheduleDrawn<M>(machine, now, slot, kind, (n << NUMBER_SHIFT) | (word >>> STATE_BITS), sampler, purpose);
}

/**
 * The call manager completes a teardown by the call in the field `completion` of its profile, in which NDIS tells the client by
 * `told`. After the last one the close itself goes on.
 */
export function finishTeardown<M>(machine: usize, now: u32, slot: u32, completion: usize, told: u32): void {
  const callManager = callManagerOf(machine, adapterOf(placeOf(machine, slot)));
  const profile = load<u32>(callManager, CM_PROFILE) as usize;
  const word = load<u32>(recordOf(machine, slot), AF_WORD);
  const call = load<u32>(profile + completion);
  const who = callManagerContext<M>(machine, slot, load<u32>(profile, PROFILE_IRQL));
  addTotal(TOTAL_OTHER_CALLS, 2);
  checkIrql(machine, callManager, now, slot, word, RULE_IRQL_CALLER, call, irqlOf(who));
  const waits = load<u8>(leftAt(machine, slot)) == 1 && waitsInCallback(machine, slot, word, who);
  let frame: u32 = 0;
  if (isTraced<M>()) frame = traceNested(machine, now, slot, word, call, told, 0, who, STATUS_SUCCESS);
  if (waits) {
    violate(machine, callManager, now, slot, word, RULE_CLOSE_BLOCKED_IN_CALLBACK, STATUS_SUCCESS);
    if (isTraced<M>()) traceWaiting(machine, now, slot, word, who, frame + 1);
  }
  if (isTraced<M>()) traceReturns(machine, now, slot, word, call, told, frame, who, STATUS_NONE, STATUS_NONE);
  const left = load<u8>(leftAt(machine, slot)) - 1;
  store<u8>(leftAt(machine, slot), left);
  if (left == 0) finishWork<M>(machine, now, slot, word, callManager);
}

/** The mistake of waiting for the completion of a close inside the callback of its last teardown; it is given up at once. */
@inline
function waitsInCallback(machine: usize, slot: u32, word: u32, who: u32): bool {
  return (
    (word & STATE_MASK) == STATE_CLOSE_PENDED &&
    irqlOf(who) == PASSIVE_LEVEL &&
    strikes(machine, FAULT_CALLBACK_WAIT, slot, word >>> STATE_BITS)
  );
}

/** Nothing is left on the AF: its close is served, or tried again if it had failed. */
export function finishWork<M>(machine: usize, now: u32, slot: u32, word: u32, callManager: usize): void {
  const generation = word >>> STATE_BITS;
  const state = word & STATE_MASK;
  if (state == STATE_CLOSE_PENDED) {
    startService<M>(machine, now, slot, generation, callManager);
  } else if (state == STATE_REFUSED) {
    closeAgain<M>(machine, now, slot, callManager);
  } else if (strikes(machine, FAULT_RETRY_CLOSE, slot, generation)) {
    extraClose<M>(machine, now, slot, generation, callManager);
  }
}
