/** In what order completions came: displacements, extents and n-reordering. */

import type { CountGroup, Result, ResultOrdering } from "../result/schema.js";
import { formatCount, formatShare } from "./format.js";
import { linearScale } from "./html-axis.js";
import { at, definitions, figure, number, table, type Drawing } from "./html-parts.js";
import { html, type Markup } from "./html-text.js";
import { orderRows } from "./result-words.js";

/** A bar: the numbers from `from` to `to`, or, with neither, what `label` says. */
interface Bar {
  readonly label: string;
  readonly count: number;
  readonly style: "bar" | "bar other";
}

const HEIGHT = 200;
const MARGIN = { left: 52, right: 8, top: 14, bottom: 42 };
const LABEL_PIXELS = 46;
/** Of a digit or small letter. */
const LETTER = 7.8;

/** The section on order. */
export function orderingSection({ ordering }: Result): Markup {
  const { completions, reordered, reorderedRatio } = ordering;
  if (reorderedRatio === null) return html`<p>No pended close was completed, so there is no order.</p>`;
  const intro = html`<p>
    Completions against the close requests of one call manager. Any order is legal: it is measured, never judged.
  </p>`;
  if (reordered === 0)
    return html`${intro}
      <p>All ${formatCount(completions)} completions came in the order of their close requests.</p>`;
  return html`${intro}${figures(ordering)}${density(ordering)}${extents(ordering)}${nReordering(ordering)}`;
}

function figures(ordering: ResultOrdering): Markup {
  const windows = `${formatCount(ordering.windows)} of up to ${formatCount(ordering.windowCompletions)} completions of one call manager`;
  return definitions([...orderRows(ordering), ["windows", windows]]);
}

function density({ density: groups, completions, windowCompletions }: ResultOrdering): Markup {
  const distance = (group: CountGroup): number => Math.max(Math.abs(group.from), Math.abs(group.to));
  const most = Math.max(1, ...groups.map(distance));
  const bounds = doublings(most);
  const side = (sign: 1 | -1): Bar[] =>
    bounds.map(([from, to]) => ({
      label: `${sign < 0 ? "−" : "+"}${span(from, to)}`,
      count: sum(groups, (group) => Math.sign(group.from) === sign && from <= distance(group) && distance(group) <= to),
      style: "bar",
    }));
  const inPlace: Bar = { label: "0", count: sum(groups, ({ from, to }) => from === 0 && to === 0), style: "bar other" };
  const bars = [...side(-1).reverse(), inPlace, ...side(1)];
  return figure({
    title: "reorder density",
    caption: `How far completions were from their place in the order of requests, in windows of ${formatCount(windowCompletions)} (RFC 5236). Left of 0 they came earlier, right of it later; each bar is twice as wide a range as the one nearer to 0.`,
    draw: (width) => draw(bars, completions, "earlier  ←  displacement  →  later", width),
    data: groupTable("Displacements", "displacement", groups, completions),
  });
}

function extents({ extents: groups, beyondWindow, completions, windowCompletions }: ResultOrdering): Markup {
  const rest = { label: "beyond", count: beyondWindow, style: "bar other" } as const;
  return figure({
    title: "reordering extents",
    caption: `How late reordered completions came, in completions (RFC 4737). ${formatCount(beyondWindow)} had been overtaken before their window of ${formatCount(windowCompletions)} began: their extent was not measured.`,
    draw: (width) => draw([...rising(groups), rest], completions, "extent, in completions", width),
    data: groupTable("Extents", "extent", groups, completions, ["beyond the window", beyondWindow]),
  });
}

function nReordering({ nReordering: groups, nBeyondWindow, completions }: ResultOrdering): Markup {
  const rest = { label: "beyond", count: nBeyondWindow, style: "bar other" } as const;
  return figure({
    title: "n-reordering",
    caption: `How many completions of later closes came directly before one that they overtook (RFC 4737). ${formatCount(nBeyondWindow)} reach beyond the start of their window.`,
    draw: (width) => draw([...rising(groups), rest], completions, "n", width),
    data: groupTable("n-reordering", "n", groups, completions, ["beyond the window", nBeyondWindow]),
  });
}

/** 1, 2, 3 to 4, 5 to 8, … up to at least a number. */
function doublings(most: number): (readonly [from: number, to: number])[] {
  const bounds: (readonly [number, number])[] = [[1, 1]];
  for (let to = 2; (bounds.at(-1)?.[1] ?? 0) < most; to *= 2) bounds.push([to / 2 + 1, to]);
  return bounds;
}

function rising(groups: readonly CountGroup[]): Bar[] {
  const most = Math.max(1, ...groups.map(({ to }) => to));
  return doublings(most).map(([from, to]) => ({
    label: span(from, to),
    count: sum(groups, (group) => from <= group.to && group.to <= to),
    style: "bar",
  }));
}

function span(from: number, to: number): string {
  return from === to ? String(from) : `${from}–${to}`;
}

function sum(groups: readonly CountGroup[], isMeant: (group: CountGroup) => boolean): number {
  return groups.filter(isMeant).reduce((total, { count }) => total + count, 0);
}

function groupTable(
  caption: string,
  title: string,
  groups: readonly CountGroup[],
  completions: number,
  rest?: readonly [label: string, count: number],
): Markup {
  const row = (label: string, count: number): string[] => [label, formatCount(count), formatShare(count / completions)];
  const rows = groups.map(({ from, to, count }) => row(from === to ? String(from) : `${from} to ${to}`, count));
  if (rest) rows.push(row(...rest));
  return table(caption, [number(title), number("completions"), number("of all")], rows);
}

/** Bars over their labels, of which as many are written as have room. */
function draw(bars: readonly Bar[], completions: number, axis: string, width: number): Drawing {
  const right = width - MARGIN.right;
  const bottom = MARGIN.top + HEIGHT;
  const largest = Math.max(...bars.map(({ count }) => count)) / completions;
  const shares = linearScale(largest || 1, 5, (share) => formatShare(Math.round(share * 1e6) / 1e6));
  const y = (share: number): number => bottom - shares.place(share) * HEIGHT;
  const step = (right - MARGIN.left) / bars.length;
  const every = Math.ceil(Math.max(LABEL_PIXELS, longest(bars) * LETTER + 6) / step);
  // The bar that is unlike the others is always named: in place, or beyond the window.
  const start = bars.findIndex(({ style }) => style === "bar other") % every;
  const isNamed = (index: number): boolean => index % every === start;
  return {
    height: bottom + MARGIN.bottom,
    content: html`${shares.ticks.map(({ value, label }) => html`<path class="grid" d="M${MARGIN.left} ${at(y(value))}H${at(right)}" /><text class="faint end" x="${MARGIN.left - 6}" y="${at(y(value) + 4)}">${label}</text>`)}
      ${bars.map(({ label, count, style }, index) => {
        const left = MARGIN.left + index * step;
        const top = y(count / completions);
        // What is not nothing is seen.
        const height = count > 0 ? Math.max(1, bottom - top) : 0;
        const middle = Math.min(left + step / 2, width - (label.length * LETTER) / 2);
        return html`<rect
            class="${style}"
            x="${at(left + step * 0.1)}"
            y="${at(bottom - height)}"
            width="${at(step * 0.8)}"
            height="${at(height)}"
            ><title>${label}: ${formatCount(count)}, ${formatShare(count / completions)}</title></rect
          >${isNamed(index) ? html`<text class="faint middle" x="${at(middle)}" y="${at(bottom + 16)}">${label}</text>` : null}`;
      })} <text class="faint middle" x="${at((MARGIN.left + right) / 2)}" y="${at(bottom + 36)}">${axis}</text>`,
  };
}

function longest(bars: readonly Bar[]): number {
  return Math.max(...bars.map(({ label }) => label.length));
}
