import type { RuleId } from "../rules.js";

/** One breach of a rule in a trace. */
export interface Finding {
  readonly rule: RuleId;
  /** The page says "should": counted apart, and fails nothing. */
  readonly warning: boolean;
  /** Of the record that breaks the rule; of an obligation that was not met, of the record that began it. */
  readonly line: number;
  readonly timeNs: number;
  readonly machine: number;
  /** As the trace has it, with its generation where handles are reused: `0xffff8a01 (3rd life)`; null: about no AF. */
  readonly af: string | null;
  /** A sentence: what was done, and what the page asks for. */
  readonly text: string;
  /** Lines of the AF's own history up to the breach, the oldest first; at most as many as the checker keeps. */
  readonly history: readonly number[];
}

/** Why a rule could not be judged, and how often. */
export interface CannotSay {
  readonly rule: RuleId;
  /** A field or a fact that the trace lacks: `irql`, `the call manager's kind`, `the beginning of the AF's life`. */
  readonly lacks: string;
  readonly count: number;
  /** Of the first record that it happened at. */
  readonly line: number;
}

export interface Verdict {
  readonly records: number;
  readonly violations: number;
  readonly warnings: number;
  /** Every rule that was broken, with its count; the order of the table of rules. */
  readonly byRule: Readonly<Partial<Record<RuleId, number>>>;
  /** The first findings, at most `findingsMax` of each rule. */
  readonly findings: readonly Finding[];
  readonly cannotSay: readonly CannotSay[];
  /** Obligations whose deadline had not passed when the trace ended. */
  readonly undecided: number;
  readonly peakLiveObjects: number;
}
