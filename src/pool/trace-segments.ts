import fs from "node:fs";
import type { TraceSegments } from "./message.js";

/** Bytes collected before a write: a segment may be a few records only. */
const BUFFER_BYTES = 2 ** 20;

/** A file that could not be written: the disk is full, or somebody took the folder away. */
export class OutputFailure extends Error {
  override readonly name = "OutputFailure";
}

/** Appends raw trace records of a shard to a file, and remembers which part belongs to which machine. */
export class SegmentWriter {
  readonly #file: string;
  readonly #descriptor: number;
  readonly #buffer = Buffer.alloc(BUFFER_BYTES);
  #filled = 0;
  readonly #machinesAndBytes: number[] = [];

  constructor(file: string) {
    this.#file = file;
    this.#descriptor = this.#attempt(() => fs.openSync(file, "wx"));
  }

  /** Takes the next records of a machine; they may come from shared memory and are copied. */
  append(machine: number, records: Uint8Array): void {
    if (records.length === 0) return;
    this.#note(machine, records.length);
    if (this.#filled + records.length > BUFFER_BYTES) this.#flush();
    if (records.length > BUFFER_BYTES) {
      this.#write(records);
      return;
    }
    this.#buffer.set(records, this.#filled);
    this.#filled += records.length;
  }

  /** Writes what is still held back. */
  finish(): TraceSegments {
    this.#flush();
    return { file: this.#file, machinesAndBytes: this.#machinesAndBytes };
  }

  close(): void {
    fs.closeSync(this.#descriptor);
  }

  #note(machine: number, bytes: number): void {
    const pairs = this.#machinesAndBytes;
    const last = pairs.length - 2;
    if (pairs[last] === machine) pairs[last + 1] = (pairs[last + 1] ?? 0) + bytes;
    else pairs.push(machine, bytes);
  }

  #flush(): void {
    this.#write(this.#buffer.subarray(0, this.#filled));
    this.#filled = 0;
  }

  #write(bytes: Uint8Array): void {
    this.#attempt(() => writeFully(this.#descriptor, bytes));
  }

  #attempt<T>(operation: () => T): T {
    try {
      return operation();
    } catch (error) {
      throw new OutputFailure(error instanceof Error ? error.message : String(error));
    }
  }
}

/** Writes all bytes at the file's position; a single write may take fewer. */
export function writeFully(descriptor: number, bytes: Uint8Array): void {
  for (let done = 0; done < bytes.length;) done += fs.writeSync(descriptor, bytes, done, bytes.length - done);
}
