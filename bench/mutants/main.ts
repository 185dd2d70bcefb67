/**
 * `npm run mutants`: how well `condis-sim check` finds mistakes. Correct traces are changed in ways that break one rule each, or none; the checker
 * has to flag the rule at its line, or nothing.
 *
 *     --seeds N     traces that are changed in every way (default 300)
 *     --show RULE   prints the first mutant of a rule that was judged wrongly
 */
import process from "node:process";
import { parseArgs } from "node:util";

import { scoreMutants } from "./score.js";

const { values: flags } = parseArgs({
  options: { seeds: { type: "string", default: "300" }, show: { type: "string" } },
});

const scores = scoreMutants(Number(flags.seeds));
const rows = scores.map(({ rule, kinds, mutants, right }) => [
  rule ?? "legal changes",
  kinds,
  mutants,
  right,
  mutants === 0 ? "none made" : `${((100 * right) / mutants).toFixed(1)} %`,
]);
const total = scores.reduce(
  (sum, { mutants, right }) => ({ mutants: sum.mutants + mutants, right: sum.right + right }),
  { mutants: 0, right: 0 },
);
rows.push([
  "all",
  scores.reduce((sum, { kinds }) => sum + kinds, 0),
  total.mutants,
  total.right,
  `${((100 * total.right) / total.mutants).toFixed(1)} %`,
]);
const print = (cells: readonly (string | number)[]): string =>
  [String(cells[0]).padEnd(26), ...cells.slice(1).map((cell) => String(cell).padStart(10))].join("");
process.stdout.write(`${[print(["rule", "ways", "mutants", "right", "score"]), ...rows.map(print)].join("\n")}\n`);

const shown = scores.find(({ rule }) => (rule ?? "legal") === flags.show)?.firstWrong;
if (shown) {
  const { kind, mutant, findings, seed } = shown;
  const line = mutant.broken === null ? null : mutant.lines.indexOf(mutant.broken) + 1;
  process.stdout.write(`\n${kind.operator} ${kind.text}, seed ${seed}, expected at line ${line}\n`);
  process.stdout.write(
    `${findings.map((one) => `  ${one.line} ${one.rule} ${one.af ?? ""} ${one.text}`).join("\n")}\n`,
  );
  process.stdout.write(`${mutant.lines.map((one) => JSON.stringify(one)).join("\n")}\n`);
}
if (total.right < total.mutants) process.exitCode = 1;
