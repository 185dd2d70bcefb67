import { probabilityThreshold } from "../contract/draw.js";

/** Writes fields at addresses of a shard's memory. */
export class MemoryWriter {
  readonly #view: DataView;
  constructor(memory: WebAssembly.Memory) {
    this.#view = new DataView(memory.buffer);
  }
  u32(address: number, value: number): void {
    this.#view.setUint32(address, value, true);
  }
  u64(address: number, value: bigint): void {
    this.#view.setBigUint64(address, value, true);
  }
  u8(address: number, value: number): void {
    this.#view.setUint8(address, value);
  }
  /** Numbers of 32 bits, by offset from an address. */
  fields(address: number, fields: readonly (readonly [offset: number, value: number])[]): void {
    for (const [offset, value] of fields) this.u32(address + offset, Math.min(value, 2 ** 32 - 1));
  }
  /** A probability, as threshold of 32 bits. */
  probability(address: number, probability: number): void {
    this.u64(address, BigInt(probabilityThreshold(probability)));
  }
  bit(address: number, index: number): void {
    const at = address + Math.floor(index / 8);
    this.#view.setUint8(at, this.#view.getUint8(at) | (1 << (index & 7)));
  }
}
