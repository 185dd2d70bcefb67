import type { ComparedPair, Comparison } from "../result/comparison.js";
import type { Difference } from "../result/differences.js";
import {
  describeCaveat,
  describeEffect,
  describeFiles,
  describeOutcome,
  describeSample,
  describeSpeed,
  formatRatio,
  hasOtherVersion,
  nameOf,
  plain,
  remarkOf,
  rowsOf,
  titleOf,
  VERDICTS,
} from "./compare-words.js";
import { formatCount } from "./format.js";

const OUTCOMES = { pass: "passes", fail: "fails", undecided: "cannot be decided" } as const;

/** A comparison for a pull request: a table with a row for each pair, and below it what differs. */
export function formatComparisonMarkdown(comparison: Comparison): string {
  const { tool, a, b, pairs, outcome } = comparison;
  const caveat = describeCaveat(comparison);
  const lines = [
    `**${tool.name} ${tool.version} compare ${OUTCOMES[outcome]}**: ${describeOutcome(comparison)}`,
    "",
    `a is ${code(a.name)}, b is ${code(b.name)}.`,
    "",
    ...table(["scenario", "result", "speed of b", "a", "b"], pairs.map(summaryRow)),
    ...lonelyLines(comparison),
    ...pairs.flatMap(detailLines),
    ...(caveat === "" ? [] : ["", `Note: ${caveat}.`]),
  ];
  return `${lines.join("\n").trimEnd()}\n`;
}

function summaryRow(pair: ComparedPair): string[] {
  const { speed } = pair;
  const { interval, ratio } = speed;
  const verdict = pair.verdict === "same" ? VERDICTS.same : `**${VERDICTS[pair.verdict]}**`;
  const word = speed.verdict === "slower" ? "**slower**" : speed.verdict;
  const times =
    interval && ratio ? `: ${formatRatio(ratio)} × (${formatRatio(interval.from)} to ${formatRatio(interval.to)})` : "";
  const sample = (side: "a" | "b"): string =>
    speed.verdict === "not comparable" ? "" : describeSample(speed, speed[side]);
  return [code(titleOf(pair)), verdict, `${word}${times}`, sample("a"), sample("b")];
}

function lonelyLines({ onlyInA, onlyInB }: Comparison): string[] {
  const lines = [
    ...onlyInA.map((result) => ["a", result] as const),
    ...onlyInB.map((result) => ["b", result] as const),
  ];
  if (lines.length === 0) return [];
  return ["", ...lines.map(([side, result]) => `- only in ${side}: ${code(result.file)}, ${code(nameOf(result))}`)];
}

/** Nothing for a pair of which the table says all. */
function detailLines(pair: ComparedPair): string[] {
  const { speed, problems, inputs, outputs, unmeasured, verdict } = pair;
  const withVersion = hasOtherVersion(pair);
  const isPlain = verdict === "same" && inputs.length + unmeasured.length === 0 && !withVersion;
  const remarks = isPlain
    ? []
    : [
        `a ${code(describeFiles(pair.a, withVersion))}, b ${code(describeFiles(pair.b, withVersion))}.`,
        ...problems.map((problem) => `Not comparable: ${escape(problem)}.`),
        ...(remarkOf(pair) === "" ? [] : [`${capital(VERDICTS[verdict])}: ${remarkOf(pair)}.`]),
      ];
  const speedRemarks =
    speed.verdict === "not comparable" && problems.length > 0
      ? []
      : [describeSpeed(speed), describeEffect(speed)].filter((text) => text !== "");
  return [
    "",
    `#### ${code(titleOf(pair))}`,
    "",
    ...remarks,
    ...(speedRemarks.length === 0 ? [] : [`Speed: ${escape(speedRemarks.join("; "))}.`]),
    ...differenceLines("What went in", inputs),
    ...(verdict === "differ" ? differenceLines("What came out", outputs) : []),
    ...differenceLines("Only one version has", unmeasured),
    ...firstDifferenceLines(pair),
  ];
}

function differenceLines(title: string, differences: readonly Difference[]): string[] {
  if (differences.length === 0) return [];
  const rows = rowsOf(differences).map(({ path, a, b, change, text }) =>
    text === undefined ? [code(path), code(a), code(b), change] : [code(path), "", "", text],
  );
  return ["", ...table([title, "a", "b", "change"], rows)];
}

function firstDifferenceLines({ firstDifference: first }: ComparedPair): string[] {
  if (!first) return [];
  if (first.kind === "unknown") return ["", `First trace record: ${escape(first.reason)}.`];
  const notes = first.notes.map((note) => `${escape(note)}.`);
  if (first.kind === "none")
    return ["", `All ${formatCount(first.equalRecords)} trace records are the same.`, ...notes];
  const record = (text: string | null): string => (text === null ? "the trace has ended" : plain(text));
  const records = ["```", `a ${record(first.a)}`, `b ${record(first.b)}`, "```", ""];
  return [
    "",
    `First trace record that differs, after ${formatCount(first.equalRecords)} that do not:`,
    "",
    ...records,
    ...notes,
  ];
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line)];
}

/** As it stands, whatever it holds: a value never becomes Markdown, a link or somebody's name. */
function code(text: string): string {
  return text === "" ? "" : `\`${plain(text).replaceAll("`", "'")}\``;
}

function escape(text: string): string {
  return plain(text).replace(/[\\`*_[\]<>|#@~]/g, (sign) => `\\${sign}`);
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
