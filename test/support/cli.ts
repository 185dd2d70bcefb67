import { type ChildProcess, spawn } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll } from "vitest";
import type { Result } from "../../src/result/schema.js";

export const DIST = new URL("../../dist/", import.meta.url);
const MAIN = fileURLToPath(new URL("bundle/cli/main.js", DIST));

export interface CliExit {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CliOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Descriptors for what is otherwise collected. */
  readonly stdout?: number;
  readonly stderr?: number;
  /** Called when the process has started. */
  readonly onStart?: (child: ChildProcess) => void;
}

/** Runs the built condis-sim in a process of its own, without a terminal. */
export function runCli(words: readonly string[], options: CliOptions = {}): Promise<CliExit> {
  return runNode([MAIN, ...words], options);
}

/** Runs Node in a process of its own, without a terminal. */
export async function runNode(words: readonly string[], options: CliOptions = {}): Promise<CliExit> {
  const { cwd, env = {}, onStart } = options;
  const child = spawn(process.execPath, words, {
    cwd,
    env: { ...process.env, ...env },
    stdio: ["ignore", options.stdout ?? "pipe", options.stderr ?? "pipe"],
  });
  let stdout = "";
  let stderr = "";
  child.stdout?.setEncoding("utf8").on("data", (text: string) => (stdout += text));
  child.stderr?.setEncoding("utf8").on("data", (text: string) => (stderr += text));
  onStart?.(child);
  const code = await new Promise<number | null>((resolve, reject) => child.on("error", reject).on("close", resolve));
  return { code, stdout, stderr };
}

/** Runs with --json and returns the result; fails with what stderr said when there is none. */
export async function runJson(words: readonly string[], options: CliOptions = {}): Promise<Result> {
  const { stdout, stderr } = await runCli([...words, "--json"], options);
  if (stdout === "") throw new Error(`no result: ${stderr}`);
  return JSON.parse(stdout) as Result;
}

/** A folder for the tests of a file; its path is known once they run. */
export function useFolder(): (name?: string) => string {
  let folder = "";
  beforeAll(() => {
    folder = fs.mkdtempSync(path.join(os.tmpdir(), "condis-sim-test-"));
  });
  afterAll(() => fs.rmSync(folder, { recursive: true }));
  return (name = "") => path.join(folder, name);
}
