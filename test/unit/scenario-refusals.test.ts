import { describe, expect, test } from "vitest";
import { type Refusals, refusal } from "../../src/scenario/check.js";
import type { ScenarioOverrides } from "../../src/scenario/override.js";
import { resolveScenario } from "../../src/scenario/resolve.js";
import { inputRejectionOf } from "../support/input-errors.js";

/** What an imagined way to play scenarios cannot play. */
const REFUSALS: Refusals = {
  profiles: [refusal(["close", "serve"], ({ close }) => close.serve !== null, "there are no servers")],
  scenario: [refusal(["client", "wait"], ({ client }) => client.wait > 0, "nobody waits")],
  phases: [refusal(["halt"], ({ kind }) => kind === "halt", "nothing halts")],
  faults: [refusal(["kind"], ({ kind }) => kind !== "double-complete", "nobody makes this mistake")],
};

const SERVED = "close: {serve: {servers: 4, order: fifo}}";

async function refuse(text: string, overrides: ScenarioOverrides = {}) {
  const known = { faultIds: ["double-complete", "close-twice"], resultPaths: [], refusals: REFUSALS };
  const { message, details } = await inputRejectionOf(
    resolveScenario({ text: `name: x\n${text}`, file: "my.yaml" }, overrides, known),
  );
  const { line, column } = details.position ?? { line: 0, column: 0 };
  return `${line}:${column} ${message}`;
}

describe("what a way to play scenarios refuses", () => {
  test.each([
    [
      `callManager: {${SERVED}}`,
      '2:30 callManager.close.serve: there are no servers; here it is {"servers":4,"order":"fifo"}',
    ],
    [
      `callManager:\n- {}\n- {${SERVED}}`,
      '4:19 callManager.1.close.serve: there are no servers; here it is {"servers":4,"order":"fifo"}',
    ],
    ["client: {wait: 0.5}", "2:16 client.wait: nobody waits; here it is 0.5"],
    ["phases:\n- run: 5ms\n- {halt: {adapters: 0}}", '4:10 phases.1.halt: nothing halts; here it is {"adapters":0}'],
    [
      "faults:\n- {kind: double-complete, rate: 0.1}\n- {kind: close-twice, rate: 0.1}",
      '4:10 faults.1.kind: nobody makes this mistake; here it is "close-twice"',
    ],
  ])("is refused where it stands, with its value: %s", async (text, message) => {
    expect(await refuse(text)).toBe(message);
  });

  test("names every field, so that nobody finds them out one by one", async () => {
    const phases = `phases: [{run: 5ms}${", {halt: {adapters: 0}}".repeat(6)}]`;
    expect(await refuse(`client: {wait: 0.5}\n${phases}`)).toBe(
      "2:16 client.wait: nobody waits; here it is 0.5; " +
        "refused as well: phases.1.halt, phases.2.halt, phases.3.halt, phases.4.halt and 2 more",
    );
  });

  test("is laid to the flag that asked for it", async () => {
    expect(await refuse("client: {wait: 0}", { set: ["client.wait=0.25"] })).toBe(
      "0:0 --set client.wait=0.25: client.wait: nobody waits; here it is 0.25",
    );
  });

  test("comes after what is wrong with a scenario for everybody", async () => {
    expect(await refuse("client: {wait: 0.5}\ntopology: {afs: 1, machines: 2}")).toContain("topology.afs: 1 AF for 2");
  });
});
