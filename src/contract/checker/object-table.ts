import { Handle } from "./handle.js";

/**
 * Every object of a trace: AFs, SAPs, VCs and parties, found by machine, kind and handle. An object is a record of RECORD_WORDS words in a
 * chunk, so that a million objects cost neither a million JavaScript objects nor a copy of all of them when one more comes.
 *
 *     byte 0    1     2     3     4     5     6     7      word 2      3        4      5     6
 *         kind  s0    s1    s2    s3    s4    s5    s6          flags  machine  owner  next  previous
 *     word 7     8..9  10    11     12     13    14    15    16     17        18..25                26    27
 *          life  time  line  line2  child  work  left  hash  stamp  recorded  lines of its history  slot  generation
 *
 * The last two are its handle when that is one of our simulator, else its slot is NO_SLOT and its handle a text beside.
 */
export const KIND_NONE = 0;
export const KIND_AF = 1;
export const KIND_SAP = 2;
export const KIND_VC = 3;
export const KIND_PARTY = 4;

/** An object has up to seven states, a byte each; what each is about is its kind's. */
export const stateByte = (n: number): number => 1 + n;

export const FLAGS = 2;
const MACHINE = 3;
/** The binding of an AF, the AF of a SAP or VC, the VC of a party; NOBODY while unknown. */
export const OWNER = 4;
export const NEXT = 5;
export const PREVIOUS = 6;
/** How many lives the handle has had, from 1. */
export const LIFE = 7;
/** Nanoseconds, a double. */
const TIME = 8;
/** Where and when what is owed now began. */
export const LINE = 10;
export const LINE2 = 11;
/** First of the objects that this one owns. */
export const CHILD = 12;
/** Of an AF: operations on its SAPs and VCs that were called and are not completed. */
export const WORK = 13;
/** Of an AF: its SAPs and VCs whose close or deregister was not called. Of a VC: its parties that were not dropped. */
export const LEFT = 14;
const HASH = 15;
/** Of a dead object: the number of its death. */
export const STAMP = 16;
const RECORDED = 17;
const HISTORY = 18;
const HISTORY_LINES = 8;
const SLOT = 26;
/** Handle.life. */
const HANDLE_LIFE = 27;
const RECORD_WORDS = 28;
/** Handle.slot of a text, as a word. */
const NO_SLOT = 0xffff_ffff;

export const NOBODY = 0xffff_ffff;
const CHUNK_BITS = 12;
const CHUNK_RECORDS = 1 << CHUNK_BITS;
const CHUNK_MASK = CHUNK_RECORDS - 1;
const INDEX_MIN = 1 << 10;
/** Full enough to be doubled, in 16ths. */
const INDEX_LOAD = 11;

/** Objects by handle, and their fields by id. Ids of freed objects are used again. */
export class ObjectTable {
  readonly #words: Uint32Array[] = [];
  readonly #bytes: Uint8Array[] = [];
  readonly #times: Float64Array[] = [];
  /** Handles that are texts, by id; empty for others. */
  readonly #texts: string[] = [];
  readonly #free: number[] = [];
  /** Open addressing with linear probing: id + 1, 0 where nothing is. */
  #index = new Int32Array(INDEX_MIN);
  #count = 0;
  /** What was found last. */
  #last = 0;

  /** Objects in the table. */
  get count(): number {
    return this.#count;
  }

  /** Ids are below this. */
  get idEnd(): number {
    return this.#texts.length;
  }

  /** Bytes of the arrays that hold the objects and find them; strings come on top. */
  get bytes(): number {
    return this.#words.length * CHUNK_RECORDS * RECORD_WORDS * 4 + this.#index.byteLength;
  }

  /** The object of this handle, or -1. */
  find(machine: number, kind: number, handle: Handle): number {
    // Records about one object mostly follow each other.
    const last = this.#last;
    if (last < this.#texts.length && this.#is(last, machine, kind, handle)) return last;
    const hash = hashOf(machine, kind, handle);
    const index = this.#index;
    const mask = index.length - 1;
    for (let at = hash & mask; ; at = (at + 1) & mask) {
      const entry = index[at]!;
      if (entry === 0) return -1;
      const id = entry - 1;
      if (this.#is(id, machine, kind, handle)) {
        this.#last = id;
        return id;
      }
    }
  }

  #is(id: number, machine: number, kind: number, handle: Handle): boolean {
    const words = this.#words[id >>> CHUNK_BITS]!;
    const at = (id & CHUNK_MASK) * RECORD_WORDS;
    if (words[at + SLOT] !== handle.slot >>> 0 || words[at + HANDLE_LIFE] !== handle.life) return false;
    if (words[at + MACHINE] !== machine || this.state(id, 0) !== kind) return false;
    return !handle.isText || this.#texts[id] === handle.text;
  }

  /** A new object, all of its fields 0 but its owner and neighbours, which are NOBODY. Its handle must not be in the table. */
  add(machine: number, kind: number, handle: Handle): number {
    if (this.#count * 16 >= this.#index.length * INDEX_LOAD) this.#grow();
    const id = this.#free.pop() ?? this.#extend();
    if (handle.isText) this.#texts[id] = handle.text;
    const hash = hashOf(machine, kind, handle);
    this.clear(id);
    const at = (id & CHUNK_MASK) * RECORD_WORDS;
    const words = this.#words[id >>> CHUNK_BITS]!;
    this.#bytes[id >>> CHUNK_BITS]![at * 4] = kind;
    words[at + MACHINE] = machine;
    words[at + HASH] = hash;
    words[at + LIFE] = 1;
    words[at + SLOT] = handle.slot;
    words[at + HANDLE_LIFE] = handle.life;
    this.#enter(id, hash);
    this.#count++;
    return id;
  }

  /** The same handle for a new object, after its last life. */
  renew(id: number): void {
    const life = this.get(id, LIFE) + 1;
    const hash = this.get(id, HASH);
    const machine = this.machineOf(id);
    const kind = this.state(id, 0);
    const slot = this.get(id, SLOT);
    const handleLife = this.get(id, HANDLE_LIFE);
    this.clear(id);
    this.setState(id, 0, kind);
    this.set(id, MACHINE, machine);
    this.set(id, HASH, hash);
    this.set(id, LIFE, life);
    this.set(id, SLOT, slot);
    this.set(id, HANDLE_LIFE, handleLife);
  }

  private clear(id: number): void {
    const words = this.#words[id >>> CHUNK_BITS]!;
    const at = (id & CHUNK_MASK) * RECORD_WORDS;
    // A loop: fill is a call of its own, and long for so few words.
    for (let i = at; i < at + RECORD_WORDS; i++) words[i] = 0;
    words[at + OWNER] = NOBODY;
    words[at + NEXT] = NOBODY;
    words[at + PREVIOUS] = NOBODY;
    words[at + CHILD] = NOBODY;
  }

  /** Forgets an object. Nothing may refer to its id any more. */
  free(id: number): void {
    const index = this.#index;
    const mask = index.length - 1;
    let hole = this.get(id, HASH) & mask;
    while (index[hole] !== id + 1) hole = (hole + 1) & mask;
    // What was pushed past the hole moves back into it.
    for (let at = (hole + 1) & mask; index[at] !== 0; at = (at + 1) & mask) {
      const home = this.get(index[at]! - 1, HASH) & mask;
      if (((at - home) & mask) >= ((at - hole) & mask)) {
        index[hole] = index[at]!;
        hole = at;
      }
    }
    index[hole] = 0;
    this.#texts[id] = "";
    this.setState(id, 0, KIND_NONE);
    this.#free.push(id);
    this.#count--;
  }

  #extend(): number {
    const id = this.#texts.length;
    if ((id & CHUNK_MASK) === 0) {
      const buffer = new ArrayBuffer(CHUNK_RECORDS * RECORD_WORDS * 4);
      this.#words.push(new Uint32Array(buffer));
      this.#bytes.push(new Uint8Array(buffer));
      this.#times.push(new Float64Array(buffer));
    }
    this.#texts.push("");
    return id;
  }

  #grow(): void {
    const old = this.#index;
    this.#index = new Int32Array(old.length * 2);
    for (const entry of old) if (entry !== 0) this.#enter(entry - 1, this.get(entry - 1, HASH));
  }

  #enter(id: number, hash: number): void {
    const index = this.#index;
    const mask = index.length - 1;
    let at = hash & mask;
    while (index[at] !== 0) at = (at + 1) & mask;
    index[at] = id + 1;
  }

  get(id: number, field: number): number {
    return this.#words[id >>> CHUNK_BITS]![(id & CHUNK_MASK) * RECORD_WORDS + field]!;
  }

  set(id: number, field: number, value: number): void {
    this.#words[id >>> CHUNK_BITS]![(id & CHUNK_MASK) * RECORD_WORDS + field] = value;
  }

  state(id: number, which: number): number {
    return this.#bytes[id >>> CHUNK_BITS]![(id & CHUNK_MASK) * (RECORD_WORDS * 4) + which]!;
  }

  setState(id: number, which: number, value: number): void {
    this.#bytes[id >>> CHUNK_BITS]![(id & CHUNK_MASK) * (RECORD_WORDS * 4) + which] = value;
  }

  has(id: number, flag: number): boolean {
    return (this.get(id, FLAGS) & flag) !== 0;
  }

  mark(id: number, flag: number): void {
    this.set(id, FLAGS, this.get(id, FLAGS) | flag);
  }

  unmark(id: number, flag: number): void {
    this.set(id, FLAGS, this.get(id, FLAGS) & ~flag);
  }

  time(id: number): number {
    return this.#times[id >>> CHUNK_BITS]![((id & CHUNK_MASK) * RECORD_WORDS + TIME) >>> 1]!;
  }

  setTime(id: number, timeNs: number): void {
    this.#times[id >>> CHUNK_BITS]![((id & CHUNK_MASK) * RECORD_WORDS + TIME) >>> 1] = timeNs;
  }

  kind(id: number): number {
    return this.state(id, 0);
  }

  machineOf(id: number): number {
    return this.get(id, MACHINE);
  }

  handle(id: number): Handle {
    const slot = this.get(id, SLOT);
    return slot === NO_SLOT ? Handle.of(this.#texts[id]!) : Handle.ofNumbers(slot, this.get(id, HANDLE_LIFE));
  }

  /** Notes a line of the object's history; the oldest give way. */
  record(id: number, line: number): void {
    const words = this.#words[id >>> CHUNK_BITS]!;
    const at = (id & CHUNK_MASK) * RECORD_WORDS;
    const recorded = words[at + RECORDED]!;
    words[at + HISTORY + (recorded % HISTORY_LINES)] = line;
    words[at + RECORDED] = recorded + 1;
  }

  /** The lines of the object's history that are kept, the oldest first. */
  history(id: number): number[] {
    const recorded = this.get(id, RECORDED);
    const kept = Math.min(recorded, HISTORY_LINES);
    return Array.from({ length: kept }, (_, i) => this.get(id, HISTORY + ((recorded - kept + i) % HISTORY_LINES)));
  }
}

function hashOf(machine: number, kind: number, handle: Handle): number {
  let hash = handle.hash ^ Math.imul(machine * 4 + kind, 0x9e37_79b1);
  hash ^= hash >>> 15;
  return Math.imul(hash, 0x2c1b_3c6d) >>> 0;
}
