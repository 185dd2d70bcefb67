/** What led to a violation, from the trace of its AF: one line a call, as a person reads it. */

import { describeUnrecorded } from "../contract/unrecorded.js";
import { HISTORY_FIRST, type TraceRecord } from "../measure/history.js";
import type { ResultViolation } from "../result/schema.js";
import { formatPlural, formatTime } from "./format.js";

/** One line, or what takes its place. */
export interface HistoryLine {
  /** Virtual time and processor; empty where they are those of the line above. */
  readonly at: string;
  readonly processor: string;
  /** How deep the call is nested. */
  readonly depth: number;
  readonly text: string;
  /** This breaks the rule. */
  readonly breaks: boolean;
}

/** A history with more lines than the sum keeps so many at its beginning and at its end. */
const LINES_FIRST = 8;
const LINES_LAST = 32;
const STATUS_PREFIX = /^NDIS_STATUS_/;

/** The lines of a violation's history; none when it has no history. The last one says what breaks the rule. */
export function describeHistory(violation: ResultViolation): HistoryLine[] {
  const { history, leftOut } = violation;
  if (history === undefined) return [];
  const lines = new Lines(violation);
  if (leftOut !== undefined && leftOut.lives > 0) {
    const records = formatPlural(leftOut.recordsOfLives, "record");
    lines.remark(`… ${formatPlural(leftOut.lives, "earlier life", "earlier lives")} of this slot, ${records}`);
  }
  const between = leftOut?.recordsBetween ?? 0;
  history.forEach((record, index) => {
    if (index === HISTORY_FIRST && between > 0) lines.remark(`… ${formatPlural(between, "record")} left out`);
    lines.add(record, history[index + 1]);
  });
  return shorten(lines.finish());
}

function shorten(lines: readonly HistoryLine[]): HistoryLine[] {
  const hidden = lines.length - LINES_FIRST - LINES_LAST;
  if (hidden <= 1) return [...lines];
  const remark = {
    at: "",
    processor: "",
    depth: 0,
    text: `… ${hidden} lines left out; --json has them`,
    breaks: false,
  };
  return [...lines.slice(0, LINES_FIRST), remark, ...lines.slice(-LINES_LAST)];
}

/** A call that has not returned. */
interface OpenFrame {
  readonly frame: number;
  readonly depth: number;
  readonly processor: number;
  readonly irql: string;
}

class Lines {
  readonly #lines: HistoryLine[] = [];
  readonly #violation: ResultViolation;
  /** Calls that have not returned, the innermost last. */
  #open: OpenFrame[] = [];
  /** Of the call whose return stands in its own line. */
  #joined: number | null = null;
  #timeNs = -1;
  #processor = -1;

  constructor(violation: ResultViolation) {
    this.#violation = violation;
  }

  remark(text: string): void {
    this.#lines.push({ at: "", processor: "", depth: 0, text, breaks: false });
  }

  /** Adds a record. A call that returns at once and its return share a line, and a return that says nothing has none. */
  add(record: TraceRecord, next: TraceRecord | undefined): void {
    const breaks = record.seq === this.#violation.brokenBy;
    if (record.op === "return") {
      const frame = this.#close(record.frame);
      if (this.#joined === record.frame) return;
      if (record.status === undefined && !breaks) return;
      this.#push(record, frame?.depth ?? 0, `${record.call} ${describeReturn(record)}`, breaks);
      return;
    }
    const around = this.#around(record);
    const depth = around === undefined ? 0 : around.depth + 1;
    const irql = this.#describeIrql(record, around, breaks);
    if (record.op !== "call") {
      this.#push(record, depth, `${record.from} ${describeAct(record)}${irql}`, breaks);
      return;
    }
    const { frame = 0, call = "", from, to } = record;
    const isJoined = next?.op === "return" && next.frame === frame;
    this.#joined = isJoined ? frame : null;
    const joinedBreaks = isJoined && next.seq === this.#violation.brokenBy;
    const parties = from === to ? `${from}, itself` : `${from} → ${to}`;
    const returned = isJoined && (next.status !== undefined || joinedBreaks) ? ` ${describeReturn(next)}` : "";
    this.#open.push({ frame, depth, processor: record.processor, irql: record.irql });
    this.#push(
      record,
      depth,
      `${parties}  ${call}${describeArguments(record)}${irql}${returned}`,
      breaks || joinedBreaks,
    );
  }

  finish(): HistoryLine[] {
    const { brokenBy, rule, timeNs } = this.#violation;
    if (brokenBy === null) {
      const what = describeUnrecorded(rule) ?? "nothing more until the end of the run";
      const at = timeNs === this.#timeNs ? "" : formatTime(timeNs);
      this.#lines.push({ at, processor: "", depth: 0, text: what, breaks: true });
    }
    return this.#lines;
  }

  #push({ timeNs, processor }: TraceRecord, depth: number, text: string, breaks: boolean): void {
    const isLater = timeNs !== this.#timeNs;
    const moves = isLater || processor !== this.#processor;
    this.#lines.push({
      at: isLater ? formatTime(timeNs) : "",
      processor: moves ? String(processor) : "",
      depth,
      text,
      breaks,
    });
    this.#timeNs = timeNs;
    this.#processor = processor;
  }

  /** The call that a record is made inside of: a call's parent; for what is no call the innermost one on its processor. */
  #around({ op, parent, processor }: TraceRecord): OpenFrame | undefined {
    return this.#open.findLast(({ frame, processor: on }) => (op === "call" ? frame === parent : on === processor));
  }

  #close(frame: number | undefined): OpenFrame | undefined {
    const closed = this.#open.find((open) => open.frame === frame);
    this.#open = this.#open.filter((open) => open !== closed);
    return closed;
  }

  /** The IRQL where it is not PASSIVE_LEVEL or that of the call around, and where the rule is about it. */
  #describeIrql({ irql }: TraceRecord, around: OpenFrame | undefined, breaks: boolean): string {
    const isUsual = irql === (around?.irql ?? "PASSIVE_LEVEL");
    return isUsual && !(breaks && this.#violation.rule.startsWith("irql/")) ? "" : ` at ${irql}`;
  }
}

/** What a call passes, in brackets; nothing when that is nothing. */
export function describeArguments(record: TraceRecord): string {
  const given = describeGiven(record);
  return given === "" ? "" : `(${given})`;
}

/** `returns PENDING`. */
export function describeReturn(record: TraceRecord): string {
  return `returns ${describeGiven(record)}`.trimEnd();
}

/** Status and context that a call passes or a return gives. */
function describeGiven({ status, context }: TraceRecord): string {
  const given = status === undefined ? [] : [status.replace(STATUS_PREFIX, "")];
  if (context !== undefined) given.push(`context ${context ?? "NULL"}`);
  return given.join(", ");
}

/** What a driver does without a call. */
export function describeAct({ op }: TraceRecord): string {
  if (op === "release") return "releases its context";
  return op === "wait" ? "waits to be told" : "wakes";
}
