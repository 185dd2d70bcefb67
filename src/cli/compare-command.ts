import process from "node:process";
import { compare } from "../modes/compare.js";
import { PROGRAM, readTool } from "../modes/tool.js";
import type { Comparison } from "../result/comparison.js";
import { MARGIN_DEFAULT } from "../result/compare-speed.js";
import { InputError } from "../scenario/input-error.js";
import type { Invocation } from "./commands.js";
import { EXIT_CODE, type ExitCode } from "./exit-code.js";
import type { FlagValues } from "./flags.js";
import { ProgressLine } from "./progress-line.js";
import { readSide } from "./result-files.js";
import { listenForStop } from "./stop.js";
import { readTerminal } from "./terminal.js";

const CODES = { pass: EXIT_CODE.done, fail: EXIT_CODE.judged, undecided: EXIT_CODE.badInput } as const;

/** `condis-sim compare <a> <b>`. Who asks for a margin wants a verdict on speed: without one the outcome is undecided. */
export async function executeCompare({ arguments: [a = "", b = ""], flags }: Invocation): Promise<ExitCode> {
  if (flags.json === true && (flags.format ?? "json") !== "json")
    throw new InputError(`--json and --format ${flags.format} ask for different things`);
  const tool = readTool();
  const sides = { a: readSide(a, tool), b: readSide(b, tool) };
  const stop = listenForStop();
  const progressLine = process.stderr.isTTY && flags.quiet !== true ? new ProgressLine() : null;
  try {
    const comparison = await compare({
      ...sides,
      tool,
      margin: flags.margin ?? MARGIN_DEFAULT,
      needsSpeed: flags.margin !== undefined,
      firstDifference: flags["first-difference"] === true,
      signal: stop.signal,
      ...(progressLine && { onProgress: (progress) => progressLine.update(progress) }),
    });
    progressLine?.clear();
    process.stdout.write(await format(comparison, flags));
    if (!stop.signal.aborted) return CODES[comparison.outcome];
    process.stderr.write(`${PROGRAM}: stopped; the first difference was not found\n`);
    return EXIT_CODE.stopped;
  } finally {
    progressLine?.clear();
    stop.forget();
  }
}

/** Only the code that is needed is loaded. */
async function format(comparison: Comparison, flags: FlagValues): Promise<string> {
  switch (flags.format ?? (flags.json === true ? "json" : "text")) {
    case "json":
      return (await import("../report/compare-json.js")).formatComparisonJson(comparison);
    case "markdown":
      return (await import("../report/compare-markdown.js")).formatComparisonMarkdown(comparison);
    case "text":
      return (await import("../report/compare-text.js")).formatComparisonText(comparison, readTerminal(process.stdout));
  }
}
