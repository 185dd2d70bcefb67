import fs from "node:fs";
import type { Tool } from "../result/schema.js";

export const PROGRAM = "condis-sim";

/** Name and version of this program. */
export function readTool(): Tool {
  return { name: PROGRAM, version: readVersion() };
}

/** The version in this package's package.json, the nearest one above this file, compiled or not. */
function readVersion(): string {
  for (let folder = new URL(".", import.meta.url); ; folder = new URL("..", folder)) {
    const file = new URL("package.json", folder);
    if (fs.existsSync(file)) return readVersionIn(file);
    if (folder.pathname === "/") throw new Error("the package has no package.json");
  }
}

function readVersionIn(file: URL): string {
  const manifest: unknown = JSON.parse(fs.readFileSync(file, "utf8"));
  if (manifest && typeof manifest === "object" && "version" in manifest) return String(manifest.version);
  throw new Error("package.json has no version");
}
