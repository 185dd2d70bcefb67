import fs from "node:fs";
import { chromium, type Browser } from "playwright-core";

const EXECUTABLE = "/usr/bin/chromium";

/** Whether there is a browser; says so where there is none. */
export function hasBrowser(): boolean {
  if (fs.existsSync(EXECUTABLE)) return true;
  process.stderr.write(`skipped: there is no ${EXECUTABLE} (Debian: apt-get install chromium)\n`);
  return false;
}

export function launchBrowser(): Promise<Browser> {
  // As root, as in containers, it starts only without its sandbox.
  return chromium.launch({ executablePath: EXECUTABLE, args: ["--no-sandbox"] });
}
