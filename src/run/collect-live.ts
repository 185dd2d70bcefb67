import * as C from "../../assembly/abi/codes.js";
import * as A from "../../assembly/abi/lane-layout.js";
import * as L from "../../assembly/abi/layout.js";
import { SHARED_AT_END } from "../../assembly/abi/object-layout.js";
import type { LaneMap } from "../kernel/lane-map.js";
import { FIRST_VIOLATIONS, type ShardOutcome, type Violation } from "../measure/outcome.js";
import { collectMachine, collectShard } from "./collect.js";
import type { LivePlan } from "./live-plan.js";
import { owedObjects } from "./live-objects.js";
import { collectLiveSeries } from "./live-series.js";

/** What only a live run counts. */
export interface LiveCounts {
  /** Closes that found another thread had begun them. */
  readonly lostRaces: number;
  /** Steps in which a lane had to wait for room in a ring. */
  readonly waits: number;
  /** Slots taken from another lane's free list. */
  readonly stolen: number;
  /** Items handed to another lane; with one ring for all nobody knows. */
  readonly handedOver: number;
  /** How late events were handled, where scenario times are wall-clock times. */
  readonly lag: { readonly meanNs: number; readonly maxNs: number } | null;
}

export interface LiveOutcome {
  readonly outcome: ShardOutcome;
  readonly counts: LiveCounts;
}

interface Broken {
  readonly rule: number;
  readonly tick: number;
  readonly slot: number;
  readonly generation: number;
  /** That saw it; null: found at the end. */
  readonly lane: number | null;
}

const NO_LANE = 2 ** 32 - 1;

/** A violation as #keepFirst has written it. */
function onLane({ machine: lane, ...violation }: Violation): Violation {
  return { ...violation, machine: 0, ...(lane === NO_LANE ? {} : { lane }) };
}

const OPEN_STATES: ReadonlySet<number> = new Set([C.STATE_OPEN, C.STATE_STRANDED, C.STATE_REFUSED]);

/** Whether an AF in this state has nothing to come but what its client owes. */
const hasEnded = (state: number): boolean => state === C.STATE_VACANT || state === C.STATE_STRANDED;

/** Adds what lanes have counted, each for itself, up in the part of the memory that is a shard's, and collects that. */
class LaneMerge {
  readonly #view: DataView;
  readonly #words: Uint32Array;
  readonly #broken: Broken[] = [];

  constructor(
    memory: WebAssembly.Memory,
    readonly plan: LivePlan,
  ) {
    this.#view = new DataView(memory.buffer);
    this.#words = new Uint32Array(memory.buffer);
  }

  /** @param complete whether every lane came to the end of the run */
  collect(complete: boolean, times: { readonly setupSeconds: number; readonly kernelSeconds: number }): LiveOutcome {
    const { map, scenario, horizonTicks } = this.plan;
    const reached = Math.max(0, ...map.lanes.map(({ header }) => this.#u32(header + A.LANE_STAMP)));
    const endTick = Math.min(reached, horizonTicks);
    const isFinal = complete && scenario.phases.at(-1)?.kind === "drain" && reached < horizonTicks;
    const series = collectLiveSeries(this.#view, this.plan);
    map.lanes.forEach((lane, index) => this.#addLane(lane, index));
    const atEnd = this.#judgeEnd(endTick, isFinal);
    this.#keepFirst();
    const [first] = map.lanes;
    if (!first) throw new Error("internal error: a live run has no lane");
    const { header } = map.machine;
    this.#view.setUint32(header + L.MACHINE_PEAK_OPEN, this.#u32(first.header + A.LANE_PEAK_OPEN), true);
    this.#view.setUint32(header + L.MACHINE_PEAK_PENDED, this.#u32(first.header + A.LANE_PEAK_PENDED), true);
    const counts = BigInt(atEnd.open) | (BigInt(atEnd.pended) << 32n);
    const machine = collectMachine(this.#view, map.machine, 0, scenario.topology, endTick, counts);
    const shard = { shard: 0, scenario, firstMachine: 0, machineCount: 1, memoryBytes: map.bytes, trace: null };
    const outcome = collectShard(this.#view, map.shard, shard, [machine], complete, times);
    const [firstViolations, firstOfRules] = [outcome.firstViolations, outcome.firstOfRules].map((all) =>
      all.map(onLane),
    ) as [Violation[], Violation[]];
    return {
      outcome: { ...outcome, firstViolations, firstOfRules, series },
      counts: this.#counts(),
    };
  }

  #u32(address: number): number {
    return this.#view.getUint32(address, true);
  }

  #u64(address: number): bigint {
    return this.#view.getBigUint64(address, true);
  }

  #add(to: number, from: number, count: number): void {
    for (let i = 0; i < count; i++)
      this.#view.setBigUint64(to + 8 * i, BigInt.asUintN(64, this.#u64(to + 8 * i) + this.#u64(from + 8 * i)), true);
  }

  #addLane(lane: LaneMap, index: number): void {
    const { map, scenario } = this.plan;
    const { adaptersPerMachine, clientsPerAdapter } = scenario.topology;
    this.#add(L.SHARD_TOTALS, lane.header + A.LANE_TOTALS, (L.TOTAL_UNDECIDED - L.SHARD_TOTALS) / 8);
    this.#add(L.SHARD_RULES, lane.header + A.LANE_RULES, L.RULE_LIMIT);
    this.#addLatency(map.shard.latency, lane.closeCounts);
    this.#addLatency(map.shard.latency + 2 * map.shard.latencyBytes, lane.openCounts);
    this.#add(map.shard.order, lane.order, L.ORDER_BYTES / 8);
    for (let client = 0; client < adaptersPerMachine * clientsPerAdapter; client++) {
      for (const field of [L.CLIENT_COMPLETIONS, L.CLIENT_REORDERED]) {
        const to = map.machine.clients + client * L.CLIENT_BYTES + field;
        this.#view.setUint32(to, this.#u32(to) + this.#u32(lane.clients + client * L.CLIENT_BYTES + field), true);
      }
    }
    if (lane.objects !== null) this.#add(map.shard.shared, lane.objects.shared, SHARED_AT_END / 8);
    this.#takeViolations(lane.header, index);
  }

  #addLatency(to: number, from: number): void {
    const { latencyBytes } = this.plan.map.shard;
    const least = Math.min(this.#u32(to + L.LATENCY_MIN), this.#u32(from + L.LATENCY_MIN));
    const most = Math.max(this.#u32(to + L.LATENCY_MAX), this.#u32(from + L.LATENCY_MAX));
    this.#add(to + L.LATENCY_SUM, from + L.LATENCY_SUM, 1);
    this.#add(to + L.LATENCY_COUNTS, from + L.LATENCY_COUNTS, (latencyBytes - L.LATENCY_COUNTS) / 8);
    this.#view.setUint32(to + L.LATENCY_MIN, least, true);
    this.#view.setUint32(to + L.LATENCY_MAX, most, true);
  }

  #readBroken(at: number, lane: number): Broken {
    return {
      rule: this.#u32(at + L.VIOLATION_RULE),
      tick: this.#u32(at + L.VIOLATION_TICK),
      slot: this.#u32(at + L.VIOLATION_SLOT),
      generation: this.#u32(at + L.VIOLATION_GENERATION),
      lane,
    };
  }

  #takeViolations(header: number, lane: number): void {
    for (let rule = 0; rule < L.RULE_LIMIT; rule++) {
      if (this.#u64(header + A.LANE_RULES + 8 * rule) === 0n) continue;
      this.#broken.push(this.#readBroken(header + A.LANE_FIRST + rule * L.VIOLATION_BYTES, lane));
    }
    const kept = this.#u32(header + A.LANE_VIOLATION_COUNT);
    for (let i = 0; i < kept; i++) {
      const violation = this.#readBroken(header + A.LANE_VIOLATIONS + i * L.VIOLATION_BYTES, lane);
      if (!this.#isFirstOfRule(violation)) this.#broken.push(violation);
    }
  }

  /** The first violation of a rule stands in both places. */
  #isFirstOfRule({ rule, tick, slot, generation }: Broken): boolean {
    return this.#broken.some(
      (one) => one.rule === rule && one.tick === tick && one.slot === slot && one.generation === generation,
    );
  }

  #violate(rule: number, tick: number, slot: number, generation: number): void {
    const at = L.SHARD_RULES + 8 * rule;
    this.#view.setBigUint64(at, this.#u64(at) + 1n, true);
    this.#broken.push({ rule, tick, slot, generation, lane: null });
  }

  /** Judges what is still owed, and counts AFs open and closes pended. `isFinal`: nothing was left that could have met it. */
  #judgeEnd(endTick: number, isFinal: boolean): { readonly open: number; readonly pended: number } {
    const { scenario, map } = this.plan;
    const notes = this.#u32(map.machine.header + L.MACHINE_NOTES);
    const deadlines = {
      close: scenario.deadlines.closeNs / scenario.tickNs,
      open: scenario.deadlines.openNs / scenario.tickNs,
    };
    const bytes = new Uint8Array(this.#view.buffer);
    let [open, pended, undecided] = [0, 0, 0];
    const owe = (rule: number, deadline: number, slot: number, word: number): void => {
      oweSince(rule, deadline, this.#words[(map.machine.table + slot * L.AF_BYTES + L.AF_TICK) >>> 2] ?? 0, slot, word);
    };
    const oweSince = (rule: number, deadline: number, since: number, slot: number, word: number): void => {
      if (isFinal || endTick - since > deadline) this.#violate(rule, endTick, slot, word >>> L.STATE_BITS);
      else undecided++;
    };
    for (let slot = 0; slot < scenario.topology.afs; slot++) {
      const word = this.#words[(map.machine.table + slot * L.AF_BYTES) >>> 2] ?? 0;
      const state = word & L.STATE_MASK;
      if (OPEN_STATES.has(state)) open++;
      if (state === C.STATE_CLOSE_PENDED) {
        pended++;
        owe(C.RULE_CLOSE_OWED, deadlines.close, slot, word);
      } else if (state === C.STATE_OPEN_PENDED) owe(C.RULE_OPEN_OWED, deadlines.open, slot, word);
      else if (hasEnded(state) && notes !== 0 && ((bytes[notes + slot] ?? 0) & C.NOTE_OWES) !== 0)
        owe(C.RULE_NOTIFY_OWED, deadlines.close, slot, word);
      for (const { rule, since } of owedObjects(this.#view, this.plan, slot))
        oweSince(rule, deadlines.close, since, slot, word);
    }
    this.#view.setBigUint64(L.TOTAL_UNDECIDED, BigInt(undecided), true);
    return { open, pended };
  }

  /** Writes the first violations, and the first of every rule, where a shard has them. */
  #keepFirst(): void {
    const sorted = this.#broken.toSorted((a, b) => a.tick - b.tick);
    const write = (at: number, { rule, tick, slot, generation, lane }: Broken): void => {
      this.#view.setUint32(at + L.VIOLATION_RULE, rule, true);
      this.#view.setUint32(at + L.VIOLATION_TICK, tick, true);
      // There is one machine: its place is free for the lane.
      this.#view.setUint32(at + L.VIOLATION_MACHINE, lane === null ? NO_LANE : lane, true);
      this.#view.setUint32(at + L.VIOLATION_SLOT, slot, true);
      this.#view.setUint32(at + L.VIOLATION_GENERATION, generation, true);
    };
    const seen = new Set<number>();
    for (const violation of sorted) {
      if (seen.has(violation.rule)) continue;
      seen.add(violation.rule);
      write(L.SHARD_FIRST + violation.rule * L.VIOLATION_BYTES, violation);
    }
    const warnings = this.#u64(L.SHARD_WARNINGS);
    const first = sorted.filter(({ rule }) => ((warnings >> BigInt(rule)) & 1n) === 0n).slice(0, FIRST_VIOLATIONS);
    first.forEach((violation, i) => write(this.plan.map.shard.violations + i * L.VIOLATION_BYTES, violation));
    this.#view.setUint32(L.SHARD_VIOLATION_COUNT, first.length, true);
  }

  #counts(): LiveCounts {
    const { plan } = this;
    const headers = plan.map.lanes.map(({ header }) => header);
    const sum = (offset: number): number =>
      headers.reduce((total, header) => total + Number(this.#u64(header + offset)), 0);
    const late = sum(A.LANE_LAG_COUNT);
    const lagMax = Math.max(...headers.map((header) => Number(this.#u64(header + A.LANE_LAG_MAX))));
    const tickNs = plan.scenario.tickNs;
    return {
      lostRaces: sum(A.LANE_TOTAL_LOST_RACES),
      waits: sum(A.LANE_TOTAL_WAITS),
      stolen: sum(A.LANE_TOTAL_STOLEN),
      handedOver: sum(A.LANE_TOTAL_HANDED),
      lag:
        plan.pace === "wall"
          ? { meanNs: late === 0 ? 0 : (sum(A.LANE_LAG_SUM) / late) * tickNs, maxNs: lagMax * tickNs }
          : null,
    };
  }
}

/**
 * What a live run says at its end, when all its lanes have stopped; to be asked once, because it adds up in the memory.
 *
 * @param complete whether every lane came to the end of the run
 */
export function collectLive(
  memory: WebAssembly.Memory,
  plan: LivePlan,
  complete: boolean,
  times: { readonly setupSeconds: number; readonly kernelSeconds: number },
): LiveOutcome {
  return new LaneMerge(memory, plan).collect(complete, times);
}
