import type { CallName } from "./calls.js";
import { callManagerCall } from "./operations.js";
import type { ReferenceObjectDrivers } from "./reference-object-drivers.js";
import {
  atCallManager,
  atClient,
  formOf,
  inside,
  namesOf,
  type ReferenceObjectTrace,
  type Where,
} from "./reference-object-trace.js";
import type { AfObject, Vc } from "./reference-objects.js";
import type { CallManagerKind } from "../scenario/scenario.js";
import type { Frame } from "./reference-trace.js";

const SUCCESS = "NDIS_STATUS_SUCCESS";
const PENDING = "NDIS_STATUS_PENDING";
const FAILURE = "NDIS_STATUS_FAILURE";
const NOT_ACCEPTED = "NDIS_STATUS_NOT_ACCEPTED";

type Forms = Readonly<Record<CallManagerKind, CallName>>;

/** How a call manager creates and deletes a VC. */
const CREATES: Forms = { mcm: "NdisMCmCreateVc", standalone: "NdisCoCreateVc" };
const DELETES: Forms = { mcm: "NdisMCmDeleteVc", standalone: "NdisCoDeleteVc" };

/** How it hands on what the network does with a call, and by which NDIS tells the client. */
const DISPATCHES = {
  connected: { call: callManagerCall("DispatchCallConnected"), tell: "ProtocolClCallConnected" },
  drop: { call: callManagerCall("DispatchIncomingDropParty"), tell: "ProtocolClIncomingDropParty" },
  close: { call: callManagerCall("DispatchIncomingCloseCall"), tell: "ProtocolClIncomingCloseCall" },
} as const;

/** The calls by which VCs are created and deleted and call managers dispatch what the network does, judged and traced. */
export class ReferenceVcCalls {
  constructor(
    readonly drivers: ReferenceObjectDrivers,
    readonly trace: ReferenceObjectTrace,
  ) {}

  /** The driver that a VC is for creates it, and the other one agrees. */
  create(vc: Vc): void {
    const { trace, drivers } = this;
    const { slot } = vc;
    const outer = this.#beginCreate(vc);
    const { asked } = partiesOf(vc);
    const names = namesOf(vc);
    const details = { call: "ProtocolCoCreateVc", from: "ndis", to: asked, fields: names } as const;
    const inner = trace.call(drivers.now, slot, inside(outer), details);
    drivers.judge({ call: "ProtocolCoCreateVc", object: vc, by: asked, status: SUCCESS });
    trace.return(drivers.now, slot, inner, names, SUCCESS);
    trace.return(drivers.now, slot, outer, names, SUCCESS);
  }

  /** The call manager pends the creation of a VC by the client, which it may not: NDIS has it deleted. */
  createPended(vc: Vc): void {
    const { trace, drivers } = this;
    const { slot } = vc;
    const outer = this.#beginCreate(vc);
    const names = namesOf(vc);
    const ask = (call: "ProtocolCoCreateVc" | "ProtocolCoDeleteVc", status: typeof SUCCESS | typeof PENDING): void => {
      const inner = trace.call(drivers.now, slot, inside(outer), { call, from: "ndis", to: "cm", fields: names });
      drivers.judge({ call, object: vc, by: "cm", status });
      trace.return(drivers.now, slot, inner, names, status);
    };
    ask("ProtocolCoCreateVc", PENDING);
    ask("ProtocolCoDeleteVc", SUCCESS);
    trace.return(drivers.now, slot, outer, {}, FAILURE);
  }

  /** The driver that has created a VC deletes it. */
  delete(vc: Vc): void {
    const { trace, drivers } = this;
    const { slot } = vc;
    const { creator, asked, where } = partiesOf(vc);
    const call = vc.isOutgoing ? "NdisCoDeleteVc" : formOf(DELETES, slot);
    const names = namesOf(vc);
    drivers.judge({ call, object: vc, by: creator });
    const outer = trace.call(drivers.now, slot, where, { call, from: creator, to: "ndis", fields: names });
    const details = { call: "ProtocolCoDeleteVc", from: "ndis", to: asked, fields: names } as const;
    const inner = trace.call(drivers.now, slot, inside(outer), details);
    drivers.judge({ call: "ProtocolCoDeleteVc", object: vc, by: asked, status: SUCCESS });
    trace.return(drivers.now, slot, inner, names, SUCCESS);
    trace.return(drivers.now, slot, outer, names, SUCCESS);
  }

  /** The client deletes a VC that has a call, which NDIS does not accept. */
  deleteInVain(vc: Vc): void {
    const { trace, drivers } = this;
    const { slot } = vc;
    const call = "NdisCoDeleteVc";
    const names = namesOf(vc);
    if (drivers.judge({ call, object: vc, by: "client", status: NOT_ACCEPTED }) === null)
      throw new Error(`${call} broke no rule`);
    const frame = trace.call(drivers.now, slot, atClient(slot), { call, from: "client", to: "ndis", fields: names });
    trace.return(drivers.now, slot, frame, names, NOT_ACCEPTED);
  }

  /** The call manager has accepted what a client answered to an incoming call. */
  dispatchConnected(vc: Vc): void {
    this.#dispatch("connected", vc);
  }

  /**
   * The network drops a party or ends a call.
   * @param answer what the client does when it is told
   */
  dispatchEnd(of: "drop" | "close", object: AfObject, answer?: (told: Where) => void): void {
    this.#dispatch(of, object, answer);
  }

  #dispatch(of: keyof typeof DISPATCHES, object: AfObject, answer?: (told: Where) => void): void {
    const { trace, drivers } = this;
    const { slot } = object;
    const { call, tell } = DISPATCHES[of];
    const names = namesOf(object);
    const passed = of === "connected" ? {} : { status: SUCCESS as typeof SUCCESS };
    const details = { call: formOf(call, slot), from: "cm", to: "ndis", fields: names, ...passed } as const;
    const outer = trace.call(drivers.now, slot, atCallManager(slot), details);
    const told = { call: tell, from: "ndis", to: "client", fields: names, ...passed } as const;
    const inner = trace.call(drivers.now, slot, inside(outer), told);
    answer?.(inside(inner));
    trace.return(drivers.now, slot, inner, names);
    trace.return(drivers.now, slot, outer, names);
  }

  #beginCreate(vc: Vc): Frame {
    const { slot } = vc;
    const { creator: from, where } = partiesOf(vc);
    const call = vc.isOutgoing ? "NdisCoCreateVc" : formOf(CREATES, slot);
    return this.trace.call(this.drivers.now, slot, where, { call, from, to: "ndis", fields: {} });
  }
}

/** Who creates and deletes a VC, at which place, and whom NDIS asks. */
function partiesOf({ isOutgoing, slot }: Vc): {
  readonly creator: "client" | "cm";
  readonly asked: "client" | "cm";
  readonly where: Where;
} {
  return isOutgoing
    ? { creator: "client", asked: "cm", where: atClient(slot) }
    : { creator: "cm", asked: "client", where: atCallManager(slot) };
}
