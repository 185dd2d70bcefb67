import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, it } from "vitest";

const SCRIPT = fileURLToPath(new URL("../../.ci/check-wasm.mjs", import.meta.url));
const FOLDER = mkdtempSync(join(tmpdir(), "condis-sim-test-"));
afterAll(() => rmSync(FOLDER, { recursive: true }));

const text = (value: string): number[] => [value.length, ...Buffer.from(value)];
const section = (id: number, ...content: number[]): number[] => [id, content.length, ...content];
const TYPES = section(1, 1, 0x60, 0, 0);
const MEMORY = [...text("env"), ...text("memory"), 2, 3, 1, 1]; // shared, 1 page
const FUNCTION = [...text("env"), ...text("log"), 0, 0];

function check(...sections: readonly number[][]): { status: number | null; stderr: string } {
  const file = join(FOLDER, "module.wasm");
  writeFileSync(file, Uint8Array.from([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, ...sections.flat()]));
  const { status, stderr } = spawnSync(process.execPath, [SCRIPT, file], { encoding: "utf8" });
  return { status, stderr };
}

describe("the check of the built module", () => {
  it("accepts a module that imports the memory alone", () => {
    expect(check(section(2, 1, ...MEMORY))).toEqual({ status: 0, stderr: "" });
  });

  it("refuses a data segment, which every instantiation would write again", () => {
    const { status, stderr } = check(section(2, 1, ...MEMORY), section(11, 1, 1, 1, 65));
    expect(status).toBe(1);
    expect(stderr).toContain("data segments");
  });

  it("refuses a start function and an import that is not known, each with its name", () => {
    const { status, stderr } = check(TYPES, section(2, 2, ...MEMORY, ...FUNCTION), section(8, 0));
    expect(status).toBe(1);
    expect(stderr).toContain("a start function");
    expect(stderr).toContain("env.log (function)");
  });

  it("fails on what is no module", () => {
    expect(check([1, 200]).status).not.toBe(0);
  });
});
