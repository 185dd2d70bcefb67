import type { ComparedPair, Comparison, FirstDifference } from "../result/comparison.js";
import type { SpeedVerdict } from "../result/compare-speed.js";
import type { Difference } from "../result/differences.js";
import {
  describeCaveat,
  describeEffect,
  describeFiles,
  describeOutcome,
  describeSample,
  describeSpeed,
  explainSame,
  hasOtherVersion,
  nameOf,
  plain,
  remarkOf,
  rowsOf,
  titleOf,
  VERDICTS,
  type DifferenceRow,
} from "./compare-words.js";
import { formatCount, formatPlural } from "./format.js";
import { alignColumns, wrap } from "./layout.js";
import { Page, type Style, type TerminalOptions } from "./page.js";

const INDENT = "    ";
const PAIR_STYLES = { same: "good", differ: "bad", "not comparable": "bad" } as const;
const OUTCOME_STYLES = { pass: "good", fail: "bad", undecided: "bad" } as const;
const SPEED_STYLES: Readonly<Record<SpeedVerdict, Style>> = {
  faster: "good",
  slower: "bad",
  "no difference": "faint",
  "cannot say": "faint",
  "not comparable": "faint",
};

/** A comparison as a person reads it: pair by pair what went in, what came out and how fast; then what comes of it. */
export function formatComparisonText(comparison: Comparison, options: TerminalOptions): string {
  const page = new Page(options);
  const { tool, a, b, pairs } = comparison;
  const title = [
    `${tool.name} ${tool.version}`,
    `compare ${plain(a.name)} ${plain(b.name)}`,
    ...(pairs.length === 1 ? [] : [formatPlural(pairs.length, "pair")]),
  ];
  for (const part of wrap(title.join(" · "), page.width)) page.line(page.style("heading", part));
  for (const pair of pairs) writePair(page, pair);
  writeLonely(page, comparison);
  page.heading("Verdict");
  page.entry(comparison.outcome, describeOutcome(comparison), "", OUTCOME_STYLES[comparison.outcome]);
  const caveat = describeCaveat(comparison);
  if (caveat !== "") page.entry("note", caveat);
  return page.toString();
}

function writePair(page: Page, pair: ComparedPair): void {
  page.heading(`${titleOf(pair)}: ${VERDICTS[pair.verdict]}`, remarkOf(pair), PAIR_STYLES[pair.verdict]);
  const withVersion = hasOtherVersion(pair);
  page.entry("a", describeFiles(pair.a, withVersion));
  page.entry("b", describeFiles(pair.b, withVersion));
  for (const problem of pair.problems) page.entry("why", plain(problem), "", "bad");
  if (pair.verdict === "differ") page.entry("digest", `${pair.a[0]?.digest} in a, ${pair.b[0]?.digest} in b`);
  const sameAnyway = explainSame(pair);
  if (sameAnyway !== "") page.entry("note", sameAnyway);
  writeRows(page, "what went in", pair.inputs);
  if (pair.verdict === "differ") writeRows(page, "what came out", withoutDigest(pair.outputs));
  writeRows(page, "not compared: only one version has it", pair.unmeasured);
  if (pair.firstDifference) writeFirstDifference(page, pair.firstDifference);
  if (pair.verdict !== "not comparable") writeSpeed(page, pair);
}

/** It has a line of its own. */
function withoutDigest(differences: readonly Difference[]): Difference[] {
  return differences.filter(({ path }) => path !== "digest");
}

function writeRows(page: Page, title: string, differences: readonly Difference[]): void {
  if (differences.length === 0) return;
  const rows = rowsOf(differences);
  const cells = alignColumns([["a", "b", "change"], ...rows.map(({ a, b, change }) => [a, b, change])], 3);
  const isChanging = rows.some(({ change }) => change !== "");
  const texts = cells.map((row) => (isChanging ? row : row.slice(0, 2)).join(""));
  const labelWidth = Math.max(title.length - 2, ...rows.map(({ path }) => path.length));
  const start = INDENT.length + labelWidth + 3;
  if (start + (texts[0]?.length ?? 0) > page.width) {
    page.line(`  ${page.style("faint", title)}`);
    for (const row of rows) writeStacked(page, row);
    return;
  }
  page.line(`  ${page.style("faint", `${title.padEnd(labelWidth + 2)}   ${texts[0]}`)}`);
  rows.forEach(({ path, text }, index) => {
    page.line(`${INDENT}${page.style("faint", path.padEnd(labelWidth))}   ${text ?? texts[index + 1]}`);
  });
}

/** Where the columns do not fit beside the path. */
function writeStacked(page: Page, { path, a, b, change, text }: DifferenceRow): void {
  page.line(`${INDENT}${page.style("faint", path)}`);
  page.paragraph(text ?? `${a} → ${b}${change === "" ? "" : ` (${change})`}`, `${INDENT}  `);
}

function writeFirstDifference(page: Page, first: FirstDifference): void {
  if (first.kind === "unknown") {
    page.entry("first record", plain(first.reason));
    return;
  }
  const records = `${formatCount(first.equalRecords)} trace records`;
  const text =
    first.kind === "none" ? `the traces are the same: ${records}` : `that differs, after ${records} that do not:`;
  page.entry("first record", text);
  if (first.kind === "found") {
    // Whole, so that they can be searched for.
    for (const [side, record] of [["a", first.a] as const, ["b", first.b] as const])
      page.line(`${INDENT}${page.style("faint", side)} ${record === null ? "the trace has ended" : plain(record)}`);
  }
  for (const note of first.notes) page.entry("note", plain(note));
}

function writeSpeed(page: Page, { speed }: ComparedPair): void {
  page.entry("speed", describeSpeed(speed), "", SPEED_STYLES[speed.verdict]);
  if (speed.verdict === "not comparable") return;
  const samples = [`a: ${describeSample(speed, speed.a)}`, `b: ${describeSample(speed, speed.b)}`];
  const details = [...samples, describeEffect(speed)];
  for (const detail of details) if (detail !== "") page.entry("", detail);
}

function writeLonely(page: Page, { onlyInA, onlyInB }: Comparison): void {
  if (onlyInA.length + onlyInB.length === 0) return;
  page.heading("Without a partner", "of the same scenario on the other side", "bad");
  for (const [side, results] of [["only in a", onlyInA] as const, ["only in b", onlyInB] as const])
    for (const result of results) page.entry(side, `${plain(result.file)}: ${nameOf(result)}`);
}
