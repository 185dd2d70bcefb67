/** The records of single AFs, picked out of all that pass by. */

import { callCode } from "../contract/checker/call-table.js";
import { OP_CALL, plainEvent } from "../contract/checker/event-code.js";
import type { CodedEvent, TraceEvent } from "../contract/checker/event.js";
import type { Finding } from "../contract/checker/verdict.js";
import { InputError } from "../scenario/input-error.js";
import { quote } from "../scenario/units.js";

/** An AF that is named as findings name it. */
export interface AfName {
  /** Null: of any machine. */
  readonly machine: number | null;
  readonly handle: string;
  /** From 1; null: all that the handle has had. */
  readonly life: number | null;
}

/** The records of one AF, in order. */
export interface AfCalls {
  readonly name: AfName;
  readonly calls: readonly AfCall[];
  /** Records between the first ones and the others. */
  readonly leftOut: number;
  /** Where that is: so many calls stand before. */
  readonly leftOutAt: number;
  /** Other machines that have such a handle. */
  readonly otherMachines: readonly number[];
}

export interface AfCall {
  readonly event: TraceEvent;
  /** From 1. */
  readonly life: number;
}

const NAME = /^(?:(\d+)\/)?(.+?)(?:\s+\((\d+)(?:st|nd|rd|th) life\))?$/;

/**
 * Reads an AF's name: its handle, perhaps with the machine before it and the life behind it, as in `4/AF#12v3` and `0xffff8a01 (3rd life)`.
 *
 * @throws InputError for what is none
 */
export function parseAfName(text: string): AfName {
  const [, machine, handle, life] = NAME.exec(text.trim()) ?? [];
  if (handle === undefined)
    throw new InputError(`${quote(text)} is no AF: a handle as the trace has it, as in AF#12v3`);
  return {
    machine: machine === undefined ? null : Number(machine),
    handle,
    life: life === undefined ? null : Number(life),
  };
}

/** The AF that a finding is about; null when it is about none. */
function nameAf({ af, machine }: Finding): AfName | null {
  return af === null ? null : { ...parseAfName(af), machine };
}

/** Whether a finding is about an AF that the user named. */
export function isAbout(finding: Finding, name: AfName): boolean {
  const af = nameAf(finding);
  if (af === null || (name.machine ?? af.machine) !== af.machine || af.handle !== name.handle) return false;
  return name.life === null || (af.life ?? 1) === name.life;
}

/** Keeps the records of one AF: the first and the last of them. */
class Kept {
  readonly #first: number;
  readonly #last: number;
  #calls: AfCall[] = [];
  #ring: AfCall[] = [];
  #count = 0;
  life = 0;

  constructor(first: number, last: number) {
    this.#first = first;
    this.#last = last;
  }

  keep(event: CodedEvent): void {
    // What comes before any open is of a life that began before the trace.
    this.life ||= 1;
    const call = { event: plainEvent(event), life: this.life };
    if (this.#calls.length < this.#first) this.#calls.push(call);
    else this.#ring[(this.#count - this.#first) % this.#last] = call;
    this.#count++;
  }

  clear(): void {
    this.#calls = [];
    this.#ring = [];
    this.#count = 0;
  }

  get calls(): Pick<AfCalls, "calls" | "leftOut" | "leftOutAt"> {
    const beginsAt = Math.max(0, this.#count - this.#first) % this.#last;
    const leftOut = this.#count - this.#calls.length - this.#ring.length;
    const last = leftOut > 0 ? [...this.#ring.slice(beginsAt), ...this.#ring.slice(0, beginsAt)] : this.#ring;
    return { calls: [...this.#calls, ...last], leftOut, leftOutAt: this.#first };
  }
}

const CLIENT_OPEN = callCode("NdisClOpenAddressFamilyEx");
const OPEN = callCode("ProtocolCmOpenAf");

/** Opens that have no handle yet: those of each frame, and of each machine that numbers none. */
class Opens {
  readonly #byFrame = new Map<string, CodedEvent>();

  /** @returns whether that is one */
  take(event: CodedEvent): boolean {
    const { call, op, af, machine, frame } = event;
    if (call !== CLIENT_OPEN) return false;
    if (op === OP_CALL) this.#byFrame.set(`${machine} ${frame}`, event);
    else this.#byFrame.delete(`${machine} ${frame}`);
    return af === undefined;
  }

  /** The client's call in which NDIS asks the call manager to open the AF. */
  around({ machine, parent }: CodedEvent): CodedEvent | undefined {
    return this.#byFrame.get(`${machine} ${parent}`);
  }
}

const begins = ({ op, call }: CodedEvent): boolean => op === OP_CALL && call === OPEN;

/** Follows some AFs and what hangs on them: SAPs, VCs and parties. */
class Follower {
  readonly #opens = new Opens();
  readonly #byHandle = new Map<string, Map<number, Kept>>();
  /** What hangs on the AFs, by machine and handle. */
  readonly #hanging = new Map<string, Kept>();
  readonly #first: number;
  readonly #last: number;
  /** Only the life that goes on is wanted. */
  readonly #forgets: boolean;

  constructor(first: number, last: number, forgets: boolean) {
    this.#first = first;
    this.#last = last;
    this.#forgets = forgets;
  }

  follow(handle: string): void {
    if (!this.#byHandle.has(handle)) this.#byHandle.set(handle, new Map());
  }

  /** By machine, in the order in which they first had it. */
  of(handle: string): ReadonlyMap<number, Kept> {
    return this.#byHandle.get(handle) ?? new Map<number, Kept>();
  }

  take(event: CodedEvent, life: number | null = null): void {
    if (this.#opens.take(event)) return;
    const kept = this.#find(event);
    if (kept === undefined) return;
    if (begins(event)) {
      kept.life++;
      if (this.#forgets) kept.clear();
      const open = this.#opens.around(event);
      if (open !== undefined && open.af === undefined && (life ?? kept.life) === kept.life) kept.keep(open);
    }
    const { machine, sap, vc, party } = event;
    for (const hanging of [sap, vc, party])
      if (hanging !== undefined && event.af !== undefined) this.#hanging.set(`${machine} ${hanging.text}`, kept);
    if ((life ?? (kept.life || 1)) === (kept.life || 1)) kept.keep(event);
  }

  #find({ machine, af, sap, vc, party }: CodedEvent): Kept | undefined {
    if (af === undefined) {
      if (this.#hanging.size === 0) return undefined;
      const hanging = party ?? vc ?? sap;
      return hanging === undefined ? undefined : this.#hanging.get(`${machine} ${hanging.text}`);
    }
    const followed = this.#byHandle.get(af.text);
    if (followed === undefined) return undefined;
    let kept = followed.get(machine);
    if (kept === undefined) {
      kept = new Kept(this.#first, this.#last);
      followed.set(machine, kept);
    }
    return kept;
  }
}

/** Records of an AF that is asked for: enough for any that a person reads. */
const ASKED_FIRST = 200;
const ASKED_LAST = 800;

/** Collects the records of one AF. */
export class AfCollector {
  readonly #name: AfName;
  readonly #follower = new Follower(ASKED_FIRST, ASKED_LAST, false);

  constructor(name: AfName) {
    this.#name = name;
    this.#follower.follow(name.handle);
  }

  take(event: CodedEvent): void {
    this.#follower.take(event, this.#name.life);
  }

  finish(): AfCalls {
    const byMachine = this.#follower.of(this.#name.handle);
    const machine = this.#name.machine ?? [...byMachine.keys()][0] ?? null;
    const calls = (machine === null ? undefined : byMachine.get(machine))?.calls;
    return {
      name: { ...this.#name, machine },
      ...(calls ?? { calls: [], leftOut: 0, leftOutAt: 0 }),
      otherMachines: [...byMachine.keys()].filter((other) => other !== machine).sort((a, b) => a - b),
    };
  }
}

/** Records of a finding's history: a life has about 15, and a few for each VC, SAP and party. */
const HISTORY_FIRST = 20;
const HISTORY_LAST = 180;

/** What led to a finding. */
export interface FindingHistory {
  readonly events: readonly TraceEvent[];
  /** Records between the first ones and the others, and where that is. */
  readonly leftOut: number;
  readonly leftOutAt: number;
  /** Nothing that happened breaks the rule, but what did not: the finding's line is where it began to be owed. */
  readonly isOwed: boolean;
}

/** A finding of what is owed, and since when. */
interface Owed {
  readonly finding: Finding;
  readonly af: AfName | null;
  readonly sinceNs: number;
}

/** Collects what led to findings, when the trace passes by again: all of the AF's life up to the breach, also what the checker did not keep. */
export class HistoryCollector {
  readonly #follower = new Follower(HISTORY_FIRST, HISTORY_LAST, true);
  /** Findings whose record has not passed, by its line. */
  readonly #waiting = new Map<number, Finding[]>();
  /** Findings of what is owed: their history ends with the next record of a later time. */
  readonly #owed = new Set<Owed>();
  /** How many of them are about each handle; null: about no AF. */
  readonly #owedOf = new Map<string | null, number>();
  readonly #histories = new Map<Finding, FindingHistory>();
  /** The records that break rules, which may be another's than the AF's, and those of findings about no AF. */
  readonly #wanted = new Map<number, TraceEvent | null>();

  constructor(findings: readonly Finding[]) {
    for (const finding of findings) {
      const af = nameAf(finding);
      this.#wanted.set(finding.line, null);
      if (af !== null) this.#follower.follow(af.handle);
      else for (const line of finding.history) this.#wanted.set(line, null);
      const last = Math.max(finding.line, ...finding.history);
      this.#waiting.set(last, [...(this.#waiting.get(last) ?? []), finding]);
    }
  }

  /** Whether all histories are there. */
  get isDone(): boolean {
    return this.#waiting.size === 0 && this.#owed.size === 0;
  }

  /** Those that are complete. */
  get histories(): ReadonlyMap<Finding, FindingHistory> {
    return this.#histories;
  }

  take(event: CodedEvent): void {
    if (this.#owed.size > 0) this.#endOwed(event);
    this.#follower.take(event);
    if (this.#wanted.has(event.line)) this.#wanted.set(event.line, plainEvent(event));
    const findings = this.#waiting.get(event.line);
    if (findings === undefined) return;
    this.#waiting.delete(event.line);
    for (const finding of findings) {
      if (isOwed(finding)) this.#owe({ finding, af: nameAf(finding), sinceNs: event.timeNs });
      else this.#tell(finding);
    }
  }

  #owe(owed: Owed): void {
    const handle = owed.af?.handle ?? null;
    this.#owed.add(owed);
    this.#owedOf.set(handle, (this.#owedOf.get(handle) ?? 0) + 1);
  }

  /** The trace is over. */
  finish(): void {
    for (const { finding } of this.#owed) this.#tell(finding);
    this.#owed.clear();
  }

  /** What is owed may come too late, which is part of its history; a new life is not. */
  #endOwed(event: CodedEvent): void {
    if (!this.#owedOf.has(event.af?.text ?? null) && !this.#owedOf.has(null)) return;
    for (const owed of this.#owed) {
      const { finding, af, sinceNs } = owed;
      const isOther = af !== null && (af.handle !== event.af?.text || af.machine !== event.machine);
      if (isOther || event.timeNs <= sinceNs) continue;
      if (!begins(event)) this.#follower.take(event);
      this.#owed.delete(owed);
      this.#endOwedOf(af?.handle ?? null);
      this.#tell(finding);
    }
  }

  #endOwedOf(handle: string | null): void {
    const left = this.#owedOf.get(handle)! - 1;
    if (left > 0) this.#owedOf.set(handle, left);
    else this.#owedOf.delete(handle);
  }

  #tell(finding: Finding): void {
    const af = nameAf(finding);
    const kept = af === null ? undefined : this.#follower.of(af.handle).get(finding.machine)?.calls;
    const events = kept
      ? kept.calls.map(({ event }) => event)
      : finding.history.flatMap((line) => (line === finding.line ? [] : (this.#wanted.get(line) ?? [])));
    const breach = this.#wanted.get(finding.line);
    if (breach && !events.some(({ line }) => line === finding.line)) {
      const place = events.findIndex(({ line }) => line > finding.line);
      events.splice(place < 0 ? events.length : place, 0, breach);
    }
    const { leftOut = 0, leftOutAt = 0 } = kept ?? {};
    this.#histories.set(finding, { events, leftOut, leftOutAt, isOwed: isOwed(finding) });
  }
}

/** The checker keeps what came before the breach; of what is owed that is where it began. */
function isOwed({ line, history }: Finding): boolean {
  return history.some((one) => one >= line);
}
