import { describe, expect, it } from "vitest";
import { formatComparisonJson } from "../../src/report/compare-json.js";
import { formatComparisonMarkdown } from "../../src/report/compare-markdown.js";
import { formatComparisonText } from "../../src/report/compare-text.js";
import { compareSides, type Comparison } from "../../src/result/comparison.js";
import { CHURN, SERVED, stored, timed, TOOL } from "./compare-results.js";

const OPTIONS = { margin: 0.05, needsSpeed: false, tool: TOOL };

function comparisonOf(a: readonly object[], b: readonly object[]): Comparison {
  const side = (name: string, results: readonly object[]) => ({
    name,
    results: results.map((fields, index) => stored(fields, `${name}/${index + 1}.json`)),
  });
  return compareSides(side("before", a), side("after", b), OPTIONS);
}

/** What differs, with the first record in which it does. */
function withFirstRecord(comparison: Comparison): Comparison {
  const record = (timeNs: number): string => JSON.stringify({ seq: 4711, timeNs, machine: 0, op: "call" });
  const firstDifference = {
    kind: "found",
    equalRecords: 31_415,
    a: record(61_900),
    b: record(64_800),
    notes: ["before/1.json was written by 0.1.0; the trace is that of 0.2.0"],
  } as const;
  return { ...comparison, pairs: comparison.pairs.map((pair) => ({ ...pair, firstDifference })) };
}

const SAME = comparisonOf([CHURN], [timed(CHURN, [22.4, 22.2, 22.1, 22.5, 22.6, 22.2])]);
const DIFFERENT = withFirstRecord(comparisonOf([CHURN], [SERVED]));
/** One of each: the same and slower, other results from another version, not comparable, without a partner. */
const FOLDERS = comparisonOf(
  [
    CHURN,
    { ...CHURN, seed: 2, tool: { ...TOOL, version: "0.1.0" } },
    { ...CHURN, scenario: { name: "close|storm" } },
    { ...CHURN, scenario: { name: "gone|`\u001b[2J`" } },
  ],
  [
    timed(CHURN, [27.1, 26.9, 27.3, 26.8, 27.0]),
    { ...CHURN, seed: 2, digest: "0000000000000001", totals: { ...CHURN.totals, events: 100_518, registrations: 8 } },
    { ...CHURN, scenario: { name: "close|storm" }, partial: { done: 0.259 } },
  ],
);

describe("a comparison reads as these files", () => {
  it.each([
    ["same.txt", SAME, 100],
    ["different.txt", DIFFERENT, 100],
    ["different-narrow.txt", DIFFERENT, 60],
    ["folders.txt", FOLDERS, 100],
  ] as const)("in a terminal: %s", async (file, comparison, width) => {
    const text = formatComparisonText(comparison, { colour: false, width });
    await expect(text).toMatchFileSnapshot(`compare/${file}`);
    for (const line of text.split("\n").filter((one) => !one.includes("{"))) expect(line.length).toBeLessThanOrEqual(width);
  });

  it.each([
    ["same.md", SAME],
    ["different.md", DIFFERENT],
    ["folders.md", FOLDERS],
  ] as const)("in a pull request: %s", async (file, comparison) => {
    await expect(formatComparisonMarkdown(comparison)).toMatchFileSnapshot(`compare/${file}`);
  });

  it("in JSON: every field that differs", async () => {
    await expect(formatComparisonJson(DIFFERENT)).toMatchFileSnapshot("compare/different.json");
  });
});

it("colour adds nothing but colour, and what a file holds never moves the cursor", () => {
  const plain = formatComparisonText(FOLDERS, { colour: false, width: 100 });
  const coloured = formatComparisonText(FOLDERS, { colour: true, width: 100 });
  // oxlint-disable-next-line no-control-regex
  expect(coloured.replace(/\u001b\[\d+m/g, "").replace(/ +$/gm, "")).toBe(plain);
  for (const text of [plain, formatComparisonMarkdown(FOLDERS), formatComparisonJson(FOLDERS)])
    expect(text).not.toContain("\u001b");
});
