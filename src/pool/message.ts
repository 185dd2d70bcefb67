import type { ShardOutcome } from "../measure/outcome.js";
import type { ShardPlan } from "../run/plan.js";

/** What the main thread sends to a worker: one shard, from its beginning to its end. */
export interface WorkerTask {
  readonly module: WebAssembly.Module;
  readonly memory: WebAssembly.Memory;
  readonly plan: ShardPlan;
  /** 0, and 1 when the shard is run again because its worker died. */
  readonly attempt: number;
  /** True when an earlier run wrote to the memory. */
  readonly clearMemory: boolean;
  /** Where raw trace records go, or null. */
  readonly traceFile: string | null;
}

/** Raw trace records in a file: pairs of machine and bytes, in file order. */
export interface TraceSegments {
  readonly file: string;
  readonly machinesAndBytes: readonly number[];
}

/**
 * What comes back. A worker that throws nothing and answers nothing has died, which is another thing than a kernel that
 * fails: the kernel is deterministic and would fail again.
 */
export type WorkerReply =
  | { readonly kind: "done"; readonly outcome: ShardOutcome; readonly trace: TraceSegments | null }
  | { readonly kind: "kernel-failed"; readonly text: string }
  | { readonly kind: "limit-reached"; readonly text: string }
  | { readonly kind: "output-failed"; readonly text: string };
