// Unbinds and binds, on the lane of the client: it walks the client's slots and closes what is open there, while other lanes open, close and
// complete the same AFs; the unbinding ends when the last of them has ended (src/contract/MODEL.md "Phases" and "Events").
import {
  BINDING_NOTES,
  BINDING_STATE,
  MACHINE_CLIENTS_PER_ADAPTER,
  MACHINE_DRAINING,
  MACHINE_NOTES,
  MACHINE_NOW,
  SHARD_ARRIVAL_SAMPLER,
  STATE_MASK,
} from "../abi/layout";
import { BINDING_BINDS, LANE_SHARED, SHARED_ASKED } from "../abi/lane-layout";
import {
  BINDING_BOUND,
  BINDING_UNBINDING,
  BINDING_UNBOUND,
  CALL_BIND_ADAPTER,
  CALL_CLOSE_ADAPTER,
  CALL_CLOSE_ADAPTER_COMPLETE,
  CALL_COMPLETE_UNBIND,
  CALL_OPEN_ADAPTER,
  CALL_REGISTER_NOTIFY,
  CALL_UNBIND_ADAPTER,
  EVENT_HOLD,
  EVENT_THINK,
  FAULT_CLOSE_ADAPTER_IRQL,
  FAULT_EARLY_CLOSE_ADAPTER,
  FAULT_FORGOTTEN_AF,
  NOTE_BIND,
  NOTE_CLOSED_EARLY,
  NOTE_FORGOTTEN,
  OP_BINDING_CALL,
  PASSIVE_LEVEL,
  RULE_CLOSE_UNBIND,
  STATE_CLOSE_PENDED,
  STATE_OPEN,
  STATE_STRANDED,
  STATE_VACANT,
  STATUS_NONE,
  STATUS_PENDING,
  STATUS_SUCCESS,
} from "../abi/codes";
import { hasFaults, strikes } from "../ndis/faults";
import { hasObjects, isTearing } from "../objects/table";
import { adapterOf, firstSlotOfClient, placeOf } from "../table/handle-table";
import { bindingAt, hold, holdAdapter, isOver, leave, letGo, numberOfCallManager } from "./bindings";
import { close, requestClose } from "./closes";
import { bindingIrqlOf, endWalk, handOverInWalk } from "./early-closes";
import { bindSlot } from "./free-list";
import { generationOf, inState, isHalted, swap, violate, wordOf } from "./lane";
import { insert } from "./lane-queue";
import { beginCall, callOnce, endCall } from "./records";
import { closeOwned } from "./object-closes";
import { own, release } from "./owners";
import { workOf } from "./worked-closes";

/** The client is unbound; answers whether its slots are to be walked. One that is not bound only loses the note that it is to be bound again. */
export function beginUnbind<M>(lane: usize, client: u32): bool {
  const binding = bindingAt(lane, client);
  if (load<u32>(binding, BINDING_STATE) != BINDING_BOUND) {
    store<u32>(binding, load<u32>(binding, BINDING_NOTES) & ~NOTE_BIND, BINDING_NOTES);
    return false;
  }
  // Until the walk is over.
  hold(lane, client);
  callOnce<M>(lane, OP_BINDING_CALL, client, CALL_UNBIND_ADAPTER, STATUS_PENDING);
  atomic.store<u32>(binding, BINDING_UNBINDING, BINDING_STATE);
  return true;
}

/** What an unbind does with a slot: its client closes an AF that is open, be it that a halt forgot it. */
export function unbindSlot<M>(lane: usize, slot: u32): void {
  const word = wordOf(lane, slot);
  const state = word & STATE_MASK;
  const wasForgotten = state == STATE_STRANDED && remember(lane, slot, word);
  if (state != STATE_OPEN && !wasForgotten) return;
  const open = inState(word, STATE_OPEN);
  if (hasObjects(lane)) return unbindObjects<M>(lane, slot, open, wasForgotten);
  if (strikes(lane, FAULT_FORGOTTEN_AF, slot, generationOf(word))) return forget(lane, slot, open, wasForgotten);
  if (!hasFaults(lane, (1 as u64) << FAULT_EARLY_CLOSE_ADAPTER) || workOf(lane, slot, open) != 0) return close<M>(lane, slot, open);
  // As in a notification, the close is handed over by who asked for it.
  const pended = inState(word, STATE_CLOSE_PENDED);
  if (requestClose<M>(lane, slot, open, 0, true, false) && wordOf(lane, slot) == pended) handOverInWalk(lane, slot, pended, FAULT_EARLY_CLOSE_ADAPTER);
}

/** The same of an AF with objects, if nobody else makes calls about them just now: then it is closed as soon as nobody does. */
function unbindObjects<M>(lane: usize, slot: u32, word: u32, wasForgotten: bool): void {
  if (!own(lane, slot)) return insert(lane, load<u32>(lane, MACHINE_NOW), 0, (slot << 4) | EVENT_HOLD, word as u64);
  if (wordOf(lane, slot) == word && !isTearing(lane, slot)) {
    if (strikes(lane, FAULT_FORGOTTEN_AF, slot, generationOf(word))) forget(lane, slot, word, wasForgotten);
    else closeOwned<M>(lane, slot, word, 0, PASSIVE_LEVEL, false);
  }
  release<M>(lane, slot);
}

/** The mistake of not closing an AF that is open. */
function forget(lane: usize, slot: u32, word: u32, wasForgotten: bool): void {
  if (swap(lane, slot, word, inState(word, STATE_STRANDED)) != word) return;
  violate(lane, slot, word, RULE_CLOSE_UNBIND);
  // The call manager that forgot it as well waits for it to the end.
  if (wasForgotten) holdAdapter(lane, adapterOf(placeOf(lane, slot)));
  leave(lane, slot);
}

/** Takes an AF that a halt forgot back to where it was; answers whether it is one. */
function remember(lane: usize, slot: u32, word: u32): bool {
  const notes = load<u32>(lane, MACHINE_NOTES);
  if (notes == 0 || (load<u8>(notes + slot) & NOTE_FORGOTTEN) == 0) return false;
  store<u8>(notes + slot, 0);
  return swap(lane, slot, word, inState(word, STATE_OPEN)) == word;
}

/** The walk is over. */
export function endUnbind<M>(lane: usize, client: u32): void {
  endWalk<M>(lane, bindingAt(lane, client), OP_BINDING_CALL, client, 0, FAULT_EARLY_CLOSE_ADAPTER);
  letGo(lane, client);
}

/** The last AF of a client that is being unbound has ended. */
export function finishUnbind<M>(lane: usize, client: u32): void {
  const binding = bindingAt(lane, client);
  if (!isOver(binding)) return;
  const notes = load<u32>(binding, BINDING_NOTES);
  if (notes & NOTE_CLOSED_EARLY) callOnce<M>(lane, OP_BINDING_CALL, client, CALL_CLOSE_ADAPTER_COMPLETE, STATUS_NONE);
  else {
    const irql = bindingIrqlOf(lane, firstSlotOfClient(lane, client), firstSlotOfClient(lane, client + 1), FAULT_CLOSE_ADAPTER_IRQL);
    callOnce<M>(lane, OP_BINDING_CALL, client, CALL_CLOSE_ADAPTER, STATUS_SUCCESS, 0, irql);
  }
  callOnce<M>(lane, OP_BINDING_CALL, client, CALL_COMPLETE_UNBIND, STATUS_NONE);
  store<u32>(binding, 0, BINDING_NOTES);
  atomic.store<u32>(binding, BINDING_UNBOUND, BINDING_STATE);
  if (notes & NOTE_BIND) bind<M>(lane, client);
}

/** The client is bound, now or when it is unbound. A halt of its adapter waits until it is, or comes first. */
export function bind<M>(lane: usize, client: u32): void {
  const binding = bindingAt(lane, client);
  const state = load<u32>(binding, BINDING_STATE);
  if (state == BINDING_UNBINDING) store<u32>(binding, load<u32>(binding, BINDING_NOTES) | NOTE_BIND, BINDING_NOTES);
  if (state != BINDING_UNBOUND) return;
  const adapter = client / load<u32>(lane, MACHINE_CLIENTS_PER_ADAPTER);
  const callManager = bindingAt(lane, numberOfCallManager(lane, adapter));
  atomic.add<u32>(callManager, 1, BINDING_BINDS);
  const isUp = !isHalted(lane, adapter);
  if (isUp) callBind<M>(lane, client);
  atomic.sub<u32>(callManager, 1, BINDING_BINDS);
  if (isUp) openAll(lane, client);
}

function callBind<M>(lane: usize, client: u32): void {
  // It answers for the failed opens of its new binding anew.
  atomic.store<u8>(load<u32>(load<u32>(lane, LANE_SHARED), SHARED_ASKED) + client, 0);
  const frame = beginCall<M>(lane, OP_BINDING_CALL, client, CALL_BIND_ADAPTER);
  callOnce<M>(lane, OP_BINDING_CALL, client, CALL_OPEN_ADAPTER, STATUS_SUCCESS, frame);
  endCall<M>(lane, OP_BINDING_CALL, client, CALL_BIND_ADAPTER, frame, STATUS_SUCCESS);
  callOnce<M>(lane, OP_BINDING_CALL, client, CALL_REGISTER_NOTIFY, STATUS_NONE);
  atomic.store<u32>(bindingAt(lane, client), BINDING_BOUND, BINDING_STATE);
}

/** Every vacant slot of the client is opened in the next steps, or is free for arrivals again. */
function openAll(lane: usize, client: u32): void {
  const arrives = load<u32>(SHARD_ARRIVAL_SAMPLER) != 0;
  if (!arrives && load<u32>(lane, MACHINE_DRAINING)) return;
  const end = firstSlotOfClient(lane, client + 1);
  for (let slot = firstSlotOfClient(lane, client); slot < end; slot++) {
    if (arrives) {
      bindSlot(lane, slot);
      continue;
    }
    const word = wordOf(lane, slot);
    // What its last life has left in the queue finds another word then.
    if ((word & STATE_MASK) == STATE_VACANT) insert(lane, load<u32>(lane, MACHINE_NOW), 0, (slot << 4) | EVENT_THINK, word as u64);
  }
}
