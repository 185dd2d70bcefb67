import fs from "node:fs";
import type { TraceRecord } from "../measure/history.js";
import { OutputFile } from "./output-file.js";

/** Bytes of a trace that are read, and turned into packets, at a time. */
const CHUNK_BYTES = 1 << 20;

/** The file of `--perfetto`, which is made of a trace of ours: of the one that is kept, or of one that is removed then. */
export class PerfettoFile {
  /** JSON Lines, which it is made of. */
  readonly traceFile: string;
  readonly #isTraceKept: boolean;
  #output: OutputFile | null = null;

  /** @param keptTrace the trace's file, where somebody wants to keep it */
  constructor(
    readonly file: string,
    keptTrace: string | undefined,
  ) {
    this.traceFile = keptTrace ?? `${file}.unfinished-trace`;
    this.#isTraceKept = keptTrace !== undefined;
  }

  /** @throws InputError when the file cannot be written */
  prepare(): void {
    this.#output = new OutputFile("--perfetto", this.file);
  }

  /**
   * Writes the file, unless it is stopped.
   *
   * @param onProgress gets the share of the trace that is read
   * @returns whether it is written
   * @throws InputError when it can no longer be written
   */
  async publish(signal: AbortSignal, onProgress: (done: number) => void): Promise<boolean> {
    try {
      await this.#output?.writeParts(convert(this.traceFile, signal, onProgress));
      return true;
    } catch (error) {
      if (signal.aborted) return false;
      throw error;
    }
  }

  /** Removes the trace that nobody wants to keep. */
  removeTrace(): void {
    if (!this.#isTraceKept) fs.rmSync(this.traceFile, { force: true });
  }
}

/** The writer's code is loaded here because few runs ask for it. */
async function* convert(
  traceFile: string,
  signal: AbortSignal,
  onProgress: (done: number) => void,
): AsyncGenerator<Uint8Array> {
  const { PerfettoWriter } = await import("../report/perfetto.js");
  const writer = new PerfettoWriter();
  const { size } = fs.statSync(traceFile);
  let [read, unended] = [0, ""];
  // A trace is ASCII, so that no chunk ends within a letter.
  for await (const chunk of fs.createReadStream(traceFile, {
    encoding: "latin1",
    highWaterMark: CHUNK_BYTES,
    signal,
  })) {
    const lines = (unended + String(chunk)).split("\n");
    unended = lines.pop() ?? "";
    for (const line of lines) writer.add(JSON.parse(line) as TraceRecord);
    read += String(chunk).length;
    onProgress(read / size);
    yield writer.take();
  }
}
