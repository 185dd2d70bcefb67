import fs from "node:fs";
import { describe, expect, it } from "vitest";
import { SHARED_LOCK } from "../../assembly/abi/lane-layout.js";
import { LEVEL0_BITS, MACHINE_CHUNK_END } from "../../assembly/abi/layout.js";
import { TRAP_CHUNKS } from "../../assembly/abi/codes.js";
import { collectLive } from "../../src/run/collect-live.js";
import { configureLive } from "../../src/run/configure-live.js";
import { runLane } from "../../src/run/lane.js";
import { planLive } from "../../src/run/live-plan.js";
import { prepareScenario } from "../../src/modes/scenario-input.js";
import type { ScenarioInput } from "../../src/scenario/schema.js";
import { brokenIn, checkTrace, isBusy, playLive, playUntil, readAfs, WAYS, type LiveRun } from "../support/live-run.js";
import { useFolder } from "../support/cli.js";

const inFolder = useFolder();

const CHURN: ScenarioInput = {
  name: "lanes",
  topology: { machines: 1, adaptersPerMachine: 4, clientsPerAdapter: 4, afs: 256 },
  callManager: { close: { pend: 1, service: { exponential: "20us" } } },
  client: { hold: { exponential: "20us" }, think: { constant: 0 } },
  phases: [{ run: "30ms" }],
};
const ENDLESS: ScenarioInput = { ...CHURN, phases: [{ run: "400s" }] };

describe("AFs that are opened by arrivals", () => {
  const arriving: ScenarioInput = {
    ...CHURN,
    topology: { machines: 1, adaptersPerMachine: 2, clientsPerAdapter: 3, afs: 24 },
    client: { hold: { exponential: "10us" }, arrivals: { poisson: "1M/s" } },
    phases: [{ run: "5ms" }, { drain: "5s" }],
  };

  it.each([1, 2, 4])("take slots from all lanes' free lists, and lose none, on %i lanes", async (lanes) => {
    const run = await playUntil((one) => isBusy(one) && one.execution.outcome.totals.refused > 0, arriving, { lanes });
    const { totals } = run.execution.outcome;

    expect(brokenIn(run)).toEqual({});
    expect(checkTrace(run).byRule).toEqual({});
    expect(totals.lifecycles).toBe(totals.opens);
    expect(readAfs(run).reduce((sum, { generation }) => sum + generation, 0)).toBe(totals.opens);
  });

  it("steal where a lane has no slot of its own", async () => {
    // One client, whose lane has all slots at the start.
    const topology = { machines: 1, adaptersPerMachine: 1, clientsPerAdapter: 1, afs: 24 };
    const steals = ({ execution }: LiveRun): boolean => execution.counts.stolen > 0;
    const run = await playUntil(steals, { ...arriving, topology }, { lanes: 2, traced: false });

    expect(brokenIn(run)).toEqual({});
  });

  it("are late in wall-clock time by what the lag says, and count from when they were to happen", async () => {
    const run = await playUntil(isBusy, arriving, { pace: "wall", traced: false });
    const { open } = run.execution.outcome;

    expect(run.execution.counts.lag?.maxNs).toBeGreaterThan(0);
    expect(open.total.count).toBe(run.execution.outcome.totals.opens);
    expect(open.total.maxTicks).toBeGreaterThan(0);
  });
});

describe("a lane in wall-clock time", () => {
  it("does nothing before it is due, also where its clock reads the last tick of a block of its queue", async () => {
    const idle: ScenarioInput = {
      ...CHURN,
      topology: { machines: 1, adaptersPerMachine: 1, clientsPerAdapter: 1, afs: 1 },
      client: { hold: { constant: "1s" } },
      phases: [{ run: "1ms" }],
    };
    const plan = planLive(await prepareScenario({ value: idle }), { ...WAYS, lanes: 1, pace: "wall", traced: false });
    const { map, scenario } = plan;
    const pages = map.bytes / 65_536;
    const memory = new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true });
    configureLive(memory, plan);
    const module = new WebAssembly.Module(fs.readFileSync(new URL("../../dist/live.wasm", import.meta.url)));
    let reads = 0;
    const readClock = (): bigint => BigInt(Math.max(0, reads++ * 2 ** LEVEL0_BITS - 1) * scenario.tickNs);
    const { ended } = runLane({ module, memory, header: map.lanes[0]!.header, traced: false }, readClock);

    expect(ended).toBe(true);
    const { outcome } = collectLive(memory, plan, ended, { setupSeconds: 0, kernelSeconds: 0 });
    expect([outcome.totals.opens, outcome.totals.closes]).toEqual([1, 0]);
  });

  it("make steps all the while that nothing is due", async () => {
    const waiting: ScenarioInput = {
      ...CHURN,
      callManager: { close: { pend: 1, service: { constant: "400ms" } } },
      client: { hold: { constant: "1us" }, reopen: false },
      phases: [{ run: "2ms" }, { drain: "20s" }],
    };
    // They look at the clock, and at some block of the queue, about 10,000 times a second.
    const run = await playLive(waiting, { pace: "wall", traced: false }, { stuckMs: 3000 });

    expect(run.execution.complete).toBe(true);
  });
});

describe("a slot whose generations are used up", () => {
  it("is retired, on any lane", async () => {
    const run = await playLive(
      { ...CHURN, phases: [{ run: "200ms" }, { drain: "5s" }] },
      { traced: false },
      { generationMax: 3 },
    );

    expect(run.execution.outcome.totals.opens).toBe(3 * 256);
  });
});

describe("a small ring", () => {
  it("makes lanes wait and drops nothing", async () => {
    // Twice as many AFs close at once as a ring has room for.
    const burst: ScenarioInput = {
      ...CHURN,
      topology: { machines: 1, adaptersPerMachine: 2, clientsPerAdapter: 1, afs: 65_536 },
      client: { hold: { constant: "1us" }, reopen: false },
      phases: [{ run: "4ms" }, { drain: "20s" }],
    };
    const isWhole = ({ execution }: LiveRun): boolean => execution.outcome.totals.opens === 65_536;
    const run = await playUntil(isWhole, burst, { lanes: 2, traced: false });

    expect(run.execution.outcome.totals.lifecycles).toBe(65_536);
  });
});

describe("lanes that are stopped", () => {
  it("say what was done so far", async () => {
    const stopping = new AbortController();
    const run = playLive(
      ENDLESS,
      { traced: false },
      { signal: stopping.signal, onProgress: ({ events }) => events > 0 && stopping.abort() },
    );
    const { execution } = await run;

    expect(execution.complete).toBe(false);
    expect(execution.outcome.totals.lifecycles).toBeGreaterThan(0);
  });

  it("fail with the name of a lane that hangs and what it waits for", async () => {
    const scenario = await prepareScenario({ value: ENDLESS });
    const { map } = planLive(scenario, { ...WAYS, dispatch: "lock", traced: false });
    const hang = playLive(
      ENDLESS,
      { dispatch: "lock", traced: false },
      {
        stuckMs: 300,
        // Lane 1 begins with the lock, and nobody gives it back.
        onConfigured: (memory) => Atomics.store(new Int32Array(memory.buffer), (map.shared + SHARED_LOCK) / 4, 2),
      },
    );

    await expect(hang).rejects.toThrow(
      /^lane \d has made no step for \d\.\d s: it waits for the lock of the list, which lane 1 holds$/,
    );
  });

  it("fail with the reason of a lane whose kernel gives up, and the others stop", async () => {
    const { map } = planLive(await prepareScenario({ value: ENDLESS }), { ...WAYS, traced: false });
    const header = map.lanes[1]?.header ?? 0;
    const failing = playLive(
      ENDLESS,
      { traced: false },
      // The queue of lane 1 has no room.
      { onConfigured: (memory) => new DataView(memory.buffer).setUint32(header + MACHINE_CHUNK_END, 0, true) },
    );
    await expect(failing).rejects.toThrow(
      `lane 1 failed: the event queue has more events than its memory was planned for (trap ${TRAP_CHUNKS}`,
    );
  });

  it("fail with a lane that dies, and the others stop", async () => {
    const file = inFolder("dies.cjs");
    fs.writeFileSync(file, "module.exports = () => process.exit(3);");
    const dying = playLive(ENDLESS, { traced: false }, { workerFile: new URL(`file://${file}`) });

    await expect(dying).rejects.toThrow(/^lane \d died: .*3/);
  });
});
