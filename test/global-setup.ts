import { execFileSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("..", import.meta.url));

/** What is built, from what and how, each from the one before. Worker threads and end-to-end tests run what is built. */
const STEPS = [
  {
    script: "build:wasm",
    products: ["dist/kernel.wasm", "dist/live.wasm", "dist/scan.wasm"],
    sources: ["assembly", "asconfig.json"],
  },
  {
    script: "build:host",
    products: ["dist/.tsbuildinfo"],
    sources: ["src", "bench", "assembly/abi", "tsconfig.json"],
  },
  {
    script: "build:bundle",
    products: ["dist/bundle/cli/main.js"],
    sources: ["src", "assembly/abi", "rolldown.config.js"],
  },
];

/** A type check writes it anew, unbundled, when its source has changed. */
const BUNDLED = path.join(ROOT, "dist/src/scenario/zod.js");

/** Builds once before all tests what is older than its sources. */
export default function setup(): void {
  for (const { script, products, sources } of STEPS) {
    const isCurrent = products.every((product) => readNewestMs([product]) >= readNewestMs(sources));
    if (!isCurrent) build(script);
  }
  if (fs.readFileSync(BUNDLED, "utf8").includes('from "zod"')) build("build:bundle");
}

function build(script: string): void {
  execFileSync("npm", ["run", script], { cwd: ROOT, stdio: ["ignore", 2, 2] });
}

/** When the newest of these files was written; 0 when there is none. */
function readNewestMs(names: readonly string[]): number {
  const times = names.flatMap((name) => {
    const file = path.join(ROOT, name);
    if (!fs.existsSync(file)) return [0];
    if (!fs.statSync(file).isDirectory()) return [fs.statSync(file).mtimeMs];
    const below = fs.readdirSync(file, { recursive: true, encoding: "utf8" }).filter((entry) => entry.endsWith(".ts"));
    return below.map((entry) => fs.statSync(path.join(file, entry)).mtimeMs);
  });
  return Math.max(0, ...times);
}
