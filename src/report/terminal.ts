import type { LatencySummary } from "../measure/percentiles.js";
import type { CountGroup, Result } from "../result/schema.js";
import { durationQuantity, formatCount, formatShare } from "./format.js";
import { alignColumns, drawBar, wrap } from "./layout.js";
import { LABEL_CHARACTERS, Page, type TerminalOptions } from "./page.js";
import {
  describeMeasured,
  describePartial,
  hostRows,
  LATENCY_ROWS,
  orderRows,
  titleParts,
  totalsRows,
} from "./result-words.js";
import { writeViolations } from "./violations.js";

export type { TerminalOptions };

const BAR_CHARACTERS = 40;
/** Around a bar: its label, its share and the spaces between them. */
const BAR_MARGIN = 36;

function writeTitle(page: Page, result: Result): void {
  for (const part of wrap(titleParts(result).join(" · "), page.width)) page.line(page.style("heading", part));
  if (result.partial) {
    for (const part of wrap(describePartial(result), page.width)) page.line(page.style("bad", part));
  }
}

function writeTotals(page: Page, result: Result): void {
  const shown = totalsRows(result);
  const width = Math.max(...shown.map(([, count]) => formatCount(count).length));
  page.heading("What happened");
  for (const [label, count, text] of shown) page.entry(label, text, `${formatCount(count).padStart(width)}  `);
}

function writeLatency(page: Page, { mode, latency: { close, open } }: Result): void {
  const columns: readonly (readonly [title: string, summary: LatencySummary])[] = [
    ["close", close],
    ["to completion", close.phases.requestToCompletion],
    ["to client", close.phases.completionToClient],
    ["open", open],
  ];
  const shown = columns.filter(([, summary]) => summary.count > 0);
  if (shown.length === 0) {
    page.heading("How long it took");
    page.paragraph("No pended close or open was completed in the measured time, so there is no latency.", "  ");
    return;
  }
  const cell = (ns: number | null): string => {
    if (ns === null) return "";
    const { number, unit } = durationQuantity(ns);
    return `${number} ${unit.padEnd(2)}`;
  };
  const clock = mode === "live" ? "wall-clock" : "virtual";
  page.heading("How long it took", `${clock} time; from request to client told, closes split at the completion call`);
  const summaries = shown.map(([, summary]) => summary);
  const labels = ["", ...LATENCY_ROWS.map(([label]) => label), "measured"];
  const cells = [
    shown.map(([title]) => title),
    ...LATENCY_ROWS.map(([, field]) => summaries.map((summary) => cell(summary[field]))),
    summaries.map(({ count }) => formatCount(count)),
  ];
  alignColumns(cells, 4).forEach((row, index) => {
    const label = page.style("faint", (labels[index] ?? "").padEnd(LABEL_CHARACTERS));
    const text = row.join("");
    page.line(`  ${label}  ${index === 0 ? page.style("faint", text) : text}`);
  });
}

/** Bounds of the bars on either side of zero; they do not cut a group (result/groups.ts). */
const BAR_BOUNDS: readonly (readonly [from: number, to: number])[] = [
  [1, 8],
  [9, 64],
  [65, 512],
  [513, Infinity],
];

interface BarRow {
  readonly label: string;
  readonly count: number;
}

function countWithin(groups: readonly CountGroup[], from: number, to: number): number {
  return groups.filter((group) => from <= group.from && group.to <= to).reduce((sum, group) => sum + group.count, 0);
}

/** From the outermost bar that counts anything to the outermost on the other side. */
function displacementBars(density: readonly CountGroup[]): BarRow[] {
  const boundsText = ([from, to]: readonly [number, number]): string =>
    to === Infinity ? `${from} or more` : `${from} to ${to}`;
  const earlier = BAR_BOUNDS.map(([from, to]) => countWithin(density, -to, -from));
  const later = BAR_BOUNDS.map(([from, to]) => countWithin(density, from, to));
  const outermost = Math.max(...[earlier, later].map((side) => side.findLastIndex((count) => count > 0)));
  const side = (name: string, counts: readonly number[]): BarRow[] =>
    BAR_BOUNDS.slice(0, outermost + 1).map((bounds, index) => ({
      label: `${name} ${boundsText(bounds)}`,
      count: counts[index] ?? 0,
    }));
  const inPlace = { label: "in place", count: countWithin(density, 0, 0) };
  return [...side("earlier by", earlier).reverse(), inPlace, ...side("later by", later)];
}

function writeDisplacements(page: Page, density: readonly CountGroup[], completions: number): void {
  const bars = displacementBars(density);
  if (bars.length === 1) return;
  const labelWidth = Math.max(...bars.map(({ label }) => label.length));
  const fullLength = Math.max(4, Math.min(BAR_CHARACTERS, page.width - BAR_MARGIN));
  const largest = Math.max(...bars.map(({ count }) => count));
  for (const { label, count } of bars) {
    const share = formatShare(count / completions).padStart(7);
    const bar = page.style("bar", drawBar(count / largest, fullLength));
    page.line(`  ${page.style("faint", label.padStart(labelWidth))}  ${share}  ${bar}`);
  }
}

function writeOrdering(page: Page, { ordering }: Result): void {
  const { completions, reordered, reorderedRatio } = ordering;
  page.heading("In what order", "completions against close requests of one call manager; any order is legal");
  if (reorderedRatio === null) {
    page.paragraph("No pended close was completed, so there is no order.", "  ");
    return;
  }
  if (reordered === 0) {
    page.paragraph(`All ${formatCount(completions)} completions came in the order of their close requests.`, "  ");
    return;
  }
  for (const [label, text] of orderRows(ordering)) page.entry(label, text);
  const window = formatCount(ordering.windowCompletions);
  page.entry("displacement", `from the place in the order of requests, in windows of ${window} (RFC 5236):`);
  writeDisplacements(page, ordering.density, completions);
}

function writeThresholds(page: Page, { thresholds }: Result): void {
  if (thresholds.length === 0) return;
  page.heading("Thresholds");
  for (const { text, value, pass } of thresholds) {
    page.entry(pass ? "met" : "missed", `${text} (${describeMeasured(text, value)})`, "", pass ? "good" : "bad");
  }
}

function writeHost(page: Page, result: Result): void {
  page.heading("How fast");
  for (const [label, text] of hostRows(result)) page.entry(label, text);
}

function writeDigest(page: Page, { digest, command, partial }: Result): void {
  const remark = partial
    ? "the digest is that of the run so far"
    : "the same on every computer, with any number of workers";
  page.heading("To reproduce", digest === undefined ? "" : remark);
  if (digest !== undefined) page.entry("digest", digest);
  page.line(`  ${page.style("faint", "command".padEnd(LABEL_CHARACTERS))}  ${command}`);
}

/** The result as a newcomer reads it: what happened, how long it took, in what order, what broke, how fast. */
export function formatTerminal(result: Result, options: TerminalOptions): string {
  const page = new Page(options);
  writeTitle(page, result);
  writeTotals(page, result);
  writeLatency(page, result);
  writeOrdering(page, result);
  writeViolations(page, result);
  writeThresholds(page, result);
  writeHost(page, result);
  writeDigest(page, result);
  return page.toString();
}
