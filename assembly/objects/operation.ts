// Operations on SAPs, VCs and parties: one driver asks, the other one answers at once or pends and completes later. What is called is a
// table that the host writes (src/contract/operations.ts); so is what of a profile says how often and how long.
import { CM_PROFILE, PROFILE_SERVES, PROFILE_STANDALONE, SHARD_CLOSE_DEADLINE } from "../abi/layout";
import {
  EXCHANGE_BYTES,
  EXCHANGE_INNER,
  EXCHANGE_INNER_OP,
  EXCHANGE_OUTER,
  EXCHANGE_OUTER_OP,
  OPERATION_ASK,
  OPERATION_BRINGS,
  OPERATION_BYTES,
  OPERATION_COMPLETION,
  OPERATION_PROFILE,
  OPERATION_REQUEST,
  OPERATION_TELL,
  SERVE_PENDS,
  SERVE_SAMPLERS,
  SHARED_EXCHANGES,
  SHARED_OPERATIONS,
} from "../abi/object-layout";
import {
  OP_CALL,
  OP_CALL_SELF,
  PURPOSE_OPERATION_PENDS,
  PURPOSE_OPERATION_SERVICE,
  STATUS_NONE,
} from "../abi/codes";
import { EVENT_SAP_DONE, NO_CALL } from "../abi/object-codes";
import { happens } from "../core/random";
import { scheduleDrawn } from "../engine/agenda";
import { isLane } from "../engine/mode";
import { violate as blameOnLane } from "../live/lane";
import { handOverDone } from "../live/object-events";
import { violate } from "../ndis/rules";
import { afWordOf, ageOf, callManagerOfSlot, generationOf, sharedOf } from "./table";
import { endCall, inside, makeCall } from "./trace";

/** Where the number of an operation stands in its draws, above the generation (src/contract/MODEL.md "Draws"). */
export const NUMBER_SHIFT: u32 = 27;

@inline
export function rowOf(machine: usize, operation: u32): usize {
  return sharedOf(machine) + SHARED_OPERATIONS + operation * OPERATION_BYTES;
}

/** Whether a slot's call manager is a stand-alone one: 1, else 0. */
@inline
export function standaloneOf(machine: usize, slot: u32): u32 {
  return load<u32>(load<u32>(callManagerOfSlot(machine, slot), CM_PROFILE), PROFILE_STANDALONE);
}

/** How a slot's call manager, and its client, serve operations. */
@inline
export function servesOf(machine: usize, slot: u32): usize {
  return load<u32>(load<u32>(callManagerOfSlot(machine, slot), CM_PROFILE), PROFILE_SERVES) as usize;
}

/** The call by which an operation is requested. */
@inline
export function requestOf(machine: usize, slot: u32, operation: u32): u32 {
  return load<u8>(rowOf(machine, operation) + standaloneOf(machine, slot), OPERATION_REQUEST);
}

/** The call by which NDIS asks the other driver. */
@inline
export function askOf(machine: usize, operation: u32): u32 {
  return load<u8>(rowOf(machine, operation), OPERATION_ASK);
}

/** The call by which an operation that was pended is completed. */
@inline
export function completionOf(machine: usize, slot: u32, operation: u32): u32 {
  return load<u8>(rowOf(machine, operation) + standaloneOf(machine, slot), OPERATION_COMPLETION);
}

/** Whether an operation on an object is pended. */
export function isPended(machine: usize, slot: u32, operation: u32, kind: u32, index: u32): bool {
  const part: u32 = load<u8>(rowOf(machine, operation), OPERATION_PROFILE);
  const threshold = load<u64>(servesOf(machine, slot) + (part << 3), SERVE_PENDS);
  const life = (operation << NUMBER_SHIFT) | generationOf(machine, kind, index);
  return happens(machine, PURPOSE_OPERATION_PENDS, index, life, threshold);
}

/** Schedules the end of its service. */
export function scheduleDone<M>(machine: usize, now: u32, slot: u32, operation: u32, kind: u32, index: u32): void {
  if (isLane<M>()) {
    handOverDone(machine, slot, operation, kind, index);
    return;
  }
  const part: u32 = load<u8>(rowOf(machine, operation), OPERATION_PROFILE);
  const sampler = load<u32>(servesOf(machine, slot) + (part << 2), SERVE_SAMPLERS);
  const life = (operation << NUMBER_SHIFT) | generationOf(machine, kind, index);
  scheduleDrawn<M>(machine, now, index, EVENT_SAP_DONE + kind, life, sampler, PURPOSE_OPERATION_SERVICE);
}

/** A driver requests an operation, and NDIS asks the other driver inside that; both calls have `address` too. Answers the outer frame, the inner one is the next. */
export function beginOperation<M>(
  machine: usize,
  now: u32,
  slot: u32,
  operation: u32,
  where: u64,
  handles: u64,
  address: u64 = 0,
): u32 {
  const brings = load<u8>(rowOf(machine, operation), OPERATION_BRINGS);
  const known = brings ? handles & ~((0xff as u64) << (8 * (brings - 1))) : handles;
  const call = requestOf(machine, slot, operation);
  const frame = makeCall<M>(machine, now, slot, OP_CALL, call, where, STATUS_NONE, known | address);
  const ask = askOf(machine, operation);
  if (ask != NO_CALL) {
    makeCall<M>(machine, now, slot, OP_CALL, ask, inside(where, frame), STATUS_NONE, handles | address);
  }
  return frame;
}

/** Both return with a status. */
export function answerOperation<M>(
  machine: usize,
  now: u32,
  slot: u32,
  operation: u32,
  frame: u32,
  where: u64,
  handles: u64,
  status: u32,
): void {
  const ask = askOf(machine, operation);
  if (ask != NO_CALL) endCall<M>(machine, now, slot, ask, frame + 1, where, status, handles);
  endCall<M>(machine, now, slot, requestOf(machine, slot, operation), frame, where, status, handles);
}

/** The driver that requested an operation tells itself, as it was not pended. */
export function tellItself<M>(
  machine: usize,
  now: u32,
  slot: u32,
  operation: u32,
  where: u64,
  handles: u64,
  status: u32,
): void {
  tell<M>(machine, now, slot, operation, OP_CALL_SELF, where, handles, status);
}

/** NDIS tells it. */
export function tellDriver<M>(
  machine: usize,
  now: u32,
  slot: u32,
  operation: u32,
  where: u64,
  handles: u64,
  status: u32,
): void {
  tell<M>(machine, now, slot, operation, OP_CALL, where, handles, status);
}

@inline
function tell<M>(
  machine: usize,
  now: u32,
  slot: u32,
  operation: u32,
  op: u32,
  where: u64,
  handles: u64,
  status: u32,
): void {
  const call: u32 = load<u8>(rowOf(machine, operation), OPERATION_TELL);
  const frame = makeCall<M>(machine, now, slot, op, call, where, status, handles);
  endCall<M>(machine, now, slot, call, frame, where, STATUS_NONE, handles);
}

/** The other driver completes what it has pended, passing a status, in which NDIS tells the first one `told`. */
export function completeOperation<M>(
  machine: usize,
  now: u32,
  slot: u32,
  operation: u32,
  where: u64,
  handles: u64,
  status: u32,
  told: u32,
): void {
  const call = completionOf(machine, slot, operation);
  const frame = makeCall<M>(machine, now, slot, OP_CALL, call, where, status, handles);
  tellDriver<M>(machine, now, slot, operation, inside(where, frame), handles, told);
  endCall<M>(machine, now, slot, call, frame, where, STATUS_NONE, handles);
}

/** Whether a completion is called later than its deadline. */
@inline
export function isLate(machine: usize, now: u32, kind: u32, index: u32): bool {
  return ageOf(machine, now, kind, index) > load<u32>(SHARD_CLOSE_DEADLINE);
}

/** A rule is broken that is about an object of a slot. */
export function blame<M>(machine: usize, now: u32, slot: u32, rule: u32, status: u32): void {
  if (isLane<M>()) blameOnLane(machine, slot, afWordOf(machine, slot), rule);
  else violate(machine, callManagerOfSlot(machine, slot), now, slot, afWordOf(machine, slot), rule, status);
}

@inline
function exchangeOf(machine: usize, exchange: u32): usize {
  return sharedOf(machine) + SHARED_EXCHANGES + exchange * EXCHANGE_BYTES;
}

/** The outer call of an exchange. */
@inline
export function outerOf(machine: usize, slot: u32, exchange: u32): u32 {
  return load<u8>(exchangeOf(machine, exchange) + standaloneOf(machine, slot), EXCHANGE_OUTER);
}

/** The inner one. */
@inline
export function innerOf(machine: usize, exchange: u32): u32 {
  return load<u8>(exchangeOf(machine, exchange), EXCHANGE_INNER);
}

/** A call is made with the handles `known` and leads to another one inside it; answers the outer frame, the inner one is the next. */
export function beginExchange<M>(
  machine: usize,
  now: u32,
  slot: u32,
  exchange: u32,
  where: u64,
  known: u64,
  handles: u64,
  status: u32,
): u32 {
  const row = exchangeOf(machine, exchange);
  const outer = outerOf(machine, slot, exchange);
  const frame = makeCall<M>(machine, now, slot, load<u8>(row, EXCHANGE_OUTER_OP), outer, where, status, known);
  const op: u32 = load<u8>(row, EXCHANGE_INNER_OP);
  makeCall<M>(machine, now, slot, op, innerOf(machine, exchange), inside(where, frame), status, handles);
  return frame;
}

/** The inner call of an exchange returns. */
export function endInner<M>(
  machine: usize,
  now: u32,
  slot: u32,
  exchange: u32,
  frame: u32,
  where: u64,
  handles: u64,
  status: u32,
): void {
  endCall<M>(machine, now, slot, innerOf(machine, exchange), frame + 1, where, status, handles);
}

/** The outer one returns. */
export function endOuter<M>(
  machine: usize,
  now: u32,
  slot: u32,
  exchange: u32,
  frame: u32,
  where: u64,
  handles: u64,
  status: u32,
): void {
  endCall<M>(machine, now, slot, outerOf(machine, slot, exchange), frame, where, status, handles);
}

/** A whole exchange, both calls of which return with the same. */
export function exchange<M>(
  machine: usize,
  now: u32,
  slot: u32,
  number: u32,
  where: u64,
  known: u64,
  handles: u64,
  answer: u32,
): void {
  const frame = beginExchange<M>(machine, now, slot, number, where, known, handles, STATUS_NONE);
  endInner<M>(machine, now, slot, number, frame, where, handles, answer);
  endOuter<M>(machine, now, slot, number, frame, where, handles, answer);
}
