import fs from "node:fs";
import { beforeAll, describe, expect, it } from "vitest";
import { runScenario, type RunProgress } from "../../dist/src/index.js";
import type { Result, ResultViolation } from "../../src/result/schema.js";
import { runCli, runJson, useFolder } from "../support/cli.js";

const inFolder = useFolder();
/** Mistakes of both drivers on 4 machines; one call manager never completes the close of one AF. */
const FAULTY = `
name: faulty
topology: {machines: 4, adaptersPerMachine: 2, clientsPerAdapter: 2, afs: 400}
callManager:
  open: {pend: 0.3, fail: 0.05, service: {exponential: 5us}}
  close: {pend: 0.8, service: {exponential: 30us}}
client: {hold: {exponential: 100us}, outstanding: {vcs: {poisson: 1}, saps: 1}}
phases: [{run: 1ms}, {drain: 1s}]
faults:
  - {kind: double-complete, rate: 0.01}
  - {kind: close-twice, rate: 0.01}
  - {kind: context-leak, rate: 0.01}
  - {kind: no-unbind, rate: 0.1}
  - {kind: lost-completion, at: [137]}
`;
const RUN = ["run", "faulty.yaml"];

function withoutHost({ host: _host, ...rest }: Result): Omit<Result, "host"> {
  return rest;
}

/** The first violation or warning of each rule. */
function firstOfRules({ violations, warnings }: Result): ResultViolation[] {
  const all = [...violations.first, ...warnings.first];
  return all.filter(({ rule }, index) => all.findIndex((violation) => violation.rule === rule) === index);
}

describe("a run that breaks rules", () => {
  let result: Result;
  beforeAll(async () => {
    fs.writeFileSync(inFolder("faulty.yaml"), FAULTY);
    result = await runJson(RUN, { cwd: inFolder() });
  });

  it("has the history of the first violation of each rule, and of no other", () => {
    const first = firstOfRules(result);
    expect(first.map(({ rule }) => rule).toSorted()).toEqual([
      "close/context-leak",
      "close/double-complete",
      "close/owed",
      "close/redundant",
      "open/failed-unbind",
    ]);
    const others = result.violations.first.filter((violation) => !first.includes(violation));
    expect(others.length).toBeGreaterThan(5);
    for (const violation of others) expect(violation).not.toHaveProperty("history");
    for (const { rule, history = [], brokenBy, machine, timeNs } of first) {
      expect(history.length).toBeGreaterThan(3);
      for (const record of history) expect(record.machine).toBe(machine);
      const isMissing = ["close/context-leak", "close/owed", "open/failed-unbind"].includes(rule);
      if (isMissing) expect(brokenBy).toBeNull();
      else expect(history.at(-1)).toMatchObject({ seq: brokenBy, timeNs });
    }
  });

  it("has the pages that each rule comes from", () => {
    for (const { source } of result.violations.first) expect(source[0]).toMatch(/^n[cf]-ndis-/);
  });

  it.each([
    ["--shards", "1"],
    ["--shards", "3", "--workers", "2"],
    ["--shards", "4", "--workers", "1"],
    ["--repeat", "2", "--quiet"],
    ["--trace", "any.jsonl"],
    ["--trace", "any.jsonl", "--trace-af", "1", "--trace-time", "0s..1us"],
  ])("has the same ones whatever it was run with: %s %s", async (...words) => {
    expect(withoutHost(await runJson([...RUN, ...words], { cwd: inFolder() }))).toEqual(withoutHost(result));
  });

  it("has in the trace of each command to reproduce what the history says", async () => {
    for (const { reproduce, history = [] } of firstOfRules(result)) {
      await runCli(reproduce.split(" ").slice(1), { cwd: inFolder() });
      const lines = fs.readFileSync(inFolder("trace.jsonl"), "utf8").split("\n");
      const begin = lines.indexOf(JSON.stringify(history[0]));
      expect(lines.slice(begin, begin + history.length)).toEqual(history.map((record) => JSON.stringify(record)));
    }
  });

  it("prints rule, source, history and command to reproduce", async () => {
    const { code, stdout } = await runCli(RUN, { cwd: inFolder() });
    expect(code).toBe(1);
    const [lead = ""] = /^ {2}close\/redundant {2}\d+ violations\n(?: {4}.*\n)*/m.exec(stdout) ?? [];
    expect(lead).toMatch(
      new RegExp(
        [
          "    An AF whose close is under way is not closed again; .*(?:\n    .*)?",
          "    source: nc-ndis-protocol_cl_close_af_complete",
          "    at https://learn.microsoft.com/windows-hardware/drivers/ddi/ndis/<page>",
          "    first at .*, machine \\d, AF#\\d+v\\d+; its history:",
          " +at  cpu(?:\n.*)*",
          " +client:\\d → ndis  NdisClCloseAddressFamily",
          " +ndis → cm:\\d  ProtocolCmCloseAf returns PENDING",
          " +NdisClCloseAddressFamily returns PENDING",
          " +client:\\d → ndis  NdisClCloseAddressFamily  ◄ breaks it",
          "    to reproduce:",
          "    condis-sim run faulty.yaml --seed 1 --trace trace.jsonl --trace-af \\d+\n",
        ].join("\n"),
      ),
    );
  });
});

/** One machine, and what is owed is found at its end: it is run again as a whole. */
const LONG = {
  afs: "100k",
  machines: "1",
  duration: "200ms",
  set: ["faults=[{kind: lost-completion, at: [5]}]", "deadlines.close=30ms"],
};

describe("a run that is stopped", () => {
  it("while a machine is run again has its whole result, without histories", async () => {
    const stop = new AbortController();
    const steps: RunProgress["step"][] = [];
    const dones: number[] = [];
    const result = await runScenario("churn", {
      overrides: LONG,
      signal: stop.signal,
      onProgress: ({ step, done, events }) => {
        steps.push(step);
        if (step !== "history") return;
        dones.push(done);
        if (events > 0) stop.abort();
      },
    });
    expect(steps.at(-1)).toBe("history");
    // Nothing of the run that is over counts as progress of this one.
    expect(Math.max(...dones)).toBeLessThan(1);
    expect(result.partial).toBeUndefined();
    expect(result.totals.virtualNs).toBe(2e8);
    expect(result.violations).toMatchObject({ total: 1, byRule: { "close/owed": 1 } });
    expect(result.violations.first[0]).not.toHaveProperty("history");
  });

  it("before its end runs nothing again", async () => {
    const stop = new AbortController();
    const steps: RunProgress["step"][] = [];
    const result = await runScenario("churn", {
      overrides: { ...LONG, duration: "100s", set: ["deadlines.close=10us"] },
      signal: stop.signal,
      onProgress: ({ step, events }) => {
        steps.push(step);
        if (events > 0) stop.abort();
      },
    });
    expect(new Set(steps)).toEqual(new Set(["run"]));
    expect(result.partial).toBeDefined();
    expect(result.violations.total).toBeGreaterThan(0);
    expect(result.violations.first[0]).not.toHaveProperty("history");
  });
});
