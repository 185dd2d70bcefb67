import fs from "node:fs";
import readline from "node:readline";
import type { TraceRecord } from "../measure/history.js";
import { PerfettoWriter } from "../report/perfetto.js";
import { OutputFile } from "./output-file.js";

/** Records between two writes. */
const BATCH_RECORDS = 4096;

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
   * @param traceFile JSON Lines
   * @throws InputError when the file can no longer be written
   */
  async publish(traceFile: string): Promise<void> {
    await this.#output?.writeParts(convert(traceFile));
  }

  removePassing(): void {
    fs.rmSync(this.passingTrace, { force: true });
  }
}

async function* convert(traceFile: string): AsyncGenerator<Uint8Array> {
  const writer = new PerfettoWriter();
  let records = 0;
  for await (const line of readline.createInterface({ input: fs.createReadStream(traceFile) })) {
    writer.add(JSON.parse(line) as TraceRecord);
    if (++records % BATCH_RECORDS === 0) yield writer.take();
  }
  yield writer.take();
}
