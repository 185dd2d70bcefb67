// Calls that drivers add by mistake (src/contract/MODEL.md "Faults"). Each breaks the rule that the table of the host has for where
// its handle stands, and has no effect.
import {
  AF_WORD,
  CM_PROFILE,
  PROFILE_CLOSE_COMPLETE,
  PROFILE_CLOSE_PENDS,
  PROFILE_IRQL,
  PROFILE_NOTIFY,
  PROFILE_OPEN_COMPLETE,
  SHARD_CALL_RULES,
  STATE_BITS,
  STATE_MASK,
  TOTAL_OTHER_CALLS,
} from "../abi/layout";
import {
  CALL_CL_CLOSE,
  CALL_CL_NOTIFY_COMPLETE,
  HANDLE_CLOSED,
  HANDLE_COMPLETED,
  HANDLE_OPEN_FAILED,
  JUDGED_CLOSE,
  JUDGED_CLOSE_COMPLETION,
  JUDGED_OPEN_COMPLETION,
  NO_RULE,
  OP_CALL,
  OP_CALL_SELF,
  PASSIVE_LEVEL,
  PURPOSE_CLOSE_PENDS,
  RULE_CLOSE_UNDRAINED,
  STATE_RETIRED,
  STATE_VACANT,
  STATUS_FAILURE,
  STATUS_NONE,
  STATUS_SUCCESS,
  TRAP_FAULT,
} from "../abi/codes";
import { trap } from "../core/assert";
import { happens } from "../core/random";
import { isTraced } from "../engine/mode";
import { hasObjects } from "../objects/table";
import { wasPended } from "../objects/teardown";
import { recordOf } from "../table/handle-table";
import { failsAtFirst } from "./close-failed";
import { openFails } from "./contexts";
import { addTotal } from "./counts";
import { violate } from "./rules";
import { leftOf, workOf } from "./teardown";
import { callManagerContext, clientContext, traceOnce } from "./trace";

/** Where the handle of a generation stands: the state of its AF, or what became of it. */
function standingOf(machine: usize, slot: u32, generation: u32, callManager: usize): u32 {
  const word = load<u32>(recordOf(machine, slot), AF_WORD);
  const state = word & STATE_MASK;
  if (word >>> STATE_BITS == generation && state != STATE_VACANT && state != STATE_RETIRED) return state;
  if (openFails(machine, callManager, slot, generation)) return HANDLE_OPEN_FAILED;
  if (hasObjects(machine)) return wasPended(machine, slot) ? HANDLE_COMPLETED : HANDLE_CLOSED;
  const threshold = load<u64>(load<u32>(callManager, CM_PROFILE), PROFILE_CLOSE_PENDS);
  if (happens(machine, PURPOSE_CLOSE_PENDS, slot, generation, threshold)) return HANDLE_COMPLETED;
  if (workOf(machine, slot, generation) == 0) return HANDLE_CLOSED;
  return failsAtFirst(machine, callManager, slot, generation) ? HANDLE_CLOSED : HANDLE_COMPLETED;
}

/** The rule that a judged call breaks. One that breaks none is not a mistake. */
function ruleOf(machine: usize, slot: u32, generation: u32, callManager: usize, judged: u32): u32 {
  const standing = standingOf(machine, slot, generation, callManager);
  const rule = load<u8>(((judged << 4) | standing) as usize, SHARD_CALL_RULES) as u32;
  if (rule == NO_RULE) trap(TRAP_FAULT, slot);
  return rule;
}

/** Makes a call that breaks `rule`. */
function misuse<M>(
  machine: usize,
  now: u32,
  slot: u32,
  generation: u32,
  callManager: usize,
  op: u32,
  call: u32,
  who: u32,
  rule: u32,
): void {
  const word = (generation << STATE_BITS) | (load<u32>(recordOf(machine, slot), AF_WORD) & STATE_MASK);
  // A close passes no status and fails with one; everything else passes success and returns nothing.
  const isClose = call == CALL_CL_CLOSE;
  addTotal(TOTAL_OTHER_CALLS, 1);
  violate(machine, callManager, now, slot, word, rule, isClose ? STATUS_FAILURE : STATUS_SUCCESS);
  if (!isTraced<M>()) return;
  const status = isClose ? STATUS_NONE : STATUS_SUCCESS;
  traceOnce(machine, now, slot, word, op, call, 0, who, status, isClose ? STATUS_FAILURE : STATUS_NONE);
}

/** A completion by the call manager, of its own kind. */
@inline
function completeWrongly<M>(
  machine: usize,
  now: u32,
  slot: u32,
  generation: u32,
  callManager: usize,
  completion: usize,
  judged: u32,
): void {
  const profile = load<u32>(callManager, CM_PROFILE) as usize;
  const who = callManagerContext<M>(machine, slot, load<u32>(profile, PROFILE_IRQL));
  const rule = ruleOf(machine, slot, generation, callManager, judged);
  if (rule == RULE_CLOSE_UNDRAINED && leftOf(machine, slot) == 0) trap(TRAP_FAULT, slot);
  misuse<M>(machine, now, slot, generation, callManager, OP_CALL, load<u32>(profile + completion), who, rule);
}

/** The call manager completes a close that it may not complete. */
export function extraCloseCompletion<M>(
  machine: usize,
  now: u32,
  slot: u32,
  generation: u32,
  callManager: usize,
): void {
  const judged = JUDGED_CLOSE_COMPLETION;
  completeWrongly<M>(machine, now, slot, generation, callManager, PROFILE_CLOSE_COMPLETE, judged);
}

/** The call manager completes an open that is not pended any more. */
export function extraOpenCompletion<M>(
  machine: usize,
  now: u32,
  slot: u32,
  generation: u32,
  callManager: usize,
): void {
  const judged = JUDGED_OPEN_COMPLETION;
  completeWrongly<M>(machine, now, slot, generation, callManager, PROFILE_OPEN_COMPLETE, judged);
}

/** The client closes an AF that it may not close. */
export function extraClose<M>(machine: usize, now: u32, slot: u32, generation: u32, callManager: usize): void {
  const who = clientContext<M>(machine, slot, PASSIVE_LEVEL);
  const rule = ruleOf(machine, slot, generation, callManager, JUDGED_CLOSE);
  misuse<M>(machine, now, slot, generation, callManager, OP_CALL, CALL_CL_CLOSE, who, rule);
}

/** The client calls its own completion handler, which NDIS is going to call: that breaks `rule`. */
export function extraSelfCall<M>(
  machine: usize,
  now: u32,
  slot: u32,
  generation: u32,
  callManager: usize,
  call: u32,
  rule: u32,
): void {
  const who = clientContext<M>(machine, slot, PASSIVE_LEVEL);
  misuse<M>(machine, now, slot, generation, callManager, OP_CALL_SELF, call, who, rule);
}

/**
 * The call manager notifies of a close in the frame `parent`, with a handle whose close has ended or is being completed: NDIS fails that.
 * It may be legal (NO_RULE).
 */
export function extraNotification<M>(
  machine: usize,
  now: u32,
  slot: u32,
  generation: u32,
  callManager: usize,
  parent: u32,
  rule: u32,
): void {
  const word = (generation << STATE_BITS) | (load<u32>(recordOf(machine, slot), AF_WORD) & STATE_MASK);
  const call = load<u32>(load<u32>(callManager, CM_PROFILE), PROFILE_NOTIFY);
  addTotal(TOTAL_OTHER_CALLS, 1);
  if (rule != NO_RULE) violate(machine, callManager, now, slot, word, rule, STATUS_SUCCESS);
  if (!isTraced<M>()) return;
  const who = callManagerContext<M>(machine, slot, PASSIVE_LEVEL);
  traceOnce(machine, now, slot, word, OP_CALL, call, parent, who, STATUS_NONE, STATUS_FAILURE);
}

/** The client completes a notification that it may not complete, or not yet: that breaks `rule`. */
export function extraNotifyCompletion<M>(
  machine: usize,
  now: u32,
  slot: u32,
  generation: u32,
  callManager: usize,
  rule: u32,
): void {
  const who = clientContext<M>(machine, slot, PASSIVE_LEVEL);
  misuse<M>(machine, now, slot, generation, callManager, OP_CALL, CALL_CL_NOTIFY_COMPLETE, who, rule);
}
