/** Writes lines of ASCII as bytes, from ready pieces and numbers: several times as fast as to make a string of each and to encode that. */

/** Text that is written again and again, as words of four bytes, the last one padded. */
export interface Piece {
  readonly words: Int32Array;
  readonly length: number;
}

const WORD = 4;

export function pieceOf(text: string): Piece {
  const words = new Int32Array(Math.ceil(text.length / WORD));
  for (let i = 0; i < text.length; i++) words[i >> 2]! |= text.charCodeAt(i) << ((i % WORD) * 8);
  return { words, length: text.length };
}

const ZERO = 48;
/** Numbers above this are written in two parts. */
const PART = 1e9;
const PART_DIGITS = 9;

export class LineWriter {
  readonly bytes: Uint8Array;
  /** Where the next byte goes. */
  at = 0;
  readonly #view: DataView;

  /** @param sizeBytes a word more than all that is written before `at` is set back */
  constructor(sizeBytes: number) {
    this.bytes = new Uint8Array(sizeBytes);
    this.#view = new DataView(this.bytes.buffer);
  }

  piece({ words, length }: Piece): void {
    const view = this.#view;
    // What the last word has too much the next piece overwrites.
    for (let i = 0, at = this.at; i < words.length; i++, at += WORD) view.setInt32(at, words[i]!, true);
    this.at += length;
  }

  text(text: string): void {
    for (let i = 0; i < text.length; i++) this.bytes[this.at++] = text.charCodeAt(i);
  }

  /** A whole number from 0 to 2^53 - 1. */
  number(value: number): void {
    if (value < PART) return this.#digits(value, digitsOf(value));
    const high = Math.floor(value / PART);
    this.#digits(high, digitsOf(high));
    this.#digits(value - high * PART, PART_DIGITS);
  }

  #digits(value: number, count: number): void {
    const { bytes } = this;
    let rest = value | 0;
    for (let at = this.at + count - 1; at >= this.at; at--) {
      const tens = (rest / 10) | 0;
      bytes[at] = ZERO + rest - tens * 10;
      rest = tens;
    }
    this.at += count;
  }
}

function digitsOf(value: number): number {
  let count = 1;
  for (let limit = 10; value >= limit; limit *= 10) count++;
  return count;
}
