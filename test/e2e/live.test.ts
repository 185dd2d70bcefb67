import { setTimeout } from "node:timers/promises";
import fs from "node:fs";
import { describe, expect, it } from "vitest";
import type { Result } from "../../src/result/schema.js";
import { runCli, runJson, useFolder } from "../support/cli.js";

const inFolder = useFolder();

describe("condis-sim live", () => {
  it("answers with a result of mode live, without a digest, whose totals add up", async () => {
    const result = await runJson([
      "live",
      "churn",
      "--afs",
      "2k",
      "--duration",
      "300ms",
      "--lanes",
      "2",
      "--dispatch",
      "mpmc",
    ]);
    const { totals, afs } = result;

    expect(result).toMatchObject({
      mode: "live",
      live: { lanes: 2, dispatch: "mpmc", pace: "free" },
      violations: { total: 0 },
    });
    expect(result).not.toHaveProperty("digest");
    expect(totals.opens).toBe(totals.lifecycles + afs.openAtEnd + afs.pendedAtEnd);
    expect(totals.closes).toBe(totals.synchronousCloses + totals.pendedCloses);
    expect(totals.pendedCloses).toBe(totals.completions + afs.pendedAtEnd);
    expect(result.latency.close.count).toBe(totals.completions);
  });

  it("lets completions take the time that they take, whatever the scenario says", async () => {
    const { totals, violations } = await runJson(["live", "inline-race", "--afs", "500", "--duration", "100ms"]);

    expect(violations.total).toBe(0);
    expect(totals.inlineCompletions).toBeGreaterThan(0);
  });

  it("says how late it was where scenario times are wall-clock times", async () => {
    const { code, stdout } = await runCli(["live", "churn", "--afs", "100", "--duration", "300ms", "--pace", "wall"]);

    expect(code).toBe(0);
    expect(stdout).toMatch(/^ {2}lag +.*on average.*at most/m);
    expect(stdout).toContain("wall-clock time; from request to client told");
  });

  it("writes a trace, and a result that report can read", async () => {
    const [trace, out] = [inFolder("trace.jsonl"), inFolder("out")];
    const { code } = await runCli([
      "live",
      "churn",
      "--afs",
      "50",
      "--duration",
      "20ms",
      "--trace",
      trace,
      "--out",
      out,
    ]);
    const lines = fs.readFileSync(trace, "utf8").trimEnd().split("\n");
    const { stdout } = await runCli(["report", out]);

    expect(code).toBe(0);
    expect(JSON.parse(lines[0] ?? "")).toMatchObject({ seq: 1, call: "MiniportInitializeEx" });
    expect(stdout).toContain("</html>");
  });

  it("says what happened over time, in the result and as CSV", async () => {
    const csv = inFolder("live.csv");
    const words = ["churn", "--afs", "500", "--duration", "64ms", "--csv", csv];
    const { series, totals } = await runJson(["live", ...words]);
    const rows = fs.readFileSync(csv, "utf8").split("\n");

    expect(series).toMatchObject({ fromNs: 0, stepNs: 2e6 });
    expect(series?.lifecycles.reduce((sum, n) => sum + n, 0)).toBe(totals.lifecycles);
    expect(rows.filter((row) => row.startsWith("time,lifecycles,"))).toHaveLength(series?.lifecycles.length ?? 0);
  });

  it("ends with 1 where a mistake was made", async () => {
    const words = ["--duration", "400ms", "--set", 'faults=[{"kind":"completion-status","rate":0.5}]'];
    const { code, stdout } = await runCli(["live", "churn", "--afs", "500", ...words]);

    expect(code).toBe(1);
    expect(stdout).toContain("close/complete-status");
    expect(stdout).toMatch(
      /first at [^\n]*, lane \d, AF#\d+v\d+; to see what led to one, in another run:\n.*condis-sim live .* --trace trace\.jsonl\n/,
    );
  });

  it("tells what led to a mistake where it was traced", async () => {
    const fault = 'faults=[{"kind":"completion-status","rate":0.5}]';
    const words = ["churn", "--afs", "50", "--duration", "100ms", "--set", fault, "--trace", inFolder("broken.jsonl")];
    const { violations } = await runJson(["live", ...words]);
    const [first] = violations.first;
    const last = first?.history?.at(-1);

    expect(last).toMatchObject({ seq: first?.brokenBy, af: first?.af, processor: first?.lane });
    expect(last?.status).not.toBe("NDIS_STATUS_SUCCESS");
  });

  it("ends with 130 and what was done so far when it is stopped", async () => {
    const { code, stdout, stderr } = await runCli(["live", "churn", "--afs", "1k", "--duration", "400s", "--json"], {
      onStart: (child) => void setTimeout(2500).then(() => child.kill("SIGINT")),
    });
    const result = JSON.parse(stdout) as Result;

    expect(code).toBe(130);
    expect(stderr).toBe("condis-sim: stopped; this is what was done so far\n");
    expect(result.partial?.done).toBeGreaterThan(0);
  });
});

describe("condis-sim live refuses", () => {
  it.each([
    ["no lanes", ["churn", "--lanes", "0"], "--lanes: 0 is not between 1 and 16"],
    ["more lanes than there is room for", ["churn", "--lanes", "17"], "--lanes: 17 is not between 1 and 16"],
    [
      "a strategy that there is none",
      ["churn", "--dispatch", "spcs"],
      '--dispatch: "spcs" is not one of spsc, mpmc, lock (did you mean spsc?)',
    ],
    [
      "calls and parties",
      ["calls-and-parties"],
      'client.objects: a live run does not simulate it; here it is {"saps":1,"calls":2,"incoming":1,"parties":2,"gap":{"expo...',
    ],
    [
      "a mistake that lanes do not make",
      ["churn", "--set", 'faults=[{"kind":"sap-in-use","rate":0.1}]'],
      '--set faults=[{"kind":"sap-in-use","rate":0.1}]: faults.0.kind: a live run cannot commit this fault; here it is "sap-in-use"',
    ],
  ])("%s, in one line", async (_what, words, message) => {
    const { code, stdout, stderr } = await runCli(["live", ...words]);

    expect(stderr).toBe(`condis-sim: ${message}\n`);
    expect(stdout).toBe("");
    expect(code).toBe(2);
  });
});
