// Completion dispatch: a call manager's finished work becomes completion calls on its processor, in DPCs or work items
// (src/contract/MODEL.md "Events").
import {
  AF_LINK,
  AF_WORD,
  CM_NEXT,
  CM_PROFILE,
  CM_QUEUED,
  CM_READY_HEAD,
  CM_READY_TAIL,
  CM_TAKEN,
  MACHINE_COMPLETION_COST,
  MACHINE_DPC_BUDGET,
  MACHINE_PROCESSORS,
  MACHINE_PROCESSOR_COUNT,
  PROCESSOR_BUSY,
  PROCESSOR_BYTES,
  PROCESSOR_CALL_MANAGER,
  PROCESSOR_DPC_HEAD,
  PROCESSOR_FRAME,
  PROCESSOR_WORK_HEAD,
  PROFILE_IRQL,
  STATE_BITS,
  STATE_MASK,
} from "../abi/layout";
import {
  DISPATCH_LEVEL,
  EVENT_OPEN_TOLD,
  EVENT_PROCESSOR_DONE,
  STATE_OPEN_COMPLETED,
  STATE_OPEN_FAILED,
  STATE_OPEN_PENDED,
  STATUS_NONE,
  TRAP_LIST,
} from "../abi/codes";
import { trap } from "../core/assert";
import { isTraced } from "../engine/mode";
import { scheduleAfter } from "../engine/agenda";
import { adapterAt, callManagerOf, recordOf } from "../table/handle-table";
import { completeClose, tellClose } from "./close-completion";
import { closeIrqlOf, isDeadlocked } from "./habits";
import { completeOpen, completeOpenAgain, openCompletionOf, tellOpenNested } from "./open";
import { callManagerContext, irqlOf, traceReturn } from "./trace";

/** Who calls the completion of a slot's open or close: the call manager's processor, at its profile's IRQL. */
@inline
function completer<M>(machine: usize, slot: u32, callManager: usize, isOpen: bool): u32 {
  const irql = isOpen
    ? load<u32>(load<u32>(callManager, CM_PROFILE), PROFILE_IRQL)
    : closeIrqlOf(machine, callManager, slot, load<u32>(recordOf(machine, slot), AF_WORD) >>> STATE_BITS);
  return callManagerContext<M>(machine, slot, irql);
}

/** A call manager has finished its work on a pended open or close: its completion is due. */
export function dispatch<M>(machine: usize, now: u32, slot: u32, callManager: usize): void {
  if (isDeadlocked(machine, callManager)) return;
  if (load<u32>(machine, MACHINE_COMPLETION_COST) == 0) {
    const record = recordOf(machine, slot);
    const isOpen = (load<u32>(record, AF_WORD) & STATE_MASK) == STATE_OPEN_PENDED;
    const who = completer<M>(machine, slot, callManager, isOpen);
    if (isOpen) {
      const frame = completeOpen<M>(machine, now, slot, callManager, who);
      finishOpen<M>(machine, now, slot, callManager, who, frame);
    } else {
      const frame = completeClose<M>(machine, now, slot, record, callManager, who, true);
      tellClose<M>(machine, now, slot, record, callManager, who, frame, true);
    }
    return;
  }
  const tail = load<u32>(callManager, CM_READY_TAIL);
  store<u32>(recordOf(machine, slot), 0, AF_LINK);
  if (tail) store<u32>(recordOf(machine, tail - 1), slot + 1, AF_LINK);
  else store<u32>(callManager, slot + 1, CM_READY_HEAD);
  store<u32>(callManager, slot + 1, CM_READY_TAIL);
  if (load<u32>(callManager, CM_QUEUED)) return;
  const processor = processorOf(machine, callManager);
  enqueue(machine, processor, callManager);
  if (load<u32>(processor, PROCESSOR_BUSY) == 0) startItem<M>(machine, now, processor);
}

@inline
function processorOf(machine: usize, callManager: usize): usize {
  const index = adapterAt(machine, callManager) % load<u32>(machine, MACHINE_PROCESSOR_COUNT);
  return (load<u32>(machine, MACHINE_PROCESSORS) + index * PROCESSOR_BYTES) as usize;
}

/** Address of the queue (head, then tail) of a processor in which a call manager's completions stand. */
@inline
function queueOf(processor: usize, callManager: usize): usize {
  const irql = load<u32>(load<u32>(callManager, CM_PROFILE), PROFILE_IRQL);
  return processor + (irql == DISPATCH_LEVEL ? PROCESSOR_DPC_HEAD : PROCESSOR_WORK_HEAD);
}

function enqueue(machine: usize, processor: usize, callManager: usize): void {
  const queue = queueOf(processor, callManager);
  const number = adapterAt(machine, callManager) + 1;
  const tail = load<u32>(queue, 4);
  store<u32>(callManager, 1, CM_QUEUED);
  store<u32>(callManager, 0, CM_NEXT);
  store<u32>(callManager, 0, CM_TAKEN);
  if (tail) store<u32>(callManagerOf(machine, tail - 1), number, CM_NEXT);
  else store<u32>(queue, number);
  store<u32>(queue, number, 4);
}

/** An idle processor takes its next item, if there is one: the completion is called now and done after its cost. */
function startItem<M>(machine: usize, now: u32, processor: usize): void {
  const dpc = load<u32>(processor, PROCESSOR_DPC_HEAD);
  const queue = processor + (dpc ? PROCESSOR_DPC_HEAD : PROCESSOR_WORK_HEAD);
  const number = load<u32>(queue);
  if (number == 0) return;
  const callManager = callManagerOf(machine, number - 1);
  const ready = load<u32>(callManager, CM_READY_HEAD);
  if (ready == 0) trap(TRAP_LIST, number);
  const slot = ready - 1;
  const record = recordOf(machine, slot);
  const next = load<u32>(record, AF_LINK);
  store<u32>(callManager, next, CM_READY_HEAD);
  if (next == 0) store<u32>(callManager, 0, CM_READY_TAIL);
  const taken = load<u32>(callManager, CM_TAKEN) + 1;
  store<u32>(callManager, taken, CM_TAKEN);
  if (next == 0 || taken == load<u32>(machine, MACHINE_DPC_BUDGET)) {
    const following = load<u32>(callManager, CM_NEXT);
    store<u32>(queue, following);
    if (following == 0) store<u32>(queue, 0, 4);
    store<u32>(callManager, 0, CM_QUEUED);
    if (next) enqueue(machine, processor, callManager);
  }
  const isOpen = (load<u32>(record, AF_WORD) & STATE_MASK) == STATE_OPEN_PENDED;
  const who = completer<M>(machine, slot, callManager, isOpen);
  const frame = isOpen
    ? completeOpen<M>(machine, now, slot, callManager, who)
    : completeClose<M>(machine, now, slot, record, callManager, who, false);
  store<u32>(processor, slot + 1, PROCESSOR_BUSY);
  store<u32>(processor, callManager as u32, PROCESSOR_CALL_MANAGER);
  store<u32>(processor, frame, PROCESSOR_FRAME);
  const index = ((processor as u32) - load<u32>(machine, MACHINE_PROCESSORS)) / PROCESSOR_BYTES;
  scheduleAfter<M>(machine, now, index, EVENT_PROCESSOR_DONE, load<u32>(machine, MACHINE_COMPLETION_COST));
}

/** A processor has spent the cost of its item: the client is told, and the next item begins. */
export function finishItem<M>(machine: usize, now: u32, index: u32): void {
  const processor = (load<u32>(machine, MACHINE_PROCESSORS) + index * PROCESSOR_BYTES) as usize;
  const slot = load<u32>(processor, PROCESSOR_BUSY) - 1;
  const callManager = load<u32>(processor, PROCESSOR_CALL_MANAGER) as usize;
  const frame = load<u32>(processor, PROCESSOR_FRAME);
  const record = recordOf(machine, slot);
  const state = load<u32>(record, AF_WORD) & STATE_MASK;
  const isOpen = state == STATE_OPEN_COMPLETED || state == STATE_OPEN_FAILED;
  const who = completer<M>(machine, slot, callManager, isOpen);
  if (isOpen) {
    finishOpen<M>(machine, now, slot, callManager, who, frame);
  } else {
    tellClose<M>(machine, now, slot, record, callManager, who, frame, false);
  }
  store<u32>(processor, 0, PROCESSOR_BUSY);
  startItem<M>(machine, now, processor);
}

/** The completion call of an open ends: the client is told inside it, or by a thread of NDIS when that ran too high. */
function finishOpen<M>(machine: usize, now: u32, slot: u32, callManager: usize, who: u32, frame: u32): void {
  if (irqlOf(who) != DISPATCH_LEVEL) {
    tellOpenNested<M>(machine, now, slot, callManager, who, frame);
    return;
  }
  const word = load<u32>(recordOf(machine, slot), AF_WORD);
  if (isTraced<M>()) traceReturn(machine, now, slot, word, openCompletionOf(callManager), frame, who, STATUS_NONE);
  completeOpenAgain<M>(machine, now, slot, word >>> STATE_BITS, callManager);
  scheduleAfter<M>(machine, now, slot, EVENT_OPEN_TOLD, 0);
}
