import type { ReferenceRun } from "../../src/contract/reference.js";
import type { CallRecord, ReturnRecord, TraceRecord } from "../../src/contract/reference-trace.js";

/** What a trace says of one lifecycle. */
export interface Life {
  readonly machine: number;
  readonly slot: number;
  readonly generation: number;
  /** In the order of the trace; with the call of the open, which has no handle yet. */
  readonly records: readonly TraceRecord[];
}

/** Sorts a trace by lifecycles, in the order of their opens. */
export function livesOf({ trace }: ReferenceRun): Life[] {
  const opens = new Map<string, CallRecord>();
  /** The lifecycle that the last record of each machine with a handle is about. */
  const latest = new Map<number, TraceRecord[]>();
  const lives = new Map<string, { life: Life; records: TraceRecord[] }>();
  for (const record of trace) {
    if (record.af === undefined && "call" in record && record.call === "NdisUnbindAdapter") {
      // It follows what told the client of its failed open.
      latest.get(record.machine)!.push(record);
      continue;
    }
    if (record.af === undefined) {
      // The call of an open; all other records without a handle are about a driver that comes or goes.
      if (record.op === "call") opens.set(`${record.machine}:${record.frame}`, record);
      continue;
    }
    const key = `${record.machine}:${record.af}`;
    let entry = lives.get(key);
    if (entry === undefined) {
      const [, slot, generation] = /^AF#(\d+)v(\d+)$/.exec(record.af)!;
      // The first record with the handle is the ProtocolCmOpenAf call inside the open.
      const parent = record.op === "call" ? opens.get(`${record.machine}:${record.parent}`) : undefined;
      const records: TraceRecord[] = parent === undefined ? [] : [parent];
      const life = { machine: record.machine, slot: Number(slot), generation: Number(generation), records };
      entry = { life, records };
      lives.set(key, entry);
    }
    entry.records.push(record);
    latest.set(record.machine, entry.records);
  }
  return [...lives.values()].map(({ life }) => life);
}

/** The first call of a lifecycle with a name that fits, made from outside all calls or from inside one. */
export function findCall(life: Life, name: RegExp, from?: "outside" | "inside"): CallRecord | undefined {
  return life.records.find(
    (record): record is CallRecord =>
      record.op === "call" &&
      name.test(record.call) &&
      (from === undefined || (from === "inside") === (record.parent !== undefined)),
  );
}

/** The return of a call. */
export function findReturn(life: Life, call: CallRecord | undefined): ReturnRecord | undefined {
  return life.records.find((record): record is ReturnRecord => record.op === "return" && record.frame === call?.frame);
}
