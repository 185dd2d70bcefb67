/** As much of protobuf's wire format as traces need: https://protobuf.dev/programming-guides/encoding/ */

const VARINT = 0;
const FIXED64 = 1;
const LENGTH_DELIMITED = 2;
/** A message's length is known at its end: so much room is left for it before. A varint may have more bytes than it needs. */
const LENGTH_BYTES = 4;
const FIRST_CAPACITY = 1 << 16;
const TEXTS_MAX = 1000;

const encoder = new TextEncoder();

/** Writes fields of messages, one after the other. Numbers are non-negative integers below 2^53. */
export class ProtobufWriter {
  /** Most texts are names of calls and statuses. */
  readonly #texts = new Map<string, Uint8Array>();
  #bytes = new Uint8Array(FIRST_CAPACITY);
  #length = 0;

  integer(field: number, value: number): this {
    this.#varint(field * 8 + VARINT);
    this.#varint(value);
    return this;
  }

  fixed64(field: number, value: number): this {
    this.#varint(field * 8 + FIXED64);
    let rest = value;
    for (let byte = 0; byte < 8; byte++) {
      this.#byte(rest % 256);
      rest = Math.floor(rest / 256);
    }
    return this;
  }

  text(field: number, value: string): this {
    let bytes = this.#texts.get(value);
    if (bytes === undefined) {
      bytes = encoder.encode(value);
      if (this.#texts.size < TEXTS_MAX) this.#texts.set(value, bytes);
    }
    this.#varint(field * 8 + LENGTH_DELIMITED);
    this.#varint(bytes.length);
    this.#reserve(bytes.length);
    this.#bytes.set(bytes, this.#length);
    this.#length += bytes.length;
    return this;
  }

  /** A message of less than 256 MiB; `write` writes its fields here. */
  message(field: number, write: () => unknown): this {
    this.#varint(field * 8 + LENGTH_DELIMITED);
    const at = this.#length;
    this.#reserve(LENGTH_BYTES);
    this.#length += LENGTH_BYTES;
    write();
    let rest = this.#length - at - LENGTH_BYTES;
    for (let byte = 0; byte < LENGTH_BYTES; byte++) {
      this.#bytes[at + byte] = (rest & 127) | (byte < LENGTH_BYTES - 1 ? 128 : 0);
      rest >>>= 7;
    }
    return this;
  }

  /** What has been written since the last time; no message may be under way. */
  take(): Uint8Array {
    const taken = this.#bytes.slice(0, this.#length);
    this.#length = 0;
    return taken;
  }

  /** 7 bits a byte, lowest first. */
  #varint(value: number): void {
    let rest = value;
    while (rest >= 128) {
      this.#byte((rest % 128) + 128);
      rest = Math.floor(rest / 128);
    }
    this.#byte(rest);
  }

  #byte(value: number): void {
    this.#reserve(1);
    this.#bytes[this.#length++] = value;
  }

  #reserve(bytes: number): void {
    if (this.#length + bytes <= this.#bytes.length) return;
    const grown = new Uint8Array(Math.max(2 * this.#bytes.length, this.#length + bytes));
    grown.set(this.#bytes);
    this.#bytes = grown;
  }
}
