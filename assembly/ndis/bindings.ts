// Bindings of clients to adapters, where a scenario unbinds any: a client that is unbound closes what it has open, and its binding
// ends when its last AF has ended (src/contract/MODEL.md "Phases" and "Events").
import {
  AF_LINK,
  AF_WORD,
  BINDING_BYTES,
  BINDING_LIVE,
  BINDING_NOTES,
  BINDING_STATE,
  CM_HALTED,
  MACHINE_BINDINGS,
  MACHINE_CLIENTS_PER_ADAPTER,
  MACHINE_DRAINING,
  MACHINE_FREE_HEAD,
  MACHINE_FREE_TAIL,
  MACHINE_NOW,
  MACHINE_OPENING,
  SHARD_ARRIVAL_SAMPLER,
  STATE_BITS,
  STATE_MASK,
} from "../abi/layout";
import {
  BINDING_BOUND,
  BINDING_UNBINDING,
  BINDING_UNBOUND,
  CALL_CLOSE_ADAPTER,
  CALL_CLOSE_ADAPTER_COMPLETE,
  CALL_COMPLETE_UNBIND,
  CALL_UNBIND_ADAPTER,
  EVENT_UNBIND_DONE,
  FAULT_CLOSE_ADAPTER_IRQL,
  FAULT_EARLY_CLOSE_ADAPTER,
  FAULT_FORGOTTEN_AF,
  NOTE_ASKED,
  NOTE_BIND,
  NOTE_CLOSED_EARLY,
  NOTE_FORGOTTEN,
  OP_BINDING_CALL,
  RULE_CLOSE_ADAPTER,
  RULE_CLOSE_UNBIND,
  RULE_OPEN_USE_BEFORE_COMPLETE,
  STATE_CLOSE_PENDED,
  STATE_OPEN,
  STATE_OPEN_COMPLETED,
  STATE_OPEN_FAILED,
  STATE_OPEN_PENDED,
  STATE_REFUSED,
  STATE_REPORTING,
  STATE_VACANT,
  STATUS_FAILURE,
  STATUS_NONE,
  STATUS_PENDING,
  STATUS_SUCCESS,
  TRANSITION_FORGOTTEN,
  TRANSITION_REMEMBERED,
} from "../abi/codes";
import { flush, scheduleAfter } from "../engine/agenda";
import { isOpenTearing } from "../objects/teardown";
import { callManagerOf, clientOf, firstSlotOfClient, placeOf, recordOf, transit } from "../table/handle-table";
import { bindingIrqlOf, callOnce } from "./driver-calls";
import { strikes } from "./faults";
import { setClientNotes, clearSlotNotes } from "./notes";
import { closeUnnotified, isForgotten } from "./notify";
import { openSlot } from "./open";
import { callBind, callRegisterNotify } from "./registration";
import { freeSlot } from "./reopen";
import { violate } from "./rules";

/** A bit for every state in which an open or a close is under way. */
const UNDER_WAY: u32 =
  (1 << STATE_OPEN_PENDED) |
  (1 << STATE_OPEN_COMPLETED) |
  (1 << STATE_CLOSE_PENDED) |
  (1 << STATE_REPORTING) |
  (1 << STATE_OPEN_FAILED) |
  (1 << STATE_REFUSED);
const NO_SLOT: u32 = 0xffffffff;

/** Whether the end of an unbind, or of a halt, waits for the AF of a slot, which has this word. */
@inline
export function isUnderWay(machine: usize, slot: u32, word: u32): bool {
  return ((UNDER_WAY >>> (word & STATE_MASK)) & 1) != 0 || isOpenTearing(machine, slot, word);
}

/** Address of the binding of a client, by its number within the machine. */
@inline
function bindingAt(machine: usize, client: u32): usize {
  return (load<u32>(machine, MACHINE_BINDINGS) + client * BINDING_BYTES) as usize;
}

/** Whether the binding of a slot's client is bound, as all are where none is ever unbound. */
@inline
export function isBound(machine: usize, slot: u32): bool {
  if (load<u32>(machine, MACHINE_BINDINGS) == 0) return true;
  const binding = bindingAt(machine, clientOf(machine, placeOf(machine, slot)));
  return load<u32>(binding, BINDING_STATE) == BINDING_BOUND;
}

/** Address of how many AFs of a slot's binding have an open that is pended or of which the client is not told yet. */
@inline
function openingAt(machine: usize, slot: u32): usize {
  return (load<u32>(machine, MACHINE_OPENING) + (clientOf(machine, placeOf(machine, slot)) << 2)) as usize;
}

/** Counts an open of a slot's binding that begins to be pended (1) or ends (-1), where a close may not overlap with one. */
@inline
export function countOpening(machine: usize, slot: u32, change: i32): void {
  if (load<u32>(machine, MACHINE_OPENING) == 0) return;
  store<u32>(openingAt(machine, slot), load<u32>(openingAt(machine, slot)) + change);
}

/** Judges the close of an open AF by the reading in which no AF of its binding may be opening. */
export function judgeScope(machine: usize, now: u32, slot: u32, word: u32, callManager: usize): void {
  if (load<u32>(openingAt(machine, slot)) == 0) return;
  violate(machine, callManager, now, slot, word, RULE_OPEN_USE_BEFORE_COMPLETE, STATUS_FAILURE);
}

/** A slot has ended whose client is being unbound. While the unbind itself closes AFs it has not counted them yet. */
export function leave<M>(machine: usize, now: u32, slot: u32): void {
  const client = clientOf(machine, placeOf(machine, slot));
  const binding = bindingAt(machine, client);
  const live = load<u32>(binding, BINDING_LIVE);
  if (live == 0) return;
  store<u32>(binding, live - 1, BINDING_LIVE);
  if (live == 1) scheduleAfter<M>(machine, now, client, EVENT_UNBIND_DONE, 0);
}

/** A call of a client's binding, which returns at once. */
function callBinding<M>(machine: usize, now: u32, client: u32, call: u32, status: u32): void {
  callOnce<M>(machine, now, OP_BINDING_CALL, client, call, 0, status);
}

/** A client of an adapter is unbound now. One that is not bound only loses the note that it is to be bound again. */
export function unbind<M>(machine: usize, adapter: u32, clientOfAdapter: u32): void {
  const now = load<u32>(machine, MACHINE_NOW);
  const client = adapter * load<u32>(machine, MACHINE_CLIENTS_PER_ADAPTER) + clientOfAdapter;
  const binding = bindingAt(machine, client);
  if (load<u32>(binding, BINDING_STATE) != BINDING_BOUND) {
    store<u32>(binding, load<u32>(binding, BINDING_NOTES) & ~NOTE_BIND, BINDING_NOTES);
    return;
  }
  store<u32>(binding, BINDING_UNBINDING, BINDING_STATE);
  callBinding<M>(machine, now, client, CALL_UNBIND_ADAPTER, STATUS_PENDING);
  const first = firstSlotOfClient(machine, client);
  const end = firstSlotOfClient(machine, client + 1);
  const callManager = callManagerOf(machine, adapter);
  for (let slot = first; slot < end; slot++) closeUnbound<M>(machine, now, slot, callManager);
  let live: u32 = 0;
  let lowest = NO_SLOT;
  for (let slot = first; slot < end; slot++) {
    if (!isUnderWay(machine, slot, load<u32>(recordOf(machine, slot), AF_WORD))) continue;
    live++;
    if (lowest == NO_SLOT) lowest = slot;
  }
  store<u32>(binding, live, BINDING_LIVE);
  if (live == 0) scheduleAfter<M>(machine, now, client, EVENT_UNBIND_DONE, 0);
  else closeEarly<M>(machine, now, client, lowest, callManager);
  flush<M>(machine, now);
}

/** What an unbind does with a slot that is open, be it that a halt forgot it: its client closes it, or by mistake forgets it too. */
function closeUnbound<M>(machine: usize, now: u32, slot: u32, callManager: usize): void {
  const record = recordOf(machine, slot);
  if (isForgotten(machine, slot)) {
    transit(callManager, record, now, slot, load<u32>(record, AF_WORD), TRANSITION_REMEMBERED);
  }
  const word = load<u32>(record, AF_WORD);
  if ((word & STATE_MASK) != STATE_OPEN || isOpenTearing(machine, slot, word)) return;
  if (!strikes(machine, FAULT_FORGOTTEN_AF, slot, word >>> STATE_BITS)) {
    closeUnnotified<M>(machine, now, slot, callManager);
    return;
  }
  clearSlotNotes(machine, slot, NOTE_FORGOTTEN);
  violate(machine, callManager, now, slot, word, RULE_CLOSE_UNBIND, STATUS_SUCCESS);
  transit(callManager, record, now, slot, word, TRANSITION_FORGOTTEN);
}

/** The mistake of closing the binding while some of its AFs have not ended, of which `lowest` is the first. */
function closeEarly<M>(machine: usize, now: u32, client: u32, lowest: u32, callManager: usize): void {
  const word = load<u32>(recordOf(machine, lowest), AF_WORD);
  if (!strikes(machine, FAULT_EARLY_CLOSE_ADAPTER, lowest, word >>> STATE_BITS)) return;
  const binding = bindingAt(machine, client);
  violate(machine, callManager, now, lowest, word, RULE_CLOSE_ADAPTER, STATUS_SUCCESS);
  callBinding<M>(machine, now, client, CALL_CLOSE_ADAPTER, STATUS_PENDING);
  store<u32>(binding, load<u32>(binding, BINDING_NOTES) | NOTE_CLOSED_EARLY, BINDING_NOTES);
}

/** The last AF of a client that is being unbound has ended. */
export function finishUnbind<M>(machine: usize, now: u32, client: u32): void {
  const binding = bindingAt(machine, client);
  const notes = load<u32>(binding, BINDING_NOTES);
  if (notes & NOTE_CLOSED_EARLY) callBinding<M>(machine, now, client, CALL_CLOSE_ADAPTER_COMPLETE, STATUS_NONE);
  else closeBinding<M>(machine, now, client);
  callBinding<M>(machine, now, client, CALL_COMPLETE_UNBIND, STATUS_NONE);
  store<u32>(binding, BINDING_UNBOUND, BINDING_STATE);
  store<u32>(binding, 0, BINDING_NOTES);
  if (notes & NOTE_BIND) bindClient<M>(machine, now, client);
}

/** The client closes the binding, in time. */
function closeBinding<M>(machine: usize, now: u32, client: u32): void {
  const first = firstSlotOfClient(machine, client);
  const end = firstSlotOfClient(machine, client + 1);
  const callManager = callManagerOf(machine, client / load<u32>(machine, MACHINE_CLIENTS_PER_ADAPTER));
  const irql = bindingIrqlOf(machine, now, callManager, first, end, FAULT_CLOSE_ADAPTER_IRQL);
  callOnce<M>(machine, now, OP_BINDING_CALL, client, CALL_CLOSE_ADAPTER, 0, STATUS_SUCCESS, irql);
}

/** A client of an adapter is bound now. */
export function bind<M>(machine: usize, adapter: u32, clientOfAdapter: u32): void {
  const now = load<u32>(machine, MACHINE_NOW);
  bindClient<M>(machine, now, adapter * load<u32>(machine, MACHINE_CLIENTS_PER_ADAPTER) + clientOfAdapter);
  flush<M>(machine, now);
}

function bindClient<M>(machine: usize, now: u32, client: u32): void {
  const adapter = client / load<u32>(machine, MACHINE_CLIENTS_PER_ADAPTER);
  if (load<u32>(machine, MACHINE_BINDINGS) == 0 || load<u32>(callManagerOf(machine, adapter), CM_HALTED)) return;
  const binding = bindingAt(machine, client);
  const state = load<u32>(binding, BINDING_STATE);
  if (state == BINDING_UNBINDING) {
    store<u32>(binding, load<u32>(binding, BINDING_NOTES) | NOTE_BIND, BINDING_NOTES);
  }
  if (state != BINDING_UNBOUND) return;
  store<u32>(binding, BINDING_BOUND, BINDING_STATE);
  setClientNotes(machine, client, NOTE_ASKED, 0);
  callBind<M>(machine, now, client);
  callRegisterNotify<M>(machine, now, client);
  const arrivals = load<u32>(SHARD_ARRIVAL_SAMPLER) != 0;
  if (!arrivals && load<u32>(machine, MACHINE_DRAINING)) return;
  const end = firstSlotOfClient(machine, client + 1);
  for (let slot = firstSlotOfClient(machine, client); slot < end; slot++) {
    const record = recordOf(machine, slot);
    if ((load<u32>(record, AF_WORD) & STATE_MASK) != STATE_VACANT) continue;
    if (arrivals) freeSlot(machine, slot, record);
    else openSlot<M>(machine, now, slot);
  }
}

/**
 * Takes the slots of clients that are not bound off the free list; the others keep their order. Once for all that are unbound at a
 * tick: nothing takes a slot in between.
 */
export function leaveFreeList(machine: usize): void {
  let number = load<u32>(machine, MACHINE_FREE_HEAD);
  store<u32>(machine, 0, MACHINE_FREE_HEAD);
  store<u32>(machine, 0, MACHINE_FREE_TAIL);
  while (number) {
    const slot = number - 1;
    const record = recordOf(machine, slot);
    number = load<u32>(record, AF_LINK);
    if (isBound(machine, slot)) freeSlot(machine, slot, record);
  }
}
