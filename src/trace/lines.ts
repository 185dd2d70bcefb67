/** Bytes longer than this in one line are no record: a record has a few hundred. */
export const LINE_BYTES_MAX = 2 ** 20;

const NEWLINE = 0x0a;

export interface LineTaker {
  /** Takes whole lines, each with its newline. The bytes are only borrowed. */
  takeLines(bytes: Uint8Array): void;
  /** Takes note of a line that is longer than LINE_BYTES_MAX. */
  takeLongLine(): void;
}

/** Cuts a stream of bytes at the ends of lines. Of a line it keeps at most LINE_BYTES_MAX bytes. */
export class LineCutter {
  readonly #taker: LineTaker;
  /** The beginning of a line whose end has not come. */
  #rest = new Uint8Array(0);
  #isTooLong = false;

  constructor(taker: LineTaker) {
    this.#taker = taker;
  }

  push(bytes: Uint8Array): void {
    const end = bytes.lastIndexOf(NEWLINE) + 1;
    if (end === 0) {
      this.#keep(bytes);
      return;
    }
    let start = 0;
    if (this.#rest.length > 0 || this.#isTooLong) {
      start = bytes.indexOf(NEWLINE) + 1;
      this.#keep(bytes.subarray(0, start));
      this.#giveRest();
    }
    if (start < end) this.#taker.takeLines(bytes.subarray(start, end));
    this.#keep(bytes.subarray(end));
  }

  /** The last line may lack its newline. */
  finish(): void {
    if (this.#rest.length > 0 || this.#isTooLong) this.push(new Uint8Array([NEWLINE]));
  }

  #keep(bytes: Uint8Array): void {
    if (this.#isTooLong || bytes.length === 0) return;
    const rest = new Uint8Array(this.#rest.length + bytes.length);
    rest.set(this.#rest);
    rest.set(bytes, this.#rest.length);
    this.#isTooLong = rest.length > LINE_BYTES_MAX;
    this.#rest = this.#isTooLong ? new Uint8Array(0) : rest;
  }

  #giveRest(): void {
    if (this.#isTooLong) this.#taker.takeLongLine();
    else this.#taker.takeLines(this.#rest);
    this.#isTooLong = false;
    this.#rest = new Uint8Array(0);
  }
}
