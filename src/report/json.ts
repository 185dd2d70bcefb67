import type { Result } from "../result/schema.js";

/** Objects and lists of plain values stand in one line up to this many characters. */
const LINE_CHARACTERS = 120;

/** A record of a history is written as in a trace, what a series has over time in a line. */
const ONE_LINE = /\.history\.\d+$|^result\.series\..*[a-z]$/;

const TOP_LEVEL_ORDER: readonly (keyof Result)[] = [
  "schemaVersion",
  "tool",
  "mode",
  "partial",
  "scenario",
  "seed",
  "digest",
  "command",
  "totals",
  "afs",
  "objects",
  "latency",
  "ordering",
  "series",
  "violations",
  "warnings",
  "thresholds",
  "host",
];

function isContainer(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}

function formatScalar(value: unknown, path: string): string {
  if (typeof value === "number" && !Number.isFinite(value)) {
    throw new Error(`internal error: ${path} of the result is ${value}, which JSON cannot say`);
  }
  const text: string | undefined = JSON.stringify(value);
  if (text === undefined) throw new Error(`internal error: ${path} of the result is a ${typeof value}`);
  return text;
}

function formatValue(value: unknown, indent: string, path: string): string {
  if (!isContainer(value)) return formatScalar(value, path);
  if (ONE_LINE.test(path) && !path.endsWith("series.close")) return JSON.stringify(value);
  const isList = Array.isArray(value);
  const [open, close] = isList ? ["[", "]"] : ["{", "}"];
  const entries = Object.entries(value).filter(([, member]) => member !== undefined);
  const inner = `${indent}  `;
  const members = entries.map(([key, member]) => {
    const text = formatValue(member, inner, `${path}.${key}`);
    return isList ? text : `${JSON.stringify(key)}: ${text}`;
  });
  const line = `${open}${members.join(", ")}${close}`;
  const isFlat = entries.every(([, member]) => !isContainer(member));
  if (members.length === 0 || (isFlat && indent.length + line.length <= LINE_CHARACTERS)) return line;
  return `${open}\n${members.map((member) => inner + member).join(",\n")}\n${indent}${close}`;
}

/**
 * A result as JSON, with a newline at its end: always the same keys in the same order, indented by two spaces, small objects in a line.
 * @throws Error (internal) when a number is not finite
 */
export function formatJson(result: Result): string {
  const ordered = Object.fromEntries(TOP_LEVEL_ORDER.map((key) => [key, result[key]]));
  return `${formatValue(ordered, "", "result")}\n`;
}

/** Any value as JSON in the same style: what is undefined is left out. */
export function formatJsonValue(value: object): string {
  return `${formatValue(value, "", "value")}\n`;
}
