import { startThread } from "../pool/thread.js";
import type { Invocation } from "./commands.js";
import type { ExitCode } from "./exit-code.js";

/**
 * `condis-sim run <scenario>`. Starting a thread takes as long as loading the rest of the program: the first thread, which
 * every run needs, is begun before, and both go on at the same time.
 */
export async function startRun(invocation: Invocation): Promise<ExitCode> {
  const thread = startThread();
  try {
    return await (await import("./run-command.js")).executeRun(invocation, thread);
  } finally {
    await thread.destroy();
  }
}
