import type { CallName } from "./calls.js";
import type { Binding } from "./reference-parts.js";
import type { CallDetails, Party, ReferenceTracer } from "./reference-trace.js";

const SUCCESS = { status: "NDIS_STATUS_SUCCESS" } as const;

/** The calls between NDIS and a client about its binding, as they go into the trace. */
export class ReferenceBindingCalls {
  constructor(readonly tracer: ReferenceTracer) {}

  /** NDIS tells the client to unbind. */
  unbind(tick: number, binding: Binding): void {
    const frame = this.tracer.call(tick, binding.place, fromNdis(binding, "ProtocolUnbindAdapterEx"));
    this.tracer.return(tick, frame, { status: "NDIS_STATUS_PENDING" });
  }

  /** The client closes the binding. */
  closeAdapter(tick: number, binding: Binding, status: "NDIS_STATUS_SUCCESS" | "NDIS_STATUS_PENDING"): void {
    const frame = this.tracer.call(tick, binding.place, toNdis(binding, "NdisCloseAdapterEx"));
    this.tracer.return(tick, frame, { status });
  }

  /** NDIS completes that. */
  completeCloseAdapter(tick: number, binding: Binding): void {
    const call = fromNdis(binding, "ProtocolCloseAdapterCompleteEx");
    this.tracer.return(tick, this.tracer.call(tick, binding.place, call), {});
  }

  /** The client is done with unbinding. */
  completeUnbind(tick: number, binding: Binding): void {
    const call = toNdis(binding, "NdisCompleteUnbindAdapterEx");
    this.tracer.return(tick, this.tracer.call(tick, binding.place, call), {});
  }

  /** NDIS tells the client of an adapter, and the client binds to it. */
  bind(tick: number, binding: Binding): void {
    const outer = this.tracer.call(tick, binding.place, fromNdis(binding, "ProtocolBindAdapterEx"));
    const inner = this.tracer.nestedCall(tick, outer, toNdis(binding, "NdisOpenAdapterEx"));
    this.tracer.return(tick, inner, SUCCESS);
    this.tracer.return(tick, outer, SUCCESS);
  }
}

const clientOf = ({ client }: Binding): Party => `client:${client}`;

function fromNdis(binding: Binding, call: CallName): CallDetails {
  return { call, from: "ndis", to: clientOf(binding), adapter: binding.callManager.adapter };
}

function toNdis(binding: Binding, call: CallName): CallDetails {
  return { call, from: clientOf(binding), to: "ndis", adapter: binding.callManager.adapter };
}
