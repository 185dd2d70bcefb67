#!/usr/bin/env node
// Writes the table of rules in README.md, between its two `rules` comments, from the built rules and faults.
//
//   node .ci/rules-table.mjs           writes it
//   node .ci/rules-table.mjs --check   exits with 1 where README.md has another one
//
// Needs `npm run build`. It says nothing of whether a rule is right: that is for a reader with the page beside it.
import { readFileSync, writeFileSync } from "node:fs";
import process from "node:process";

import { faults } from "../dist/src/contract/faults.js";
import { RULES } from "../dist/src/contract/rules.js";
import { JUDGED_RULE_NUMBERS } from "../dist/src/kernel/judged-rules.js";

const README = new URL("../README.md", import.meta.url);
const BEGIN = "<!-- rules: written by .ci/rules-table.mjs -->\n";
const END = "<!-- end of rules -->";
const WHO = { CL: "client", CM: "call manager", MC: "MCM", N: "NDIS" };

function rowOf({ id, number, warning, who, text, source }) {
  const breaking = faults.filter(({ rule }) => rule === id).map((fault) => fault.id);
  const judged = JUDGED_RULE_NUMBERS.has(number);
  return [
    `${id}${warning ? " *w*" : ""}`,
    who.map((actor) => WHO[actor]).join(", "),
    text,
    breaking.join(", ") || (judged ? "–" : "by check only"),
    source.join(", "),
  ];
}

function table() {
  const rows = [
    ["rule", "binds", "what it demands", "faults", "pages"],
    ["---", "---", "---", "---", "---"],
    ...RULES.map(rowOf),
  ];
  return `${rows.map((cells) => `| ${cells.join(" | ")} |`).join("\n")}\n`;
}

const text = readFileSync(README, "utf8");
const begin = text.indexOf(BEGIN);
const end = text.indexOf(END);
if (begin < 0 || end < begin)
  throw new Error(`README.md has no place for the rules between ${BEGIN.trim()} and ${END}`);
const written = text.slice(0, begin + BEGIN.length) + table() + text.slice(end);
if (!process.argv.includes("--check")) {
  writeFileSync(README, written);
} else if (written !== text) {
  console.error("README.md: the table of rules is not that of the code; node .ci/rules-table.mjs writes it");
  process.exitCode = 1;
}
