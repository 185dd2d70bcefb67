import fs from "node:fs";
import { setImmediate } from "node:timers/promises";
import { LineWriter, pieceOf } from "../kernel/line-writer.js";
import { TRACE_RECORD_BYTES, TraceFormatter, traceRecordTick } from "../kernel/trace-record.js";
import type { Scenario } from "../scenario/scenario.js";
import type { TraceSegments } from "./message.js";
import { writeFully } from "./trace-segments.js";

/** All read buffers together, and the bounds of one machine's. */
const READ_BYTES = 64 * 2 ** 20;
const READ_RECORDS_MIN = 64;
const READ_RECORDS_MAX = 8192;
/** Collected before a write. */
const WRITE_BYTES = 2 ** 20;
/** More than any line has: a dozen fields of a few dozen characters. */
const LINE_BYTES_MAX = 1024;
const NEWLINE = pieceOf("\n");
/** Records between two looks at the stop signal. */
const YIELD_RECORDS = 65_536;

interface Part {
  readonly descriptor: number;
  readonly offset: number;
  readonly bytes: number;
}

/** The records of one machine, read in order through all of its segments. */
class MachineCursor {
  tick = 0;
  offset = 0;
  readonly view: DataView;
  readonly #buffer: Uint8Array;
  #filled = 0;
  #part = 0;
  #partBytesRead = 0;

  constructor(
    readonly machine: number,
    readonly parts: readonly Part[],
    readonly formatter: TraceFormatter,
    bufferBytes: number,
  ) {
    this.#buffer = new Uint8Array(bufferBytes);
    this.view = new DataView(this.#buffer.buffer);
  }

  /** Moves to the first record; false when there is none. */
  start(): boolean {
    this.offset = 0;
    return this.#fill();
  }

  /** Moves to the next record; false at the end. */
  advance(): boolean {
    this.offset += TRACE_RECORD_BYTES;
    if (this.offset >= this.#filled) return this.#fill();
    this.tick = traceRecordTick(this.view, this.offset);
    return true;
  }

  #fill(): boolean {
    this.offset = 0;
    this.#filled = 0;
    for (let part = this.parts[this.#part]; part && this.#filled < this.#buffer.length; part = this.parts[this.#part]) {
      const wanted = Math.min(part.bytes - this.#partBytesRead, this.#buffer.length - this.#filled);
      readFully(
        part.descriptor,
        this.#buffer.subarray(this.#filled, this.#filled + wanted),
        part.offset + this.#partBytesRead,
      );
      this.#filled += wanted;
      this.#partBytesRead += wanted;
      if (this.#partBytesRead === part.bytes) {
        this.#part++;
        this.#partBytesRead = 0;
      }
    }
    if (this.#filled === 0) return false;
    this.tick = traceRecordTick(this.view, 0);
    return true;
  }
}

export interface MergeOptions {
  readonly signal: AbortSignal | null;
  /** Called now and then with the records written so far and all records. */
  readonly onProgress: ((written: number, all: number) => void) | null;
}

/**
 * Merges raw trace records of all shards into JSON Lines in (tick, machine, seq) order.
 *
 * @param file where the lines go; must not exist
 * @throws the signal's reason when it is aborted, and errors of the file system
 */
export async function mergeTrace(
  scenario: Scenario,
  shards: readonly TraceSegments[],
  file: string,
  options: MergeOptions,
): Promise<void> {
  const descriptors: number[] = [];
  try {
    const open = (path: string, flags: string): number => {
      const descriptor = fs.openSync(path, flags);
      descriptors.push(descriptor);
      return descriptor;
    };
    const output = open(file, "wx");
    const cursors = openCursors(scenario, shards, (path) => open(path, "r"));
    await writeLines(cursors, output, options);
  } finally {
    for (const descriptor of descriptors) fs.closeSync(descriptor);
  }
}

function openCursors(
  scenario: Scenario,
  shards: readonly TraceSegments[],
  open: (path: string) => number,
): MachineCursor[] {
  const partsByMachine = new Map<number, Part[]>();
  for (const { file, machinesAndBytes } of shards) {
    const descriptor = open(file);
    let offset = 0;
    for (let index = 0; index < machinesAndBytes.length; index += 2) {
      const machine = machinesAndBytes[index] ?? 0;
      const bytes = machinesAndBytes[index + 1] ?? 0;
      const parts = partsByMachine.get(machine);
      if (parts) parts.push({ descriptor, offset, bytes });
      else partsByMachine.set(machine, [{ descriptor, offset, bytes }]);
      offset += bytes;
    }
  }
  const share = Math.floor(READ_BYTES / TRACE_RECORD_BYTES / Math.max(1, partsByMachine.size));
  const records = Math.min(READ_RECORDS_MAX, Math.max(READ_RECORDS_MIN, share));
  return [...partsByMachine].map(
    ([machine, parts]) =>
      new MachineCursor(machine, parts, new TraceFormatter(scenario, machine), records * TRACE_RECORD_BYTES),
  );
}

async function writeLines(
  cursors: readonly MachineCursor[],
  output: number,
  { signal, onProgress }: MergeOptions,
): Promise<void> {
  const all =
    cursors.reduce((sum, cursor) => sum + cursor.parts.reduce((bytes, part) => bytes + part.bytes, 0), 0) /
    TRACE_RECORD_BYTES;
  const heap = new CursorHeap(cursors.filter((cursor) => cursor.start()));
  const lines = new LineWriter(WRITE_BYTES + LINE_BYTES_MAX);
  let written = 0;
  for (let cursor = heap.first; cursor; cursor = heap.first) {
    cursor.formatter.write(cursor.view, cursor.offset, lines);
    lines.piece(NEWLINE);
    if (lines.at >= WRITE_BYTES) {
      writeFully(output, lines.bytes.subarray(0, lines.at));
      lines.at = 0;
    }
    heap.settleFirst(cursor.advance());
    written++;
    if (written % YIELD_RECORDS === 0) {
      onProgress?.(written, all);
      await setImmediate();
      signal?.throwIfAborted();
    }
  }
  writeFully(output, lines.bytes.subarray(0, lines.at));
}

/** Binary heap: the cursor whose record comes first by (tick, machine) is on top. */
class CursorHeap {
  readonly #cursors: MachineCursor[];

  constructor(cursors: MachineCursor[]) {
    // Sorted is a heap.
    this.#cursors = cursors.sort((a, b) => (comesBefore(a, b) ? -1 : 1));
  }

  get first(): MachineCursor | undefined {
    return this.#cursors[0];
  }

  /** Puts the first cursor where it belongs after it moved, or drops it when it has no record left. */
  settleFirst(hasRecord: boolean): void {
    const cursors = this.#cursors;
    let moving = cursors[0];
    if (!hasRecord) {
      moving = cursors.pop();
      if (cursors.length === 0) return;
    }
    if (!moving) return;
    let place = 0;
    for (;;) {
      let below = 2 * place + 1;
      let child = cursors[below];
      if (!child) break;
      const right = cursors[below + 1];
      if (right && comesBefore(right, child)) {
        child = right;
        below++;
      }
      if (!comesBefore(child, moving)) break;
      cursors[place] = child;
      place = below;
    }
    cursors[place] = moving;
  }
}

function comesBefore(a: MachineCursor, b: MachineCursor): boolean {
  return a.tick !== b.tick ? a.tick < b.tick : a.machine < b.machine;
}

function readFully(descriptor: number, bytes: Uint8Array, position: number): void {
  for (let done = 0; done < bytes.length;) {
    const count = fs.readSync(descriptor, bytes, done, bytes.length - done, position + done);
    if (count === 0) throw new Error("a raw trace file ends before its last record");
    done += count;
  }
}
