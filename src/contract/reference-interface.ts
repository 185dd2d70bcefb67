import { CALLS, type CallName, NOTIFY_CALLS, TEARDOWN_CALLS, type WorkKind } from "./calls.js";
import { faultlessCompletion } from "./reference-conduct.js";
import type { DriverCall } from "./reference-judge.js";
import { afName, type Slot } from "./reference-parts.js";
import type { CallDetails, Frame, Party, Place, ReferenceTracer, ReturnDetails } from "./reference-trace.js";
import type { StatusName } from "./statuses.js";

const SUCCESS = "NDIS_STATUS_SUCCESS";
const PENDING = "NDIS_STATUS_PENDING";
const FAILURE = "NDIS_STATUS_FAILURE";
const NOT_ACCEPTED = "NDIS_STATUS_NOT_ACCEPTED";

/** How ProtocolCmCloseAf ends: with PENDING, with an answer after a completion inside it, or with another answer. */
export type CloseEnd =
  | { readonly outcome: "pended" }
  | { readonly outcome: "inline"; readonly completion: DriverCall; readonly answer: StatusName }
  | {
      readonly outcome: "synchronous";
      readonly answer: StatusName;
      /** Whether the client calls its own completion function, as it should. */
      readonly completesItself: boolean;
    };

/** Calls that return NDIS_STATUS_FAILURE when nothing comes of them; other such calls return nothing. */
const FAILING: ReadonlySet<CallName> = new Set<CallName>(["NdisClCloseAddressFamily", ...Object.values(NOTIFY_CALLS)]);

const clientOf = (slot: Slot): Party => `client:${slot.client}`;
const callManagerOf = (slot: Slot): Party => `cm:${slot.callManager.adapter}`;

/** What a record has where a call manager gives no context. */
const contextOf = ({ context }: Pick<DriverCall, "context">) => (context === "missing" ? { context: null } : {});

/** The calls between the client, NDIS and the call manager of a slot, as they go into the trace. */
export class ReferenceInterface {
  constructor(readonly tracer: ReferenceTracer) {}

  /**
   * The client opens.
   * @param answer what the call manager returns; null: PENDING. An open that it did not pend the client completes itself.
   */
  open(
    tick: number,
    slot: Slot,
    { call, place }: DriverCall,
    answer: Required<Pick<DriverCall, "status" | "context">> | null,
  ): void {
    const { tracer } = this;
    const { adapter } = slot.callManager;
    const status = answer?.status ?? PENDING;
    const open = tracer.call(tick, place, { call, from: clientOf(slot), to: "ndis", adapter });
    const ask = tracer.nestedCall(tick, open, this.#details(slot, "ProtocolCmOpenAf", "ndis", callManagerOf(slot)));
    if (answer?.context === "released") this.#release(tick, slot, ask, callManagerOf(slot));
    this.#return(tick, slot, ask, { status, ...(answer === null ? {} : contextOf(answer)) });
    this.#return(tick, slot, open, { status });
    if (answer === null) return;
    const self = this.#details(slot, "ProtocolClOpenAfCompleteEx", clientOf(slot), clientOf(slot), status);
    this.#hearOfOpen(tick, slot, tracer.call(tick, place, self), status);
  }

  /** The call manager calls the completion of an open that it had pended. */
  beginOpenCompletion(tick: number, slot: Slot, call: DriverCall): void {
    if (call.context === "released") this.#release(tick, slot, call.place, callManagerOf(slot));
    const details = this.#details(slot, call.call, callManagerOf(slot), "ndis", call.status);
    slot.completionFrame = this.tracer.call(tick, call.place, { ...details, ...contextOf(call) });
  }

  /** That call returns; called at PASSIVE_LEVEL, it tells the client before. */
  finishOpenCompletion(tick: number, slot: Slot, status: StatusName): void {
    const frame = this.#takeFrame(slot);
    if (frame.irql === "PASSIVE_LEVEL") {
      const details = this.#details(slot, "ProtocolClOpenAfCompleteEx", "ndis", clientOf(slot), status);
      this.#hearOfOpen(tick, slot, this.tracer.nestedCall(tick, frame, details), status);
    }
    this.#return(tick, slot, frame);
  }

  /** NDIS tells the client of its open from a thread of its own. */
  tellOfOpen(tick: number, slot: Slot, status: StatusName): void {
    const details = this.#details(slot, "ProtocolClOpenAfCompleteEx", "ndis", clientOf(slot), status);
    this.#hearOfOpen(tick, slot, this.tracer.call(tick, slot.clientPlace, details), status);
  }

  /** The client asks NDIS to unbind it, after a failed open. */
  unbindAdapter(tick: number, slot: Slot): void {
    const { adapter } = slot.callManager;
    const details = { call: "NdisUnbindAdapter", from: clientOf(slot), to: "ndis", adapter } as const;
    this.tracer.return(tick, this.tracer.call(tick, slot.clientPlace, details), { status: SUCCESS });
  }

  /** The client closes the call of a VC, or deregisters a SAP; the call manager pends it. */
  tearDown(tick: number, slot: Slot, of: WorkKind, { place, parent }: Pick<DriverCall, "place" | "parent">): void {
    const { request, ask } = TEARDOWN_CALLS[of];
    const outer = this.tracer.call(tick, place, this.#details(slot, request, clientOf(slot), "ndis"), parent);
    const inner = this.tracer.nestedCall(tick, outer, this.#details(slot, ask, "ndis", callManagerOf(slot)));
    this.#return(tick, slot, inner, { status: PENDING });
    this.#return(tick, slot, outer, { status: PENDING });
  }

  /**
   * The call manager completes that, and NDIS tells the client.
   * @param waits whether the client waits for its close in that call, which can only be given up
   */
  completeTeardown(tick: number, slot: Slot, of: WorkKind, waits: boolean): void {
    const { call, place, status } = faultlessCompletion(slot, of);
    const outer = this.tracer.call(tick, place, this.#details(slot, call, callManagerOf(slot), "ndis", status));
    const tell = this.#details(slot, TEARDOWN_CALLS[of].tell, "ndis", clientOf(slot), SUCCESS);
    const told = this.tracer.nestedCall(tick, outer, tell);
    if (waits) this.waitInside(tick, slot, told);
    this.#return(tick, slot, told);
    this.#return(tick, slot, outer);
  }

  /** The client closes; a close that did not pend it completes itself. */
  close(tick: number, slot: Slot, { call, place, parent }: DriverCall, end: CloseEnd): void {
    const { tracer } = this;
    const close = tracer.call(tick, place, this.#details(slot, call, clientOf(slot), "ndis"), parent);
    const ask = tracer.nestedCall(tick, close, this.#details(slot, "ProtocolCmCloseAf", "ndis", callManagerOf(slot)));
    if (end.outcome !== "pended") this.#releaseAfterClose(tick, slot, ask, "callManager");
    if (end.outcome === "inline") {
      const details = this.#details(slot, end.completion.call, callManagerOf(slot), "ndis", SUCCESS);
      slot.completionFrame = tracer.nestedCall(tick, ask, details);
      this.finishCloseCompletion(tick, slot);
    }
    this.#return(tick, slot, ask, { status: end.outcome === "pended" ? PENDING : end.answer });
    this.#return(tick, slot, close, { status: end.outcome === "synchronous" ? SUCCESS : PENDING });
    if (end.outcome !== "synchronous" || !end.completesItself) return;
    const self = this.#details(slot, "ProtocolClCloseAfComplete", clientOf(slot), clientOf(slot), SUCCESS);
    this.#hearOfClose(tick, slot, tracer.call(tick, place, self, parent));
  }

  /** NDIS fails a close without asking the call manager; the client completes it itself. */
  failedClose(tick: number, slot: Slot, call: DriverCall): void {
    const close = this.tracer.call(
      tick,
      call.place,
      this.#details(slot, call.call, clientOf(slot), "ndis"),
      call.parent,
    );
    this.#endFailedClose(tick, slot, call, close, FAILURE);
  }

  /** The call manager refuses a close; the client completes it itself. */
  refusedClose(tick: number, slot: Slot, call: DriverCall): void {
    const { tracer } = this;
    const close = tracer.call(tick, call.place, this.#details(slot, call.call, clientOf(slot), "ndis"), call.parent);
    const ask = tracer.nestedCall(tick, close, this.#details(slot, "ProtocolCmCloseAf", "ndis", callManagerOf(slot)));
    this.#return(tick, slot, ask, { status: NOT_ACCEPTED });
    this.#endFailedClose(tick, slot, call, close, NOT_ACCEPTED);
  }

  /** The client releases its context though it is not told yet that its close has ended. */
  releaseEarly(tick: number, slot: Slot): void {
    this.#release(tick, slot, slot.clientPlace, clientOf(slot));
  }

  /** The client begins to wait for the completion of its close. */
  wait(tick: number, slot: Slot, irql: Place["irql"]): void {
    this.tracer.note(tick, "wait", { ...slot.clientPlace, irql }, clientOf(slot), afName(slot));
  }

  /** The call manager calls the completion of a close that it had pended. */
  beginCloseCompletion(tick: number, slot: Slot, { call, place, status }: DriverCall): void {
    this.#releaseAfterClose(tick, slot, place, "callManager");
    const details = this.#details(slot, call, callManagerOf(slot), "ndis", status);
    slot.completionFrame = this.tracer.call(tick, place, details);
  }

  /** NDIS tells the client inside that call, which then returns, unless the client deadlocks it. */
  finishCloseCompletion(tick: number, slot: Slot, returns = true): void {
    const frame = this.#takeFrame(slot);
    const details = this.#details(slot, "ProtocolClCloseAfComplete", "ndis", clientOf(slot), SUCCESS);
    this.#hearOfClose(tick, slot, this.tracer.nestedCall(tick, frame, details));
    if (returns) this.#return(tick, slot, frame);
  }

  /** The call manager notifies of a close, and NDIS has not told the client yet. */
  beginNotification(tick: number, slot: Slot, { call, place, parent }: DriverCall): Frame {
    return this.tracer.call(tick, place, this.#details(slot, call, callManagerOf(slot), "ndis"), parent);
  }

  /** NDIS tells the client in that call; what the client does then comes before `endNotified`. */
  beginNotified(tick: number, slot: Slot, notification: Frame): Frame {
    const details = this.#details(slot, "ProtocolClNotifyCloseAf", "ndis", clientOf(slot));
    return this.tracer.nestedCall(tick, notification, details);
  }

  /** A ProtocolClNotifyCloseAf returns, or the notification around it. */
  endNotification(tick: number, slot: Slot, frame: Frame, status: StatusName): void {
    this.#return(tick, slot, frame, { status });
  }

  /** The client waits for its close inside a callback, which can only be given up. */
  waitInside(tick: number, slot: Slot, callback: Frame): void {
    const [client, af] = [clientOf(slot), afName(slot)];
    for (const op of ["wait", "wake"] as const) this.tracer.note(tick, op, callback, client, af, callback);
  }

  /** The client completes a notification that it had pended, and NDIS tells the call manager. */
  completeNotification(tick: number, slot: Slot, { call, place, status }: DriverCall): void {
    const outer = this.tracer.call(tick, place, this.#details(slot, call, clientOf(slot), "ndis", status));
    const tell = this.#details(slot, "ProtocolCmNotifyCloseAfComplete", "ndis", callManagerOf(slot), status);
    this.#return(tick, slot, this.tracer.nestedCall(tick, outer, tell));
    this.#return(tick, slot, outer);
  }

  /** A driver makes a call that it should not make, and nothing comes of it: nothing but the call and its return. */
  vainCall(tick: number, slot: Slot, generation: number, { call, place, parent, status }: DriverCall): void {
    const af = afName(slot, generation);
    const { from, to } = CALLS[call];
    const caller = from === "cm" ? callManagerOf(slot) : clientOf(slot);
    const callee = to === "client" ? clientOf(slot) : "ndis";
    const frame = this.tracer.call(tick, place, { ...this.#details(slot, call, caller, callee, status), af }, parent);
    this.tracer.return(tick, frame, { af, ...(FAILING.has(call) ? { status: FAILURE } : {}) });
  }

  #endFailedClose(tick: number, slot: Slot, { place, parent }: DriverCall, close: Frame, status: StatusName): void {
    this.#return(tick, slot, close, { status });
    const self = this.#details(slot, "ProtocolClCloseAfComplete", clientOf(slot), clientOf(slot), status);
    this.#return(tick, slot, this.tracer.call(tick, place, self, parent));
  }

  /** The client is told how its open has ended. */
  #hearOfOpen(tick: number, slot: Slot, frame: Frame, status: StatusName): void {
    if (status !== SUCCESS) this.#release(tick, slot, frame, clientOf(slot));
    this.#return(tick, slot, frame);
  }

  /** The client is told that its close has succeeded. */
  #hearOfClose(tick: number, slot: Slot, frame: Frame): void {
    if (slot.waits) this.tracer.note(tick, "wake", frame, clientOf(slot), afName(slot));
    this.#releaseAfterClose(tick, slot, frame, "client");
    this.#return(tick, slot, frame);
  }

  #releaseAfterClose(tick: number, slot: Slot, place: Place, by: keyof Slot["releases"]): void {
    if (slot.releases[by]) this.#release(tick, slot, place, by === "client" ? clientOf(slot) : callManagerOf(slot));
  }

  #release(tick: number, slot: Slot, place: Place, from: Party): void {
    this.tracer.note(tick, "release", place, from, afName(slot));
  }

  #return(tick: number, slot: Slot, frame: Frame, details: ReturnDetails = {}): void {
    this.tracer.return(tick, frame, { af: afName(slot), ...details });
  }

  #details(slot: Slot, call: CallName, from: Party, to: Party, status?: StatusName): CallDetails {
    const { adapter } = slot.callManager;
    return { call, from, to, adapter, af: afName(slot), ...(status === undefined ? {} : { status }) };
  }

  #takeFrame(slot: Slot): Frame {
    const frame = slot.completionFrame;
    if (frame === null) throw new Error(`${afName(slot)}: no completion call is under way`);
    slot.completionFrame = null;
    return frame;
  }
}
