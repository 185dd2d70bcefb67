/** Short traces that tests write by hand: a life of one AF, and what may go wrong in it. */

interface Fields {
  readonly timeNs: number;
  readonly op: string;
  readonly [field: string]: unknown;
}

/** Writes a trace like ours: sequence numbers and frames are counted, a return knows its call's frame. */
export class TraceWriter {
  readonly #lines: string[] = [];
  readonly #open: number[] = [];
  #frames = 0;
  #timeNs = 0;
  #irql = "PASSIVE_LEVEL";

  /** From here on. */
  at(timeNs: number, irql = "PASSIVE_LEVEL"): this {
    this.#timeNs = timeNs;
    this.#irql = irql;
    return this;
  }

  call(name: string, from: string, to: string, fields: object = {}): this {
    const parent = this.#open.at(-1);
    this.#open.push(++this.#frames);
    return this.#write({ op: "call", frame: this.#frames, parent, call: name, from, to, adapter: 0, ...fields });
  }

  /** The innermost call returns. */
  answer(name: string, fields: object = {}): this {
    return this.#write({ op: "return", frame: this.#open.pop(), call: name, ...fields });
  }

  release(from: string, af: string): this {
    return this.#write({ op: "release", from, af });
  }

  /** A line that is no record. */
  line(text: string): this {
    this.#lines.push(text);
    return this;
  }

  toString(): string {
    return `${this.#lines.join("\n")}\n`;
  }

  #write(fields: Omit<Fields, "timeNs"> & { readonly op: string }): this {
    const head = { seq: this.#lines.length + 1, timeNs: this.#timeNs, machine: 0, processor: 0, irql: this.#irql };
    return this.line(JSON.stringify({ ...head, ...fields }));
  }
}

const STATUS = (name: string): { readonly status: string } => ({ status: `NDIS_STATUS_${name}` });
export const PENDING = STATUS("PENDING");
export const SUCCESS = STATUS("SUCCESS");

/** How a call manager and a client come up. */
export function writeStart(trace: TraceWriter): TraceWriter {
  return trace
    .call("MiniportInitializeEx", "ndis", "cm:0")
    .call("NdisMCmRegisterAddressFamilyEx", "cm:0", "ndis")
    .answer("NdisMCmRegisterAddressFamilyEx", SUCCESS)
    .answer("MiniportInitializeEx", SUCCESS)
    .call("ProtocolBindAdapterEx", "ndis", "client:0")
    .call("NdisOpenAdapterEx", "client:0", "ndis")
    .answer("NdisOpenAdapterEx", SUCCESS)
    .answer("ProtocolBindAdapterEx", SUCCESS)
    .call("ProtocolCoAfRegisterNotify", "ndis", "client:0")
    .answer("ProtocolCoAfRegisterNotify");
}

/** An open that is answered at once. */
export function writeOpen(trace: TraceWriter, af: string): TraceWriter {
  return trace
    .call("NdisClOpenAddressFamilyEx", "client:0", "ndis")
    .call("ProtocolCmOpenAf", "ndis", "cm:0", { af })
    .answer("ProtocolCmOpenAf", { af, ...SUCCESS })
    .answer("NdisClOpenAddressFamilyEx", { af, ...SUCCESS })
    .call("ProtocolClOpenAfCompleteEx", "client:0", "client:0", { af, ...SUCCESS })
    .answer("ProtocolClOpenAfCompleteEx", { af });
}

/** A close that is pended. */
export function writePendedClose(trace: TraceWriter, af: string): TraceWriter {
  return trace
    .call("NdisClCloseAddressFamily", "client:0", "ndis", { af })
    .call("ProtocolCmCloseAf", "ndis", "cm:0", { af })
    .answer("ProtocolCmCloseAf", { af, ...PENDING })
    .answer("NdisClCloseAddressFamily", { af, ...PENDING });
}

/** Its completion, in which the client is told. */
export function writeCompletion(trace: TraceWriter, af: string): TraceWriter {
  return trace
    .release("cm:0", af)
    .call("NdisMCmCloseAddressFamilyComplete", "cm:0", "ndis", { af, ...SUCCESS })
    .call("ProtocolClCloseAfComplete", "ndis", "client:0", { af, ...SUCCESS })
    .release("client:0", af)
    .answer("ProtocolClCloseAfComplete", { af })
    .answer("NdisMCmCloseAddressFamilyComplete", { af });
}

/** The completion once more. */
export function writeSecondCompletion(trace: TraceWriter, af: string): TraceWriter {
  return trace
    .call("NdisMCmCloseAddressFamilyComplete", "cm:0", "ndis", { af, ...SUCCESS })
    .answer("NdisMCmCloseAddressFamilyComplete", { af });
}
