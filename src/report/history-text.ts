import type { HistoryLine } from "./history.js";
import { wrap } from "./layout.js";
import type { Page, Style } from "./page.js";

/** Beside what breaks the rule. */
const BREAKS = "◄ breaks it";

/** Wraps a text with a mark at its end, which stays whole. */
function wrapMarked(text: string, width: number, mark: string): string[] {
  const parts = wrap(text, width);
  const last = parts.pop() ?? "";
  const marked = mark === "" ? last : `${last}  ${mark}`;
  return marked.length <= width || mark === "" ? [...parts, marked] : [...parts, last, mark];
}

interface Column {
  readonly title: string;
  readonly cells: readonly string[];
}

/** Columns for line, time and processor, as far as they are known, and calls indented by how they are nested. */
export function writeHistory(page: Page, lines: readonly HistoryLine[], style: Style, margin: string, mark = BREAKS) {
  const columns: Column[] = [
    { title: "line", cells: lines.map(({ line }) => line) },
    { title: "at", cells: lines.map(({ at }) => at) },
    { title: "cpu", cells: lines.map(({ processor }) => processor) },
  ].filter(({ cells }) => cells.some((cell) => cell !== ""));
  const widths = columns.map(({ title, cells }) => Math.max(title.length, ...cells.map((cell) => cell.length)));
  const pad = (texts: readonly string[]): string =>
    `${margin}  ${texts.map((text, index) => `${text.padStart(widths[index] ?? 0)}  `).join("")}`;
  page.line(page.style("faint", pad(columns.map(({ title }) => title))));
  lines.forEach(({ depth, text, breaks }, row) => {
    const indent = "  ".repeat(depth);
    const start = pad(columns.map(({ cells }) => cells[row] ?? ""));
    const parts = wrapMarked(text, page.width - start.length - indent.length - 2, breaks ? mark : "");
    parts.forEach((part, index) => {
      const before = index === 0 ? start : `${" ".repeat(start.length)}  `;
      page.line(`${page.style("faint", before)}${indent}${breaks ? page.style(style, part) : part}`);
    });
  });
}
