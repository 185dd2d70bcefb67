/** Thresholds as users write them: "latency.close.p99Ns < 500us", "violations.total == 0". */
import { InputError } from "./input-error.js";
import type { Threshold } from "./scenario.js";
import { nearest } from "./suggest.js";
import { parseCount, parseDuration, quote } from "./units.js";

/** The sections of a result (DESIGN.md section 5) that hold numbers. */
export const THRESHOLD_SECTIONS = ["totals", "afs", "latency", "ordering", "violations", "warnings", "host"] as const;

const OPERATORS = ["<", "<=", ">", ">=", "==", "!="] as const satisfies readonly Threshold["operator"][];
/** What other notations write for an operator. */
const MISTAKEN_OPERATORS: Readonly<Record<string, string>> = {
  "=": "==",
  "===": "==",
  "=<": "<=",
  "=>": ">=",
  "<>": "!=",
  "!==": "!=",
};

// A path's segments may hold rule ids (close/owed), hence the slash and the dash.
const THRESHOLD = /^\s*([A-Za-z][\w/.-]*)\s*([<>=!]+)\s*(\S.*?)\s*$/;
const PLAIN_NUMBER = /^\d{1,40}(?:\.\d{1,40})?(?:[eE][+-]?\d{1,2})?$/;

/**
 * Reads one threshold. A value with a unit of time becomes nanoseconds and may be compared only with a field whose name ends
 * in Ns; any other value is a number, a count's suffix (10k) allowed. Throws InputError, without a position.
 */
export function parseThreshold(text: string): Threshold {
  const match = THRESHOLD.exec(text);
  if (match === null) {
    throw new InputError(
      `${quote(text)} is not a threshold: write path, operator and value, as in latency.close.p99Ns < 500us`,
    );
  }
  const [, path = "", sign = "", valueText = ""] = match;
  const operator = OPERATORS.find((known) => known === sign);
  if (operator === undefined) {
    const meant = MISTAKEN_OPERATORS[sign];
    throw new InputError(
      `${quote(sign)} in the threshold ${quote(text)} is not one of ${OPERATORS.join(" ")}`,
      meant === undefined ? {} : { suggestion: `${path} ${meant} ${valueText}` },
    );
  }
  const segments = path.split(".");
  const section = segments[0] ?? "";
  if (!THRESHOLD_SECTIONS.some((known) => known === section) || segments.includes("")) {
    const meant = nearest(section, THRESHOLD_SECTIONS);
    const suggestion = [meant, ...segments.slice(1)].join(".");
    throw unknownPath(path, meant === undefined || suggestion === path ? undefined : suggestion);
  }
  return { text, path, operator, value: parseValue(path, valueText, text) };
}

function parseValue(path: string, valueText: string, text: string): number {
  if (PLAIN_NUMBER.test(valueText)) return Number(valueText);
  if (valueText.includes("%")) {
    throw new InputError(
      `${quote(valueText)} in the threshold ${quote(text)}: percentages are not read, write a ratio such as 0.05`,
    );
  }
  if (path.endsWith("Ns")) return parseDuration(valueText);
  try {
    return parseCount(valueText);
  } catch (error) {
    if (/^[\d.]+\s*[num\u00b5\u03bc]?s$/.test(valueText)) {
      throw new InputError(
        `the threshold ${quote(text)} compares the time ${valueText} with ${path}, which is no time`,
      );
    }
    throw error;
  }
}

function unknownPath(path: string, suggestion: string | undefined): InputError {
  return new InputError(`a result has no field ${quote(path)}`, suggestion === undefined ? {} : { suggestion });
}

/**
 * Checks that thresholds name fields that a result has.
 * @param knownPaths dotted paths of numbers; a path that ends in ".*" admits any one name in its last place (counts by rule id).
 */
export function checkThresholdPaths(thresholds: readonly Threshold[], knownPaths: readonly string[]): void {
  const exact = new Set(knownPaths);
  for (const { path } of thresholds) {
    const parent = path.slice(0, path.lastIndexOf("."));
    if (exact.has(path) || exact.has(`${parent}.*`)) continue;
    throw unknownPath(path, nearest(path, knownPaths));
  }
}
