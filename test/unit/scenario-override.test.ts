import { describe, expect, test } from "vitest";
import type { ScenarioOverrides } from "../../src/scenario/override.js";
import { resultPaths } from "../../src/result/thresholds.js";
import { resolveScenario } from "../../src/scenario/resolve.js";
import type { Scenario } from "../../src/scenario/scenario.js";
import { inputRejectionOf } from "../support/input-errors.js";

const options = { faultIds: ["double-complete"], resultPaths };

function read(overrides: ScenarioOverrides, fields = ""): Promise<Scenario> {
  return resolveScenario({ text: `name: x\n${fields}`, file: "my.yaml" }, overrides, options);
}

describe("--set", () => {
  test("sets a field of which the file says nothing, the defaults around it staying", async () => {
    const changed = await read({ set: ["callManager.close.pend=0.5"] });
    const plain = await read({});
    expect(changed.callManagers[0]?.close).toEqual({ ...plain.callManagers[0]?.close, pend: 0.5 });
  });

  test("reads its value as YAML", async () => {
    const { client } = await read({ set: ["client.hold={uniform: {from: 1ms, to: 2ms}}"] });
    expect(client.hold).toEqual({ kind: "uniform", fromNs: 1e6, toNs: 2e6 });
  });

  test("another kind of distribution takes the place of the one in the file", async () => {
    const { client } = await read({ set: ["client.hold.constant=5ms"] }, "client: {hold: {exponential: 1ms}}");
    expect(client.hold).toEqual({ kind: "constant", ns: 5e6 });
  });

  test("one part of a distribution leaves the others", async () => {
    const { client } = await read(
      { set: ["client.hold.uniform.to=9ms"] },
      "client: {hold: {uniform: {from: 1ms, to: 2ms}}}",
    );
    expect(client.hold).toEqual({ kind: "uniform", fromNs: 1e6, toNs: 9e6 });
  });

  test("of two that set a field, the one that counts is blamed", async () => {
    const { message } = await inputRejectionOf(read({ set: ["seed=2", "seed=few"] }));
    expect(message).toContain("--set seed=few: ");
  });

  test("takes list indices, one beyond the end adds an element, and the default phases are a list too", async () => {
    const { phases } = await read({ set: ["phases.0.run=3ms", "phases.1.drain=7ms"] });
    expect(phases).toEqual([
      { kind: "run", ns: 3e6 },
      { kind: "drain", ns: 7e6 },
    ]);
  });

  test("null takes away what a scenario has", async () => {
    const scenario = await resolveScenario(
      { name: "lifo-starvation" },
      { set: ["callManager.close.serve=null"] },
      options,
    );
    expect(scenario.callManagers[0]?.close.serve).toBeNull();
  });

  test("changes nothing but its own field where an anchor is used twice", async () => {
    const { client } = await read(
      { set: ["client.think.exponential=1ms"] },
      "client: {hold: &t {exponential: 5ms}, think: *t}",
    );
    expect(client.hold).toEqual({ kind: "exponential", meanNs: 5e6 });
    expect(client.think).toEqual({ kind: "exponential", meanNs: 1e6 });
  });

  test("leaves the catalogue as it is", async () => {
    const before = await resolveScenario({ name: "churn" }, {}, options);
    await resolveScenario({ name: "churn" }, { set: ["topology.afs=1k", "phases.0.run=1ms"], seed: "9" }, options);
    expect(await resolveScenario({ name: "churn" }, {}, options)).toEqual(before);
  });

  test("the later of two wins", async () => {
    expect((await read({ set: ["seed=2", "seed=3"] })).seed).toBe(3);
  });

  test.each([
    ["foo", "expected path=value", undefined],
    ["=5", "expected path=value", undefined],
    ["a..b=5", "expected path=value", undefined],
    ["topologi.afs=5k", "unknown field", "topology.afs"],
    ["topology.afz=5k", "unknown field", "topology.afs"],
    ["afs=5k", "unknown field", "topology.afs"],
    ["__proto__.seed=5", "unknown field", undefined],
    ["topology.afs=many", "not a count", undefined],
    ["topology.afs=4", "4 AFs for 8 machines", undefined],
    ["topology.afs.more=4", "expected a count", undefined],
    ["seed.more=4", "seed is 1, which has no field", undefined],
    ["client.hold={", "malformed YAML", undefined],
    ["phases.9.run=1ms", "a list", undefined],
    ["phases.first=1ms", "a list", undefined],
    ["phases.1.halt.adapters=64", "there is no adapter 64", "all"],
    ["faults.0.kind=double-complet", "faults.0.kind", "double-complete"],
    ["faults.0.rate=0.5", "faults.0.kind: this field is required", undefined],
    ["thresholds.0=total.events > 1", "no field", "totals.events"],
    ["phases.0.run=1000s", "a tick of 1us would do", undefined],
    ["tick=1us", "not a multiple of the tick", undefined],
  ])("%s is refused: %s", async (assignment, message, suggestion) => {
    const error = await inputRejectionOf(read({ set: [assignment] }, "processors: {completionCost: 200ns}\nseed: 1"));
    expect(error.message).toContain(`--set ${assignment}: `);
    expect(error.message).toContain(message);
    expect(error.details.suggestion).toBe(suggestion);
    expect(error.details.position).toBeUndefined();
  });
});

describe("--afs, --machines and --seed", () => {
  test("set their fields, and come after --set", async () => {
    const { topology, seed } = await read({ afs: "2k", machines: "4", seed: "77", set: ["topology.afs=5"] });
    expect(topology).toMatchObject({ afs: 2000, machines: 4 });
    expect(seed).toBe(77);
  });

  test.each([
    [{ afs: "4" }, "--afs 4: "],
    [{ afs: "1Z" }, "--afs 1Z: "],
    [{ afs: "0" }, "--afs 0: "],
    [{ machines: "5000" }, "--machines 5000: "],
    [{ machines: "4000", set: ["topology.afs=100"] }, "--set topology.afs=100: "],
    [{ seed: "-1" }, "--seed -1: "],
  ])("%j is refused by name", async (overrides, flag) => {
    expect((await inputRejectionOf(read(overrides))).message.startsWith(flag)).toBe(true);
  });

  test("a machine count too large for the file's AFs is named as the culprit, not the file", async () => {
    const { message, details } = await inputRejectionOf(read({ machines: "8" }, "topology: {machines: 2, afs: 4}"));
    expect(message).toContain("--machines 8: ");
    expect(details.position).toBeUndefined();
  });

  test("a halt of adapters that fewer machines no longer have names the flag", async () => {
    const fields = "phases: [{run: 1ms}, {halt: {adapters: 0-63}}]";
    expect((await inputRejectionOf(read({ machines: "1" }, fields))).message).toContain("--machines 1: ");
  });
});

describe("--duration", () => {
  const runNs = ({ phases }: Scenario) => phases.map((phase) => (phase.kind === "run" ? phase.ns : null));

  test("is the length of the run phase and leaves the other phases", async () => {
    const { phases } = await read({ duration: "10ms" }, "phases: [{warmup: 1ms}, {run: 7ms}, {drain: 2ms}]");
    expect(phases).toEqual([
      { kind: "warmup", ns: 1e6 },
      { kind: "run", ns: 1e7 },
      { kind: "drain", ns: 2e6 },
    ]);
  });

  test("scales several run phases in proportion, in whole ticks that add up", async () => {
    const fields = "phases: [{run: 1ms}, {halt: {}}, {run: 1ms}, {run: 1ms}]";
    expect(runNs(await read({ duration: "1us" }, fields))).toEqual([300, null, 300, 400]);
    expect(runNs(await read({ duration: "30ms" }, fields))).toEqual([1e7, null, 1e7, 1e7]);
  });

  test("is refused where it leaves less than a tick for a short run phase", async () => {
    const { message } = await inputRejectionOf(read({ duration: "1us" }, "phases: [{run: 100ns}, {run: 1s}]"));
    expect(message).toContain("--duration 1us: a run phase would be shorter than a tick");
  });

  test.each([
    ["soon", "not a duration"],
    ["5", "needs a unit"],
    ["0", "too short"],
    ["200ns", "too short for a tick in each of 3 run phases"],
    ["150ns", "not a multiple of the tick"],
    ["1000s", "a tick of 1us would do"],
  ])("%s is refused: %s", async (duration, message) => {
    const error = await inputRejectionOf(read({ duration }, "phases: [{run: 1ms}, {run: 1ms}, {run: 1ms}]"));
    expect(error.message).toContain("--duration");
    expect(error.message).toContain(message);
  });

  test("is not blamed for what is wrong at any duration", async () => {
    const error = await inputRejectionOf(read({ duration: "1ms" }, "phases: [{run: 1s}, {halt: {adapters: 4096}}]"));
    expect(error.message).toMatch(/^phases\.1\.halt\.adapters: there is no adapter 4096/);
    expect(error.details.position).toMatchObject({ line: 2 });
  });
});
