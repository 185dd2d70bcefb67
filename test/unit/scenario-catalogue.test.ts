import { lengthNs } from "../../src/scenario/phases.js";
import { describe, expect, test } from "vitest";
import * as z from "zod";
import { faults } from "../../src/contract/faults.js";
import { catalogueNames, catalogueScenario } from "../../src/scenario/catalogue.js";
import { describeScenario } from "../../src/scenario/describe.js";
import { InputError } from "../../src/scenario/input-error.js";
import { resultPaths } from "../../src/result/thresholds.js";
import { resolveScenario } from "../../src/scenario/resolve.js";
import { ALTERNATIVES, scenarioJsonSchema } from "../../src/scenario/schema.js";

const options = { faultIds: faults.map(({ id }) => id), resultPaths };

describe("the catalogue", () => {
  test("holds the scenarios of the design, churn first", () => {
    expect(catalogueNames).toEqual([
      "churn",
      "close-storm",
      "slow-call-manager",
      "lifo-starvation",
      "inline-race",
      "coalesced",
      "mixed-managers",
      "rebind",
      "outstanding-work",
      "waiting-clients",
      "batch-halt",
      "refused-closes",
      "one-af",
      "held-lock",
      "faulty-drivers",
      "calls-and-parties",
      "faulty-calls",
    ]);
  });

  test.each(catalogueNames)("%s resolves, and asks one question in a line", async (name) => {
    const scenario = await resolveScenario({ name }, {}, options);
    expect(scenario.name).toBe(name);
    expect(scenario.description.match(/\?/g)).toHaveLength(1);
    expect(scenario.faults.length > 0).toBe(["held-lock", "faulty-drivers", "faulty-calls"].includes(name));
  });

  test.each(catalogueNames)("%s also runs small: a thousand AFs, one machine, 10 ms", async (name) => {
    const small = { afs: "1k", machines: "1", duration: "10ms" };
    await expect(resolveScenario({ name }, small, options)).resolves.toMatchObject({
      topology: { afs: 1000, machines: 1 },
    });
  });

  test.each(catalogueNames.filter((name) => name !== "slow-call-manager"))(
    "%s ends before a deadline can pass, so that no close is overdue",
    async (name) => {
      const { phases, deadlines } = await resolveScenario({ name }, {}, options);
      const totalNs = phases.reduce((sum, phase) => sum + lengthNs(phase), 0);
      expect(totalNs).toBeLessThan(deadlines.closeNs);
    },
  );

  test("slow-call-manager lasts longer than its deadline, and says which rule it breaks", async () => {
    const { phases, deadlines, description } = await resolveScenario({ name: "slow-call-manager" }, {}, options);
    const run = phases.find((phase) => phase.kind === "run");
    expect(run?.ns).toBeGreaterThan(deadlines.closeNs);
    expect(description).toContain("close/owed");
  });

  test("churn is the yardstick of the design", async () => {
    expect(await resolveScenario({ name: "churn" }, {}, options)).toMatchObject({
      tickNs: 100,
      processors: { completionCostNs: 0 },
      callManagers: [
        {
          open: { pend: 0 },
          close: { pend: 1, inline: 0, service: { kind: "exponential", meanNs: 1e6 }, serve: null, coalesce: null },
        },
      ],
      client: { hold: { kind: "exponential", meanNs: 1e6 }, think: { kind: "constant", ns: 0 }, reopen: true },
      arrivals: null,
      phases: [{ kind: "run", ns: 50e6 }],
    });
  });

  test("an unknown name is refused with the nearest one", () => {
    const attempt = (name: string) => {
      try {
        return catalogueScenario(name);
      } catch (error) {
        if (error instanceof InputError) return error.details.suggestion;
        throw error;
      }
    };
    expect(attempt("chrun")).toBe("churn");
    expect(attempt("close-strom")).toBe("close-storm");
    expect(attempt("banana")).toBeUndefined();
    expect(attempt("constructor")).toBeUndefined();
  });
});

describe("the JSON Schema", () => {
  const schema = z.fromJSONSchema(scenarioJsonSchema());

  test.each(catalogueNames)("admits %s, as built in and as described", async (name) => {
    expect(schema.safeParse(catalogueScenario(name)).error).toBeUndefined();
    const described = describeScenario(await resolveScenario({ name }, {}, options));
    expect(schema.safeParse(described).error).toBeUndefined();
  });

  test.each([
    {},
    { name: "x", afs: 5 },
    { name: "x", tick: 100 },
    { name: "x", tick: "100" },
    { name: "x", topology: { afs: "1Q" } },
    { name: "x", client: { hold: { exp: "1ms" } } },
    { name: "x", client: { reopen: "yes" } },
    { name: "x", callManager: { kind: "mcn" } },
    { name: "x", callManager: { close: { pend: 2 } } },
  ])("refuses %j", (input) => {
    expect(schema.safeParse(input).success).toBe(false);
  });

  test("describes every field of the scenario itself", () => {
    const { properties, required } = scenarioJsonSchema() as { properties: Record<string, object>; required: string[] };
    expect(required).toEqual(["name"]);
    for (const field of Object.values(properties)) expect(field).toHaveProperty("description");
  });

  test("knows each field that takes another's place when it is set", () => {
    const text = JSON.stringify(scenarioJsonSchema());
    for (const field of ALTERNATIVES.flat()) expect(text).toContain(`"${field}":{`);
  });
});
