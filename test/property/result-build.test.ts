import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { buildResult, type BuildInput, type RunTimes } from "../../src/result/build.js";
import { groupCounts } from "../../src/result/groups.js";
import type { Result } from "../../src/result/schema.js";
import { BY_RULE_PREFIX, resultPaths, resultValue } from "../../src/result/thresholds.js";
import { formatJson } from "../../src/report/json.js";
import type { Scenario, Threshold } from "../../src/scenario/scenario.js";
import { plainScenario } from "../support/plain-scenario.js";
import { TICK_NS, anyGrouping, anyMachines, shardedOutcomes, wholeOutcome } from "./measure-outcomes.js";

function scenario(thresholds: readonly Threshold[]): Scenario {
  return plainScenario({
    name: "tiny",
    description: "",
    seed: 7,
    tickNs: TICK_NS,
    topology: { machines: 5, adaptersPerMachine: 1, clientsPerAdapter: 3, afs: 50 },
    deadlines: { openNs: 1e9, closeNs: 1e9 },
    phases: [{ kind: "run", ns: 1e6 }],
    thresholds,
  });
}

const ONE_RUN: readonly RunTimes[] = [{ wallMs: 12, setupMs: 2, kernelMs: 10 }];

function build(
  outcomes: BuildInput["outcomes"],
  thresholds: readonly Threshold[] = [],
  runs: readonly RunTimes[] = ONE_RUN,
): Result {
  const plan = {
    scenario: scenario(thresholds),
    shards: [],
    memoryBytes: 2000,
    horizonTicks: 10_000,
    expectedEvents: 100,
    expectedTraceRecords: 0,
  };
  return buildResult({
    scenario: scenario(thresholds),
    describedScenario: { name: "tiny" },
    outcomes,
    plan,
    host: {
      runs,
      workers: 1,
      rssBytes: 1e8,
      node: "20.20.2",
      cpu: "a processor",
    },
    tool: { name: "condis-sim", version: "0.1.0" },
    partial: false,
    rule: (id) => ({ text: `What ${id} says.`, source: ["a-page"] }),
    histories: new Map(),
    command: "npx condis-sim run tiny",
    reproduce: ({ machine, slot }) => `npx condis-sim run tiny of ${machine}, ${slot}`,
  });
}

function withoutHost(result: Result): Record<string, unknown> {
  return { ...result, host: undefined };
}

/** The paths of all numbers of a value, lists left out. */
function numericPaths(value: unknown, path: string): string[] {
  if (typeof value === "number") return [path];
  if (typeof value !== "object" || value === null || Array.isArray(value)) return [];
  return Object.entries(value).flatMap(([key, member]) => numericPaths(member, path === "" ? key : `${path}.${key}`));
}

describe("a result", () => {
  it("is the same for every grouping of machines into shards, but for host", () => {
    fc.assert(
      fc.property(anyMachines, anyGrouping, (machines, grouping) => {
        const whole = withoutHost(build([wholeOutcome(machines)]));
        expect(withoutHost(build(shardedOutcomes(machines, grouping)))).toEqual(whole);
      }),
    );
  });

  it("has a number or null at every path that a threshold may name, and no other numbers", () => {
    const ofSeries = ["fromNs", "stepNs", "toNs"].map((field) => `series.${field}`);
    const otherNumbers = new Set(["schemaVersion", "seed", "ordering.windowCompletions", ...ofSeries]);
    const mayBeAbsent = /^(violations|warnings)\.byRule\.|^ordering\.perClient\.worst\.(machine|client)$/;
    fc.assert(
      fc.property(anyMachines, (machines) => {
        const result = build([wholeOutcome(machines)]);
        const found = numericPaths(withoutHost(result), "").filter(
          (path) => !otherNumbers.has(path) && !mayBeAbsent.test(path),
        );
        expect(found.filter((path) => !resultPaths.includes(path))).toEqual([]);
        expect(resultPaths.filter((path) => resultValue(result, path) === undefined)).toEqual([]);
      }),
    );
  });

  it("with closes, opens and windows has a number at each of these paths", () => {
    const isFull = ({ latency, ordering }: Result): boolean =>
      latency.close.count > 0 && latency.open.count > 0 && ordering.pairs > 0;
    const full = fc
      .sample(anyMachines, 200)
      .map((machines) => build([wholeOutcome(machines)]))
      .find(isFull);
    const found = numericPaths(full, "");
    expect(resultPaths.filter((path) => !found.includes(path))).toEqual([]);
  });

  it("adds up the peaks of its machines and converts ticks to nanoseconds", () => {
    fc.assert(
      fc.property(anyMachines, (machines) => {
        const { afs, totals, violations, warnings } = build([wholeOutcome(machines)]);
        expect(afs.peakOpen).toBe(machines.reduce((sum, machine) => sum + machine.openAtEnd + 1, 0));
        expect(totals.virtualNs).toBe(Math.max(...machines.map((machine) => machine.endTick)) * TICK_NS);
        expect(violations.total + warnings.total).toBe(
          machines.reduce((sum, machine) => sum + machine.violations.length, 0),
        );
        for (const first of [...violations.first, ...warnings.first]) {
          expect(first.af).toMatch(/^AF#\dv1$/);
          expect(first.timeNs % TICK_NS).toBe(0);
          expect(first.text).toBe(`What ${first.rule} says.`);
          expect(first.reproduce).toBe(`npx condis-sim run tiny of ${first.machine}, ${/\d+/.exec(first.af!)![0]}`);
        }
      }),
    );
  });

  it("shows the earliest violations, and where every rule was first broken", () => {
    fc.assert(
      fc.property(anyMachines, (machines) => {
        const { violations, warnings } = build([wholeOutcome(machines)]);
        expect(violations.first.length).toBeGreaterThanOrEqual(Math.min(20, violations.total));
        for (const { first, byRule } of [violations, warnings]) {
          expect([...new Set(first.map(({ rule }) => rule))].toSorted()).toEqual(Object.keys(byRule).toSorted());
          const places = first.map(({ timeNs, machine }) => timeNs * 10 + machine);
          expect(places).toEqual(places.toSorted((a, b) => a - b));
        }
        for (const rule of Object.keys(warnings.byRule)) {
          expect(warnings.first.filter((one) => one.rule === rule)).toHaveLength(1);
        }
      }),
    );
  });

  it("names the client whose completions came most out of order", () => {
    fc.assert(
      fc.property(anyMachines, (machines) => {
        const outcome = wholeOutcome(machines);
        const { clients, worst, medianReorderedRatio } = build([outcome]).ordering.perClient;
        const { clientCompletions, clientReordered } = outcome.ordering;
        const ratios = [...clientCompletions].map((count, at) => (count > 0 ? (clientReordered[at] ?? 0) / count : -1));
        expect(clients).toBe(ratios.filter((ratio) => ratio >= 0).length);
        const largest = Math.max(...ratios);
        const completions = Math.max(...clientCompletions.filter((_count, at) => ratios[at] === largest));
        const at = ratios.findIndex((ratio, index) => ratio === largest && clientCompletions[index] === completions);
        const expected = { machine: Math.floor(at / 3), client: at % 3, reorderedRatio: largest, completions };
        expect(worst).toEqual(largest < 0 ? null : expected);
        expect(medianReorderedRatio ?? 0).toBeLessThanOrEqual(worst?.reorderedRatio ?? 0);
      }),
    );
  });

  it("has the speed of the run of median speed, and all runs when there are several", () => {
    const outcome = Object.assign({}, wholeOutcome([]), { totals: { ...wholeOutcome([]).totals, events: 1000 } });
    const { host } = build(
      [outcome],
      [],
      [10, 40, 20].map((kernelMs) => ({ wallMs: kernelMs + 5, setupMs: 3, kernelMs })),
    );
    expect(host).toMatchObject({ wallMs: 25, setupMs: 3, eventsPerSecond: 50_000, nsPerEvent: 20_000, bytesPerAf: 40 });
    expect(host.runs?.map(({ eventsPerSecond }) => eventsPerSecond)).toEqual([100_000, 25_000, 50_000]);
    expect(build([outcome]).host).not.toHaveProperty("runs");
  });

  it("is partial when the caller or a shard says so", () => {
    const [machines] = fc.sample(anyMachines, { numRuns: 1, seed: 3 });
    const outcome = wholeOutcome(machines ?? []);
    expect(build([outcome])).not.toHaveProperty("partial");
    expect(build([{ ...outcome, complete: false }]).partial).toMatchObject({ shardsStarted: 1, shardsDone: 0 });
  });

  it("is printed as JSON that reads back the same, with the keys in one order", () => {
    fc.assert(
      fc.property(anyMachines, (machines) => {
        const result = build([wholeOutcome(machines)]);
        const json = formatJson(result);
        expect(JSON.parse(json)).toEqual(result);
        const shuffled = Object.fromEntries(Object.entries(result).reverse()) as unknown as Result;
        expect(formatJson(shuffled)).toBe(json);
      }),
    );
  });
});

describe("thresholds", () => {
  const machines = fc.sample(anyMachines, { numRuns: 1, seed: 5 })[0] ?? [];
  const threshold = (path: string, operator: Threshold["operator"], value: number): Threshold => ({
    text: `${path} ${operator} ${value}`,
    path,
    operator,
    value,
  });

  it("pass or miss as their operator says", () => {
    const outcome = wholeOutcome(machines);
    const { opens } = outcome.totals;
    const cases: readonly (readonly [Threshold["operator"], below: boolean, equal: boolean, above: boolean])[] = [
      ["<", false, false, true],
      ["<=", false, true, true],
      [">", true, false, false],
      [">=", true, true, false],
      ["==", false, true, false],
      ["!=", true, false, true],
    ];
    for (const [operator, ...passes] of cases) {
      const bounds = [opens - 1, opens, opens + 1].map((bound) => threshold("totals.opens", operator, bound));
      expect(build([outcome], bounds).thresholds.map(({ pass }) => pass)).toEqual(passes);
    }
  });

  it("may name a rule; one that was not broken counts 0", () => {
    const rule = threshold(`${BY_RULE_PREFIX.violations}vc/create`, "==", 0);
    expect(build([wholeOutcome(machines)], [rule]).thresholds).toEqual([{ text: rule.text, value: 0, pass: true }]);
  });

  it("are missed when nothing was measured", () => {
    const missing = threshold("latency.open.p99Ns", "<", 1e9);
    const silent = machines.map((machine) => Object.assign({}, machine, { opens: [] }));
    expect(build([wholeOutcome(silent)], [missing]).thresholds).toEqual([
      { text: missing.text, value: null, pass: false },
    ]);
  });
});

describe("groups of counts", () => {
  it("keep every count, in rising groups without overlap, at most 79 for a window of 4096", () => {
    const zeroIndex = 4095;
    fc.assert(
      fc.property(fc.array(fc.nat(2 * zeroIndex), { maxLength: 400 }), (indices) => {
        const counts = new Float64Array(2 * zeroIndex + 1);
        for (const index of indices) counts[index] = (counts[index] ?? 0) + 1;
        const groups = groupCounts(counts, zeroIndex);
        expect(groups.length).toBeLessThanOrEqual(79);
        groups.forEach(({ from, to, count }, at) => {
          const inside = indices.filter((index) => from <= index - zeroIndex && index - zeroIndex <= to);
          expect(count).toBe(inside.length);
          expect(from).toBeGreaterThan(groups[at - 1]?.to ?? -Infinity);
          expect(Math.min(Math.abs(from), Math.abs(to)) > 32 || from === to).toBe(true);
        });
        expect(groups.reduce((sum, { count }) => sum + count, 0)).toBe(indices.length);
      }),
    );
  });

  it("double in size beyond 32", () => {
    expect(groupCounts(new Float64Array(4096).fill(1), 0).slice(32, 36)).toEqual([
      { from: 32, to: 32, count: 1 },
      { from: 33, to: 64, count: 32 },
      { from: 65, to: 128, count: 64 },
      { from: 129, to: 256, count: 128 },
    ]);
  });
});
