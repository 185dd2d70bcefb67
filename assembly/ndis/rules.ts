// Judging calls. A violation is counted and folded into the digest of the call manager concerned; the first ones of a machine and
// the first of every rule are kept with their place.
import {
  MACHINE_INDEX,
  MACHINE_VIOLATIONS,
  SHARD_CALL_IRQL,
  SHARD_FIRST,
  SHARD_RULES,
  SHARD_VIOLATIONS,
  SHARD_VIOLATION_COUNT,
  SHARD_WARNINGS,
  STATE_BITS,
  TOTAL_UNDECIDED,
  VIOLATIONS_PER_MACHINE,
  VIOLATION_BYTES,
  VIOLATION_GENERATION,
  VIOLATION_MACHINE,
  VIOLATION_RULE,
  VIOLATION_SLOT,
  VIOLATION_TICK,
} from "../abi/layout";
import { NO_RULE, RULE_CLOSE_FAMILY, RULE_IRQL_CALLER, STATUS_SUCCESS, VIOLATION_CODE } from "../abi/codes";
import { fold } from "../measure/digest";
import { addTotal } from "./counts";

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
  const index = load<u32>(machine, MACHINE_INDEX);
  const broken = load<u64>((rule << 3) as usize, SHARD_RULES);
  store<u64>((rule << 3) as usize, broken + 1, SHARD_RULES);
  const first = (SHARD_FIRST + rule * VIOLATION_BYTES) as usize;
  if (broken == 0 || isEarlier(index, now, first)) keep(first, rule, now, index, slot, word);
  if ((load<u64>(SHARD_WARNINGS) >>> rule) & 1) return;
  const kept = load<u32>(machine, MACHINE_VIOLATIONS);
  if (kept == VIOLATIONS_PER_MACHINE) return;
  store<u32>(machine, kept + 1, MACHINE_VIOLATIONS);
  const count = load<u32>(SHARD_VIOLATION_COUNT);
  store<u32>(SHARD_VIOLATION_COUNT, count + 1);
  keep((load<u32>(SHARD_VIOLATIONS) + count * VIOLATION_BYTES) as usize, rule, now, index, slot, word);
}

/** Whether a place comes before that of a kept violation. A shard's machines do not advance in step, so the earlier one may come later. */
@inline
function isEarlier(index: u32, now: u32, kept: usize): bool {
  const tick = load<u32>(kept, VIOLATION_TICK);
  return now < tick || (now == tick && index < load<u32>(kept, VIOLATION_MACHINE));
}

@inline
function keep(at: usize, rule: u32, now: u32, index: u32, slot: u32, word: u32): void {
  store<u32>(at, rule, VIOLATION_RULE);
  store<u32>(at, now, VIOLATION_TICK);
  store<u32>(at, index, VIOLATION_MACHINE);
  store<u32>(at, slot, VIOLATION_SLOT);
  store<u32>(at, word >>> STATE_BITS, VIOLATION_GENERATION);
}

/** Whether a call is made higher than its page allows. */
@inline
export function isTooHigh(call: u32, irql: u32): bool {
  return irql > load<u32>((call << 2) as usize, SHARD_CALL_IRQL);
}

/**
 * The IRQL of a call by the page of the call: irql/caller for a driver that calls, irql/callback for NDIS that calls back. Only a
 * mistake of this kernel can break the second.
 */
@inline
export function checkIrql(
  machine: usize,
  callManager: usize,
  now: u32,
  slot: u32,
  word: u32,
  rule: u32,
  call: u32,
  irql: u32,
): void {
  if (isTooHigh(call, irql)) violate(machine, callManager, now, slot, word, rule, STATUS_SUCCESS);
}

/**
 * A completion call of an open or close, by the rules that do not depend on the AF's state and in the order in which one call breaks at most
 * one: close/family (not the form of the call manager's own kind), irql/caller, and what it passes, which breaks `rule` or NO_RULE.
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
  rule: u32,
): void {
  if (call != own) violate(machine, callManager, now, slot, word, RULE_CLOSE_FAMILY, status);
  else if (isTooHigh(call, irql)) violate(machine, callManager, now, slot, word, RULE_IRQL_CALLER, status);
  else if (rule != NO_RULE) violate(machine, callManager, now, slot, word, rule, status);
}

/** What is still owed: a violation when it is `overdue`, else undecided. */
export function judgeOwed(
  machine: usize,
  callManager: usize,
  now: u32,
  slot: u32,
  word: u32,
  rule: u32,
  overdue: bool,
): void {
  if (overdue) violate(machine, callManager, now, slot, word, rule, STATUS_SUCCESS);
  else addTotal(TOTAL_UNDECIDED, 1);
}
