/** Thresholds as users write them: "latency.close.p99Ns < 500us", "violations.total == 0". */
import { InputError } from "./input-error.js";
import type { Threshold } from "./scenario.js";
import { nearest } from "./suggest.js";
import { parseCount, parseDuration, quote } from "./units.js";

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
 * @param knownPaths dotted paths of the numbers in a result that may be judged.
 */
export function parseThreshold(text: string, knownPaths: readonly string[]): Threshold {
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
  checkPath(path, knownPaths);
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

function checkPath(path: string, knownPaths: readonly string[]): void {
  if (knownPaths.includes(path)) return;
  if (path.startsWith("host.")) {
    throw new InputError(`${quote(path)} differs from computer to computer, so no threshold may name it`);
  }
  const suggestion = knownPaths.find((known) => known === ofOtherKind(path)) ?? nearest(path, knownPaths);
  throw new InputError(`a result has no field ${quote(path)}`, suggestion === undefined ? {} : { suggestion });
}

/** A rule counts either among the violations or among the warnings. */
function ofOtherKind(path: string): string {
  return path.replace(/^(?:violations|warnings)(?=\.byRule\.)/, (kind) =>
    kind === "violations" ? "warnings" : "violations",
  );
}
