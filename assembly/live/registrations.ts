// How drivers come up before the clock starts: call managers register their address family, clients bind and are notified of it. The
// trace has these calls from the host (src/run/live-start.ts); here they are counted, and mistakes among them judged.
import {
  CM_PROFILE,
  MACHINE_CLIENTS_PER_ADAPTER,
  PROFILE_REGISTER,
  PROFILE_STANDALONE,
  TOTAL_OTHER_CALLS,
} from "../abi/layout";
import {
  DISPATCH_LEVEL,
  FAULT_REGISTER_IRQL,
  FAULT_REGISTER_LATE,
  FAULT_REGISTER_TWICE,
  RULE_IRQL_CALLER,
  RULE_REGISTER_DUPLICATE,
  RULE_REGISTER_PLACE,
} from "../abi/codes";
import { strikes } from "../ndis/faults";
import { isTooHigh } from "../ndis/rules";
import { callManagerOf, firstSlotOf } from "../table/handle-table";
import { count, violate } from "./lane";

/** An adapter's call manager comes up, and then its clients. Its lowest slot, not opened yet, stands for it; without AFs it makes no mistake. */
export function comeUp(lane: usize, adapter: u32): void {
  const profile = load<u32>(callManagerOf(lane, adapter), CM_PROFILE) as usize;
  // It is initialized and registers, or is bound, opens the adapter and registers; likewise each client is bound, opens it and is notified.
  const calls = (load<u32>(profile, PROFILE_STANDALONE) ? 3 : 2) + 3 * load<u32>(lane, MACHINE_CLIENTS_PER_ADAPTER);
  count(lane, TOTAL_OTHER_CALLS, calls as u64);
  const lowest = firstSlotOf(lane, adapter, 0);
  if (lowest == firstSlotOf(lane, adapter + 1, 0)) return;
  const isHigh = strikes(lane, FAULT_REGISTER_IRQL, lowest, 0) && isTooHigh(load<u32>(profile, PROFILE_REGISTER), DISPATCH_LEVEL);
  if (isHigh) violate(lane, lowest, 0, RULE_IRQL_CALLER);
  else if (strikes(lane, FAULT_REGISTER_LATE, lowest, 0)) violate(lane, lowest, 0, RULE_REGISTER_PLACE);
  if (!strikes(lane, FAULT_REGISTER_TWICE, lowest, 0)) return;
  count(lane, TOTAL_OTHER_CALLS, 1);
  violate(lane, lowest, 0, RULE_REGISTER_DUPLICATE);
}
