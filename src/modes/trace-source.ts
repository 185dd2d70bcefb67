/** Where the bytes of a trace come from: a file, or a stream that is kept in a passing file because it cannot be read twice. */

import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import process from "node:process";
import type { Readable } from "node:stream";
import zlib from "node:zlib";
import { InputError } from "../scenario/input-error.js";

/** Bytes that are read at once. */
const PIECE_BYTES = 2 ** 20;
const GZIP_MAGIC = [0x1f, 0x8b] as const;
const UTF_16_MARKS = [
  [0xff, 0xfe],
  [0xfe, 0xff],
] as const;

export interface Flow {
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
    this.name = argument === "-" ? "standard input" : argument;
    const status = argument === "-" ? null : this.#attempt(() => fs.statSync(argument));
    if (status?.isDirectory()) throw new InputError(`the trace ${argument} cannot be read: it is a folder`);
    this.#isStream = !status?.isFile();
    this.sizeBytes = this.#isStream ? null : (status?.size ?? null);
  }

  /** Reads the trace for the first time. */
  async read(flow: Flow): Promise<Ending> {
    const input =
      this.name === "standard input" ? process.stdin : fs.createReadStream(this.name, { highWaterMark: PIECE_BYTES });
    return this.#flow(input, flow, this.#isStream ? (bytes) => this.#copyBytes(bytes) : () => {});
  }

  /** Reads it again; false when that is not possible. */
  async readAgain(flow: Flow): Promise<boolean> {
    const file = this.#isStream ? this.#copy?.file : this.name;
    if (file === undefined) return false;
    const { stopped } = await this.#flow(fs.createReadStream(file, { highWaterMark: PIECE_BYTES }), flow, () => {});
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

  async #flow(input: Readable, { push, onRead, signal }: Flow, copy: (bytes: Uint8Array) => void): Promise<Ending> {
    let readBytes = 0;
    let head: Buffer = Buffer.alloc(0);
    let isOpen = false;
    let take = push;
    let gunzip: zlib.Gunzip | null = null;
    return new Promise<Ending>((resolve, reject) => {
      const end = (ending: Ending): void => {
        signal?.removeEventListener("abort", stop);
        input.destroy();
        gunzip?.destroy();
        resolve(ending);
      };
      const fail = (error: unknown): void => {
        signal?.removeEventListener("abort", stop);
        input.destroy();
        gunzip?.destroy();
        reject(error);
      };
      const stop = (): void => end({ cut: null, stopped: true });
      /** Errors in what is called back must reach the caller. */
      const guarded =
        <Taken extends unknown[]>(action: (...taken: Taken) => void) =>
        (...taken: Taken): void => {
          try {
            action(...taken);
          } catch (error) {
            fail(error);
          }
        };
      const open = (): void => {
        isOpen = true;
        if (startsWith(head, GZIP_MAGIC)) {
          const unpacker = zlib.createGunzip({ chunkSize: PIECE_BYTES });
          gunzip = unpacker;
          unpacker.on(
            "data",
            guarded((bytes: Buffer) => push(bytes)),
          );
          unpacker.on("end", () => end({ cut: null, stopped: false }));
          unpacker.on("error", (error: NodeJS.ErrnoException) =>
            end({
              cut: error.code === "Z_BUF_ERROR" ? "the gzip data end too early" : "the gzip data are damaged",
              stopped: false,
            }),
          );
          take = (bytes) => {
            if (!unpacker.write(bytes)) {
              input.pause();
              unpacker.once("drain", () => input.resume());
            }
          };
        } else if (UTF_16_MARKS.some((mark) => startsWith(head, mark)))
          throw new InputError("the file is UTF-16 text: convert it to UTF-8 first", {
            position: { file: this.name, line: 1, column: 1 },
          });
        take(head);
      };
      signal?.addEventListener("abort", stop);
      input.on(
        "data",
        guarded((bytes: Buffer) => {
          copy(bytes);
          readBytes += bytes.length;
          onRead?.(readBytes);
          if (isOpen) {
            take(bytes);
            return;
          }
          head = Buffer.concat([head, bytes]);
          if (head.length >= GZIP_MAGIC.length) open();
        }),
      );
      input.on(
        "end",
        guarded(() => {
          if (!isOpen) open();
          if (gunzip) gunzip.end();
          else end({ cut: null, stopped: false });
        }),
      );
      input.on("error", (error) => fail(this.#unreadable(error)));
    });
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

function startsWith(bytes: Uint8Array, mark: readonly number[]): boolean {
  return bytes.length >= mark.length && mark.every((byte, index) => bytes[index] === byte);
}
