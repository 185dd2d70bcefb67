// Clients that wait for the completion of a close that was pended: each in a thread of its own, so that no lane waits, and only the trace shows
// it (src/contract/MODEL.md "Events").
import { SHARD_WAIT } from "../abi/layout";
import { DISPATCH_LEVEL, FAULT_BLOCKED_WAIT, OP_WAIT, PASSIVE_LEVEL, PURPOSE_CLIENT_WAITS, RULE_CLOSE_BLOCKED } from "../abi/codes";
import { happens } from "../core/random";
import { isTraced } from "../engine/mode";
import { strikes } from "../ndis/faults";
import { generationOf, violate } from "./lane";
import { traceAct } from "./records";

/** Whether the client waits for the completion of a close that is pended and not inline, be it at an IRQL that it may not. */
export function waits(lane: usize, slot: u32, generation: u32): bool {
  return strikes(lane, FAULT_BLOCKED_WAIT, slot, generation) || happens(lane, PURPOSE_CLIENT_WAITS, slot, generation, load<u64>(SHARD_WAIT));
}

/** The client begins to wait, if it does. */
@inline
export function wait<M>(lane: usize, slot: u32, word: u32): void {
  const generation = generationOf(word);
  const blocked = strikes(lane, FAULT_BLOCKED_WAIT, slot, generation);
  if (blocked) violate(lane, slot, word, RULE_CLOSE_BLOCKED);
  if (!isTraced<M>() || !waits(lane, slot, generation)) return;
  traceAct<M>(lane, OP_WAIT, slot, word, 0, blocked ? DISPATCH_LEVEL : PASSIVE_LEVEL);
}
