/** A history as a message sequence chart: a line for each party, an arrow for each call and each return that says something. */

import { describeUnrecorded } from "../contract/unrecorded.js";
import { HISTORY_FIRST, type TraceRecord } from "../measure/history.js";
import type { ResultViolation } from "../result/schema.js";
import { formatPlural, formatTime } from "./format.js";
import { describeAct, describeArguments, describeReturn } from "./history.js";
import { at, type Drawing } from "./html-parts.js";
import { html, type Markup } from "./html-text.js";
import { wrap } from "./layout.js";

/** One row of the chart. */
type Row =
  | { readonly kind: "time" | "remark"; readonly text: string; readonly breaks: boolean }
  | {
      readonly kind: "arrow";
      readonly from: string;
      readonly to: string;
      readonly text: string;
      readonly dashed: boolean;
      readonly breaks: boolean;
    }
  | { readonly kind: "act"; readonly party: string; readonly text: string; readonly breaks: boolean };

/** Of a longer history the picture has so many records at its beginning and at its end; the table beside it has all. */
const RECORDS_FIRST = 16;
const RECORDS_LAST = 40;
const LINE = 15;
/** A letter's width, on the safe side. */
const LETTER = 7.3;
const EDGE = 4;
const HEAD_HEIGHT = 30;
const LOOP = 22;

/** The chart of a violation's history, in a width. */
export function drawSequence(violation: ResultViolation, width: number): Drawing {
  const rows = rowsOf(violation);
  const parties = partiesOf(rows);
  const margin =
    Math.max(EDGE, ...[parties[0] ?? "", parties.at(-1) ?? ""].map((party) => (party.length * LETTER) / 2)) + EDGE;
  const gap = (width - 2 * margin) / Math.max(1, parties.length - 1);
  const places = new Map(
    parties.map((party, index) => [party, parties.length === 1 ? width / 2 : margin + index * gap]),
  );
  const drawn: Markup[] = [];
  let y = HEAD_HEIGHT + 8;
  for (const row of rows) {
    const { height, content } = drawRow(row, places, y, width);
    drawn.push(row.breaks ? html`<g class="breaks">${content}</g> ` : html`<g>${content}</g> `);
    y += height;
  }
  const heads = [...places].map(
    ([party, x]) =>
      html`<path class="grid" d="M${at(x)} ${HEAD_HEIGHT - 6}V${at(y)}" /><text
          class="middle strong"
          x="${at(x)}"
          y="${HEAD_HEIGHT - 12}"
          >${party}</text
        >`,
  );
  return { height: y + 4, content: html`${heads} ${drawn}` };
}

function drawRow(row: Row, places: ReadonlyMap<string, number>, top: number, width: number): Drawing {
  switch (row.kind) {
    case "time":
      return {
        height: 26,
        content: html`<path class="grid dashed" d="M0 ${at(top + 9)}H${width}" /><text
            class="halo faint"
            x="${EDGE}"
            y="${at(top + 13)}"
            >${row.text}</text
          >`,
      };
    case "remark":
      return label(mark(row), width / 2, top, width, 8);
    case "act": {
      const x = places.get(row.party) ?? 0;
      const { height, content } = label(mark(row), x, top, width, 12);
      const y = top + height - 6;
      return {
        height: height + 4,
        content: html`${content}<circle class="head" cx="${at(x)}" cy="${at(y)}" r="3.5" />`,
      };
    }
    case "arrow": {
      const [from, to] = [places.get(row.from) ?? 0, places.get(row.to) ?? 0];
      const { height, content } = label(mark(row), from === to ? from : (from + to) / 2, top, width, 10);
      return { height: height + 6, content: html`${content}${arrow(from, to, top + height - 4, row.dashed, width)}` };
    }
  }
}

function mark({ text, breaks }: { readonly text: string; readonly breaks: boolean }): string {
  return breaks ? `${text}: breaks the rule` : text;
}

/** A text around a place, in as many lines as it takes, moved to stay inside. */
function label(text: string, x: number, top: number, width: number, below: number): Drawing {
  const lines = wrap(text, Math.floor((width - 2 * EDGE) / LETTER));
  const half = (Math.max(...lines.map((line) => line.length)) * LETTER) / 2;
  const isTooWide = half > width / 2 - EDGE;
  const middle = isTooWide ? width / 2 : Math.min(Math.max(x, EDGE + half), width - EDGE - half);
  return {
    height: lines.length * LINE + below,
    content: lines.map(
      (line, index) =>
        html`<text class="halo middle" x="${at(middle)}" y="${at(top + 12 + index * LINE)}">${line}</text>`,
    ),
  };
}

function arrow(from: number, to: number, y: number, dashed: boolean, width: number): Markup {
  const style = dashed ? "arrow dashed" : "arrow";
  if (from === to) {
    const out = from + LOOP < width ? LOOP : -LOOP;
    return html`<path
        class="${style}"
        d="M${at(from)} ${at(y - 5)}h${out}v8h${-out}"
      />${arrowHead(from, y + 3, -Math.sign(out))}`;
  }
  return html`<path class="${style}" d="M${at(from)} ${at(y)}H${at(to)}" />${arrowHead(to, y, Math.sign(to - from))}`;
}

function arrowHead(x: number, y: number, direction: number): Markup {
  return html`<path class="head" d="M${at(x)} ${at(y)}l${-8 * direction} -4v8z" />`;
}

/** Clients first, then NDIS, then call managers. */
function partiesOf(rows: readonly Row[]): string[] {
  const named = rows.flatMap((row) =>
    row.kind === "arrow" ? [row.from, row.to] : row.kind === "act" ? [row.party] : [],
  );
  const rank = (party: string): number => (party.startsWith("client") ? 0 : party === "ndis" ? 1 : 2);
  return [...new Set(named)].sort((a, b) => rank(a) - rank(b));
}

function rowsOf(violation: ResultViolation): Row[] {
  const { history = [], leftOut, brokenBy, rule, timeNs } = violation;
  const rows: Row[] = [];
  const remark = (text: string, breaks = false): unknown => rows.push({ kind: "remark", text, breaks });
  if (leftOut !== undefined && leftOut.lives > 0)
    remark(
      `… ${formatPlural(leftOut.lives, "earlier life", "earlier lives")} of this slot, ${formatPlural(leftOut.recordsOfLives, "record")}`,
    );
  const callers = new Map(history.flatMap((record) => (record.op === "call" ? [[record.frame, record] as const] : [])));
  const hiddenTo = history.length - RECORDS_LAST;
  let moment = "";
  history.forEach((record, index) => {
    if (index === HISTORY_FIRST && (leftOut?.recordsBetween ?? 0) > 0)
      remark(`… ${formatPlural(leftOut?.recordsBetween ?? 0, "record")} left out`);
    const isHidden = hiddenTo > RECORDS_FIRST + 1 && index >= RECORDS_FIRST && index < hiddenTo;
    if (isHidden) {
      if (index === RECORDS_FIRST)
        remark(`… ${formatPlural(hiddenTo - RECORDS_FIRST, "record")} that the table below has`);
      return;
    }
    const row = rowOf(record, callers.get(record.frame), record.seq === brokenBy);
    if (row === null) return;
    const now = `${formatTime(record.timeNs)}, processor ${record.processor}, ${record.irql}`;
    if (now !== moment) rows.push({ kind: "time", text: now, breaks: false });
    moment = now;
    rows.push(row);
  });
  if (brokenBy === null) {
    if (history.at(-1)?.timeNs !== timeNs) rows.push({ kind: "time", text: formatTime(timeNs), breaks: false });
    remark(describeUnrecorded(rule) ?? "nothing more until the end of the run", true);
  }
  return rows;
}

/** Null for a return that says nothing. */
function rowOf(record: TraceRecord, caller: TraceRecord | undefined, breaks: boolean): Row | null {
  const { op, from = "", to = "", call = "" } = record;
  if (op === "call")
    return { kind: "arrow", from, to, text: `${call}${describeArguments(record)}`, dashed: false, breaks };
  if (op !== "return") return { kind: "act", party: from, text: describeAct(record), breaks };
  if (record.status === undefined && !breaks) return null;
  const text = describeReturn(record);
  if (caller === undefined) return { kind: "remark", text: `${call} ${text}`, breaks };
  return { kind: "arrow", from: caller.to ?? "", to: caller.from ?? "", text, dashed: true, breaks };
}
