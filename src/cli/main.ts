#!/usr/bin/env node
import process from "node:process";
import { runCommandLine } from "./command-line.js";
import { EXIT_CODE } from "./exit-code.js";

// A reader that has seen enough (`condis-sim list | head -1`) closes the pipe; that is no error.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code === "EPIPE") return;
  process.stderr.write(`condis-sim: the output cannot be written: ${error.message}\n`, () => {
    process.exit(EXIT_CODE.internalError);
  });
});
// There is nobody left to tell; the exit code says it.
process.stderr.on("error", () => {});

process.exitCode = await runCommandLine(process.argv.slice(2));
