import { TRACE_CALLS } from "../../src/contract/checker/call-table.js";

/** A record of a trace made by hand: the fields of the format, as far as it has them. */
export interface TraceLine {
  seq: number;
  timeNs: number;
  machine: number;
  processor: number;
  irql: string;
  op: string;
  frame?: number;
  parent?: number;
  call?: string;
  from?: string;
  to?: string;
  adapter?: number;
  af?: string;
  sap?: string;
  vc?: string;
  party?: string;
  address?: string;
  status?: string;
  context?: string | null;
}

export type CallFields = Partial<TraceLine> & {
  /** What the return says; none of it where undefined. */
  readonly answer?: string | undefined;
  /** Handles that only the return has: of calls that bring one forth. */
  readonly yields?: Partial<TraceLine>;
};

export const SUCCESS = "NDIS_STATUS_SUCCESS";
export const PENDING = "NDIS_STATUS_PENDING";
export const FAILURE = "NDIS_STATUS_FAILURE";
export const NOT_ACCEPTED = "NDIS_STATUS_NOT_ACCEPTED";
export const RESOURCES = "NDIS_STATUS_RESOURCES";

const ROLES = new Map(TRACE_CALLS.map(({ name, from, to }) => [name, { from, to }]));
const HANDLES = ["af", "sap", "vc", "party"] as const;

/** Writes a trace of one machine, adapter, client and call manager, call by call; what is nested is inside the frame of what it is in. */
export class TraceWriter {
  readonly lines: TraceLine[] = [];
  timeNs = 0;
  #frames = 0;
  #around: number[] = [];

  constructor(
    readonly client = "client:0",
    readonly cm = "cm:0",
  ) {}

  /** Lets time go by. */
  wait(ns = 100): void {
    this.timeNs += ns;
  }

  /** A call, what happens inside, and its return. */
  call(name: string, fields: CallFields = {}, inside: () => void = () => {}): void {
    const { answer, yields, ...rest } = fields;
    const frame = this.begin(name, rest);
    this.within(frame, inside);
    this.end(name, frame, answer, { ...rest, ...yields });
  }

  /** The record of a call alone; its frame. */
  begin(name: string, fields: Partial<TraceLine> = {}): number {
    const frame = ++this.#frames;
    const parent = this.#around.at(-1);
    const { from, to } = ROLES.get(name) ?? { from: "client", to: "ndis" };
    const party = (role: string): string => ({ client: this.client, cm: this.cm, ndis: "ndis" })[role]!;
    this.#push({
      op: "call",
      frame,
      ...(parent === undefined ? {} : { parent }),
      call: name,
      from: party(from),
      to: party(to),
      adapter: 0,
      ...fields,
    });
    return frame;
  }

  /** What happens inside a frame. */
  within(frame: number, inside: () => void): void {
    this.#around.push(frame);
    inside();
    this.#around.pop();
  }

  /** The record of a return alone. */
  end(name: string, frame: number, answer?: string, fields: Partial<TraceLine> = {}): void {
    const handles = Object.fromEntries(
      HANDLES.flatMap((key) => (fields[key] === undefined ? [] : [[key, fields[key]]])),
    );
    const irql = fields.irql === undefined ? {} : { irql: fields.irql };
    this.#push({
      op: "return",
      frame,
      call: name,
      ...handles,
      ...irql,
      ...(answer === undefined ? {} : { status: answer }),
    });
  }

  /** Something that a driver does without a call. */
  act(op: "release" | "wait" | "wake", fields: Partial<TraceLine>): void {
    this.#push({ op, from: this.client, ...fields });
  }

  #push(fields: Partial<TraceLine> & { op: string }): void {
    this.lines.push({
      seq: this.lines.length + 1,
      timeNs: this.timeNs,
      machine: 0,
      processor: 0,
      irql: "PASSIVE_LEVEL",
      ...fields,
    });
  }
}
