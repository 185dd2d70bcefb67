import { NOBODY } from "./object-table.js";

/** A call that has not returned yet. */
export interface Frame {
  machine: number;
  /** As the trace numbers it; -1 where it does not. */
  number: number;
  /** Of call-table.ts. */
  code: number;
  /** The frame that it was made in; -1: none, or the trace does not say. */
  parent: number;
  /** Its object, NOBODY of a call that is about none. */
  id: number;
  /** Its AF, as far as the record or its object says. */
  af: number;
  line: number;
  timeNs: number;
  /** It broke a rule and has no effect, so that what it returns says nothing of the object. */
  ignored: boolean;
  /** Index of the binding that it is about; -1: none. */
  binding: number;
  /** What a rule needs to know at the return. */
  note: number;
}

/** More than drivers have at once; the oldest are forgotten beyond it, as of a trace that has few returns. */
const FRAMES_MAX = 1 << 16;
const LOOSE_MAX = 256;

/** The calls under way, by machine and number, and those that the trace does not number. */
export class Frames {
  readonly #numbered: Map<number, Frame>[] = [];
  readonly #loose: Frame[] = [];
  readonly #pool: Frame[] = [];
  #seen = false;

  /** Whether the trace numbers its calls, so that a call without a parent was made outside all others. */
  get areNumbered(): boolean {
    return this.#seen;
  }

  open(machine: number, number: number | undefined, code: number, parent: number | undefined): Frame {
    const frame = this.#pool.pop() ?? blank();
    frame.machine = machine;
    frame.code = code;
    frame.parent = parent ?? -1;
    frame.id = NOBODY;
    frame.af = NOBODY;
    frame.ignored = false;
    frame.binding = -1;
    frame.note = 0;
    if (number === undefined) {
      frame.number = -1;
      if (this.#loose.length === LOOSE_MAX) this.#loose.shift();
      this.#loose.push(frame);
      return frame;
    }
    this.#seen = true;
    frame.number = number;
    const ofMachine = (this.#numbered[machine] ??= new Map());
    if (ofMachine.size >= FRAMES_MAX)
      for (const oldest of ofMachine.keys()) {
        ofMachine.delete(oldest);
        break;
      }
    ofMachine.set(number, frame);
    return frame;
  }

  find(machine: number, number: number | undefined): Frame | null {
    if (number === undefined) return null;
    return this.#numbered[machine]?.get(number) ?? null;
  }

  /** The call that returns, which then is over; null when the trace does not have it. Release it when it is judged. */
  close(machine: number, number: number | undefined, code: number, id: number): Frame | null {
    if (number !== undefined) {
      const ofMachine = this.#numbered[machine];
      const frame = ofMachine?.get(number);
      if (frame === undefined || frame.code !== code) return null;
      ofMachine!.delete(number);
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
    number: -1,
    code: 0,
    parent: -1,
    id: NOBODY,
    af: NOBODY,
    line: 0,
    timeNs: 0,
    ignored: false,
    binding: -1,
    note: 0,
  };
}
