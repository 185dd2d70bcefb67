/** Where the bytes of a trace come from: a file, or a stream that is kept in a passing file because it cannot be read twice. */

import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import process from "node:process";
import zlib from "node:zlib";
import { InputError } from "../scenario/input-error.js";

/** Bytes that are read at once. */
const PIECE_BYTES = 2 ** 20;
/** Bytes that are unpacked at once: of damaged data at most so many before the damage are lost. */
const UNPACKED_BYTES = 2 ** 16;
const GZIP_MAGIC = [0x1f, 0x8b] as const;
const UTF_16_MARKS = [
  [0xff, 0xfe],
  [0xfe, 0xff],
] as const;

const STDIN = "standard input";

export interface Flow {
  /** Gets the bytes, unpacked; they are only borrowed. */
  readonly push: (bytes: Uint8Array) => void;
  /** Called with the bytes of the file that were read so far. */
  readonly onRead?: (bytes: number) => void;
  readonly signal?: AbortSignal | undefined;
}

/** How a stream ended. */
export interface Ending {
  /** Why it ended before its end; null when it did not. */
  readonly cut: string | null;
  readonly stopped: boolean;
}

export class TraceSource {
  /** As the user named it. */
  readonly name: string;
  /** Null: not known. */
  readonly sizeBytes: number | null;
  readonly #isStream: boolean;
  /** A copy of a stream; null when there is none. */
  #copy: { readonly folder: string; readonly file: string; descriptor: number | null } | null = null;

  /**
   * @param argument a file, or `-` for standard input
   * @throws InputError when there is no such file
   */
  constructor(argument: string) {
    this.name = argument === "-" ? STDIN : argument;
    const status = argument === "-" ? null : this.#attempt(() => fs.statSync(argument));
    if (status?.isDirectory()) throw new InputError(`the trace ${argument} cannot be read: it is a folder`);
    this.#isStream = !status?.isFile();
    this.sizeBytes = this.#isStream ? null : (status?.size ?? null);
  }

  /** Reads the trace for the first time. */
  async read(flow: Flow): Promise<Ending> {
    if (this.name !== STDIN) return this.#flow(readFile(this.name), flow);
    // A read that waits for input is ended, too.
    const stop = (): unknown => process.stdin.destroy();
    flow.signal?.addEventListener("abort", stop);
    try {
      return await this.#flow(process.stdin, flow);
    } finally {
      flow.signal?.removeEventListener("abort", stop);
    }
  }

  /** Reads it again; false when that is not possible. */
  async readAgain(flow: Flow): Promise<boolean> {
    const file = this.#isStream ? this.#copy?.file : this.name;
    if (file === undefined) return false;
    const { stopped } = await this.#flow(readFile(file), flow, true);
    return !stopped;
  }

  /** Takes away what was kept. */
  dispose(): void {
    const copy = this.#copy;
    if (copy === null) return;
    if (copy.descriptor !== null) fs.closeSync(copy.descriptor);
    fs.rmSync(copy.folder, { recursive: true, force: true });
    this.#copy = null;
  }

  #copyBytes(bytes: Uint8Array): void {
    try {
      if (this.#copy === null) {
        const folder = fs.mkdtempSync(path.join(os.tmpdir(), "condis-sim-"));
        const file = path.join(folder, "trace");
        this.#copy = { folder, file, descriptor: fs.openSync(file, "w") };
      }
      if (this.#copy.descriptor !== null) fs.writeFileSync(this.#copy.descriptor, bytes);
    } catch {
      // A full disk: findings then lack their histories.
      this.dispose();
      this.#copy = null;
    }
  }

  async #flow(pieces: AsyncIterable<Uint8Array>, { push, onRead, signal }: Flow, isAgain = false): Promise<Ending> {
    const decoder = new Decoder(this.name, push);
    let readBytes = 0;
    try {
      for await (const piece of pieces) {
        if (signal?.aborted === true) break;
        if (this.#isStream && !isAgain) this.#copyBytes(piece);
        readBytes += piece.length;
        onRead?.(readBytes);
        await decoder.take(piece);
        if (decoder.cut !== null) break;
      }
      const stopped = signal?.aborted === true;
      if (!stopped) await decoder.finish();
      return { cut: decoder.cut, stopped };
    } catch (error) {
      if (signal?.aborted === true) return { cut: decoder.cut, stopped: true };
      throw isSystemError(error) ? this.#unreadable(error) : error;
    } finally {
      decoder.dispose();
    }
  }

  #attempt<T>(action: () => T): T {
    try {
      return action();
    } catch (error) {
      throw this.#unreadable(error);
    }
  }

  #unreadable(error: unknown): InputError {
    return new InputError(
      `the trace ${this.name} cannot be read: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
}

/** The pieces of a file. Each is only borrowed until the next one is asked for; meanwhile that one is read. */
async function* readFile(file: string): AsyncGenerator<Uint8Array> {
  const handle = await fs.promises.open(file);
  try {
    let [now, next] = [Buffer.allocUnsafe(PIECE_BYTES), Buffer.allocUnsafe(PIECE_BYTES)];
    let reading = handle.read(now, 0, PIECE_BYTES, null);
    for (;;) {
      const { bytesRead } = await reading;
      if (bytesRead === 0) return;
      reading = handle.read(next, 0, PIECE_BYTES, null);
      // Its failure is thrown when its turn comes, or nobody waits for it.
      reading.catch(() => {});
      yield now.subarray(0, bytesRead);
      [now, next] = [next, now];
    }
  } finally {
    await handle.close();
  }
}

/** Finds out by its first bytes what a trace is packed by, and unpacks it. */
class Decoder {
  /** Why what is packed ended before its end; null when it did not. */
  cut: string | null = null;
  readonly #name: string;
  readonly #push: (bytes: Uint8Array) => void;
  #head: Uint8Array | null = new Uint8Array(0);
  #gunzip: zlib.Gunzip | null = null;
  /** Settles when the unpacking has ended, well or not. */
  #closed: Promise<void> = Promise.resolve();
  #failure: { readonly error: unknown } | null = null;
  /** Unpacked, and not given on: it is while the next bytes are unpacked in another thread. */
  #unpacked: Uint8Array[] = [];

  constructor(name: string, push: (bytes: Uint8Array) => void) {
    this.#name = name;
    this.#push = push;
  }

  async take(bytes: Uint8Array): Promise<void> {
    if (this.#head === null) return this.#give(bytes);
    this.#head = Buffer.concat([this.#head, bytes]);
    if (this.#head.length >= GZIP_MAGIC.length) await this.#begin(this.#head);
  }

  async finish(): Promise<void> {
    if (this.#head !== null) await this.#begin(this.#head);
    const gunzip = this.#gunzip;
    if (gunzip === null || this.cut !== null) return;
    gunzip.end();
    await this.#closed;
    this.#check();
  }

  dispose(): void {
    this.#gunzip?.destroy();
  }

  async #begin(head: Uint8Array): Promise<void> {
    this.#head = null;
    if (UTF_16_MARKS.some((mark) => startsWith(head, mark)))
      throw new InputError("the file is UTF-16 text: convert it to UTF-8 first", {
        position: { file: this.#name, line: 1, column: 1 },
      });
    if (startsWith(head, GZIP_MAGIC)) {
      const gunzip = zlib.createGunzip({ chunkSize: UNPACKED_BYTES });
      this.#gunzip = gunzip;
      this.#closed = new Promise((resolve) => gunzip.once("close", resolve));
      this.#gunzip.on("data", (bytes: Uint8Array) => {
        if (this.#unpacked.push(bytes) === 1) process.nextTick(() => this.#giveUnpacked());
      });
      this.#gunzip.on("error", ({ code }: NodeJS.ErrnoException) => {
        this.cut = code === "Z_BUF_ERROR" ? "the gzip data end too early" : "the gzip data are damaged";
      });
    }
    await this.#give(head);
  }

  async #give(bytes: Uint8Array): Promise<void> {
    const gunzip = this.#gunzip;
    if (gunzip === null) {
      this.#push(bytes);
      return;
    }
    // After an error nobody calls back.
    await Promise.race([new Promise<void>((resolve) => gunzip.write(bytes, () => resolve())), this.#closed]);
    this.#check();
  }

  #giveUnpacked(): void {
    const unpacked = this.#unpacked;
    this.#unpacked = [];
    if (this.#failure !== null) return;
    try {
      for (const bytes of unpacked) this.#push(bytes);
    } catch (error) {
      // Thrown here it would end the process.
      this.#failure = { error };
    }
  }

  #check(): void {
    this.#giveUnpacked();
    if (this.#failure !== null) throw this.#failure.error;
  }
}

function isSystemError(error: unknown): boolean {
  return error instanceof Error && "syscall" in error;
}

function startsWith(bytes: Uint8Array, mark: readonly number[]): boolean {
  return bytes.length >= mark.length && mark.every((byte, index) => bytes[index] === byte);
}
