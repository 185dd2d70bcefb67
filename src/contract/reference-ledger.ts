import type { Violation } from "../measure/outcome.js";
import type { Slot } from "./reference-parts.js";
import type { AfObject } from "./reference-objects.js";
import {
  OBJECT_STATES,
  OBJECT_TRANSITIONS,
  type ObjectTransitionName,
  type TransitionNames,
} from "./reference-object-states.js";
import {
  foldEntry,
  foldNumbers,
  type State,
  TRANSITIONS,
  type TransitionName,
  violationCode,
} from "./reference-states.js";
import type { Moment } from "./reference-series.js";
import type { RuleForm } from "./rule-forms.js";
import type { StatusName } from "./statuses.js";

/** Latencies of one kind in ticks, in the order in which clients were told. */
export interface ReferenceLatencies {
  readonly total: number[];
  readonly requestToCompletion: number[];
  readonly completionToClient: number[];
  /** When the client was told. */
  readonly told: number[];
}

export function noLatencies(): ReferenceLatencies {
  return { total: [], requestToCompletion: [], completionToClient: [], told: [] };
}

/** How often each of these took place: never so far. */
function never<Name extends string>(transitions: Readonly<Record<Name, unknown>>): Record<Name, number> {
  return Object.fromEntries(Object.keys(transitions).map((name) => [name, 0])) as Record<Name, number>;
}

/** What something folded is about. */
export interface Handle {
  readonly slot: Slot;
  readonly generation: number;
  /** Of the slot, as it is folded. */
  readonly state: State;
}

/** The handle of a generation of a slot, by default the current one. */
export function handleOf(slot: Slot, generation = slot.generation): Handle {
  return { slot, generation, state: slot.state };
}

/** The handle of no AF, of the driver that has this slot: the slots of all AFs have had an open. */
export function noHandle(slot: Slot): Handle {
  return { slot, generation: 0, state: "vacant" };
}

/** Keeps the states of a machine's slots, its digests, and everything that is counted. */
export class ReferenceLedger {
  /** How often each transition took place. */
  readonly taken: Record<TransitionName, number> = never(TRANSITIONS);
  readonly takenByObjects: Record<ObjectTransitionName, number> = never(OBJECT_TRANSITIONS);
  readonly violations: Violation[] = [];
  readonly warnings: Violation[] = [];
  close = noLatencies();
  open = noLatencies();
  peakOpen = 0;
  peakPendedCloses = 0;
  readonly moments: Moment[] = [];
  turnedAway = 0;
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
    this.moments.push({ tick, name, open: this.openNow, pendedCloses: this.pendedClosesNow });
    this.#fold(tick, handleOf(slot), code, status);
  }

  /** Takes what hangs on an AF to its next state, and folds that likewise. */
  transitionObject<Kind extends AfObject["kind"]>(
    tick: number,
    object: Extract<AfObject, { readonly kind: Kind }>,
    name: TransitionNames[Kind],
  ): void {
    const { code, from, to, status } = OBJECT_TRANSITIONS[name];
    const { kind, index, generation, state, slot } = object as AfObject;
    if (!(from as readonly string[]).includes(state)) {
      throw new Error(`machine ${this.machine}, ${kind} ${index}: ${name} in state ${state} at tick ${tick}`);
    }
    object.state = to;
    this.takenByObjects[name]++;
    const number = (OBJECT_STATES[kind] as Readonly<Record<string, number>>)[to]!;
    const { callManager } = slot;
    callManager.digest = foldNumbers(callManager.digest, { tick, index, generation, code, state: number, status });
  }

  /** Records that a rule is broken, perhaps one that only warns; the slot's state stays as it is. */
  violate(tick: number, { slot, generation, state }: Handle, form: RuleForm, status: StatusName): void {
    const list = form.warning ? this.warnings : this.violations;
    list.push({ rule: form.id, tick, machine: this.machine, slot: slot.index, generation });
    this.#fold(tick, { slot, generation, state }, violationCode(form), status);
  }

  /** Measures the latency of an open or close of which the client is told now. */
  measure(latencies: ReferenceLatencies, tick: number, slot: Slot): void {
    latencies.total.push(tick - slot.requestTick);
    latencies.requestToCompletion.push(slot.completionTick - slot.requestTick);
    latencies.completionToClient.push(tick - slot.completionTick);
    latencies.told.push(tick);
  }

  /** Forgets what a warm-up measured. */
  resetLatencies(): void {
    this.close = noLatencies();
    this.open = noLatencies();
  }

  #fold(tick: number, { slot, generation, state }: Handle, code: number, status: StatusName): void {
    const { callManager, index } = slot;
    callManager.digest = foldEntry(callManager.digest, { tick, slot: index, generation, code, state, status });
  }

  #count(state: State): number {
    return this.#inState.get(state) ?? 0;
  }
}
