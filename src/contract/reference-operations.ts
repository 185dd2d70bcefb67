import type { CallName, Role } from "./calls.js";
import { type CallManagerCall, type ObjectOperation, OPERATIONS, type OperationName } from "./operations.js";
import type { ReferenceObjectDrivers } from "./reference-object-drivers.js";
import { type AfObject, objectName, type Sap } from "./reference-objects.js";
import { afName, type Slot } from "./reference-parts.js";
import type { CallDetails, Frame, ObjectFields, Party, Place, ReferenceTracer } from "./reference-trace.js";
import type { StatusName } from "./statuses.js";

const SUCCESS = "NDIS_STATUS_SUCCESS";
const PENDING = "NDIS_STATUS_PENDING";
const FAILURE = "NDIS_STATUS_FAILURE";

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

/** An operation as it is asked for. */
export interface Asked {
  readonly operation: OperationName;
  readonly object: AfObject;
  readonly where: Where;
  readonly pends: boolean;
  /** How it ends, or what the call that asks returns if it is not pended. */
  readonly result: StatusName;
  /** The SAP that a client asks for. */
  readonly address?: Sap;
  /** What happens in the call by which NDIS asks the other driver. */
  readonly during?: (ask: Frame) => void;
  /** What happens when the request has returned, before the driver that asked calls itself. */
  readonly returned?: () => void;
}

/** The calls of operations on SAPs, VCs and parties, judged and as they go into the trace (MODEL-OBJECTS.md, "Operations"). */
export class ReferenceOperations {
  constructor(
    readonly drivers: ReferenceObjectDrivers,
    readonly tracer: ReferenceTracer,
  ) {}

  /** A driver asks for something, and calls itself if that is not pended. */
  ask({ operation, object, where, pends, result, address, during, returned }: Asked): void {
    const { slot } = object;
    const { ask, tell } = OPERATIONS[operation];
    const request = this.#requestOf(operation, object);
    const status = pends ? PENDING : result;
    this.drivers.judge({ call: request.call, object, by: request.by });
    const bringsForth = operation === "register" || operation === "add" || operation === "make";
    const addressField = address === undefined ? {} : { address: String(address.index) };
    const outer = this.#call(slot, where, {
      ...request,
      to: "ndis",
      fields: { ...fieldsOf(operation, object, bringsForth ? "unborn" : "asked"), ...addressField },
    });
    const fields = fieldsOf(operation, object, "asked");
    if (ask !== null) {
      const to = request.by === "client" ? "cm" : "client";
      const inner = this.#call(slot, inside(outer), {
        call: ask,
        by: "ndis",
        to,
        fields: { ...fields, ...addressField },
      });
      during?.(inner);
      this.drivers.judge({ call: ask, object, by: to, status, ...(address === undefined ? {} : { address }) });
      this.#return(slot, inner, fields, status);
    }
    this.#return(slot, outer, fields, status);
    returned?.();
    if (pends) return;
    const self = { call: tell, by: request.by, to: request.by, fields: fieldsOf(operation, object), status };
    this.#return(slot, this.#call(slot, where, self), self.fields);
  }

  /**
   * The other driver completes what it has pended, and NDIS tells the one that asked.
   * @param passed what is passed to the completion, if it is not the result
   */
  complete(operation: OperationName, object: AfObject, result: StatusName, passed = result): void {
    const { slot } = object;
    const { completion, tell }: ObjectOperation = OPERATIONS[operation];
    if (completion === null) throw new Error(`${operation} is completed by NDIS`);
    const call = callOf(completion, slot);
    const asker = askerOf(operation);
    const by = asker === "client" ? "cm" : "client";
    this.drivers.judgeCompletion({ call, object, by, status: passed });
    const fields = fieldsOf(operation, object);
    const where = by === "cm" ? atCallManager(slot) : atClient(slot);
    const outer = this.#call(slot, where, { call, by, to: "ndis", fields, status: passed });
    const inner = this.#call(slot, inside(outer), { call: tell, by: "ndis", to: asker, fields, status: result });
    this.#return(slot, inner, fields);
    this.#return(slot, outer, fields);
  }

  /** NDIS tells the call manager of an activation or deactivation that it had pended. */
  tell(operation: "activate" | "deactivate", object: AfObject): void {
    const { slot } = object;
    const { tell: call } = OPERATIONS[operation];
    const fields = fieldsOf(operation, object);
    this.#return(
      slot,
      this.#call(slot, atCallManager(slot), { call, by: "ndis", to: "cm", fields, status: SUCCESS }),
      fields,
    );
  }

  /** A driver asks for what it may not ask for, and NDIS returns that at once. */
  askInVain(
    operation: OperationName,
    object: AfObject,
    where: Where,
    status: StatusName,
    isFirstParty: boolean = false,
  ): void {
    const { slot } = object;
    const request = this.#requestOf(operation, object);
    const judged = { call: request.call, object, by: request.by, status };
    this.mustBreak(judged, this.drivers.judge(isFirstParty ? { ...judged, isFirstParty } : judged));
    const fields = isFirstParty ? firstPartyOf(object) : fieldsOf(operation, object, "asked");
    const unborn = operation === "make" ? fieldsOf(operation, object, "unborn") : fields;
    this.#return(slot, this.#call(slot, where, { ...request, to: "ndis", fields: unborn }), fields, status);
  }

  /** NDIS asks the call manager for what a client should not ask for, or fails by itself, and the client tells itself. */
  askAndFail(operation: "make" | "close" | "deregister", object: AfObject, where: Where): void {
    const { slot } = object;
    const { ask, tell } = OPERATIONS[operation];
    const request = this.#requestOf(operation, object);
    this.drivers.judge({ call: request.call, object, by: "client", status: FAILURE });
    const fields = fieldsOf(operation, object, "asked");
    const unborn = operation === "make" ? fieldsOf(operation, object, "unborn") : fields;
    const outer = this.#call(slot, where, { ...request, to: "ndis", fields: unborn });
    if (operation !== "deregister") {
      const inner = this.#call(slot, inside(outer), { call: ask, by: "ndis", to: "cm", fields });
      this.#return(slot, inner, fields, FAILURE);
    }
    this.#return(slot, outer, fields, FAILURE);
    const self = this.#call(slot, where, { call: tell, by: "client", to: "client", fields, status: FAILURE });
    this.#return(slot, self, fields);
  }

  /** The call manager completes what it has completed already. */
  completeAgain(operation: "register", object: AfObject): void {
    const { slot } = object;
    const call = callOf(OPERATIONS[operation].completion, slot);
    const judged = { call, object, by: "cm", status: SUCCESS } as const;
    this.mustBreak(judged, this.drivers.judge(judged));
    const fields = fieldsOf(operation, object);
    this.#return(slot, this.#call(slot, atCallManager(slot), { call, by: "cm", to: "ndis", fields, status: SUCCESS }), fields);
  }

  #requestOf(operation: OperationName, { slot }: AfObject): { readonly call: CallName; readonly by: Role } {
    return { call: callOf(OPERATIONS[operation].request, slot), by: askerOf(operation) };
  }
}
