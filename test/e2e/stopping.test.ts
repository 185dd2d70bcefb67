import type { ChildProcess } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { setTimeout } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { executePlan } from "../../src/pool/pool.js";
import type { Result } from "../../src/result/schema.js";
import { planRun } from "../../src/run/plan.js";
import { prepareScenario } from "../../src/modes/scenario-input.js";
import { DIST, runCli, useFolder, type CliExit } from "../support/cli.js";

const inFolder = useFolder();

/** A run of hours, which ends because it is stopped. Its trace is small, and shows by its files that workers have begun. */
const ENDLESS = [
  "run",
  "churn",
  "--afs",
  "100k",
  "--duration",
  "400s",
  "--trace",
  "trace.jsonl",
  "--trace-time",
  "0s..100us",
  "--json",
];
/** For the workers to get something done. */
const BEGUN_MS = 500;

function hasBegun(folder: string): boolean {
  return fs
    .readdirSync(folder, { recursive: true, encoding: "utf8" })
    .some((name) => path.basename(name).startsWith("shard-"));
}

/** Runs in a folder and sends signals, one after the other, once workers have begun. */
async function interrupt(folder: string, signals: readonly NodeJS.Signals[]): Promise<CliExit> {
  fs.mkdirSync(folder);
  const send = async (child: ChildProcess): Promise<void> => {
    while (!hasBegun(folder)) await setTimeout(50);
    await setTimeout(BEGUN_MS);
    for (const signal of signals) child.kill(signal);
  };
  return runCli(ENDLESS, { cwd: folder, onStart: (child) => void send(child) });
}

describe("a run that is stopped", () => {
  it.each(["SIGINT", "SIGTERM", "SIGHUP"] as const)(
    "ends with 130 and the result so far, marked partial, and leaves nothing of its trace: %s",
    async (signal) => {
      const folder = inFolder(signal);
      const { code, stdout, stderr } = await interrupt(folder, [signal]);
      const result = JSON.parse(stdout) as Result;
      expect(code).toBe(130);
      expect(stderr).toBe("condis-sim: stopped; this is what was done so far\ncondis-sim: no trace was written\n");
      expect(result.partial).toMatchObject({
        shards: 1,
        shardsStarted: 1,
        shardsDone: 0,
        afs: 100_000,
        afsStarted: 100_000,
      });
      expect(result.partial?.done).toBeGreaterThan(0);
      expect(result.partial?.done).toBeLessThan(1);
      expect(result.totals.events).toBeGreaterThan(0);
      expect(fs.readdirSync(folder)).toEqual([]);
    },
  );

  it("ends without a result on the second signal, and leaves nothing of its trace", async () => {
    const folder = inFolder("twice");
    const { code } = await interrupt(folder, ["SIGINT", "SIGTERM"]);
    expect(code).toBe(130);
    expect(fs.readdirSync(folder)).toEqual([]);
  });
});

describe("a worker that dies", () => {
  const built = { workers: 2, kernelFile: new URL("kernel.wasm", DIST) };

  it("changes nothing in the outcome: its shard is run again", async () => {
    const scenario = await prepareScenario({ name: "churn" }, { afs: "1k", duration: "2ms", machines: "3" });
    const plan = planRun(scenario, { shards: 3, trace: null });
    const undisturbed = await executePlan(plan, { ...built, workerFile: new URL("src/pool/worker.cjs", DIST) });
    const disturbed = await executePlan(plan, {
      ...built,
      workerFile: new URL("../fixtures/dying-worker.mjs", import.meta.url),
    });
    expect(undisturbed.restarted).toBe(0);
    expect(disturbed.restarted).toBe(1);
    const withoutTimes = ({ outcomes }: typeof disturbed) =>
      outcomes.map((outcome) => ({ ...outcome, kernelSeconds: 0, setupSeconds: 0 }));
    expect(withoutTimes(disturbed)).toEqual(withoutTimes(undisturbed));
  });
});
