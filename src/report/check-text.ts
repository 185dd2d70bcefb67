import type { TraceEvent } from "../contract/checker/event.js";
import type { CannotSay, Finding } from "../contract/checker/verdict.js";
import { RULES, type Rule } from "../contract/rules.js";
import type { CheckReport } from "../result/check-report.js";
import { type FindingHistory, isAbout } from "../trace/af-calls.js";
import { nameOf } from "./chart-lanes.js";
import { plain } from "./compare-words.js";
import { formatCount, formatPlural, formatTime } from "./format.js";
import { describeRecords, remarkLine, shorten } from "./history.js";
import { writeHistory } from "./history-text.js";
import { wrap } from "./layout.js";
import { Page, type TerminalOptions } from "./page.js";
import { writeSource } from "./violations.js";

/** Findings of a rule that are shown with their history; of as many more the place. */
const FULL = 3;
const PLACES = 10;
const INDENT = "    ";

const VIOLATIONS = { one: "violation", style: "bad" } as const;
const WARNINGS = { one: "warning", style: "heading" } as const;
type Kind = typeof VIOLATIONS | typeof WARNINGS;

/** The check of a trace as a person reads it: what was judged, what broke and what led to it, what nobody can say. */
export function formatCheckText(report: CheckReport, options: TerminalOptions): string {
  const page = new Page(options);
  writeTitle(page, report);
  writeJudged(page, report);
  writeBroken(page, report);
  writeCannotSay(page, report.verdict.cannotSay);
  return page.toString();
}

function writeTitle(page: Page, { tool, trace, reading, cut, stopped }: CheckReport): void {
  const { records, fromNs, toNs } = reading;
  const title = [
    `${tool.name} ${tool.version}`,
    `check ${plain(trace)}`,
    formatPlural(records, "record"),
    ...(fromNs === null || toNs === null ? [] : [`${formatTime(fromNs)} to ${formatTime(toNs)}`]),
  ];
  for (const part of wrap(title.join(" · "), page.width)) page.line(page.style("heading", part));
  if (stopped) page.line(page.style("bad", "Stopped early: this is what was judged so far."));
  if (cut !== null) page.line(page.style("bad", `The trace is cut: ${cut}.`));
}

function writeJudged(page: Page, { reading, verdict }: CheckReport): void {
  const { skipped, firstSkipped, late, sorted } = reading;
  const rows: (readonly [label: string, count: number, text: string])[] = [
    ["records", reading.records, "were judged"],
    ["at once", verdict.peakLiveObjects, "AFs, SAPs, VCs and parties were alive at most"],
    ["sorted", sorted, "records were out of order and were put into it"],
    ["late", late, "of the lines passed over came too late for that; findings may be due to it"],
    ["undecided", verdict.undecided, "obligations at the end were younger than their deadline"],
    ["passed over", skipped, "lines are no records; the first:"],
  ];
  const shown = rows.filter(([label, count]) => count > 0 || label === "records");
  const width = Math.max(...shown.map(([, count]) => formatCount(count).length));
  page.heading("What was judged");
  for (const [label, count, text] of shown) page.entry(label, text, `${formatCount(count).padStart(width)}  `);
  for (const { line, message, suggestion } of firstSkipped) {
    const meant = suggestion === undefined ? "" : ` (did you mean ${suggestion}?)`;
    page.paragraph(`line ${line}: ${plain(message)}${plain(meant)}`, INDENT);
  }
}

function writeBroken(page: Page, report: CheckReport): void {
  const { violations, warnings } = report.verdict;
  const { af } = report;
  const shown = report.verdict.findings.filter((finding) => af === null || isAbout(finding, af.name));
  const remark = af === null ? "" : `those of ${nameOf(af.name)} are shown`;
  const rules = RULES.filter(({ id }) => (report.verdict.byRule[id] ?? 0) > 0);
  const of = (isWarning: boolean): readonly Rule[] =>
    rules.filter(({ id }) => shown.some((one) => one.rule === id && one.warning === isWarning));
  const countOf = (count: number, isWarning: boolean): string => {
    const broken = new Set(report.verdict.findings.flatMap((one) => (one.warning === isWarning ? one.rule : [])));
    return `${formatPlural(count, isWarning ? "warning" : "violation")} of ${formatPlural(broken.size, "rule")}`;
  };
  if (violations === 0) page.heading("What broke", "nothing: every rule that could be judged held", "good");
  else {
    page.heading(`What broke: ${countOf(violations, false)}`, remark, "bad");
    for (const rule of of(false)) writeRule(page, report, rule, VIOLATIONS);
  }
  if (warnings === 0) return;
  page.heading(`Warnings: ${countOf(warnings, true)}`, remark || "the documentation says should; they fail no check");
  for (const rule of of(true)) writeRule(page, report, rule, WARNINGS);
}

function writeRule(page: Page, { verdict, histories, af }: CheckReport, rule: Rule, { one, style }: Kind): void {
  const findings = verdict.findings.filter(
    (finding) => finding.rule === rule.id && finding.warning === (one === "warning"),
  );
  const shown = af === null ? findings : findings.filter((finding) => isAbout(finding, af.name));
  const hasBoth = verdict.findings.some(
    (finding) => finding.rule === rule.id && finding.warning !== (one === "warning"),
  );
  const count = hasBoth ? findings.length : (verdict.byRule[rule.id] ?? 0);
  page.line(`  ${page.style(style, rule.id)}  ${formatPlural(count, one)}`);
  page.paragraph(rule.text, INDENT);
  writeSource(page, rule.source);
  for (const finding of shown.slice(0, FULL)) {
    page.paragraph(`${placeOf(finding)}: ${finding.text}`, INDENT);
    const history = histories.get(finding);
    if (history !== undefined) writeFindingHistory(page, finding, history, style);
  }
  const places = shown.slice(FULL, FULL + PLACES).map(placeOf);
  const more = (af === null ? count : shown.length) - FULL - places.length;
  if (places.length > 0)
    page.paragraph(`also ${places.join("; ")}${more > 0 ? `; and ${formatCount(more)} more` : ""}`, INDENT);
}

function placeOf({ line, timeNs, machine, af }: Finding): string {
  return `line ${line}, at ${formatTime(timeNs)}, machine ${machine}${af === null ? "" : `, ${af}`}`;
}

function writeFindingHistory(
  page: Page,
  { rule, line }: Finding,
  { events, leftOut, leftOutAt, isOwed }: FindingHistory,
  style: Kind["style"],
): void {
  const before = leftOut > 0 ? events.slice(0, leftOutAt) : [];
  const isBreach = (event: TraceEvent): boolean => event.line === line;
  const lines = [
    ...describeRecords(before, rule, isBreach),
    ...(leftOut > 0 ? [remarkLine(`… ${formatPlural(leftOut, "record")} left out`)] : []),
    ...describeRecords(events.slice(before.length), rule, isBreach),
  ];
  writeHistory(page, shorten(lines), style, INDENT, isOwed ? "◄ owed from here on" : undefined);
}

function writeCannotSay(page: Page, reasons: readonly CannotSay[]): void {
  if (reasons.length === 0) return;
  page.heading("What cannot be said", "for want of what the trace does not have");
  const width = Math.max(...reasons.map(({ rule }) => rule.length));
  for (const { rule, lacks, count, line } of reasons) {
    const start = `  ${rule.padEnd(width)}  `;
    const text = `${formatPlural(count, "time")} for want of ${lacks}; first at line ${line}`;
    wrap(text, page.width - start.length).forEach((part, index) => {
      page.line(`${index === 0 ? page.style("faint", start) : " ".repeat(start.length)}${part}`);
    });
  }
}
