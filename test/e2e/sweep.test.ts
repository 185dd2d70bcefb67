import { execFileSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import type { SweepResult } from "../../src/result/sweep.js";
import { runCli, useFolder } from "../support/cli.js";

const inFolder = useFolder();
const RUN_WITHOUT_TIME = '{"kind":"run","round":0,"afs":1,"workers":1,"digest":"","events":1,"nsPerEvent":0}\n';
const WORDS = ["sweep", "churn", "--afs", "100,200", "--workers", "1,2", "--duration", "1ms", "--repeat", "1"];
const LIVE = ["sweep", "churn", "--afs", "1k"];

describe("condis-sim sweep", () => {
  it("measures every point in a process of its own, and keeps the measurements", async () => {
    const written = ["--out", inFolder("whole"), "--report", inFolder("sweep.html"), "--json"];
    const { code, stdout, stderr } = await runCli([...WORDS, ...written]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    const page = fs.readFileSync(inFolder("sweep.html"), "utf8");
    expect(page).toContain("time of an event over AFs");
    for (const from of ["whole", "whole/sweep.json"])
      expect(await runCli(["report", inFolder(from)])).toEqual({ code: 0, stdout: page, stderr: "" });
    const result = JSON.parse(stdout) as SweepResult;
    expect(result).toMatchObject({ mode: "sweep", scenario: "churn", seed: 1, partial: null, rounds: 1 });
    expect(result.points.map(({ afs, workers }) => [afs, workers])).toEqual([
      [100, 1],
      [100, 2],
      [200, 1],
      [200, 2],
    ]);
    expect(fs.readFileSync(inFolder("whole/sweep.json"), "utf8")).toBe(stdout);
    // One line says of what sweep, then six measurements.
    expect(fs.readFileSync(inFolder("whole/measurements.jsonl"), "utf8").trimEnd().split("\n")).toHaveLength(7);
  });

  it("goes on where it was killed in the middle of a line, and may get more rounds", async () => {
    const file = inFolder("whole/measurements.jsonl");
    const lines = fs.readFileSync(file, "utf8").split("\n");
    fs.writeFileSync(file, `${lines.slice(0, 3).join("\n")}\n${lines[3]!.slice(0, 20)}`);
    const { code } = await runCli([...WORDS, "--out", inFolder("whole"), "--json"]);
    expect(code).toBe(0);
    const after = fs.readFileSync(file, "utf8").split("\n");
    expect(after.slice(0, 3)).toEqual(lines.slice(0, 3));
    expect(after).toHaveLength(lines.length);
    const more = await runCli([...WORDS.slice(0, -1), "2", "--out", inFolder("whole"), "--json"]);
    expect((JSON.parse(more.stdout) as SweepResult).points.map(({ measurements }) => measurements)).toEqual([
      2, 2, 2, 2,
    ]);
  });

  it("makes no page of a sweep that is not done, and says what to do", async () => {
    fs.mkdirSync(inFolder("begun"));
    fs.copyFileSync(inFolder("whole/measurements.jsonl"), inFolder("begun/measurements.jsonl"));
    const { code, stderr } = await runCli(["report", inFolder("begun")]);
    expect(code).toBe(2);
    expect(stderr).toContain("is not done: the same command goes on with it");
  });

  it("does not mix the measurements of another sweep in", async () => {
    const words = [...WORDS, "--seed", "2", "--out", inFolder("whole")];
    const { code, stdout, stderr } = await runCli(words);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toMatch(
      /^condis-sim: .*measurements\.jsonl is of another sweep: its seed is 1, not 2; choose another folder\n$/,
    );
  });

  it("does not mix in what was measured of its scenario before that was edited", async () => {
    const file = inFolder("edited.yaml");
    const words = ["sweep", file, "--afs", "100", "--duration", "1ms", "--repeat", "1", "--out", inFolder("edited")];
    const write = (hold: string): void =>
      fs.writeFileSync(file, `{name: edited, topology: {machines: 1}, client: {hold: {constant: ${hold}}}}`);
    write("100us");
    expect((await runCli(words)).code).toBe(0);
    write("120us");
    const { code, stdout, stderr } = await runCli(words);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toContain(
      "is of another sweep: its scenario was another, with the same name; choose another folder",
    );
  });

  it("measures live runs, goes on with them, and makes a page of them", async () => {
    const live = ["sweep", "churn", "--afs", "512", "--lanes", "1,2", "--dispatch", "spsc,lock", "--duration", "5ms"];
    const words = [...live, "--repeat", "1", "--out", inFolder("live"), "--json"];
    const { code, stdout, stderr } = await runCli(words);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    const result = JSON.parse(stdout) as SweepResult;
    expect(result.points.map(({ workers, dispatch, duration }) => [workers, dispatch, duration])).toEqual([
      [1, "spsc", "5ms"],
      [2, "spsc", "5ms"],
      [1, "lock", "5ms"],
      [2, "lock", "5ms"],
    ]);
    expect(result.populations.map(({ dispatch, speedup }) => [dispatch, speedup !== null])).toEqual([
      ["spsc", true],
      ["lock", true],
    ]);
    expect(result.command).toContain("--lanes 1,2 --dispatch spsc,lock");
    // Everything is measured: what comes again is what was kept.
    expect(await runCli(words)).toEqual({ code: 0, stdout, stderr: "" });
    const page = await runCli(["report", inFolder("live")]);
    expect(page.code).toBe(0);
    expect(page.stdout).toContain("events a second over lanes, 512 AFs, lock");
  });

  it("of live runs says what broke", async () => {
    const words = ["sweep", "churn", "--afs", "512", "--lanes", "1", "--duration", "5ms", "--repeat", "1"];
    const { code, stdout } = await runCli([...words, "--set", "faults=[{kind: completion-status, rate: 0.5}]"]);
    expect(stdout).toMatch(/What broke {2}live says more of it\n +512 AFs, spsc +[\d,]+ violations\n/);
    expect(code).toBe(1);
  });

  it.each([
    ["a pipe in place of its measurements", "measurements.jsonl", (file: string) => execFileSync("mkfifo", [file])],
    ["a link to a device", "measurements.jsonl", (file: string) => fs.symlinkSync("/dev/full", file)],
    ["a folder in place of its result", "sweep.json", (file: string) => fs.mkdirSync(file)],
  ])("is not begun where %s cannot be written", async (_, name, make) => {
    const out = fs.mkdtempSync(inFolder("special-"));
    make(path.join(out, name));
    const { code, stderr } = await runCli([...WORDS, "--out", out]);
    expect(code).toBe(2);
    expect(stderr).toMatch(
      /^condis-sim: --out .*: the file cannot be written: it is (?:not an ordinary file|a folder)\n$/,
    );
    expect(fs.readdirSync(out)).toEqual([name]);
  });

  it("says what broke, and answers that something did", async () => {
    const words = ["sweep", "one-af", "--afs", "512,2k", "--duration", "200us", "--repeat", "1"];
    const { code, stdout } = await runCli(words);
    expect(code).toBe(1);
    expect(stdout).toMatch(/What broke .*\n +2,000 AFs +[\d,]+ violations\n/);
    expect(stdout).not.toMatch(/ 512 AFs +\d+ violations/);
  });

  it.each([
    ["of another program", "precious", "is no file of a sweep; choose another folder"],
    ["without a sweep", "[]\n", ":1 is damaged: it is no JSON object"],
    ["with a measurement that is none", '{"kind":"run"}\n', ":2 is damaged: round is missing"],
    [
      "with a run that took no time",
      RUN_WITHOUT_TIME,
      ":2 is damaged: nsPerEvent is 0, not a time of at least 1e-9 ns",
    ],
    ["with a line that is no JSON", "{\n", ":2 is damaged: it is no JSON object"],
  ])("leaves a file %s alone", async (_, content, message) => {
    const out = inFolder("damaged");
    const file = inFolder("damaged/measurements.jsonl");
    fs.mkdirSync(out, { recursive: true });
    const own = fs.readFileSync(inFolder("whole/measurements.jsonl"), "utf8").split("\n")[0]!;
    const text = content.startsWith("{") ? `${own}\n${content}` : content;
    fs.writeFileSync(file, text);
    const { code, stdout, stderr } = await runCli([...WORDS, "--out", out]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toContain(message);
    expect(fs.readFileSync(file, "utf8")).toBe(text);
  });

  it("stops at a signal, says how far it came, and goes on from there", async () => {
    const words = [
      "sweep",
      "churn",
      "--afs",
      "100",
      "--duration",
      "1ms",
      "--repeat",
      "20",
      "--out",
      inFolder("stopped"),
    ];
    const file = inFolder("stopped/measurements.jsonl");
    const stopped = await runCli(words, {
      onStart: (child) => {
        const timer = setInterval(() => {
          const isUnderWay = fs.existsSync(file) && fs.readFileSync(file, "utf8").split("\n").length > 3;
          if (isUnderWay) child.kill("SIGINT");
          if (isUnderWay) clearInterval(timer);
        }, 5);
      },
    });
    expect(stopped.code).toBe(130);
    expect(stopped.stdout).toContain("stopped after");
    expect(stopped.stderr).toMatch(
      /^condis-sim: stopped after \d+ of 40 measurements; the same command goes on from here\n$/,
    );
    const before = fs.readFileSync(file, "utf8");
    expect(fs.existsSync(inFolder("stopped/sweep.json"))).toBe(false);
    const { code } = await runCli([...words.slice(0, -4), "--repeat", "3", ...words.slice(-2)]);
    expect(code).toBe(0);
    expect(fs.readFileSync(file, "utf8").startsWith(before)).toBe(true);
  });

  it.each([
    [["sweep", "churn"], "--afs is missing: the numbers of address families to measure, as in 1k,10k,100k"],
    [["sweep", "churn", "--afs", "1k,x"], '--afs: "x" is not a'],
    [["sweep", "churn", "--afs", "1k", "--workers", "0"], '--workers: "0" is not a whole number of at least 1'],
    [["sweep", "churn", "--afs", "1k", "--workers", "16"], "--workers: 16 workers have nothing to share"],
    [["sweep", "chrun", "--afs", "1k"], "churn"],
    [[...LIVE, "--lanes", "1", "--workers", "1"], "--workers is of simulations, and --lanes of live runs"],
    [[...LIVE, "--dispatch", "lock", "--workers", "1"], "--workers is of simulations, and --dispatch of live runs"],
    [[...LIVE, "--lanes", "1,999"], "--lanes: 999 is not between 1 and 16"],
    [[...LIVE, "--dispatch", "spcs,lock"], '--dispatch: "spcs" is not one of spsc, mpmc, lock (did you mean spsc?)'],
    [[...LIVE, "--dispatch", "lock,lock"], '--dispatch: "lock" is there twice'],
    [
      [...LIVE, "--lanes", "1", "--set", "topology.adaptersPerMachine=16384"],
      "topology.adaptersPerMachine: 131072 adapters of all machines are more than a live run's 65536",
    ],
  ])("refuses %j", async (words, message) => {
    const { code, stdout, stderr } = await runCli(words);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toContain(message);
    expect(stderr.trimEnd().split("\n")).toHaveLength(1);
  });
});
