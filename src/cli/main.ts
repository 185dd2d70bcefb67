#!/usr/bin/env node
import fs from "node:fs";
import process from "node:process";
import { runCommandLine } from "./command-line.js";
import { EXIT_CODE } from "./exit-code.js";

// A reader that has seen enough (`condis-sim list | head -1`) closes the pipe; that is no error.
for (const stream of [process.stdout, process.stderr]) {
  stream.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code === "EPIPE") return;
    fs.writeSync(process.stderr.fd, `condis-sim: the output cannot be written: ${error.message}\n`);
    process.exit(EXIT_CODE.internalError);
  });
}

process.exitCode = await runCommandLine(process.argv.slice(2));
