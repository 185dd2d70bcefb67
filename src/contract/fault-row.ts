import type { RuleId } from "./rules.js";

/** What a mistake is, beside its name. */
export interface FaultRow {
  /** Whose mistake it is. */
  readonly of: "client" | "cm";
  /** The rule that it breaks. */
  readonly rule: RuleId;
  /** Whether it breaks that rule's warning form (rules.ts). */
  readonly warningForm?: true;
  /** One sentence: what goes wrong. */
  readonly text: string;
  /** What happens each time it could strike; "Faults" of the MODEL pages says at which point of it. */
  readonly opportunity: string;
}

export const row = (of: FaultRow["of"], rule: RuleId, opportunity: string, text: string): FaultRow => ({
  of,
  rule,
  text,
  opportunity,
});
