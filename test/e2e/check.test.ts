import { spawn } from "node:child_process";
import fs from "node:fs";
import { fileURLToPath } from "node:url";
import zlib from "node:zlib";
import { beforeAll, describe, expect, it } from "vitest";
import { checkTrace } from "../../dist/src/index.js";
import { DIST, runCli, runJson, useFolder, type CliExit } from "../support/cli.js";

const inFolder = useFolder();
const MAIN = fileURLToPath(new URL("bundle/cli/main.js", DIST));
const RUN = ["run", "mixed-managers", "--afs", "100", "--duration", "1ms"];

let trace = "";

/** Checks what comes on standard input, in pieces. */
async function checkStream(pieces: Iterable<Uint8Array | string>, signal?: NodeJS.Signals): Promise<CliExit> {
  const child = spawn(process.execPath, [MAIN, "check", "-", "--json"]);
  let stdout = "";
  let stderr = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
  // A process that ends before its input does.
  child.stdin.on("error", () => {});
  const ended = new Promise<number | null>((resolve) => child.on("close", resolve));
  for (const piece of pieces)
    if (!child.stdin.write(piece)) await new Promise((resolve) => child.stdin.once("drain", resolve));
  if (signal === undefined) child.stdin.end();
  else {
    // Long enough for it to have read what it got.
    await new Promise((resolve) => setTimeout(resolve, 1500));
    child.kill(signal);
  }
  const code = await ended;
  child.stdin.destroy();
  return { code, stdout, stderr };
}

interface Checked {
  readonly records: number;
  readonly cut: string | null;
  readonly stopped?: boolean;
  readonly skipped: { readonly total: number };
  readonly violations: {
    readonly total: number;
    readonly first: readonly { readonly line: number; readonly history: readonly { readonly line: number }[] }[];
  };
}

const parse = (text: string): Checked => JSON.parse(text) as Checked;
const linesOf = (text: string): number => text.split("\n").length - 1;

async function checkFile(file: string, ...flags: string[]): Promise<CliExit & { readonly checked: Checked }> {
  const exit = await runCli(["check", inFolder(file), "--json", ...flags]);
  return { ...exit, checked: exit.stdout === "" ? ({} as Checked) : parse(exit.stdout) };
}

describe("check", () => {
  beforeAll(async () => {
    await runJson([...RUN, "--trace", inFolder("clean.jsonl")]);
    trace = fs.readFileSync(inFolder("clean.jsonl"), "utf8");
    const broken = [
      "--set",
      "faults=[{kind: double-complete, rate: 0.2}, {kind: context-leak, rate: 0.1}]",
      "--trace",
      inFolder("broken.jsonl"),
    ];
    await runCli([...RUN, ...broken, "--json"]);
  });

  it("finds nothing in a trace of drivers that keep the contract: 0", async () => {
    const { code, checked, stderr } = await checkFile("clean.jsonl");
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(checked).toMatchObject({
      records: linesOf(trace),
      cut: null,
      skipped: { total: 0 },
      violations: { total: 0 },
    });
  });

  it("finds what they break, with what led to it: 1", async () => {
    const { code, checked } = await checkFile("broken.jsonl");
    expect(code).toBe(1);
    expect(checked.violations.total).toBeGreaterThan(0);
    for (const { line, history } of checked.violations.first) {
      expect(history.length).toBeGreaterThan(5);
      expect(history.map((record) => record.line)).toContain(line);
    }
  });

  it("reads gzip, also of several parts, and says where one is cut", async () => {
    const lines = trace.split("\n");
    const half = lines.length >> 1;
    const parts = [lines.slice(0, half).join("\n") + "\n", lines.slice(half).join("\n")].map((part) =>
      zlib.gzipSync(part),
    );
    fs.writeFileSync(inFolder("parts.gz"), Buffer.concat(parts));
    fs.writeFileSync(inFolder("cut.gz"), Buffer.concat(parts).subarray(0, parts[0]!.length + 2000));
    const damaged = Buffer.concat(parts);
    damaged.fill(0xff, damaged.length - 200, damaged.length - 180);
    fs.writeFileSync(inFolder("damaged.gz"), damaged);
    const whole = await checkFile("parts.gz");
    expect(whole).toMatchObject({ code: 0, checked: { records: linesOf(trace), cut: null } });
    for (const [file, cut] of [
      ["cut.gz", "the gzip data end too early"],
      ["damaged.gz", "the gzip data are damaged"],
    ] as const) {
      const { code, checked } = await checkFile(file);
      expect(code).toBeLessThan(2);
      expect(checked.cut).toBe(cut);
      expect(checked.records).toBeGreaterThanOrEqual(half);
      const strict = await checkFile(file, "--strict");
      expect({ code: strict.code, stdout: strict.stdout }).toEqual({ code: 2, stdout: "" });
    }
  });

  it("reads standard input once, and tells what led to findings all the same", async () => {
    const broken = fs.readFileSync(inFolder("broken.jsonl"));
    const pieces = function* (): Generator<Uint8Array> {
      for (let at = 0; at < broken.length; at += 10_001) yield broken.subarray(at, at + 10_001);
    };
    const { code, stdout } = await checkStream(pieces());
    expect(code).toBe(1);
    const { trace: _name, ...rest } = JSON.parse(stdout) as { trace: string };
    const { trace: _file, ...file } = JSON.parse((await checkFile("broken.jsonl")).stdout) as { trace: string };
    expect(rest).toEqual(file);
    expect(parse((await checkStream([zlib.gzipSync(trace)])).stdout).records).toBe(linesOf(trace));
  });

  it("passes over lines that are no records, and stops at the first where that is asked for: 2", async () => {
    const lines = trace.split("\n");
    lines.splice(7, 0, "{", "\uFFFD".repeat(2 ** 20));
    fs.writeFileSync(inFolder("bad.jsonl"), lines.join("\r\n"));
    const { checked } = await checkFile("bad.jsonl");
    expect(checked).toMatchObject({ records: linesOf(trace), skipped: { total: 2 } });
    const strict = await checkFile("bad.jsonl", "--strict");
    expect(strict).toMatchObject({ code: 2, stdout: "" });
    expect(strict.stderr).toBe(`condis-sim: ${inFolder("bad.jsonl")}:8:1: this is no JSON: "{"\n`);
  });

  it("says that a trace without records is none: 2", async () => {
    fs.writeFileSync(inFolder("empty.jsonl"), "");
    const { code, stderr } = await checkFile("empty.jsonl");
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr: `condis-sim: ${inFolder("empty.jsonl")}:1:1: the trace is empty\n`,
    });
  });

  it("that is stopped says what was judged so far: 130, and leaves nothing behind", async () => {
    const { code, stdout, stderr } = await checkStream([trace], "SIGINT");
    expect({ code, stderr }).toEqual({ code: 130, stderr: "condis-sim: stopped; this is what was judged so far\n" });
    expect(parse(stdout)).toMatchObject({ stopped: true, records: linesOf(trace) });
  });

  it("judges by the readings of the scenario that it is told", async () => {
    const other = inFolder("refused.jsonl");
    await runJson(["run", "refused-closes", "--afs", "100", "--duration", "3ms", "--trace", other]);
    const strictly = await checkFile("refused.jsonl");
    expect(strictly).toMatchObject({
      code: 1,
      checked: { violations: { byRule: { "close/client-stale": expect.any(Number) as number } } },
    });
    expect(await checkFile("refused.jsonl", "--scenario", "refused-closes")).toMatchObject({
      code: 0,
      checked: { violations: { total: 0 } },
    });
    expect(await checkFile("refused.jsonl", "--scenario", "refused-close")).toMatchObject({ code: 2, stdout: "" });
  });

  it("finds a SAP that is in use by its address", async () => {
    await runCli(["run", "faulty-calls", "--afs", "300", "--trace", inFolder("calls.jsonl")]);
    const { checked } = await checkFile("calls.jsonl");
    expect(checked).toMatchObject({ violations: { byRule: { "sap/status": expect.any(Number) as number } } });
  });

  it("draws the calls of one AF", async () => {
    const { code, stdout } = await runCli(["check", inFolder("clean.jsonl"), "--af", "AF#0v1", "--chart"]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^AF#0v1, machine 0 · \d+ records · lines \d+ to \d+\n/);
    expect(stdout).toMatch(/│─+ProtocolCmOpenAf─+►│/);
    const none = await runCli(["check", inFolder("clean.jsonl"), "--af", "AF#9999v1", "--chart"]);
    expect(none).toMatchObject({ code: 2, stdout: "" });
    expect(none.stderr).toContain("--af AF#9999v1: the trace");
  });

  it("can be called from a program", async () => {
    const report = await checkTrace(inFolder("broken.jsonl"), { af: "AF#0v1" });
    expect(report.verdict.violations).toBeGreaterThan(0);
    expect(report.histories.size).toBe(report.verdict.findings.length);
    expect(report.af?.calls.length).toBeGreaterThan(0);
  });
});
