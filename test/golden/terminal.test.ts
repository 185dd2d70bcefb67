import { stripVTControlCharacters } from "node:util";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { formatJson } from "../../src/report/json.js";
import { formatTerminal } from "../../src/report/terminal.js";
import { broken, churn, inOrder, stopped, synchronous } from "./results.js";

const results = { churn, broken, stopped, synchronous, inOrder };
const plain = { colour: false, width: 100 };

describe("the report on a terminal", () => {
  it("of churn is what a newcomer sees first", async () => {
    await expect(formatTerminal(churn, plain)).toMatchFileSnapshot("terminal/churn.txt");
    expect(formatTerminal(churn, plain).split("\n").length).toBeLessThanOrEqual(48);
  });

  it("of violations, warnings and thresholds says what the rules say, where they broke, what led to it and how to reproduce it", async () => {
    await expect(formatTerminal(broken, plain)).toMatchFileSnapshot("terminal/broken.txt");
  });

  it("of a stopped run says how far it came, and of violations no more than where and how to reproduce them", async () => {
    await expect(formatTerminal(stopped, plain)).toMatchFileSnapshot("terminal/stopped.txt");
  });

  it("of a run in which no close was pended has neither latency nor order", async () => {
    await expect(formatTerminal(synchronous, plain)).toMatchFileSnapshot("terminal/synchronous.txt");
  });

  it("of completions in order says so in a line", () => {
    expect(formatTerminal(inOrder, plain)).toContain("All 24,498,112 completions came in the order of their close requests.");
  });

  it("fits a narrow terminal", async () => {
    await expect(formatTerminal(broken, { colour: false, width: 64 })).toMatchFileSnapshot("terminal/broken-narrow.txt");
  });

  it("has no line longer than the terminal is wide, but for commands and addresses to copy", () => {
    const anyResult = fc.constantFrom(...Object.values(results));
    fc.assert(
      fc.property(anyResult, fc.integer({ min: 64, max: 200 }), (result, width) => {
        const lines = formatTerminal(result, { colour: false, width }).split("\n");
        const tooLong = lines.filter((line) => line.length > width && !/npx condis-sim|https:/.test(line));
        expect(tooLong).toEqual([]);
      }),
    );
  });

  it("says the same with colour", () => {
    for (const result of Object.values(results)) {
      const coloured = formatTerminal(result, { colour: true, width: 100 });
      expect(coloured).toContain("\u001b[");
      expect(stripVTControlCharacters(coloured).replace(/ +$/gm, "")).toBe(formatTerminal(result, plain));
    }
  });
});

describe("the report as JSON", () => {
  it("of violations is indented, small objects and trace records in a line", async () => {
    await expect(formatJson(broken)).toMatchFileSnapshot("terminal/broken.json");
  });

  it("refuses a number that JSON cannot say", () => {
    const result = { ...churn, host: { ...churn.host, nsPerEvent: NaN } };
    expect(() => formatJson(result)).toThrow("result.host.nsPerEvent of the result is NaN");
  });
});
