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
  readonly sap?: string;
  readonly vc?: string;
  readonly party?: string;
  /** Of the SAP that is asked for. */
  readonly address?: string;
  readonly status?: StatusName;
  /** Null where a call manager passes no context though it should. */
  readonly context?: null;
}

export interface ReturnRecord extends TraceHead {
  readonly op: "return";
  readonly frame: number;
  readonly call: CallName;
  readonly af?: string;
  readonly sap?: string;
  readonly vc?: string;
  readonly party?: string;
  readonly status?: StatusName;
  readonly context?: null;
}

/** A context is freed, or a client begins or ends to wait for its close. */
export interface NoteRecord extends TraceHead {
  readonly op: "release" | "wait" | "wake";
  /** The frame in which a client waits; absent for a wait in a thread of its own. */
  readonly parent?: number;
  readonly from: Party;
  readonly af: string;
}

type Written<Record> = { -readonly [Field in keyof Record]: Record[Field] };

/** A line of a trace. MODEL.md "Trace" says which there are, README.md "Traces" what their fields mean. */
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
  /** What hangs on the AF, as far as the call is about it, and the address of a SAP that is asked for. */
  readonly objects?: ObjectFields;
  readonly status?: StatusName;
  readonly context?: null;
}

/** The fields of a record that name a SAP, a VC and a party, and the address of a SAP. */
export type ObjectFields = Pick<CallRecord, "sap" | "vc" | "party" | "address">;

/** What a return record says beside where and when. */
export type ReturnDetails = Pick<CallDetails, "af" | "objects" | "status" | "context">;

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
    const { processor, irql } = place;
    const { call, from, to, adapter } = details;
    const frame = { number: ++this.calls, call, processor, irql };
    const seq = ++this.#seq;
    if (!this.keep) return frame;
    const { machine } = this;
    const timeNs = tick * this.tickNs;
    const op = "call";
    const record: Written<CallRecord> =
      parent === undefined
        ? { seq, timeNs, machine, processor, irql, op, frame: frame.number, call, from, to, adapter }
        : {
            seq,
            timeNs,
            machine,
            processor,
            irql,
            op,
            frame: frame.number,
            parent: parent.number,
            call,
            from,
            to,
            adapter,
          };
    this.#add(record, details);
    return frame;
  }

  /** A call made from inside another, on the same processor and at the same IRQL. */
  nestedCall(tick: number, parent: Frame, details: CallDetails): Frame {
    return this.call(tick, parent, details, parent);
  }

  return(tick: number, frame: Frame, details: ReturnDetails): void {
    const seq = ++this.#seq;
    if (!this.keep) return;
    const { number, call, processor, irql } = frame;
    const { machine } = this;
    const timeNs = tick * this.tickNs;
    this.#add({ seq, timeNs, machine, processor, irql, op: "return", frame: number, call }, details);
  }

  /** A party frees its context for an AF, or waits for its close, or no longer: inside a call, if this is known. */
  note(tick: number, op: NoteRecord["op"], place: Place, from: Party, af: string, parent?: Frame): void {
    const seq = ++this.#seq;
    if (!this.keep) return;
    const { processor, irql } = place;
    const inside = parent === undefined ? {} : { parent: parent.number };
    const timeNs = tick * this.tickNs;
    this.records.push({ seq, timeNs, machine: this.machine, processor, irql, op, ...inside, from, af });
  }

  /** Keeps a record, with those of the last fields that it has: a trace has many, and spreading objects takes its time. */
  #add(record: Written<CallRecord> | Written<ReturnRecord>, { af, objects, status, context }: ReturnDetails): void {
    if (af !== undefined) record.af = af;
    if (objects !== undefined) addObjects(record, objects);
    if (status !== undefined) record.status = status;
    if (context !== undefined) record.context = context;
    this.records.push(record);
  }
}

function addObjects(
  record: Written<CallRecord> | Written<ReturnRecord>,
  { sap, vc, party, address }: ObjectFields,
): void {
  if (sap !== undefined) record.sap = sap;
  if (vc !== undefined) record.vc = vc;
  if (party !== undefined) record.party = party;
  if (address !== undefined && record.op === "call") record.address = address;
}
