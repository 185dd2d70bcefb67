/** Runs a scenario in the kernel, and reads from its trace how long every close took. */
import { CALL_CL_CLOSE, CALL_CL_CLOSE_COMPLETE, OP_CALL } from "../../assembly/abi/codes.js";
import { TRACE_OP, TRACE_RECORD_BYTES, TRACE_SLOT, TRACE_TICK } from "../../assembly/abi/layout.js";
import { slotCountOf } from "../../src/kernel/topology.js";
import type { MachineOutcome } from "../../src/measure/outcome.js";
import { summarizeLatency, type LatencySummary } from "../../src/measure/percentiles.js";
import type { Scenario } from "../../src/scenario/scenario.js";
import { runKernel } from "../support/run-kernel.js";

const WORD_BYTES = 4;
/** The bytes TRACE_OP and TRACE_CALL of a record, which begin a word. */
const CLOSE = (CALL_CL_CLOSE << 8) | OP_CALL;
const TOLD = (CALL_CL_CLOSE_COMPLETE << 8) | OP_CALL;

/** Nanoseconds from each close's request until its client was told, of one machine, in the order in which clients were told. */
class CloseLatencies {
  readonly #requested: Float64Array;
  readonly #latencies: number[] = [];

  constructor(
    slots: number,
    readonly tickNs: number,
    readonly measuredFromTick: number,
  ) {
    this.#requested = new Float64Array(slots);
  }

  read(records: Uint8Array): void {
    const words = new Uint32Array(records.buffer, records.byteOffset, records.byteLength / WORD_BYTES);
    for (let at = 0; at < words.length; at += TRACE_RECORD_BYTES / WORD_BYTES) {
      const what = words[at + TRACE_OP / WORD_BYTES]! & 0xffff;
      if (what !== CLOSE && what !== TOLD) continue;
      const tick = words[at + TRACE_TICK / WORD_BYTES]!;
      const slot = words[at + TRACE_SLOT / WORD_BYTES]!;
      if (what === CLOSE) this.#requested[slot] = tick;
      else if (tick >= this.measuredFromTick) this.#latencies.push((tick - this.#requested[slot]!) * this.tickNs);
    }
  }

  toArray(): Float64Array {
    return Float64Array.from(this.#latencies);
  }
}

export interface Simulation {
  /** In nanoseconds, without those of the warm-up: a sequence for each machine. */
  readonly latencies: readonly Float64Array[];
  /** What the result reports of all of them. */
  readonly reported: LatencySummary;
  readonly refused: number;
}

/** The warm-up is the first phase, if there is one. Every close is pended. */
export function simulate(scenario: Scenario): Simulation {
  const { topology, tickNs, phases } = scenario;
  const warmupNs = phases[0]?.kind === "warmup" ? phases[0].ns : 0;
  const machines = Array.from(
    { length: topology.machines },
    (_, machine) => new CloseLatencies(slotCountOf(topology, machine), tickNs, warmupNs / tickNs),
  );
  const { merged } = runKernel(scenario, {
    trace: { afs: null, timeNs: null },
    sink: (machine, records) => machines[machine]!.read(records),
  });
  return {
    latencies: machines.map((machine) => machine.toArray()),
    reported: summarizeLatency(merged.close.total, tickNs),
    refused: merged.totals.refused,
  };
}

/** How the machines of a run stood at its end; nothing is traced. */
export function simulateEnds(scenario: Scenario): readonly MachineOutcome[] {
  return runKernel(scenario).merged.machines;
}
