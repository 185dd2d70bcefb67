import { REGISTER_CALLS } from "./calls.js";
import { boundCallManager, type ReferenceBindingCalls } from "./reference-binding-calls.js";
import type { DriverCall } from "./reference-judge.js";
import type { CallManager } from "./reference-parts.js";
import type { CallDetails, Frame, Party } from "./reference-trace.js";
import type { StatusName } from "./statuses.js";

const SUCCESS = "NDIS_STATUS_SUCCESS";

/**
 * The calls by which a call manager comes up on its adapter and goes away, as they go into the trace: those of a miniport
 * for an MCM, those of a binding for a stand-alone one.
 */
export class ReferenceAdapterCalls {
  constructor(readonly bindings: ReferenceBindingCalls) {}

  /** NDIS lets the call manager come up; what it does in that call comes before `endComingUp`. */
  beginComingUp(tick: number, callManager: CallManager): Frame {
    if (isStandalone(callManager)) return this.bindings.beginBind(tick, boundCallManager(callManager));
    const details = fromNdis(callManager, "MiniportInitializeEx");
    return this.bindings.tracer.call(tick, callManager.threadPlace, details);
  }

  endComingUp(tick: number, frame: Frame): void {
    this.bindings.tracer.return(tick, frame, { status: SUCCESS });
  }

  /** The call manager registers. */
  register(tick: number, callManager: CallManager, { place, parent }: DriverCall, answer: StatusName): void {
    const { adapter, profile } = callManager;
    const details = {
      call: REGISTER_CALLS[profile.source.kind],
      from: partyOf(callManager),
      to: "ndis",
      adapter,
    } as const;
    const { tracer } = this.bindings;
    tracer.return(tick, tracer.call(tick, place, details, parent), { status: answer });
  }

  /** NDIS halts the adapter of an MCM, or tells a stand-alone call manager to unbind; it notifies of its AFs in that call. */
  beginHalt(tick: number, callManager: CallManager): Frame {
    if (isStandalone(callManager)) return this.bindings.beginUnbind(tick, boundCallManager(callManager));
    return this.bindings.tracer.call(tick, callManager.threadPlace, fromNdis(callManager, "MiniportHaltEx"));
  }

  /** The MiniportHaltEx of an MCM returns, when all its AFs are gone. */
  endMiniportHalt(tick: number, frame: Frame): void {
    this.bindings.tracer.return(tick, frame, {});
  }
}

export function isStandalone({ profile }: CallManager): boolean {
  return profile.source.kind === "standalone";
}

const partyOf = ({ adapter }: CallManager): Party => `cm:${adapter}`;

function fromNdis(callManager: CallManager, call: "MiniportInitializeEx" | "MiniportHaltEx"): CallDetails {
  return { call, from: "ndis", to: partyOf(callManager), adapter: callManager.adapter };
}
