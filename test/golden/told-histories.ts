/** Histories of violations, as a trace tells them. */

import type { TraceRecord } from "../../src/measure/history.js";

type Fields = Omit<TraceRecord, "seq" | "timeNs" | "machine" | "processor" | "irql" | "op">;

/** Records of one client and call manager, on processors of their own; `seq` and `frame` count up. */
class Teller {
  readonly records: TraceRecord[] = [];
  #timeNs = 0;
  #frame = 0;

  constructor(
    readonly af: string,
    readonly client: string,
  ) {}

  at(timeNs: number): this {
    this.#timeNs = timeNs;
    return this;
  }

  call(from: "client" | "ndis" | "cm", to: "client" | "ndis" | "cm", call: string, fields: Fields = {}): this {
    const frame = ++this.#frame;
    return this.#add("call", from, { frame, call, from: this.#name(from), to: this.#name(to), adapter: 0, ...fields });
  }

  /** The return of the call that was made so many calls ago. */
  return(by: "client" | "cm", call: string, ago = 0, status?: string): this {
    return this.#add("return", by, { frame: this.#frame - ago, call, ...(status && { status }) });
  }

  act(op: "release" | "wait", from: "client" | "cm"): this {
    return this.#add(op, from, { from: this.#name(from) });
  }

  /** An open or close that the call manager answers like this, inside which NDIS asks it. */
  request(call: string, asked: string, status: string): this {
    return this.call("client", "ndis", call)
      .call("ndis", "cm", asked, { parent: this.#frame, ...ON_CLIENT })
      .return("client", asked, 0, status)
      .return("client", call, 1, status);
  }

  #add(op: TraceRecord["op"], by: "client" | "ndis" | "cm", fields: Fields & { processor?: number }): this {
    const { processor = by === "client" ? 5 : 1, ...rest } = fields;
    const irql = processor === 1 ? "DISPATCH_LEVEL" : "PASSIVE_LEVEL";
    const head = { seq: 100 + this.records.length, timeNs: this.#timeNs, machine: 0, processor, irql, op };
    this.records.push({ ...head, ...rest, af: this.af });
    return this;
  }

  #name(role: "client" | "ndis" | "cm"): string {
    return { client: this.client, ndis: "ndis", cm: "cm:0" }[role];
  }
}

const ON_CLIENT = { processor: 5 };
const SUCCESS = "NDIS_STATUS_SUCCESS";
const PENDING = "NDIS_STATUS_PENDING";

function openedAt(teller: Teller, timeNs: number): Teller {
  return teller
    .at(timeNs)
    .request("NdisClOpenAddressFamilyEx", "ProtocolCmOpenAf", SUCCESS)
    .call("client", "client", "ProtocolClOpenAfCompleteEx", { status: SUCCESS })
    .return("client", "ProtocolClOpenAfCompleteEx");
}

export const completedTwice = openedAt(new Teller("AF#12v3", "client:2"), 41_000)
  .at(81_300)
  .request("NdisClCloseAddressFamily", "ProtocolCmCloseAf", PENDING)
  .act("wait", "client")
  .at(120_400)
  .act("release", "cm")
  .call("cm", "ndis", "NdisMCmCloseAddressFamilyComplete", { status: SUCCESS })
  .call("ndis", "client", "ProtocolClCloseAfComplete", { parent: 6, status: SUCCESS })
  .act("release", "client")
  .return("cm", "ProtocolClCloseAfComplete")
  .return("cm", "NdisMCmCloseAddressFamilyComplete", 1)
  .call("cm", "ndis", "NdisMCmCloseAddressFamilyComplete", { status: SUCCESS }).records;

export const neverCompleted = openedAt(new Teller("AF#77v1", "client:9"), 0)
  .at(33_600)
  .request("NdisClCloseAddressFamily", "ProtocolCmCloseAf", PENDING).records;

export const failedToOpen = new Teller("AF#5v2", "client:0")
  .at(93_100)
  .request("NdisClOpenAddressFamilyEx", "ProtocolCmOpenAf", "NDIS_STATUS_RESOURCES")
  .call("client", "client", "ProtocolClOpenAfCompleteEx", { status: "NDIS_STATUS_RESOURCES" })
  .act("release", "client")
  .return("client", "ProtocolClOpenAfCompleteEx").records;

/** Drivers come up before there is an AF. */
export const registeredLate: TraceRecord[] = [
  { op: "call" as const, frame: 9, call: "MiniportInitializeEx", from: "ndis", to: "cm:1" },
  { op: "return" as const, frame: 9, call: "MiniportInitializeEx", status: "NDIS_STATUS_SUCCESS" },
  { op: "call" as const, frame: 10, call: "NdisMCmRegisterAddressFamilyEx", from: "cm:1", to: "ndis" },
].map((record, index) => ({
  seq: 17 + index,
  timeNs: 0,
  machine: 0,
  processor: 1,
  irql: "PASSIVE_LEVEL",
  adapter: 1,
  ...record,
}));
