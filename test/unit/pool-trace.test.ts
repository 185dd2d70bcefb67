import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { LineWriter } from "../../src/kernel/line-writer.js";
import type { TraceSegments } from "../../src/pool/message.js";
import { mergeTrace } from "../../src/pool/trace-merge.js";
import { OutputFailure, SegmentWriter } from "../../src/pool/trace-segments.js";
import { fakeScenario } from "../support/fake-plan.js";

const RECORD_BYTES = 32;

// A record of these tests: tick and seq as the first two words.
vi.mock("../../src/kernel/trace-record.js", () => ({
  TRACE_RECORD_BYTES: 32,
  traceRecordTick: (view: DataView, offset: number) => view.getUint32(offset, true),
  TraceFormatter: class {
    constructor(
      _scenario: unknown,
      readonly machine: number,
    ) {}
    write(view: DataView, offset: number, out: LineWriter): void {
      out.text(`${view.getUint32(offset, true)} ${this.machine} ${view.getUint32(offset + 4, true)}`);
    }
  },
}));

let folder = "";
beforeEach(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), "condis-sim-test-"));
});
afterEach(() => fs.rmSync(folder, { recursive: true }));

function encode(ticks: readonly number[], firstSeq: number): Uint8Array {
  const view = new DataView(new ArrayBuffer(ticks.length * RECORD_BYTES));
  ticks.forEach((tick, index) => {
    view.setUint32(index * RECORD_BYTES, tick, true);
    view.setUint32(index * RECORD_BYTES + 4, firstSeq + index, true);
  });
  return new Uint8Array(view.buffer);
}

/** A machine's ticks, slice by slice. */
type MachineTicks = readonly (readonly number[])[];

const SLICE_TICKS = 100;

function machineTicks(slices: number): fc.Arbitrary<MachineTicks> {
  const slice = (index: number): fc.Arbitrary<number[]> =>
    fc
      .array(fc.nat({ max: SLICE_TICKS - 1 }), { maxLength: 300 })
      .map((ticks) => ticks.sort((a, b) => a - b).map((tick) => tick + index * SLICE_TICKS));
  return fc.tuple(...Array.from({ length: slices }, (_, index) => slice(index)));
}

/** Writes as a shard does: slice by slice, and in each machine by machine. */
function writeShard(
  file: string,
  machines: readonly (readonly [machine: number, ticks: MachineTicks])[],
): TraceSegments {
  const writer = new SegmentWriter(file);
  const seqs = machines.map(() => 1);
  const sliceCount = machines[0]?.[1].length ?? 0;
  for (let slice = 0; slice < sliceCount; slice++) {
    machines.forEach(([machine, slices], index) => {
      const ticks = slices[slice] ?? [];
      writer.append(machine, encode(ticks, seqs[index] ?? 1));
      seqs[index] = (seqs[index] ?? 1) + ticks.length;
    });
  }
  const segments = writer.finish();
  writer.close();
  return segments;
}

function expectedLines(machines: readonly MachineTicks[]): string[] {
  return machines
    .flatMap((slices, machine) => slices.flat().map((tick, index) => ({ tick, machine, seq: index + 1 })))
    .sort((a, b) => a.tick - b.tick || a.machine - b.machine || a.seq - b.seq)
    .map(({ tick, machine, seq }) => `${tick} ${machine} ${seq}`);
}

/** Names the first line that differs: a difference of two long lists takes minutes to print. */
function expectLines(file: string, expected: readonly string[]): void {
  const lines = fs.readFileSync(file, "utf8").split("\n").slice(0, -1);
  const different = expected.findIndex((line, index) => line !== lines[index]);
  expect([different, lines[different], lines.length]).toEqual([-1, undefined, expected.length]);
}

describe("mergeTrace", () => {
  it("puts the records of any machines in any shards into (tick, machine, seq) order", async () => {
    const runs = fc.record({
      machines: fc
        .integer({ min: 1, max: 4 })
        .chain((slices) => fc.array(machineTicks(slices), { minLength: 1, maxLength: 6 })),
      shardCount: fc.integer({ min: 1, max: 4 }),
    });
    await fc.assert(
      fc.asyncProperty(runs, async ({ machines, shardCount }) => {
        const here = fs.mkdtempSync(path.join(folder, "run-"));
        const numbered = machines.map((ticks, machine) => [machine, ticks] as const);
        const shards = Array.from({ length: shardCount }, (_, shard) =>
          writeShard(
            path.join(here, `shard-${shard}`),
            numbered.filter(([machine]) => machine % shardCount === shard),
          ),
        );
        const merged = path.join(here, "merged");
        await mergeTrace(fakeScenario("any"), shards.toReversed(), merged, { signal: null, onProgress: null });
        expectLines(merged, expectedLines(machines));
      }),
      { numRuns: 40, endOnFailure: true },
    );
  });

  it("reads segments larger than its buffers", async () => {
    const ticks = Array.from({ length: 100_000 }, (_, index) => index >> 2);
    const shard = writeShard(path.join(folder, "shard-0"), [
      [0, [ticks]],
      [1, [ticks]],
    ]);
    const merged = path.join(folder, "merged");
    await mergeTrace(fakeScenario("any"), [shard], merged, { signal: null, onProgress: null });
    expectLines(merged, expectedLines([[ticks], [ticks]]));
  });

  it("stops when it is asked to", async () => {
    const ticks = Array.from({ length: 100_000 }, () => 1);
    const shard = writeShard(path.join(folder, "shard-0"), [[0, [ticks]]]);
    const merge = mergeTrace(fakeScenario("any"), [shard], path.join(folder, "merged"), {
      signal: AbortSignal.abort(),
      onProgress: null,
    });
    await expect(merge).rejects.toMatchObject({ name: "AbortError" });
  });
});

describe("SegmentWriter", () => {
  it("says so when its file cannot be written", () => {
    expect(() => new SegmentWriter(path.join(folder, "none", "shard-0"))).toThrow(OutputFailure);
  });
});
