import type { LatencySummary } from "../measure/percentiles.js";
import type { CountGroup, PartialRun, Result, ResultViolations } from "../result/schema.js";
import { formatBytes } from "../scenario/units.js";
import {
  durationQuantity,
  formatCount,
  formatDuration,
  formatLarge,
  formatNumber,
  formatPlural,
  formatShare,
  formatTime,
} from "./format.js";
import { alignColumns, drawBar, wrap } from "./layout.js";
import { LABEL_CHARACTERS, Page, type TerminalOptions } from "./page.js";

export type { TerminalOptions };

/** Rules shown with their text and first place; the rest is only counted. */
const RULES_SHOWN = 5;
const BAR_CHARACTERS = 40;
/** Around a bar: its label, its share and the spaces between them. */
const BAR_MARGIN = 36;

function writeTitle(page: Page, result: Result): void {
  const parts = [
    `${result.tool.name} ${result.tool.version}`,
    `${result.mode} ${result.scenario.name}`,
    `seed ${result.seed}`,
    formatPlural(result.afs.configured, "address family", "address families"),
    `${formatDuration(result.totals.virtualNs)} of ${result.mode === "live" ? "wall" : "virtual"} time`,
  ];
  for (const part of wrap(parts.join(" · "), page.width)) page.line(page.style("heading", part));
  if (result.partial) {
    for (const part of wrap(describePartial(result.partial), page.width)) page.line(page.style("bad", part));
  }
}

function describePartial({ done, ...counts }: PartialRun): string {
  const started =
    counts.shardsStarted === counts.shards
      ? `all ${formatPlural(counts.shards, "shard")} had started`
      : `${formatCount(counts.shardsStarted)} of ${formatPlural(counts.shards, "shard")} had started, with ` +
        `${formatCount(counts.machinesStarted)} of ${formatPlural(counts.machines, "machine")} and ` +
        formatPlural(counts.afsStarted, "AF");
  return `Stopped early, ${formatShare(done)} done: ${started}; ${formatCount(counts.shardsDone)} had ended.`;
}

function writeTotals(page: Page, { totals, afs }: Result): void {
  const pendedShare = totals.closes === 0 ? "none" : formatShare(totals.pendedCloses / totals.closes);
  const rows: (readonly [label: string, count: number, text: string])[] = [
    [
      "opens",
      totals.opens,
      `${formatCount(afs.openAtEnd)} open at the end; the machines' peaks add up to ${formatCount(afs.peakOpen)}`,
    ],
    [
      "closes",
      totals.closes,
      `${pendedShare} pended, ${formatCount(totals.synchronousCloses)} answered at once with success`,
    ],
    [
      "completions",
      totals.completions,
      `${formatCount(afs.pendedAtEnd)} closes pended at the end; the machines' peaks add up to ${formatCount(afs.peakPendedCloses)}`,
    ],
    ["of them inline", totals.inlineCompletions, "called before ProtocolCmCloseAf had returned PENDING"],
    [
      "lifecycles",
      totals.lifecycles,
      `ended; ${formatCount(totals.calls)} calls across the driver interface, callbacks included`,
    ],
    ["failed opens", totals.failedOpens, "the call manager let them fail; they are not among the opens"],
    ["refused", totals.refused, "arrivals found every AF in use"],
    ["undecided", totals.undecided, "obligations at the end were younger than their deadline"],
  ];
  const optional = ["of them inline", "failed opens", "refused", "undecided"];
  const isOptional = (label: string): boolean => optional.includes(label);
  const shown = rows.filter(([label, count]) => count > 0 || !isOptional(label));
  const width = Math.max(...shown.map(([, count]) => formatCount(count).length));
  page.heading("What happened");
  for (const [label, count, text] of shown) page.entry(label, text, `${formatCount(count).padStart(width)}  `);
}

const LATENCY_ROWS: readonly (readonly [label: string, field: Exclude<keyof LatencySummary, "count" | "hdr">])[] = [
  ["mean", "meanNs"],
  ["p50", "p50Ns"],
  ["p90", "p90Ns"],
  ["p99", "p99Ns"],
  ["p99.9", "p999Ns"],
  ["p99.99", "p9999Ns"],
  ["maximum", "maxNs"],
];

function writeLatency(page: Page, { latency: { close, open } }: Result): void {
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
  page.heading("How long it took", "virtual time; from request to client told, closes split at the completion call");
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
  const { completions, reordered, reorderedRatio, inversionRatio, perClient } = ordering;
  page.heading("In what order", "completions against close requests of one call manager; any order is legal");
  if (reorderedRatio === null) {
    page.paragraph("No pended close was completed, so there is no order.", "  ");
    return;
  }
  if (reordered === 0) {
    page.paragraph(`All ${formatCount(completions)} completions came in the order of their close requests.`, "  ");
    return;
  }
  const window = formatCount(ordering.windowCompletions);
  page.entry(
    "reordered",
    `${formatShare(reorderedRatio)}: ${formatCount(reordered)} completions came after that of a later close (RFC 4737)`,
  );
  const extents = [
    ordering.maxExtent > 0 ? `up to ${formatPlural(ordering.maxExtent, "completion")} late` : "",
    ordering.beyondWindow > 0 ? `${formatCount(ordering.beyondWindow)} overtaken before their window of ${window}` : "",
  ];
  page.entry("extent", extents.filter((text) => text !== "").join("; "));
  page.entry("inversions", `${formatShare(inversionRatio ?? 0)} of the pairs in a window came in the opposite order`);
  const { worst } = perClient;
  if (worst !== null) {
    page.entry(
      "clients",
      `median of ${formatCount(perClient.clients)}: ${formatShare(perClient.medianReorderedRatio ?? 0)} reordered` +
        (worst.reorderedRatio > 0
          ? `; worst: ${formatShare(worst.reorderedRatio)} (machine ${worst.machine}, client ${worst.client})`
          : ""),
    );
  }
  page.entry("displacement", `from the place in the order of requests, in windows of ${window} (RFC 5236):`);
  writeDisplacements(page, ordering.density, completions);
}

/** What breaking a rule is called, and how it looks. */
const VIOLATIONS = { one: "violation", style: "bad" } as const;
const WARNINGS = { one: "warning", style: "heading" } as const;

function writeBrokenRules(page: Page, broken: ResultViolations, { one, style }: typeof VIOLATIONS | typeof WARNINGS) {
  const rules = byFirstPlace(broken);
  for (const [rule, count] of rules.slice(0, RULES_SHOWN)) {
    page.line(`  ${page.style(style, rule)}  ${formatPlural(count, one)}`);
    const first = broken.first.find((violation) => violation.rule === rule);
    if (first === undefined) continue;
    page.paragraph(first.text, "    ");
    page.line(`    first at ${formatTime(first.timeNs)}, machine ${first.machine}, ${first.af}; to reproduce:`);
    page.line(`    ${page.style("faint", first.reproduce)}`);
  }
  const rest = rules.slice(RULES_SHOWN).map(([rule, count]) => `${rule} (${formatCount(count)})`);
  if (rest.length > 0) page.paragraph(`and ${rest.join(", ")}`, "  ");
}

/** Rules in the order of their first violations. */
function byFirstPlace({ byRule, first }: ResultViolations): [rule: string, count: number][] {
  const place = (rule: string): number => {
    const index = first.findIndex((violation) => violation.rule === rule);
    return index < 0 ? first.length : index;
  };
  return Object.entries(byRule)
    .filter(([, count]) => count > 0)
    .sort(([a], [b]) => place(a) - place(b));
}

function writeViolations(page: Page, { violations, warnings }: Result): void {
  const describe = ({ total, byRule }: ResultViolations, one: string): string =>
    `${formatPlural(total, one)} of ${formatPlural(Object.keys(byRule).length, "rule")}`;
  if (violations.total === 0) {
    page.heading("What broke", "nothing: every rule that was checked held", "good");
  } else {
    page.heading(`What broke: ${describe(violations, "violation")}`, "", "bad");
    writeBrokenRules(page, violations, VIOLATIONS);
  }
  if (warnings.total === 0) return;
  page.heading(`Warnings: ${describe(warnings, "warning")}`, "the documentation says should; they fail no run");
  writeBrokenRules(page, warnings, WARNINGS);
}

function writeThresholds(page: Page, { thresholds }: Result): void {
  if (thresholds.length === 0) return;
  page.heading("Thresholds");
  for (const { text, value, pass } of thresholds) {
    const isDuration = /^\S*Ns\b/.test(text);
    const measured = value === null ? "not measured" : isDuration ? formatDuration(value) : formatNumber(value);
    page.entry(pass ? "met" : "missed", `${text} (${measured})`, "", pass ? "good" : "bad");
  }
}

function writeHost(page: Page, { totals, host }: Result): void {
  const runs = host.runs === undefined ? "" : ` (median of ${formatPlural(host.runs.length, "run")})`;
  page.heading("How fast");
  if (totals.events > 0) {
    page.entry(
      "speed",
      `${formatLarge(host.eventsPerSecond)} events a second, ${formatNumber(host.nsPerEvent)} ns an event${runs}`,
    );
  }
  page.entry(
    "time",
    `${formatDuration(host.wallMs * 1e6)} for ${formatCount(totals.events)} events, ` +
      `${formatDuration(host.setupMs * 1e6)} of it set-up`,
  );
  page.entry(
    "memory",
    `${formatBytes(host.memoryBytes)} in the kernels, ${formatNumber(host.bytesPerAf)} bytes an AF; ` +
      `process ${formatBytes(host.rssBytes)}`,
  );
  page.entry(
    "host",
    `${formatPlural(host.shards, "shard")} on ${formatPlural(host.workers, "worker")}, Node ${host.node}, ${host.cpu}`,
  );
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
