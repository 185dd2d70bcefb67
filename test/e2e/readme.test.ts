import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { runNode } from "../support/cli.js";

it("README.md shows the rules as they are in the code", async () => {
  const script = fileURLToPath(new URL("../../.ci/rules-table.mjs", import.meta.url));
  expect(await runNode([script, "--check"])).toEqual({ code: 0, stdout: "", stderr: "" });
});
