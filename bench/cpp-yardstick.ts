import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";

import type { RoundTime } from "./rounds.js";

/** A C++ compiler that was found, and the yardstick built with it. */
export interface CppYardstick {
  /** First line of the compiler's --version. */
  readonly compiler: string;
  /** Starts churn with a population; the process then waits for rounds and takes no time in between. */
  start(afs: number): Promise<CppChurn>;
  /** Deletes the program. */
  dispose(): void;
}

export interface CppChurn {
  /** Runs that many events. Rejects when the program fails one of its checks. */
  run(events: number): Promise<RoundTime>;
  stop(): Promise<void>;
}

const COMPILERS = ["g++", "clang++"];
const FLAGS = ["-std=c++20", "-O2"];

/**
 * Compiles a C++ source into a folder of its own for temporary files.
 * @returns null when no compiler is found. Throws when the source does not compile.
 */
export function buildCppYardstick(source: string): CppYardstick | null {
  const found = COMPILERS.map((name) => ({ name, version: versionLine(name) })).find(({ version }) => version !== null);
  if (found === undefined) return null;
  const folder = mkdtempSync(join(tmpdir(), "condis-sim-bench-"));
  const program = join(folder, "churn");
  execFileSync(found.name, [...FLAGS, "-o", program, source], { stdio: ["ignore", "inherit", "inherit"] });
  return {
    compiler: found.version!,
    start: (afs) => startChurn(program, afs),
    dispose: () => rmSync(folder, { recursive: true, force: true }),
  };
}

function versionLine(compiler: string): string | null {
  try {
    return execFileSync(compiler, ["--version"], { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }).split(
      "\n",
    )[0]!;
  } catch {
    return null; // not installed
  }
}

async function startChurn(program: string, afs: number): Promise<CppChurn> {
  const child = spawn(program, [String(afs), "1"], { stdio: ["pipe", "pipe", "inherit"] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const nextLine = async (): Promise<string> => {
    const { value, done } = await lines.next();
    if (done === true) throw new Error(`the C++ yardstick ended early (exit code ${child.exitCode})`);
    return value;
  };
  await nextLine();
  return {
    run: async (events) => {
      child.stdin.write(`${events}\n`);
      const [operations, seconds] = (await nextLine()).split(" ").map(Number);
      return { operations: operations!, seconds: seconds! };
    },
    stop: async () => {
      const exit = once(child, "exit");
      child.stdin.end();
      await exit;
    },
  };
}
