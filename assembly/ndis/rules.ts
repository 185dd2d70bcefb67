// Judging calls. A violation is counted, folded into the digest of the call manager concerned, and the first ones of a
// machine are kept with their place.
import {
  MACHINE_INDEX,
  MACHINE_VIOLATIONS,
  SHARD_CALL_IRQL,
  SHARD_RULES,
  SHARD_VIOLATIONS,
  SHARD_VIOLATION_COUNT,
  STATE_BITS,
  VIOLATIONS_PER_MACHINE,
  VIOLATION_BYTES,
  VIOLATION_GENERATION,
  VIOLATION_MACHINE,
  VIOLATION_RULE,
  VIOLATION_SLOT,
  VIOLATION_TICK,
} from "../abi/layout";
import {
  RULE_CLOSE_FAMILY,
  RULE_IRQL_CALLBACK,
  RULE_IRQL_CALLER,
  RULE_OPEN_STATUS,
  STATUS_PENDING,
  STATUS_SUCCESS,
  VIOLATION_CODE,
} from "../abi/codes";
import { fold } from "../measure/digest";

/** Records that the rule with this number was broken. */
export function violate(
  machine: usize,
  callManager: usize,
  now: u32,
  slot: u32,
  word: u32,
  rule: u32,
  status: u32,
): void {
  fold(callManager, now, slot, word, ((VIOLATION_CODE + rule) << 8) | status);
  store<u64>((rule << 3) as usize, load<u64>((rule << 3) as usize, SHARD_RULES) + 1, SHARD_RULES);
  const kept = load<u32>(machine, MACHINE_VIOLATIONS);
  if (kept == VIOLATIONS_PER_MACHINE) return;
  store<u32>(machine, kept + 1, MACHINE_VIOLATIONS);
  const count = load<u32>(SHARD_VIOLATION_COUNT);
  store<u32>(SHARD_VIOLATION_COUNT, count + 1);
  const at = (load<u32>(SHARD_VIOLATIONS) + count * VIOLATION_BYTES) as usize;
  store<u32>(at, rule, VIOLATION_RULE);
  store<u32>(at, now, VIOLATION_TICK);
  store<u32>(at, load<u32>(machine, MACHINE_INDEX), VIOLATION_MACHINE);
  store<u32>(at, slot, VIOLATION_SLOT);
  store<u32>(at, word >>> STATE_BITS, VIOLATION_GENERATION);
}

/** Whether a call is made higher than its page allows. */
@inline
export function isTooHigh(call: u32, irql: u32): bool {
  return irql > load<u32>((call << 2) as usize, SHARD_CALL_IRQL);
}

/** irql/caller: a driver calls at an IRQL that the page of the call allows. */
@inline
export function checkIrql(
  machine: usize,
  callManager: usize,
  now: u32,
  slot: u32,
  word: u32,
  call: u32,
  irql: u32,
): void {
  if (isTooHigh(call, irql)) violate(machine, callManager, now, slot, word, RULE_IRQL_CALLER, STATUS_SUCCESS);
}

/** irql/callback: NDIS calls back at the documented IRQL. Broken only by a mistake of this kernel. */
@inline
export function checkCallback(
  machine: usize,
  callManager: usize,
  now: u32,
  slot: u32,
  word: u32,
  call: u32,
  irql: u32,
): void {
  if (isTooHigh(call, irql)) violate(machine, callManager, now, slot, word, RULE_IRQL_CALLBACK, STATUS_SUCCESS);
}

/**
 * A completion call of an open or close, by the rules that do not depend on the AF's state and in the order in which one call breaks at most one:
 * close/family (not the form of the call manager's own kind), irql/caller, and the status it passes. An open may be completed with
 * anything but PENDING (open/status), a close only with SUCCESS (close/complete-status).
 */
@inline
export function judgeCompletion(
  machine: usize,
  callManager: usize,
  now: u32,
  slot: u32,
  word: u32,
  own: u32,
  call: u32,
  irql: u32,
  status: u32,
  statusRule: u32,
): void {
  const wrongStatus = statusRule == RULE_OPEN_STATUS ? status == STATUS_PENDING : status != STATUS_SUCCESS;
  if (call != own) violate(machine, callManager, now, slot, word, RULE_CLOSE_FAMILY, status);
  else if (isTooHigh(call, irql)) violate(machine, callManager, now, slot, word, RULE_IRQL_CALLER, status);
  else if (wrongStatus) violate(machine, callManager, now, slot, word, statusRule, status);
}
