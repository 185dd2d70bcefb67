import { describe, expect, it } from "vitest";
import { runScenario } from "../../dist/src/index.js";
import { runJson } from "../support/cli.js";

const SMALL = { afs: "2k", duration: "5ms" };

describe("runScenario", () => {
  it("gives what the command line gives", async () => {
    const { host: _host, ...result } = await runScenario("churn", { overrides: SMALL, workers: 1 });
    const { host: _other, ...fromCommand } = await runJson(["run", "churn", "--afs", "2k", "--duration", "5ms"]);
    expect(result).toEqual(fromCommand);
  });

  it("takes a scenario's text or its content", async () => {
    const text = "name: tiny\ntopology: {machines: 1, afs: 10}\nphases: [{run: 1ms}]\n";
    const value = { name: "tiny", topology: { machines: 1, afs: 10 }, phases: [{ run: "1ms" }] };
    const fromText = await runScenario({ text, file: "tiny.yaml" });
    const fromValue = await runScenario({ value });
    expect(fromText.digest).toBe(fromValue.digest);
    expect(fromText.command).toBe("condis-sim run tiny.yaml --seed 1");
  });

  it("throws InputError for bad input, with its place", async () => {
    await expect(runScenario({ text: "name: a\nsede: 3\n", file: "a.yaml" })).rejects.toMatchObject({
      name: "InputError",
      details: { position: { line: 2, column: 1 }, suggestion: "seed" },
    });
  });

  it("throws the signal's reason when it came before anything was done", async () => {
    await expect(runScenario("churn", { overrides: SMALL, signal: AbortSignal.abort("enough") })).rejects.toBe(
      "enough",
    );
  });

  it("reports progress", async () => {
    const steps: number[] = [];
    await runScenario("churn", { overrides: SMALL, onProgress: ({ done }) => steps.push(done) });
    expect(steps.at(-1)).toBe(1);
  });
});
