/** What names an object in a trace: one of our simulator by its numbers, `AF#12v3`, so that no text is made of it; any other as it is. */

/** What stands before the slot of ours, by number. */
const PREFIXES = ["AF#", "SAP#", "VC#", "PARTY#"] as const;
const PREFIX_CODES = PREFIXES.map((prefix) => Uint8Array.from(prefix, (character) => character.charCodeAt(0)));
const AF_PREFIX = 0;

const [ZERO, NINE, V] = [48, 57, 118];
/** Digits of a slot, and of a generation, whatever they are. */
const DIGITS_MAX = 8;
/** A prefix and a generation in one number: the generation takes so many bits. */
const GENERATION_BITS = 27;
const GENERATION_MAX = 2 ** GENERATION_BITS - 1;
/** The slot of a handle that is a text. */
const NO_SLOT = -1;

/** Characters of a text; one that has more is none of ours. */
const CODES = new Uint16Array(32);

export class Handle {
  /** Of its numbers, or of its text. */
  readonly hash: number;
  #text: string | null;

  private constructor(
    /** Negative: it is a text. */
    readonly slot: number,
    /** Its prefix and its generation; 0 of a text. */
    readonly life: number,
    text: string | null,
  ) {
    this.#text = text;
    this.hash = text === null ? Math.imul(slot, 0x85eb_ca6b) ^ Math.imul(life, 0xc2b2_ae35) : hashOf(text);
  }

  /** The handle of a text. */
  static of(text: string): Handle {
    const length = Math.min(text.length, CODES.length);
    for (let i = 0; i < length; i++) CODES[i] = text.charCodeAt(i);
    return Handle.ofCodes(CODES, 0, length) ?? new Handle(NO_SLOT, 0, text);
  }

  /** The handle of ours that the characters between two places are; null for any other. */
  static ofCodes(codes: ArrayLike<number>, start: number, end: number): Handle | null {
    const prefix = prefixAt(codes, start);
    if (prefix < 0) return null;
    const from = start + PREFIX_CODES[prefix]!.length;
    let at = from;
    let slot = 0;
    for (; at < end && isDigit(codes[at]!); at++) slot = slot * 10 + codes[at]! - ZERO;
    if (!isPlain(codes, from, at) || codes[at] !== V) return null;
    const after = ++at;
    let generation = 0;
    for (; at < end && isDigit(codes[at]!); at++) generation = generation * 10 + codes[at]! - ZERO;
    if (!isPlain(codes, after, at) || at < end || generation > GENERATION_MAX) return null;
    return new Handle(slot, prefix * 2 ** GENERATION_BITS + generation, null);
  }

  /** The handle with these numbers. */
  static ofNumbers(slot: number, life: number): Handle {
    return new Handle(slot, life, null);
  }

  get isText(): boolean {
    return this.slot === NO_SLOT;
  }

  /** Whether it is an AF's of ours. */
  get isAf(): boolean {
    return this.slot !== NO_SLOT && this.life >>> GENERATION_BITS === AF_PREFIX;
  }

  get text(): string {
    this.#text ??= `${PREFIXES[this.life >>> GENERATION_BITS]}${this.slot}v${this.life & GENERATION_MAX}`;
    return this.#text;
  }
}

function prefixAt(codes: ArrayLike<number>, start: number): number {
  for (let prefix = 0; prefix < PREFIX_CODES.length; prefix++) {
    const those = PREFIX_CODES[prefix]!;
    let i = 0;
    while (i < those.length && codes[start + i] === those[i]) i++;
    if (i === those.length) return prefix;
  }
  return -1;
}

const isDigit = (code: number): boolean => code >= ZERO && code <= NINE;

/** Whether digits are written as our simulator does, so that the number gives them back. */
function isPlain(codes: ArrayLike<number>, from: number, to: number): boolean {
  return to > from && to - from <= DIGITS_MAX && (codes[from] !== ZERO || to === from + 1);
}

function hashOf(text: string): number {
  let hash = 0;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x0100_0193);
  return hash;
}
