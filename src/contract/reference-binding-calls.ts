import type { CallName } from "./calls.js";
import type { Binding, CallManager } from "./reference-parts.js";
import type { CallDetails, Frame, Party, Place, ReferenceTracer } from "./reference-trace.js";
import type { StatusName } from "./statuses.js";

const SUCCESS = "NDIS_STATUS_SUCCESS";
const PENDING = "NDIS_STATUS_PENDING";

/** A driver that is bound to an adapter: a client, or a stand-alone call manager. */
export interface BoundDriver {
  readonly party: Party;
  /** Within the machine. */
  readonly adapter: number;
  /** Where its calls about the binding run. */
  readonly place: Place;
}

export function boundClient({ client, callManager, place }: Binding): BoundDriver {
  return { party: `client:${client}`, adapter: callManager.adapter, place };
}

export function boundCallManager({ adapter, threadPlace }: CallManager): BoundDriver {
  return { party: `cm:${adapter}`, adapter, place: threadPlace };
}

/** The calls between NDIS and a driver about its binding, as they go into the trace. */
export class ReferenceBindingCalls {
  constructor(readonly tracer: ReferenceTracer) {}

  /** NDIS tells the driver of an adapter, and the driver opens it; what else it does in that call comes before `endBind`. */
  beginBind(tick: number, driver: BoundDriver): Frame {
    const outer = this.tracer.call(tick, driver.place, fromNdis(driver, "ProtocolBindAdapterEx"));
    const inner = this.tracer.nestedCall(tick, outer, toNdis(driver, "NdisOpenAdapterEx"));
    this.tracer.return(tick, inner, { status: SUCCESS });
    return outer;
  }

  endBind(tick: number, frame: Frame): void {
    this.tracer.return(tick, frame, { status: SUCCESS });
  }

  /** NDIS tells a client of the AF that is registered on its adapter. */
  notifyOfRegistration(tick: number, driver: BoundDriver): void {
    const call = fromNdis(driver, "ProtocolCoAfRegisterNotify");
    this.tracer.return(tick, this.tracer.call(tick, driver.place, call), {});
  }

  /** NDIS tells the driver to unbind; what it does in that call comes before `endUnbind`. */
  beginUnbind(tick: number, driver: BoundDriver): Frame {
    return this.tracer.call(tick, driver.place, fromNdis(driver, "ProtocolUnbindAdapterEx"));
  }

  endUnbind(tick: number, frame: Frame): void {
    this.tracer.return(tick, frame, { status: PENDING });
  }

  /** The driver closes the binding, which nothing is on any more. */
  closeAdapter(tick: number, driver: BoundDriver, place: Place): void {
    this.#closeAdapter(tick, { ...driver, place }, SUCCESS);
  }

  /** The driver closes the binding though it should wait, and NDIS pends it. */
  closeAdapterEarly(tick: number, driver: BoundDriver, parent?: Frame): void {
    this.#closeAdapter(tick, driver, PENDING, parent);
  }

  /** NDIS completes that. */
  completeCloseAdapter(tick: number, driver: BoundDriver): void {
    const call = fromNdis(driver, "ProtocolCloseAdapterCompleteEx");
    this.tracer.return(tick, this.tracer.call(tick, driver.place, call), {});
  }

  /** The driver is done with unbinding. */
  completeUnbind(tick: number, driver: BoundDriver): void {
    const call = toNdis(driver, "NdisCompleteUnbindAdapterEx");
    this.tracer.return(tick, this.tracer.call(tick, driver.place, call), {});
  }

  #closeAdapter(tick: number, driver: BoundDriver, status: StatusName, parent?: Frame): void {
    const frame = this.tracer.call(tick, driver.place, toNdis(driver, "NdisCloseAdapterEx"), parent);
    this.tracer.return(tick, frame, { status });
  }
}

function fromNdis({ party, adapter }: BoundDriver, call: CallName): CallDetails {
  return { call, from: "ndis", to: party, adapter };
}

function toNdis({ party, adapter }: BoundDriver, call: CallName): CallDetails {
  return { call, from: party, to: "ndis", adapter };
}
