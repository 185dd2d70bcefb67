/** What broke: each rule with its source, the place where it first broke, what led to it, and how to see it again. */

import type { Result, ResultViolations } from "../result/schema.js";
import { formatCount, formatPlural, formatTime } from "./format.js";
import { describeHistory } from "./history.js";
import { writeHistory } from "./history-text.js";
import type { Page } from "./page.js";
import { ADDRESSES, byFirstPlace, purposeOf, seenBy, subjectOf } from "./result-words.js";

/** Rules shown with their text, source and first place; the rest is only counted. */
const RULES_SHOWN = 5;
const INDENT = "    ";

/** What breaking a rule is called, and how it looks. */
const VIOLATIONS = { one: "violation", style: "bad" } as const;
const WARNINGS = { one: "warning", style: "heading" } as const;

/** Writes the violations and the warnings of a result. */
export function writeViolations(page: Page, { violations, warnings, mode }: Result): void {
  const describe = ({ total, byRule }: ResultViolations, one: string): string =>
    `${formatPlural(total, one)} of ${formatPlural(Object.keys(byRule).length, "rule")}`;
  if (violations.total === 0) {
    page.heading("What broke", "nothing: every rule that was checked held", "good");
  } else {
    page.heading(`What broke: ${describe(violations, "violation")}`, "", "bad");
    writeBrokenRules(page, violations, VIOLATIONS, mode);
  }
  if (warnings.total === 0) return;
  page.heading(`Warnings: ${describe(warnings, "warning")}`, "the documentation says should; they fail no run");
  writeBrokenRules(page, warnings, WARNINGS, mode);
}

function writeBrokenRules(
  page: Page,
  broken: ResultViolations,
  { one, style }: typeof VIOLATIONS | typeof WARNINGS,
  mode: Result["mode"],
) {
  const rules = byFirstPlace(broken);
  for (const [rule, count] of rules.slice(0, RULES_SHOWN)) {
    page.line(`  ${page.style(style, rule)}  ${formatPlural(count, one)}`);
    const first = broken.first.find((violation) => violation.rule === rule);
    if (first === undefined) continue;
    page.paragraph(first.text, INDENT);
    writeSource(page, first.source);
    const place = `first at ${formatTime(first.timeNs)}, ${seenBy(first)}, ${subjectOf(first)}`;
    const purpose = purposeOf(first, mode);
    if (first.history === undefined) {
      page.line(`${INDENT}${place}; ${purpose}:`);
    } else {
      page.line(`${INDENT}${place}; its history:`);
      writeHistory(page, describeHistory(first), style, INDENT);
      page.line(`${INDENT}${purpose}:`);
    }
    page.line(`${INDENT}${page.style("faint", first.reproduce)}`);
  }
  const rest = rules.slice(RULES_SHOWN).map(([rule, count]) => `${rule} (${formatCount(count)})`);
  if (rest.length > 0) page.paragraph(`and ${rest.join(", ")}; --json has their first places, too`, "  ");
}

/** The names of the pages, and the address that each becomes a part of. */
export function writeSource(page: Page, source: readonly string[]): void {
  for (const [pages, address] of ADDRESSES) {
    const names = source.filter((name) => pages.test(name));
    if (names.length === 0) continue;
    page.paragraph(`source: ${names.join(", ")}`, INDENT);
    page.line(`${INDENT}at ${address}<page>`);
  }
}
