import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { performance } from "node:perf_hooks";
import process from "node:process";
import { promisify } from "node:util";
import { gzipSync } from "node:zlib";
import { fileURLToPath } from "node:url";

import { createChecker } from "../src/contract/checker/checker.js";
import type { CodedEvent } from "../src/contract/checker/event.js";
import { check, WINDOW_DEFAULT } from "../src/modes/check.js";
import { jsonLines } from "../src/modes/json-lines.js";
import { TraceSource } from "../src/modes/trace-source.js";
import { TraceReader } from "../src/trace/reader.js";
import { addMeasured } from "./figures.js";
import { type Contender, interleave, median, type RoundTime } from "./rounds.js";
import type { BenchSetting } from "./suites.js";

const CLI = fileURLToPath(new URL("../bundle/cli/main.js", import.meta.url));
const run = promisify(execFile);
const seconds = (): number => performance.now() / 1e3;
/** As a file is read. */
const PIECE_BYTES = 2 ** 20;

/**
 * Records a second from JSON Lines on one core: reading alone, judging alone, both, both from gzip; beside them JSON.parse of the same lines. And what
 * writing the trace costs a run, beside the writing of as many bytes.
 */
export async function measureCheck(setting: BenchSetting): Promise<void> {
  const folder = mkdtempSync(path.join(os.tmpdir(), "condis-sim-bench-"));
  try {
    const file = path.join(folder, "trace.jsonl");
    const words = [
      "run",
      "churn",
      "--afs",
      "20k",
      "--duration",
      setting.quick ? "1ms" : "6ms",
      "--workers",
      "1",
      "--json",
    ];
    setting.onStep("writing a trace");
    await measureWriting(setting, words, file);
    setting.onStep(`checking a trace of ${(statSync(file).size / 1e6).toFixed(0)} MB`);
    await measureReading(setting, file);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function measureWriting({ quick, figures }: BenchSetting, words: readonly string[], file: string): Promise<void> {
  const time = async (args: readonly string[]): Promise<number> => {
    const start = seconds();
    await run(process.execPath, [CLI, ...args], { maxBuffer: 2 ** 28 });
    return seconds() - start;
  };
  const [plain, traced, bytes]: [number[], number[], number[]] = [[], [], []];
  for (let round = 0; round < (quick ? 1 : 3); round++) {
    plain.push(await time(words));
    traced.push(await time([...words, "--trace", file]));
    const start = seconds();
    writeFileSync(`${file}.copy`, readFileSync(file));
    bytes.push(seconds() - start);
    rmSync(`${file}.copy`);
  }
  figures.set("trace.write.plainSeconds", median(plain));
  figures.set("trace.write.tracedSeconds", median(traced));
  figures.set("trace.write.copySeconds", median(bytes));
  figures.set("trace.write.megabytes", statSync(file).size / 1e6);
}

async function measureReading(setting: BenchSetting, file: string): Promise<void> {
  const { quick, figures } = setting;
  const bytes = readFileSync(file);
  const open = jsonLines();
  const packed = `${file}.gz`;
  writeFileSync(packed, gzipSync(bytes, { level: 1 }));
  const read = (onEvent: (event: CodedEvent) => void): number => {
    const reader = new TraceReader({ window: WINDOW_DEFAULT, onEvent }, open);
    for (let at = 0; at < bytes.length; at += PIECE_BYTES) reader.push(bytes.subarray(at, at + PIECE_BYTES));
    reader.finish();
    return reader.reading.records;
  };
  const events: CodedEvent[] = [];
  read((event) => events.push(event));
  const operations = events.length;
  const timed = (id: string, work: () => unknown): Contender => ({
    id,
    round: async () => {
      setting.collectGarbage();
      const start = seconds();
      await work();
      return { seconds: seconds() - start, operations };
    },
  });
  const checkFile = (name: string) => async (): Promise<void> => {
    const source = new TraceSource(name);
    const tool = { name: "bench", version: "0" };
    const report = await check({
      source,
      checker: createChecker(),
      tool,
      window: WINDOW_DEFAULT,
      strict: true,
      af: null,
      open,
    });
    if (report.reading.records !== operations) throw new Error(`${name}: not every record was read`);
  };
  const measured = await interleave(
    [
      timed("parse", () => {
        for (const line of bytes.toString("latin1").split("\n")) if (line !== "") JSON.parse(line);
      }),
      timed("read", () => read(() => {})),
      { id: "judge", round: () => judgeAlone(setting, bytes) },
      timed("plain", checkFile(file)),
      timed("gzip", checkFile(packed)),
    ],
    { rounds: quick ? 3 : 5, discarded: 1 },
  );
  for (const [name, result] of measured) addMeasured(figures, `check.${name}`, result);
  figures.set("check.judge.bytesPerAf", bytesPerAf(setting, 1e6));
}

/** Times the judging only, piece by piece of the trace: records that are all there at once would be waited for in memory. */
function judgeAlone({ collectGarbage }: BenchSetting, bytes: Uint8Array): RoundTime {
  collectGarbage();
  const checker = createChecker();
  let events: CodedEvent[] = [];
  let time = 0;
  const judge = (): void => {
    const start = seconds();
    for (const event of events) checker.takeCoded(event);
    time += seconds() - start;
    events = [];
  };
  const reader = new TraceReader({ window: 0, onEvent: (event) => events.push(event) }, jsonLines());
  for (let at = 0; at < bytes.length; at += PIECE_BYTES) {
    reader.push(bytes.subarray(at, at + PIECE_BYTES));
    judge();
  }
  reader.finish();
  judge();
  checker.end();
  return { seconds: time, operations: reader.reading.records };
}

/** What a checker holds for each of so many open AFs, their handles included. */
function bytesPerAf({ collectGarbage }: BenchSetting, afs: number): number {
  const used = (): number => {
    collectGarbage();
    const { heapUsed, arrayBuffers } = process.memoryUsage();
    return heapUsed + arrayBuffers;
  };
  const before = used();
  const checker = createChecker();
  for (let slot = 0; slot < afs; slot++) {
    const af = Buffer.from(`AF#${slot}v1`).toString("latin1");
    const common = { timeNs: 0, machine: 0, adapter: 0, af, irql: "PASSIVE_LEVEL" } as const;
    checker.take({
      ...common,
      line: 2 * slot + 1,
      op: "call",
      frame: slot + 1,
      call: "ProtocolCmOpenAf",
      from: "ndis",
      to: "cm:0",
    });
    checker.take({
      ...common,
      line: 2 * slot + 2,
      op: "return",
      frame: slot + 1,
      call: "ProtocolCmOpenAf",
      status: "NDIS_STATUS_SUCCESS",
    });
  }
  const bytes = used() - before;
  const { peakLiveObjects } = checker.end();
  if (peakLiveObjects !== afs) throw new Error(`${peakLiveObjects} objects alive, not ${afs}`);
  return bytes / afs;
}
