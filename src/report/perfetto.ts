/**
 * A trace for Perfetto (ui.perfetto.dev): a machine is a process, its processors are threads on which calls are slices, and every AF slot
 * has a track on which its lives and their closes are slices. A flow leads from the request of a close to its completion. Fields are
 * those of protos/perfetto/trace/trace_packet.proto and track_event.proto.
 */

import type { TraceRecord } from "../measure/history.js";
import { Lives, type Flows, type Life } from "./perfetto-lives.js";
import { ProtobufWriter } from "./protobuf.js";

const TRACE = { packet: 1 } as const;
const PACKET = { timestamp: 8, sequence: 10, event: 11, flags: 13, descriptor: 60 } as const;
const DESCRIPTOR = { uuid: 1, name: 2, process: 3, thread: 4, parent: 5 } as const;
const PROCESS = { pid: 1, name: 6 } as const;
const THREAD = { pid: 1, tid: 2, name: 5 } as const;
const EVENT = { type: 9, track: 11, category: 22, name: 23, annotation: 4, flows: 47, endedFlows: 48 } as const;
const ANNOTATION = { text: 6, name: 10 } as const;
const BEGIN = 1;
const END = 2;
const INSTANT = 3;
/** Nothing that came before on the sequence is needed. */
const CLEARED = 1;
const PROCESSORS_MAX = 2 ** 16;

interface Slice {
  readonly track: number;
  readonly type: typeof BEGIN | typeof END | typeof INSTANT;
  readonly category?: string;
  readonly name?: string;
  readonly status?: string | undefined;
  readonly flows?: Flows;
}

/**
 * Calls on a track end in the opposite order in which they began. A call that outlasts others on its processor (a halt, a completion that costs time) has one
 * beside the processor's own.
 */
interface Lane {
  readonly track: number;
  /** Calls that have not returned, the innermost last. */
  readonly frames: number[];
}

/** Turns trace records, in the order of the trace, into bytes of a Perfetto trace. */
export class PerfettoWriter {
  readonly #writer = new ProtobufWriter();
  readonly #tracks = new Map<string, number>();
  /** Of every processor; the first is its thread. */
  readonly #lanes = new Map<string, Lane[]>();
  /** Where a call that has not returned stands, by machine and frame. */
  readonly #laneOfFrame = new Map<string, Lane>();
  readonly #lives = new Lives({
    begin: (life, timeNs) => this.#slice(timeNs, { ...this.#beginOf(life), name: life.af }),
    beginClose: (life, timeNs) => this.#slice(timeNs, { ...this.#beginOf(life), name: "close" }),
    endClose: (life, timeNs) => this.#slice(timeNs, { track: this.#trackOf(life), type: END }),
    end: (life, timeNs) => this.#slice(timeNs, { track: this.#trackOf(life), type: END }),
  });
  #began = false;

  /** The packets of a record. */
  add(record: TraceRecord): void {
    const { op, call = "", status, frame = 0, timeNs, machine } = record;
    const lanes = this.#lanesOf(record);
    if (op === "call") {
      const flows = this.#lives.call(record);
      const lane = this.#laneFor(record, lanes);
      lane.frames.push(frame);
      this.#laneOfFrame.set(`${machine} ${frame}`, lane);
      this.#slice(timeNs, { track: lane.track, type: BEGIN, category: "call", name: call, status, flows });
    } else if (op === "return") {
      this.#return(machine, frame, timeNs);
      this.#lives.return(record);
    } else {
      const name = `${record.from ?? ""} ${op}`;
      this.#slice(timeNs, { track: lanes[0]!.track, type: INSTANT, category: "driver", name });
    }
  }

  /** What has been written since the last time. */
  take(): Uint8Array {
    return this.#writer.take();
  }

  /** Ends the slice of a call; one that the trace lacks has none. */
  #return(machine: number, frame: number, timeNs: number): void {
    const lane = this.#laneOfFrame.get(`${machine} ${frame}`);
    if (lane === undefined) return;
    // What has not returned before the call that it was made in never will.
    for (let last = lane.frames.pop(); last !== undefined; last = lane.frames.pop()) {
      this.#laneOfFrame.delete(`${machine} ${last}`);
      this.#slice(timeNs, { track: lane.track, type: END });
      if (last === frame) return;
    }
  }

  /** That of the call in which it is made, if that is the last one there; else the first that is free. */
  #laneFor({ machine, processor, parent }: TraceRecord, lanes: Lane[]): Lane {
    const around = lanes.find(({ frames }) => parent !== undefined && frames.at(-1) === parent);
    const free = around ?? lanes.find(({ frames }) => frames.length === 0);
    if (free !== undefined) return free;
    const key = `${machine}:${processor}:${lanes.length}`;
    const lane = { track: this.#track(key, `processor ${processor}, beside`, lanes[0]!.track), frames: [] };
    lanes.push(lane);
    return lane;
  }

  #lanesOf(record: TraceRecord): Lane[] {
    const key = `${record.machine}:${record.processor}`;
    let lanes = this.#lanes.get(key);
    if (lanes === undefined) {
      lanes = [{ track: this.#thread(record), frames: [] }];
      this.#lanes.set(key, lanes);
    }
    return lanes;
  }

  #beginOf(life: Life) {
    return { track: this.#trackOf(life), type: BEGIN, category: "lifecycle" } as const;
  }

  #trackOf({ machine, slot }: Life): number {
    return this.#track(`${machine} ${slot}`, slot, this.#process(machine));
  }

  #process(machine: number): number {
    return this.#describe(`${machine}`, (writer) =>
      writer.message(DESCRIPTOR.process, () =>
        writer.integer(PROCESS.pid, machine + 1).text(PROCESS.name, `machine ${machine}`),
      ),
    );
  }

  #thread({ machine, processor }: TraceRecord): number {
    this.#process(machine);
    return this.#describe(`${machine}:${processor}`, (writer) =>
      writer.message(DESCRIPTOR.thread, () =>
        writer
          .integer(THREAD.pid, machine + 1)
          // Unlike the number of any process, and of any other thread.
          .integer(THREAD.tid, (machine + 1) * PROCESSORS_MAX + processor)
          .text(THREAD.name, `processor ${processor}`),
      ),
    );
  }

  #track(key: string, name: string, parent: number): number {
    return this.#describe(key, (writer) => writer.text(DESCRIPTOR.name, name).integer(DESCRIPTOR.parent, parent));
  }

  /** The track's number; it is described before it is used. */
  #describe(key: string, write: (writer: ProtobufWriter) => unknown): number {
    const known = this.#tracks.get(key);
    if (known !== undefined) return known;
    const uuid = this.#tracks.size + 1;
    this.#tracks.set(key, uuid);
    this.#packet((writer) =>
      writer.message(PACKET.descriptor, () => {
        writer.integer(DESCRIPTOR.uuid, uuid);
        write(writer);
      }),
    );
    return uuid;
  }

  #slice(timeNs: number, { track, type, category, name, status, flows = {} }: Slice): void {
    this.#packet((writer) =>
      writer.integer(PACKET.timestamp, timeNs).message(PACKET.event, () => {
        writer.integer(EVENT.type, type).integer(EVENT.track, track);
        if (category !== undefined) writer.text(EVENT.category, category);
        if (name !== undefined) writer.text(EVENT.name, name);
        if (flows.begun !== undefined) writer.fixed64(EVENT.flows, flows.begun);
        if (flows.ended !== undefined) writer.fixed64(EVENT.endedFlows, flows.ended);
        if (status !== undefined)
          writer.message(EVENT.annotation, () => writer.text(ANNOTATION.text, status).text(ANNOTATION.name, "status"));
      }),
    );
  }

  #packet(write: (writer: ProtobufWriter) => unknown): void {
    const isFirst = !this.#began;
    this.#began = true;
    this.#writer.message(TRACE.packet, () => {
      this.#writer.integer(PACKET.sequence, 1);
      if (isFirst) this.#writer.integer(PACKET.flags, CLEARED);
      write(this.#writer);
    });
  }
}
