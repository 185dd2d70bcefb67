import { NO_NUMBER } from "./event-code.js";
import { NOBODY } from "./object-table.js";

/** A call that has not returned yet. */
export interface Frame {
  machine: number;
  /** As the trace numbers it; NO_NUMBER where it does not. */
  number: number;
  /** Of call-table.ts. */
  code: number;
  /** The frame that it was made in; NO_NUMBER: none, or the trace does not say. */
  parent: number;
  /** Its object, NOBODY of a call that is about none. */
  id: number;
  /** Its AF, as far as the record or its object says. */
  af: number;
  /** The VC of a party that has no handle yet. */
  vc: number;
  line: number;
  timeNs: number;
  /** It broke a rule and has no effect, so that what it returns says nothing of the object. */
  ignored: boolean;
  /** Index of the binding that it is about; -1: none. */
  binding: number;
  /** What a rule needs to know at the return. */
  note: number;
}

/** More than drivers have at once; beyond it a trace has few returns, and its calls are forgotten. */
const FRAMES_MAX = 1 << 16;
const LOOSE_MAX = 256;
const TABLE_MIN = 1 << 6;

/** The frames of a machine by number: open addressing with linear probing, as numbers mostly count up. */
class FrameTable {
  #frames: (Frame | undefined)[] = new Array<Frame | undefined>(TABLE_MIN).fill(undefined);
  #count = 0;

  find(number: number): Frame | null {
    const frames = this.#frames;
    const mask = frames.length - 1;
    for (let at = number & mask; ; at = (at + 1) & mask) {
      const frame = frames[at];
      if (frame === undefined) return null;
      if (frame.number === number) return frame;
    }
  }

  add(frame: Frame): void {
    if (this.#count * 2 >= this.#frames.length) this.#grow();
    this.#put(frame);
    this.#count++;
  }

  #put(frame: Frame): void {
    const frames = this.#frames;
    const mask = frames.length - 1;
    let at = frame.number & mask;
    while (frames[at] !== undefined) at = (at + 1) & mask;
    frames[at] = frame;
  }

  #grow(): void {
    const old = this.#frames;
    const isFull = this.#count >= FRAMES_MAX;
    this.#frames = new Array<Frame | undefined>(isFull ? TABLE_MIN : old.length * 2).fill(undefined);
    if (isFull) this.#count = 0;
    else for (const frame of old) if (frame !== undefined) this.#put(frame);
  }

  remove(frame: Frame): void {
    const frames = this.#frames;
    const mask = frames.length - 1;
    let hole = frame.number & mask;
    while (frames[hole] !== frame) hole = (hole + 1) & mask;
    // What was pushed past the hole moves back into it.
    for (let at = (hole + 1) & mask; frames[at] !== undefined; at = (at + 1) & mask) {
      const home = frames[at]!.number & mask;
      if (((at - home) & mask) >= ((at - hole) & mask)) {
        frames[hole] = frames[at];
        hole = at;
      }
    }
    frames[hole] = undefined;
    this.#count--;
  }
}

/** The calls under way, by machine and number, and those that the trace does not number. */
export class Frames {
  readonly #numbered = new Map<number, FrameTable>();
  #machine = -1;
  #table: FrameTable | null = null;
  readonly #loose: Frame[] = [];
  readonly #pool: Frame[] = [];
  #seen = false;

  /** Whether the trace numbers its calls, so that a call without a parent was made outside all others. */
  get areNumbered(): boolean {
    return this.#seen;
  }

  open(machine: number, number: number, code: number, parent: number): Frame {
    const frame = this.#pool.pop() ?? blank();
    frame.machine = machine;
    frame.number = number;
    frame.code = code;
    frame.parent = parent;
    frame.id = NOBODY;
    frame.af = NOBODY;
    frame.vc = NOBODY;
    frame.ignored = false;
    frame.binding = -1;
    frame.note = 0;
    if (number === NO_NUMBER) {
      if (this.#loose.length === LOOSE_MAX) this.#loose.shift();
      this.#loose.push(frame);
      return frame;
    }
    this.#seen = true;
    const table = this.#tableOf(machine);
    // A number that is used again: the trace lacks the return of its last call.
    const last = table.find(number);
    if (last !== null) table.remove(last);
    table.add(frame);
    return frame;
  }

  find(machine: number, number: number): Frame | null {
    if (number === NO_NUMBER) return null;
    return this.#tableOf(machine).find(number);
  }

  #tableOf(machine: number): FrameTable {
    if (machine === this.#machine) return this.#table!;
    let table = this.#numbered.get(machine);
    if (table === undefined) this.#numbered.set(machine, (table = new FrameTable()));
    this.#machine = machine;
    this.#table = table;
    return table;
  }

  /** The call that returns, which then is over; null when the trace does not have it. Release it when it is judged. */
  close(machine: number, number: number, code: number, id: number): Frame | null {
    if (number !== NO_NUMBER) {
      const table = this.#tableOf(machine);
      const frame = table.find(number);
      if (frame === null || frame.code !== code) return null;
      table.remove(frame);
      return frame;
    }
    const loose = this.#loose;
    for (let i = loose.length - 1; i >= 0; i--) {
      const frame = loose[i]!;
      if (frame.machine !== machine || frame.code !== code) continue;
      if (frame.id !== id && frame.id !== NOBODY && id !== NOBODY) continue;
      loose.splice(i, 1);
      return frame;
    }
    return null;
  }

  release(frame: Frame): void {
    this.#pool.push(frame);
  }
}

function blank(): Frame {
  return {
    machine: 0,
    number: NO_NUMBER,
    code: 0,
    parent: NO_NUMBER,
    id: NOBODY,
    af: NOBODY,
    vc: NOBODY,
    line: 0,
    timeNs: 0,
    ignored: false,
    binding: -1,
    note: 0,
  };
}
