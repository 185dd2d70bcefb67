import fs from "node:fs";
import type { TraceRecord } from "../measure/history.js";
import { OutputFile } from "./output-file.js";

/** Bytes of a trace that are read, and turned into packets, at a time. */
const CHUNK_BYTES = 1 << 20;

/** The file of `--perfetto`, which is made of a trace of ours: of the one that is kept, or of one that is removed then. */
export class PerfettoFile {
  #output: OutputFile | null = null;

  constructor(readonly file: string) {}

  /** Where a trace goes that nobody wants to keep. */
  get passingTrace(): string {
    return `${this.file}.unfinished-trace`;
  }

  /** @throws InputError when the file cannot be written */
  prepare(): void {
    this.#output = new OutputFile("--perfetto", this.file);
  }

  /**
   * Writes the file, unless it is stopped.
   *
   * @param traceFile JSON Lines
   * @param onProgress gets the share of the trace that is read
   * @returns whether it is written
   * @throws InputError when it can no longer be written
   */
  async publish(traceFile: string, signal: AbortSignal, onProgress: (done: number) => void): Promise<boolean> {
    try {
      await this.#output?.writeParts(convert(traceFile, signal, onProgress));
      return true;
    } catch (error) {
      if (signal.aborted) return false;
      throw error;
    }
  }

  removePassing(): void {
    fs.rmSync(this.passingTrace, { force: true });
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
