import process from "node:process";
import { describeRun } from "../modes/reproduction.js";
import { checkAfRange, checkTimeRange, naming } from "../modes/request-checks.js";
import { run, type RunReport } from "../modes/run.js";
import { prepareScenario } from "../modes/scenario-input.js";
import { PROGRAM, readTool } from "../modes/tool.js";
import { removeAtExit } from "../pool/output-path.js";
import type { Thread } from "../pool/thread.js";
import { formatJson } from "../report/json.js";
import type { Result } from "../result/schema.js";
import type { TraceFilter } from "../run/plan.js";
import { describeScenario } from "../scenario/describe.js";
import { virtualNsOf } from "../scenario/phases.js";
import type { Scenario } from "../scenario/scenario.js";
import { InputError } from "../scenario/input-error.js";
import type { Invocation } from "./commands.js";
import { EXIT_CODE, type ExitCode } from "./exit-code.js";
import type { FlagValues } from "./flags.js";
import { OutFolder } from "./out-folder.js";
import { checkClaims, type FileClaim } from "./output-file.js";
import { PerfettoFile } from "./perfetto-file.js";
import { ProgressLine } from "./progress-line.js";
import { readScenarioSource } from "./scenario-source.js";
import { ResultExports } from "./result-exports.js";
import { listenForStop } from "./stop.js";
import { readTerminal } from "./terminal.js";

/** `condis-sim run <scenario>`, on a thread that was started in advance. */
export async function executeRun({ arguments: [name = ""], flags }: Invocation, thread: Thread): Promise<ExitCode> {
  const { afs, machines, seed, duration, set } = flags;
  const overrides = { afs, machines, seed, duration, set };
  const source = readScenarioSource(name);
  const scenario = await prepareScenario(source, overrides);
  const perfetto = flags.perfetto === undefined ? null : new PerfettoFile(flags.perfetto, flags.trace);
  const trace = readTrace(flags, perfetto, scenario);
  const out = flags.out === undefined ? null : new OutFolder(flags.out);
  const exports = new ResultExports(flags);
  const claims: FileClaim[] = [
    ...(out?.claims ?? []),
    ...(flags.trace === undefined ? [] : [["--trace", flags.trace] as const]),
    ...(perfetto ? [["--perfetto", perfetto.file] as const] : []),
    ...exports.claims,
  ];
  checkClaims(claims, "file" in source ? source.file : null);
  const progressLine = process.stderr.isTTY && flags.quiet !== true ? new ProgressLine() : null;
  const stop = listenForStop();
  const clear = removeAtExit(() => {
    out?.removeEmpty();
    perfetto?.removeTrace();
  });
  try {
    const report = await run({
      scenario,
      describedScenario: describeScenario(scenario),
      tool: readTool(),
      command: describeRun(name, overrides, scenario.seed),
      shards: flags.shards ?? null,
      workers: flags.workers ?? null,
      repeat: flags.repeat ?? 1,
      trace,
      thread,
      onChecked: () => {
        out?.prepare();
        exports.prepare();
        perfetto?.prepare();
      },
      signal: stop.signal,
      ...(progressLine && { onProgress: (progress) => progressLine.update(progress) }),
    });
    progressLine?.clear();
    if (report.result) {
      process.stdout.write(flags.json === true ? formatJson(report.result) : await formatText(report.result));
      // After the result is shown, so that a full disk does not lose it.
      await out?.publish(report.result);
      await exports.publish(report.result);
    }
    remark(report, flags);
    if (!perfetto || !trace || !report.traceWritten) return judge(report);
    const isWritten = await perfetto.publish(stop.signal, (done) =>
      progressLine?.show(`${Math.floor(done * 100)} %  writing ${perfetto.file}`),
    );
    if (isWritten) return judge(report);
    process.stderr.write(`${PROGRAM}: stopped; ${perfetto.file} was not written\n`);
    return EXIT_CODE.stopped;
  } finally {
    progressLine?.clear();
    stop.forget();
    clear();
  }
}

/** Its code is loaded here because a program that asks for JSON is in a hurry. */
async function formatText(result: Result): Promise<string> {
  const { formatTerminal } = await import("../report/terminal.js");
  return formatTerminal(result, readTerminal(process.stdout));
}

function judge({ result, stopped }: RunReport): ExitCode {
  if (stopped || !result) return EXIT_CODE.stopped;
  return isBroken(result) ? EXIT_CODE.judged : EXIT_CODE.done;
}

function isBroken({ violations, thresholds }: Result): boolean {
  return violations.total > 0 || thresholds.some(({ pass }) => !pass);
}

/** What stderr says beside a result. */
function remark({ result, stopped, traceWritten, historyProblem, restarted }: RunReport, flags: FlagValues): void {
  const remarks: string[] = [];
  if (restarted > 0)
    remarks.push(`${restarted} ${restarted === 1 ? "shard was" : "shards were"} run again because a worker died`);
  if (stopped && result && historyProblem !== null) remarks.push("stopped; violations lack their histories");
  else if (stopped) remarks.push(result ? "stopped; this is what was done so far" : "stopped before anything was done");
  if (stopped && (flags.trace ?? flags.perfetto) !== undefined && !traceWritten) remarks.push("no trace was written");
  if (historyProblem !== null && !stopped) remarks.push(`violations lack their histories: ${historyProblem}`);
  for (const text of remarks) process.stderr.write(`${PROGRAM}: ${text}\n`);
}

function readTrace(
  flags: FlagValues,
  perfetto: PerfettoFile | null,
  scenario: Scenario,
): { readonly file: string; readonly filter: TraceFilter } | null {
  const ranges = flags["trace-af"] ?? null;
  const timeNs = flags["trace-time"] ?? null;
  const file = flags.trace ?? perfetto?.traceFile;
  if (file === undefined) {
    const filter = ranges ? "--trace-af" : timeNs ? "--trace-time" : null;
    if (filter) throw new InputError(`${filter} needs --trace FILE or --perfetto FILE`);
    return null;
  }
  for (const range of ranges ?? []) naming("--trace-af", () => checkAfRange(range, scenario.topology.afs));
  if (timeNs) naming("--trace-time", () => checkTimeRange(timeNs, virtualNsOf(scenario)));
  return { file, filter: { afs: ranges, timeNs } };
}
