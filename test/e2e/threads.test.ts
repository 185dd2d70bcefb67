import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { runCli, runNode } from "../support/cli.js";

const WORKER = fileURLToPath(new URL("../../dist/src/pool/worker.cjs", import.meta.url));
const THREAD = new URL("../../dist/src/pool/thread.js", import.meta.url).href;

/** Ends threads after so many milliseconds, most of them while they load what they need. */
const END_EARLY = `
  import { setTimeout } from "node:timers/promises";
  const { startThread } = await import(${JSON.stringify(THREAD)});
  for (let ms = 0; ms < 120; ms += 5) {
    const thread = startThread();
    await setTimeout(ms);
    await thread.destroy();
  }
`;

describe("a worker thread", () => {
  it("has an entry that can be required, so that piscina reads it once", () => {
    expect(createRequire(import.meta.url)(WORKER)).toBeTypeOf("function");
  });

  it("may be ended while it starts, without taking the process along", async () => {
    expect(await runNode(["--input-type=module", "-e", END_EARLY])).toEqual({ code: 0, stdout: "", stderr: "" });
  });

  it("is started before the input is read, and keeps no bad input from its message and exit code", async () => {
    const { code, stdout, stderr } = await runCli(["run", "churn", "--afs", "0"]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toMatch(/^condis-sim: --afs 0: .*\n$/);
  });
});
