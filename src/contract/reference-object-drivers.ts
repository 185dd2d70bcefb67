import type { FaultId } from "./faults.js";
import type { ReferenceDrivers } from "./reference-drivers.js";
import { brokenObjectRule, type ObjectCall, owedRule } from "./reference-object-judge.js";
import type { ReferenceObjectLuck } from "./reference-object-luck.js";
import type { TransitionNames } from "./reference-object-states.js";
import type { AfObject } from "./reference-objects.js";
import type { RuleId } from "./rules.js";

/** The drivers of one machine as far as SAPs, VCs, calls and parties go: where they make mistakes, and what these break. */
export class ReferenceObjectDrivers {
  constructor(
    readonly drivers: ReferenceDrivers,
    readonly luck: ReferenceObjectLuck,
    /** How long what is owed may take. */
    readonly deadlineTicks: number,
  ) {}

  get now(): number {
    return this.drivers.clock.now;
  }

  /** Whether a fault strikes at an opportunity in this life of an object. */
  strikes(fault: FaultId, { slot, index, generation }: AfObject): boolean {
    return this.drivers.faults.strikesObject(fault, slot.index, index, generation);
  }

  /** Judges a call or return before it takes effect: says which rule it breaks. */
  judge(call: ObjectCall): RuleId | null {
    const rule = brokenObjectRule(call, this.drivers.contract);
    if (rule !== null) this.drivers.breaksWith(call.object.slot, rule, call.status ?? "NDIS_STATUS_SUCCESS");
    return rule;
  }

  /** Judges the call by which something is completed, which may come too late: it breaks at most one rule. */
  judgeCompletion(call: ObjectCall): void {
    const rule = owedRule(call.object);
    if (rule !== null && this.isOverdue(call.object)) this.drivers.breaks(call.object.slot, rule);
    else this.judge(call);
  }

  /** Whether the operation under way has taken too long. */
  isOverdue({ since }: AfObject): boolean {
    return this.now - since > this.deadlineTicks;
  }

  transition<Kind extends AfObject["kind"]>(
    object: Extract<AfObject, { readonly kind: Kind }>,
    name: TransitionNames[Kind],
  ): void {
    this.drivers.ledger.transitionObject(this.now, object, name);
  }
}
