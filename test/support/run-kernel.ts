import { readFileSync } from "node:fs";
import { planRun, type TraceFilter } from "../../src/run/plan.js";
import type { ShardOutcome } from "../../src/measure/outcome.js";
import { runShard, type TraceSink } from "../../src/run/shard.js";
import { TRACE_RECORD_BYTES, TraceFormatter, traceRecordTick } from "../../src/kernel/trace-record.js";
import { mergeOutcomes, type MergedOutcome } from "../../src/measure/merge.js";
import type { Scenario } from "../../src/scenario/scenario.js";

const kernelFile = new URL("../../dist/kernel.wasm", import.meta.url);
let compiled: WebAssembly.Module | undefined;

/** The kernel, compiled once a test file. */
export function kernelModule(): WebAssembly.Module {
  compiled ??= new WebAssembly.Module(readFileSync(kernelFile));
  return compiled;
}

export interface KernelRun {
  readonly outcomes: readonly ShardOutcome[];
  readonly merged: MergedOutcome;
  /** JSON in (timeNs, machine, seq) order; empty without a trace. */
  readonly lines: readonly string[];
  /** The same as objects. */
  readonly trace: readonly unknown[];
}

export interface KernelRunOptions {
  readonly shards?: number | null;
  readonly trace?: TraceFilter | null;
  readonly module?: WebAssembly.Module;
  readonly generationMax?: number;
  /** Takes the raw trace records, which then are not formatted. */
  readonly sink?: TraceSink;
}

/** Runs a scenario in the kernel, shard after shard, in this thread. */
export function runKernel(scenario: Scenario, options: KernelRunOptions = {}): KernelRun {
  const { trace = null, sink } = options;
  const plan = planRun(scenario, { shards: options.shards ?? null, trace });
  const records: { readonly tick: number; readonly machine: number; readonly line: string }[] = [];
  const outcomes = plan.shards.map((shard) => {
    const pages = shard.memoryBytes / 65_536;
    const memory = new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true });
    const format: TraceSink = (machine, { buffer, byteOffset, byteLength }) => {
      const view = new DataView(buffer, byteOffset, byteLength);
      const formatter = new TraceFormatter(scenario, machine);
      for (let at = 0; at < byteLength; at += TRACE_RECORD_BYTES) {
        records.push({ tick: traceRecordTick(view, at), machine, line: formatter.format(view, at) });
      }
    };
    const limit = options.generationMax === undefined ? {} : { generationMax: options.generationMax };
    const task = { module: options.module ?? kernelModule(), memory, plan: shard, ...limit };
    return runShard(task, () => 0, trace === null ? null : (sink ?? format));
  });
  // Those of one machine come in the order of seq, and stay so.
  records.sort((a, b) => a.tick - b.tick || a.machine - b.machine);
  const lines = records.map(({ line }) => line);
  let parsed: readonly unknown[] | undefined;
  return {
    outcomes,
    merged: mergeOutcomes(outcomes),
    lines,
    get trace() {
      return (parsed ??= lines.map((line) => JSON.parse(line) as unknown));
    },
  };
}
