import { type RuleId, ruleOf, RULES } from "../rules.js";
import type { CannotSay, Finding, Verdict } from "./verdict.js";

/** What a trace must have shown somewhere for the absence of such records to mean anything. */
export type Evidence = "releases" | "clients' calls of themselves" | "the call manager's calls" | "calls inside others";

/** A breach that counts as soon as the trace shows that it has such records at all. */
interface Tentative {
  readonly evidence: Evidence;
  readonly finding: Finding;
}

interface Doubt {
  readonly rule: RuleId;
  readonly lacks: string;
  count: number;
  readonly line: number;
}

/** The findings of a trace: counted in full, the first of each rule kept. */
export class Ledger {
  readonly #shown = new Set<Evidence>();
  readonly #tentative: Tentative[] = [];
  readonly #tentativeCounts = new Map<string, Doubt>();
  readonly #counts = new Map<RuleId, number>();
  readonly #kept = new Map<RuleId, Finding[]>();
  readonly #doubts = new Map<RuleId, Map<string, Doubt>>();
  #violations = 0;
  #warnings = 0;
  undecided = 0;

  constructor(readonly findingsMax: number) {}

  add(finding: Finding): void {
    if (finding.warning) this.#warnings++;
    else this.#violations++;
    this.#counts.set(finding.rule, (this.#counts.get(finding.rule) ?? 0) + 1);
    const kept = this.#kept.get(finding.rule);
    if (kept === undefined) this.#kept.set(finding.rule, [finding]);
    else if (kept.length < this.findingsMax) kept.push(finding);
  }

  /** A breach by leaving something out, in a trace that may not have such records. */
  addTentative(evidence: Evidence, finding: Finding): void {
    if (this.#shown.has(evidence)) return this.add(finding);
    const key = `${evidence} ${finding.rule}`;
    const doubt = this.#tentativeCounts.get(key);
    if (doubt === undefined) {
      this.#tentativeCounts.set(key, { rule: finding.rule, lacks: evidence, count: 1, line: finding.line });
    } else doubt.count++;
    if ((doubt?.count ?? 0) < this.findingsMax) this.#tentative.push({ evidence, finding });
  }

  /** The trace has such records. */
  show(evidence: Evidence): void {
    if (this.#shown.has(evidence)) return;
    this.#shown.add(evidence);
    for (const one of this.#tentative) if (one.evidence === evidence) this.add(one.finding);
    for (const [key, { rule, lacks, count }] of this.#tentativeCounts) {
      if (lacks !== evidence) continue;
      const uncounted = Math.max(0, count - this.findingsMax);
      this.#counts.set(rule, (this.#counts.get(rule) ?? 0) + uncounted);
      if (ruleOf(rule).warning) this.#warnings += uncounted;
      else this.#violations += uncounted;
      this.#tentativeCounts.delete(key);
    }
  }

  hasShown(evidence: Evidence): boolean {
    return this.#shown.has(evidence);
  }

  cannotSay(rule: RuleId, lacks: string, line: number): void {
    let ofRule = this.#doubts.get(rule);
    if (ofRule === undefined) this.#doubts.set(rule, (ofRule = new Map()));
    const doubt = ofRule.get(lacks);
    if (doubt === undefined) ofRule.set(lacks, { rule, lacks, count: 1, line });
    else doubt.count++;
  }

  verdict(records: number, peakLiveObjects: number): Verdict {
    const doubts = [...this.#doubts.values()].flatMap((ofRule) => [...ofRule.values()]);
    const rest = [...this.#tentativeCounts.values()].map((doubt) => ({ ...doubt, lacks: `records of ${doubt.lacks}` }));
    const cannotSay: CannotSay[] = [...doubts, ...rest].sort(
      (a, b) => ruleOf(a.rule).number - ruleOf(b.rule).number || a.line - b.line,
    );
    const byRule: Partial<Record<RuleId, number>> = {};
    for (const { id } of RULES) if (this.#counts.has(id)) byRule[id] = this.#counts.get(id)!;
    const findings = [...this.#kept.values()].flat().sort((a, b) => a.line - b.line);
    return {
      records,
      violations: this.#violations,
      warnings: this.#warnings,
      byRule,
      findings,
      cannotSay,
      undecided: this.undecided,
      peakLiveObjects,
    };
  }
}
