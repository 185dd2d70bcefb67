import { describe, expect, test } from "vitest";
import { LIVE_LIMITS } from "../../src/run/live-limits.js";
import { prepareScenario } from "../../src/modes/scenario-input.js";
import { inputRejectionOf } from "../support/input-errors.js";

/** Where a text is rejected, and why. */
async function rejectionOf(text: string, set: string[] = []): Promise<string> {
  const source = { text: `name: x\n${text}`, file: "my.yaml" };
  const { message, details } = await inputRejectionOf(prepareScenario(source, { set }, LIVE_LIMITS));
  const { line, column } = details.position ?? { line: 0, column: 0 };
  return `${line}:${column} ${message}`;
}

describe("a scenario that is too large for a live run", () => {
  test.each([
    [
      "topology: {machines: 1024, adaptersPerMachine: 65}",
      "2:48 topology.adaptersPerMachine: 66560 adapters of all machines are more than a live run's 65536",
    ],
    ["topology:\n  afs: 134217729", "3:8 topology.afs: 134217729 AFs are more than a live run's 134217728"],
  ])("is rejected where it says so: %s", async (text, message) => {
    expect(await rejectionOf(text)).toBe(message);
  });

  test("is laid to the flag that made it so", async () => {
    expect(await rejectionOf("topology: {machines: 1024}", ["topology.adaptersPerMachine=65"])).toBe(
      "0:0 --set topology.adaptersPerMachine=65: topology.adaptersPerMachine: 66560 adapters of all machines are more than a live run's 65536",
    );
  });

  test("is told first what is wrong with it for everybody", async () => {
    expect(await rejectionOf("topology: {machines: 1024, adaptersPerMachine: 65, afs: 1}")).toContain(
      "topology.afs: 1 AF for 1024",
    );
  });

  test("is right for a run", async () => {
    const { topology } = await prepareScenario({
      value: { name: "x", topology: { machines: 1024, adaptersPerMachine: 65 } },
    });
    expect(topology.adaptersPerMachine).toBe(65);
  });
});
