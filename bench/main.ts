/**
 * `npm run bench`: figures of speed and size, each beside its yardsticks in the same run.
 *
 *     --quick       a short run of every bench, for CI
 *     --large       also 100 million AFs in one run (needs 5 GiB)
 *     --out FILE    where the figures go (default bench/results/<date>.json)
 *     --baseline    write them to bench/baseline.json too, against which later runs are printed
 *
 * Speed below its target is reported and does not fail the bench; only an error does.
 */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import os from "node:os";
import { dirname } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

import { measureCheck } from "./check-suite.js";
import { buildCppYardstick } from "./cpp-yardstick.js";
import type { Figures } from "./figures.js";
import { measureLive } from "./live-suite.js";
import { type BenchRecord, formatReport } from "./report.js";
import { type BenchSetting, measureLarge, measureStartUp, measureThroughput, measureWorkers } from "./suites.js";

const ROOT = new URL("../../", import.meta.url);
const inRoot = (path: string): string => fileURLToPath(new URL(path, ROOT));
const BASELINE_FILE = inRoot("bench/baseline.json");

const { values: flags } = parseArgs({
  options: {
    quick: { type: "boolean", default: false },
    large: { type: "boolean", default: false },
    baseline: { type: "boolean", default: false },
    out: { type: "string" },
  },
});

const date = new Date().toISOString();
const baseline = readBaseline();
const cpp = buildCppYardstick(inRoot("bench/churn.cpp"));
const figures: Figures = new Map();
const setting: BenchSetting = {
  quick: flags.quick,
  cpp,
  figures,
  onStep: (text) => process.stderr.write(`bench: ${text}\n`),
  collectGarbage: () => globalThis.gc?.(),
};

const suites = [
  measureThroughput,
  measureWorkers,
  measureLive,
  measureStartUp,
  measureCheck,
  ...(flags.large ? [measureLarge] : []),
];
try {
  for (const suite of suites) await suite(setting);
} finally {
  cpp?.dispose();
}

const record: BenchRecord = {
  schemaVersion: 1,
  date,
  quick: flags.quick,
  node: process.versions.node,
  cpu: os.cpus()[0]?.model.trim() ?? "unknown",
  cores: os.availableParallelism(),
  memoryGiB: Math.round(os.totalmem() / 2 ** 30),
  compiler: cpp?.compiler ?? null,
  figures: Object.fromEntries([...figures].map(([id, value]) => [id, Number(value.toPrecision(6))])),
};
const text = `${JSON.stringify(record, null, 2)}\n`;
const out = flags.out ?? inRoot(`bench/results/${date.replaceAll(":", "-").slice(0, 19)}.json`);
mkdirSync(dirname(out), { recursive: true });
writeFileSync(out, text);
if (flags.baseline) writeFileSync(BASELINE_FILE, text);
process.stdout.write(`\n${formatReport(record, baseline)}\n\nFigures: ${out}\n`);

/** The committed figures, or null when there are none yet. */
function readBaseline(): BenchRecord | null {
  try {
    return JSON.parse(readFileSync(BASELINE_FILE, "utf8")) as BenchRecord;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw error;
  }
}
