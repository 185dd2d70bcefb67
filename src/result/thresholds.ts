import type { Threshold } from "../scenario/scenario.js";
import type { Result, ThresholdResult } from "./schema.js";

/** What thresholds are about: neither themselves nor the computer. */
export type JudgedResult = Omit<Result, "thresholds" | "host">;

const TOTALS = [
  "events",
  "calls",
  "opens",
  "failedOpens",
  "closes",
  "synchronousCloses",
  "inlineCompletions",
  "pendedCloses",
  "completions",
  "lifecycles",
  "refused",
  "undecided",
  "virtualNs",
  "measuredFromNs",
];
const AFS = ["configured", "peakOpen", "peakPendedCloses", "openAtEnd", "pendedAtEnd"];
const OBJECTS = [
  ...["registered", "deregistered", "atEnd"].map((field) => `saps.${field}`),
  ...["created", "deleted", "atEnd"].map((field) => `vcs.${field}`),
  ...["connected", "failed", "rejected", "closed"].map((field) => `calls.${field}`),
  ...["added", "dropped", "atEnd"].map((field) => `parties.${field}`),
];
const LATENCIES = ["count", "minNs", "meanNs", "p50Ns", "p90Ns", "p99Ns", "p999Ns", "p9999Ns", "maxNs"];
const LATENCY_KINDS = ["close", "open"];
const LATENCY_PARTS = ["", "phases.requestToCompletion.", "phases.completionToClient."];
const ORDERING = [
  "completions",
  "reordered",
  "reorderedRatio",
  "maxExtent",
  "beyondWindow",
  "windows",
  "nBeyondWindow",
  "inversions",
  "pairs",
  "inversionRatio",
  "perClient.clients",
  "perClient.medianReorderedRatio",
  "perClient.worst.reorderedRatio",
  "perClient.worst.completions",
];

/**
 * Paths of a result that a threshold may name, apart from those by rule (BY_RULE_PREFIX). Figures of the host are left out: a
 * threshold on them would make the result differ between computers.
 */
export const resultPaths: readonly string[] = [
  ...TOTALS.map((field) => `totals.${field}`),
  ...AFS.map((field) => `afs.${field}`),
  ...OBJECTS.map((field) => `objects.${field}`),
  ...LATENCY_KINDS.flatMap((kind) =>
    LATENCY_PARTS.flatMap((part) => LATENCIES.map((field) => `latency.${kind}.${part}${field}`)),
  ),
  ...ORDERING.map((field) => `ordering.${field}`),
  "violations.total",
  "warnings.total",
];

/** The id of a rule of that kind behind one of these is a valid path too: `violations.byRule.close/owed`. */
export const BY_RULE_PREFIX = { violations: "violations.byRule.", warnings: "warnings.byRule." } as const;
const KINDS = ["violations", "warnings"] as const;

const COMPARE: Readonly<Record<Threshold["operator"], (left: number, right: number) => boolean>> = {
  "<": (left, right) => left < right,
  "<=": (left, right) => left <= right,
  ">": (left, right) => left > right,
  ">=": (left, right) => left >= right,
  "==": (left, right) => left === right,
  "!=": (left, right) => left !== right,
};

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}

/**
 * The number at a path of a result; 0 for a rule that was not broken, null where nothing was measured.
 * @throws Error (internal) when the path is not valid, see resultPaths
 */
export function resultValue(result: JudgedResult, path: string): number | null {
  const kind = KINDS.find((one) => path.startsWith(BY_RULE_PREFIX[one]));
  if (kind !== undefined) return result[kind].byRule[path.slice(BY_RULE_PREFIX[kind].length)] ?? 0;
  if (!resultPaths.includes(path)) throw new Error(`internal error: no result path ${path}`);
  let value: unknown = result;
  for (const field of path.split(".")) value = isObject(value) ? value[field] : null;
  return typeof value === "number" ? value : null;
}

/** Judges thresholds. One whose value was not measured, a latency without a sample for example, is missed. */
export function evaluateThresholds(thresholds: readonly Threshold[], result: JudgedResult): ThresholdResult[] {
  return thresholds.map(({ text, path, operator, value: bound }) => {
    const value = resultValue(result, path);
    return { text, value, pass: value !== null && COMPARE[operator](value, bound) };
  });
}
