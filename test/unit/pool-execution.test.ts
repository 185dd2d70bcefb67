import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { executePlan, type ExecuteOptions, type RunProgress } from "../../src/pool/pool.js";
import { allocateMemories, checkMemory, clearMemory, lendMemories } from "../../src/pool/shard-memories.js";
import type { Topology } from "../../src/kernel/topology.js";
import { planHistories } from "../../src/run/history-plan.js";
import { kernelBytesOf, planRun } from "../../src/run/plan.js";
import { inputErrorOf } from "../support/input-errors.js";
import { fakePlan, fakeScenario } from "../support/fake-plan.js";

vi.mock("../../src/kernel/control.js", () => ({
  readProgress: () => ({ events: 5, ticks: 5000 }),
  resetProgress: () => {},
  raiseStop: (memory: WebAssembly.Memory) => {
    const words = new Int32Array(memory.buffer);
    Atomics.store(words, 0, 1);
    Atomics.notify(words, 0);
  },
}));

const EMPTY_MODULE = Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0);
let folder = "";

beforeEach(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), "condis-sim-test-"));
  fs.writeFileSync(path.join(folder, "kernel.wasm"), EMPTY_MODULE);
});
afterEach(() => fs.rmSync(folder, { recursive: true }));

function options(more: Partial<ExecuteOptions> = {}): ExecuteOptions {
  return {
    workers: 2,
    workerFile: new URL("../fixtures/fake-worker.mjs", import.meta.url),
    kernelFile: new URL(`file://${folder}/kernel.wasm`),
    ...more,
  };
}

/** Stops a run once it has begun. */
function stopSoon(): AbortSignal {
  return AbortSignal.timeout(150);
}

describe("executePlan", () => {
  it("returns the outcomes of all shards in their order, with fewer workers than shards", async () => {
    const execution = await executePlan(fakePlan("finish", 5), options());
    expect(execution.outcomes.map((outcome) => outcome.shard)).toEqual([0, 1, 2, 3, 4]);
    expect(execution).toMatchObject({ complete: true, restarted: 0, memoryBytes: 5 * 65_536, traceWritten: false });
    expect(execution.wallMs).toBeGreaterThanOrEqual(execution.setupMs);
  });

  it("reports progress of the whole run", async () => {
    const seen: RunProgress[] = [];
    await executePlan(fakePlan("finish"), options({ onProgress: (progress) => seen.push(progress) }));
    expect(seen.at(-1)).toMatchObject({ step: "run", events: 10, done: 0.5 });
  });

  it("runs shards that have the same memory one after the other, and all of them", async () => {
    const memories = allocateMemories(fakePlan("beAlone", 2));
    const [one, two] = memories.memories as [WebAssembly.Memory, WebAssembly.Memory];
    const shared = { memories: [one, one, two, one, two], used: [true, true, true, true, true] };
    const seen: RunProgress[] = [];
    const execution = await executePlan(
      fakePlan("beAlone", 5),
      options({ workers: 3, memories: shared, step: "history", onProgress: (progress) => seen.push(progress) }),
    );
    expect(execution.outcomes.map((outcome) => outcome.shard)).toEqual([0, 1, 2, 3, 4]);
    expect(seen.at(-1)).toMatchObject({ step: "history", events: 25, done: 0.5 });
  });

  it("runs the shard of a worker that dies again, once, in a cleared memory", async () => {
    const plan = fakePlan("dieOnce", 3);
    const execution = await executePlan(plan, options());
    expect(execution).toMatchObject({ complete: true, restarted: 1 });
    expect(execution.outcomes).toMatchObject([{ clearMemory: false }, { clearMemory: true }, { clearMemory: false }]);
  });

  it("fails with shard, machines and exit code when a shard's workers die twice", async () => {
    await expect(executePlan(fakePlan("dieAlways", 1), options())).rejects.toThrow(
      "shard 0 (machine 0): its worker died 2 times; the last time: worker exited with code: 7",
    );
  });

  it("does not run a failing kernel again, which would fail again", async () => {
    await expect(executePlan(fakePlan("failKernel"), options())).rejects.toMatchObject({
      name: "RunFailure",
      message: expect.stringContaining("handle table: slot 12 is vacant"),
    });
  });

  it("says so when the run is too large for the kernel, as bad input", async () => {
    await expect(executePlan(fakePlan("reachLimit"), options())).rejects.toMatchObject({
      name: "InputError",
      message: expect.stringMatching(/^shard \d \(machine \d\): a call manager had 2\^32 - 1 closes$/),
    });
  });

  it("says so when a trace's disk is full, as bad input", async () => {
    await expect(executePlan(fakePlan("failOutput"), options())).rejects.toMatchObject({ name: "InputError" });
  });

  it("stops running shards by their flag, keeps their outcomes and starts no other", async () => {
    const execution = await executePlan(fakePlan("waitForStop", 5), options({ signal: stopSoon() }));
    expect(execution.complete).toBe(false);
    expect(execution.outcomes.map((outcome) => outcome.complete)).toEqual([false, false]);
  });

  it("ends a worker that does not listen, and goes without its outcome", async () => {
    const execution = await executePlan(fakePlan("neverStop"), options({ signal: stopSoon() }));
    expect(execution).toMatchObject({ complete: false, outcomes: [], restarted: 0 });
  });

  it("starts nothing when it was stopped before", async () => {
    const execution = await executePlan(fakePlan("neverStop"), options({ signal: AbortSignal.abort() }));
    expect(execution).toMatchObject({ complete: false, outcomes: [] });
  });

  it("clears memories that it uses again", async () => {
    const plan = fakePlan("dieOnce", 1);
    const memories = allocateMemories(plan);
    expect((await executePlan(plan, options({ memories }))).outcomes).toMatchObject([{ clearMemory: false }]);
    expect((await executePlan(plan, options({ memories }))).outcomes).toMatchObject([{ clearMemory: true }]);
  });

  it("leaves no file behind when a run with a trace fails", async () => {
    const traceFile = path.join(folder, "trace.jsonl");
    await expect(executePlan(fakePlan("failKernel"), options({ traceFile }))).rejects.toThrow();
    expect(fs.readdirSync(folder)).toEqual(["kernel.wasm"]);
  });

  it("refuses a trace that does not fit the disk, and names the flags that make it smaller", async () => {
    const plan = { ...fakePlan("finish"), expectedTraceRecords: 1e18 };
    const run = executePlan(plan, options({ traceFile: path.join(folder, "trace.jsonl") }));
    await expect(run).rejects.toMatchObject({ name: "InputError", message: expect.stringContaining("--trace-af") });
  });

  it("refuses a trace in a folder that does not exist", async () => {
    const run = executePlan(fakePlan("finish"), options({ traceFile: path.join(folder, "none", "trace.jsonl") }));
    await expect(run).rejects.toMatchObject({
      name: "InputError",
      message: expect.stringContaining("none/trace.jsonl"),
    });
  });
});

describe("checkMemory", () => {
  const GIB = 2 ** 30;
  const planOf = (topology: Partial<Topology>) => {
    const scenario = fakeScenario("any", 16);
    return planRun({ ...scenario, topology: { ...scenario.topology, ...topology } }, { shards: null, trace: null });
  };
  const large = planOf({ afs: 1e9 });
  const crowded = planOf({ afs: 16, adaptersPerMachine: 256, clientsPerAdapter: 65_536 });

  it("accepts what fits", () => {
    expect(() => checkMemory(large, 2, 64 * GIB)).not.toThrow();
    expect(() => checkMemory(crowded, 2, 64 * GIB)).not.toThrow();
  });

  it("says how many AFs would fit, and these do", () => {
    expect(() => checkMemory(large, 2, 16 * GIB)).toThrow(
      /^1G AFs need 2\d\.\d GiB of memory, and 16\.0 GiB are available: about 7\d0M AFs would fit$/,
    );
    const fitting = Number(/about (\d+)M/.exec(inputErrorOf(() => checkMemory(large, 2, 16 * GIB)).message)?.[1]) * 1e6;
    expect(() => checkMemory(planOf({ afs: fitting }), 2, 16 * GIB)).not.toThrow();
    expect(() => checkMemory(planOf({ afs: 1.05 * fitting }), 2, 16 * GIB)).toThrow();
  });

  it("counts what a result has for each client, beside the kernels' memories", () => {
    expect(crowded.memoryBytes).toBeLessThan(6 * GIB);
    expect(() => checkMemory(crowded, 2, 16 * GIB)).toThrow(
      /^268435456 clients on 4096 adapters need .* GiB of memory, and 16\.0 GiB are available: about \d+k clients an adapter would fit$/,
    );
  });

  it("says that nothing smaller of one kind would do", () => {
    expect(() => checkMemory(planOf({ afs: 1e9, adaptersPerMachine: 4096 }), 2, GIB / 4)).toThrow(
      /use fewer machines or adapters$/,
    );
  });
});

describe("a machine that is run again for a history", () => {
  const PAGE = 65_536;
  const planOf = (machines: number, afs: number, shards: number) => {
    const scenario = fakeScenario("any", machines);
    return planRun({ ...scenario, topology: { ...scenario.topology, machines, afs } }, { shards, trace: null });
  };
  const violation = { rule: "close/owed", tick: 5, machine: 1, slot: 3, generation: 1 };
  const end = { machine: 1, endTick: 9, digests: new BigUint64Array(), peakOpen: 0, peakPendedCloses: 0 };
  const ended = [{ ...end, openAtEnd: 0, pendedAtEnd: 0 }];

  it("takes the memory of its shard, which grows by a bit an AF where the machine was alone in it", () => {
    const plan = planOf(2, 2_000_000, 2);
    const memories = allocateMemories(plan);
    const before = memories.memories.map(({ buffer }) => buffer.byteLength);
    const again = planHistories(plan, [violation], ended);
    const lent = lendMemories(memories, plan, again);
    expect(lent.memories).toHaveLength(1);
    expect(lent.memories[0]).toBe(memories.memories[1]);
    expect(lent.used).toEqual([true]);
    const grown = memories.memories.map(({ buffer }, index) => buffer.byteLength - before[index]!);
    expect(grown[0]).toBe(0);
    expect(grown[1]).toBeGreaterThanOrEqual(1_000_000 / 8 - PAGE);
    expect(grown[1]).toBeLessThanOrEqual(1_000_000 / 8 + PAGE);
  });

  it("needs no more where it shared the memory", () => {
    const plan = planOf(2, 2_000_000, 1);
    const memories = allocateMemories(plan);
    const before = memories.memories[0]!.buffer.byteLength;
    lendMemories(memories, plan, planHistories(plan, [violation], ended));
    expect(memories.memories[0]!.buffer.byteLength).toBe(before);
  });

  it("is counted when the memory of a run is checked", () => {
    const alone = planOf(2, 2_000_000, 2);
    expect(kernelBytesOf(alone.scenario, 2, null) - alone.memoryBytes).toBeGreaterThan(2_000_000 / 8 - 2 * PAGE);
    const together = planOf(2, 2_000_000, 1);
    expect(kernelBytesOf(together.scenario, 1, null)).toBe(together.memoryBytes);
  });

  it("is planned once for all of its rules, up to the last of them, or to its end where it was found there", () => {
    const plan = planOf(4, 100, 2);
    const other = { ...violation, rule: "close/family", tick: 8, slot: 4 };
    const again = planHistories(plan, [violation, other], ended);
    expect(again.shards).toMatchObject([
      {
        shard: 0,
        firstMachine: 1,
        machineCount: 1,
        trace: {
          afs: [
            { from: 28, to: 28 },
            { from: 29, to: 29 },
          ],
        },
        history: { violations: [violation, other], lastTick: 8 },
      },
    ]);
    const atEnd = planHistories(plan, [{ ...violation, tick: 9 }], ended);
    expect(atEnd.shards).toMatchObject([{ history: { lastTick: null } }]);
  });

  it("is none for a slot that is another machine's", () => {
    const plan = planOf(2, 100, 1);
    expect(planHistories(plan, [{ ...violation, slot: 50 }], ended).shards).toEqual([]);
  });
});

describe("clearMemory", () => {
  it("sets every byte to zero", () => {
    const memory = new WebAssembly.Memory({ initial: 2, maximum: 2, shared: true });
    const bytes = new Uint8Array(memory.buffer);
    bytes.fill(7);
    clearMemory(memory);
    expect(bytes.every((byte) => byte === 0)).toBe(true);
  });
});
