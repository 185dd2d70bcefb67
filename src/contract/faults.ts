import type { RuleId } from "./rules.js";

/** A mistake that a scenario can make a driver commit, so that the rule which it breaks is seen to be checked. */
export interface Fault {
  /** What a scenario names in `faults[].kind`. */
  readonly id: string;
  /** The rule that it breaks. */
  readonly rule: RuleId;
  /** Whose mistake it is. */
  readonly of: "client" | "cm";
  /** One sentence: what goes wrong. */
  readonly text: string;
}

/** All faults. */
export const faults: readonly Fault[] = [];
