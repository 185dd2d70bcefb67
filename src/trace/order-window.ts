import { NO_NUMBER } from "../contract/checker/event-code.js";
import type { CodedEvent } from "../contract/checker/event.js";

/**
 * Puts records into the order of time that are a little out of it: those that are less than a window of records too late. Records of equal times go by
 * machine and sequence where they have one, else as they came.
 */
export class OrderWindow {
  /** Records that came before an earlier one, and were put into order. */
  sorted = 0;
  /** A ring. */
  readonly #waiting: (CodedEvent | undefined)[];
  readonly #mask: number;
  readonly #window: number;
  readonly #give: (event: CodedEvent) => void;
  readonly #giveLate: (event: CodedEvent, last: CodedEvent) => void;
  /** Records that were taken, and given. */
  #taken = 0;
  #given = 0;
  #last: CodedEvent | undefined;

  /**
   * @param window records that are held back
   * @param give gets every record in order, but those that come too late for it, which giveLate gets with the record that was given last
   */
  constructor(
    window: number,
    give: (event: CodedEvent) => void,
    giveLate: (event: CodedEvent, last: CodedEvent) => void,
  ) {
    const size = 2 ** Math.ceil(Math.log2(window + 1));
    this.#waiting = Array.from({ length: size }, () => undefined);
    this.#mask = size - 1;
    this.#window = window;
    this.#give = give;
    this.#giveLate = giveLate;
  }

  take(event: CodedEvent): void {
    const { timeNs } = event;
    let at = this.#taken;
    const before = at > this.#given ? this.#waiting[(at - 1) & this.#mask] : this.#last;
    if (before !== undefined && timeNs <= before.timeNs && comesBefore(event, before)) {
      if (this.#last !== undefined && comesBefore(event, this.#last)) {
        this.#giveLate(event, this.#last);
        return;
      }
      this.sorted++;
      for (; at > this.#given; at--) {
        const other = this.#waiting[(at - 1) & this.#mask]!;
        if (!comesBefore(event, other)) break;
        this.#waiting[at & this.#mask] = other;
      }
    }
    this.#waiting[at & this.#mask] = event;
    this.#taken++;
    if (this.#taken - this.#given > this.#window) this.#giveFirst();
  }

  /** Gives what is held back. */
  finish(): void {
    while (this.#given < this.#taken) this.#giveFirst();
  }

  #giveFirst(): void {
    const first = this.#waiting[this.#given & this.#mask]!;
    this.#given++;
    this.#last = first;
    this.#give(first);
  }
}

function comesBefore(a: CodedEvent, b: CodedEvent): boolean {
  if (a.timeNs !== b.timeNs) return a.timeNs < b.timeNs;
  if (a.machine !== b.machine) return a.machine < b.machine;
  return a.seq !== NO_NUMBER && b.seq !== NO_NUMBER && a.seq < b.seq;
}
