import process from "node:process";
import { live, type LiveReport } from "../modes/live.js";
import { describeLive } from "../modes/reproduction.js";
import { prepareScenario } from "../modes/scenario-input.js";
import { PROGRAM, readTool } from "../modes/tool.js";
import { removeAtExit } from "../pool/output-path.js";
import { formatJson } from "../report/json.js";
import { formatTerminal } from "../report/terminal.js";
import { LIVE_LIMITS } from "../run/live-limits.js";
import { describeScenario } from "../scenario/describe.js";
import type { Invocation } from "./commands.js";
import { EXIT_CODE, type ExitCode } from "./exit-code.js";
import { OutFolder } from "./out-folder.js";
import { checkClaims, OutputFile, type FileClaim } from "./output-file.js";
import { ProgressLine } from "./progress-line.js";
import { readScenarioSource } from "./scenario-source.js";
import { ResultExports } from "./result-exports.js";
import { listenForStop } from "./stop.js";
import { readTerminal } from "./terminal.js";

/** Lines that are joined before they are written. */
const LINES_PER_PART = 4096;

/** `condis-sim live <scenario>`. */
export async function executeLive({ arguments: [name = ""], flags }: Invocation): Promise<ExitCode> {
  const { afs, machines, seed, "duration-wall": duration, set, lanes = null, dispatch = "spsc", pace = "free" } = flags;
  const overrides = { afs, machines, seed, duration, set };
  const source = readScenarioSource(name);
  const scenario = await prepareScenario(source, overrides, LIVE_LIMITS);
  const out = flags.out === undefined ? null : new OutFolder(flags.out);
  const exports = new ResultExports(flags);
  const claims: FileClaim[] = [
    ...(out?.claims ?? []),
    ...(flags["trace-live"] === undefined ? [] : [["--trace", flags["trace-live"]] as const]),
    ...exports.claims,
  ];
  checkClaims(claims, "file" in source ? source.file : null);
  const trace = flags["trace-live"] === undefined ? null : new OutputFile("--trace", flags["trace-live"]);
  const progressLine = process.stderr.isTTY && flags.quiet !== true ? new ProgressLine() : null;
  const stop = listenForStop();
  const clear = removeAtExit(() => out?.removeEmpty());
  try {
    let lines: Iterable<string> = [];
    const report = await live({
      scenario,
      describedScenario: describeScenario(scenario),
      tool: readTool(),
      command: describeLive(name, overrides, scenario.seed, { lanes, dispatch, pace }),
      lanes,
      dispatch,
      pace,
      writeTrace: trace && ((all) => (lines = all)),
      onChecked: () => {
        out?.prepare();
        exports.prepare();
      },
      signal: stop.signal,
      ...(progressLine && { onProgress: (progress) => progressLine.update(progress) }),
    });
    progressLine?.clear();
    const { result } = report;
    const text = flags.json === true ? formatJson(result) : formatTerminal(result, readTerminal(process.stdout));
    process.stdout.write(text);
    await out?.publish(result);
    await exports.publish(result);
    await trace?.writeParts(inParts(lines));
    remark(report);
    if (report.stopped) return EXIT_CODE.stopped;
    const isBroken = result.violations.total > 0 || result.thresholds.some(({ pass }) => !pass);
    return isBroken ? EXIT_CODE.judged : EXIT_CODE.done;
  } finally {
    progressLine?.clear();
    stop.forget();
    clear();
  }
}

function remark({ stopped, traceFull }: LiveReport): void {
  if (stopped) process.stderr.write(`${PROGRAM}: stopped; this is what was done so far\n`);
  if (traceFull)
    process.stderr.write(
      `${PROGRAM}: a lane's part of the trace was full, and the run ended: use a shorter --duration\n`,
    );
}

async function* inParts(lines: Iterable<string>): AsyncGenerator<Uint8Array> {
  const encoder = new TextEncoder();
  let part: string[] = [];
  for (const line of lines) {
    part.push(line, "\n");
    if (part.length < LINES_PER_PART) continue;
    yield encoder.encode(part.join(""));
    part = [];
  }
  yield encoder.encode(part.join(""));
}
