/** Strings of bytes that come again and again, made once. */

/** Bytes of a string that is cached; longer ones are rare. */
const LENGTH_MAX = 64;
/** Bytes that are taken at once. */
export const WORD = 4;

/** Step of the hash of a string: `hash = Math.imul(hash ^ next, HASH_STEP)` from 0, in which the next are words, then the bytes that remain. */
export const HASH_STEP = 0x01000193;

/** Bytes, and the same bytes by words. */
export interface Bytes {
  readonly bytes: Uint8Array;
  readonly view: DataView;
}

export function bytesOf(bytes: Uint8Array): Bytes {
  return { bytes, view: new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength) };
}

/** The hash of the bytes from `start` to `end`. */
export function hashOf({ bytes, view }: Bytes, start: number, end: number): number {
  let at = start;
  let hash = 0;
  for (; at + WORD <= end; at += WORD) hash = Math.imul(hash ^ view.getInt32(at, true), HASH_STEP);
  for (; at < end; at++) hash = Math.imul(hash ^ bytes[at]!, HASH_STEP);
  return hash;
}

/** Whether `length` bytes are the same in two places; word by word, which is three times as fast as byte by byte. */
export function areEqual(a: Bytes, aStart: number, b: Bytes, bStart: number, length: number): boolean {
  let at = 0;
  for (; at + WORD <= length; at += WORD)
    if (a.view.getInt32(aStart + at, true) !== b.view.getInt32(bStart + at, true)) return false;
  for (; at < length; at++) if (a.bytes[aStart + at] !== b.bytes[bStart + at]) return false;
  return true;
}

/**
 * Gives each distinct string of ASCII bytes one string, or one value that is derived from it, as long as it is not pushed out by another. As a
 * processor's cache: every hash has one place.
 */
export class TextCache<Value = string> {
  readonly #keys: Bytes;
  readonly #lengths: Uint8Array;
  readonly #values: (Value | undefined)[];
  readonly #mask: number;
  readonly #derive: (text: string) => Value | undefined;

  /**
   * @param sizeLog2 of the number of places
   * @param derive the value; undefined when a string has none
   */
  constructor(sizeLog2: number, derive: (text: string) => Value | undefined) {
    const size = 1 << sizeLog2;
    this.#mask = size - 1;
    this.#keys = bytesOf(new Uint8Array(size * LENGTH_MAX));
    this.#lengths = new Uint8Array(size);
    this.#values = new Array<Value | undefined>(size).fill(undefined);
    this.#derive = derive;
  }

  /** The value of the ASCII bytes from `start` to `end`, at least one, whose hash is known. */
  find(text: Bytes, start: number, end: number, hash: number): Value | undefined {
    const length = end - start;
    const place = (hash ^ (hash >>> 15)) & this.#mask;
    if (this.#lengths[place] === length && areEqual(text, start, this.#keys, place * LENGTH_MAX, length))
      return this.#values[place];
    const value = this.#derive(makeText(text.bytes, start, end));
    if (length > LENGTH_MAX) return value;
    const keys = this.#keys.bytes;
    for (let at = 0; at < length; at++) keys[place * LENGTH_MAX + at] = text.bytes[start + at]!;
    this.#lengths[place] = length;
    this.#values[place] = value;
    return value;
  }
}

const CHARACTERS: readonly string[] = Array.from({ length: 128 }, (_, code) => String.fromCharCode(code));

/** The text of ASCII bytes; for the few of a handle this is the fastest way. */
function makeText(bytes: Uint8Array, start: number, end: number): string {
  let text = "";
  for (let at = start; at < end; at++) text += CHARACTERS[bytes[at]!];
  return text;
}
