import os from "node:os";
import { describe, expect, it } from "vitest";
import { runScenario, type RunOptions } from "../../dist/src/index.js";
import { runJson } from "../support/cli.js";

const SMALL = { afs: "2k", duration: "5ms" };

describe("runScenario", () => {
  it("gives what the command line gives", async () => {
    const { host: _host, ...result } = await runScenario("churn", { overrides: SMALL, workers: 1 });
    const { host: _other, ...fromCommand } = await runJson(["run", "churn", "--afs", "2k", "--duration", "5ms"]);
    expect(result).toEqual(fromCommand);
  });

  it("takes a scenario's text or its content", async () => {
    const text = "name: tiny\ntopology: {machines: 1, afs: 10}\nphases: [{run: 1ms}]\n";
    const value = { name: "tiny", topology: { machines: 1, afs: 10 }, phases: [{ run: "1ms" }] };
    const fromText = await runScenario({ text, file: "tiny.yaml" });
    const fromValue = await runScenario({ value });
    expect(fromText.digest).toBe(fromValue.digest);
    expect(fromText.command).toBe("condis-sim run tiny.yaml --seed 1");
  });

  it("throws InputError for bad input, with its place", async () => {
    await expect(runScenario({ text: "name: a\nsede: 3\n", file: "a.yaml" })).rejects.toMatchObject({
      name: "InputError",
      details: { position: { line: 2, column: 1 }, suggestion: "seed" },
    });
  });

  it("throws the signal's reason when it came before anything was done", async () => {
    await expect(runScenario("churn", { overrides: SMALL, signal: AbortSignal.abort("enough") })).rejects.toBe(
      "enough",
    );
  });

  it.each([
    ["shards: 1.5 is not a whole number", { shards: 1.5 }],
    ["shards: 0 is less than 1", { shards: 0 }],
    ["workers: 0 is not between 1 and 1024", { workers: 0 }],
    ["workers: -2 is not between 1 and 1024", { workers: -2 }],
    ["workers: NaN is not a whole number", { workers: NaN }],
    ["repeat: 0 is not between 1 and 1000", { repeat: 0 }],
    [
      "trace.afs: -1 is not an AF index",
      { trace: { file: "t", filter: { afs: [{ from: -1, to: 5 }], timeNs: null } } },
    ],
    [
      "trace.afs: 5000 is not an AF index: the scenario has AFs 0 to 1999",
      { trace: { file: "t", filter: { afs: [{ from: 0, to: 5000 }], timeNs: null } } },
    ],
    ["trace.afs: there is no AF in it", { trace: { file: "t", filter: { afs: [], timeNs: null } } }],
    [
      "trace.timeNs: -5 is not a virtual time in nanoseconds",
      { trace: { file: "t", filter: { afs: null, timeNs: { from: -5, to: NaN } } } },
    ],
    [
      "trace.timeNs: 2ms..1ms is empty: 2ms is not before 1ms",
      { trace: { file: "t", filter: { afs: null, timeNs: { from: 2e6, to: 1e6 } } } },
    ],
  ] satisfies [string, RunOptions][])(
    "throws InputError for an option that is out of bounds: %s",
    async (message, options) => {
      const run = runScenario("churn", { overrides: SMALL, ...options });
      await expect(run).rejects.toMatchObject({ name: "InputError", message });
    },
  );

  it("starts no more threads than gain anything", async () => {
    const { host } = await runScenario("churn", {
      overrides: { afs: "300", machines: "300", duration: "1us" },
      shards: 300,
      workers: 300,
    });
    expect(host.shards).toBe(300);
    expect(host.workers).toBe(Math.min(300, Math.max(8, os.availableParallelism())));
  });

  it("reports progress", async () => {
    const steps: number[] = [];
    await runScenario("churn", { overrides: SMALL, onProgress: ({ done }) => steps.push(done) });
    expect(steps.at(-1)).toBe(1);
  });
});
