import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { runCommandLine } from "../../src/cli/command-line.js";
import { runCli, useFolder, type CliExit } from "../support/cli.js";
import { CHURN, SERVED, timed } from "../golden/compare-results.js";

const SMALL = ["run", "churn", "--afs", "200", "--machines", "2", "--duration", "2ms"];
const inFolder = useFolder();

function write(name: string, content: string | object): string {
  const file = inFolder(name);
  fs.mkdirSync(path.dirname(file), { recursive: true });
  fs.writeFileSync(file, typeof content === "string" ? content : JSON.stringify(content));
  return file;
}

function compare(...words: readonly string[]): Promise<CliExit> {
  return runCli(["compare", ...words], { cwd: inFolder() });
}

/** Runs and keeps the result in a folder. */
async function keep(folder: string, ...flags: readonly string[]): Promise<string> {
  const { code, stderr } = await runCli([...SMALL, "--out", inFolder(folder), ...flags]);
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  return folder;
}

describe("compare", () => {
  it("says that runs with other workers and shards are the same, with exit code 0", async () => {
    await keep("one", "--workers", "1", "--shards", "1");
    await keep("two", "--workers", "2", "--shards", "2");
    const { code, stdout, stderr } = await compare("one", "two");
    expect(stdout).toMatch(/^churn, seed 1: the same\s+in all \d+ fields but the host's; digest [0-9a-f]{16}$/m);
    expect(stdout).toMatch(/not comparable: they were measured with different numbers of workers \(1, 2\)/);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  });

  it("says what differs and finds the first trace record that does, with exit code 1", async () => {
    await keep("plain");
    await keep("slow", "--set", "callManager.close.service.exponential=2ms");
    const { code, stdout, stderr } = await compare("plain", "slow", "--first-difference", "--format", "json");
    expect({ code, stderr }).toEqual({ code: 1, stderr: "" });
    const { outcome, pairs } = JSON.parse(stdout) as {
      outcome: string;
      pairs: { inputs: object[]; firstDifference: { a: unknown; b: unknown; equalRecords: number; notes: string[] } }[];
    };
    expect(outcome).toBe("fail");
    expect(pairs[0]?.inputs).toEqual([{ path: "scenario.callManager.close.service.exponential", a: "1ms", b: "2ms" }]);
    // The same as in whole traces, read at once.
    const lines: string[][] = [];
    for (const flags of [[], ["--set", "callManager.close.service.exponential=2ms"]]) {
      const file = inFolder("whole.jsonl");
      await runCli([...SMALL, ...flags, "--trace", file]);
      lines.push(fs.readFileSync(file, "utf8").split("\n"));
    }
    const [a = [], b = []] = lines;
    const first = a.findIndex((line, index) => line !== b[index]);
    const found = pairs[0]?.firstDifference;
    expect(found).toMatchObject({ equalRecords: first, notes: [] });
    expect([found?.a, found?.b]).toEqual([JSON.parse(a[first]!), JSON.parse(b[first]!)]);
  });

  it("goes through virtual time in windows when a whole trace is large, and leaves nothing behind", async () => {
    const large = ["--afs", "2k", "--duration", "20ms"];
    await keep("early", ...large);
    // An adapter that halts near the end: much is the same before.
    const phases = "phases=[{run: 15ms}, {halt: {adapters: 3}}, {run: 5ms}]";
    await keep("late", ...large, "--set", phases);
    const before = fs.readdirSync(os.tmpdir()).filter((name) => name.startsWith("condis-sim-compare-"));
    const { code, stdout } = await compare("early", "late", "--first-difference");
    expect(code).toBe(1);
    expect(stdout).toMatch(/first record {2}that differs, after \d{3},\d{3} trace records that do not:/);
    expect(stdout).toMatch(/^ {4}b \{"seq":\d+,"timeNs":15000000,/m);
    const after = fs.readdirSync(os.tmpdir()).filter((name) => name.startsWith("condis-sim-compare-"));
    expect(after.filter((name) => !before.includes(name))).toEqual([]);
  });

  it("finds no first record where scenario and seed are the same, and says why", async () => {
    await keep("changed");
    const file = inFolder("changed/result.json");
    const result = JSON.parse(fs.readFileSync(file, "utf8")) as { totals: { calls: number } };
    result.totals.calls++;
    const { code, stdout } = await compare("changed", write("edited.json", result), "--first-difference");
    expect(code).toBe(1);
    expect(stdout.replaceAll(/\s+/g, " ")).toContain(
      "both have the same scenario and seed, which this version runs alike",
    );
  });

  it("takes folders of results, and of folders that --out wrote", async () => {
    const slower = timed(CHURN, [29.9, 30.1, 30.2, 29.8, 30]);
    write("a/churn/result.json", CHURN);
    write("a/storm.json", { ...CHURN, scenario: { name: "close-storm" } });
    write("a/notes.txt", "not a result");
    write("b/1.json", { ...CHURN, scenario: { name: "close-storm" } });
    write("b/2.json", slower);
    const { code, stdout } = await compare("a", "b", "--format", "markdown");
    expect(code).toBe(1);
    expect(stdout).toMatch(/^\| `churn, seed 1` \| the same \| \*\*slower\*\*: /m);
    expect(stdout).toMatch(/^\| `close-storm, seed 1` \| the same \| no difference: /m);
    write("b/3.json", { ...CHURN, scenario: { name: "third" } });
    expect(await compare("b/1.json", "b")).toMatchObject({ code: 2, stdout: expect.stringContaining("only in b") });
  });

  it("judges speed by the margin that is asked for", async () => {
    const [a, b] = [write("m/a.json", CHURN), write("m/b.json", timed(CHURN, [24.1, 24.2, 24, 24.3, 24.2]))];
    expect((await compare(a, b, "--margin", "5%")).code).toBe(1);
    expect((await compare(a, b, "--margin", "20 %")).code).toBe(0);
    const single = write("m/c.json", timed(CHURN, [24]));
    expect((await compare(a, single)).code).toBe(0);
    expect((await compare(a, single, "--margin", "5%")).code).toBe(2);
  });

  it("prints a file of another version's scenario as not to be run, in one line", async () => {
    const [a, b] = [
      write("old/a.json", CHURN),
      write("old/b.json", { ...SERVED, scenario: { name: "churn", afz: 3 } }),
    ];
    const { code, stderr, stdout } = await compare(a, b, "--first-difference");
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toMatch(/^condis-sim: .*b\.json: this version cannot run it: afz: unknown field.*\n$/);
  });

  it("answers bad input with one message and exit code 2", async () => {
    const good = write("good.json", CHURN);
    fs.mkdirSync(inFolder("empty"));
    write("mixed/result.json", CHURN);
    write("mixed/other.json", JSON.stringify(CHURN).slice(0, 99));
    const cases: readonly (readonly [words: readonly string[], message: RegExp])[] = [
      [[good], /missing required argument 'b'/],
      [[good, good, good], /too many arguments/],
      [[good, "none.json"], /the result none\.json cannot be read: .*no such file/],
      [[good, "empty"], /the folder empty has no results: no \*\.json, and no result\.json in a folder below/],
      [[good, "mixed"], /mixed\/other\.json is truncated/],
      [["/dev/zero", good], /\/dev\/zero cannot be read: it is not an ordinary file/],
      [[good, good, "--margin", "0%"], /--margin: "0%" is not a percentage above 0% and up to 100%/],
      [[good, good, "--margin", "5"], /--margin: .* \(did you mean 5%\?\)/],
      [[good, good, "--format", "markdwon"], /--format: .* \(did you mean markdown\?\)/],
    ];
    for (const [words, message] of cases) {
      const { code, stdout, stderr } = await compare(...words);
      expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
      expect(stderr).toMatch(message);
      expect(stderr).toMatch(/^condis-sim: [^\n]*\n$/);
    }
  });

  it("no longer counts as a command of a later version", async () => {
    expect(await runCommandLine(["compare", "--help"])).toBe(0);
  });
});
