import type { Readings } from "../scenario/readings.js";
import type { FaultId } from "./faults.js";
import type { ReferenceClock } from "./reference-clock.js";
import type { ReferenceFaults } from "./reference-faults.js";
import type { ReferenceInterface } from "./reference-interface.js";
import { brokenRule, type DriverCall, violationStatus } from "./reference-judge.js";
import { handleOf, noHandle, type ReferenceLedger } from "./reference-ledger.js";
import type { ReferenceLuck } from "./reference-luck.js";
import type { Slot } from "./reference-parts.js";
import { ReferencePast } from "./reference-past.js";
import { ruleForm } from "./rule-forms.js";
import type { RuleId } from "./rules.js";
import type { StatusName } from "./statuses.js";

/** The drivers of one machine as NDIS sees them: where they make mistakes, and what these break. */
export class ReferenceDrivers {
  readonly #past: ReferencePast;

  constructor(
    /** How the contract is read. */
    readonly contract: Readings,
    readonly clock: ReferenceClock,
    readonly luck: ReferenceLuck,
    readonly faults: ReferenceFaults,
    readonly ledger: ReferenceLedger,
    readonly calls: ReferenceInterface,
  ) {
    this.#past = new ReferencePast(contract, luck, faults);
  }

  /** Whether a fault strikes at an opportunity in a lifecycle, by default the current one. */
  strikes(fault: FaultId, slot: Slot, generation = slot.generation): boolean {
    return this.faults.strikes(fault, slot.index, generation);
  }

  /** Judges a call, or a return, before it takes effect; returns the rule that it breaks. */
  judge(slot: Slot, call: DriverCall, generation = slot.generation): RuleId | null {
    const rule = brokenRule({ call, slot, generation, past: this.#past });
    if (rule !== null) {
      const handle = handleOf(slot, generation);
      this.ledger.violate(this.clock.now, handle, ruleForm(rule), violationStatus(call, rule));
    }
    return rule;
  }

  /** Judges a call that a driver makes when nothing is left of its AFs, this slot's among them. */
  judgeLast(slot: Slot, call: DriverCall): void {
    const rule = brokenRule({ call, slot, generation: slot.generation, past: this.#past });
    if (rule === null) return;
    this.ledger.violate(this.clock.now, noHandle(slot), ruleForm(rule), violationStatus(call, rule));
  }

  /** At an opportunity of this fault: where it strikes, a driver makes a call that it should not make. */
  mistake(fault: FaultId, slot: Slot, call: DriverCall, generation = slot.generation): void {
    if (this.strikes(fault, slot, generation)) this.wrongCall(slot, call, generation);
  }

  /** A driver makes a call that it should not make. */
  wrongCall(slot: Slot, call: DriverCall, generation = slot.generation): void {
    if (this.vainCall(slot, call, generation) === null) throw new Error(`${call.call} broke no rule`);
  }

  /** A driver makes a call of which nothing comes; returns the rule that it breaks. */
  vainCall(slot: Slot, call: DriverCall, generation = slot.generation): RuleId | null {
    this.calls.vainCall(this.clock.now, slot, generation, call);
    return this.judge(slot, call, generation);
  }

  /** A rule is broken by something that is not a call, or by its absence. */
  breaks(slot: Slot, rule: RuleId, form?: "full" | "warning"): void {
    this.ledger.violate(this.clock.now, handleOf(slot), ruleForm(rule, form), "NDIS_STATUS_SUCCESS");
  }

  /** A rule is broken by a call about something that hangs on the AF, which passes or returns this status. */
  breaksWith(slot: Slot, rule: RuleId, status: StatusName): void {
    this.ledger.violate(this.clock.now, handleOf(slot), ruleForm(rule), status);
  }
}
