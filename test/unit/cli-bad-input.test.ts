import { execFileSync } from "node:child_process";
import fs from "node:fs";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { runCommandLine } from "../../src/cli/command-line.js";
import { useFolder } from "../support/cli.js";

const inFolder = useFolder();
let stdout = "";
let stderr = "";

beforeEach(() => {
  stdout = "";
  stderr = "";
  vi.spyOn(process.stdout, "write").mockImplementation((text) => ((stdout += String(text)), true));
  vi.spyOn(process.stderr, "write").mockImplementation((text) => ((stderr += String(text)), true));
});
afterEach(() => vi.restoreAllMocks());

/** Command lines as typed, and what the message must say. */
const COMMAND_LINES: readonly (readonly [words: string, message: RegExp])[] = [
  ["rum churn", /unknown command 'rum' \(did you mean run\?\)/],
  ["run", /missing required argument 'scenario'/],
  ["run churn second", /too many arguments/],
  ["run chrun", /no scenario "chrun".*\(did you mean churn\?\)/],
  ["run churn --asf 3", /unknown option '--asf' \(did you mean --afs\?\)/],
  ["run churn --afs", /'--afs <N>' argument missing/],
  ["run churn --afs many", /--afs many: .*"many" is not a count/],
  ["run churn --afs 0", /--afs 0: .*too small/],
  ["run churn --afs -5", /--afs -5: .*must not be negative/],
  ["run churn --afs 1e30", /--afs 1e30: .*too large/],
  ["run churn --afs 10 --machines 11", /11.*\b10 AFs|10 AFs.*\b11/],
  ["run churn --machines 0", /--machines 0/],
  ["run churn --machines 1.5", /--machines 1\.5: .*not a whole number/],
  ["run churn --seed -1", /--seed -1/],
  ["run churn --seed 9007199254740992", /--seed 9007199254740992/],
  ["run churn --duration 10", /--duration: .*needs a unit.*\(did you mean 10ms\?\)/],
  ["run churn --duration 10sec", /--duration: .*\(did you mean 10s\?\)/],
  ["run churn --duration 150ns", /--duration 150ns: .*not a multiple of the tick/],
  ["run churn --duration 100000s", /--duration 100000s: .*at most 429\.4967295s/],
  ["run churn --set topology", /--set topology: expected path=value/],
  ["run churn --set topology.asf=3", /--set topology\.asf=3: .*\(did you mean topology\.afs\?\)/],
  ["run churn --set callManager.close.pend=2", /--set callManager\.close\.pend=2/],
  [
    "run churn --set thresholds=[violations.byRule.open/failed-unbind==0]",
    /no field "violations\.byRule\.open\/failed-unbind" \(did you mean warnings\.byRule\.open\/failed-unbind\?\)/,
  ],
  ["run churn --set thresholds=[latency.close.p98Ns<1ms]", /p98Ns.*\(did you mean latency\.close\.p9\d*Ns\?\)/],
  ["run churn --set faults=[{kind:nonsense,rate:1}]", /nonsense|kind/],
  ["run churn --workers 0", /--workers: 0 is not between 1 and 1024/],
  ["run churn --workers x", /--workers: "x" is not a count/],
  ["run churn --repeat 0", /--repeat: 0 is not between/],
  ["run churn --shards 0", /--shards: 0 is less than 1/],
  ["run churn --shards 9", /9.*shards|shards.*9/],
  ["run churn --trace-af 3", /--trace-af needs --trace FILE or --perfetto FILE/],
  ["run churn --trace-time 1ms..2ms", /--trace-time needs --trace FILE or --perfetto FILE/],
  ["run churn --trace t --trace-af 3,x", /--trace-af: "x" is not an AF index/],
  ["run churn --trace t --trace-af 9-3", /--trace-af: 9-3 is empty/],
  [
    "run churn --afs 100 --trace t --trace-af 0-1000000000000",
    /--trace-af: 1000000000000 is not an AF index: the scenario has AFs 0 to 99/,
  ],
  ["run churn --trace t --trace-time 2ms..1ms", /--trace-time: 2ms\.\.1ms is empty/],
  [
    "run churn --duration 1ms --trace t --trace-time 1ms..2ms",
    /--trace-time: 1ms\.\.2ms begins when the run is over, at 1ms/,
  ],
  ["run churn --out o --trace o/result.json", /--trace o\/result\.json: --out writes its own file there/],
  ["run none\n.yaml", /none\\n\.yaml cannot be read/],
  ["run churn --none\n", /unknown option '--none\\n'/],
  ["run churn --trace t --trace-time 2ms", /--trace-time: "2ms" is not A\.\.B/],
  ["run churn --afs 1k --duration 1ms --trace none/t.jsonl", /none\/t\.jsonl/],
  ["run churn --afs 1k --out package.json", /--out package\.json: the folder cannot be written/],
  ["run none.yaml", /none\.yaml cannot be read: .*no such file/],
  ["run ./test", /\.\/test cannot be read: it is a folder/],
  ["run /dev/zero", /\/dev\/zero cannot be read: it is not an ordinary file/],
  [
    "run churn --set callManager.close.pend=1e-10",
    /close\.pend: 1e-10 is smaller than .*2\.3283064365386963e-10 \(2\^-32\)/,
  ],
  ["run churn --set callManager.close.inline=1e-10", /close\.inline: 1e-10 is smaller than/],
  ["run churn --set callManager.open.fail=1e-10", /open\.fail: 1e-10 is smaller than/],
  ["run churn --set client.wait=1e-10", /client\.wait: 1e-10 is smaller than/],
  ['run churn --set client.outstanding.saps={"poisson":1e-10}', /outstanding\.saps: 1e-10 is smaller than/],
  ["run churn --set callManager.open.pend=2e-10", /open\.pend: 2e-10 is smaller than/],
  ['run churn --set faults=[{"kind":"double-complete","rate":1e-10}]', /faults\.0\.rate: 1e-10 is smaller than/],
  ["run churn --out ", /--out: a path is missing/],
  ["run churn --trace ", /--trace: a path is missing/],
  ["run churn --repeat 1.5", /--repeat: 1\.5: .*not a whole number|--repeat: .*1\.5/],
  [
    'run churn --set phases=[{"run":"1ms"},{"drain":"1ms"},{"run":"1ms"}]',
    /a run phase after a drain would stay empty/,
  ],
  ["compare a b --json --format markdown", /--json and --format markdown ask for different things$/m],
  ["check no-such-trace.jsonl", /: the trace no-such-trace\.jsonl cannot be read: ENOENT/],
  ["check .", /: the trace \. cannot be read: it is a folder$/m],
  ["check x.jsonl --chart", /: --chart needs --af AF$/m],
  ["check x.jsonl --window many", /: --window: "many" is not a count/],
  ["check x.jsonl --window 1G", /: --window: "1G" is more than 10000000, the largest window$/m],
  ["check x.jsonl --map no-such-map.yaml", /: the map no-such-map\.yaml cannot be read: ENOENT/],
  ["list rulez", /not "rulez" \(did you mean rules\?\)/],
];

/** Contents of a scenario file, and what the message must say after the file's name. */
const FILES: readonly (readonly [title: string, text: string, message: RegExp])[] = [
  ["an empty file", "", /:1:1: the file is empty/],
  ["only a comment", "# nothing\n", /:1:1: the file is empty/],
  ["a list", "- 1\n", /:1:1: a scenario is a mapping/],
  ["malformed YAML", "name: a\ntopology: {afs: 10\n", /:\d+:\d+: /],
  ["an empty name", 'seed: 1\nname: " "\n', /:2:7: name: the name is empty/],
  ["no name", "seed: 1\n", /name: this field is required/],
  ["an unknown field", "name: a\ntopolgy: {afs: 10}\n", /:2:1: topolgy: unknown field.*\(did you mean topology\?\)/],
  ["a value of the wrong kind", "name: a\ntopology:\n  afs: [1]\n", /:3:8: topology\.afs: expected a count/],
  ["a threshold that cannot be parsed", "name: a\nthresholds:\n  - p99 below 3\n", /:3:5: .*not a threshold/],
  [
    "a threshold on nothing",
    "name: a\nthresholds:\n  - totals.evnts > 3\n",
    /:3:5: .*\(did you mean totals\.events\?\)/,
  ],
  ["a duration that overflows virtual time", "name: a\nphases: [{run: 100000s}]\n", /:2:\d+: .*at most 429\.4967295s/],
  ["something that is no text", "name: \ufffd\u0000\n", /:1:/],
];

describe("bad input", () => {
  it.each(COMMAND_LINES)("is answered with one clear message and exit code 2: %s", async (words, message) => {
    expect(await runCommandLine(words.split(" "))).toBe(2);
    expect(stderr).toMatch(message);
    expect(stderr).toMatch(/^condis-sim: .*\n$/);
    expect(stdout).toBe("");
  });

  it.each(FILES)("in a file is answered with its place: %s", async (_title, text, message) => {
    const file = inFolder("scenario.yaml");
    fs.writeFileSync(file, text);
    expect(await runCommandLine(["run", file])).toBe(2);
    expect(stderr.startsWith(`condis-sim: ${file}:`)).toBe(true);
    expect(stderr.slice(`condis-sim: ${file}`.length)).toMatch(message);
    expect(stdout).toBe("");
  });

  it("that never ends is not read: a pipe, or a file far larger than any scenario", async () => {
    const [pipe, large] = [inFolder("pipe.yaml"), inFolder("large.yaml")];
    execFileSync("mkfifo", [pipe]);
    fs.writeFileSync(large, "");
    fs.truncateSync(large, 2 ** 36);
    expect(await runCommandLine(["run", pipe])).toBe(2);
    expect(await runCommandLine(["run", large])).toBe(2);
    expect(stderr).toMatch(
      /pipe\.yaml cannot be read: it is not an ordinary file\n.*large\.yaml cannot be read: .* too large/,
    );
  });

  it("of an output that would replace another, or the scenario, is found out before the run: also through links", async () => {
    const [scenario, link, target] = [inFolder("own/scenario.yaml"), inFolder("link.csv"), inFolder("target.csv")];
    const text = "name: own # mine\ntopology: {machines: 1, adaptersPerMachine: 1, clientsPerAdapter: 1, afs: 1}\n";
    fs.mkdirSync(inFolder("own"));
    fs.writeFileSync(scenario, text);
    fs.writeFileSync(target, "");
    fs.symlinkSync(target, link);
    const refused: readonly (readonly [flags: readonly string[], message: string])[] = [
      [["--report", link, "--csv", target], `--csv ${target}: --report writes its own file there`],
      [["--report", scenario], `--report ${scenario}: the scenario is read from there`],
      [["--out", inFolder("own")], `--out ${scenario}: the scenario is read from there`],
    ];
    for (const [flags, message] of refused) {
      stderr = "";
      expect(await runCommandLine(["run", scenario, ...flags])).toBe(2);
      expect(stderr).toBe(`condis-sim: ${message}\n`);
    }
    expect(stdout).toBe("");
    expect(fs.readFileSync(scenario, "utf8")).toBe(text);
  });

  it("of a file of --out that cannot be written is found out before the run", async () => {
    const file = inFolder("kept/result.json");
    fs.mkdirSync(file, { recursive: true });
    expect(await runCommandLine(["run", "churn", "--afs", "1k", "--duration", "10us", "--out", inFolder("kept")])).toBe(
      2,
    );
    expect(stderr).toBe(`condis-sim: --out ${file}: the file cannot be written: it is a folder\n`);
    expect(stdout).toBe("");
  });

  it("of a result is answered in one line: links that lead nowhere or in a circle, and a sweep that cannot be compared or is not whole", async () => {
    const [circle, nowhere, sweep] = [inFolder("circle"), inFolder("results/nowhere"), inFolder("sweep.json")];
    fs.symlinkSync(circle, circle);
    fs.mkdirSync(nowhere, { recursive: true });
    fs.symlinkSync(inFolder("gone"), `${nowhere}/result.json`);
    fs.writeFileSync(sweep, '{"sweepVersion": 1, "tool": {"name": "condis-sim", "version": "0.1.0"}}');
    const inCircle = /circle cannot be read: ELOOP/;
    const leadsNowhere = /nowhere\/result\.json cannot be read: ENOENT/;
    const refused: readonly (readonly [words: readonly string[], message: RegExp])[] = [
      [["report", circle], inCircle],
      [["compare", circle, circle], inCircle],
      [["report", inFolder("results")], leadsNowhere],
      [["compare", inFolder("results"), inFolder("results")], leadsNowhere],
      [["report", sweep], /sweep\.json is no whole sweep: mode is missing$/m],
      [["compare", sweep, sweep], /sweep\.json is the result of a sweep, and not that of a run$/m],
    ];
    for (const [words, message] of refused) {
      stderr = "";
      expect(await runCommandLine(words)).toBe(2);
      expect(stderr).toMatch(message);
      expect(stderr).toMatch(/^condis-sim: .*\n$/);
    }
    expect(stdout).toBe("");
  });

  it("that is not UTF-8 is not taken for text", async () => {
    const file = inFolder("binary.yaml");
    fs.writeFileSync(file, Uint8Array.of(0xff, 0xfe, 0x00));
    expect(await runCommandLine(["run", file])).toBe(2);
    expect(stderr).toContain("it is not UTF-8 text");
  });
});

describe("a command line without a command", () => {
  it("shows the help on stderr, with exit code 2", async () => {
    expect(await runCommandLine([])).toBe(2);
    expect(stderr).toMatch(/^Usage: condis-sim/);
    expect(stdout).toBe("");
  });

  it("shows the help on stdout when it is asked for, with every flag of the command", async () => {
    expect(await runCommandLine(["run", "--help"])).toBe(0);
    for (const flag of ["--afs <N>", "--set <path=value>", "--trace-time <A..B>", "--json", "--quiet"])
      expect(stdout).toContain(flag);
  });

  it("says the version", async () => {
    expect(await runCommandLine(["--version"])).toBe(0);
    expect(stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  });
});

describe("list", () => {
  it.each(["scenarios", "rules"])("prints objects with an id as JSON: %s", async (what) => {
    expect(await runCommandLine(["list", what, "--json"])).toBe(0);
    const rows = JSON.parse(stdout) as { id: string }[];
    expect(rows.length).toBeGreaterThan(0);
    expect(rows.every(({ id }) => typeof id === "string")).toBe(true);
  });

  it("lists scenarios by default, each with the question that it answers", async () => {
    expect(await runCommandLine(["list"])).toBe(0);
    expect(stdout).toMatch(/^churn {2,}\S.*\?/);
  });

  it("says which rule a run does not judge", async () => {
    expect(await runCommandLine(["list", "rules", "--json"])).toBe(0);
    const rows = JSON.parse(stdout) as { id: string; judged: boolean }[];
    expect(rows.filter(({ judged }) => !judged).map(({ id }) => id)).toEqual(["sap/closing"]);
    stdout = "";
    expect(await runCommandLine(["list", "rules"])).toBe(0);
    expect(stdout.match(/^\S+\/\S+/gm)).toHaveLength(rows.length);
    const notes = stdout.replaceAll(/\s+/g, " ").match(/\(Judged by check, not by run\.\)/g);
    expect(notes).toHaveLength(rows.filter(({ judged }) => !judged).length);
  });

  it("prints the schema of scenario files as a JSON Schema", async () => {
    expect(await runCommandLine(["list", "schema"])).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ type: "object", properties: { topology: { type: "object" } } });
  });
});
