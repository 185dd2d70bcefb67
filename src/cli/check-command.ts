import process from "node:process";
import { type CheckerOptions, createChecker } from "../contract/checker/checker.js";
import { check, type CheckProgress, WINDOW_DEFAULT } from "../modes/check.js";
import { jsonLines } from "../modes/json-lines.js";
import { PROGRAM, readTool } from "../modes/tool.js";
import { TraceSource } from "../modes/trace-source.js";
import type { CheckReport } from "../result/check-report.js";
import { InputError } from "../scenario/input-error.js";
import type { Invocation } from "./commands.js";
import { EXIT_CODE, type ExitCode } from "./exit-code.js";
import type { FlagValues } from "./flags.js";
import { formatCheckProgress, ProgressLine } from "./progress-line.js";
import { listenForStop } from "./stop.js";
import { readTerminal } from "./terminal.js";

/** `condis-sim check <trace>`. */
export async function executeCheck({ arguments: [name = ""], flags }: Invocation): Promise<ExitCode> {
  if (flags.chart === true && flags.af === undefined) throw new InputError("--chart needs --af AF");
  const openLog = flags.map === undefined ? null : await (await import("./trace-map.js")).readTraceMap(flags.map);
  const options = flags.scenario === undefined ? {} : await readJudgement(flags.scenario);
  const source = new TraceSource(name);
  const stop = listenForStop();
  const progressLine = process.stderr.isTTY && flags.quiet !== true ? new ProgressLine() : null;
  try {
    const report = await check({
      source,
      checker: createChecker(options),
      tool: readTool(),
      window: flags.window ?? WINDOW_DEFAULT,
      strict: flags.strict === true,
      af: flags.af ?? null,
      signal: stop.signal,
      open: openLog?.(source.name) ?? jsonLines(),
      ...(progressLine && {
        onProgress: (progress: CheckProgress) => progressLine.show(formatCheckProgress(progress)),
      }),
    });
    progressLine?.clear();
    if (report.af?.calls.length === 0 && !report.stopped)
      throw new InputError(`--af ${report.af.name.handle}: the trace ${source.name} has no record of such an AF`);
    process.stdout.write(await format(report, flags));
    if (report.stopped) process.stderr.write(`${PROGRAM}: stopped; this is what was judged so far\n`);
    if (report.stopped) return EXIT_CODE.stopped;
    return report.verdict.violations > 0 ? EXIT_CODE.judged : EXIT_CODE.done;
  } finally {
    progressLine?.clear();
    stop.forget();
    source.dispose();
  }
}

/** How a scenario's own run judges: by which readings of the contract, and which deadlines. */
async function readJudgement(argument: string): Promise<CheckerOptions> {
  const { readScenarioSource } = await import("./scenario-source.js");
  const { prepareScenario } = await import("../modes/scenario-input.js");
  const { contract: readings, deadlines } = await prepareScenario(readScenarioSource(argument), {});
  return { readings, deadlines };
}

/** Only the code that is needed is loaded. */
async function format(report: CheckReport, flags: FlagValues): Promise<string> {
  if (flags.json === true) return (await import("../report/check-json.js")).formatCheckJson(report);
  const terminal = readTerminal(process.stdout);
  if (flags.chart === true && (report.af?.calls.length ?? 0) > 0)
    return (await import("../report/chart.js")).formatChart(report, terminal);
  return (await import("../report/check-text.js")).formatCheckText(report, terminal);
}
