import { ADVANCE_REACHED, ADVANCE_STOPPED } from "../../assembly/abi/codes.js";
import * as L from "../../assembly/abi/layout.js";
import { isStopped } from "../kernel/control.js";
import { instantiateKernel, type KernelExports } from "../kernel/kernel.js";
import { mapShard, type MachineMap, type ShardMap } from "../kernel/memory-map.js";
import { slotCountOf } from "../kernel/topology.js";
import { readTrap } from "../kernel/trap.js";
import { isTimed, type TimedPhase } from "../scenario/phases.js";
import type { BindingRanges, CallManagerProfile, NumberRange, Phase, Scenario } from "../scenario/scenario.js";
import { collectMachine, collectShard, resetMeasures } from "./collect.js";
import { configureShard } from "./configure.js";
import { HistoryRecorder } from "./history.js";
import type { MachineOutcome, ShardOutcome } from "../measure/outcome.js";
import { shardSizesOf, type ShardPlan } from "./plan.js";
import { SeriesRecorder } from "./series.js";
import { mostWork } from "./work.js";

/** Takes the next raw trace records (TRACE_RECORD_BYTES each, in seq order) of one machine. */
export type TraceSink = (machine: number, records: Uint8Array) => void;

export interface ShardTask {
  readonly module: WebAssembly.Module;
  /** Shared, of plan.memoryBytes, all zero. */
  readonly memory: WebAssembly.Memory;
  readonly plan: ShardPlan;
  /** The generation at which a slot retires; tests lower it. */
  readonly generationMax?: number;
}

/** Events after which the kernel returns, so that progress is written and the optimised code is entered. */
const EVENTS_PER_CALL = 1_000_000;
/**
 * Parts of a phase, at least. A shard's machines go through one before any begins the next, so that in a run that is stopped they
 * have all come about as far.
 */
const SLICES_PER_PHASE = 32;
/** Slots opened by one call at the start. */
const SLOTS_PER_CALL = 65_536;

/** Whether the drivers of a scenario do nothing but what the plain loop (assembly/engine/plain.ts) can do. */
export function hasPlainDrivers({ client, arrivals, processors, callManagers, faults }: Scenario): boolean {
  const [{ open, close, habit }, ...others] = callManagers as [CallManagerProfile, ...CallManagerProfile[]];
  return (
    others.length === 0 &&
    open.pend === 0 &&
    open.fail === 0 &&
    close.pend === 1 &&
    close.inline === 0 &&
    close.serve === null &&
    close.coalesce === null &&
    client.reopen &&
    client.wait === 0 &&
    mostWork(client) === 0 &&
    client.objects === null &&
    client.think.kind === "constant" &&
    client.think.ns === 0 &&
    arrivals === null &&
    faults.length === 0 &&
    habit.length + client.habit.length === 0 &&
    processors.completionCostNs === 0
  );
}

function entryPoints(kernel: KernelExports, scenario: Scenario, traced: boolean) {
  if (traced) {
    const {
      startTraced: start,
      haltTraced: halt,
      unbindTraced: unbind,
      bindTraced: bind,
      advanceTraced: advance,
    } = kernel;
    return { start, halt, unbind, bind, advance, advanceRun: advance };
  }
  const {
    startGeneral: start,
    haltGeneral: halt,
    unbindGeneral: unbind,
    bindGeneral: bind,
    advanceGeneral: advance,
  } = kernel;
  /** Until the first phase that is neither warm-up nor run. */
  const advanceRun = hasPlainDrivers(scenario) ? kernel.advancePlain : advance;
  return { start, halt, unbind, bind, advance, advanceRun };
}

function isWithin(ranges: readonly NumberRange[], number: number): boolean {
  return ranges.some(({ from, to }) => from <= number && number <= to);
}

/** The run of one shard: its machines advance together, slice by slice of virtual time. */
class ShardRun {
  readonly #view: DataView;
  readonly #map: ShardMap;
  readonly #kernel: KernelExports;
  readonly #calls: ReturnType<typeof entryPoints>;
  /** None of a machine that is run again for a history. */
  readonly #series: SeriesRecorder | null;
  #stopped = false;
  /** An adapter was halted, a client unbound or bound, or a drain has begun. */
  #ending = false;
  /** Nothing that comes now is wanted (HistoryRequest). */
  #over = false;
  /** Where the last drain began, if the last phase is one. */
  #drainStart: number | null = null;

  constructor(
    readonly task: ShardTask,
    readonly trace: TraceSink | null,
  ) {
    const { plan, memory, module } = task;
    this.#view = new DataView(memory.buffer);
    this.#map = mapShard(shardSizesOf(plan));
    configureShard(memory, this.#map, plan, task.generationMax);
    this.#kernel = instantiateKernel(module, memory, (machine) => this.#drainTrace(machine));
    this.#calls = entryPoints(this.#kernel, plan.scenario, plan.trace !== null);
    this.#series = plan.history ? null : new SeriesRecorder(memory, this.#map, this.#kernel, plan.scenario);
  }

  /** Opens the AFs, which is also the first touch of their records. */
  start(): void {
    this.#map.machines.forEach(({ header }, i) => {
      const slots = slotCountOf(this.task.plan.scenario.topology, this.task.plan.firstMachine + i);
      for (let from = 0; from < slots && !this.#checkStopped(); from += SLOTS_PER_CALL) {
        this.#calls.start(header, from, Math.min(slots, from + SLOTS_PER_CALL));
      }
      this.#handTraceOver(header);
    });
  }

  /** Goes through the phases until their end or the stop flag. */
  advance(): void {
    const { scenario } = this.task.plan;
    let start = 0;
    for (const phase of scenario.phases) {
      if (this.#over || this.#checkStopped()) return;
      if (isTimed(phase)) start = this.#advancePhase(phase, start);
      else if (phase.kind === "halt") this.#forAdapters(phase.adapters, this.#calls.halt);
      else this.#rebind(phase);
      this.#drainStart = phase.kind === "drain" ? start - phase.ns / scenario.tickNs : null;
    }
  }

  finish(): readonly MachineOutcome[] {
    const { plan } = this.task;
    return this.#map.machines.map((map, i) => {
      this.#drainTrace(map.header);
      const ended = this.#endOf(map);
      this.#kernel.measureWindows(map.header);
      const counts = this.#kernel.judgeEnd(map.header, ended.tick, ended.final ? 1 : 0);
      return collectMachine(this.#view, map, plan.firstMachine + i, plan.scenario.topology, ended.tick, counts);
    });
  }

  outcome(machines: readonly MachineOutcome[], setupSeconds: number, kernelSeconds: number): ShardOutcome {
    const times = { setupSeconds, kernelSeconds };
    const complete = !this.#stopped;
    const series = this.#series?.finish() ?? null;
    const outcome = collectShard(this.#view, this.#map, this.task.plan, machines, complete, times);
    // Where a run is stopped, one machine has come farther in its last step than another.
    return { ...outcome, series: complete ? series : null };
  }

  #field(map: MachineMap, offset: number): number {
    return this.#view.getUint32(map.header + offset, true);
  }

  /** When a machine's run ended, and whether nothing was left that could still have happened. */
  #endOf(map: MachineMap): { readonly tick: number; readonly final: boolean } {
    const now = this.#field(map, L.MACHINE_NOW);
    const idle = this.#field(map, L.MACHINE_QUEUED) === 0 && this.#field(map, L.MACHINE_BEYOND) === 0;
    if (this.#drainStart === null || this.#stopped || !idle) return { tick: now, final: false };
    return { tick: Math.max(this.#drainStart, this.#field(map, L.MACHINE_LAST_TICK)), final: true };
  }

  /** Goes through the adapters of every machine that are in the ranges, in ascending order. */
  #forAdapters(ranges: readonly NumberRange[], apply: (header: number, adapter: number) => void): void {
    const { plan } = this.task;
    const perMachine = plan.scenario.topology.adaptersPerMachine;
    this.#ending = true;
    this.#map.machines.forEach(({ header }, i) => {
      const first = (plan.firstMachine + i) * perMachine;
      for (let adapter = 0; adapter < perMachine; adapter++) {
        if (isWithin(ranges, first + adapter)) apply(header, adapter);
      }
      this.#handTraceOver(header);
    });
  }

  /** Unbinds or binds clients. */
  #rebind({ kind, adapters, clients }: Extract<Phase, BindingRanges>): void {
    const { clientsPerAdapter } = this.task.plan.scenario.topology;
    const change = this.#calls[kind];
    this.#forAdapters(adapters, (header, adapter) => {
      for (let client = 0; client < clientsPerAdapter; client++) {
        if (isWithin(clients, client)) change(header, adapter, client);
      }
    });
    if (kind === "unbind") for (const { header } of this.#map.machines) this.#kernel.leaveFreeList(header);
  }

  #advancePhase(phase: TimedPhase, start: number): number {
    const { plan } = this.task;
    const ticks = phase.ns / plan.scenario.tickNs;
    if (phase.kind === "drain") {
      this.#ending = true;
      for (const { header } of this.#map.machines) this.#view.setUint32(header + L.MACHINE_DRAINING, 1, true);
    }
    const end = start + ticks;
    const sliceTicks = Math.ceil(ticks / SLICES_PER_PHASE);
    for (let from = start; from < end && !this.#over && !this.#stopped;) {
      const until = Math.min(end, from + sliceTicks, this.#series?.nextTick ?? Infinity);
      this.#advanceSlice(from, until);
      if (until === this.#series?.nextTick && !this.#stopped) this.#series.record();
      from = until;
    }
    if (phase.kind === "warmup" && !this.#stopped) {
      for (const { header } of this.#map.machines) this.#kernel.measureWindows(header);
      resetMeasures(this.#view, this.#map, plan.scenario.topology);
      this.#series?.begin();
    }
    return start + ticks;
  }

  #advanceSlice(from: number, until: number): void {
    const machines = this.#map.machines;
    const last = this.task.plan.history?.lastTick ?? Infinity;
    const advance = this.#ending ? this.#calls.advance : this.#calls.advanceRun;
    for (const [i, map] of machines.entries()) {
      let reached: number;
      do {
        reached = advance(map.header, Math.min(until, last + 1), EVENTS_PER_CALL);
        const machineTicks = i * (until - from) + this.#field(map, L.MACHINE_NOW) - from;
        this.#view.setUint32(L.SHARD_PROGRESS_TICK, from + Math.floor(machineTicks / machines.length), true);
      } while (reached !== ADVANCE_REACHED && reached !== ADVANCE_STOPPED);
      this.#handTraceOver(map.header);
      if (this.#checkStopped()) return;
    }
    this.#over = until > last;
  }

  #checkStopped(): boolean {
    this.#stopped ||= isStopped(this.task.memory);
    return this.#stopped;
  }

  /** What is in the buffer at the end of a slice. A record of a history waits for the one after it, which comes in a later slice. */
  #handTraceOver(header: number): void {
    if (!this.task.plan.history) this.#drainTrace(header);
  }

  #drainTrace(header: number): void {
    if (this.trace === null) return;
    const begin = this.#view.getUint32(L.SHARD_TRACE, true);
    const end = this.#view.getUint32(L.SHARD_TRACE_END, true);
    if (end > begin) {
      const machine = this.#view.getUint32(header + L.MACHINE_INDEX, true);
      this.trace(machine, new Uint8Array(this.task.memory.buffer, begin, end - begin));
    }
    this.#view.setUint32(L.SHARD_TRACE_END, begin, true);
  }
}

/**
 * Runs one shard to its end or until the stop flag in its memory is raised. Blocks; uses no Node API.
 *
 * @param clock milliseconds of wall time
 * @param trace required when the plan wants a trace that is not for histories
 * @throws KernelTrap when an assertion of the kernel failed
 */
export function runShard(task: ShardTask, clock: () => number, trace: TraceSink | null): ShardOutcome {
  const begin = clock();
  const { plan, memory } = task;
  try {
    const recorder = plan.history ? new HistoryRecorder(memory, plan, plan.history.violations) : null;
    const run = new ShardRun(task, recorder ? (_machine, records) => recorder.take(records) : trace);
    run.start();
    const started = clock();
    run.advance();
    const kernelSeconds = (clock() - started) / 1000;
    const outcome = run.outcome(run.finish(), (started - begin) / 1000, kernelSeconds);
    return recorder ? { ...outcome, histories: recorder.finish() } : outcome;
  } catch (error) {
    throw readTrap(task.memory) ?? error;
  }
}
