/**
 * A trace for Perfetto (ui.perfetto.dev): a machine is a process, its processors are threads on which calls are slices, and every AF slot
 * has a track on which its lives and their closes are slices. A flow leads from the request of a close to its completion. Fields are
 * those of protos/perfetto/trace/trace_packet.proto and track_event.proto.
 */

import type { TraceRecord } from "../measure/history.js";
import { MessageWriter } from "./protobuf.js";

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

const CLOSE_REQUEST = "NdisClCloseAddressFamily";
const CLOSE_COMPLETION = /^Ndis(?:MCm|Cm)CloseAddressFamilyComplete$/;
const HANDLE = /^(AF#\d+)v\d+$/;
const PROCESSORS_MAX = 2 ** 16;

interface Slice {
  readonly track: number;
  readonly type: typeof BEGIN | typeof END | typeof INSTANT;
  readonly category?: string;
  readonly name?: string;
  readonly status?: string | undefined;
  readonly flow?: number | undefined;
  readonly endedFlow?: number | undefined;
}

/** The life of an AF that is under way on its track. */
interface Life {
  readonly af: string;
  readonly track: number;
  closing: boolean;
  /** Of the close that was requested and not completed. */
  flow: number | undefined;
}

/** Turns trace records, in the order of the trace, into bytes of a Perfetto trace. */
export class PerfettoWriter {
  readonly #tracks = new Map<string, number>();
  /** Calls that have not returned, by processor's track. */
  readonly #frames = new Map<number, number[]>();
  /** By machine and slot. */
  readonly #lives = new Map<string, Life>();
  #flows = 0;
  #began = false;
  #bytes: number[] = [];

  /** The packets of a record. */
  add(record: TraceRecord): void {
    const thread = this.#thread(record);
    const { op, call = "", status, frame = 0, timeNs } = record;
    if (op === "return") {
      this.#return(thread, frame, timeNs);
      if (call === "ProtocolClCloseAfComplete") this.#end(record);
      return;
    }
    if (op === "call") {
      const life = this.#follow(record);
      const isCompletion = CLOSE_COMPLETION.test(call);
      const flow = call === CLOSE_REQUEST ? life?.flow : undefined;
      const endedFlow = isCompletion ? life?.flow : undefined;
      if (isCompletion && life) life.flow = undefined;
      this.#slice(timeNs, { track: thread, type: BEGIN, category: "call", name: call, status, flow, endedFlow });
      const frames = this.#frames.get(thread) ?? [];
      frames.push(frame);
      this.#frames.set(thread, frames);
      return;
    }
    const name = `${record.from ?? ""} ${op}`;
    this.#slice(timeNs, { track: thread, type: INSTANT, category: "driver", name });
  }

  /** What has been written since the last time. */
  take(): Uint8Array {
    const bytes = Uint8Array.from(this.#bytes);
    this.#bytes = [];
    return bytes;
  }

  /** Ends the slices up to that of the call; a call that the trace lacks has none. */
  #return(thread: number, frame: number, timeNs: number): void {
    const frames = this.#frames.get(thread) ?? [];
    const from = frames.lastIndexOf(frame);
    if (from < 0) return;
    for (let index = frames.length; index > from; index--) this.#slice(timeNs, { track: thread, type: END });
    frames.length = from;
  }

  /** The life that a call is about: a handle that is new on its slot begins one. */
  #follow(record: TraceRecord): Life | undefined {
    const { af, call, machine, timeNs } = record;
    const slot = af === undefined ? undefined : HANDLE.exec(af)?.[1];
    if (af === undefined || slot === undefined) return undefined;
    const key = `${machine} ${slot}`;
    let life = this.#lives.get(key);
    if (life?.af !== af && call === "ProtocolCmOpenAf") {
      if (life) this.#finish(life, timeNs);
      const track = this.#track(`${machine} ${slot}`, slot, this.#process(machine));
      life = { af, track, closing: false, flow: undefined };
      this.#lives.set(key, life);
      this.#slice(timeNs, { track, type: BEGIN, category: "lifecycle", name: af });
    }
    if (life?.af === af && call === CLOSE_REQUEST && !life.closing) {
      life.closing = true;
      life.flow = ++this.#flows;
      this.#slice(timeNs, { track: life.track, type: BEGIN, category: "lifecycle", name: "close" });
    }
    return life?.af === af ? life : undefined;
  }

  #end({ machine, af = "", timeNs }: TraceRecord): void {
    const key = `${machine} ${HANDLE.exec(af)?.[1] ?? ""}`;
    const life = this.#lives.get(key);
    if (life?.af !== af) return;
    this.#finish(life, timeNs);
    this.#lives.delete(key);
  }

  #finish({ track, closing }: Life, timeNs: number): void {
    if (closing) this.#slice(timeNs, { track, type: END });
    this.#slice(timeNs, { track, type: END });
  }

  #process(machine: number): number {
    return this.#describe(`${machine}`, (descriptor) =>
      descriptor.message(DESCRIPTOR.process, (process) =>
        process.integer(PROCESS.pid, machine + 1).text(PROCESS.name, `machine ${machine}`),
      ),
    );
  }

  #thread({ machine, processor }: TraceRecord): number {
    this.#process(machine);
    return this.#describe(`${machine}:${processor}`, (descriptor) =>
      descriptor.message(DESCRIPTOR.thread, (thread) =>
        thread
          .integer(THREAD.pid, machine + 1)
          // Unlike the number of any process, and of any other thread.
          .integer(THREAD.tid, (machine + 1) * PROCESSORS_MAX + processor)
          .text(THREAD.name, `processor ${processor}`),
      ),
    );
  }

  #track(key: string, name: string, parent: number): number {
    return this.#describe(key, (descriptor) =>
      descriptor.text(DESCRIPTOR.name, name).integer(DESCRIPTOR.parent, parent),
    );
  }

  /** The track's number; it is described before it is used. */
  #describe(key: string, write: (descriptor: MessageWriter) => unknown): number {
    const known = this.#tracks.get(key);
    if (known !== undefined) return known;
    const uuid = this.#tracks.size + 1;
    this.#tracks.set(key, uuid);
    this.#packet((packet) =>
      packet.message(PACKET.descriptor, (descriptor) => {
        descriptor.integer(DESCRIPTOR.uuid, uuid);
        write(descriptor);
      }),
    );
    return uuid;
  }

  #slice(timeNs: number, { track, type, category, name, status, flow, endedFlow }: Slice): void {
    this.#packet((packet) =>
      packet.integer(PACKET.timestamp, timeNs).message(PACKET.event, (event) => {
        event.integer(EVENT.type, type).integer(EVENT.track, track);
        if (category !== undefined) event.text(EVENT.category, category);
        if (name !== undefined) event.text(EVENT.name, name);
        if (flow !== undefined) event.fixed64(EVENT.flows, flow);
        if (endedFlow !== undefined) event.fixed64(EVENT.endedFlows, endedFlow);
        if (status !== undefined)
          event.message(EVENT.annotation, (one) => one.text(ANNOTATION.text, status).text(ANNOTATION.name, "status"));
      }),
    );
  }

  #packet(write: (packet: MessageWriter) => unknown): void {
    const isFirst = !this.#began;
    this.#began = true;
    const trace = new MessageWriter().message(TRACE.packet, (packet) => {
      packet.integer(PACKET.sequence, 1);
      if (isFirst) packet.integer(PACKET.flags, CLEARED);
      write(packet);
    });
    for (const byte of trace.bytes) this.#bytes.push(byte);
  }
}
