/** What a result says in words, for the terminal and for pages alike. */

import type { LatencySummary } from "../measure/percentiles.js";
import type { PartialRun, Result, ResultViolations } from "../result/schema.js";
import { formatCount, formatDuration, formatNumber, formatPlural, formatShare } from "./format.js";

/** Program, scenario, seed and size. */
export function titleParts(result: Result): string[] {
  return [
    `${result.tool.name} ${result.tool.version}`,
    `${result.mode} ${result.scenario.name}`,
    `seed ${result.seed}`,
    formatPlural(result.afs.configured, "address family", "address families"),
    `${formatDuration(result.totals.virtualNs)} of ${result.mode === "live" ? "wall" : "virtual"} time`,
  ];
}

/** How far a run had come that was stopped. */
export function describePartial({ done, ...counts }: PartialRun): string {
  const started =
    counts.shardsStarted === counts.shards
      ? `all ${formatPlural(counts.shards, "shard")} had started`
      : `${formatCount(counts.shardsStarted)} of ${formatPlural(counts.shards, "shard")} had started, with ` +
        `${formatCount(counts.machinesStarted)} of ${formatPlural(counts.machines, "machine")} and ` +
        formatPlural(counts.afsStarted, "AF");
  return `Stopped early, ${formatShare(done)} done: ${started}; ${formatCount(counts.shardsDone)} had ended.`;
}

/** What happened, how often, and a remark; what seldom happens only where it did. */
export function totalsRows({ totals, afs }: Result): (readonly [label: string, count: number, text: string])[] {
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
  return rows.filter(([label, count]) => count > 0 || !isOptional(label));
}

/** The figures of a latency, in the order in which they are shown. */
export const LATENCY_ROWS: readonly (readonly [
  label: string,
  field: Exclude<keyof LatencySummary, "count" | "hdr">,
])[] = [
  ["mean", "meanNs"],
  ["p50", "p50Ns"],
  ["p90", "p90Ns"],
  ["p99", "p99Ns"],
  ["p99.9", "p999Ns"],
  ["p99.99", "p9999Ns"],
  ["maximum", "maxNs"],
];

/** What a threshold's figure was, in its unit. */
export function describeMeasured(text: string, value: number | null): string {
  if (value === null) return "not measured";
  return /^\S*Ns\b/.test(text) ? formatDuration(value) : formatNumber(value);
}

/** Rules in the order of their first violations. */
export function byFirstPlace({ byRule, first }: ResultViolations): [rule: string, count: number][] {
  const place = (rule: string): number => {
    const index = first.findIndex((violation) => violation.rule === rule);
    return index < 0 ? first.length : index;
  };
  return Object.entries(byRule)
    .filter(([, count]) => count > 0)
    .sort(([a], [b]) => place(a) - place(b));
}

/** Where the pages of a rule's source are read: those of the DDI reference, which are named by their kind, and the guide's. */
export const ADDRESSES: readonly (readonly [pages: RegExp, address: string])[] = [
  [/^n[a-z]-/, "https://learn.microsoft.com/windows-hardware/drivers/ddi/ndis/"],
  [/^(?!n[a-z]-)/, "https://learn.microsoft.com/windows-hardware/drivers/network/"],
];

/** Where a page of the documentation is read. */
export function pageAddress(name: string): string {
  const [, address = ""] = ADDRESSES.find(([pages]) => pages.test(name)) ?? [];
  return address + encodeURIComponent(name);
}
