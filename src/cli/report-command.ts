import process from "node:process";
import { readTool } from "../modes/tool.js";
import { formatHtml } from "../report/html.js";
import type { Invocation } from "./commands.js";
import { EXIT_CODE, type ExitCode } from "./exit-code.js";
import { readResult } from "./result-files.js";

/** `condis-sim report <result>`: the page goes to stdout. It says what the result says, so it is done whatever broke. */
export async function executeReport({ arguments: [name = ""] }: Invocation): Promise<ExitCode> {
  process.stdout.write(formatHtml(await readResult(name, readTool())));
  return EXIT_CODE.done;
}
