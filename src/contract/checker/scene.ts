import type { Readings } from "../../scenario/readings.js";
import { ruleForm } from "../rule-forms.js";
import { type RuleId, ruleOf } from "../rules.js";
import { type Binding, Bindings } from "./bindings.js";
import type { CodedEvent } from "./event.js";
import { type Frame, Frames } from "./frames.js";
import type { Handle } from "./handle.js";
import { type Evidence, Ledger } from "./ledger.js";
import { CHILD, KIND_AF, LIFE, LINE, NEXT, NOBODY, ObjectTable, OWNER, PREVIOUS, STAMP } from "./object-table.js";
import { SlotTable } from "./slot-table.js";
import type { Finding } from "./verdict.js";

/** Flags that objects of every kind have. */
export const DEAD = 1 << 0;
/** The trace began in the middle of its life. */
export const UNKNOWN = 1 << 1;
/** What it owed when it died has been judged. */
export const SETTLED = 1 << 2;
/** A return has come without its status, so that where the object stands is not known any more. */
const DOUBTFUL = 1 << 3;
/** Flags of a kind begin here. */
export const FIRST_OWN_FLAG = 4;

/** Rules that are about what one record says, whatever came before. */
const BY_VALUE: ReadonlySet<RuleId> = new Set<RuleId>([
  "irql/caller",
  "irql/callback",
  "close/family",
  "open/status",
  "open/context",
  "close/complete-status",
  "sap/status",
  "vc/create",
]);

/** When and how a machine's trace ends. */
export interface TraceEnd {
  readonly timeNs: number;
  /** Nothing was left that could happen. */
  readonly isDrained: boolean;
}

/** `vcReuse`: whether a VC whose call was closed may make another. */
export type CheckedReadings = Readings & { readonly vcReuse: "never" | "allowed" };

export interface SceneOptions {
  readonly readings: CheckedReadings;
  readonly openNs: number;
  readonly closeNs: number;
  readonly findingsMax: number;
}

/** Dead objects whose handles are kept, so that a use of one is known to be late: so many, and one more for each DEAD_SHARE in the table. */
const DEAD_MIN = 1 << 12;
const DEAD_SHARE = 8;

/** What a trace has shown so far: the objects, calls under way and bindings, and what was found. */
export class Scene {
  readonly objects = new ObjectTable();
  readonly frames = new Frames();
  readonly bindings = new Bindings();
  readonly ledger: Ledger;
  readonly readings: CheckedReadings;
  nowNs = 0;
  /** The trace is one of our simulator from its beginning: it has every record, and calls in it take no time. */
  isWhole = false;
  /** Whether it is also known that nothing of it is cut off at its end: what was due at once then counts. */
  endsWhole = false;
  /** Returns have been seen. */
  hasReturns = false;
  /** NDIS has been seen to call a call manager. */
  hasAsks = false;
  /** A call manager has been seen to call NDIS. */
  hasCallManagerCalls = false;
  hasReleases = false;
  /** Some call has said which it was made in. */
  hasParents = false;
  /** Settles what a dead object owes, when it is forgotten: false if it still may be met. */
  settle: (id: number, isReused: boolean) => boolean = () => true;

  /** Of every slot of our simulator the AF that was opened last. */
  readonly slots = new SlotTable();

  /** The dead, the oldest first, as pairs of id and stamp; a ring with room for a power of two of them. */
  #dead = new Uint32Array(DEAD_MIN * 2);
  #deaths = 0;
  #alive = 0;
  /** The most objects that were alive at once. */
  peakAlive = 0;
  #buried = 0;

  constructor(readonly options: SceneOptions) {
    this.readings = options.readings;
    this.ledger = new Ledger(options.findingsMax);
  }

  /** The object of a handle, or -1. */
  find(machine: number, kind: number, handle: Handle | undefined): number {
    return handle === undefined ? -1 : this.objects.find(machine, kind, handle);
  }

  /** The object of a handle, which the trace first has in the middle of its life when it is not known yet. */
  known(event: CodedEvent, kind: number, handle: Handle): number {
    const found = this.objects.find(event.machine, kind, handle);
    if (found >= 0) return found;
    const id = this.objects.add(event.machine, kind, handle);
    this.#comesAlive();
    this.objects.mark(id, UNKNOWN);
    this.objects.set(id, LINE, event.line);
    this.objects.setTime(id, event.timeNs);
    return id;
  }

  /** A new object, or a new life of a handle that is used again. */
  born(event: CodedEvent, kind: number, handle: Handle): number {
    const { objects } = this;
    let id = objects.find(event.machine, kind, handle);
    if (id < 0) {
      id = objects.add(event.machine, kind, handle);
      this.#comesAlive();
    } else {
      if (!objects.has(id, SETTLED)) this.settle(id, true);
      if (objects.has(id, DEAD)) this.#comesAlive();
      this.disown(id);
      objects.renew(id);
    }
    objects.set(id, LINE, event.line);
    objects.setTime(id, event.timeNs);
    return id;
  }

  #comesAlive(): void {
    if (++this.#alive > this.peakAlive) this.peakAlive = this.#alive;
  }

  /** The object's life is over; its handle is remembered for a while. */
  die(id: number): void {
    const { objects } = this;
    if (objects.has(id, DEAD)) return;
    objects.mark(id, DEAD);
    this.#alive--;
    const dead = this.#deaths - this.#buried;
    if (dead >= DEAD_MIN + objects.count / DEAD_SHARE) this.#bury();
    else if (dead * 2 === this.#dead.length) this.#growDead();
    const stamp = ++this.#deaths >>> 0;
    objects.set(id, STAMP, stamp);
    const at = (this.#deaths * 2) % this.#dead.length;
    this.#dead[at] = id;
    this.#dead[at + 1] = stamp;
  }

  #growDead(): void {
    const old = this.#dead;
    this.#dead = new Uint32Array(old.length * 2);
    for (let n = this.#buried + 1; n <= this.#deaths; n++) {
      this.#dead[(n * 2) % this.#dead.length] = old[(n * 2) % old.length]!;
      this.#dead[(n * 2 + 1) % this.#dead.length] = old[(n * 2 + 1) % old.length]!;
    }
  }

  /** Forgets the object that has been dead for longest, unless it lives again or owes something that may still come. */
  #bury(): void {
    const at = (++this.#buried * 2) % this.#dead.length;
    const id = this.#dead[at]!;
    const { objects } = this;
    if (objects.get(id, STAMP) !== this.#dead[at + 1] || !objects.has(id, DEAD)) return;
    if (!objects.has(id, SETTLED) && !this.settle(id, false)) return;
    this.disown(id);
    objects.free(id);
  }

  /** Puts an object first among those of its owner: of an AF the index of a binding, of others the id of an object. */
  own(id: number, owner: number): void {
    const { objects } = this;
    objects.set(id, OWNER, owner);
    const first = this.#firstOf(id, owner);
    objects.set(id, NEXT, first);
    objects.set(id, PREVIOUS, NOBODY);
    if (first !== NOBODY) objects.set(first, PREVIOUS, id);
    this.#setFirstOf(id, owner, id);
  }

  /** Notes whose an object is that the trace has in the middle of its life. */
  adopt(id: number, owner: number): void {
    if (this.objects.get(id, OWNER) === NOBODY) this.own(id, owner);
  }

  /** Takes an object out of its owner's list; it remembers its owner. */
  unlink(id: number): void {
    const { objects } = this;
    const owner = objects.get(id, OWNER);
    if (owner === NOBODY) return;
    const next = objects.get(id, NEXT);
    const previous = objects.get(id, PREVIOUS);
    if (previous === NOBODY) {
      // Not the first of the list either: it was taken out before.
      if (this.#firstOf(id, owner) !== id) return;
      this.#setFirstOf(id, owner, next);
    } else objects.set(previous, NEXT, next);
    if (next !== NOBODY) objects.set(next, PREVIOUS, previous);
    objects.set(id, NEXT, NOBODY);
    objects.set(id, PREVIOUS, NOBODY);
  }

  /** Takes an object out of all lists, and its own out of its list. */
  disown(id: number): void {
    this.unlink(id);
    const { objects } = this;
    for (let child = objects.get(id, CHILD); child !== NOBODY;) {
      const next = objects.get(child, NEXT);
      objects.set(child, OWNER, NOBODY);
      objects.set(child, NEXT, NOBODY);
      objects.set(child, PREVIOUS, NOBODY);
      child = next;
    }
    objects.set(id, CHILD, NOBODY);
  }

  #firstOf(id: number, owner: number): number {
    if (this.objects.kind(id) === KIND_AF) return this.bindings.all[owner]!.afs;
    return this.objects.get(owner, CHILD);
  }

  #setFirstOf(id: number, owner: number, first: number): void {
    if (this.objects.kind(id) === KIND_AF) this.bindings.all[owner]!.afs = first;
    else this.objects.set(owner, CHILD, first);
  }

  /** The AF of a SAP, VC or party, or the AF itself; NOBODY when the trace has not told. */
  afOf(id: number): number {
    const { objects } = this;
    let of = id;
    while (of !== NOBODY && objects.kind(of) !== KIND_AF) of = objects.get(of, OWNER);
    return of;
  }

  bindingOf(id: number): Binding | null {
    const af = this.afOf(id);
    if (af === NOBODY) return null;
    const owner = this.objects.get(af, OWNER);
    return owner === NOBODY ? null : this.bindings.all[owner]!;
  }

  /** A status is missing that says where an object stands, and all that it is on. */
  doubt(id: number): void {
    for (let of = id; of !== NOBODY;) {
      this.objects.mark(of, DOUBTFUL);
      of = this.objects.kind(of) === KIND_AF ? NOBODY : this.objects.get(of, OWNER);
    }
  }

  /** Whether a rule cannot be judged of an object, which is noted. */
  #doubts(rule: RuleId, line: number, id: number): boolean {
    if (id === NOBODY || BY_VALUE.has(rule)) return false;
    const af = this.afOf(id);
    if (!this.objects.has(id, DOUBTFUL) && (af === NOBODY || !this.objects.has(af, DOUBTFUL))) return false;
    this.ledger.cannotSay(rule, "status", line);
    return true;
  }

  /** A record breaks a rule. */
  breach(rule: RuleId, event: CodedEvent, id: number, text: string): void {
    if (this.#doubts(rule, event.line, id)) return;
    this.ledger.add(this.finding(rule, event.line, event.timeNs, event.machine, id, text));
  }

  /** A record breaks the form of a rule that is only a warning. */
  warn(rule: RuleId, event: CodedEvent, id: number, text: string): void {
    if (this.#doubts(rule, event.line, id)) return;
    const { warning } = ruleForm(rule, "warning");
    this.ledger.add({ ...this.finding(rule, event.line, event.timeNs, event.machine, id, text), warning });
  }

  /** Something did not happen that a record of this line began or called for. */
  omission(rule: RuleId, line: number, timeNs: number, id: number, text: string): void {
    if (this.#doubts(rule, line, id)) return;
    this.ledger.add(this.finding(rule, line, timeNs, this.objects.machineOf(id), id, text));
  }

  /** The same, unless the trace has no such records at all. */
  unseen(evidence: Evidence, rule: RuleId, line: number, timeNs: number, id: number, text: string): void {
    if (this.#doubts(rule, line, id)) return;
    const finding = this.finding(rule, line, timeNs, this.objects.machineOf(id), id, text);
    if (this.isWhole) this.ledger.add(finding);
    else this.ledger.addTentative(evidence, finding);
  }

  finding(rule: RuleId, line: number, timeNs: number, machine: number, id: number, text: string): Finding {
    const af = id === NOBODY ? NOBODY : this.afOf(id);
    return {
      rule,
      warning: ruleOf(rule).warning,
      line,
      timeNs,
      machine,
      af: af === NOBODY ? null : this.nameOf(af),
      text,
      history: af === NOBODY ? [] : this.objects.history(af),
    };
  }

  /** A handle as the trace has it, and which of its lives where it has had several. */
  nameOf(id: number): string {
    const life = this.objects.get(id, LIFE);
    const handle = this.objects.handle(id).text;
    return life === 1 ? handle : `${handle} (${ordinal(life)} life)`;
  }

  cannotSay(rule: RuleId, lacks: string, event: CodedEvent): void {
    this.ledger.cannotSay(rule, lacks, event.line);
  }

  /** Whether a frame is inside one of these calls, or the frame itself is one. */
  isWithin(frame: Frame | null, codes: readonly number[]): boolean {
    for (let at = frame, depth = 0; at !== null && depth < 64; depth++) {
      if (codes.includes(at.code)) return true;
      at = at.parent < 0 ? null : this.frames.find(at.machine, at.parent);
    }
    return false;
  }
}

function ordinal(n: number): string {
  const tens = n % 100;
  const suffix = tens >= 11 && tens <= 13 ? "th" : (["th", "st", "nd", "rd"][n % 10] ?? "th");
  return `${n}${suffix}`;
}
