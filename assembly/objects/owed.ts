// What drivers still owe of SAPs, VCs and parties at the end of a run (src/contract/MODEL-OBJECTS.md "Judging").
import { SHARD_CLOSE_DEADLINE } from "../abi/layout";
import { SHARED_AT_END } from "../abi/object-layout";
import { NO_RULE } from "../abi/codes";
import {
  KIND_PARTY,
  KIND_SAP,
  KIND_VC,
  OBJECT_VACANT,
  PARTY_DROPPING,
  RULE_CALL_OWED,
  RULE_PARTY_DROP,
  RULE_SAP_OWED,
  SAP_DEREGISTERING,
  SAP_REGISTERING,
  VC_ACTIVATING,
  VC_CALLING,
  VC_CLOSING,
  VC_DEACTIVATING,
  VC_OFFERED,
} from "../abi/object-codes";
import { addTotal } from "../ndis/counts";
import { judgeOwed } from "../ndis/rules";
import {
  afWordOf,
  ageOf,
  callManagerOfSlot,
  hasObjects,
  isOutgoing,
  partiesOf,
  partyOf,
  perSlot,
  sharedOf,
  stateOf,
} from "./table";

/** A bit for every state of a VC in which a completion is owed. */
const VC_OWES: u32 = (1 << VC_CALLING) | (1 << VC_OFFERED) | (1 << VC_CLOSING) | (1 << VC_DEACTIVATING);

/** The rule by which something is owed of an object in a state, or NO_RULE. */
function ruleOf(machine: usize, kind: u32, index: u32, state: u32): u32 {
  if (kind == KIND_SAP) return state == SAP_REGISTERING || state == SAP_DEREGISTERING ? RULE_SAP_OWED : NO_RULE;
  if (kind == KIND_PARTY) return state == PARTY_DROPPING ? RULE_PARTY_DROP : NO_RULE;
  const owes = ((VC_OWES >>> state) & 1) != 0 || (state == VC_ACTIVATING && isOutgoing(machine, index));
  return owes ? RULE_CALL_OWED : NO_RULE;
}

/** Judges an object of a slot at the machine's end, and counts it if it is not vacant. */
function judge(machine: usize, endTick: u32, slot: u32, kind: u32, index: u32, final: bool): void {
  const state = stateOf(machine, kind, index);
  if (state == OBJECT_VACANT) return;
  addTotal(sharedOf(machine) + SHARED_AT_END + (kind << 3), 1);
  const rule = ruleOf(machine, kind, index, state);
  if (rule == NO_RULE) return;
  const overdue = final || ageOf(machine, endTick, kind, index) > load<u32>(SHARD_CLOSE_DEADLINE);
  judgeOwed(machine, callManagerOfSlot(machine, slot), endTick, slot, afWordOf(machine, slot), rule, overdue);
}

/** Judges what is owed of a slot's objects at the machine's end; `final`: nothing is left that could meet it. */
export function judgeObjects(machine: usize, endTick: u32, slot: u32, final: bool): void {
  if (!hasObjects(machine)) return;
  const saps = perSlot(machine, KIND_SAP);
  for (let sap = slot * saps; sap < (slot + 1) * saps; sap++) judge(machine, endTick, slot, KIND_SAP, sap, final);
  const vcs = perSlot(machine, KIND_VC);
  for (let vc = slot * vcs; vc < (slot + 1) * vcs; vc++) {
    judge(machine, endTick, slot, KIND_VC, vc, final);
    const parties = partiesOf(machine, vc);
    for (let number: u32 = 1; number <= parties; number++) {
      judge(machine, endTick, slot, KIND_PARTY, partyOf(machine, vc, number), final);
    }
  }
}
