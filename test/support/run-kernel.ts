import { readFileSync } from "node:fs";
import { planRun, type TraceFilter } from "../../src/run/plan.js";
import type { ShardOutcome } from "../../src/measure/outcome.js";
import { runShard, type TraceSink } from "../../src/run/shard.js";
import { TRACE_RECORD_BYTES, TraceFormatter } from "../../src/kernel/trace-record.js";
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
  /** JSON objects in (timeNs, machine, seq) order; empty without a trace. */
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
  const lines: { timeNs: number; machine: number; seq: number }[] = [];
  const outcomes = plan.shards.map((shard) => {
    const pages = shard.memoryBytes / 65_536;
    const memory = new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true });
    const format: TraceSink = (machine, records) => {
      const view = new DataView(records.buffer, records.byteOffset, records.byteLength);
      const formatter = new TraceFormatter(scenario, machine);
      for (let at = 0; at < records.byteLength; at += TRACE_RECORD_BYTES) {
        lines.push(JSON.parse(formatter.format(view, at)) as (typeof lines)[number]);
      }
    };
    const limit = options.generationMax === undefined ? {} : { generationMax: options.generationMax };
    const task = { module: options.module ?? kernelModule(), memory, plan: shard, ...limit };
    return runShard(task, () => 0, trace === null ? null : (sink ?? format));
  });
  lines.sort((a, b) => a.timeNs - b.timeNs || a.machine - b.machine || a.seq - b.seq);
  return { outcomes, merged: mergeOutcomes(outcomes), trace: lines };
}
