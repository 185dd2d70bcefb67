import { type RuleId, ruleOf, RULES } from "./rules.js";

/** What a violation is of: a rule, or the form of a rule that is only a warning. */
export interface RuleForm {
  /** As in Rule. */
  readonly number: number;
  readonly id: RuleId;
  readonly warning: boolean;
}

/** All forms of all rules, by number. */
export const RULE_FORMS: readonly RuleForm[] = RULES.flatMap(({ id, number, warning, warningForm }): RuleForm[] => [
  { number, id, warning },
  ...(warningForm === null ? [] : [{ number: warningForm, id, warning: true }]),
]).sort((a, b) => a.number - b.number);

/** A rule as it is mostly broken, or its warning form. Throws Error when it has none. */
export function ruleForm(id: RuleId, form: "full" | "warning" = "full"): RuleForm {
  const rule = ruleOf(id);
  if (form === "full") return { id, number: rule.number, warning: rule.warning };
  if (rule.warningForm === null) throw new Error(`${id} has no form that is only a warning`);
  return { id, number: rule.warningForm, warning: true };
}
