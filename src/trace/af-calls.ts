import type { TraceEvent } from "../contract/checker/event.js";
import type { Finding } from "../contract/checker/verdict.js";
import { InputError } from "../scenario/input-error.js";
import { quote } from "../scenario/units.js";

/** Records of an AF that are kept: the first and the last ones. */
const FIRST = 200;
const LAST = 800;

/** An AF that is named as findings name it. */
export interface AfName {
  /** Null: of any machine. */
  readonly machine: number | null;
  readonly handle: string;
  /** From 1; null: all that the handle has had. */
  readonly life: number | null;
}

/** The records of one AF, in order. */
export interface AfCalls {
  readonly name: AfName;
  /** Each with the number of the life, from 1. */
  readonly calls: readonly { readonly event: TraceEvent; readonly life: number }[];
  /** Between the first FIRST and the others. */
  readonly leftOut: number;
  /** Other machines that have such a handle. */
  readonly otherMachines: readonly number[];
}

const NAME = /^(?:(\d+)\/)?(.+?)(?:\s+\((\d+)(?:st|nd|rd|th) life\))?$/;

/**
 * Reads an AF's name: its handle, perhaps with the machine before it and the life behind it, as in `4/AF#12v3` and `0xffff8a01 (3rd life)`.
 *
 * @throws InputError for what is none
 */
export function parseAfName(text: string): AfName {
  const [, machine, handle, life] = NAME.exec(text.trim()) ?? [];
  if (handle === undefined) throw new InputError(`${quote(text)} is no AF: a handle as the trace has it, as in AF#12v3`);
  return {
    machine: machine === undefined ? null : Number(machine),
    handle,
    life: life === undefined ? null : Number(life),
  };
}

/** Collects the records of one AF and of what hangs on it, from all that pass by. */
export class AfCollector {
  readonly #name: AfName;
  readonly #first: { event: TraceEvent; life: number }[] = [];
  #last: { event: TraceEvent; life: number }[] = [];
  #count = 0;
  #machine: number | null;
  readonly #otherMachines = new Set<number>();
  /** SAPs, VCs and parties of the AF. */
  readonly #hanging = new Set<string>();
  /** Opens that have no handle yet: the latest of each frame, and of each machine that numbers none. */
  readonly #opens = new Map<string, TraceEvent>();
  #life = 0;
  #hasBegun = false;

  constructor(name: AfName) {
    this.#name = name;
    this.#machine = name.machine;
  }

  take(event: TraceEvent): void {
    const { machine, op, call, af, frame } = event;
    if (call === "NdisClOpenAddressFamilyEx" && af === undefined) {
      const key = `${machine} ${frame}`;
      if (op === "call") this.#opens.set(key, event);
      else this.#opens.delete(key);
      return;
    }
    if (!this.#isAbout(event)) {
      if (call === "NdisClOpenAddressFamilyEx" && op === "return") this.#opens.delete(`${machine} ${frame}`);
      return;
    }
    if (this.#machine === null) this.#machine = machine;
    if (machine !== this.#machine) {
      this.#otherMachines.add(machine);
      return;
    }
    if (op === "call" && call === "ProtocolCmOpenAf") this.#begin(event);
    for (const handle of [event.sap, event.vc, event.party]) if (handle !== undefined) this.#hanging.add(handle);
    this.#keep(event);
  }

  finish(): AfCalls {
    return {
      name: { ...this.#name, machine: this.#machine },
      calls: [...this.#first, ...this.#last],
      leftOut: this.#count - this.#first.length - this.#last.length,
      otherMachines: [...this.#otherMachines].sort((a, b) => a - b),
    };
  }

  #isAbout({ machine, af, sap, vc, party }: TraceEvent): boolean {
    if (af !== undefined) return af === this.#name.handle && (this.#name.machine ?? machine) === machine;
    if (machine !== this.#machine) return false;
    return [sap, vc, party].some((handle) => handle !== undefined && this.#hanging.has(handle));
  }

  /** A new open begins a new life, and the client's call that leads to it belongs to it. */
  #begin({ machine, parent }: TraceEvent): void {
    this.#life = this.#hasBegun || this.#life > 0 ? this.#life + 1 : 1;
    this.#hanging.clear();
    const open = this.#opens.get(`${machine} ${parent}`);
    if (open === undefined) return;
    this.#opens.delete(`${machine} ${parent}`);
    this.#keep(open);
  }

  #keep(event: TraceEvent): void {
    // What comes before any open is of a life that began before the trace.
    if (this.#life === 0) this.#life = 1;
    this.#hasBegun = true;
    if (this.#name.life !== null && this.#name.life !== this.#life) return;
    this.#count++;
    if (this.#first.length < FIRST) this.#first.push({ event, life: this.#life });
    else this.#last.push({ event, life: this.#life });
    if (this.#last.length >= 2 * LAST) this.#last = this.#last.slice(-LAST);
  }
}

const LIFE = /\s+\((\d+)(?:st|nd|rd|th) life\)$/;

/** Whether a finding is about an AF that the user named. */
export function isAbout({ af, machine }: Finding, name: AfName): boolean {
  if (af === null || (name.machine ?? machine) !== machine) return false;
  const life = LIFE.exec(af)?.[1];
  return af.replace(LIFE, "") === name.handle && (name.life === null || Number(life ?? 1) === name.life);
}
