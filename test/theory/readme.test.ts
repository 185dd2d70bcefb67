import { readFileSync } from "node:fs";
import { expect, it } from "vitest";

const read = (file: string): string[] => readFileSync(new URL(file, import.meta.url), "utf8").split("\n");

it("README.md shows what was simulated", () => {
  const known = new Set(["queues.md", "stages.md", "numbers.md"].flatMap((file) => read(file)));
  const lines = read("../../README.md");
  const begin = lines.indexOf("| model | measured | predicted | simulated | limits |");
  const end = lines.indexOf("", begin);
  const table = lines.slice(begin, end);
  expect(table.length).toBeGreaterThan(2);
  expect(table.filter((line) => !known.has(line))).toEqual([]);
});
