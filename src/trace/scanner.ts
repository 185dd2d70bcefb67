/** Reads the records that traces mostly have straight from the bytes of their lines, in WebAssembly (assembly/scan/). */

import * as at from "../../assembly/abi/scan-layout.js";
import { callCode, irqlCode } from "../contract/checker/call-table.js";
import { opCode } from "../contract/checker/event-code.js";
import type { CodedEvent } from "../contract/checker/event.js";
import { Handle } from "../contract/checker/handle.js";
import { statusClass } from "../contract/checker/status-class.js";
import { lacksNothing } from "./record.js";
import { nameStatus } from "./statuses.js";

const FIELDS: Readonly<Record<string, number>> = {
  timeNs: at.FIELD_TIME,
  machine: at.FIELD_MACHINE,
  seq: at.FIELD_SEQ,
  processor: at.FIELD_PROCESSOR,
  frame: at.FIELD_FRAME,
  parent: at.FIELD_PARENT,
  adapter: at.FIELD_ADAPTER,
  op: at.FIELD_OP,
  call: at.FIELD_CALL,
  irql: at.FIELD_IRQL,
  status: at.FIELD_STATUS,
  from: at.FIELD_FROM,
  to: at.FIELD_TO,
  context: at.FIELD_CONTEXT,
  af: at.FIELD_AF,
  sap: at.FIELD_SAP,
  vc: at.FIELD_VC,
  party: at.FIELD_PARTY,
  address: at.FIELD_ADDRESS,
};

/** What a text stands for. */
interface Meaning {
  readonly text: string | undefined;
  readonly code: number;
}

/** The code of a word that is none of those that its field takes. */
const UNKNOWN = -2;

const word =
  (codeOf: (text: string) => number) =>
  (text: string): Meaning => {
    const code = codeOf(text);
    return { text, code: code < 0 ? UNKNOWN : code };
  };
const asIs = (text: string): Meaning => ({ text, code: 0 });

function statusMeaning(text: string): Meaning {
  const name = nameStatus(text);
  return { text: name, code: name === undefined ? UNKNOWN : statusClass(name) };
}

/** Where texts are remembered: words, of which a trace has few, and handles, of which as many are used in turn as are alive. */
interface Cache {
  readonly fields: readonly number[];
  readonly sizeLog2: number;
  /** Null: they are handles. */
  readonly meaningOf: ((text: string) => Meaning) | null;
}

const CACHES: readonly Cache[] = [
  { fields: [at.FIELD_OP], sizeLog2: 4, meaningOf: word(opCode) },
  { fields: [at.FIELD_CALL], sizeLog2: 10, meaningOf: word(callCode) },
  { fields: [at.FIELD_IRQL], sizeLog2: 4, meaningOf: word(irqlCode) },
  { fields: [at.FIELD_STATUS], sizeLog2: 8, meaningOf: statusMeaning },
  { fields: [at.FIELD_FROM], sizeLog2: 10, meaningOf: asIs },
  { fields: [at.FIELD_TO], sizeLog2: 10, meaningOf: asIs },
  { fields: [at.FIELD_CONTEXT, at.FIELD_ADAPTER, at.FIELD_ADDRESS], sizeLog2: 10, meaningOf: asIs },
  { fields: [at.FIELD_AF, at.FIELD_SAP, at.FIELD_VC, at.FIELD_PARTY], sizeLog2: 13, meaningOf: null },
];

const PLACES = CACHES.reduce((places, { sizeLog2 }) => places + (1 << sizeLog2), 0);
const INPUT = at.KEYS + PLACES * at.KEY_BYTES;
const PAGE_BYTES = 2 ** 16;
const MEMORY_PAGES = Math.ceil((INPUT + at.INPUT_BYTES + at.INPUT_SLACK) / PAGE_BYTES);

/** Bytes of lines that are taken at once. */
export const LINES_BYTES_MAX: number = at.INPUT_BYTES;

/** Scans records one after the other. */
export class RecordScanner {
  /** Behind the newline of the record that was scanned last, from the beginning of the lines. */
  end = 0;

  readonly #scan: (start: number) => number;
  readonly #bytes: Uint8Array;
  readonly #words: Int32Array;
  readonly #times: Float64Array;
  /** By place + 1: what texts are, handles, the code of a word, and what makes them. */
  readonly #texts: (string | undefined)[] = Array.from({ length: PLACES + 1 }, () => undefined);
  readonly #handles: (Handle | undefined)[] = Array.from({ length: PLACES + 1 }, () => undefined);
  readonly #codes = new Int32Array(PLACES + 1).fill(-1);
  readonly #caches: Cache[] = [];

  /** @param module of assembly/scan/ */
  constructor(module: WebAssembly.Module) {
    const memory = new WebAssembly.Memory({ initial: MEMORY_PAGES });
    const { exports } = new WebAssembly.Instance(module, { env: { memory } });
    this.#scan = exports["scan"] as (start: number) => number;
    this.#bytes = new Uint8Array(memory.buffer);
    this.#words = new Int32Array(memory.buffer);
    this.#times = new Float64Array(memory.buffer);
    for (const [name, field] of Object.entries(FIELDS)) this.#enterName(name, field);
    for (const cache of CACHES) {
      for (const field of cache.fields) {
        const row = at.CACHES + (field << at.CACHE_ROW_LOG2);
        this.#words[(row + at.CACHE_FIRST) >> 2] = this.#caches.length;
        this.#words[(row + at.CACHE_MASK) >> 2] = (1 << cache.sizeLog2) - 1;
      }
      for (let place = 0; place < 1 << cache.sizeLog2; place++) this.#caches.push(cache);
    }
  }

  #enterName(name: string, field: number): void {
    const text = new TextEncoder().encode(`${name}":`);
    const first = text[0]! | (text[1]! << 8) | (text[2]! << 16) | (text[3]! << 24);
    const hash = Math.imul(first, at.NAME_FACTOR) >>> (32 - at.NAME_ROWS_LOG2);
    const row = at.NAMES + hash * at.NAME_ROW_BYTES;
    this.#bytes.set(text, row + at.NAME_TEXT);
    this.#bytes.fill(0xff, row + at.NAME_MASK, row + at.NAME_MASK + text.length);
    this.#words[(row + at.NAME_FIELD) >> 2] = field;
    this.#words[(row + at.NAME_LENGTH) >> 2] = text.length;
  }

  /** Takes whole lines, each with its newline: at most LINES_BYTES_MAX bytes. */
  load(lines: Uint8Array): void {
    this.#bytes.set(lines, INPUT);
  }

  /**
   * Scans the line that begins at a place of the lines.
   *
   * @returns undefined when the line is another's to read
   */
  scan(start: number, line: number): CodedEvent | undefined {
    const end = this.#scan(INPUT + start);
    const words = this.#words;
    if (words[at.RECORD_NEW_COUNT >> 2] !== 0) this.#learn();
    if (end === 0) return undefined;
    this.end = end - INPUT;
    const texts = this.#texts;
    const handles = this.#handles;
    const codes = this.#codes;
    const timeNs = this.#times[at.RECORD_TIME >> 3]!;
    const op = codes[words[(at.RECORD_TEXTS >> 2) + at.FIELD_OP]!]!;
    const call = codes[words[(at.RECORD_TEXTS >> 2) + at.FIELD_CALL]!]!;
    const irql = codes[words[(at.RECORD_TEXTS >> 2) + at.FIELD_IRQL]!]!;
    const status = words[(at.RECORD_TEXTS >> 2) + at.FIELD_STATUS]!;
    const kind = codes[status]!;
    if (timeNs < 0 || op < 0 || call === UNKNOWN || irql === UNKNOWN || kind === UNKNOWN) return undefined;
    const machine = words[(at.RECORD_NUMBERS >> 2) + at.FIELD_MACHINE]!;
    const adapter = words[(at.RECORD_NUMBERS >> 2) + at.FIELD_ADAPTER]!;
    const context = words[(at.RECORD_TEXTS >> 2) + at.FIELD_CONTEXT]!;
    const event: CodedEvent = {
      line,
      timeNs,
      op,
      call,
      machine: machine < 0 ? 0 : machine,
      seq: words[(at.RECORD_NUMBERS >> 2) + at.FIELD_SEQ]!,
      processor: words[(at.RECORD_NUMBERS >> 2) + at.FIELD_PROCESSOR]!,
      irql,
      frame: words[(at.RECORD_NUMBERS >> 2) + at.FIELD_FRAME]!,
      parent: words[(at.RECORD_NUMBERS >> 2) + at.FIELD_PARENT]!,
      from: texts[words[(at.RECORD_TEXTS >> 2) + at.FIELD_FROM]!],
      to: texts[words[(at.RECORD_TEXTS >> 2) + at.FIELD_TO]!],
      adapter: texts[words[(at.RECORD_TEXTS >> 2) + at.FIELD_ADAPTER]!] ?? (adapter < 0 ? undefined : adapter),
      af: handles[words[(at.RECORD_TEXTS >> 2) + at.FIELD_AF]!],
      sap: handles[words[(at.RECORD_TEXTS >> 2) + at.FIELD_SAP]!],
      vc: handles[words[(at.RECORD_TEXTS >> 2) + at.FIELD_VC]!],
      party: handles[words[(at.RECORD_TEXTS >> 2) + at.FIELD_PARTY]!],
      address: texts[words[(at.RECORD_TEXTS >> 2) + at.FIELD_ADDRESS]!],
      statusClass: kind,
      status: texts[status],
      context: context < 0 ? null : texts[context],
    };
    return lacksNothing(event) ? event : undefined;
  }

  /** Makes of the texts that were not met before what they stand for. */
  #learn(): void {
    const words = this.#words;
    const end = (at.RECORD_NEW >> 2) + words[at.RECORD_NEW_COUNT >> 2]!;
    for (let i = at.RECORD_NEW >> 2; i < end; i++) {
      const place = words[i]!;
      const { meaningOf } = this.#caches[place - 1]!;
      const start = at.KEYS + (place - 1) * at.KEY_BYTES;
      if (meaningOf === null) {
        this.#handles[place] = Handle.ofCodes(this.#bytes, start, this.#endOf(start)) ?? Handle.of(this.#textAt(start));
        continue;
      }
      const { text, code } = meaningOf(this.#textAt(start));
      this.#texts[place] = text;
      this.#codes[place] = code;
    }
  }

  /** Where a text that is padded with zeros ends. */
  #endOf(start: number): number {
    let end = start;
    while (end < start + at.KEY_BYTES && this.#bytes[end] !== 0) end++;
    return end;
  }

  /** The text of ASCII bytes up to a zero; for the few of a handle this is the fastest way. */
  #textAt(start: number): string {
    const bytes = this.#bytes;
    let text = "";
    for (let i = start, end = this.#endOf(start); i < end; i++) text += CHARACTERS[bytes[i]!];
    return text;
  }
}

const CHARACTERS: readonly string[] = Array.from({ length: 128 }, (_, code) => String.fromCharCode(code));
