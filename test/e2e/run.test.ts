import fs from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import type { Result } from "../../src/result/schema.js";
import { DIST, runCli, runJson, runNode, useFolder } from "../support/cli.js";

const SMALL = ["run", "churn", "--afs", "2k", "--duration", "5ms"];
/** Pended and inline closes, pended opens, all kinds of call managers, and a drain. */
const MIXED = ["run", "mixed-managers", "--afs", "4k", "--duration", "5ms"];

const inFolder = useFolder();

/** All that must not depend on how a run was made. */
function withoutHost({ host: _host, ...rest }: Result): Omit<Result, "host"> {
  return rest;
}

describe("the built program", () => {
  it("may be executed, so that `npx condis-sim` works in a checkout", () => {
    expect(() => fs.accessSync(new URL("bundle/cli/main.js", DIST), fs.constants.X_OK)).not.toThrow();
  });
});

describe("what is built", () => {
  const read = (file: string): string => fs.readFileSync(new URL(file, DIST), "utf8");

  it("has the part of zod that it needs bundled, since all of it takes a tenth of a second to load", () => {
    const zod = read("src/scenario/zod.js");
    expect(zod).not.toMatch(/^(?:import|export) .*from/m);
    expect(zod).toMatch(/^\/\/ Has parts of zod: Copyright/);
  });

  it("has a worker that is one file and needs no other", () => {
    const required = ["worker.cjs", "live-worker.cjs"].flatMap((name) => [
      ...read(`bundle/cli/${name}`).matchAll(/\b(?:require|import)\(\s*"([^"]+)"/g),
    ]);
    expect(required.map(([, name]) => name).filter((name) => !name?.startsWith("node:"))).toEqual([]);
    expect(required).not.toEqual([]);
  });

  it("does from its own files what the public modules do", async () => {
    const unbundled = await runNode([fileURLToPath(new URL("src/cli/main.js", DIST)), ...SMALL, "--json"]);
    expect(withoutHost(JSON.parse(unbundled.stdout) as Result)).toEqual(withoutHost(await runJson(SMALL)));
  });
});

describe("run", () => {
  it("prints a result that a person can read, without colours where there is no terminal", async () => {
    const { code, stdout, stderr } = await runCli(SMALL);
    expect(stdout).toMatch(/churn.*seed 1.*2,000 address families/);
    expect(stdout).toMatch(/digest +[0-9a-f]{16}/);
    expect(stdout).not.toContain("\u001b");
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  });

  it("prints the result as JSON with --json, and nothing else", async () => {
    const { code, stdout, stderr } = await runCli([...SMALL, "--json"]);
    const result = JSON.parse(stdout) as Result;
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(result).toMatchObject({
      schemaVersion: 1,
      tool: { name: "condis-sim" },
      mode: "run",
      scenario: { name: "churn", topology: { afs: 2000 } },
      seed: 1,
      digest: expect.stringMatching(/^[0-9a-f]{16}$/),
      totals: { virtualNs: 5e6, undecided: expect.any(Number) },
      afs: { configured: 2000 },
      violations: { total: 0, byRule: {}, first: [] },
      thresholds: [],
      host: { shards: expect.any(Number), workers: expect.any(Number), node: process.versions.node },
    });
    expect(result.partial).toBeUndefined();
    expect(result.totals.events).toBe(
      result.totals.closes + result.totals.completions + result.totals.synchronousCloses,
    );
    expect(result.host.eventsPerSecond).toBeGreaterThan(0);
  });

  it("gives the same result for any number of workers and shards, with and without a trace", async () => {
    const results = [
      await runJson([...MIXED, "--workers", "1"]),
      await runJson([...MIXED, "--workers", "2"]),
      await runJson([...MIXED, "--shards", "1"]),
      await runJson([...MIXED, "--shards", "3", "--workers", "2"]),
      await runJson([...MIXED, "--trace", inFolder("same.jsonl"), "--trace-af", "5"]),
    ];
    for (const result of results.slice(1)) expect(withoutHost(result)).toEqual(withoutHost(results[0]!));
  });

  it("gives another digest for another seed", async () => {
    const one = await runJson([...SMALL, "--seed", "1"]);
    const two = await runJson([...SMALL, "--seed", "2"]);
    expect(one.digest).not.toBe(two.digest);
  });

  it("gives the same result again from the command and from the scenario that it names", async () => {
    const out = inFolder("out/deeper");
    const first = await runJson([...SMALL, "--set", "callManager.close.pend=0.5", "--out", out]);
    expect(JSON.parse(fs.readFileSync(`${out}/result.json`, "utf8"))).toEqual(first);
    expect(fs.readdirSync(out).sort()).toEqual(["result.json", "scenario.yaml"]);
    const fromCommand = await runJson(first.command.split(" ").slice(1));
    const fromFile = await runJson(["run", `${out}/scenario.yaml`]);
    expect(withoutHost(fromCommand)).toEqual(withoutHost(first));
    expect({ ...withoutHost(fromFile), command: first.command }).toEqual(withoutHost(first));
  });

  it("makes the same run several times with --repeat and shows the times of each", async () => {
    const result = await runJson([...SMALL, "--repeat", "3"]);
    const once = await runJson(SMALL);
    expect(result.host.runs).toHaveLength(3);
    expect(result.digest).toBe(once.digest);
  });

  it("ends with 1 when a threshold is missed, and with 0 when all are met", async () => {
    const missed = await runCli([...SMALL, "--set", "thresholds=[totals.events < 10]"]);
    const met = await runCli([...SMALL, "--set", "thresholds=[totals.events > 10]"]);
    expect([missed.code, met.code]).toEqual([1, 0]);
    expect(missed.stdout).toContain("totals.events < 10");
  });

  it("ends with 1 when the contract was violated, and says how to see it again", async () => {
    const words = ["run", "churn", "--afs", "100", "--duration", "20ms", "--set", "deadlines.close=3ms"];
    const { code, stdout } = await runCli([...words, "--json"]);
    const { violations } = JSON.parse(stdout) as Result;
    expect(code).toBe(1);
    expect(violations.byRule["close/owed"]).toBe(violations.total);
    const [first] = violations.first;
    expect(first?.reproduce).toMatch(/^condis-sim run churn .*--trace trace\.jsonl --trace-af \d+$/);
    await runCli(first!.reproduce.split(" ").slice(1), { cwd: inFolder() });
    expect(fs.readFileSync(inFolder("trace.jsonl"), "utf8")).toContain(`"af":"${first!.af}"`);
  });

  it.each([
    [["--afs", "0"]],
    [["--shards", "9"]],
    [["--afs", "500G", "--machines", "4096"]],
    [["--trace", "none/trace.jsonl"]],
    [["--trace", "trace.jsonl", "--trace-af", "1000000"]],
  ])("leaves no folder, result or trace when the input is bad: %s", async (words) => {
    const folder = inFolder("untouched");
    fs.mkdirSync(folder, { recursive: true });
    const { code, stdout } = await runCli(["run", "churn", "--out", "out/deeper", ...words], { cwd: folder });
    expect({ code, stdout, left: fs.readdirSync(folder) }).toEqual({ code: 2, stdout: "", left: [] });
  });

  it("finds out before a run of hours that its result cannot be kept, and leaves nothing behind", async () => {
    const folder = inFolder("unkept");
    fs.mkdirSync(folder);
    const tooLong = `out/${"x".repeat(300)}`;
    const words = ["run", "churn", "--afs", "100k", "--duration", "400s", "--out", tooLong];
    const { code, stdout, stderr } = await runCli(words, { cwd: folder });
    expect({ code, stdout, left: fs.readdirSync(folder) }).toEqual({ code: 2, stdout: "", left: [] });
    expect(stderr).toMatch(/^condis-sim: --out out\/x+: the folder cannot be written: .*\n$/);
  });

  it("shows the result also when it cannot be kept, and says so", async () => {
    const out = inFolder("occupied");
    const words = ["run", "churn", "--afs", "100k", "--duration", "400s", "--json", "--out", out];
    const { code, stdout, stderr } = await runCli(words, {
      onStart: (child) => {
        const timer = setInterval(() => {
          if (!fs.existsSync(out)) return;
          clearInterval(timer);
          // The run is under way when somebody takes the place of its result, and is stopped then.
          setTimeout(() => {
            fs.mkdirSync(`${out}/result.json`);
            child.kill("SIGINT");
          }, 2_000);
        }, 20);
      },
    });
    expect(code).toBe(2);
    expect(JSON.parse(stdout)).toMatchObject({ schemaVersion: 1 });
    expect(stderr).toMatch(/^condis-sim: --out .*: the file cannot be written: .*\n$/);
    expect(fs.readdirSync(out)).toEqual(["result.json"]);
  });

  it("keeps a trace in the folder of its result, which it makes", async () => {
    const out = inFolder("together");
    expect((await runCli([...SMALL, "--out", out, "--trace", `${out}/t.jsonl`, "--trace-af", "1"])).code).toBe(0);
    expect(fs.readdirSync(out).sort()).toEqual(["result.json", "scenario.yaml", "t.jsonl"]);
  });

  it.runIf(fs.existsSync("/dev/full"))("says in one line that stdout is full, with exit code 3", async () => {
    const full = fs.openSync("/dev/full", "w");
    const { code, stderr } = await runCli([...SMALL, "--json"], { stdout: full });
    fs.closeSync(full);
    expect(code).toBe(3);
    expect(stderr).toMatch(/^condis-sim: the output cannot be written: ENOSPC.*\n$/);
  });

  it("says how many AFs would fit when memory does not suffice", async () => {
    const { code, stderr } = await runCli(["run", "churn", "--afs", "500G", "--machines", "4096"]);
    expect(code).toBe(2);
    expect(stderr).toMatch(
      /^condis-sim: 500G AFs need [\d.]+ TiB of memory, and .* available: about [\d.]+[kMG] AFs would fit\n$/,
    );
  });

  it.runIf(fs.existsSync("/dev/full"))("keeps its exit code when stderr cannot be written", async () => {
    const full = fs.openSync("/dev/full", "w");
    const { code } = await runCli(["run", "churn", "--afs", "0"], { stderr: full });
    fs.closeSync(full);
    expect(code).toBe(2);
  });

  it("does not mind a reader that closes the pipe", async () => {
    const exit = await runCli([...SMALL, "--json"], { onStart: (child) => child.stdout?.destroy() });
    expect(exit).toMatchObject({ code: 0, stderr: "" });
  });
});
