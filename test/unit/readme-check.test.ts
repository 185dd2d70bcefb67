import fs from "node:fs";
import { expect, it } from "vitest";
import { createChecker } from "../../src/contract/checker/checker.js";
import { check, WINDOW_DEFAULT } from "../../src/modes/check.js";
import { readTool } from "../../src/modes/tool.js";
import { formatCheckText } from "../../src/report/check-text.js";
import { parseTraceMap } from "../../src/trace/map.js";
import { MappedLines } from "../../src/trace/mapped-lines.js";
import { sourceOf } from "../support/check-text.js";

it("README.md shows a log, its map and what the check of it says", async () => {
  const readme = fs.readFileSync(new URL("../../README.md", import.meta.url), "utf8");
  const section = /^### A log of a real driver$([\s\S]*?)^### /m.exec(readme)?.[1] ?? "";
  const [log = "", mapText = "", shown = ""] = [...section.matchAll(/^```\w*\n([\s\S]*?)^```$/gm)].map(
    ([, text]) => text,
  );
  const [command, ...output] = shown.split("\n");
  expect(command).toBe("$ npx condis-sim check my-driver.csv --map my-driver-map.yaml");
  const map = await parseTraceMap(mapText, "my-driver-map.yaml");
  const report = await check({
    source: sourceOf(log, "my-driver.csv"),
    checker: createChecker(),
    tool: readTool(),
    window: WINDOW_DEFAULT,
    strict: true,
    af: null,
    open: (taker) => new MappedLines(map, "my-driver.csv", taker),
  });
  expect(formatCheckText(report, { colour: false, width: 100 })).toBe(output.join("\n"));
});
