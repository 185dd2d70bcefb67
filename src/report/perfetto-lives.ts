/** The lives of AFs in a trace, as slices of Perfetto need them: where they and their closes begin and end. */

import type { TraceRecord } from "../measure/history.js";

const CLOSE_REQUEST = "NdisClCloseAddressFamily";
const CLOSE_COMPLETION = /^NdisM?CmCloseAddressFamilyComplete$/;
const CLOSE_TOLD = "ProtocolClCloseAfComplete";
const OPEN_TOLD = "ProtocolClOpenAfCompleteEx";
const HANDLE = /^(AF#\d+)v(\d+)$/;
const SUCCESS = "NDIS_STATUS_SUCCESS";
const PENDING = "NDIS_STATUS_PENDING";

/** The life of an AF that is under way. */
export interface Life {
  readonly machine: number;
  /** `AF#12` */
  readonly slot: string;
  readonly af: string;
  readonly generation: number;
  /** A close was requested, and has not ended. */
  closing: boolean;
  pended: boolean;
  /** Of the close that was requested and not completed. */
  flow: number | undefined;
}

/** What happens to a life. */
export interface LifeListener {
  begin(life: Life, timeNs: number): void;
  beginClose(life: Life, timeNs: number): void;
  endClose(life: Life, timeNs: number): void;
  end(life: Life, timeNs: number): void;
}

/** Flows that begin and end at a call. */
export interface Flows {
  readonly begun?: number | undefined;
  readonly ended?: number | undefined;
}

/** Follows the lives in a trace or a window of one: a handle that is new on its slot begins a life, wherever it first stands. */
export class Lives {
  /** By machine and slot, also those that have ended: a handle of before begins none. */
  readonly #latest = new Map<string, { readonly life: Life; isOver: boolean }>();
  /** What ends with the return of a call, by machine and frame. */
  readonly #endings = new Map<string, () => void>();
  #flows = 0;

  constructor(readonly listener: LifeListener) {}

  /** A call; its flows. */
  call(record: TraceRecord): Flows {
    const life = this.#lifeOf(record);
    if (life === null) return {};
    const { call = "", timeNs } = record;
    if (call === CLOSE_REQUEST && !life.closing) {
      life.closing = true;
      life.flow = ++this.#flows;
      this.listener.beginClose(life, timeNs);
      return { begun: life.flow };
    }
    if (CLOSE_COMPLETION.test(call)) {
      const ended = life.flow;
      life.flow = undefined;
      return { ended };
    }
    this.#noteEnding(record, life);
    return {};
  }

  /** A return. */
  return({ machine, frame = 0, call, status, af, timeNs }: TraceRecord): void {
    const key = `${machine} ${frame}`;
    this.#endings.get(key)?.();
    this.#endings.delete(key);
    if (call !== CLOSE_REQUEST || status !== PENDING || af === undefined) return;
    const life = this.#lifeOf({ machine, af, timeNs });
    if (life?.closing) life.pended = true;
  }

  /** A client that is told of the end of an open or a close ends it when it returns. One that tells itself of a pended close errs. */
  #noteEnding({ machine, frame = 0, call, from, to, status, timeNs }: TraceRecord, life: Life): void {
    const failed = status !== SUCCESS;
    if (call === OPEN_TOLD && failed) this.#endings.set(`${machine} ${frame}`, () => this.#end(life, timeNs));
    if (call !== CLOSE_TOLD || !life.closing || (from === to && life.pended)) return;
    this.#endings.set(`${machine} ${frame}`, () => {
      if (!failed) return this.#end(life, timeNs);
      this.#endClose(life, timeNs);
    });
  }

  #lifeOf({ machine, af = "", timeNs }: Pick<TraceRecord, "machine" | "af" | "timeNs">): Life | null {
    const [, slot, number] = HANDLE.exec(af) ?? [];
    if (slot === undefined) return null;
    const key = `${machine} ${slot}`;
    const latest = this.#latest.get(key);
    const generation = Number(number);
    if (latest !== undefined && latest.life.generation >= generation)
      return latest.life.generation === generation && !latest.isOver ? latest.life : null;
    // An AF whose close was never told of, by mistake.
    if (latest !== undefined) this.#end(latest.life, timeNs);
    const life = { machine, slot, af, generation, closing: false, pended: false, flow: undefined };
    this.#latest.set(key, { life, isOver: false });
    this.listener.begin(life, timeNs);
    return life;
  }

  #end(life: Life, timeNs: number): void {
    const latest = this.#latest.get(`${life.machine} ${life.slot}`);
    if (latest?.life !== life || latest.isOver) return;
    latest.isOver = true;
    this.#endClose(life, timeNs);
    this.listener.end(life, timeNs);
  }

  #endClose(life: Life, timeNs: number): void {
    if (!life.closing) return;
    life.closing = false;
    life.pended = false;
    life.flow = undefined;
    this.listener.endClose(life, timeNs);
  }
}
