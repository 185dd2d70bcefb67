// Mistakes that a scenario makes drivers commit (src/contract/MODEL.md "Faults"), and the judging of the calls that they add.
import {
  AF_WORD,
  CM_PROFILE,
  FAULT_AFS,
  FAULT_BYTES,
  FAULT_KIND,
  FAULT_RATE,
  MACHINE_FAULTS,
  MACHINE_FAULT_COUNT,
  MACHINE_FAULT_KINDS,
  MACHINE_PROCESSOR_COUNT,
  PROFILE_CLOSE_COMPLETE,
  PROFILE_CLOSE_PENDS,
  PROFILE_IRQL,
  PROFILE_OPEN_COMPLETE,
  STATE_BITS,
  STATE_MASK,
  TOTAL_EXTRA_CALLS,
} from "../abi/layout";
import {
  CALL_CL_CLOSE,
  CALL_CM_CLOSE_COMPLETE,
  CALL_MCM_CLOSE_COMPLETE,
  DEVICE_LEVEL,
  FAULT_COMPLETION_IRQL,
  FAULT_COMPLETION_STATUS,
  FAULT_OPEN_COMPLETION_STATUS,
  FAULT_WRONG_FAMILY,
  OP_CALL,
  PASSIVE_LEVEL,
  PURPOSE_CLOSE_PENDS,
  PURPOSE_FAULT,
  RULE_CLOSE_CLIENT_STALE,
  RULE_CLOSE_CM_STALE,
  RULE_CLOSE_DOUBLE_COMPLETE,
  RULE_CLOSE_NOT_PENDED,
  RULE_CLOSE_REDUNDANT,
  RULE_OPEN_NOT_PENDED,
  STATE_COMPLETED_EARLY,
  STATE_OPEN,
  STATE_OPEN_PENDED,
  STATE_REPORTING,
  STATE_RETIRED,
  STATE_VACANT,
  STATUS_FAILURE,
  STATUS_NONE,
  STATUS_PENDING,
  STATUS_SUCCESS,
  TRAP_FAULT,
} from "../abi/codes";
import { trap } from "../core/assert";
import { happens } from "../core/random";
import { isTraced } from "../engine/mode";
import { adapterOf, callManagerOf, placeOf, recordOf } from "../table/handle-table";
import { addTotal } from "./counts";
import { violate } from "./rules";
import { clientProcessor, context, traceCall, traceReturn } from "./trace";

/** Whether a fault of a kind strikes at its opportunity in this generation of a slot. */
export function strikes(machine: usize, kind: u32, slot: u32, generation: u32): bool {
  if (((load<u32>(machine, MACHINE_FAULT_KINDS) >>> kind) & 1) == 0) return false;
  const count = load<u32>(machine, MACHINE_FAULT_COUNT);
  for (let i: u32 = 0; i < count; i++) {
    const fault = (load<u32>(machine, MACHINE_FAULTS) + i * FAULT_BYTES) as usize;
    if (load<u32>(fault, FAULT_KIND) != kind) continue;
    const afs = load<u32>(fault, FAULT_AFS);
    const struck = afs
      ? (((load<u8>(afs + (slot >>> 3)) as u32) >>> (slot & 7)) & 1) != 0
      : happens(machine, PURPOSE_FAULT + i, slot, generation, load<u64>(fault, FAULT_RATE));
    if (struck) return true;
  }
  return false;
}

/** The call by which a pended close of this generation is completed: its kind's own, or by mistake the other one. */
export function closeCompletionOf(machine: usize, callManager: usize, slot: u32, generation: u32): u32 {
  const call = load<u32>(load<u32>(callManager, CM_PROFILE), PROFILE_CLOSE_COMPLETE);
  if (!strikes(machine, FAULT_WRONG_FAMILY, slot, generation)) return call;
  return call == CALL_MCM_CLOSE_COMPLETE ? CALL_CM_CLOSE_COMPLETE : CALL_MCM_CLOSE_COMPLETE;
}

/** The IRQL at which it is called. */
export function closeIrqlOf(machine: usize, callManager: usize, slot: u32, generation: u32): u32 {
  if (strikes(machine, FAULT_COMPLETION_IRQL, slot, generation)) return DEVICE_LEVEL;
  return load<u32>(load<u32>(callManager, CM_PROFILE), PROFILE_IRQL);
}

/** The status that it passes. */
export function closeStatusOf(machine: usize, slot: u32, generation: u32): u32 {
  return strikes(machine, FAULT_COMPLETION_STATUS, slot, generation) ? STATUS_FAILURE : STATUS_SUCCESS;
}

/** The status that the completion of a pended open passes. */
export function openStatusOf(machine: usize, slot: u32, generation: u32): u32 {
  return strikes(machine, FAULT_OPEN_COMPLETION_STATUS, slot, generation) ? STATUS_PENDING : STATUS_SUCCESS;
}

/** Whether the lifecycle of a generation is over. */
@inline
function isOver(word: u32, generation: u32): bool {
  const state = word & STATE_MASK;
  return word >>> STATE_BITS != generation || state == STATE_VACANT || state == STATE_RETIRED;
}

/** Records an extra call, judged as breaking `rule`: it has no effect. */
function refuse<M>(machine: usize, now: u32, slot: u32, generation: u32, call: u32, who: u32, rule: u32): void {
  const callManager = callManagerOf(machine, adapterOf(placeOf(machine, slot)));
  const word = (generation << STATE_BITS) | (load<u32>(recordOf(machine, slot), AF_WORD) & STATE_MASK);
  const isClient = call == CALL_CL_CLOSE;
  addTotal(TOTAL_EXTRA_CALLS, 1);
  violate(machine, callManager, now, slot, word, rule, isClient ? STATUS_FAILURE : STATUS_SUCCESS);
  if (!isTraced<M>()) return;
  const frame = traceCall(machine, now, slot, word, OP_CALL, call, 0, who, isClient ? STATUS_NONE : STATUS_SUCCESS);
  traceReturn(machine, now, slot, word, call, frame, who, isClient ? STATUS_FAILURE : STATUS_NONE);
}

/** Who makes a call manager's extra calls. */
function callManagerContext(machine: usize, slot: u32, callManager: usize): u32 {
  const processor = adapterOf(placeOf(machine, slot)) % load<u32>(machine, MACHINE_PROCESSOR_COUNT);
  return context(processor, load<u32>(load<u32>(callManager, CM_PROFILE), PROFILE_IRQL));
}

/** The call manager completes a close that it may not complete. */
export function extraCloseCompletion<M>(
  machine: usize,
  now: u32,
  slot: u32,
  generation: u32,
  callManager: usize,
): void {
  const profile = load<u32>(callManager, CM_PROFILE) as usize;
  const word = load<u32>(recordOf(machine, slot), AF_WORD);
  const state = word & STATE_MASK;
  let rule = RULE_CLOSE_NOT_PENDED;
  if (isOver(word, generation)) {
    const pended = happens(machine, PURPOSE_CLOSE_PENDS, slot, generation, load<u64>(profile, PROFILE_CLOSE_PENDS));
    rule = pended ? RULE_CLOSE_DOUBLE_COMPLETE : RULE_CLOSE_CM_STALE;
  } else if (state == STATE_COMPLETED_EARLY || state == STATE_REPORTING) {
    rule = RULE_CLOSE_DOUBLE_COMPLETE;
  }
  const who = callManagerContext(machine, slot, callManager);
  refuse<M>(machine, now, slot, generation, load<u32>(profile, PROFILE_CLOSE_COMPLETE), who, rule);
}

/** The call manager completes an open that is not pended any more. */
export function extraOpenCompletion<M>(
  machine: usize,
  now: u32,
  slot: u32,
  generation: u32,
  callManager: usize,
): void {
  const state = load<u32>(recordOf(machine, slot), AF_WORD) & STATE_MASK;
  if (state == STATE_OPEN_PENDED) trap(TRAP_FAULT, slot);
  const call = load<u32>(load<u32>(callManager, CM_PROFILE), PROFILE_OPEN_COMPLETE);
  const who = callManagerContext(machine, slot, callManager);
  refuse<M>(machine, now, slot, generation, call, who, RULE_OPEN_NOT_PENDED);
}

/** The client closes an AF that it has closed already. */
export function extraClose<M>(machine: usize, now: u32, slot: u32, generation: u32): void {
  const word = load<u32>(recordOf(machine, slot), AF_WORD);
  const over = isOver(word, generation);
  if (!over && (word & STATE_MASK) == STATE_OPEN) trap(TRAP_FAULT, slot);
  const who = context(clientProcessor(machine, slot), PASSIVE_LEVEL);
  const rule = over ? RULE_CLOSE_CLIENT_STALE : RULE_CLOSE_REDUNDANT;
  refuse<M>(machine, now, slot, generation, CALL_CL_CLOSE, who, rule);
}
