/** As much of protobuf's wire format as traces need: https://protobuf.dev/programming-guides/encoding/ */

const VARINT = 0;
const FIXED64 = 1;
const LENGTH_DELIMITED = 2;

const encoder = new TextEncoder();

/** Writes the fields of one message. Numbers are non-negative integers below 2^53. */
export class MessageWriter {
  readonly bytes: number[] = [];

  integer(field: number, value: number): this {
    this.#varint(field * 8 + VARINT);
    this.#varint(value);
    return this;
  }

  fixed64(field: number, value: number): this {
    this.#varint(field * 8 + FIXED64);
    let rest = value;
    for (let byte = 0; byte < 8; byte++) {
      this.bytes.push(rest % 256);
      rest = Math.floor(rest / 256);
    }
    return this;
  }

  text(field: number, value: string): this {
    return this.#delimited(field, encoder.encode(value));
  }

  message(field: number, write: (message: MessageWriter) => unknown): this {
    const inner = new MessageWriter();
    write(inner);
    return this.#delimited(field, inner.bytes);
  }

  #delimited(field: number, content: Iterable<number> & { readonly length: number }): this {
    this.#varint(field * 8 + LENGTH_DELIMITED);
    this.#varint(content.length);
    for (const byte of content) this.bytes.push(byte);
    return this;
  }

  /** 7 bits a byte, lowest first. */
  #varint(value: number): void {
    let rest = value;
    while (rest >= 128) {
      this.bytes.push((rest % 128) + 128);
      rest = Math.floor(rest / 128);
    }
    this.bytes.push(rest);
  }
}
