/** A record as plain values, from JSON or from a mapped log, to an event of the checker, or the reason why it is none. */

import { callCode, TRACE_CALLS } from "../contract/checker/call-table.js";
import { codeEvent, OP_CALL, OP_RETURN } from "../contract/checker/event-code.js";
import type { CodedEvent, TraceEvent, TraceIrql, TraceOp } from "../contract/checker/event.js";
import { KIND_AF, KIND_NONE, KIND_PARTY, KIND_SAP, KIND_VC } from "../contract/checker/object-table.js";
import { nearest } from "../scenario/suggest.js";
import { quote } from "../scenario/units.js";
import { nameStatus, STATUS_NAMES } from "./statuses.js";

/** Why a line is no record. */
export class LineProblem {
  constructor(
    readonly message: string,
    readonly suggestion?: string,
  ) {}
}

/** Ops that are a call's, and those that drivers do without one. */
const OPS: Readonly<Record<TraceOp, "call" | "act">> = {
  call: "call",
  return: "call",
  release: "act",
  wait: "act",
  wake: "act",
};
const IRQLS: readonly TraceIrql[] = ["PASSIVE_LEVEL", "APC_LEVEL", "DISPATCH_LEVEL", "DEVICE_LEVEL"];

/** What a word of a trace stands for; undefined: it is not known. */
const isOp = (text: string): text is TraceOp => Object.hasOwn(OPS, text);
const isIrql = (text: string): text is TraceIrql => (IRQLS as readonly string[]).includes(text);
const isCall = (text: string): boolean => callCode(text) >= 0;

const CALL_NAMES = TRACE_CALLS.map(({ name }) => name);

/** The fields that a record may have; others are passed over. */
export interface RawRecord {
  readonly [field: string]: unknown;
}

/** What a field that has a wrong value is thrown as, inside of this file. */
class Misfit extends Error {
  constructor(readonly problem: LineProblem) {
    super(problem.message);
  }
}

/** Reads one record. */
export function decodeRecord(raw: unknown, line: number): CodedEvent | LineProblem {
  if (typeof raw !== "object" || raw === null || Array.isArray(raw))
    return new LineProblem(`a record is an object, not ${quote(raw)}`);
  try {
    const event = decode(raw as RawRecord, line);
    return findMissing(event) ?? codeEvent(event);
  } catch (error) {
    if (error instanceof Misfit) return error.problem;
    throw error;
  }
}

function decode(raw: RawRecord, line: number): TraceEvent {
  const op = word(raw, "op", isOp, Object.keys(OPS));
  if (op === undefined) throw missing("op");
  const timeNs = time(raw["timeNs"]);
  const call = word(raw, "call", isCall, CALL_NAMES);
  return {
    line,
    timeNs,
    op,
    call,
    machine: count(raw, "machine", 2 ** 32 - 1, "2^32 - 1") ?? 0,
    seq: count(raw, "seq"),
    processor: count(raw, "processor"),
    irql: word(raw, "irql", isIrql, IRQLS),
    frame: count(raw, "frame"),
    parent: count(raw, "parent"),
    from: text(raw, "from"),
    to: text(raw, "to"),
    adapter: adapter(raw["adapter"]),
    af: text(raw, "af"),
    sap: text(raw, "sap"),
    vc: text(raw, "vc"),
    party: text(raw, "party"),
    address: text(raw, "address"),
    status: status(raw["status"]),
    context: raw["context"] === null ? null : text(raw, "context"),
  };
}

/** What an event lacks that the checker cannot do without. */
function findMissing({ op, call, from, af, sap, vc, party }: TraceEvent): LineProblem | undefined {
  if (OPS[op] === "act") {
    if (from === undefined) return missing("from", `${op} needs the driver that does it`).problem;
    return undefined;
  }
  if (call === undefined) return missing("call").problem;
  if (op === "return" || af !== undefined) return undefined;
  const handles = HANDLES.get(call);
  if (handles === undefined || (sap ?? vc ?? party) !== undefined) return undefined;
  return missing(handles, `${call} takes a handle`).problem;
}

/** The calls that make their object, so that its handle is not known yet. */
const MAKING_CALLS: ReadonlySet<string> = new Set([
  "NdisClOpenAddressFamilyEx",
  "NdisClRegisterSap",
  "NdisCoCreateVc",
  "NdisMCmCreateVc",
  "ProtocolCoCreateVc",
  "NdisClAddParty",
  "ProtocolCmAddParty",
  "ProtocolCmRegisterSap",
]);

const HANDLE_FIELDS: ReadonlyMap<number, string> = new Map([
  [KIND_AF, "af"],
  [KIND_SAP, "sap"],
  [KIND_VC, "vc"],
  [KIND_PARTY, "party"],
]);

/** The field with the handle that a call takes; a call that is not here takes none. */
const HANDLES: ReadonlyMap<string, string> = new Map(
  TRACE_CALLS.filter(({ name, subject }) => subject !== KIND_NONE && !MAKING_CALLS.has(name)).map(
    ({ name, subject }) => [name, HANDLE_FIELDS.get(subject) ?? "af"],
  ),
);

/** By the code of a call, whether it takes a handle. */
const TAKES_HANDLE = TRACE_CALLS.map(({ name }) => HANDLES.has(name));

/** Whether the checker has in an event all that it cannot do without. */
export function lacksNothing({ op, call, from, af, sap, vc, party }: CodedEvent): boolean {
  if (op > OP_RETURN) return from !== undefined;
  if (call < 0) return false;
  if (op !== OP_CALL || af !== undefined || !TAKES_HANDLE[call]) return true;
  return (sap ?? vc ?? party) !== undefined;
}

function missing(field: string, why = "every record needs it"): Misfit {
  return new Misfit(new LineProblem(`${field} is missing: ${why}`));
}

function word<Word extends string>(
  raw: RawRecord,
  field: string,
  isKnown: ((value: string) => value is Word) | ((value: string) => boolean),
  known: readonly string[],
): Word | undefined {
  const value = raw[field];
  if (value === undefined || value === null) return undefined;
  if (typeof value === "string" && isKnown(value)) return value as Word;
  const suggestion = typeof value === "string" ? nearest(value, known) : undefined;
  throw new Misfit(new LineProblem(`unknown ${field} ${quote(value)}`, suggestion));
}

function status(value: unknown): string | undefined {
  if (value === undefined || value === null) return undefined;
  const name = typeof value === "string" || typeof value === "number" ? nameStatus(String(value)) : undefined;
  if (name !== undefined) return name;
  const suggestion = typeof value === "string" ? nearest(value, STATUS_NAMES) : undefined;
  throw new Misfit(new LineProblem(`unknown status ${quote(value)}`, suggestion));
}

/** Some programs write numbers of 64 bits as text. */
const NUMERIC = /^-?\d+(?:\.\d+)?$/;

function time(value: unknown): number {
  if (value === undefined || value === null || value === "") throw missing("timeNs");
  const isNumber = typeof value === "number" || (typeof value === "string" && NUMERIC.test(value));
  if (!isNumber) throw new Misfit(new LineProblem(`timeNs ${quote(value)} is not a number`));
  const ns = Number(value);
  if (ns < 0) throw new Misfit(new LineProblem(`timeNs ${quote(value)} is negative`));
  if (ns <= Number.MAX_SAFE_INTEGER) return ns;
  const limit = "2^53 - 1, which is 104 days; times count from the trace's beginning";
  throw new Misfit(new LineProblem(`timeNs ${quote(value)} is beyond ${limit}`));
}

function count(
  raw: RawRecord,
  field: string,
  most = Number.MAX_SAFE_INTEGER,
  mostText = "2^53 - 1",
): number | undefined {
  const value = raw[field];
  if (value === undefined || value === null) return undefined;
  const whole = typeof value === "number" || (typeof value === "string" && /^\d+$/.test(value)) ? Number(value) : -1;
  if (Number.isSafeInteger(whole) && whole >= 0 && whole <= most) return whole;
  throw new Misfit(new LineProblem(`${field} ${quote(value)} is not a whole number from 0 to ${mostText}`));
}

/** What could move a terminal's cursor. */
const CONTROL = /\p{Cc}/u;

/** A name or a handle, which may be a number. */
function text(raw: RawRecord, field: string): string | undefined {
  const value = raw[field];
  if (value === undefined || value === null || value === "") return undefined;
  if (typeof value === "string" && CONTROL.test(value))
    throw new Misfit(new LineProblem(`${field} ${quote(value)} has control characters`));
  if (typeof value === "string") return value;
  if (typeof value === "number") return String(value);
  throw new Misfit(new LineProblem(`${field} ${quote(value)} is neither text nor a number`));
}

function adapter(value: unknown): number | string | undefined {
  if (typeof value === "number") return value;
  return text({ adapter: value }, "adapter");
}
