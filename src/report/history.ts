/** What led to a violation, from the trace of its AF: one line a call, as a person reads it. */

import { callCode, TRACE_CALLS, type TraceCall } from "../contract/checker/call-table.js";
import { describeUnrecorded } from "../contract/unrecorded.js";
import { HISTORY_FIRST, type TraceRecord } from "../measure/history.js";
import type { ResultViolation } from "../result/schema.js";
import { formatPlural, formatTime } from "./format.js";

/** What of a record a history shows; a foreign trace may lack nearly all of it. */
export interface HistoryRecord {
  /** Of the trace's file. */
  readonly line?: number;
  readonly timeNs: number;
  readonly op: TraceRecord["op"];
  readonly processor?: number | undefined;
  readonly irql?: string | undefined;
  readonly frame?: number | undefined;
  readonly parent?: number | undefined;
  readonly call?: string | undefined;
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  readonly status?: string | undefined;
  readonly context?: string | null | undefined;
}

/** One line, or what takes its place. */
export interface HistoryLine {
  /** In the trace's file; empty where there is none. */
  readonly line: string;
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
  const { rule, timeNs, brokenBy } = violation;
  const lines = new Lines<TraceRecord>(rule, ({ seq }) => seq === brokenBy);
  if (leftOut !== undefined && leftOut.lives > 0) {
    const records = formatPlural(leftOut.recordsOfLives, "record");
    lines.remark(`… ${formatPlural(leftOut.lives, "earlier life", "earlier lives")} of this slot, ${records}`);
  }
  const between = leftOut?.recordsBetween ?? 0;
  history.forEach((record, index) => {
    if (index === HISTORY_FIRST && between > 0) lines.remark(`… ${formatPlural(between, "record")} left out`);
    lines.add(record, history[index + 1]);
  });
  if (brokenBy === null) lines.conclude(timeNs, describeUnrecorded(rule) ?? "nothing more until the end of the run");
  return shorten(lines.lines);
}

/** The lines of records of one AF, without bound. */
export function describeRecords<Taken extends HistoryRecord>(
  records: readonly Taken[],
  rule: string,
  breaks: (record: Taken) => boolean,
): HistoryLine[] {
  const lines = new Lines<Taken>(rule, breaks);
  records.forEach((record, index) => lines.add(record, records[index + 1]));
  return lines.lines;
}

/** A line that is no record's. */
export function remarkLine(text: string): HistoryLine {
  return { line: "", at: "", processor: "", depth: 0, text, breaks: false };
}

/** Keeps the beginning and the end of what is too long to be read. */
export function shorten(lines: readonly HistoryLine[]): HistoryLine[] {
  const hidden = lines.length - LINES_FIRST - LINES_LAST;
  if (hidden <= 1) return [...lines];
  const remark = remarkLine(`… ${hidden} lines left out; --json has them`);
  return [...lines.slice(0, LINES_FIRST), remark, ...lines.slice(-LINES_LAST)];
}

/** A call that has not returned. */
interface OpenFrame {
  readonly frame: number | undefined;
  readonly call: string | undefined;
  readonly depth: number;
  readonly processor: number | undefined;
  readonly irql: string | undefined;
}

class Lines<Taken extends HistoryRecord> {
  readonly lines: HistoryLine[] = [];
  readonly #rule: string;
  readonly #breaks: (record: Taken) => boolean;
  /** Calls that have not returned, the innermost last. */
  #open: OpenFrame[] = [];
  /** A return that stands in its call's line. */
  #joined: Taken | undefined;
  #timeNs = -1;
  #processor: number | undefined = -1;

  constructor(rule: string, breaks: (record: Taken) => boolean) {
    this.#rule = rule;
    this.#breaks = breaks;
  }

  remark(text: string): void {
    this.lines.push(remarkLine(text));
  }

  /** Adds a record. A call that returns at once and its return share a line, and a return that says nothing has none. */
  add(record: Taken, next: Taken | undefined): void {
    const breaks = this.#breaks(record);
    if (record.op === "return") {
      const frame = this.#close(record);
      if (this.#joined === record) return;
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
    const { frame, call = "", processor } = record;
    const isJoined = next?.op === "return" && next.frame === frame && next.call === call;
    this.#joined = isJoined ? next : undefined;
    const joinedBreaks = isJoined && this.#breaks(next);
    const returned = isJoined && (next.status !== undefined || joinedBreaks) ? ` ${describeReturn(next)}` : "";
    this.#open.push({ frame, call, depth, processor, irql: record.irql });
    const lines = joinedBreaks && next.line !== undefined ? `${record.line}-${next.line}` : undefined;
    this.#push(
      record,
      depth,
      `${describeParties(record)}  ${call}${describeArguments(record)}${irql}${returned}`,
      breaks || joinedBreaks,
      lines,
    );
  }

  /** Says what breaks the rule when no record does. */
  conclude(timeNs: number, text: string): void {
    const at = timeNs === this.#timeNs ? "" : formatTime(timeNs);
    this.lines.push({ line: "", at, processor: "", depth: 0, text, breaks: true });
  }

  #push({ line, timeNs, processor }: Taken, depth: number, text: string, breaks: boolean, lines?: string): void {
    const isLater = timeNs !== this.#timeNs;
    const moves = isLater || processor !== this.#processor;
    this.lines.push({
      line: lines ?? String(line ?? ""),
      at: isLater ? formatTime(timeNs) : "",
      processor: moves && processor !== undefined ? String(processor) : "",
      depth,
      text,
      breaks,
    });
    this.#timeNs = timeNs;
    this.#processor = processor;
  }

  /** The call that a record is made inside of: a call's parent; for what is no call the innermost one on its processor. */
  #around({ op, frame, parent, processor }: Taken): OpenFrame | undefined {
    const isKnown = op === "call" && (frame ?? parent) !== undefined;
    return this.#open.findLast((open) => (isKnown ? open.frame === parent : open.processor === processor));
  }

  #close({ frame, call }: Taken): OpenFrame | undefined {
    const closed = this.#open.findLast((open) => open.frame === frame && (frame !== undefined || open.call === call));
    this.#open = this.#open.filter((open) => open !== closed);
    return closed;
  }

  /** The IRQL where it is not PASSIVE_LEVEL or that of the call around, and where the rule is about it. */
  #describeIrql({ irql }: Taken, around: OpenFrame | undefined, breaks: boolean): string {
    const isUsual = irql === (around?.irql ?? "PASSIVE_LEVEL");
    return irql === undefined || (isUsual && !(breaks && this.#rule.startsWith("irql/"))) ? "" : ` at ${irql}`;
  }
}

/** Who calls whom; of a trace that does not say it, the roles that the call has. */
function describeParties({ call = "", from, to }: HistoryRecord): string {
  const roles = rolesOf(call);
  const [caller, callee] = [from ?? roles?.from ?? "", to ?? roles?.to ?? ""];
  return caller === callee ? `${caller}, itself` : `${caller} → ${callee}`;
}

/** The roles of a call in the contract. */
export function rolesOf(call: string): TraceCall | undefined {
  return TRACE_CALLS[callCode(call)];
}

/** What a call passes, in brackets; nothing when that is nothing. */
export function describeArguments(record: HistoryRecord): string {
  const given = describeGiven(record);
  return given === "" ? "" : `(${given})`;
}

/** `returns PENDING`. */
export function describeReturn(record: HistoryRecord): string {
  return `returns ${describeGiven(record)}`.trimEnd();
}

/** Status and context that a call passes or a return gives. */
function describeGiven({ status, context }: HistoryRecord): string {
  const given = status === undefined ? [] : [status.replace(STATUS_PREFIX, "")];
  if (context !== undefined) given.push(`context ${context ?? "NULL"}`);
  return given.join(", ");
}

/** What a driver does without a call. */
export function describeAct({ op }: HistoryRecord): string {
  if (op === "release") return "releases its context";
  return op === "wait" ? "waits to be told" : "wakes";
}
