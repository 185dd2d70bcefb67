import fs from "node:fs";
import { describe, expect, it } from "vitest";
import { TRACE_RECORD_BYTES } from "../../src/kernel/trace-record.js";
import { prepareScenario } from "../../src/modes/scenario-input.js";
import { plannedTraceBytes } from "../../src/pool/trace-output.js";
import { planRun, type TraceFilter } from "../../src/run/plan.js";
import { catalogueNames } from "../../src/scenario/catalogue.js";
import type { ScenarioOverrides } from "../../src/scenario/override.js";
import { runCli, useFolder } from "../support/cli.js";

const inFolder = useFolder();
const WHOLE: TraceFilter = { afs: null, timeNs: null };
const during = (fromMs: number, toMs: number): TraceFilter => ({
  afs: null,
  timeNs: { from: fromMs * 1e6, to: toMs * 1e6 },
});

/** Planned bytes over those that lie on the disk at the end, raw records and lines. */
async function measurePlan(name: string, overrides: ScenarioOverrides, trace: TraceFilter): Promise<number> {
  const plan = planRun(await prepareScenario({ name }, overrides), { shards: null, trace });
  const file = inFolder(`${name}.jsonl`);
  const words = [
    ["--trace", file],
    ...Object.entries(overrides).map(([flag, value]) => [`--${flag}`, String(value)]),
    ...(trace.timeNs ? [["--trace-time", `${trace.timeNs.from}ns..${trace.timeNs.to}ns`]] : []),
    ...(trace.afs ? [["--trace-af", trace.afs.map(({ from, to }) => `${from}-${to}`).join(",")]] : []),
  ];
  await runCli(["run", name, ...words.flat()]);
  const text = fs.readFileSync(file);
  const records = text.reduce((count, byte) => count + (byte === 0x0a ? 1 : 0), 0);
  return plannedTraceBytes(plan) / (text.length + records * TRACE_RECORD_BYTES);
}

function expectUpperEstimate(ratio: number): void {
  expect(ratio).toBeGreaterThan(1);
  expect(ratio).toBeLessThan(1.5);
}

describe("the planned size of a trace, 1.0 to 1.5 times the real one,", () => {
  it.each(catalogueNames)("holds for a scenario of the catalogue: %s", async (name) => {
    // Its AFs close every few microseconds: a whole run writes gigabytes.
    const short = name === "one-af" ? { duration: "2ms" } : {};
    expectUpperEstimate(await measurePlan(name, { afs: "400", ...short }, WHOLE));
  });

  it.each([
    ["a run shorter than a lifecycle", "churn", { afs: "2k", duration: "500us" }, WHOLE],
    ["its first moments", "churn", { afs: "2k" }, during(0, 1)],
    ["the moment of a halt", "close-storm", { afs: "4k" }, during(9, 10.01)],
    ["what comes after a halt", "close-storm", { afs: "20k" }, during(11, 13)],
    ["some AFs, for some time", "churn", { afs: "4k" }, { ...during(0, 10), afs: [{ from: 0, to: 999 }] }],
    ["opens that are pended", "mixed-managers", { afs: "400", set: ["callManager.0.open.pend=1"] }, WHOLE],
    ["no reopening", "churn", { afs: "4k", set: ["client.reopen=false"] }, WHOLE],
    ["arrivals", "churn", { afs: "4k", duration: "5ms", set: ["client={arrivals: {poisson: 2M/s}}"] }, WHOLE],
    ["arrivals that find no vacant AF", "churn", { afs: "100", set: ["client={arrivals: {poisson: 10M/s}}"] }, WHOLE],
  ] as const)("follows %s", async (_what, name, overrides, trace) => {
    expectUpperEstimate(await measurePlan(name, overrides, trace));
  });
});
