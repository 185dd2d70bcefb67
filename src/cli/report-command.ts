import process from "node:process";
import { readTool } from "../modes/tool.js";
import type { Invocation } from "./commands.js";
import { EXIT_CODE, type ExitCode } from "./exit-code.js";
import { readReported } from "./result-files.js";

/** `condis-sim report <result>`: the page of a result or a sweep goes to stdout. It says what the result says, so it is done whatever broke. */
export async function executeReport({ arguments: [name = ""] }: Invocation): Promise<ExitCode> {
  const reported = await readReported(name, readTool());
  const page =
    reported.mode === "sweep"
      ? (await import("../report/html-sweep.js")).formatSweepHtml(reported)
      : (await import("../report/html.js")).formatHtml(reported);
  process.stdout.write(page);
  return EXIT_CODE.done;
}
