import { afName, type Slot } from "./reference-parts.js";
import type { CallDetails, Party, Place, ReferenceTracer } from "./reference-trace.js";
import { CALLS, type CallName } from "./calls.js";
import type { DriverCall } from "./reference-judge.js";
import type { StatusName } from "./statuses.js";

const SUCCESS = "NDIS_STATUS_SUCCESS";
const PENDING = "NDIS_STATUS_PENDING";

export type CloseOutcome = "synchronous" | "pended" | "inline";

const clientOf = (slot: Slot): Party => `client:${slot.client}`;
const callManagerOf = (slot: Slot): Party => `cm:${slot.callManager.adapter}`;

/** The calls between the client, NDIS and the call manager of a slot, as they go into the trace. */
export class ReferenceInterface {
  constructor(readonly tracer: ReferenceTracer) {}

  /** The client opens; an open that did not pend it completes itself. */
  open(tick: number, slot: Slot, { call, place }: DriverCall, pended: boolean): void {
    const { tracer } = this;
    const af = afName(slot);
    const status = pended ? PENDING : SUCCESS;
    const { adapter } = slot.callManager;
    const open = tracer.call(tick, place, { call, from: clientOf(slot), to: "ndis", adapter });
    const ask = tracer.nestedCall(tick, open, this.#details(slot, "ProtocolCmOpenAf", "ndis", callManagerOf(slot)));
    tracer.return(tick, ask, af, status);
    tracer.return(tick, open, af, status);
    if (!pended) this.#callBack(tick, slot, place, "ProtocolClOpenAfCompleteEx", clientOf(slot));
  }

  /**
   * The client closes; a close that did not pend it completes itself.
   * @param completion the call manager's completion call, should it complete inline
   */
  close(tick: number, slot: Slot, { call, place }: DriverCall, outcome: CloseOutcome, completion: CallName): void {
    const { tracer } = this;
    const af = afName(slot);
    const status = outcome === "synchronous" ? SUCCESS : PENDING;
    const close = tracer.call(tick, place, this.#details(slot, call, clientOf(slot), "ndis"));
    const ask = tracer.nestedCall(tick, close, this.#details(slot, "ProtocolCmCloseAf", "ndis", callManagerOf(slot)));
    if (outcome !== "pended") tracer.release(tick, ask, callManagerOf(slot), af);
    if (outcome === "inline") {
      const details = this.#details(slot, completion, callManagerOf(slot), "ndis", SUCCESS);
      slot.completionFrame = tracer.nestedCall(tick, ask, details);
      this.finishCloseCompletion(tick, slot);
    }
    tracer.return(tick, ask, af, status);
    tracer.return(tick, close, af, status);
    if (outcome !== "synchronous") return;
    this.#callBack(tick, slot, place, "ProtocolClCloseAfComplete", clientOf(slot));
  }

  /** The call manager calls the completion of an open that it had pended. */
  beginOpenCompletion(tick: number, slot: Slot, { call, place, status }: DriverCall): void {
    const details = this.#details(slot, call, callManagerOf(slot), "ndis", status);
    slot.completionFrame = this.tracer.call(tick, place, details);
  }

  /** That call returns; called at PASSIVE_LEVEL, it tells the client before. */
  finishOpenCompletion(tick: number, slot: Slot): void {
    const frame = this.#takeFrame(slot);
    if (frame.irql === "PASSIVE_LEVEL") {
      const details = this.#details(slot, "ProtocolClOpenAfCompleteEx", "ndis", clientOf(slot), SUCCESS);
      this.tracer.return(tick, this.tracer.nestedCall(tick, frame, details), afName(slot));
    }
    this.tracer.return(tick, frame, afName(slot));
  }

  /** NDIS tells the client of its open from a thread of its own. */
  tellOfOpen(tick: number, slot: Slot): void {
    this.#callBack(tick, slot, slot.clientPlace, "ProtocolClOpenAfCompleteEx", "ndis");
  }

  /** The call manager calls the completion of a close that it had pended. */
  beginCloseCompletion(tick: number, slot: Slot, { call, place, status }: DriverCall): void {
    this.tracer.release(tick, place, callManagerOf(slot), afName(slot));
    const details = this.#details(slot, call, callManagerOf(slot), "ndis", status);
    slot.completionFrame = this.tracer.call(tick, place, details);
  }

  /** NDIS tells the client inside that call, which then returns. */
  finishCloseCompletion(tick: number, slot: Slot): void {
    const frame = this.#takeFrame(slot);
    const details = this.#details(slot, "ProtocolClCloseAfComplete", "ndis", clientOf(slot), SUCCESS);
    const told = this.tracer.nestedCall(tick, frame, details);
    this.tracer.release(tick, told, clientOf(slot), afName(slot));
    this.tracer.return(tick, told, afName(slot));
    this.tracer.return(tick, frame, afName(slot));
  }

  /** A driver makes a call with a handle, and NDIS refuses it: nothing but the call and its return. */
  refusedCall(tick: number, slot: Slot, generation: number, { call, place, status }: DriverCall): void {
    const af = afName(slot, generation);
    const byClient = CALLS[call].from === "client";
    const from = byClient ? clientOf(slot) : callManagerOf(slot);
    const frame = this.tracer.call(tick, place, { ...this.#details(slot, call, from, "ndis", status), af });
    this.tracer.return(tick, frame, af, byClient ? "NDIS_STATUS_FAILURE" : undefined);
  }

  /** A completion function of the client is called from outside all calls. */
  #callBack(tick: number, slot: Slot, place: Place, call: CallName, from: Party): void {
    const frame = this.tracer.call(tick, place, this.#details(slot, call, from, clientOf(slot), SUCCESS));
    if (call === "ProtocolClCloseAfComplete") this.tracer.release(tick, frame, clientOf(slot), afName(slot));
    this.tracer.return(tick, frame, afName(slot));
  }

  #details(slot: Slot, call: CallName, from: Party, to: Party, status?: StatusName): CallDetails {
    const { adapter } = slot.callManager;
    return { call, from, to, adapter, af: afName(slot), ...(status === undefined ? {} : { status }) };
  }

  #takeFrame(slot: Slot) {
    const frame = slot.completionFrame;
    if (frame === null) throw new Error(`${afName(slot)}: no completion call is under way`);
    slot.completionFrame = null;
    return frame;
  }
}
