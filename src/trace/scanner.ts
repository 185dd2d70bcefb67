/**
 * Reads the records that traces mostly have straight from the bytes of their lines: fields in any order, texts of plain ASCII, whole numbers. It says
 * nothing of others: JSON.parse (json-text.ts) and decodeRecord (record.ts) take those, and would find the same in these, but slower.
 */

import type { TraceEvent, TraceIrql, TraceOp } from "../contract/checker/event.js";
import { findMissing, isCall, isIrql, isOp } from "./record.js";
import { nameStatus } from "./statuses.js";
import { areEqual, type Bytes, bytesOf, HASH_STEP, hashOf, TextCache, WORD } from "./text-cache.js";

const NEWLINE = 0x0a;
const RETURN = 0x0d;
const SPACE = 0x20;
const QUOTE = 0x22;
const COMMA = 0x2c;
const ZERO = 0x30;
const NINE = 0x39;
const COLON = 0x3a;
const BACKSLASH = 0x5c;
const OPEN = 0x7b;
const CLOSE = 0x7d;
/** From here on UTF-8 takes several bytes. */
const ASCII_END = 0x80;
/** `null` */
const [N, U, L] = [0x6e, 0x75, 0x6c];

/** Digits that a double holds exactly, whatever they are. */
const DIGITS_MAX = 15;

/** Places of caches: for words, of which a trace has few, and for handles, of which as many are used in turn as are alive. */
const WORDS_LOG2 = 10;
const HANDLES_LOG2 = 13;

const words = (isKnown: (text: string) => boolean): TextCache =>
  new TextCache(WORDS_LOG2, (text) => (isKnown(text) ? text : undefined));

/** Where numbers and texts of a record are collected; a field that takes both has two places. */
const TIME = 0;
const MACHINE = 1;
const SEQ = 2;
const PROCESSOR = 3;
const FRAME = 4;
const PARENT = 5;
const ADAPTER = 6;
const NUMBERS = 7;

const OP = 7;
const CALL = 8;
const IRQL = 9;
const FROM = 10;
const TO = 11;
const AF = 12;
const SAP = 13;
const VC = 14;
const PARTY = 15;
const ADDRESS = 16;
const STATUS = 17;
const CONTEXT = 18;
const UNKNOWN = 19;

const FIELDS: ReadonlyMap<string, number> = new Map([
  ["timeNs", TIME],
  ["machine", MACHINE],
  ["seq", SEQ],
  ["processor", PROCESSOR],
  ["frame", FRAME],
  ["parent", PARENT],
  ["adapter", ADAPTER],
  ["op", OP],
  ["call", CALL],
  ["irql", IRQL],
  ["from", FROM],
  ["to", TO],
  ["af", AF],
  ["sap", SAP],
  ["vc", VC],
  ["party", PARTY],
  ["address", ADDRESS],
  ["status", STATUS],
  ["context", CONTEXT],
]);

/** Which fields follow which depends on the op: so many places further on. */
const SHAPE_PLACES = UNKNOWN + 1;
const SHAPES: Readonly<Record<string, number>> = { call: 1, return: 2, release: 3, wait: 3, wake: 3 };
const SHAPE_COUNT = 4;

/** A field's name as it was met. */
interface Name {
  /** With quotes and colon. */
  readonly name: Bytes;
  readonly field: number;
}

/** A byte in each of the four of a word. */
const ONES = 0x01010101;
const HIGH_BITS = 0x80808080;

const NOTHING: Name = { name: bytesOf(new Uint8Array([0])), field: UNKNOWN };

function nameOf(text: string): Name {
  return { name: bytesOf(new TextEncoder().encode(`"${text}":`)), field: FIELDS.get(text) ?? UNKNOWN };
}

/** Scans records one after the other. */
export class RecordScanner {
  /** Behind the newline of the record that was scanned last. */
  end = 0;

  readonly #names = new TextCache<Name>(WORDS_LOG2, nameOf);
  /** By op and the place of a field: the name that last followed it. Records of a trace are alike. */
  readonly #followers: Name[] = Array.from({ length: SHAPE_COUNT * SHAPE_PLACES }, () => NOTHING);
  #text = bytesOf(new Uint8Array(0));
  /** Of the text whose end was found last. */
  #hash = 0;
  /** By place; numbers have none. */
  readonly #caches: readonly (TextCache | undefined)[];
  readonly #numbers = new Float64Array(NUMBERS);
  readonly #texts: (string | null | undefined)[] = Array.from({ length: UNKNOWN }, () => undefined);

  constructor() {
    const caches: (TextCache | undefined)[] = Array.from({ length: UNKNOWN }, () => undefined);
    const names = new TextCache(WORDS_LOG2, (text) => text);
    for (const place of [FROM, TO, CONTEXT, ADAPTER]) caches[place] = names;
    const handles = new TextCache(HANDLES_LOG2, (text) => text);
    for (const place of [AF, SAP, VC, PARTY, ADDRESS]) caches[place] = handles;
    caches[OP] = words(isOp);
    caches[CALL] = words(isCall);
    caches[IRQL] = words(isIrql);
    caches[STATUS] = new TextCache(WORDS_LOG2, nameStatus);
    this.#caches = caches;
  }

  /**
   * Scans the line that begins at `start`.
   *
   * @param bytes in which a newline follows
   * @returns undefined when the line is another's to read
   */
  scan(bytes: Uint8Array, start: number, line: number): TraceEvent | undefined {
    if (bytes !== this.#text.bytes) this.#text = bytesOf(bytes);
    const text = this.#text;
    const numbers = this.#numbers;
    const texts = this.#texts;
    // Plain loops: fill() is slower for so few.
    for (let place = 0; place < NUMBERS; place++) numbers[place] = Number.NaN;
    for (let place = 0; place < UNKNOWN; place++) texts[place] = undefined;
    const limit = bytes.length;
    let at = start;
    let field = UNKNOWN;
    let shape = 0;
    if (bytes[at++] !== OPEN) return undefined;
    for (;;) {
      while (bytes[at] === SPACE) at++;
      let from = at;
      const expected = this.#followers[shape + field]!;
      const length = expected.name.bytes.length;
      if (at + length <= limit && areEqual(text, at, expected.name, 0, length)) {
        field = expected.field;
        at += length;
      } else {
        if (bytes[at] !== QUOTE) return undefined;
        from = at + 1;
        at = this.#findEnd(text, from);
        if (at <= from || bytes[at + 1] !== COLON) return undefined;
        const name = this.#names.find(text, from, at, this.#hash)!;
        this.#followers[shape + field] = name;
        field = name.field;
        at += 2;
      }
      let byte = bytes[at]!;
      while (byte === SPACE) byte = bytes[++at]!;

      if (byte === QUOTE) {
        from = at + 1;
        at = this.#findEnd(text, from);
        if (at < 0) return undefined;
        if (field !== UNKNOWN) {
          const value = at === from ? undefined : this.#caches[field]?.find(text, from, at, this.#hash);
          if (value === undefined) return undefined;
          texts[field] = value;
          if (field === OP) shape = SHAPES[value]! * SHAPE_PLACES;
        }
        at++;
      } else if (byte >= ZERO && byte <= NINE) {
        from = at;
        let whole = 0;
        while (byte >= ZERO && byte <= NINE) {
          whole = whole * 10 + (byte - ZERO);
          byte = bytes[++at]!;
        }
        if (bytes[from] === ZERO && at > from + 1) return undefined;
        if (field === UNKNOWN) {
          // A number that nobody reads.
        } else if (field < NUMBERS) {
          if (at > from + DIGITS_MAX) return undefined;
          numbers[field] = whole;
          texts[field] = undefined;
        } else {
          const value = this.#caches[field]!.find(text, from, at, hashOf(text, from, at));
          if (value === undefined) return undefined;
          texts[field] = value;
        }
      } else if (byte === N && field === CONTEXT) {
        if (bytes[at + 1] !== U || bytes[at + 2] !== L || bytes[at + 3] !== L) return undefined;
        texts[CONTEXT] = null;
        at += 4;
      } else return undefined;

      while (bytes[at] === SPACE) at++;
      byte = bytes[at++]!;
      if (byte === COMMA) continue;
      if (byte !== CLOSE) return undefined;
      break;
    }
    if (bytes[at] === RETURN) at++;
    if (bytes[at] !== NEWLINE) return undefined;
    this.end = at + 1;
    return this.#collect(line);
  }

  /**
   * Finds the quote at the end of a text of plain ASCII, and the text's hash (hashOf). Takes four bytes at a time as long as none of them is a
   * quote, a backslash, a control character or beyond ASCII; a false alarm only means to take the rest byte by byte.
   *
   * @returns -1 for any other text
   */
  #findEnd({ bytes, view }: Bytes, start: number): number {
    let at = start;
    let hash = 0;
    for (const limit = bytes.length - WORD; at <= limit; at += WORD) {
      const word = view.getInt32(at, true);
      const quotes = word ^ (QUOTE * ONES);
      const backslashes = word ^ (BACKSLASH * ONES);
      if (
        ((word - SPACE * ONES) | ((quotes - ONES) & ~quotes) | ((backslashes - ONES) & ~backslashes) | word) &
        HIGH_BITS
      )
        break;
      hash = Math.imul(hash ^ word, HASH_STEP);
    }
    let byte = bytes[at]!;
    while (byte !== QUOTE) {
      if (byte < SPACE || byte === BACKSLASH || byte >= ASCII_END) return -1;
      hash = Math.imul(hash ^ byte, HASH_STEP);
      byte = bytes[++at]!;
    }
    this.#hash = hash;
    return at;
  }

  #collect(line: number): TraceEvent | undefined {
    const numbers = this.#numbers;
    const texts = this.#texts;
    const timeNs = numbers[TIME]!;
    const op = texts[OP];
    // Not a number: it was not there.
    if (timeNs !== timeNs || op === undefined) return undefined;
    const machine = numbers[MACHINE]!;
    const event: TraceEvent = {
      line,
      timeNs,
      op: op as TraceOp,
      call: texts[CALL] as string | undefined,
      machine: machine === machine ? machine : 0,
      seq: numberAt(numbers, SEQ),
      processor: numberAt(numbers, PROCESSOR),
      irql: texts[IRQL] as TraceIrql | undefined,
      frame: numberAt(numbers, FRAME),
      parent: numberAt(numbers, PARENT),
      from: texts[FROM] as string | undefined,
      to: texts[TO] as string | undefined,
      adapter: (texts[ADAPTER] as string | undefined) ?? numberAt(numbers, ADAPTER),
      af: texts[AF] as string | undefined,
      sap: texts[SAP] as string | undefined,
      vc: texts[VC] as string | undefined,
      party: texts[PARTY] as string | undefined,
      address: texts[ADDRESS] as string | undefined,
      status: texts[STATUS] as string | undefined,
      context: texts[CONTEXT],
    };
    return findMissing(event) === undefined ? event : undefined;
  }
}

function numberAt(numbers: Float64Array, place: number): number | undefined {
  const value = numbers[place]!;
  return value === value ? value : undefined;
}
