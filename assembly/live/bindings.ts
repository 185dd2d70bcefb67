// Bindings of clients to their adapters, and behind them those of the adapters' call managers: kept only where a scenario unbinds or
// halts (LANE_BINDINGS). Each counts what keeps it from ending: a client's binding its AFs from before their open until after their end, that
// of a call manager its clients with such AFs. Any lane counts; whoever takes the last one off a binding that is to end posts it to the
// lane that plays the client or the call manager, and that lane alone ends it. So an AF that is opened either sees that its
// binding is to end, or is seen.
import { BINDING_LIVE, BINDING_STATE, MACHINE_ADAPTERS, MACHINE_CLIENTS_PER_ADAPTER } from "../abi/layout";
import {
  BINDING_MAIL,
  BINDING_NEXT,
  LANE_BINDINGS,
  LANE_BINDING_BYTES,
  LANE_MAIL,
} from "../abi/lane-layout";
import { BINDING_BOUND, BINDING_UNBINDING } from "../abi/codes";
import { adapterOf, clientOf, placeOf } from "../table/handle-table";
import { isHalted, laneAt, laneOfAdapter, laneOfClient } from "./lane";
import { wake } from "./rings";

/** Address of the binding of a client, or of a call manager by `numberOfCallManager`. */
@inline
export function bindingAt(lane: usize, number: u32): usize {
  return (load<u32>(lane, LANE_BINDINGS) + number * LANE_BINDING_BYTES) as usize;
}

@inline
export function clientCount(lane: usize): u32 {
  return load<u32>(lane, MACHINE_ADAPTERS) * load<u32>(lane, MACHINE_CLIENTS_PER_ADAPTER);
}

/** Number of the binding of an adapter's call manager. */
@inline
export function numberOfCallManager(lane: usize, adapter: u32): u32 {
  return clientCount(lane) + adapter;
}

/** Whether a slot's client is bound. */
export function isBound(lane: usize, slot: u32): bool {
  return load<u32>(lane, LANE_BINDINGS) == 0 || isClientBound(lane, clientOf(lane, placeOf(lane, slot)));
}

@inline
function isClientBound(lane: usize, client: u32): bool {
  return atomic.load<u32>(bindingAt(lane, client), BINDING_STATE) == BINDING_BOUND;
}

/** An AF is about to be opened; answers whether its client may. One that enters leaves when it has ended. Only where bindings are kept. */
export function enter(lane: usize, slot: u32): bool {
  const place = placeOf(lane, slot);
  const client = clientOf(lane, place);
  hold(lane, client);
  if (isClientBound(lane, client) && !isHalted(lane, adapterOf(place))) return true;
  letGo(lane, client);
  return false;
}

/** An AF has ended, and all that followed from it. */
@inline
export function leave(lane: usize, slot: u32): void {
  if (load<u32>(lane, LANE_BINDINGS)) letGo(lane, clientOf(lane, placeOf(lane, slot)));
}

/** Keeps a client's binding from ending. */
export function hold(lane: usize, client: u32): void {
  if (atomic.add<u32>(bindingAt(lane, client), 1, BINDING_LIVE) == 0) holdAdapter(lane, client / load<u32>(lane, MACHINE_CLIENTS_PER_ADAPTER));
}

/** Takes that back. */
export function letGo(lane: usize, client: u32): void {
  if (!isLast(lane, client)) return;
  endIfAsked(lane, client, laneOfClient(lane, client));
  letAdapterGo(lane, client / load<u32>(lane, MACHINE_CLIENTS_PER_ADAPTER));
}

/** Keeps an adapter's halt from ending. */
export function holdAdapter(lane: usize, adapter: u32): void {
  atomic.add<u32>(bindingAt(lane, numberOfCallManager(lane, adapter)), 1, BINDING_LIVE);
}

export function letAdapterGo(lane: usize, adapter: u32): void {
  const number = numberOfCallManager(lane, adapter);
  if (isLast(lane, number)) endIfAsked(lane, number, laneOfAdapter(lane, adapter));
}

@inline
function isLast(lane: usize, number: u32): bool {
  return atomic.sub<u32>(bindingAt(lane, number), 1, BINDING_LIVE) == 1;
}

@inline
function endIfAsked(lane: usize, number: u32, owner: u32): void {
  if (atomic.load<u32>(bindingAt(lane, number), BINDING_STATE) == BINDING_UNBINDING) post(lane, number, owner);
}

/** Posts a binding to its lane, unless it is in its mail. Items would need room, which not every place has from where AFs leave. */
function post(lane: usize, number: u32, owner: u32): void {
  const binding = bindingAt(lane, number);
  if (atomic.xchg<u32>(binding, 1, BINDING_MAIL)) return;
  const to = laneAt(lane, owner);
  let head = atomic.load<u32>(to, LANE_MAIL);
  while (true) {
    atomic.store<u32>(binding, head, BINDING_NEXT);
    const seen = atomic.cmpxchg<u32>(to, head, number + 1, LANE_MAIL);
    if (seen == head) break;
    head = seen;
  }
  wake(lane, owner);
}

/** The next binding of this lane's mail, its number + 1; 0: none. It may have been opened on again since it was posted. */
export function takeMail(lane: usize): u32 {
  let head = atomic.load<u32>(lane, LANE_MAIL);
  while (head) {
    const binding = bindingAt(lane, head - 1);
    // Nobody else takes from this mail, so that a first binding which is still the first has the same next one.
    const seen = atomic.cmpxchg<u32>(lane, head, atomic.load<u32>(binding, BINDING_NEXT), LANE_MAIL);
    if (seen == head) {
      atomic.store<u32>(binding, 0, BINDING_MAIL);
      return head;
    }
    head = seen;
  }
  return 0;
}

/** Whether a binding that is to end can end now. */
@inline
export function isOver(binding: usize): bool {
  return atomic.load<u32>(binding, BINDING_STATE) == BINDING_UNBINDING && atomic.load<u32>(binding, BINDING_LIVE) == 0;
}
