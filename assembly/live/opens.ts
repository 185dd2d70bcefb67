// Opens: by the client's lane, and where they were pended their completion by the call manager's.
import {
  AF_TICK,
  CM_PROFILE,
  MACHINE_DRAINING,
  MACHINE_NOW,
  PROFILE_IRQL,
  PROFILE_OPEN_COMPLETE,
  PROFILE_OPEN_FAILS,
  PROFILE_OPEN_PENDS,
  PROFILE_OPEN_SAMPLER,
  SHARD_ARRIVAL_SAMPLER,
  SHARD_GENERATION_MAX,
  SHARD_HOLD_SAMPLER,
  SHARD_OPEN_DEADLINE,
  STATE_BITS,
  STATE_MASK,
  TOTAL_OPENED,
  TOTAL_OPEN_COMPLETED,
  TOTAL_OPEN_FAILED,
  TOTAL_OPEN_PENDED,
  TOTAL_OPEN_TOLD,
  TOTAL_OTHER_CALLS,
} from "../abi/layout";
import {
  EVENT_BEGIN,
  EVENT_NOTIFY,
  ITEM_OPEN,
  ITEM_OPEN_TOLD,
  LANE_BINDINGS,
  LANE_OPEN_COUNTS,
  LANE_REOPENS,
  LANE_SHARED,
  LANE_THINK,
  LANE_WALL,
  SHARED_ASKED,
} from "../abi/lane-layout";
import {
  CALL_CL_CLOSE,
  CALL_CL_OPEN,
  CALL_CL_OPEN_COMPLETE,
  CALL_CL_UNBIND,
  CALL_CM_OPEN,
  CALL_CM_CLOSE_COMPLETE,
  CALL_MCM_CLOSE_COMPLETE,
  CONTEXT_NULL,
  DISPATCH_LEVEL,
  EVENT_HOLD,
  EVENT_OPEN_DONE,
  EVENT_THINK,
  FAULT_DOUBLE_OPEN_COMPLETE,
  FAULT_EARLY_CLOSE,
  FAULT_EARLY_COMPLETION,
  FAULT_FAILED_OPEN_CLOSE,
  FAULT_LOST_OPEN_COMPLETION,
  FAULT_NULL_CONTEXT,
  FAULT_OPEN_IRQL,
  FAULT_OPEN_SELF_COMPLETE,
  HANDLE_OPEN_FAILED,
  JUDGED_CLOSE,
  JUDGED_CLOSE_COMPLETION,
  JUDGED_OPEN_COMPLETION,
  NO_RULE,
  OP_BINDING_CALL,
  OP_CALL,
  OP_CALL_SELF,
  OP_RELEASE_CALL_MANAGER,
  OP_RELEASE_CLIENT,
  PASSIVE_LEVEL,
  PURPOSE_HOLD,
  PURPOSE_OPEN_FAILS,
  PURPOSE_OPEN_PENDS,
  PURPOSE_OPEN_SERVICE,
  PURPOSE_THINK,
  RULE_IRQL_CALLER,
  RULE_OPEN_CONTEXT,
  RULE_OPEN_COMPLETES_ONCE,
  RULE_OPEN_FAILED_UNBIND,
  RULE_OPEN_OWED,
  RULE_OPEN_STATUS,
  FAULT_NO_UNBIND,
  STATE_OPEN,
  STATE_OPEN_COMPLETED,
  STATE_OPEN_FAILED,
  STATE_OPEN_PENDED,
  STATE_RETIRED,
  STATE_VACANT,
  STATUS_FAILURE,
  STATUS_NONE,
  STATUS_PENDING,
  STATUS_RESOURCES,
  STATUS_SUCCESS,
  TRAP_TRANSITION,
} from "../abi/codes";
import { trap } from "../core/assert";
import { draw, happens } from "../core/random";
import { sampleTicks } from "../core/sampler";
import { countLatency } from "../measure/latency";
import { contextRuleOf } from "../ndis/contexts";
import { hasFaults, openStatusOf, strikes } from "../ndis/faults";
import { isTooHigh } from "../ndis/rules";
import { hasObjects } from "../objects/table";
import { noteTaken } from "../objects/teardown";
import { adapterOf, callManagerOf, clientOf, placeOf, recordOf } from "../table/handle-table";
import {
  addOpen,
  count,
  generationOf,
  inState,
  isHalted,
  itemOf,
  judge,
  laneOfAdapter,
  laneOfClient,
  since,
  STATE_OPENING,
  swap,
  violate,
  wordOf,
} from "./lane";
import { insert } from "./lane-queue";
import { enter, isBound, leave } from "./bindings";
import { holdHandles, isDeadlocked, letHandlesGo, NOTED_OPENS, noteOpened } from "./habits";
import { freeSlot } from "./free-list";
import { callOnce, traceAct, traceBoth, traceCall, traceReturn } from "./records";
import { send } from "./rings";
import { beginScope, endScope } from "./scopes";

const OPEN_FAULTS: u64 =
  (1 << FAULT_OPEN_IRQL) | (1 << FAULT_OPEN_SELF_COMPLETE) | (1 << FAULT_EARLY_CLOSE) | (1 << FAULT_NULL_CONTEXT) | (1 << FAULT_EARLY_COMPLETION) | NOTED_OPENS;

/** Takes a slot that only this lane knows to be free from a state to another. */
@inline
function become(lane: usize, slot: u32, from: u32, to: u32): void {
  const seen = swap(lane, slot, from, to);
  if (seen != from) trap(TRAP_TRANSITION, seen);
}

/** Somebody else opens it, or nobody may. */
const NOT_CLAIMED: u32 = 0xffffffff;

/**
 * Takes a vacant slot before it is opened; answers its word. Where clients are bound again, what their last life has left in a queue or
 * a ring may ask for the same open.
 */
function claim(lane: usize, slot: u32, vacant: u32): u32 {
  if (!enter(lane, slot)) return NOT_CLAIMED;
  const word = inState(vacant, STATE_OPENING);
  if (swap(lane, slot, vacant, word) == vacant) return word;
  leave(lane, slot);
  return NOT_CLAIMED;
}

/**
 * The client opens a slot that is its own and vacant; answers whether it did, or the slot is used up. `due` is when it was to happen, `from` since
 * when its latency counts.
 */
export function open<M>(lane: usize, slot: u32, vacant: u32, due: u32, from: u32): bool {
  const claimed = load<u32>(lane, LANE_BINDINGS) ? claim(lane, slot, vacant) : vacant;
  if (claimed == NOT_CLAIMED) return false;
  const generation = generationOf(vacant) + 1;
  if (generation > load<u32>(SHARD_GENERATION_MAX)) {
    become(lane, slot, claimed, inState(vacant, STATE_RETIRED));
    leave(lane, slot);
    return true;
  }
  openClaimed<M>(lane, slot, claimed, (generation << STATE_BITS) | STATE_VACANT, due, from);
  return true;
}

/** The same of a slot that has the word `claimed`; `word` is that of its next life, vacant. */
@inline
function openClaimed<M>(lane: usize, slot: u32, claimed: u32, word: u32, due: u32, from: u32): void {
  const generation = generationOf(word);
  const adapter = adapterOf(placeOf(lane, slot));
  const callManager = callManagerOf(lane, adapter);
  const profile = load<u32>(callManager, CM_PROFILE) as usize;
  const anyFault = hasFaults(lane, OPEN_FAULTS);
  const irql = anyFault && strikes(lane, FAULT_OPEN_IRQL, slot, generation) ? DISPATCH_LEVEL : PASSIVE_LEVEL;
  if (isTooHigh(CALL_CL_OPEN, irql)) violate(lane, slot, word, RULE_IRQL_CALLER);
  const pends = happens(lane, PURPOSE_OPEN_PENDS, slot, generation, load<u64>(profile, PROFILE_OPEN_PENDS));
  const fails = happens(lane, PURPOSE_OPEN_FAILS, slot, generation, load<u64>(profile, PROFILE_OPEN_FAILS));
  const outer = traceCall<M>(lane, OP_CALL, CALL_CL_OPEN, slot, word, STATUS_NONE, 0, irql);
  beginScope(lane, slot);
  const inner = traceCall<M>(lane, OP_CALL, CALL_CM_OPEN, slot, word, STATUS_NONE, outer, irql);
  endScope(lane, slot, 1);
  if (pends) {
    store<u32>(recordOf(lane, slot), from, AF_TICK);
    traceReturn<M>(lane, CALL_CM_OPEN, slot, word, STATUS_PENDING, inner, irql);
    traceReturn<M>(lane, CALL_CL_OPEN, slot, word, STATUS_PENDING, outer, irql);
    if (anyFault) noteOpened(lane, slot, adapter);
    become(lane, slot, claimed, word | STATE_OPEN_PENDED);
    count(lane, TOTAL_OPEN_PENDED, 1);
    if (anyFault) makeMistakesWhilePended<M>(lane, slot, word | STATE_OPEN_PENDED);
    return send(lane, laneOfAdapter(lane, adapter), itemOf(slot, ITEM_OPEN, word | STATE_OPEN_PENDED));
  }
  const rule = anyFault || fails ? contextRuleOf(lane, slot, generation, fails) : NO_RULE;
  const isNull = rule == RULE_OPEN_CONTEXT;
  const status = fails ? STATUS_RESOURCES : STATUS_SUCCESS;
  if (rule != NO_RULE) violate(lane, slot, word, rule);
  if (fails && rule == NO_RULE) traceAct<M>(lane, OP_RELEASE_CALL_MANAGER, slot, word, 0, irql);
  traceReturn<M>(lane, CALL_CM_OPEN, slot, word, isNull ? status | CONTEXT_NULL : status, inner, irql);
  beginScope(lane, slot);
  traceReturn<M>(lane, CALL_CL_OPEN, slot, word, status, outer, irql);
  endScope(lane, slot, -1);
  const told = traceCall<M>(lane, OP_CALL_SELF, CALL_CL_OPEN_COMPLETE, slot, word, status, 0, irql);
  if (fails) traceAct<M>(lane, OP_RELEASE_CLIENT, slot, word, 0, irql);
  traceReturn<M>(lane, CALL_CL_OPEN_COMPLETE, slot, word, STATUS_NONE, told, irql);
  if (fails) {
    become(lane, slot, claimed, word);
    count(lane, TOTAL_OPEN_FAILED, 1);
    count(lane, TOTAL_OTHER_CALLS, 2);
    return failed<M>(lane, slot, word, due);
  }
  if (anyFault) noteOpened(lane, slot, adapter);
  noteTaken(lane, slot);
  become(lane, slot, claimed, word | STATE_OPEN);
  count(lane, TOTAL_OPENED, 1);
  // Late is an arrival that waited for its lane, also where the call manager answers at once.
  if (load<u32>(lane, LANE_WALL) != 0 && load<u32>(SHARD_ARRIVAL_SAMPLER) != 0) countLatency(load<u32>(lane, LANE_OPEN_COUNTS), since(lane, from));
  opened<M>(lane, slot, word | STATE_OPEN, due, adapter);
}

/** The AF is open and its client knows. Of a halt or an unbind, either this lane sees that, or its walk sees the open AF. */
@inline
function opened<M>(lane: usize, slot: u32, word: u32, due: u32, adapter: u32): void {
  addOpen(lane, 1);
  if (hasFaults(lane, OPEN_FAULTS) && strikes(lane, FAULT_EARLY_COMPLETION, slot, generationOf(word))) completeUnasked<M>(lane, slot, word);
  if (load<u32>(lane, LANE_BINDINGS)) {
    // What closes it may hand it over, for which there is no room here.
    if (isHalted(lane, adapter)) return insert(lane, due, 0, (slot << 4) | EVENT_NOTIFY, word as u64);
    if (!isBound(lane, slot)) return insert(lane, due, 0, (slot << 4) | EVENT_HOLD, word as u64);
  }
  const hold = sampleTicks(load<u32>(SHARD_HOLD_SAMPLER), draw(lane, PURPOSE_HOLD, slot, generationOf(word)));
  if (hasObjects(lane)) insert(lane, due, 0, (slot << 4) | EVENT_BEGIN, word as u64);
  insert(lane, due, hold, (slot << 4) | EVENT_HOLD, word as u64);
}

/** early-completion: of an AF that is open and that nobody else knows of yet. */
function completeUnasked<M>(lane: usize, slot: u32, word: u32): void {
  const profile = load<u32>(callManagerOf(lane, adapterOf(placeOf(lane, slot))), CM_PROFILE) as usize;
  const form = load<u32>(profile, PROFILE_OPEN_COMPLETE) == 2 ? CALL_MCM_CLOSE_COMPLETE : CALL_CM_CLOSE_COMPLETE;
  count(lane, TOTAL_OTHER_CALLS, 1);
  judge(lane, slot, word, JUDGED_CLOSE_COMPLETION, STATE_OPEN);
  traceBoth<M>(lane, OP_CALL, form, slot, word, STATUS_SUCCESS, 0, load<u32>(profile, PROFILE_IRQL));
}

function makeMistakesWhilePended<M>(lane: usize, slot: u32, word: u32): void {
  const generation = generationOf(word);
  if (strikes(lane, FAULT_OPEN_SELF_COMPLETE, slot, generation)) {
    count(lane, TOTAL_OTHER_CALLS, 1);
    violate(lane, slot, word, RULE_OPEN_COMPLETES_ONCE);
    traceBoth<M>(lane, OP_CALL_SELF, CALL_CL_OPEN_COMPLETE, slot, word, STATUS_SUCCESS, 0, PASSIVE_LEVEL);
  }
  if (strikes(lane, FAULT_EARLY_CLOSE, slot, generation)) {
    count(lane, TOTAL_OTHER_CALLS, 1);
    judge(lane, slot, word, JUDGED_CLOSE, wordOf(lane, slot) & STATE_MASK);
    const frame = traceCall<M>(lane, OP_CALL, CALL_CL_CLOSE, slot, word, STATUS_NONE, 0, PASSIVE_LEVEL);
    traceReturn<M>(lane, CALL_CL_CLOSE, slot, word, STATUS_FAILURE, frame, PASSIVE_LEVEL);
  }
}

/** The call manager has pended an open: it begins its service. */
export function serveOpen(lane: usize, slot: u32, word: u32): void {
  const profile = load<u32>(callManagerOf(lane, adapterOf(placeOf(lane, slot))), CM_PROFILE) as usize;
  const service = sampleTicks(load<u32>(profile, PROFILE_OPEN_SAMPLER), draw(lane, PURPOSE_OPEN_SERVICE, slot, generationOf(word)));
  insert(lane, load<u32>(lane, MACHINE_NOW), service, (slot << 4) | EVENT_OPEN_DONE, word as u64);
}

/** The call manager completes a pended open. NDIS tells the client from a thread of the client's, at PASSIVE_LEVEL. */
export function completeOpen<M>(lane: usize, slot: u32, word: u32): void {
  const generation = generationOf(word);
  if (strikes(lane, FAULT_LOST_OPEN_COMPLETION, slot, generation)) return;
  const place = placeOf(lane, slot);
  if (isDeadlocked(lane, adapterOf(place))) return;
  const profile = load<u32>(callManagerOf(lane, adapterOf(place)), CM_PROFILE) as usize;
  const fails = happens(lane, PURPOSE_OPEN_FAILS, slot, generation, load<u64>(profile, PROFILE_OPEN_FAILS));
  const result = fails ? STATUS_RESOURCES : STATUS_SUCCESS;
  const status = openStatusOf(lane, slot, generation, result);
  const rule = contextRuleOf(lane, slot, generation, fails);
  const isNull = rule == RULE_OPEN_CONTEXT;
  const call = load<u32>(profile, PROFILE_OPEN_COMPLETE);
  const irql = load<u32>(profile, PROFILE_IRQL);
  if (since(lane, load<u32>(recordOf(lane, slot), AF_TICK)) > load<u32>(SHARD_OPEN_DEADLINE)) violate(lane, slot, word, RULE_OPEN_OWED);
  if (isTooHigh(call, irql)) violate(lane, slot, word, RULE_IRQL_CALLER);
  else if (status != result) violate(lane, slot, word, RULE_OPEN_STATUS);
  else if (rule != NO_RULE) violate(lane, slot, word, rule);
  if (fails && rule == NO_RULE) traceAct<M>(lane, OP_RELEASE_CALL_MANAGER, slot, word, 0, irql);
  const frame = traceCall<M>(lane, OP_CALL, call, slot, word, isNull ? status | CONTEXT_NULL : status, 0, irql);
  count(lane, TOTAL_OPEN_COMPLETED, 1);
  const next = inState(word, fails ? STATE_OPEN_FAILED : STATE_OPEN_COMPLETED);
  become(lane, slot, word, next);
  traceReturn<M>(lane, call, slot, word, STATUS_NONE, frame, irql);
  if (strikes(lane, FAULT_DOUBLE_OPEN_COMPLETE, slot, generation)) {
    count(lane, TOTAL_OTHER_CALLS, 1);
    judge(lane, slot, word, JUDGED_OPEN_COMPLETION, wordOf(lane, slot) & STATE_MASK);
    traceBoth<M>(lane, OP_CALL, call, slot, word, result, 0, irql);
  }
  send(lane, laneOfClient(lane, clientOf(lane, place)), itemOf(slot, ITEM_OPEN_TOLD, next));
}

/** NDIS tells the client of the completion of its open. */
export function tellOpened<M>(lane: usize, slot: u32, word: u32): void {
  const fails = (word & STATE_MASK) == STATE_OPEN_FAILED;
  const now = load<u32>(lane, MACHINE_NOW);
  const adapter = adapterOf(placeOf(lane, slot));
  const held = holdHandles<M>(lane, adapter);
  beginScope(lane, slot);
  const told = traceCall<M>(lane, OP_CALL, CALL_CL_OPEN_COMPLETE, slot, word, fails ? STATUS_RESOURCES : STATUS_SUCCESS, 0, PASSIVE_LEVEL);
  endScope(lane, slot, -1);
  if (fails) traceAct<M>(lane, OP_RELEASE_CLIENT, slot, word, 0, PASSIVE_LEVEL);
  traceReturn<M>(lane, CALL_CL_OPEN_COMPLETE, slot, word, STATUS_NONE, told, PASSIVE_LEVEL);
  const from = load<u32>(recordOf(lane, slot), AF_TICK);
  const next = inState(word, fails ? STATE_VACANT : STATE_OPEN);
  noteTaken(lane, slot);
  become(lane, slot, word, next);
  letHandlesGo(held);
  if (fails) {
    count(lane, TOTAL_OPEN_FAILED, 1);
    return failed<M>(lane, slot, next, now);
  }
  count(lane, TOTAL_OPEN_TOLD, 1);
  countLatency(load<u32>(lane, LANE_OPEN_COUNTS), since(lane, from));
  opened<M>(lane, slot, next, now, adapter);
}

/** An open has failed and its client knows; one call of NdisUnbindAdapter answers for all failed opens of a binding. */
@inline
function failed<M>(lane: usize, slot: u32, word: u32, due: u32): void {
  answerFailure<M>(lane, slot, word, due);
  leave(lane, slot);
}

function answerFailure<M>(lane: usize, slot: u32, word: u32, due: u32): void {
  const client = clientOf(lane, placeOf(lane, slot));
  const asked = (load<u32>(load<u32>(lane, LANE_SHARED), SHARED_ASKED) + client) as usize;
  if (atomic.xchg<u8>(asked, 1) == 0) {
    if (strikes(lane, FAULT_NO_UNBIND, slot, generationOf(word))) violate(lane, slot, word, RULE_OPEN_FAILED_UNBIND);
    else callOnce<M>(lane, OP_BINDING_CALL, client, CALL_CL_UNBIND, STATUS_SUCCESS);
  }
  if (strikes(lane, FAULT_FAILED_OPEN_CLOSE, slot, generationOf(word))) closeUnopened<M>(lane, slot, word);
  if (load<u32>(SHARD_ARRIVAL_SAMPLER)) return freeSlot(lane, slot);
  if (!load<u32>(lane, LANE_REOPENS) || load<u32>(lane, MACHINE_DRAINING)) return;
  const sampler = load<u32>(lane, LANE_THINK) as usize;
  const think = sampler ? sampleTicks(sampler, draw(lane, PURPOSE_THINK, slot, generationOf(word))) : 0;
  insert(lane, due, max<u64>(think, 1), (slot << 4) | EVENT_THINK, word as u64);
}

/** The client closes an AF whose open has failed, by mistake. */
function closeUnopened<M>(lane: usize, slot: u32, word: u32): void {
  count(lane, TOTAL_OTHER_CALLS, 1);
  judge(lane, slot, word, JUDGED_CLOSE, HANDLE_OPEN_FAILED);
  const frame = traceCall<M>(lane, OP_CALL, CALL_CL_CLOSE, slot, word, STATUS_NONE, 0, PASSIVE_LEVEL);
  traceReturn<M>(lane, CALL_CL_CLOSE, slot, word, STATUS_FAILURE, frame, PASSIVE_LEVEL);
}
