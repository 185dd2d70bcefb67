import type { Irql } from "../scenario/scenario.js";
import type { CallName } from "./calls.js";
import type { StatusName } from "./statuses.js";

/** IRQLs at which calls are seen; no driver has reason to complete at DEVICE_LEVEL, but a fault does. */
export type TraceIrql = Irql | "DEVICE_LEVEL";

/** `ndis`, `client:<n>` or `cm:<n>`, numbered within the machine. */
export type Party = "ndis" | `client:${number}` | `cm:${number}`;

interface TraceHead {
  readonly seq: number;
  readonly timeNs: number;
  readonly machine: number;
  readonly processor: number;
  readonly irql: TraceIrql;
}

export interface CallRecord extends TraceHead {
  readonly op: "call";
  readonly frame: number;
  /** The frame that the call was made from; absent for one made from outside all calls. */
  readonly parent?: number;
  readonly call: CallName;
  readonly from: Party;
  readonly to: Party;
  readonly adapter: number;
  readonly af?: string;
  readonly status?: StatusName;
  /** Null where a call manager passes no context though it should. */
  readonly context?: null;
}

export interface ReturnRecord extends TraceHead {
  readonly op: "return";
  readonly frame: number;
  readonly call: CallName;
  readonly af?: string;
  readonly status?: StatusName;
  readonly context?: null;
}

/** A context is freed, or a client begins or ends to wait for its close. */
export interface NoteRecord extends TraceHead {
  readonly op: "release" | "wait" | "wake";
  readonly from: Party;
  readonly af: string;
}

/** A line of a trace (DESIGN.md section 6). */
export type TraceRecord = CallRecord | ReturnRecord | NoteRecord;

/** Where code runs. */
export interface Place {
  readonly processor: number;
  readonly irql: TraceIrql;
}

/** A call that has not returned yet. */
export interface Frame extends Place {
  readonly number: number;
  readonly call: CallName;
}

/** What a call record says beside where and when. */
export interface CallDetails {
  readonly call: CallName;
  readonly from: Party;
  readonly to: Party;
  readonly adapter: number;
  readonly af?: string;
  readonly status?: StatusName;
  readonly context?: null;
}

/** What a return record says beside where and when. */
export type ReturnDetails = Pick<ReturnRecord, "af" | "status" | "context">;

/** Writes the trace of one machine and counts its calls. */
export class ReferenceTracer {
  readonly records: TraceRecord[] = [];
  calls = 0;
  #seq = 0;

  constructor(
    readonly machine: number,
    readonly tickNs: number,
    /** Whether to keep records; they are numbered and counted in any case. */
    readonly keep: boolean,
  ) {}

  /** A call from inside another one, or else from outside all calls. */
  call(tick: number, place: Place, details: CallDetails, parent?: Frame): Frame {
    const frame = { number: ++this.calls, call: details.call, processor: place.processor, irql: place.irql };
    const inside = parent === undefined ? {} : { parent: parent.number };
    this.#write({ ...this.#head(tick, place), op: "call", frame: frame.number, ...inside, ...details });
    return frame;
  }

  /** A call made from inside another, on the same processor and at the same IRQL. */
  nestedCall(tick: number, parent: Frame, details: CallDetails): Frame {
    return this.call(tick, parent, details, parent);
  }

  return(tick: number, frame: Frame, details: ReturnDetails): void {
    const { number, call } = frame;
    this.#write({ ...this.#head(tick, frame), op: "return", frame: number, call, ...details });
  }

  /** A party frees its context for an AF, or waits for its close, or no longer. */
  note(tick: number, op: NoteRecord["op"], place: Place, from: Party, af: string): void {
    this.#write({ ...this.#head(tick, place), op, from, af });
  }

  #head(tick: number, place: Place): TraceHead {
    const { processor, irql } = place;
    return { seq: ++this.#seq, timeNs: tick * this.tickNs, machine: this.machine, processor, irql };
  }

  #write(record: TraceRecord): void {
    if (this.keep) this.records.push(record);
  }
}
