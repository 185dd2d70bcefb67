// Contexts: a client and a call manager each hold one for an AF from its open on, and release it at its end. That they hold it is not
// stored: it follows from the state of the AF and from the faults that strike.
import { CM_PROFILE, PROFILE_OPEN_FAILS, STATE_BITS } from "../abi/layout";
import {
  FAULT_CM_LEAK,
  FAULT_CONTEXT_LEAK,
  FAULT_EARLY_RELEASE,
  FAULT_FAILED_OPEN_LEAK,
  FAULT_NULL_CONTEXT,
  FAULT_RELEASE_AT_CALL,
  NO_RULE,
  PURPOSE_OPEN_FAILS,
  RULE_CLOSE_CM_LEAK,
  RULE_CLOSE_CONTEXT_LEAK,
  RULE_OPEN_CONTEXT,
  RULE_OPEN_FAILED_HANDLE,
} from "../abi/codes";
import { happens } from "../core/random";
import { hasFaults, strikes } from "./faults";
import { judgeOwed } from "./rules";

const LEAKS: u64 = (1 << FAULT_CONTEXT_LEAK) | (1 << FAULT_CM_LEAK);

/** Whether the open of this generation fails. */
@inline
export function openFails(machine: usize, callManager: usize, slot: u32, generation: u32): bool {
  const threshold = load<u64>(load<u32>(callManager, CM_PROFILE), PROFILE_OPEN_FAILS);
  return happens(machine, PURPOSE_OPEN_FAILS, slot, generation, threshold);
}

/** The rule about its context that a call manager breaks by how it lets an open succeed or fail, or NO_RULE. */
@inline
export function contextRuleOf(machine: usize, slot: u32, generation: u32, fails: bool): u32 {
  if (fails) return strikes(machine, FAULT_FAILED_OPEN_LEAK, slot, generation) ? RULE_OPEN_FAILED_HANDLE : NO_RULE;
  return strikes(machine, FAULT_NULL_CONTEXT, slot, generation) ? RULE_OPEN_CONTEXT : NO_RULE;
}

/** Whether the call manager releases its context with the close. */
export function callManagerReleases(machine: usize, slot: u32, generation: u32): bool {
  return !strikes(machine, FAULT_CM_LEAK, slot, generation);
}

/** Whether the client releases its context when it is told of the close. */
export function clientReleases(machine: usize, slot: u32, generation: u32): bool {
  return !strikes(machine, FAULT_CONTEXT_LEAK, slot, generation);
}

/** Whether the client releases its context already while the close is pended; a client that leaks it never does. */
export function releasesEarly(machine: usize, slot: u32, generation: u32): bool {
  return (
    strikes(machine, FAULT_EARLY_RELEASE, slot, generation) &&
    !strikes(machine, FAULT_CONTEXT_LEAK, slot, generation)
  );
}

/** Whether it does so when the completion of the close is called, before it is told. */
export function releasesAtCall(machine: usize, slot: u32, generation: u32): bool {
  return (
    strikes(machine, FAULT_RELEASE_AT_CALL, slot, generation) &&
    !strikes(machine, FAULT_CONTEXT_LEAK, slot, generation) &&
    !strikes(machine, FAULT_EARLY_RELEASE, slot, generation)
  );
}

/** Whether it does so when it is told of a close that was pended and not inline. */
export function releasesWhenTold(machine: usize, slot: u32, generation: u32): bool {
  return (
    clientReleases(machine, slot, generation) &&
    !releasesEarly(machine, slot, generation) &&
    !releasesAtCall(machine, slot, generation)
  );
}

/** Whether a scenario's drivers may keep a context. */
@inline
export function mayLeak(machine: usize): bool {
  return hasFaults(machine, LEAKS);
}

/**
 * The contexts that the drivers did not release when the last lifecycle of a vacant slot ended: violations when they are
 * `overdue`, else undecided.
 */
export function judgeLeaks(
  machine: usize,
  callManager: usize,
  now: u32,
  slot: u32,
  word: u32,
  overdue: bool,
): void {
  const generation = word >>> STATE_BITS;
  if (generation == 0 || openFails(machine, callManager, slot, generation)) return;
  if (!clientReleases(machine, slot, generation)) {
    judgeOwed(machine, callManager, now, slot, word, RULE_CLOSE_CONTEXT_LEAK, overdue);
  }
  if (!callManagerReleases(machine, slot, generation)) {
    judgeOwed(machine, callManager, now, slot, word, RULE_CLOSE_CM_LEAK, overdue);
  }
}
