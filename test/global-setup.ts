import { execFileSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("..", import.meta.url));

/** What is built, and from what. Worker threads and end-to-end tests run what is built. */
const PRODUCTS = [
  { product: "dist/kernel.wasm", sources: ["assembly", "asconfig.json"] },
  { product: "dist/live.wasm", sources: ["assembly"] },
  { product: "dist/scan.wasm", sources: ["assembly"] },
  { product: "dist/.tsbuildinfo", sources: ["src", "bench", "assembly/abi", "tsconfig.json"] },
];

/** A type check writes it anew, unbundled, when its source has changed. */
const BUNDLED = path.join(ROOT, "dist/src/scenario/zod.js");

/** Builds once before all tests, unless everything built is newer than its sources. */
export default function setup(): void {
  const isCurrent = PRODUCTS.every(({ product, sources }) => readNewestMs([product]) >= readNewestMs(sources));
  const isBundled = fs.existsSync(BUNDLED) && !fs.readFileSync(BUNDLED, "utf8").includes('from "zod"');
  if (!isCurrent || !isBundled) execFileSync("npm", ["run", "build"], { cwd: ROOT, stdio: ["ignore", 2, 2] });
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
