import { describe, expect, test } from "vitest";
import { parseScenario, TEXT_LENGTH_MAX } from "../../src/scenario/load.js";
import { resultPaths } from "../../src/result/thresholds.js";
import { resolveScenario } from "../../src/scenario/resolve.js";
import type { Scenario } from "../../src/scenario/scenario.js";
import { inputRejectionOf } from "../support/input-errors.js";

const options = { faultIds: ["double-complete", "lost-completion", "stale-close"], resultPaths };

function read(text: string): Promise<Scenario> {
  return resolveScenario({ text, file: "my.yaml" }, {}, options);
}

/** Line and column as `line:column`. */
async function placeOf(text: string): Promise<string> {
  const { position } = (await inputRejectionOf(read(text))).details;
  return `${position?.line}:${position?.column}`;
}

describe("the text of a scenario", () => {
  test.each([
    ["an empty text", "", "empty", "1:1"],
    ["comments alone", "# nothing\n", "empty", "1:1"],
    ["a single word", "churn", "mapping", "1:1"],
    ["a list", "- name: x", "mapping", "1:1"],
    ["an open bracket", "name: [", "malformed YAML", "1:8"],
    ["a tab as indentation", "topology:\n\tafs: 1", "malformed YAML", "2:1"],
    ["JSON cut short", '{"name": "x",\n "seed": ', "malformed YAML", "2:10"],
    ["a field given twice", "name: x\nseed: 1\nseed: 2", "given twice", "3:1"],
    ["a second document", "name: x\n---\nname: y", "one document", "2:1"],
    ["a tag", "name: !danger x", "malformed YAML", "1:7"],
    ["a list as a field's name", "? [a]\n: b", "must be a word", "1:3"],
    ["an anchor that is nowhere", "name: *a", "cannot be read", "1:1"],
    ["an anchor that holds itself", "name: &a {b: *a}", "reference to itself", "1:1"],
  ])("%s is refused where it stands", async (_, text, message, place) => {
    expect((await inputRejectionOf(read(text))).message).toContain(message);
    expect(await placeOf(text)).toBe(place);
  });

  test("references that multiply are refused before they are followed", async () => {
    const levels = Array.from({ length: 9 }, (_, n) => `l${n + 1}: &l${n + 1} [${`*l${n},`.repeat(9)}]`);
    const { message } = await inputRejectionOf(read(`l0: &l0 [x]\n${levels.join("\n")}`));
    expect(message).toContain("cannot be read");
  });

  const many = 150_000;
  test.each([
    ["brackets", `name: ${"[".repeat(many)}`, "1:107"],
    ["mappings in a line", `name:\n  ${"{a: ".repeat(many)}`, "2:403"],
    ["lists in a line", "- ".repeat(many), "1:201"],
    ["keys in a line", "? ".repeat(many), "1:201"],
    ["values in a line", "a: ".repeat(many), "1:302"],
    ["indentation", Array.from({ length: 600 }, (_, depth) => `${" ".repeat(depth)}a:\n`).join(""), "102:1"],
  ])("a text nested deep by %s is refused where it gets too deep", async (_, text, place) => {
    expect((await inputRejectionOf(read(text))).message).toContain("nested too deeply");
    expect(await placeOf(text)).toBe(place);
  });

  test("brackets inside texts and comments, and long lines, are no nesting", async () => {
    const brackets = "[".repeat(300);
    const text = `name: x # ${brackets}\ndescription: "${brackets}"\nfaults: [${"{kind: double-complete, rate: 0}, ".repeat(32)}]`;
    expect((await read(text)).faults).toHaveLength(32);
  });

  test("a text longer than a scenario can be is refused unread", async () => {
    expect((await inputRejectionOf(read("x".repeat(TEXT_LENGTH_MAX + 1)))).message).toContain("too long");
  });

  test("JSON with tabs is read like YAML", async () => {
    expect(await read('{\n\t"name": "x",\n\t"seed": 7\n}')).toEqual(await read("name: x\nseed: 7"));
  });

  test("an anchor may be used again", async () => {
    const { client } = await read("name: x\nclient: {hold: &t {exponential: 5ms}, think: *t}");
    expect(client.think).toEqual(client.hold);
  });

  test("positions follow anchors and lists, and stop at the last part that exists", async () => {
    const { positionOf } = await parseScenario("a: &x {b: 1}\nc: *x\nd:\n  - e: 2", "my.yaml");
    expect(positionOf(["c", "b"], "value")).toMatchObject({ line: 1, column: 11 });
    expect(positionOf(["d", 0, "e"], "name")).toMatchObject({ line: 4, column: 5 });
    expect(positionOf(["d", 0, "f", "g"], "value")).toMatchObject({ line: 4, column: 5 });
  });
});

describe("the fields of a scenario", () => {
  test.each([
    ["nam: x", "unknown field", "name", "1:1"],
    ["seed: 1", "name: this field is required", undefined, "1:1"],
    ["name: x\ntopology: {afz: 1}", "topology.afz: unknown field", "topology.afs", "2:12"],
    ["name: x\nafs: 1M", "afs: unknown field", "topology.afs", "2:1"],
    ["name: x\narrivals: {poisson: 1/s}", "arrivals: unknown field", "client.arrivals", "2:1"],
    ["name: x\nzzz: 1", "known here: name, description", undefined, "2:1"],
    ["name: x\n__proto__: {seed: 1}", "unknown field", undefined, "2:1"],
    [
      "name: x\ntopology:",
      "expected a mapping (fields: machines, adaptersPerMachine, clientsPerAdapter, afs), not nothing",
      undefined,
      "2:10",
    ],
    ["name: 5", "expected text, not 5", undefined, "1:7"],
    ["name: x\nseed: 9007199254740993", "too large", undefined, "2:7"],
    ["name: x\ntopology: {afs: 0}", "too small", undefined, "2:17"],
    ["name: x\ntopology: {afs: 1m}", "not a count", "1M", "2:17"],
    ["name: x\ntopology: {machines: 5000}", "at most 4096", undefined, "2:22"],
    ["name: x\ntopology: {adaptersPerMachine: 65537}", "at most 65536", undefined, "2:32"],
    ["name: x\ntick: 5ns", "from 10ns to 1ms", undefined, "2:7"],
    ["name: x\nprocessors: {dpcBudget: 0}", "at least 1", undefined, "2:25"],
    ["name: x\ncallManager: 5", "a call manager or a list", undefined, "2:14"],
    ["name: x\ncallManager: {kind: mcn}", "not one of: mcm, standalone", "mcm", "2:21"],
    ["name: x\ncallManager: [{}, {clos: {}}]", "callManager.1.clos: unknown field", "callManager.1.close", "2:20"],
    ["name: x\ncallManager: {close: {pend: 2}}", "from 0 to 1", undefined, "2:29"],
    ["name: x\ncallManager: {close: {pend: half}}", 'from 0 to 1, not "half"', undefined, "2:29"],
    ["name: x\ncallManager: {close: {pend: .nan}}", "from 0 to 1, not NaN", undefined, "2:29"],
    ["name: x\ncallManager: {close: {serve: {}}}", "serve.servers: this field is required", undefined, "2:30"],
    ["name: x\ncallManager: {close: {serve: {servers: 0}}}", "at least 1", undefined, "2:40"],
    ["name: x\ncallManager: {close: {coalesce: {count: 0}}}", "at least 1", undefined, "2:41"],
    ["name: x\nclient: {hold: 1ms}", "expected a mapping", undefined, "2:16"],
    ["name: x\nclient: {hold: {}}", "exactly one of constant, uniform", undefined, "2:16"],
    ["name: x\nclient: {hold: {constant: 0, exponential: 1ms}}", "constant and exponential", undefined, "2:16"],
    ["name: x\nclient: {hold: {expo: 1ms}}", "unknown field", "client.hold.exponential", "2:17"],
    ["name: x\nclient: {hold: {exponential: 0}}", "more than 0", undefined, "2:30"],
    ["name: x\nclient: {hold: {exponential: 5}}", "needs a unit", "5ms", "2:30"],
    ["name: x\nclient: {hold: {lognormal: {mean: 1ms, sigma: 6}}}", "from 0 to 5", undefined, "2:47"],
    ["name: x\nclient: {hold: {pareto: {min: 1ms, alpha: 0}}}", "out of range", undefined, "2:43"],
    ["name: x\nclient: {hold: {empirical: [[0, 1ms], [1]]}}", "[probability, time]", undefined, "2:39"],
    ["name: x\nclient: {reopen: yes}", "expected true or false", "true", "2:18"],
    ["name: x\nclient: {arrivals: {poisson: 2M}}", "not a rate", "2M/s", "2:30"],
    ["name: x\nclient: {arrivals: {poisson: 0/s}}", "above 0", undefined, "2:30"],
    ["name: x\ncallManager: {open: {fail: 1.5}}", "from 0 to 1", undefined, "2:28"],
    ["name: x\nclient: {wait: true}", "from 0 to 1, not true", undefined, "2:16"],
    ["name: x\nclient: {outstanding: {vcs: 32}}", "too large: at most 31", undefined, "2:29"],
    ["name: x\nclient: {outstanding: {vcs: 2.5}}", "2.5 is not a whole number", undefined, "2:29"],
    ["name: x\nclient: {outstanding: {saps: {constant: 1.5}}}", "1.5 is not a whole number", undefined, "2:41"],
    ["name: x\nclient: {outstanding: {saps: {poisson: 9}}}", "out of range: from 0 to 8", undefined, "2:40"],
    ["name: x\nclient: {outstanding: {saps: {}}}", "exactly one of constant, poisson", undefined, "2:30"],
    ["name: x\nclient: {outstanding: {saps: [1]}}", "expected a number, {constant: number} or", undefined, "2:30"],
    ["name: x\nclient: {outstanding: {parcels: 1}}", "known here: vcs, saps", undefined, "2:24"],
    ["name: x\nclient: {objects: {calls: 32}}", "too large: at most 31", undefined, "2:27"],
    ["name: x\nclient: {objects: {incoming: 1}}", "client.objects.saps must be 1 at least", undefined, "2:30"],
    ["name: x\nclient: {objects: {saps: 1}, outstanding: {vcs: 1}}", "given once", undefined, "2:19"],
    ["name: x\nclient: {objects: {saps: 31}}\ntopology: {machines: 1, afs: 100M}", "too many", undefined, "2:19"],
    ["name: x\nphases: {run: 1ms}", "expected a list", undefined, "2:9"],
    ["name: x\nphases: [run]", "expected a mapping", undefined, "2:10"],
    ["name: x\nphases: [{rum: 1ms}]", "unknown field", "phases.0.run", "2:11"],
    ["name: x\nphases: [{halt: {adapters: [5-3]}}, {run: 1ms}]", "rising range", undefined, "2:29"],
    ["name: x\nphases: [{unbind: {clients: 5-3}}, {run: 1ms}]", "neither a client number nor", undefined, "2:29"],
    ["name: x\nphases: [{bind: {clients: {}}}, {run: 1ms}]", "expected clients: 5,", undefined, "2:27"],
    ["name: x\nfaults: [{kind: double-complete, of: cn, rate: 0}]", "not one of: client, cm", "cm", "2:38"],
    ["name: x\nfaults: [{kind: double-complete, rate: 2}]", "from 0 to 1", undefined, "2:40"],
    [
      `name: x\nfaults: [${"{kind: stale-close, rate: 0}, ".repeat(97)}]`,
      "too many faults: at most 96",
      undefined,
      "2:9",
    ],
    [
      "name: x\nfaults: [{kind: double-complete, of: client, rate: 0}]",
      "a mistake of the call manager, not of the client",
      "cm",
      "2:38",
    ],
    [
      "name: x\nfaults: [{kind: stale-close, rate: 0, of: cm}]",
      "a mistake of the client, not of the call manager",
      "client",
      "2:43",
    ],
    ["name: x\nthresholds: [violation.total == 0]", "no field", "violations.total", "2:14"],
    ["name: x\nclient: {hold: 5ms}", "expected a mapping (fields: constant, uniform,", undefined, "2:16"],
    [
      "name: x\ncallManager: [mcm]",
      "expected a mapping (fields: kind, weight, irql, open, close, teardown, notify, objects, habit)",
      undefined,
      "2:15",
    ],
    ["name: x\nthresholds: [5]", "expected a threshold", undefined, "2:14"],
    ["name: x\nthresholds:\n  - totals.evnts > 0", "no field", "totals.events", "3:5"],
    ["name: x\nthresholds: [host.wallMs < 100]", "from computer to computer", undefined, "2:14"],
  ])("%j is refused: %s", async (text, message, suggestion, place) => {
    const error = await inputRejectionOf(read(text));
    expect(error.message).toContain(message);
    expect(error.details.suggestion).toBe(suggestion);
    expect(await placeOf(text)).toBe(place);
  });
});

describe("the checks across fields", () => {
  test.each([
    ["topology: {machines: 8, afs: 7}", "each needs one at least; 7 machines would do", "2:30"],
    ["topology: {machines: 1, afs: 200M}", "2 machines would do", "2:30"],
    ["topology: {adaptersPerMachine: 65536, clientsPerAdapter: 1000}", "clients a machine", "2:58"],
    ["processors: {completionCost: 150ns}", "150ns is not a multiple of the tick, 100ns", "2:30"],
    ["client: {hold: {constant: 1.05us}}", "1.05us is not a multiple of the tick", "2:27"],
    ["callManager: {close: {coalesce: {count: 2, timer: 50ns}}}", "not a multiple", "2:51"],
    ["callManager: {teardown: {service: {constant: 50ns}}}", "not a multiple", "2:46"],
    ["callManager: {close: {coalesce: {count: 2, timer: 1000s}}}", "longer than virtual time", "2:51"],
    ["deadlines: {close: 10ns}", "shorter than a tick", "2:20"],
    ["deadlines: {open: 1000s}", "at most 429.4967295s, 2^32 - 1 ticks", "2:19"],
    ["callManager: []", "at least one call manager profile", "2:14"],
    ["phases: []", "at least one phase", "2:9"],
    ["phases: [{drain: 1ms}]", "at least one run phase", "2:9"],
    ["phases: [{run: 1ms}, {warmup: 1ms}]", "throw away", "2:9"],
    ["phases: [{run: 0}]", "length 0", "2:10"],
    ["phases: [{run: 150ns}]", "not a multiple of the tick", "2:10"],
    ["phases: [{run: 400s}, {drain: 400s}]", "a tick of 1us would do", "2:9"],
    ["phases: [{run: 1ms}, {halt: {adapters: []}}]", "at least one adapter", "2:40"],
    ["phases: [{run: 1ms}, {halt: {adapters: 0-64}}]", "there is no adapter 64", "2:40"],
    ["phases: [{run: 1ms}, {unbind: {adapters: 64}}]", "there is no adapter 64", "2:42"],
    ["phases: [{run: 1ms}, {bind: {adapters: []}}]", "a bind needs at least one adapter", "2:40"],
    ["phases: [{run: 1ms}, {unbind: {clients: []}}]", "an unbind needs at least one client", "2:41"],
    ["client: {hold: {uniform: {from: 2ms, to: 1ms}}}", "runs backwards", "2:26"],
    ["client: {hold: {empirical: [[0, 1ms]]}}", "at least two points", "2:28"],
    ["client: {hold: {empirical: [[0, 1ms], [0.9, 2ms]]}}", "the last of probability 1", "2:28"],
    ["client: {hold: {empirical: [[0, 1us], [0.5, 2us], [0.5, 3us], [1, 4us]]}}", "must rise", "2:28"],
    ["client: {hold: {empirical: [[0, 2ms], [1, 1ms]]}}", "must not fall", "2:28"],
    ["client: {reopen: true, arrivals: {poisson: 1k/s}}", "leave one of them out", "2:18"],
    ["client: {arrivals: {poisson: 900G/s}}", "arrivals in a tick", "2:20"],
    ["client: {hold: {constant: 0}}\ncallManager: {close: {pend: 0}}", "less than a tick", "2:16"],
    ["faults: [{kind: double-complet, rate: 0.1}]", "there is no fault", "2:17"],
    ["faults: [{kind: double-complete}]", "neither is there", "2:10"],
    ["faults: [{kind: double-complete, rate: 0.1, at: [1]}]", "not both", "2:40"],
    ["faults: [{kind: double-complete, at: [5, 1M]}]", "there is no AF 1000000", "2:38"],
  ])("%j is refused: %s", async (fields, message, place) => {
    const text = `name: x\n${fields}`;
    expect((await inputRejectionOf(read(text))).message).toContain(message);
    expect(await placeOf(text)).toBe(place);
  });

  test.each([
    "topology: {machines: 8, afs: 8}",
    "topology: {machines: 1, afs: 134217728}",
    "tick: 10ns\nphases: [{run: 42.94967295s}]",
    "deadlines: {close: 100ns}",
    "phases: [{halt: {adapters: 63}}, {run: 100ns}]",
    "client: {hold: {pareto: {min: 1000000s, alpha: 0.01}}}",
    "client: {hold: {empirical: [[0, 1ms], [1, 1ms]]}}",
    "client: {hold: {constant: 0}, reopen: false}\ncallManager: {close: {pend: 0}}",
    "phases: [{run: 1ms}, {unbind: {adapters: 3, clients: [0, 7-99]}}, {run: 1ms}, {bind: {}}]",
    "client: {outstanding: {vcs: {poisson: 0}, saps: 0}}",
    "client: {outstanding: {vcs: {poisson: 8}, saps: {constant: 31}}}",
    "client: {hold: {constant: 0}, outstanding: {saps: 1}}\ncallManager: {close: {pend: 0}}",
    "callManager: {close: {pend: 0, service: {pareto: {min: 1us, alpha: 0.5}}}}",
    "faults: [{kind: lost-completion, at: [999999], of: cm}]",
  ])("the edge %j is accepted", async (fields) => {
    await expect(read(`name: x\n${fields}`)).resolves.toMatchObject({ name: "x" });
  });
});

describe("a scenario that gives only its name", () => {
  test("is the yardstick: churn in all but name and description", async () => {
    const { name: _, description: __, ...churn } = await resolveScenario({ name: "churn" }, {}, options);
    expect(await read("name: x")).toEqual({ name: "x", description: "", ...churn });
  });
});

describe("forms of a field", () => {
  test.each([
    ["5", [{ from: 5, to: 5 }]],
    ['"0-31"', [{ from: 0, to: 31 }]],
    [
      '[0, "4-7"]',
      [
        { from: 0, to: 0 },
        { from: 4, to: 7 },
      ],
    ],
    ["all", [{ from: 0, to: 63 }]],
    [
      "[7, 3-4, 4-6, 0]",
      [
        { from: 0, to: 0 },
        { from: 3, to: 7 },
      ],
    ],
  ])("halted adapters written %s are %j", async (adapters, ranges) => {
    const { phases } = await read(`name: x\nphases: [{run: 1ms}, {halt: {adapters: ${adapters}}}]`);
    expect(phases[1]).toEqual({ kind: "halt", adapters: ranges });
  });

  test("arrivals switch reopening off", async () => {
    const { client, arrivals } = await read("name: x\nclient: {arrivals: {poisson: 2M/s}}");
    expect(arrivals).toEqual({ kind: "poisson", perSecond: 2_000_000 });
    expect(client.reopen).toBe(false);
  });

  test("a fault says whose mistake it is only when the scenario does", async () => {
    const { faults } = await read(
      "name: x\nfaults: [{kind: double-complete, rate: 1e-6}, {kind: double-complete, at: [1], of: cm}]",
    );
    expect(faults).toEqual([
      { kind: "double-complete", rate: 1e-6, at: null },
      { kind: "double-complete", rate: null, at: [1], of: "cm" },
    ]);
  });
});
