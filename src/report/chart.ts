/** The calls of one AF as a message sequence chart in text: a column for the client, for NDIS and for the call manager. */

import type { TraceEvent } from "../contract/checker/event.js";
import type { Finding } from "../contract/checker/verdict.js";
import type { CheckReport } from "../result/check-report.js";
import { isAbout } from "../trace/af-calls.js";
import { type Lane, LANES, Debts, lanesOf, nameOf, partiesOf } from "./chart-lanes.js";
import { formatPlural, formatTime } from "./format.js";
import { describeAct, describeArguments, describeReturn } from "./history.js";
import { wrap } from "./layout.js";
import { Page, type TerminalOptions } from "./page.js";

const LINE = "│";
const OWING = "┃";
const SOLID = "─";
const DASHED = "┄";
/** Around the text in an arrow: its head, and a piece of its shaft on either side. */
const ARROW_MARGIN = 4;

/** The chart, the findings about the AF, and what the signs mean. */
export function formatChart(report: CheckReport, options: TerminalOptions): string {
  const page = new Page(options);
  const { af, verdict } = report;
  if (af === null) return "";
  const { calls, leftOut, leftOutAt, otherMachines, name } = af;
  const findings = verdict.findings.filter((finding) => isAbout(finding, name));
  const events = calls.map(({ event }) => event);
  const lines = events.map(({ line }) => line);
  const title = [
    nameOf(name),
    formatPlural(events.length + leftOut, "record"),
    `lines ${Math.min(...lines)} to ${Math.max(...lines)}`,
  ];
  for (const part of wrap(title.join(" · "), page.width)) page.line(page.style("heading", part));
  page.line();
  const chart = new Chart(page, events);
  calls.forEach(({ event, life }, index) => {
    const before = calls[index - 1];
    if (before !== undefined && life !== before.life) chart.remark(`life ${life} of this handle`);
    if (before !== undefined && leftOut > 0 && index === leftOutAt)
      chart.remark(`${formatPlural(leftOut, "record")} left out`);
    chart.draw(event);
    for (const finding of findings.filter(({ line }) => line === event.line)) chart.mark(finding);
  });
  page.line();
  if (chart.hasDebts) page.paragraph(`${OWING} has answered PENDING and owes a completion`, "  ");
  if (otherMachines.length > 0)
    page.paragraph(
      `machines ${otherMachines.join(", ")} have such a handle, too: --af ${otherMachines[0]}/${name.handle}`,
      "  ",
    );
  for (const { line, rule, text } of findings) page.paragraph(`line ${line}, ${rule}: ${text}`, "  ");
  return page.toString();
}

class Chart {
  readonly #page: Page;
  readonly #debts = new Debts();
  readonly #lineWidth: number;
  readonly #timeWidth: number;
  /** Columns of the lanes. */
  readonly #places: readonly number[];
  readonly #gap: number;
  #time = "";
  hasDebts = false;

  constructor(page: Page, events: readonly TraceEvent[]) {
    this.#page = page;
    this.#lineWidth = Math.max(4, ...events.map(({ line }) => String(line).length));
    this.#timeWidth = Math.max(2, ...events.map(({ timeNs }) => formatTime(timeNs).length));
    const left = this.#lineWidth + 2 + this.#timeWidth + 2;
    this.#gap = Math.floor((page.width - left - 1) / (LANES - 1));
    this.#places = Array.from({ length: LANES }, (_, lane) => left + lane * this.#gap);
    this.#drawHeads(partiesOf(events));
  }

  draw(event: TraceEvent): void {
    const { from, to } = lanesOf(event, this.#debts);
    const { op, call = "", timeNs } = event;
    // Time goes by while somebody waits.
    if (this.#debts.areOwed && formatTime(timeNs) !== this.#time) this.#row("", "", "", 0);
    if (op === "call") {
      this.#debts.take(event, from, to);
      this.#arrow(event, from, to, `${call}${describeArguments(event)}`, SOLID);
    } else if (op === "return") {
      // A return stands for an answer, and most answer nothing.
      this.#debts.take(event, from, to);
      if (event.status !== undefined)
        this.#arrow(event, to, from, describeReturn(event).replace("returns ", ""), DASHED);
    } else this.#note(event, from, describeAct(event));
  }

  remark(text: string): void {
    for (const part of wrap(`· · · ${text}`, this.#page.width - this.#places[0]! - 2)) this.#row("", "", part, 0);
  }

  /** Below the record that breaks a rule. */
  mark({ rule }: Finding): void {
    this.#row("", "", `▲ breaks ${rule}`, 0, true);
  }

  #drawHeads(heads: readonly string[]): void {
    const cells = Array.from({ length: this.#page.width }, () => " ");
    const put = (text: string, at: number): void => [...text].forEach((char, index) => (cells[at + index] = char));
    put("line".padStart(this.#lineWidth), 0);
    put("at".padStart(this.#timeWidth), this.#lineWidth + 2);
    const longest = this.#gap - 2;
    heads.forEach((head, lane) => {
      const text = head.length > longest ? `${head.slice(0, longest - 1)}…` : head;
      const place = this.#places[lane]!;
      const at = lane === 0 ? place : lane === LANES - 1 ? place - text.length + 1 : place - (text.length >> 1);
      put(text, at);
    });
    this.#page.line(this.#page.style("faint", cells.join("")));
  }

  #arrow(event: TraceEvent, from: Lane, to: Lane, text: string, shaft: string): void {
    if (from === to) {
      this.#note(event, from, `↺ ${text}`);
      return;
    }
    const [start, end] = [this.#places[Math.min(from, to)]!, this.#places[Math.max(from, to)]!];
    const room = end - start - 1;
    const parts = text.length + ARROW_MARGIN <= room ? [] : breakName(text, room - 2);
    const [line, time] = this.#stamps(event);
    parts.forEach((part, index) =>
      this.#row(index === 0 ? line : "", index === 0 ? time : "", part, start + 1 + ((room - part.length) >> 1)),
    );
    const label = parts.length > 0 ? "" : text;
    const before = Math.max(0, room - 1 - label.length) >> 1;
    const body = shaft.repeat(before) + label + shaft.repeat(Math.max(0, room - 1 - label.length - before));
    const drawn = to > from ? `${body}►` : `◄${body}`;
    const isFirst = parts.length === 0;
    this.#row(isFirst ? line : "", isFirst ? time : "", drawn, start + 1);
  }

  /** A text beside a lane, on the side where there is room. */
  #note(event: TraceEvent, lane: Lane, text: string): void {
    const isLast = lane === LANES - 1;
    const place = this.#places[lane]!;
    const [line, time] = this.#stamps(event);
    breakName(text, this.#gap - 3).forEach((part, index) => {
      const at = isLast ? place - 1 - part.length : place + 2;
      this.#row(index === 0 ? line : "", index === 0 ? time : "", part, at);
    });
  }

  #stamps({ line, timeNs }: TraceEvent): [line: string, time: string] {
    const time = formatTime(timeNs);
    const isNew = time !== this.#time;
    this.#time = time;
    return [String(line), isNew ? time : ""];
  }

  /** One row: lanes, and a text from a column on; column 0 stands for beside the first lane. */
  #row(line: string, time: string, text: string, column: number, isBad = false): void {
    const cells = Array.from({ length: this.#page.width }, () => " ");
    this.#places.forEach((place, lane) => {
      const owes = this.#debts.owes(lane as Lane);
      this.hasDebts ||= owes;
      cells[place] = owes ? OWING : LINE;
    });
    const at = column === 0 ? this.#places[0]! + 2 : column;
    [...text].forEach((char, index) => (cells[at + index] = char));
    const stamps = `${line.padStart(this.#lineWidth)}  ${time.padStart(this.#timeWidth)}  `;
    const drawn = cells.slice(stamps.length).join("").trimEnd();
    this.#page.line(`${this.#page.style("faint", stamps)}${isBad ? this.#page.style("bad", drawn) : drawn}`);
  }
}

/** Breaks a long name where its words begin. */
function breakName(text: string, width: number): string[] {
  const parts: string[] = [];
  let part = "";
  for (const word of text.match(/[A-Z]+(?![a-z])|[A-Z][a-z0-9]*|\s*[^A-Z\s]+|\s+/g) ?? []) {
    if (part !== "" && part.length + word.length > width) {
      parts.push(part.trim());
      part = "";
    }
    part += word;
  }
  return [...parts, part.trim()].flatMap((one) =>
    one.length <= width ? [one] : (one.match(new RegExp(`.{1,${Math.max(1, width)}}`, "g")) ?? []),
  );
}
