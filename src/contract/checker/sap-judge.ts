import type { CodedEvent } from "./event.js";
import type { Frame } from "./frames.js";
import type { Handle } from "./handle.js";
import { isClosing, WAS_NOTIFIED } from "./address-family.js";
import { clientMayUse, FIRST_OBJECT_FLAG, joinAf, leaveAf, leaveToCm } from "./af-object.js";
import { CHILD, KIND_SAP, KIND_VC, NEXT, NOBODY, stateByte } from "./object-table.js";
import {
  answer,
  begin,
  complete,
  isUnderWay,
  OP_CALLED,
  OP_ENDED,
  OP_NONE,
  OP_UNCLEAR,
  type Operation,
  requestReturned,
  tell,
  WITH_FAILURE,
  WITH_SUCCESS,
} from "./operation.js";
import { DEAD, type Scene, UNKNOWN } from "./scene.js";
import { hasOpenCall } from "./vc-state.js";
import { isError, STATUS_FAILURE, STATUS_MISSING, STATUS_PENDING, STATUS_SUCCESS } from "./status-class.js";
import { judgeOrder, namelessSapIsDeregistered, teardownIsCompleted } from "./work-judge.js";

export const REGISTER: Operation = { state: stateByte(0), rule: "sap/owed", text: "the registration of a SAP" };
export const DEREGISTER: Operation = {
  state: stateByte(1),
  rule: "sap/owed",
  text: "the deregistration of a SAP",
  onlySucceeds: true,
};

/** NdisClRegisterSap: mostly the SAP has no handle yet. */
export function registerSapIsCalled(s: Scene, e: CodedEvent, frame: Frame, isBroken: boolean): void {
  if (!isBroken && !clientMayUse(s, e, frame, "registered a SAP")) frame.ignored = true;
  frame.id = NOBODY;
  if (e.sap !== undefined && !frame.ignored) frame.id = bornSap(s, e, e.sap, frame.af);
}

function bornSap(s: Scene, e: CodedEvent, handle: Handle, af: number): number {
  const id = s.born(e, KIND_SAP, handle);
  joinAf(s, id, af);
  begin(s, e, id, REGISTER);
  return id;
}

/** ProtocolCmRegisterSap. */
export function registerSapIsAsked(s: Scene, e: CodedEvent, frame: Frame): void {
  if (e.sap === undefined) return;
  const outer = s.frames.find(e.machine, e.parent);
  const isRequested = outer !== null && outer.id !== NOBODY && outer.id === s.find(e.machine, KIND_SAP, e.sap);
  const af = frame.af !== NOBODY ? frame.af : (outer?.af ?? NOBODY);
  frame.id = isRequested ? outer.id : bornSap(s, e, e.sap, af);
  if (outer !== null) outer.id = frame.id;
  takeAddress(s, e, frame);
}

/** Notes whose the address is: the SAP's, or another client's already. */
function takeAddress(s: Scene, e: CodedEvent, frame: Frame): void {
  const adapter = s.bindingOf(frame.id)?.adapter;
  if (e.address === undefined || adapter === undefined) return;
  const holder = adapter.addresses.get(e.address);
  if (holder !== undefined && holder !== frame.id && s.bindingOf(holder) !== s.bindingOf(frame.id)) {
    s.objects.mark(frame.id, ADDRESS_TAKEN);
    return;
  }
  if (holder !== undefined) adapter.addressOf.delete(holder);
  adapter.addresses.set(e.address, frame.id);
  adapter.addressOf.set(frame.id, e.address);
}

/** Another client's SAP has its address. */
const ADDRESS_TAKEN = 1 << FIRST_OBJECT_FLAG;

export function registerSapIsAnswered(s: Scene, e: CodedEvent, id: number): void {
  if (id === NOBODY) return;
  const status = e.statusClass;
  if (status === STATUS_MISSING) s.cannotSay("sap/status", "status", e);
  else if (status !== STATUS_SUCCESS && status !== STATUS_PENDING && !isError(status)) {
    s.breach(
      "sap/status",
      e,
      id,
      `ProtocolCmRegisterSap returned ${e.status}, which is neither success, pending nor an error.`,
    );
  } else if (status === STATUS_SUCCESS) judgeAddress(s, e, id);
  endRegister(s, id, answer(s, e, id, REGISTER));
}

function judgeAddress(s: Scene, e: CodedEvent, id: number): void {
  if (!s.objects.has(id, ADDRESS_TAKEN)) return;
  s.objects.unmark(id, ADDRESS_TAKEN);
  s.breach(
    "sap/status",
    e,
    id,
    "The call manager registered a SAP that another client has: that is NDIS_STATUS_INVALID_DATA.",
  );
}

export function registerSapIsCompleted(s: Scene, e: CodedEvent, frame: Frame, isBroken: boolean): void {
  const { id } = frame;
  if (id === NOBODY) return;
  if (!isBroken && e.statusClass === STATUS_SUCCESS && isUnderWay(s.objects.state(id, REGISTER.state)))
    judgeAddress(s, e, id);
  endRegister(s, id, complete(s, e, frame, id, REGISTER, isBroken));
}

export function registerSapHasReturned(s: Scene, e: CodedEvent, frame: Frame | null, id: number): void {
  if (frame?.ignored === true) return;
  let of = id;
  if (of === NOBODY && e.sap !== undefined) of = bornSap(s, e, e.sap, frame?.af ?? s.find(e.machine, 1, e.af));
  if (of !== NOBODY) endRegister(s, of, requestReturned(s, e, of, REGISTER));
}

export function registerSapIsTold(s: Scene, e: CodedEvent, frame: Frame): void {
  if (frame.id !== NOBODY) endRegister(s, frame.id, tell(s, e, frame.id, REGISTER));
}

function endRegister(s: Scene, id: number, how: number): void {
  if (how === WITH_FAILURE) sapIsGone(s, id);
}

function sapIsGone(s: Scene, id: number): void {
  const adapter = s.bindingOf(id)?.adapter;
  const address = adapter?.addressOf.get(id);
  if (adapter !== undefined && address !== undefined) {
    adapter.addresses.delete(address);
    adapter.addressOf.delete(id);
  }
  leaveAf(s, id);
}

/** NdisClDeregisterSap. */
export function deregisterSapIsCalled(s: Scene, e: CodedEvent, frame: Frame, isBroken: boolean): void {
  const { id } = frame;
  if (id === NOBODY) {
    namelessSapIsDeregistered(s, e, frame);
    return;
  }
  const { objects } = s;
  const isUnknown = objects.has(id, UNKNOWN);
  if (
    objects.has(id, DEAD) ||
    objects.state(id, DEREGISTER.state) !== OP_NONE ||
    (!isUnknown && !isRegistered(objects.state(id, REGISTER.state)))
  ) {
    frame.ignored = true;
    if (!isBroken)
      s.breach(
        "sap/stale",
        e,
        id,
        "The client deregistered a SAP that it had deregistered already, or that is not registered.",
      );
    return;
  }
  const af = s.afOf(id);
  if (af !== NOBODY && objects.has(af, WAS_NOTIFIED) && hasCallLeft(s, af)) judgeOrder(s, e, af);
  if (af !== NOBODY && isClosing(s, af)) frame.note = AF_IS_CLOSING;
  begin(s, e, id, DEREGISTER);
  leaveToCm(s, id);
}

const AF_IS_CLOSING = 1;

const isRegistered = (state: number): boolean => state === OP_ENDED || state === OP_UNCLEAR;

function hasCallLeft(s: Scene, af: number): boolean {
  for (let id = s.objects.get(af, CHILD); id !== NOBODY; id = s.objects.get(id, NEXT)) {
    if (s.objects.kind(id) === KIND_VC && hasOpenCall(s, id)) return true;
  }
  return false;
}

export function deregisterSapIsAnswered(s: Scene, e: CodedEvent, id: number): void {
  if (id !== NOBODY) endDeregister(s, id, answer(s, e, id, DEREGISTER));
}

export function deregisterSapIsCompleted(s: Scene, e: CodedEvent, frame: Frame, isBroken: boolean): void {
  if (frame.id === NOBODY) teardownIsCompleted(s, frame.af);
  else endDeregister(s, frame.id, complete(s, e, frame, frame.id, DEREGISTER, isBroken));
}

export function deregisterSapHasReturned(s: Scene, e: CodedEvent, frame: Frame | null, id: number): void {
  if (id === NOBODY || frame?.ignored === true) return;
  const status = e.statusClass;
  if (frame?.note === AF_IS_CLOSING && status !== STATUS_FAILURE && status !== STATUS_MISSING) {
    s.breach(
      "sap/closing",
      e,
      id,
      `NDIS answered ${e.status} to a deregistration on an AF that is closing: that fails.`,
    );
  }
  if (frame?.note === AF_IS_CLOSING && s.objects.state(id, DEREGISTER.state) === OP_CALLED) sapIsGone(s, id);
  else endDeregister(s, id, requestReturned(s, e, id, DEREGISTER));
}

export function deregisterSapIsTold(s: Scene, e: CodedEvent, frame: Frame): void {
  if (frame.id !== NOBODY) endDeregister(s, frame.id, tell(s, e, frame.id, DEREGISTER));
}

function endDeregister(s: Scene, id: number, how: number): void {
  if (how === WITH_SUCCESS || how === WITH_FAILURE) sapIsGone(s, id);
}
