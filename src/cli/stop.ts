import process from "node:process";
import { EXIT_CODE } from "./exit-code.js";

/**
 * The first Ctrl-C asks what is going on to stop; the second ends the process. So does a terminal that is closed: an unfinished trace
 * can be large, and must not stay behind.
 */
export function listenForStop(): { readonly signal: AbortSignal; readonly forget: () => void } {
  const controller = new AbortController();
  const listen = (): void => {
    if (controller.signal.aborted) process.exit(EXIT_CODE.stopped);
    controller.abort();
  };
  const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
  for (const signal of signals) process.on(signal, listen);
  return {
    signal: controller.signal,
    forget: () => {
      for (const signal of signals) process.off(signal, listen);
    },
  };
}
