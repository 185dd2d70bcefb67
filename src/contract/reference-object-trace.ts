import type { Role } from "./call-row.js";
import type { CallName } from "./calls.js";
import { OPERATIONS, type OperationName } from "./operations.js";
import { type AfObject, objectName, type Vc } from "./reference-objects.js";
import { afName, type Slot } from "./reference-parts.js";
import type { Frame, ObjectFields, Party, Place, ReferenceTracer } from "./reference-trace.js";
import type { CallManagerKind } from "../scenario/scenario.js";
import type { StatusName } from "./statuses.js";

/** Where a driver is when it makes a call, and in which call. */
export interface Where {
  readonly place: Place;
  /** Absent outside all calls. */
  readonly parent?: Frame;
}

/** The client's place, outside all calls. */
export const atClient = ({ clientPlace }: Slot): Where => ({ place: clientPlace });

/** Where the call manager is outside all calls: at the IRQL of its profile. */
export const atCallManager = ({ callManager }: Slot): Where => ({ place: callManager.place });

/** Inside a call. */
export const inside = (frame: Frame): Where => ({ place: frame, parent: frame });

/** A call as it goes into the trace. */
interface TracedCall {
  readonly call: CallName;
  readonly from: Role;
  readonly to: Role;
  readonly fields: ObjectFields;
  readonly status?: StatusName;
}

/** The calls about what hangs on AFs, as they go into the trace. */
export class ReferenceObjectTrace {
  constructor(readonly tracer: ReferenceTracer) {}

  call(tick: number, slot: Slot, { place, parent }: Where, { call, from, to, fields, status }: TracedCall): Frame {
    const details = {
      call,
      from: partyOf(slot, from),
      to: partyOf(slot, to),
      adapter: slot.callManager.adapter,
      af: afName(slot),
      objects: fields,
      ...(status === undefined ? {} : { status }),
    };
    return this.tracer.call(tick, place, details, parent);
  }

  return(tick: number, slot: Slot, frame: Frame, fields: ObjectFields, status?: StatusName): void {
    const details = { af: afName(slot), objects: fields, ...(status === undefined ? {} : { status }) };
    this.tracer.return(tick, frame, details);
  }
}

function partyOf(slot: Slot, role: Role): Party {
  switch (role) {
    case "client":
      return `client:${slot.client}`;
    case "cm":
      return `cm:${slot.callManager.adapter}`;
    case "ndis":
      return "ndis";
  }
}

/** A call in the form of the slot's call manager. */
export function formOf(call: CallName | Readonly<Record<CallManagerKind, CallName>>, { callManager }: Slot): CallName {
  return typeof call === "string" ? call : call[callManager.profile.source.kind];
}

/** The fields that name an object; a party's record also names its VC. */
export function namesOf(object: AfObject): ObjectFields {
  switch (object.kind) {
    case "sap":
      return { sap: objectName(object) };
    case "vc":
      return { vc: objectName(object) };
    case "party":
      return { vc: objectName(object.vc), party: objectName(object) };
  }
}

/** The fields that name a VC and the first party of its call, if calls have parties. */
export function namesWithFirstParty(vc: Vc): ObjectFields {
  const { firstParty: index, generation } = vc;
  return index === null ? namesOf(vc) : { ...namesOf(vc), party: objectName({ kind: "party", index, generation }) };
}

/** The fields that name what the records of an operation are about. */
export function namesIn(operation: OperationName, object: AfObject): ObjectFields {
  const hasFirstParty = operation === "make" || operation === "close";
  return hasFirstParty && object.kind === "vc" ? namesWithFirstParty(object) : namesOf(object);
}

/** The same on the call that asks for it, which lacks a handle that it brings forth. */
export function namesInRequest(operation: OperationName, object: AfObject): ObjectFields {
  switch (operation) {
    case "register":
      return {};
    case "make":
      return namesOf(object);
    case "add":
      return object.kind === "party" ? namesOf(object.vc) : {};
    default:
      return namesIn(operation, object);
  }
}

/** Who asks for an operation. */
export function askerOf(operation: OperationName): "client" | "cm" {
  return typeof OPERATIONS[operation].request === "string" ? "client" : "cm";
}
