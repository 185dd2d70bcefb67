/** What a result says in words, for the terminal and for pages alike. */

import type { LatencySummary } from "../measure/percentiles.js";
import type {
  Result,
  ResultLive,
  ResultObjects,
  ResultOrdering,
  ResultViolation,
  ResultViolations,
} from "../result/schema.js";
import { formatBytes } from "../scenario/units.js";
import { formatCount, formatDuration, formatLarge, formatNumber, formatPlural, formatShare } from "./format.js";

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
export function describePartial({ partial, mode }: Result): string {
  if (!partial) return "";
  const { done, ...counts } = partial;
  // Lanes start and end together.
  if (mode === "live") return `Stopped early, ${formatShare(done)} done.`;
  const started =
    counts.shardsStarted === counts.shards
      ? `all ${formatPlural(counts.shards, "shard")} had started`
      : `${formatCount(counts.shardsStarted)} of ${formatPlural(counts.shards, "shard")} had started, with ` +
        `${formatCount(counts.machinesStarted)} of ${formatPlural(counts.machines, "machine")} and ` +
        formatPlural(counts.afsStarted, "AF");
  return `Stopped early, ${formatShare(done)} done: ${started}; ${formatCount(counts.shardsDone)} had ended.`;
}

type TotalsRow = readonly [label: string, count: number, text: string];

/** What became of what was on the AFs; nothing where they have no objects of a kind. */
function objectRows(objects: ResultObjects | null): TotalsRow[] {
  if (objects === null) return [];
  const { saps, vcs, calls, parties } = objects;
  const rows: TotalsRow[] = [
    ["SAPs", saps.registered, `registered, ${formatCount(saps.deregistered)} deregistered`],
    [
      "calls",
      calls.connected,
      `connected, ${formatCount(calls.failed)} failed and ${formatCount(calls.rejected)} rejected; ` +
        `${formatCount(calls.closed)} closed; ${formatCount(vcs.atEnd)} VCs at the end`,
    ],
    ["parties", parties.added, `added, ${formatCount(parties.dropped)} dropped`],
  ];
  const had = [saps.registered + saps.atEnd, vcs.created, parties.added + parties.atEnd];
  return rows.filter((_, index) => (had[index] ?? 0) > 0);
}

/** What happened, how often, and a remark; what seldom happens only where it did. */
export function totalsRows({ totals, afs, mode, objects }: Result): TotalsRow[] {
  const pendedShare = totals.closes === 0 ? "none" : formatShare(totals.pendedCloses / totals.closes);
  const peakWords = mode === "live" ? "at most" : "the machines' peaks add up to";
  const rows: TotalsRow[] = [
    ["opens", totals.opens, `${formatCount(afs.openAtEnd)} open at the end; ${peakWords} ${formatCount(afs.peakOpen)}`],
    [
      "closes",
      totals.closes,
      `${pendedShare} pended, ${formatCount(totals.synchronousCloses)} answered at once with success`,
    ],
    [
      "completions",
      totals.completions,
      `${formatCount(afs.pendedAtEnd)} closes pended at the end; ${peakWords} ${formatCount(afs.peakPendedCloses)}`,
    ],
    ["of them inline", totals.inlineCompletions, "called before ProtocolCmCloseAf had returned PENDING"],
    [
      "lifecycles",
      totals.lifecycles,
      `ended; ${formatCount(totals.calls)} calls across the driver interface, callbacks included`,
    ],
    ...objectRows(objects),
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

/** What a violation is about: an AF, or a driver of an adapter. */
export function subjectOf({ af, adapter }: ResultViolation): string {
  return af ?? `adapter ${adapter}`;
}

/** Where a violation was seen: in a live run, whose AFs are all on one machine, by which lane. */
export function seenBy({ machine, lane }: ResultViolation): string {
  return lane === undefined ? `machine ${machine}` : `lane ${lane}`;
}

/** What the command line behind a violation is good for. */
export function purposeOf({ history }: ResultViolation, mode: Result["mode"]): string {
  if (mode === "run") return "to reproduce";
  return history === undefined ? "to see what led to one, in another run" : "to see one like it, in another run";
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

const DISPATCH_WORDS: Readonly<Record<ResultLive["dispatch"], string>> = {
  spsc: "with a ring for every pair (spsc)",
  mpmc: "with one ring for all (mpmc)",
  lock: "with one list under a spin lock (lock)",
};

/** What lanes did with each other; what seldom happens only where it did. */
function liveRows({
  handedOver,
  waits,
  stolen,
  lostRaces,
  lag,
}: ResultLive): (readonly [label: string, text: string])[] {
  const rows: (readonly [label: string, count: number, text: string])[] = [
    ["handed over", handedOver, "items from one lane to another"],
    ["waited", waits, "steps for room in a ring"],
    ["stolen", stolen, "slots, from another lane's free list"],
    ["races lost", lostRaces, "closes that another thread had begun"],
  ];
  const late =
    lag && (["lag", `${formatDuration(lag.meanNs)} on average, at most ${formatDuration(lag.maxNs)}`] as const);
  return [
    ...rows
      .filter(([, count]) => count > 0)
      .map(([label, count, text]) => [label, `${formatCount(count)} ${text}`] as const),
    ...(late ? [late] : []),
  ];
}

/** What of the result depends on the computer. */
export function hostRows({ totals, host, live }: Result): (readonly [label: string, text: string])[] {
  const runs = host.runs === undefined ? "" : ` (median of ${formatPlural(host.runs.length, "run")})`;
  const speed = `${formatLarge(host.eventsPerSecond)} events a second, ${formatNumber(host.nsPerEvent)} ns an event${runs}`;
  const took = `${formatDuration(host.wallMs * 1e6)} for ${formatPlural(totals.events, "event")}`;
  const kernels = `${formatBytes(host.memoryBytes)} in the kernels, ${formatNumber(host.bytesPerAf)} bytes an AF`;
  const where = live
    ? `${formatPlural(live.lanes, "lane")} on one memory, ${DISPATCH_WORDS[live.dispatch]}`
    : `${formatPlural(host.shards, "shard")} on ${formatPlural(host.workers, "worker")}`;
  return [
    ...(totals.events > 0 ? [["speed", speed] as const] : []),
    ...(live ? liveRows(live) : []),
    ["time", `${took}, ${formatDuration(host.setupMs * 1e6)} of it set-up`],
    ["memory", `${kernels}; process ${formatBytes(host.rssBytes)}`],
    ["host", `${where}, Node ${host.node}, ${host.cpu}`],
  ];
}

/** How far completions came in another order than their close requests, where any did. */
export function orderRows(ordering: ResultOrdering): (readonly [label: string, text: string])[] {
  const { reordered, reorderedRatio, maxExtent, beyondWindow, inversionRatio, perClient } = ordering;
  const { worst } = perClient;
  const window = formatCount(ordering.windowCompletions);
  const extents = [
    maxExtent > 0 ? `up to ${formatPlural(maxExtent, "completion")} late` : "",
    beyondWindow > 0 ? `${formatCount(beyondWindow)} overtaken before their window of ${window}` : "",
  ];
  const ofWorst =
    worst !== null && worst.reorderedRatio > 0
      ? `; worst: ${formatShare(worst.reorderedRatio)} (machine ${worst.machine}, client ${worst.client})`
      : "";
  const median = `median of ${formatCount(perClient.clients)}: ${formatShare(perClient.medianReorderedRatio ?? 0)} reordered`;
  const later = `${formatCount(reordered)} completions came after that of a later close (RFC 4737)`;
  return [
    ["reordered", `${formatShare(reorderedRatio ?? 0)}: ${later}`],
    ["extent", extents.filter((text) => text !== "").join("; ")],
    ["inversions", `${formatShare(inversionRatio ?? 0)} of the pairs in a window came in the opposite order`],
    ...(worst === null ? [] : [["clients", `${median}${ofWorst}`] as const]),
  ];
}
