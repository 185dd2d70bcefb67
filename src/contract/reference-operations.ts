import type { CallName } from "./calls.js";
import { type ObjectOperation, OPERATIONS, type OperationName } from "./operations.js";
import type { ReferenceObjectDrivers } from "./reference-object-drivers.js";
import type { ObjectCall } from "./reference-object-judge.js";
import {
  askerOf,
  atCallManager,
  atClient,
  formOf,
  inside,
  namesIn,
  namesInRequest,
  namesOf,
  namesWithFirstParty,
  type ReferenceObjectTrace,
  type Where,
} from "./reference-object-trace.js";
import type { AfObject, Sap, Vc } from "./reference-objects.js";
import type { Frame, ObjectFields } from "./reference-trace.js";
import type { StatusName } from "./statuses.js";

const SUCCESS = "NDIS_STATUS_SUCCESS";
const PENDING = "NDIS_STATUS_PENDING";
const FAILURE = "NDIS_STATUS_FAILURE";

/** An operation as it is asked for. */
export interface Asked {
  readonly operation: OperationName;
  readonly object: AfObject;
  readonly where: Where;
  readonly pends: boolean;
  /** How it ends, if it is not pended. */
  readonly result: StatusName;
  /** The SAP that a client asks for. */
  readonly address?: Sap;
  /** What happens in the call by which NDIS asks the other driver. */
  readonly during?: (ask: Frame) => void;
  /** What happens when the request has returned, before the driver that asked calls itself. */
  readonly returned?: () => void;
}

/** The calls of operations on SAPs, VCs and parties, judged and traced (MODEL-OBJECTS.md, "Operations"). */
export class ReferenceOperations {
  constructor(
    readonly drivers: ReferenceObjectDrivers,
    readonly trace: ReferenceObjectTrace,
  ) {}

  /** A driver asks for something, and calls itself if that is not pended. */
  ask({ operation, object, where, pends, result, address, during, returned }: Asked): void {
    const { trace, drivers } = this;
    const { slot } = object;
    const { tell, ask } = OPERATIONS[operation];
    const asker = askerOf(operation);
    const request = formOf(OPERATIONS[operation].request, slot);
    const status = pends ? PENDING : result;
    const addressed: ObjectFields = address === undefined ? {} : { address: String(address.index) };
    const names = namesAsked(operation, object);

    drivers.judge({ call: request, object, by: asker });
    const outer = trace.call(drivers.now, slot, where, {
      call: request,
      from: asker,
      to: "ndis",
      fields: { ...(operation === "answer" ? names : namesInRequest(operation, object)), ...addressed },
    });
    if (ask !== null) {
      const asked = otherThan(asker);
      const fields = { ...names, ...addressed };
      const inner = trace.call(drivers.now, slot, inside(outer), { call: ask, from: "ndis", to: asked, fields });
      during?.(inner);
      drivers.judge({ call: ask, object, by: asked, status, ...(address === undefined ? {} : { address }) });
      trace.return(drivers.now, slot, inner, names, status);
    }
    trace.return(drivers.now, slot, outer, names, status);
    returned?.();
    if (!pends) this.#tell(tell, object, where, { from: asker, to: asker, fields: namesIn(operation, object), status });
  }

  /**
   * The other driver completes what it has pended, and NDIS tells the one that asked.
   * @param passed what the completion is passed, if not the result
   */
  complete(operation: OperationName, object: AfObject, result: StatusName, passed = result): void {
    const { trace, drivers } = this;
    const { slot } = object;
    const { completion, tell }: ObjectOperation = OPERATIONS[operation];
    if (completion === null) throw new Error(`NDIS completes ${operation}`);
    const call = formOf(completion, slot);
    const asker = askerOf(operation);
    const by = otherThan(asker);
    const fields = namesIn(operation, object);
    drivers.judgeCompletion({ call, object, by, status: passed });
    const where = by === "cm" ? atCallManager(slot) : atClient(slot);
    const outer = trace.call(drivers.now, slot, where, { call, from: by, to: "ndis", fields, status: passed });
    this.#tell(tell, object, inside(outer), { from: "ndis", to: asker, fields, status: result });
    trace.return(drivers.now, slot, outer, fields);
  }

  /** The call manager completes a registration that it has completed already. */
  registerCompletedAgain(sap: Sap): void {
    const { trace, drivers } = this;
    const { slot } = sap;
    const call = formOf(OPERATIONS.register.completion, slot);
    const fields = namesOf(sap);
    this.#mustBreak({ call, object: sap, by: "cm", status: SUCCESS });
    const where = atCallManager(slot);
    const frame = trace.call(drivers.now, slot, where, { call, from: "cm", to: "ndis", fields, status: SUCCESS });
    trace.return(drivers.now, slot, frame, fields);
  }

  /** NDIS tells the call manager of an activation or deactivation that it had pended. */
  tellActivated(operation: "activate" | "deactivate", vc: Vc): void {
    const details = { from: "ndis", to: "cm", fields: namesOf(vc), status: SUCCESS } as const;
    this.#tell(OPERATIONS[operation].tell, vc, atCallManager(vc.slot), details);
  }

  /** A driver asks for what it may not ask for: NDIS returns this at once, and nothing comes of it. */
  askInVain(operation: OperationName, object: AfObject, where: Where, status: StatusName): void {
    const call = formOf(OPERATIONS[operation].request, object.slot);
    this.#mustBreak({ call, object, by: askerOf(operation), status });
    this.#inVain(operation, object, where, status, namesIn(operation, object));
  }

  /** A client drops the first party of a call, which it may not drop. */
  dropFirstParty(vc: Vc, where: Where): void {
    this.#mustBreak({ call: "NdisClDropParty", object: vc, by: "client", status: FAILURE, isFirstParty: true });
    this.#inVain("drop", vc, where, FAILURE, namesWithFirstParty(vc));
  }

  /** The call manager fails what the client asks for in the wrong state of a VC, and the client tells itself. */
  askAndFail(operation: "make" | "close", vc: Vc, where: Where): void {
    const { trace, drivers } = this;
    const { slot } = vc;
    const { request, ask, tell } = OPERATIONS[operation];
    const names = namesIn(operation, vc);
    drivers.judge({ call: request, object: vc, by: "client", status: FAILURE });
    const outer = trace.call(drivers.now, slot, where, {
      call: request,
      from: "client",
      to: "ndis",
      fields: namesInRequest(operation, vc),
    });
    const details = { call: ask, from: "ndis", to: "cm", fields: names } as const;
    trace.return(drivers.now, slot, trace.call(drivers.now, slot, inside(outer), details), names, FAILURE);
    trace.return(drivers.now, slot, outer, names, FAILURE);
    this.#tell(tell, vc, where, { from: "client", to: "client", fields: names, status: FAILURE });
  }

  /** NDIS fails a deregistration, as the AF is closing, and the client tells itself. */
  failDeregistration(sap: Sap, where: Where): void {
    const { trace, drivers } = this;
    const { slot } = sap;
    const { request, tell } = OPERATIONS.deregister;
    const fields = namesOf(sap);
    drivers.judge({ call: request, object: sap, by: "client", status: FAILURE });
    const frame = trace.call(drivers.now, slot, where, { call: request, from: "client", to: "ndis", fields });
    trace.return(drivers.now, slot, frame, fields, FAILURE);
    this.#tell(tell, sap, where, { from: "client", to: "client", fields, status: FAILURE });
  }

  #inVain(operation: OperationName, object: AfObject, where: Where, status: StatusName, names: ObjectFields): void {
    const { trace, drivers } = this;
    const { slot } = object;
    const frame = trace.call(drivers.now, slot, where, {
      call: formOf(OPERATIONS[operation].request, slot),
      from: askerOf(operation),
      to: "ndis",
      fields: operation === "make" ? namesInRequest(operation, object) : names,
    });
    trace.return(drivers.now, slot, frame, names, status);
  }

  /** The driver that asked is told, by NDIS or by itself. */
  #tell(
    call: CallName,
    { slot }: AfObject,
    where: Where,
    details: {
      readonly from: "client" | "cm" | "ndis";
      readonly to: "client" | "cm";
      readonly fields: ObjectFields;
      readonly status: StatusName;
    },
  ): void {
    const { trace, drivers } = this;
    trace.return(drivers.now, slot, trace.call(drivers.now, slot, where, { call, ...details }), details.fields);
  }

  #mustBreak(call: ObjectCall): void {
    if (this.drivers.judge(call) === null) throw new Error(`${call.call} broke no rule`);
  }
}

const otherThan = (asker: "client" | "cm"): "client" | "cm" => (asker === "client" ? "cm" : "client");

/** What the request of an operation and the call that asks the other driver are about, and their returns. */
function namesAsked(operation: OperationName, object: AfObject): ObjectFields {
  const isOfferedCall = operation === "answer" && object.kind === "vc" && object.sap !== null;
  return isOfferedCall ? { ...namesOf(object.sap), ...namesOf(object) } : namesIn(operation, object);
}
