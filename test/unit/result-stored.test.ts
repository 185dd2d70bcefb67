import { describe, expect, it } from "vitest";
import { InputError } from "../../src/scenario/input-error.js";
import { readStoredResult } from "../../src/result/stored.js";
import { CHURN, TOOL } from "../golden/compare-results.js";

const { host, ...WITHOUT_HOST } = CHURN;

function textOf(changes: object): string {
  return JSON.stringify({ ...CHURN, ...changes });
}

/** What stands in a file, and what is said of it. */
const BAD: readonly (readonly [title: string, text: string, message: RegExp])[] = [
  ["nothing", " \n", /^r\.json is empty$/],
  ["text", "name: churn\n", /^r\.json is not JSON: /],
  ["another kind of JSON", "[1, 2]", /^r\.json is no result of condis-sim: \[1,2\] is not an object$/],
  ["a JSON without a schema", '{"name": "churn"}', /^r\.json is no result .*: it has no schemaVersion/],
  ["a result that was cut off", textOf({}).slice(0, -40), /^r\.json is truncated: its JSON has no end$/],
  ["a result that was cut off behind a bracket", textOf({}).slice(0, textOf({}).indexOf("}") + 1), /is truncated/],
  ["JSON with a mistake", '{"schemaVersion": 1,, "mode": "run"}', /^r\.json is not JSON: /],
  [
    "a result of a later schema",
    textOf({ schemaVersion: 2, tool: { name: "condis-sim", version: "3.1.4" } }),
    /^r\.json has schemaVersion 2, written by condis-sim 3\.1\.4; this is 0\.2\.0, which reads schemaVersion 1$/,
  ],
  ["a schema that nobody wrote", textOf({ schemaVersion: 2, tool: null }), /does not say who wrote it/],
  ["a result without a tool", textOf({ tool: "condis-sim" }), /^r\.json is no whole result: tool is "condis-sim"$/],
  ["another mode", textOf({ mode: "walk" }), /mode is "walk", not run or live$/],
  ["no digest", textOf({ digest: undefined }), /digest is missing$/],
  ["a digest that is none", textOf({ digest: "xyz" }), /digest is "xyz", not 16 hexadecimal digits$/],
  ["a seed that is none", textOf({ seed: "one" }), /seed is "one", not a number of at least 0$/],
  ["a scenario without a name", textOf({ scenario: {} }), /scenario\.name is missing$/],
  ["no host", JSON.stringify(WITHOUT_HOST), /host is missing$/],
  ["no totals", textOf({ totals: undefined }), /totals is missing$/],
  ["a total that is none", textOf({ totals: { events: "many" } }), /totals\.events is "many", not a number/],
  [
    "a latency that is none",
    textOf({ latency: { close: { p99Ns: [] } } }),
    /latency\.close\.p99Ns is \[\], not a number/,
  ],
  [
    "counts of rules that are none",
    textOf({ violations: { byRule: { x: -1 }, first: [] } }),
    /violations\.byRule\.x is -1/,
  ],
  ["thresholds that are none", textOf({ thresholds: {} }), /thresholds is \{\}, not a list$/],
  ["no runs", textOf({ host: { ...host, runs: [] } }), /host\.runs has 0 runs, not 1 to 1000$/],
  ["a run that is none", textOf({ host: { ...host, runs: [3] } }), /host\.runs\.0 is 3, not an object$/],
  ["a time that is none", textOf({ host: { ...host, runs: [{}] } }), /host\.runs\.0\.nsPerEvent is missing$/],
  [
    "a number beyond all numbers",
    textOf({}).replace('"events":100517', '"events":1e999'),
    /totals\.events is Infinity, not a number/,
  ],
  ["a partial run that is none", textOf({ partial: true }), /partial is true, not an object$/],
  [
    "a scenario without a bottom",
    textOf({ scenario: 0 }).replace('"scenario":0', `"scenario":${"[".repeat(50_000)}${"]".repeat(50_000)}`),
    /^r\.json is no result of condis-sim: it nests deeper than 100$/,
  ],
];

describe("a result file", () => {
  it.each(BAD)("with %s is answered with one clear message", (_title, text, message) => {
    const read = (): unknown => readStoredResult(text, "r.json", TOOL);
    expect(read).toThrow(InputError);
    expect(read).toThrow(message);
  });

  it("is read back, what went in and the host's figures apart from what came out", () => {
    const result = readStoredResult(textOf({ partial: { done: 0.5 } }), "r.json", TOOL);
    expect(result).toMatchObject({ name: "churn", seed: 1, mode: "run", partialDone: 0.5, digest: CHURN.digest });
    expect(result.host.nsPerEvent).toEqual([22.9, 22.1, 22.3, 22.2, 22.6, 22.4]);
    expect(Object.keys(result.yielded)).toEqual([
      "digest",
      "totals",
      "afs",
      "latency",
      "ordering",
      "violations",
      "warnings",
      "thresholds",
    ]);
  });

  it("without --repeat has the times of its one run", () => {
    const { runs: _runs, ...single } = host;
    expect(readStoredResult(textOf({ host: single }), "r.json", TOOL).host.nsPerEvent).toEqual([22.3]);
  });

  it("may have fields that this version does not know", () => {
    const { yielded } = readStoredResult(textOf({ totals: { ...CHURN.totals, registrations: 3 } }), "r.json", TOOL);
    expect(yielded["totals"]).toHaveProperty("registrations", 3);
  });
});
