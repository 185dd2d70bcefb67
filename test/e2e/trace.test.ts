import fs from "node:fs";
import { beforeAll, describe, expect, it } from "vitest";
import type { Result } from "../../src/result/schema.js";
import { runCli, runJson, useFolder } from "../support/cli.js";

const WORDS = ["run", "mixed-managers", "--afs", "400", "--duration", "2ms"];

interface Line {
  readonly seq: number;
  readonly timeNs: number;
  readonly machine: number;
  readonly op: string;
  readonly frame?: number;
  readonly call?: string;
  readonly af?: string;
}

const inFolder = useFolder();
let result: Result;
let text = "";
let lines: Line[] = [];

function readLines(file: string): Line[] {
  return fs
    .readFileSync(file, "utf8")
    .split("\n")
    .slice(0, -1)
    .map((line) => JSON.parse(line) as Line);
}

describe("a trace", () => {
  beforeAll(async () => {
    result = await runJson([...WORDS, "--trace", inFolder("trace.jsonl")]);
    text = fs.readFileSync(inFolder("trace.jsonl"), "utf8");
    lines = readLines(inFolder("trace.jsonl"));
  });

  it("stands in (timeNs, machine, seq) order, and seq counts each machine's records from 1", () => {
    const nextSeq = new Map<number, number>();
    let last: Line = { seq: 0, timeNs: 0, machine: 0, op: "" };
    for (const line of lines) {
      expect(line.seq).toBe(nextSeq.get(line.machine) ?? 1);
      nextSeq.set(line.machine, line.seq + 1);
      expect(line.timeNs > last.timeNs || (line.timeNs === last.timeNs && line.machine >= last.machine)).toBe(true);
      last = line;
    }
    expect(nextSeq.size).toBe(8);
  });

  it("has as many calls as the result counts, and a return for each", () => {
    const count = (op: string): number => lines.filter((line) => line.op === op).length;
    expect(count("call")).toBe(result.totals.calls);
    expect(count("return")).toBe(count("call"));
  });

  it("is the same for any number of shards and workers", async () => {
    await runJson([...WORDS, "--shards", "3", "--workers", "2", "--trace", inFolder("other.jsonl")]);
    expect(fs.readFileSync(inFolder("other.jsonl"), "utf8")).toBe(text);
  });

  it("leaves nothing but itself behind", () => {
    expect(fs.readdirSync(inFolder()).filter((name) => name.includes("unfinished"))).toEqual([]);
  });

  it("of a time range is that part of the whole trace", async () => {
    await runJson([...WORDS, "--trace", inFolder("part.jsonl"), "--trace-time", "500us..1.5ms"]);
    expect(readLines(inFolder("part.jsonl"))).toEqual(
      lines.filter(({ timeNs }) => timeNs >= 500_000 && timeNs < 1_500_000),
    );
  });

  it("of some AFs is that part of the whole trace which names them", async () => {
    await runJson([...WORDS, "--trace", inFolder("af.jsonl"), "--trace-af", "3,50-51"]);
    // 50 AFs a machine: index 3 is slot 3 of machine 0, 50 and 51 are slots 0 and 1 of machine 1.
    const isWanted = ({ machine, af }: Line): boolean =>
      ["0 AF#3", "1 AF#0", "1 AF#1"].includes(`${machine} ${af?.split("v")[0]}`);
    const named = readLines(inFolder("af.jsonl")).filter(({ af }) => af !== undefined);
    expect(named).toEqual(lines.filter(isWanted));
    expect(named.length).toBeGreaterThan(0);
  });

  it.each(["/dev/null", "."])("goes to ordinary files only: %s", async (file) => {
    const { code, stdout, stderr } = await runCli([...WORDS, "--trace", file], { cwd: inFolder() });
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toMatch(
      /^condis-sim: the trace cannot be written to .*: it is (?:a folder|not an ordinary file)\n$/,
    );
  });

  it("does not take the place of a link that leads nowhere", async () => {
    fs.symlinkSync("nowhere.jsonl", inFolder("dangling.jsonl"));
    const { code } = await runCli([...WORDS, "--trace", inFolder("dangling.jsonl")]);
    expect({ code, link: fs.readlinkSync(inFolder("dangling.jsonl")) }).toEqual({ code: 2, link: "nowhere.jsonl" });
  });

  it("takes the place of the file that a link leads to, and leaves the link", async () => {
    fs.writeFileSync(inFolder("target.jsonl"), "");
    fs.symlinkSync("target.jsonl", inFolder("link.jsonl"));
    await runJson([...WORDS, "--trace", inFolder("link.jsonl")]);
    expect(fs.readlinkSync(inFolder("link.jsonl"))).toBe("target.jsonl");
    expect(fs.readFileSync(inFolder("target.jsonl"), "utf8")).toBe(text);
  });
});
