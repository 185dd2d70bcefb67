import { execFileSync } from "node:child_process";
import fs from "node:fs";
import { fileURLToPath } from "node:url";
import { beforeAll, describe, expect, it } from "vitest";
import { DIST, runCli, useFolder } from "../support/cli.js";

const SMALL = ["run", "churn", "--afs", "200", "--machines", "2", "--duration", "2ms"];
const MAIN = fileURLToPath(new URL("bundle/cli/main.js", DIST));
const inFolder = useFolder();

describe("report", () => {
  beforeAll(async () => {
    const files = ["--report", "run.html", "--hlog", "run.hlog", "--csv", "run.csv"];
    await runCli([...SMALL, "--out", "one", ...files], { cwd: inFolder() });
  });

  it("writes the page that the run has written, of a file, its folder and stdin, and changes nothing", async () => {
    const page = fs.readFileSync(inFolder("run.html"), "utf8");
    const kept = fs.readFileSync(inFolder("one/result.json"), "utf8");
    for (const name of ["one", "one/result.json"])
      expect(await runCli(["report", name], { cwd: inFolder() })).toEqual({ code: 0, stderr: "", stdout: page });
    const options = { input: kept, encoding: "utf8", maxBuffer: 2 ** 24 } as const;
    expect(execFileSync(process.execPath, [MAIN, "report", "-"], options)).toBe(page);
    expect(fs.readFileSync(inFolder("one/result.json"), "utf8")).toBe(kept);
  });

  it("files of a run do not change its result, and nothing unfinished stays behind", async () => {
    const digest = (stdout: string): string => (JSON.parse(stdout) as { digest: string }).digest;
    const { stdout } = await runCli([...SMALL, "--json"], { cwd: inFolder() });
    expect(digest(stdout)).toBe(digest(fs.readFileSync(inFolder("one/result.json"), "utf8")));
    expect(fs.readdirSync(inFolder()).sort()).toEqual(["one", "run.csv", "run.hlog", "run.html"]);
  });

  it("answers bad input with one message and exit code 2, before anything runs", async () => {
    fs.mkdirSync(inFolder("empty"));
    fs.mkdirSync(inFolder("two"));
    const kept = fs.readFileSync(inFolder("one/result.json"), "utf8");
    for (const name of ["a", "b"]) fs.writeFileSync(inFolder(`two/${name}.json`), kept);
    fs.writeFileSync(inFolder("cut.json"), kept.slice(0, 500));
    fs.writeFileSync(inFolder("newer.json"), kept.replace('"schemaVersion": 1', '"schemaVersion": 7'));
    const cases: readonly (readonly [words: readonly string[], message: RegExp])[] = [
      [["report"], /missing required argument 'result'/],
      [["report", "none.json"], /the result none\.json cannot be read: .*no such file/],
      [["report", "empty"], /the folder empty has no results/],
      [["report", "two"], /the folder two has 2 results: name one of them, as in two\/a\.json/],
      [["report", "cut.json"], /cut\.json is truncated/],
      [
        ["report", "newer.json"],
        /newer\.json has schemaVersion 7, written by condis-sim \S+; this is \S+, which reads/,
      ],
      [["report", "-"], /the result on stdin is empty/],
      [["report", "/dev/zero"], /it is not an ordinary file/],
      [[...SMALL, "--report", "none/run.html"], /--report none\/run\.html: the file cannot be written/],
      [[...SMALL, "--csv", "empty"], /--csv empty: the file cannot be written: it is a folder/],
      [[...SMALL, "--csv", "x", "--hlog", "./x"], /--csv x: --hlog writes its own file there/],
      [
        [...SMALL, "--out", "o", "--report", "o/result.json"],
        /--report o\/result\.json: --out writes its own file there/,
      ],
      [[...SMALL, "--trace", "t", "--csv", "t"], /--csv t: --trace writes its own file there/],
    ];
    for (const [words, message] of cases) {
      const { code, stdout, stderr } = await runCli(words, { cwd: inFolder() });
      expect({ words, code, stdout }).toEqual({ words, code: 2, stdout: "" });
      expect(stderr).toMatch(message);
      expect(stderr).toMatch(/^condis-sim: [^\n]*\n$/);
    }
  });
});
