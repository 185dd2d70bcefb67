import type { RuleId } from "../../src/contract/rules.js";
import { FAILURE, type TraceLine } from "./trace-writer.js";

/** How a correct trace is changed. */
export type Operator = "drop" | "duplicate" | "delay" | "swap" | "retarget" | "change";

/** A trace that was changed, and the record at which its rule is broken: of an obligation, the one that began it. Null of a change that is legal. */
export interface Mutant {
  readonly lines: readonly TraceLine[];
  readonly broken: TraceLine | null;
}

/** A way to change a trace; null where the trace has no place for it. */
export interface MutantKind {
  /** Null: the contract calls the change legal. */
  readonly rule: RuleId | null;
  readonly operator: Operator;
  /** What is changed. */
  readonly text: string;
  readonly apply: (lines: readonly TraceLine[], choose: (n: number) => number) => Mutant | null;
}

/** The records of one call: the call itself, all inside it, and its return. */
export interface Span {
  readonly lines: readonly TraceLine[];
  readonly from: number;
  readonly to: number;
  readonly call: TraceLine;
  readonly answer: TraceLine;
}

/** Which calls a change is made at. */
export interface Where {
  /** Names without Ndis(M)Cm in front of those that have both forms: `:CloseAddressFamilyComplete`. */
  readonly call: string;
  readonly if?: (span: Span) => boolean;
}

const LONG_NS = 13e9;

function isNamed(line: TraceLine, name: string): boolean {
  if (!name.startsWith(":")) return line.call === name;
  return line.call === `NdisMCm${name.slice(1)}` || line.call === `NdisCm${name.slice(1)}`;
}

/** The call of this name about the same object, if the trace has one. */
export function callOf(lines: readonly TraceLine[], name: string, like: Partial<TraceLine>): TraceLine | undefined {
  return lines.find((line) => line.op === "call" && isNamed(line, name) && agrees(line, like));
}

export function returnOf(lines: readonly TraceLine[], name: string, like: Partial<TraceLine>): TraceLine | undefined {
  return lines.find((line) => line.op === "return" && isNamed(line, name) && agrees(line, like));
}

/** Whether two records are about the same object: each handle that both have is the same. */
function agrees(line: Partial<TraceLine>, like: Partial<TraceLine>): boolean {
  return (["af", "sap", "vc", "party"] as const).every(
    (key) => line[key] === undefined || like[key] === undefined || line[key] === like[key],
  );
}

export function spans(lines: readonly TraceLine[], { call: name, if: only }: Where): Span[] {
  const found: Span[] = [];
  for (const [from, call] of lines.entries()) {
    if (call.op !== "call" || !isNamed(call, name)) continue;
    const to = lines.findIndex(({ op, frame }) => op === "return" && frame === call.frame);
    if (to < 0) continue;
    const span = { lines, from, to, call, answer: lines[to]! };
    if (only === undefined || only(span)) found.push(span);
  }
  return found;
}

/** A change at one of the calls that it can be made at. */
export function atCall(
  rule: RuleId | null,
  operator: Operator,
  where: Where,
  text: string,
  change: (span: Span, choose: (n: number) => number) => Mutant | null,
): MutantKind {
  return {
    rule,
    operator,
    text,
    apply(lines, choose) {
      const places = spans(lines, where);
      return places.length === 0 ? null : change(places[choose(places.length)]!, choose);
    },
  };
}

/** A call with all inside it is left out; `broken` is what then is not right. */
export function drop(
  rule: RuleId | null,
  where: Where,
  broken: (span: Span) => TraceLine | null | undefined,
): MutantKind {
  return atCall(rule, "drop", where, where.call, (span) => {
    const record = broken(span);
    if (record === undefined) return null;
    return { lines: [...span.lines.slice(0, span.from), ...span.lines.slice(span.to + 1)], broken: record };
  });
}

/** A record alone is left out. */
export function dropRecord(
  rule: RuleId | null,
  text: string,
  isIt: (line: TraceLine, lines: readonly TraceLine[]) => boolean,
  broken: (line: TraceLine, lines: readonly TraceLine[]) => TraceLine | undefined,
): MutantKind {
  return {
    rule,
    operator: "drop",
    text,
    apply(lines, choose) {
      const places = lines.filter((line) => isIt(line, lines));
      if (places.length === 0) return null;
      const gone = places[choose(places.length)]!;
      const record = broken(gone, lines);
      return record === undefined ? null : { lines: lines.filter((line) => line !== gone), broken: record };
    },
  };
}

/** A call is made again right after it has returned, with nothing inside. */
export function duplicate(
  rule: RuleId | null,
  where: Where,
  answer: string | null = FAILURE,
  after = (span: Span): number => span.to,
): MutantKind {
  return atCall(rule, "duplicate", where, where.call, (span) => {
    const at = after(span) + 1;
    if (at <= 0) return null;
    const frame = 1_000_000 + span.call.frame!;
    const timeNs = span.lines[at - 1]!.timeNs;
    const call: TraceLine = { ...span.call, frame, timeNs };
    const { status: _, ...rest } = span.answer;
    const back: TraceLine = { ...rest, frame, timeNs, ...(answer === null ? {} : { status: answer }) };
    return {
      lines: [...span.lines.slice(0, at), call, back, ...span.lines.slice(at)],
      broken: rule === null ? null : call,
    };
  });
}

/** A call, or its return, says something else. */
export function change(
  rule: RuleId | null,
  where: Where,
  which: "call" | "return",
  fields: Partial<TraceLine>,
): MutantKind {
  const text = `${where.call}: ${Object.keys(fields).join(", ")}`;
  return atCall(rule, "change", where, text, (span) => {
    const old = which === "call" ? span.call : span.answer;
    const changed = { ...old, ...fields };
    return { lines: span.lines.map((line) => (line === old ? changed : line)), broken: rule === null ? null : changed };
  });
}

/** A call comes too late, and all that follows it. */
export function delay(rule: RuleId | null, where: Where, byNs = LONG_NS): MutantKind {
  return atCall(rule, "delay", where, where.call, (span) => {
    const lines = span.lines.map((line, i) => (i < span.from ? line : { ...line, timeNs: line.timeNs + byNs }));
    return { lines, broken: rule === null ? null : lines[span.from]! };
  });
}

/** A call is made with the handle of another object. */
export function retarget(
  rule: RuleId | null,
  where: Where,
  other: (span: Span, choose: (n: number) => number) => Partial<TraceLine> | null,
): MutantKind {
  return atCall(rule, "retarget", where, where.call, (span, choose) => {
    const fields = other(span, choose);
    if (fields === null) return null;
    const call = { ...span.call, ...fields };
    const back = { ...span.answer, ...(span.answer.af === undefined ? {} : fields) };
    const lines = [...span.lines.slice(0, span.from), call, back, ...span.lines.slice(span.to + 1)];
    return { lines, broken: rule === null ? null : call };
  });
}

/** A span is moved to another place. */
export function move(span: Span, to: number): TraceLine[] {
  const moved = span.lines.slice(span.from, span.to + 1);
  const rest = [...span.lines.slice(0, span.from), ...span.lines.slice(span.to + 1)];
  const at = to > span.to ? to - moved.length : to;
  const timeNs = rest[Math.max(0, at - 1)]!.timeNs;
  return [...rest.slice(0, at), ...moved.map((line) => ({ ...line, timeNs })), ...rest.slice(at)];
}

/** Whether an AF stands so that a call about it comes after this record and before that one. */
export function afsBetween(lines: readonly TraceLine[], at: number, begin: string, end: string): string[] {
  const began = new Set<string>();
  for (const [i, line] of lines.entries()) {
    if (i >= at) break;
    if (line.af === undefined || line.op !== "call") continue;
    if (isNamed(line, begin)) began.add(line.af);
    if (isNamed(line, end)) began.delete(line.af);
  }
  return [...began];
}
