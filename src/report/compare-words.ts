/** What a comparison says in words, for the terminal and for Markdown alike. Nothing from a file gets through with control characters. */

import { RUNS_MIN } from "../measure/bootstrap.js";
import type { PairComparison } from "../result/compare.js";
import type { SpeedComparison, SpeedVerdict } from "../result/compare-speed.js";
import type { Comparison } from "../result/comparison.js";
import type { Difference, Scalar } from "../result/differences.js";
import type { StoredResult } from "../result/stored.js";
import { formatDuration, formatNumber, formatPlural, formatShare, formatTime } from "./format.js";

/** A field that differs; or, with `text`, a list of fields of which several may. */
export interface DifferenceRow {
  readonly path: string;
  readonly a: string;
  readonly b: string;
  readonly change: string;
  readonly text?: string;
}

/** Lists of which it is only said how many fields differ. */
const LISTS: readonly (readonly [path: RegExp, one: string])[] = [
  [/^(.+)\.-?\d+\.\.-?\d+$/, "group"],
  [/^((?:violations|warnings)\.first)\./, "field"],
  [/^(latency\.\w+\.phases)\./, "field"],
];
const HISTOGRAM = /\.hdr$/;
/** Whether it is met says the threshold itself; what was measured stands in a row of its own. */
const THRESHOLD = /^thresholds\.(.+)\.pass$/;
const THRESHOLD_VALUE = /^thresholds\..+\.(?:value|text)$/;
/** Numbers that are names: a change of so many per cent means nothing. */
const NAMES = /(?:^|\.)(?:seed|client|machine)$/;
const TEXT_CHARACTERS = 40;
/** Significant digits that tell any two numbers apart. */
const DIGITS_MAX = 17;

/** As a terminal may show it. */
export function plain(text: string): string {
  return text.replace(/\p{Cc}/gu, (control) => JSON.stringify(control).slice(1, -1));
}

/** A row for every field, apart from lists. */
export function rowsOf(differences: readonly Difference[]): DifferenceRow[] {
  const rows = new Map<string, DifferenceRow>();
  const counts = new Map<string, number>();
  for (const { path, a, b } of differences) {
    if (THRESHOLD_VALUE.test(path)) continue;
    const list = listOf(path);
    const key = list?.path ?? path;
    const count = (counts.get(key) ?? 0) + 1;
    counts.set(key, count);
    const row = { path: plain(key.replace(THRESHOLD, "threshold $1")), a: "", b: "", change: "" };
    if (list) rows.set(key, { ...row, text: `${formatPlural(count, list.one)} ${count === 1 ? "differs" : "differ"}` });
    else if (HISTOGRAM.test(path)) rows.set(key, { ...row, text: "another histogram" });
    else rows.set(key, { ...row, ...formatBoth(path, a, b), change: NAMES.test(path) ? "" : formatChange(a, b) });
  }
  return [...rows.values()];
}

function listOf(path: string): { readonly path: string; readonly one: string } | null {
  for (const [pattern, one] of LISTS) {
    const match = pattern.exec(path);
    if (match?.[1] !== undefined) return { path: match[1], one };
  }
  return null;
}

/** In three digits, or in as many as it takes to show a difference. */
function formatBoth(path: string, a: Scalar | undefined, b: Scalar | undefined): Pick<DifferenceRow, "a" | "b"> {
  const short = { a: formatField(path, a), b: formatField(path, b) };
  if (short.a !== short.b) return short;
  if (typeof a !== "number" || typeof b !== "number") return { a: plain(String(a)), b: plain(String(b)) };
  for (let digits = 4; digits < DIGITS_MAX; digits++) {
    const exact = { a: formatExact(path, a, digits), b: formatExact(path, b, digits) };
    if (exact.a !== exact.b) return exact;
  }
  return { a: String(a), b: String(b) };
}

function formatExact(path: string, value: number, digits: number): string {
  const rounded = (number: number): number => Number(number.toPrecision(digits));
  if (path.endsWith("Ratio")) return `${rounded(value * 100)} %`;
  return path.endsWith("Ns") ? formatTime(rounded(value)) : String(rounded(value));
}

function formatField(path: string, value: Scalar | undefined): string {
  if (value === undefined) return "none";
  if (THRESHOLD.test(path)) return value === true ? "met" : "missed";
  if (path.startsWith("scenario.")) return typeof value === "number" ? String(value) : plain(shorten(String(value)));
  if (typeof value !== "number") return value === null ? "not measured" : plain(shorten(String(value)));
  if (path.endsWith("Ns")) return formatDuration(value);
  return path.endsWith("Ratio") ? formatShare(value) : formatNumber(value);
}

function shorten(text: string): string {
  return text.length <= TEXT_CHARACTERS ? text : `${text.slice(0, TEXT_CHARACTERS - 1)}…`;
}

function formatChange(a: Scalar | undefined, b: Scalar | undefined): string {
  if (typeof a !== "number" || typeof b !== "number" || a === 0) return "";
  return formatSigned((b - a) / a);
}

/** A share with its sign, in per cent: `+4.3 %`, `-0.002 %`. */
export function formatSigned(share: number): string {
  const percent = Math.abs(share * 100);
  const digits = percent >= 99.95 ? formatNumber(Math.round(percent)) : percent.toPrecision(percent < 10 ? 2 : 3);
  return `${share < 0 ? "-" : "+"}${Number(percent.toPrecision(2)) < 1e-6 ? "<0.000001" : digits} %`;
}

/** `churn, seed 1`, or both names and seeds where they differ. */
export function titleOf({ a, b }: Pick<PairComparison, "a" | "b">): string {
  const names = [...new Set([nameOf(a[0]), nameOf(b[0])])];
  return names.join(" and ");
}

/** `churn, seed 1`. */
export function nameOf(result: StoredResult | undefined): string {
  return result === undefined ? "" : plain(`${result.name}, seed ${result.seed}`);
}

/** Files of one side, their tool version where it matters, and whether the run was stopped. */
export function describeFiles(results: readonly StoredResult[], withVersion: boolean): string {
  const [first] = results;
  if (first === undefined) return "";
  const rest = results.length > 1 ? ` and ${results.length - 1} more of the same` : "";
  const notes = [withVersion ? `by version ${first.tool.version}` : "", first.partialDone === null ? "" : "partial"];
  const said = notes.filter((note) => note !== "");
  return plain(`${first.file}${rest}${said.length === 0 ? "" : ` (${said.join(", ")})`}`);
}

/** Whether the sides were written by different versions of the tool. */
export function hasOtherVersion({ a, b }: PairComparison): boolean {
  return a[0]?.tool.version !== b[0]?.tool.version;
}

export const VERDICTS = { same: "the same", differ: "differs", "not comparable": "not comparable" } as const;

/** Of what came out: how many fields, and the digest. */
export function remarkOf({ verdict, outputs, fieldCount, a }: PairComparison): string {
  if (verdict === "not comparable") return "";
  if (verdict === "differ") return `in ${outputs.length} of ${fieldCount} fields, the host's apart`;
  return `in all ${fieldCount} fields but the host's; digest ${a[0]?.digest}`;
}

/** Why an input differs while what came out does not. */
export function explainSame({ inputs, verdict }: PairComparison): string {
  return verdict === "same" && inputs.length > 0 ? "what went in differs, what came out does not" : "";
}

function percentOf(share: number): string {
  return `${Number((share * 100).toPrecision(6))} %`;
}

/** The verdict on speed with what it rests on. */
export function describeSpeed(speed: SpeedComparison): string {
  const { ratio, interval, reason, countWanted, unit } = speed;
  const margin = percentOf(speed.margin);
  const basis =
    ratio === null || interval === null
      ? ""
      : `b takes ${formatRatio(ratio)} times as long, ${formatRatio(interval.from)} to ${formatRatio(interval.to)} ` +
        `with ${percentOf(interval.confidence)} confidence`;
  const words: Readonly<Record<SpeedVerdict, () => string>> = {
    faster: () => `faster by more than ${margin}: ${basis}`,
    slower: () => `slower by more than ${margin}: ${basis}`,
    "no difference": () => `no difference beyond ${margin}: ${basis}`,
    "not comparable": () => `not comparable: ${plain(reason ?? "")}`,
    "cannot say": () => {
      const advice =
        countWanted !== null
          ? `; ${interval === null ? "at least" : "about"} ${countWanted} ${unit}s each would help${unit === "run" ? ` (--repeat ${countWanted})` : ""}`
          : interval === null
            ? ""
            : "; more of them would hardly help, a quieter computer or another margin might";
      return `cannot say: ${[reason, basis].filter((part) => part !== null && part !== "").join(": ")}${advice}`;
    },
  };
  return words[speed.verdict]();
}

export function formatRatio(ratio: number): string {
  return ratio >= 100 ? formatNumber(Math.round(ratio)) : ratio.toPrecision(ratio < 1 ? 3 : 4).replace(/\.?0+$/, "");
}

/** The samples: `23.1 ns an event (22.6 to 24.9) in 7 runs`. */
export function describeSample({ unit }: SpeedComparison, sample: SpeedComparison["a"]): string {
  const range = sample.count === 1 ? "" : ` (${formatNumber(sample.minNs)} to ${formatNumber(sample.maxNs)})`;
  return `${formatNumber(sample.medianNs)} ns an event${range} in ${formatPlural(sample.count, unit)}`;
}

/** How often b took longer; empty where nothing was estimated. */
export function describeEffect({ cliffsDelta: delta, interval, unit }: SpeedComparison): string {
  if (delta === null || interval === null) return "";
  const slower = formatShare((1 + delta) / 2);
  return `b took longer in ${slower} of the pairs of ${unit}s (Cliff's delta ${Number(delta.toFixed(2))})`;
}

/** What a verdict from the runs of two processes cannot know; empty where there is none. */
export function describeCaveat({ pairs }: Comparison): string {
  if (!pairs.some(({ speed }) => speed.unit === "run" && speed.interval !== null)) return "";
  return (
    "where a side is a single result, whatever changed on the computer between the two counts as a difference in speed; " +
    `folders with ${RUNS_MIN} or more results of the same scenario each, made in turn, tell it apart`
  );
}

/** What comes of it all. */
export function describeOutcome({ outcome, pairs, onlyInA, onlyInB }: Comparison): string {
  const differing = pairs.filter(({ verdict }) => verdict === "differ").length;
  const slower = pairs.filter(({ speed }) => speed.verdict === "slower").length;
  const lonely = onlyInA.length + onlyInB.length;
  const open = pairs.filter(({ verdict }) => verdict === "not comparable").length;
  const isOne = pairs.length === 1;
  const of = (count: number, verb: string): string => (count > 0 ? `${count} of ${pairs.length} pairs ${verb}` : "");
  const parts = [
    isOne && differing > 0 ? "the results differ" : of(differing, "differ"),
    isOne && slower > 0 ? "b is slower" : of(slower, "are slower"),
    isOne && open > 0 ? "the results are not comparable" : of(open, "are not comparable"),
    lonely > 0 ? `${formatPlural(lonely, "result")} without a partner` : "",
  ].filter((part) => part !== "");
  if (outcome === "pass") return "nothing differs, and nothing was found to be slower";
  return parts.length === 0 ? "the times allow no verdict" : parts.join(", ");
}
