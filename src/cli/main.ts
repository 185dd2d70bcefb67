#!/usr/bin/env node
import process from "node:process";
import { runCommandLine } from "./command-line.js";

// A reader that has seen enough (`condis-sim list | head -1`) closes the pipe; that is no error.
for (const stream of [process.stdout, process.stderr]) {
  stream.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") throw error;
  });
}

process.exitCode = await runCommandLine(process.argv.slice(2));
