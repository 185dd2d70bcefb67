/** Pictures of lines over an axis: their legend, their grid, and what the axes say. */

import type { Scale } from "./html-axis.js";
import { at, type Drawing } from "./html-parts.js";
import { html, type Markup } from "./html-text.js";

export type LineStyle = "one" | "two" | "three" | "four" | "five" | "base";

export interface Line {
  readonly name: string;
  readonly style: LineStyle;
  /** What is drawn, from the places of values in the picture. */
  readonly path: (x: (along: number) => number, y: (value: number) => number, right: number) => string;
}

export interface LinePicture {
  readonly lines: readonly Line[];
  readonly along: Scale;
  readonly values: Scale;
  /** What `along` is. */
  readonly axis: string;
}

const HEIGHT = 300;
const MARGIN = { left: 62, right: 10, top: 12, bottom: 44 };
const LEGEND_LINE = 18;
/** Of a label on the lower axis, at most. */
const LABEL_PIXELS = 58;
/** Of a letter, on the safe side. */
const LETTER = 7.3;

/** A picture of lines in a width. */
export function drawLines({ lines, along, values, axis }: LinePicture, width: number): Drawing {
  const right = width - MARGIN.right;
  const top = MARGIN.top + LEGEND_LINE * lines.length;
  const bottom = top + HEIGHT;
  const x = (value: number): number => MARGIN.left + along.place(value) * (right - MARGIN.left);
  const y = (value: number): number => bottom - Math.max(0, values.place(value)) * (bottom - top);
  // On a narrow picture every other label is left out where they would touch.
  const between = (right - MARGIN.left) / Math.max(1, along.ticks.length);
  const every = Math.ceil(LABEL_PIXELS / between);
  return {
    height: bottom + MARGIN.bottom,
    content: html`${lines.map(legendLine)}
      ${values.ticks.map(({ value, label }) => html`<path class="grid" d="M${at(MARGIN.left)} ${at(y(value))}H${at(right)}" /><text class="faint end" x="${MARGIN.left - 8}" y="${at(y(value) + 4)}">${label}</text>`)}
      ${along.ticks.map(({ value, label }, index) => html`<path class="grid" d="M${at(x(value))} ${at(top)}V${at(bottom + 4)}" />${index % every === 0 ? html`<text class="faint middle" x="${at(Math.min(Math.max(x(value), MARGIN.left), width - (label.length * LETTER) / 2))}" y="${at(bottom + 18)}">${label}</text>` : null}`)}
      <text class="faint middle" x="${at((MARGIN.left + right) / 2)}" y="${at(bottom + 37)}">${axis}</text>
      ${lines.map(({ style, path }) => html`<path class="curve ${style}" d="${path(x, y, right)}" />`)}`,
  };
}

function legendLine({ name, style }: Line, index: number): Markup {
  const y = MARGIN.top + LEGEND_LINE * index;
  return html`<path class="curve ${style}" d="M${MARGIN.left} ${y}h28" /><text x="${MARGIN.left + 36}" y="${y + 4}"
      >${name}</text
    >`;
}
