import type { Violation } from "../measure/outcome.js";
import type { Slot } from "./reference-parts.js";
import { foldEntry, type State, TRANSITIONS, type TransitionName, violationCode } from "./reference-states.js";
import { type RuleId, ruleOf } from "./rules.js";
import type { StatusName } from "./statuses.js";

/** Latencies of one kind in ticks, in the order in which clients were told. */
export interface ReferenceLatencies {
  readonly total: number[];
  readonly requestToCompletion: number[];
  readonly completionToClient: number[];
}

export function noLatencies(): ReferenceLatencies {
  return { total: [], requestToCompletion: [], completionToClient: [] };
}

const TRANSITION_NAMES = Object.keys(TRANSITIONS) as TransitionName[];

/** Keeps the states of a machine's slots, its digests, and everything that is counted. */
export class ReferenceLedger {
  /** How often each transition took place. */
  readonly taken = Object.fromEntries(TRANSITION_NAMES.map((name) => [name, 0])) as Record<TransitionName, number>;
  readonly violations: Violation[] = [];
  readonly warnings: Violation[] = [];
  close = noLatencies();
  open = noLatencies();
  peakOpen = 0;
  peakPendedCloses = 0;
  refused = 0;
  undecided = 0;
  /** Slots in each state other than vacant. */
  readonly #inState = new Map<State, number>();

  constructor(readonly machine: number) {}

  get openNow(): number {
    return this.#count("open") + this.#count("stranded") + this.#count("refused");
  }

  get pendedClosesNow(): number {
    return this.#count("closePended") + this.#count("reporting");
  }

  /** Takes a slot to its next state and folds that into its call manager's digest. */
  transition(tick: number, slot: Slot, name: TransitionName): void {
    const { code, from, to, status } = TRANSITIONS[name];
    if (!(from as readonly State[]).includes(slot.state)) {
      throw new Error(`machine ${this.machine}, slot ${slot.index}: ${name} in state ${slot.state} at tick ${tick}`);
    }
    this.#inState.set(slot.state, this.#count(slot.state) - 1);
    this.#inState.set(to, this.#count(to) + 1);
    slot.state = to;
    this.taken[name]++;
    this.peakOpen = Math.max(this.peakOpen, this.openNow);
    this.peakPendedCloses = Math.max(this.peakPendedCloses, this.pendedClosesNow);
    this.#fold(tick, slot, slot.generation, code, status);
  }

  /** Records that a rule is broken, perhaps one that only warns, with the handle of this generation; the slot's state stays as it is. */
  violate(tick: number, slot: Slot, generation: number, rule: RuleId, status: StatusName): void {
    const list = ruleOf(rule).warning ? this.warnings : this.violations;
    list.push({ rule, tick, machine: this.machine, slot: slot.index, generation });
    this.#fold(tick, slot, generation, violationCode(rule), status);
  }

  /** Measures the latency of an open or close of which the client is told now. */
  measure(latencies: ReferenceLatencies, tick: number, slot: Slot): void {
    latencies.total.push(tick - slot.requestTick);
    latencies.requestToCompletion.push(slot.completionTick - slot.requestTick);
    latencies.completionToClient.push(tick - slot.completionTick);
  }

  /** Forgets what a warm-up measured. */
  resetLatencies(): void {
    this.close = noLatencies();
    this.open = noLatencies();
  }

  #fold(tick: number, slot: Slot, generation: number, code: number, status: StatusName): void {
    const { callManager, index, state } = slot;
    callManager.digest = foldEntry(callManager.digest, { tick, slot: index, generation, code, state, status });
  }

  #count(state: State): number {
    return this.#inState.get(state) ?? 0;
  }
}
