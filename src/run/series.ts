/** Records the time series of a shard: stops its machines at the moments that the series is made of (assembly/measure/series.ts). */

import * as L from "../../assembly/abi/layout.js";
import type { KernelExports } from "../kernel/kernel.js";
import type { ShardMap } from "../kernel/memory-map.js";
import type { SeriesCounts, SeriesStep } from "../measure/series.js";
import { measuredFromNs, virtualNsOf } from "../scenario/phases.js";
import type { Scenario } from "../scenario/scenario.js";

/** As many as a phase has slices: stopping more often costs caches what they hold of a machine, where a shard has several. */
const STEPS_PLANNED = 32;

/** Where measuring begins, and how far apart moments are at first: so that a run without drain has at most STEPS_PLANNED steps. */
export function seriesStartOf(scenario: Scenario): { readonly fromTick: number; readonly stepTicks: number } {
  const { phases, tickNs } = scenario;
  const fromNs = measuredFromNs(scenario);
  const drain = phases.findIndex(({ kind }) => kind === "drain");
  const beforeDrainNs = drain === -1 ? virtualNsOf(scenario) : virtualNsOf({ phases: phases.slice(0, drain) });
  // A drain may end early, so that it says little; without anything else it has to do.
  const spanNs = beforeDrainNs > fromNs ? beforeDrainNs - fromNs : virtualNsOf(scenario) - fromNs;
  return { fromTick: fromNs / tickNs, stepTicks: Math.max(1, Math.ceil(spanNs / tickNs / STEPS_PLANNED)) };
}

/** Totals that a moment has, and where. */
const TOTALS = [
  [L.TOTAL_OPENED, L.MOMENT_OPENED],
  [L.TOTAL_OPEN_TOLD, L.MOMENT_OPEN_TOLD],
  [L.TOTAL_CLOSED, L.MOMENT_CLOSED],
  [L.TOTAL_CLOSE_PENDED, L.MOMENT_CLOSE_PENDED],
  [L.TOTAL_CLOSE_TOLD, L.MOMENT_CLOSE_TOLD],
] as const;

/** The series of one shard. */
export class SeriesRecorder {
  readonly #view: DataView;
  readonly #fromTick: number;
  readonly #horizonTick: number;
  #stepTicks: number;
  /** Where the machines have stopped last. */
  #tick: number;

  constructor(
    memory: WebAssembly.Memory,
    readonly map: ShardMap,
    readonly kernel: KernelExports,
    scenario: Scenario,
  ) {
    this.#view = new DataView(memory.buffer);
    // So that no page is touched for the first time while the clock runs.
    new Uint8Array(memory.buffer, map.series, (L.MOMENTS_MAX + 1) * map.momentBytes).fill(0);
    const { fromTick, stepTicks } = seriesStartOf(scenario);
    [this.#fromTick, this.#stepTicks, this.#tick] = [fromTick, stepTicks, fromTick];
    this.#horizonTick = virtualNsOf(scenario) / scenario.tickNs;
  }

  get #moments(): number {
    return this.#view.getUint32(L.SHARD_MOMENTS, true);
  }

  /**
   * The tick before whose events the machines must stop next. After a long quiet time steps would have to be longer anyway, should
   * something happen: so it comes as if they were.
   */
  get nextTick(): number {
    let stepTicks = this.#stepTicks;
    for (;;) {
      const number = Math.floor((this.#tick - this.#fromTick) / stepTicks) + 1;
      if (number <= L.MOMENTS_MAX) return this.#fromTick + stepTicks * number;
      stepTicks *= 2;
    }
  }

  /** All machines stand where a warm-up ended, and measuring may begin. */
  begin(): void {
    this.kernel.beginSeries();
    this.#recordMachines();
  }

  /** All machines stand at `nextTick`. */
  record(): void {
    this.#tick = this.nextTick;
    if (this.#hasChanged()) this.#recordAt(this.#tick);
  }

  /** What was recorded, the machines having come to their end. */
  finish(): SeriesCounts {
    if (this.#hasChanged()) this.#recordAt(this.#horizonTick);
    else if (this.#moments === 0) this.#recordNow();
    const count = this.#moments;
    this.#restoreExtremes(count);
    const steps = Array.from({ length: count }, (_, index) =>
      readStep(this.#view, this.#momentAt(index), this.#momentAt(index + 1), this.map.momentBytes),
    );
    return { fromTick: this.#fromTick, stepTicks: this.#stepTicks, steps };
  }

  /** Whether anything was counted since the last moment. */
  #hasChanged(): boolean {
    const moment = this.#momentAt(this.#moments);
    return TOTALS.some(([total, offset]) => {
      return this.#view.getBigUint64(total, true) !== this.#view.getBigUint64(moment + offset, true);
    });
  }

  /** Records how things stand at a tick, after which steps are so long that there are not too many; where nothing happened before, nothing had changed. */
  #recordAt(tick: number): void {
    while (tick === this.#horizonTick || (tick - this.#fromTick) % this.#stepTicks === 0) {
      const number = Math.max(1, Math.ceil((tick - this.#fromTick) / this.#stepTicks));
      if (number > L.MOMENTS_MAX && this.#moments === L.MOMENTS_MAX) {
        this.kernel.thinMoments();
        this.#stepTicks *= 2;
      } else if (number - this.#moments > 1) {
        this.kernel.repeatMoment();
      } else {
        return number === this.#moments ? this.#amend() : this.#recordNow();
      }
    }
  }

  #recordNow(): void {
    this.kernel.recordMoment();
    this.#recordMachines();
  }

  #recordMachines(): void {
    for (const { header } of this.map.machines) this.kernel.recordMachine(header);
  }

  /** What happened in the last tick of all, after its moment was recorded, belongs to the step before. */
  #amend(): void {
    const moment = this.#momentAt(this.#moments);
    const field = (offset: number): number => this.#view.getUint32(moment + offset, true);
    const [least, most] = [field(L.MOMENT_MIN), field(L.MOMENT_MAX)];
    this.#view.setUint32(L.SHARD_MOMENTS, this.#moments - 1, true);
    this.#recordNow();
    this.#view.setUint32(moment + L.MOMENT_MIN, Math.min(least, field(L.MOMENT_MIN)), true);
    this.#view.setUint32(moment + L.MOMENT_MAX, Math.max(most, field(L.MOMENT_MAX)), true);
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
}

/** What happened between two moments at their addresses. */
export function readStep(view: DataView, before: number, now: number, momentBytes: number): SeriesStep {
  const u64 = (address: number): bigint => view.getBigUint64(address, true);
  const since = (offset: number): number => Number(u64(now + offset) - u64(before + offset));
  const completions = since(L.MOMENT_CLOSE_TOLD);
  const synchronousCloses = since(L.MOMENT_CLOSED);
  return {
    opens: since(L.MOMENT_OPENED) + since(L.MOMENT_OPEN_TOLD),
    closes: synchronousCloses + since(L.MOMENT_CLOSE_PENDED),
    completions,
    lifecycles: synchronousCloses + completions,
    // Of a lane, unlike of a shard, below 0 where other lanes close what it has opened.
    openAtEnd: Number(view.getBigInt64(now + L.MOMENT_OPEN, true)),
    pendedAtEnd: Number(view.getBigInt64(now + L.MOMENT_PENDED, true)),
    close: {
      sumTicks: u64(now + L.MOMENT_SUM) - u64(before + L.MOMENT_SUM),
      minTicks: view.getUint32(now + L.MOMENT_MIN, true),
      maxTicks: view.getUint32(now + L.MOMENT_MAX, true),
      counts: Float64Array.from({ length: (momentBytes - L.MOMENT_COUNTS) / 8 }, (_, group) =>
        since(L.MOMENT_COUNTS + 8 * group),
      ),
    },
  };
}
