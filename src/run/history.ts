/**
 * Histories: a machine that broke a rule is run again alone, with a trace of the AFs concerned, up to the violation. Machines share
 * nothing, so that it does the same again.
 */

import { OP_ADAPTER_CALL, OP_BINDING_CALL, OP_RELEASE_CALL_MANAGER } from "../../assembly/abi/codes.js";
import * as L from "../../assembly/abi/layout.js";
import { ruleOf, type RuleId } from "../contract/rules.js";
import { breachingCall, unrecordedBreach } from "../contract/unrecorded.js";
import { KERNEL_CALLS } from "../kernel/call-codes.js";
import { slotCountOf, SlotPlaces, type Place } from "../kernel/topology.js";
import { TRACE_RECORD_BYTES, TraceFormatter } from "../kernel/trace-record.js";
import { HISTORY_FIRST, HISTORY_LAST, type History, type TraceRecord } from "../measure/history.js";
import type { Violation } from "../measure/outcome.js";
import type { ShardPlan } from "./plan.js";

/** Picks the records of one violation's AF, or of its binding and call manager where it is about no AF. They come one by one, in order. */
class Picker {
  readonly #first: Uint8Array[] = [];
  /** A ring, once it is full. */
  readonly #last: Uint8Array[] = [];
  #kept = 0;
  #earlier = 0;
  #brokenBy: number | null = null;
  /** The rule is broken: the next record does it, if any of this AF does. */
  #isBroken = false;
  #isOver = false;

  constructor(
    readonly violation: Violation,
    readonly ruleNumber: number,
    /** Of the violation's slot. */
    readonly place: Place,
  ) {}

  take(view: DataView, record: Uint8Array): void {
    const { generation, tick } = this.violation;
    if (this.#isOver || !this.#isAbout(view)) return;
    const life = view.getUint32(L.TRACE_GENERATION, true);
    if (
      this.#isBroken &&
      (life !== generation || view.getUint32(L.TRACE_TICK, true) !== tick || !this.#mayBreak(view))
    ) {
      this.#isOver = true;
      return;
    }
    if (life < generation) this.#earlier++;
    else this.#keep(record);
    // A call manager releases its context before the call, or the return, by which it breaks a rule.
    if (!this.#isBroken || view.getUint8(L.TRACE_OP) === OP_RELEASE_CALL_MANAGER) return;
    this.#brokenBy = view.getUint32(L.TRACE_SEQ, true);
    this.#isOver = true;
  }

  /** The rule was broken after the record that came last. */
  breakRule(): void {
    this.#isBroken = true;
    if (unrecordedBreach(this.violation.rule) !== undefined) this.#isOver = true;
  }

  finish(format: (record: Uint8Array) => TraceRecord): History {
    const beginsAt = Math.max(0, this.#kept - HISTORY_FIRST) % HISTORY_LAST;
    const isFull = this.#kept > HISTORY_FIRST + HISTORY_LAST;
    const last = isFull ? [...this.#last.slice(beginsAt), ...this.#last.slice(0, beginsAt)] : this.#last;
    return {
      records: [...this.#first, ...last].map(format),
      brokenBy: this.#brokenBy,
      leftOut: {
        lives: Math.max(0, this.violation.generation - 1),
        recordsOfLives: this.#earlier,
        recordsBetween: this.#kept - this.#first.length - last.length,
      },
    };
  }

  #isAbout(view: DataView): boolean {
    const op = view.getUint8(L.TRACE_OP);
    const number = view.getUint32(L.TRACE_SLOT, true);
    const { slot, generation } = this.violation;
    if (op < OP_BINDING_CALL) return generation > 0 && number === slot;
    return generation === 0 && number === (op < OP_ADAPTER_CALL ? this.place.client : this.place.adapter);
  }

  #mayBreak(view: DataView): boolean {
    const call = breachingCall(this.violation.rule);
    return call === undefined || KERNEL_CALLS.find(({ name }) => name === call)?.code === view.getUint8(L.TRACE_CALL);
  }

  #keep(record: Uint8Array): void {
    if (this.#kept < HISTORY_FIRST) this.#first.push(record);
    else this.#last[(this.#kept - HISTORY_FIRST) % HISTORY_LAST] = record;
    this.#kept++;
  }
}

function formNumber({ rule, warningForm }: Violation): number {
  const { number, warningForm: form } = ruleOf(rule as RuleId);
  return warningForm && form !== null ? form : number;
}

/**
 * Records the histories that a plan asks for. The kernel hands every record over before it writes the next one, and counts a rule
 * when it is broken, before the record that does it: so the count tells between which two records that was.
 */
export class HistoryRecorder {
  readonly #memory: DataView;
  readonly #formatter: TraceFormatter;
  readonly #pickers: readonly Picker[];
  /** Of rules that are not broken yet. */
  #waiting: readonly Picker[];
  #hasBegun = false;

  constructor(memory: WebAssembly.Memory, { scenario, firstMachine }: ShardPlan, violations: readonly Violation[]) {
    this.#memory = new DataView(memory.buffer);
    this.#formatter = new TraceFormatter(scenario, firstMachine);
    const places = new SlotPlaces(scenario.topology, slotCountOf(scenario.topology, firstMachine));
    this.#pickers = violations.map(
      (violation) => new Picker(violation, formNumber(violation), places.placeOf(violation.slot)),
    );
    this.#waiting = this.#pickers;
  }

  /** Takes the next record of the machine; what comes first is none, see configure.ts. */
  take(record: Uint8Array): void {
    if (record.length !== TRACE_RECORD_BYTES) throw new Error("internal error: records of a history come one by one");
    if (this.#hasBegun) this.#pick(record.slice());
    this.#hasBegun = true;
    const isBroken = ({ ruleNumber }: Picker): boolean =>
      this.#memory.getBigUint64(L.SHARD_RULES + 8 * ruleNumber, true) > 0n;
    for (const picker of this.#waiting) if (isBroken(picker)) picker.breakRule();
    this.#waiting = this.#waiting.filter((picker) => !isBroken(picker));
  }

  #pick(record: Uint8Array): void {
    const view = new DataView(record.buffer);
    for (const picker of this.#pickers) picker.take(view, record);
  }

  /** The histories, in the order of the violations. */
  finish(): History[] {
    const format = (record: Uint8Array): TraceRecord =>
      JSON.parse(this.#formatter.format(new DataView(record.buffer), 0)) as TraceRecord;
    return this.#pickers.map((picker) => picker.finish(format));
  }
}
