/** Records the time series of a shard: stops its machines at the moments that the series is made of (assembly/measure/series.ts). */

import * as L from "../../assembly/abi/layout.js";
import type { KernelExports } from "../kernel/kernel.js";
import type { ShardMap } from "../kernel/memory-map.js";
import type { SeriesCounts, SeriesStep } from "../measure/series.js";
import { measuredFromNs, virtualNsOf } from "../scenario/phases.js";
import type { Scenario } from "../scenario/scenario.js";

/** Where measuring begins, and how far apart moments are at first: so that a run without drain has at most MOMENTS_MAX steps. */
export function seriesStartOf(scenario: Scenario): { readonly fromTick: number; readonly stepTicks: number } {
  const { phases, tickNs } = scenario;
  const fromNs = measuredFromNs(scenario);
  const drain = phases.findIndex(({ kind }) => kind === "drain");
  const beforeDrainNs = drain === -1 ? virtualNsOf(scenario) : virtualNsOf({ phases: phases.slice(0, drain) });
  // A drain may end early, so that it says little; without anything else it has to do.
  const spanNs = beforeDrainNs > fromNs ? beforeDrainNs - fromNs : virtualNsOf(scenario) - fromNs;
  return { fromTick: fromNs / tickNs, stepTicks: Math.max(1, Math.ceil(spanNs / tickNs / L.MOMENTS_MAX)) };
}

/** The series of one shard. */
export class SeriesRecorder {
  readonly #view: DataView;
  readonly #fromTick: number;
  #stepTicks: number;
  #isOver = false;

  constructor(
    memory: WebAssembly.Memory,
    readonly map: ShardMap,
    readonly kernel: KernelExports,
    scenario: Scenario,
  ) {
    this.#view = new DataView(memory.buffer);
    // So that no page is touched for the first time while the clock runs.
    new Uint8Array(memory.buffer, map.series, (L.MOMENTS_MAX + 2) * map.momentBytes).fill(0);
    const { fromTick, stepTicks } = seriesStartOf(scenario);
    [this.#fromTick, this.#stepTicks] = [fromTick, stepTicks];
  }

  get #moments(): number {
    return this.#view.getUint32(L.SHARD_MOMENTS, true);
  }

  /** The tick before whose events the machines must stop; Infinity when there is none. */
  get nextTick(): number {
    return this.#isOver ? Infinity : this.#fromTick + this.#stepTicks * (this.#moments + 1);
  }

  /** All machines stand where a warm-up ended, and measuring may begin. */
  begin(): void {
    this.kernel.beginSeries();
  }

  /** All machines stand at `nextTick`. */
  record(): void {
    if (this.#moments === L.MOMENTS_MAX) {
      this.kernel.thinMoments();
      this.#stepTicks *= 2;
      // With every second one, the moment that is due now comes later, unless it is one of those that stay.
      return;
    }
    this.#recordNow();
  }

  /** Nothing will happen any more in any machine: later moments would all be like the end. */
  end(): void {
    this.#isOver = true;
  }

  /** What was recorded, the machines having come to their end. */
  finish(): SeriesCounts {
    this.#recordNow();
    const count = this.#moments;
    this.#restoreExtremes(count);
    const steps = Array.from({ length: count }, (_, index) => this.#stepOf(index + 1));
    return { fromTick: this.#fromTick, stepTicks: this.#stepTicks, steps };
  }

  #recordNow(): void {
    this.kernel.recordMoment();
    for (const { header } of this.map.machines) this.kernel.recordMachine(header);
  }

  #momentAt(index: number): number {
    return this.map.series + index * this.map.momentBytes;
  }

  /** The smallest and the largest of all latencies, which each moment has taken away. */
  #restoreExtremes(count: number): void {
    const total = this.map.latency;
    const all = Array.from({ length: count }, (_, index) => this.#momentAt(index + 1));
    const fields = (offset: number): number[] => all.map((moment) => this.#view.getUint32(moment + offset, true));
    this.#view.setUint32(total + L.LATENCY_MIN, Math.min(...fields(L.MOMENT_MIN)), true);
    this.#view.setUint32(total + L.LATENCY_MAX, Math.max(...fields(L.MOMENT_MAX)), true);
  }

  /** What happened between a moment and the one before. */
  #stepOf(index: number): SeriesStep {
    const [before, now] = [this.#momentAt(index - 1), this.#momentAt(index)];
    const u64 = (address: number): bigint => this.#view.getBigUint64(address, true);
    const since = (offset: number): number => Number(u64(now + offset) - u64(before + offset));
    const completions = since(L.MOMENT_CLOSE_TOLD);
    const synchronousCloses = since(L.MOMENT_CLOSED);
    const groups = (this.map.momentBytes - L.MOMENT_COUNTS) / 8;
    return {
      opens: since(L.MOMENT_OPENED) + since(L.MOMENT_OPEN_TOLD),
      closes: synchronousCloses + since(L.MOMENT_CLOSE_PENDED),
      completions,
      lifecycles: synchronousCloses + completions,
      openAtEnd: Number(u64(now + L.MOMENT_OPEN)),
      pendedAtEnd: Number(u64(now + L.MOMENT_PENDED)),
      close: {
        sumTicks: u64(now + L.MOMENT_SUM) - u64(before + L.MOMENT_SUM),
        minTicks: this.#view.getUint32(now + L.MOMENT_MIN, true),
        maxTicks: this.#view.getUint32(now + L.MOMENT_MAX, true),
        counts: Float64Array.from({ length: groups }, (_, group) => since(L.MOMENT_COUNTS + 8 * group)),
      },
    };
  }
}
