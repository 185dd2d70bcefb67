/**
 * What the build bundles of what tsc has written: Node takes longer to find and load 140 files than to run what is in them.
 * The program, `condis-sim`, goes to dist/bundle/cli/, as deep as dist/src/pool/, so that paths to kernels and workers hold in both.
 * dist/src/ stays whole: it is the public API, and runs the same program a tenth of a second more slowly.
 */
import fs from "node:fs";
import { build } from "rolldown";

const PROGRAM = "dist/bundle/cli";
const platform = "node";

/** Whose work a file has parts of. */
function banner({ moduleIds }) {
  const packages = ["commander", "yaml", "zod"].filter((name) =>
    moduleIds.some((id) => id.includes(`/node_modules/${name}/`) || id.endsWith(`/scenario/${name}.js`)),
  );
  const holders = packages.map((name) => {
    const licence = `node_modules/${name}/LICENSE`;
    return `${name}: ${/^Copyright .*$/m.exec(fs.readFileSync(licence, "utf8"))[0]}, see ${licence}`;
  });
  return holders.map((line) => `// Has parts of ${line}.`).join("\n");
}

/** A worker is one file, and CommonJS, for the reason that src/pool/worker.cts gives. */
const worker = (name) => ({
  input: `dist/src/pool/${name}.cjs`,
  platform,
  logLevel: "warn",
  output: { file: `${PROGRAM}/${name}.cjs`, format: "cjs", codeSplitting: false },
});

const bundles = [
  // In its place; see src/scenario/zod.ts.
  {
    input: "dist/src/scenario/zod.js",
    platform,
    logLevel: "warn",
    output: { file: "dist/src/scenario/zod.js", format: "esm", banner },
  },
  {
    input: { main: "dist/src/cli/main.js", "floor-process": "dist/src/modes/floor-process.js" },
    // It finds its worker beside itself.
    external: ["piscina"],
    platform,
    logLevel: "warn",
    output: {
      dir: PROGRAM,
      cleanDir: true,
      format: "esm",
      entryFileNames: "[name].js",
      chunkFileNames: "[name].js",
      banner,
    },
  },
  worker("worker"),
  worker("live-worker"),
];
// One after the other: the second empties the directory of the last two.
for (const bundle of bundles) await build(bundle);
fs.chmodSync(`${PROGRAM}/main.js`, 0o755);
