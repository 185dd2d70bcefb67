// What may follow the return of a close that was pended: mistakes of both drivers, and a client that waits for the completion
// (src/contract/MODEL.md "Choices": after a pended close).
import { AF_WORD, SHARD_WAIT } from "../abi/layout";
import {
  CALL_CL_CLOSE_COMPLETE,
  DISPATCH_LEVEL,
  FAULT_BLOCKED_WAIT,
  FAULT_CLOSE_SELF_COMPLETE,
  FAULT_CLOSE_TWICE,
  FAULT_EARLY_RELEASE,
  FAULT_UNDRAINED_COMPLETION,
  OP_RELEASE_CLIENT,
  OP_WAIT,
  PASSIVE_LEVEL,
  PURPOSE_CLIENT_WAITS,
  RULE_CLOSE_BLOCKED,
  RULE_CLOSE_COMPLETES_ONCE,
  RULE_CLOSE_CONTEXT_EARLY,
  STATUS_SUCCESS,
} from "../abi/codes";
import { happens } from "../core/random";
import { isTraced } from "../engine/mode";
import { releasesEarly } from "./contexts";
import { extraClose, extraCloseCompletion, extraSelfCall } from "./extra-calls";
import { hasFaults, strikes } from "./faults";
import { AFTER_PENDING } from "./habit-kinds";
import { completesItself, noteAnswered, notePended } from "./habits";
import { violate } from "./rules";
import { leftOf } from "./teardown";
import { clientContext, traceAct } from "./trace";

const MISTAKES: u64 =
  (1 << FAULT_CLOSE_TWICE) |
  (1 << FAULT_CLOSE_SELF_COMPLETE) |
  (1 << FAULT_EARLY_RELEASE) |
  (1 << FAULT_BLOCKED_WAIT) |
  (1 << FAULT_UNDRAINED_COMPLETION) |
  AFTER_PENDING;

/** Whether anything but the service of the close can follow. That a client waits is seen in the trace alone. */
@inline
export function mayFollow<M>(machine: usize): bool {
  return isTraced<M>() || hasFaults(machine, MISTAKES);
}

/** Whether a client by mistake waits at DISPATCH_LEVEL for the completion of its pended close. */
function blocks(machine: usize, slot: u32, generation: u32): bool {
  return strikes(machine, FAULT_BLOCKED_WAIT, slot, generation);
}

/** Whether it waits at any IRQL. */
export function waits(machine: usize, slot: u32, generation: u32): bool {
  return (
    blocks(machine, slot, generation) ||
    happens(machine, PURPOSE_CLIENT_WAITS, slot, generation, load<u64>(SHARD_WAIT))
  );
}

/** The close has been pended and has returned. */
export function followPending<M>(
  machine: usize,
  now: u32,
  slot: u32,
  record: usize,
  generation: u32,
  callManager: usize,
): void {
  const word = load<u32>(record, AF_WORD);
  notePended(machine, callManager);
  if (strikes(machine, FAULT_CLOSE_TWICE, slot, generation)) {
    extraClose<M>(machine, now, slot, generation, callManager);
  }
  const selfCompletes = completesItself(machine, slot, generation);
  noteAnswered(machine, slot, true);
  if (selfCompletes) {
    const rule = RULE_CLOSE_COMPLETES_ONCE;
    extraSelfCall<M>(machine, now, slot, generation, callManager, CALL_CL_CLOSE_COMPLETE, rule);
  }
  if (releasesEarly(machine, slot, generation)) {
    violate(machine, callManager, now, slot, word, RULE_CLOSE_CONTEXT_EARLY, STATUS_SUCCESS);
    const who = clientContext<M>(machine, slot, PASSIVE_LEVEL);
    if (isTraced<M>()) traceAct(machine, now, slot, word, OP_RELEASE_CLIENT, who);
  }
  const blocked = blocks(machine, slot, generation);
  if (blocked) violate(machine, callManager, now, slot, word, RULE_CLOSE_BLOCKED, STATUS_SUCCESS);
  if (isTraced<M>() && waits(machine, slot, generation)) {
    const who = clientContext<M>(machine, slot, blocked ? DISPATCH_LEVEL : PASSIVE_LEVEL);
    traceAct(machine, now, slot, word, OP_WAIT, who);
  }
  if (leftOf(machine, slot) && strikes(machine, FAULT_UNDRAINED_COMPLETION, slot, generation)) {
    extraCloseCompletion<M>(machine, now, slot, generation, callManager);
  }
}
