import type { CodedEvent } from "./event.js";
import type { Frame } from "./frames.js";
import type { Handle } from "./handle.js";
import { callManagerMayUse, clientMayUse, joinAf, leaveAf } from "./af-object.js";
import { TRACE_CALLS } from "./call-table.js";
import { KIND_VC, LINE, NOBODY, WORK } from "./object-table.js";
import { CLOSE_CALL, hasCall } from "./vc-state.js";
import { OP_NONE } from "./operation.js";
import { DEAD, type Scene, UNKNOWN } from "./scene.js";
import { isFailure, STATUS_MISSING, STATUS_PENDING, STATUS_SUCCESS } from "./status-class.js";
import {
  ACTIVATING,
  ACTIVE,
  ACTIVITY,
  BY_CLIENT,
  BY_CM,
  CREATED,
  CREATING,
  CREATION,
  CREATOR,
  DEACTIVATING,
  INACTIVE,
  OWES_CLOSE,
  UNUSABLE,
} from "./vc-state.js";

/** Who makes a call of two possible: BY_CLIENT, BY_CM, or 0 where the trace does not say. */
function callerOf(e: CodedEvent, frame: Frame): number {
  if (TRACE_CALLS[frame.code]!.from === "cm" || e.from?.startsWith("cm")) return BY_CM;
  return e.from?.startsWith("client") ? BY_CLIENT : 0;
}

/** NdisCoCreateVc or NdisMCmCreateVc: mostly the VC has no handle yet. */
export function createIsCalled(s: Scene, e: CodedEvent, frame: Frame, isBroken: boolean): void {
  frame.note = callerOf(e, frame);
  const mayUse = frame.note === BY_CM ? callManagerMayUse : clientMayUse;
  if (!isBroken && frame.note !== 0 && !mayUse(s, e, frame, "created a VC")) frame.ignored = true;
  frame.id = NOBODY;
  if (e.vc !== undefined && !frame.ignored) frame.id = bornVc(s, e, e.vc, frame.af, frame.note);
}

function bornVc(s: Scene, e: CodedEvent, handle: Handle, af: number, creator: number): number {
  const id = s.born(e, KIND_VC, handle);
  joinAf(s, id, af);
  s.objects.setState(id, CREATOR, creator);
  s.objects.setState(id, CREATION, CREATING);
  return id;
}

/** ProtocolCoCreateVc. */
export function createIsAsked(s: Scene, e: CodedEvent, frame: Frame): void {
  if (e.vc === undefined) return;
  const outer = s.frames.find(e.machine, e.parent);
  const isRequested = outer !== null && outer.id !== NOBODY && outer.id === s.find(e.machine, KIND_VC, e.vc);
  let creator = outer?.note ?? 0;
  if (outer === null && e.to !== undefined) creator = e.to.startsWith("cm") ? BY_CLIENT : BY_CM;
  frame.id = isRequested
    ? outer.id
    : bornVc(s, e, e.vc, frame.af !== NOBODY ? frame.af : (outer?.af ?? NOBODY), creator);
  if (outer !== null) outer.id = frame.id;
}

export function createIsAnswered(s: Scene, e: CodedEvent, id: number): void {
  if (id === NOBODY) return;
  const status = e.statusClass;
  if (status === STATUS_MISSING) {
    s.cannotSay("vc/create", "status", e);
    s.doubt(id);
  } else if (status === STATUS_PENDING) {
    s.breach("vc/create", e, id, "ProtocolCoCreateVc returned NDIS_STATUS_PENDING.");
    s.objects.setState(id, CREATION, UNUSABLE);
  } else if (isFailure(status)) leaveAf(s, id);
  else s.objects.setState(id, CREATION, CREATED);
}

export function createHasReturned(s: Scene, e: CodedEvent, frame: Frame | null, id: number): void {
  const status = e.statusClass;
  if (frame?.ignored === true) {
    if (status === STATUS_SUCCESS)
      s.breach("vc/create", e, frame.af, "NDIS created a VC on an AF that is not valid: that is NDIS_STATUS_FAILURE.");
    return;
  }
  let of = id;
  if (of === NOBODY && e.vc !== undefined && !isFailure(status))
    of = bornVc(s, e, e.vc, frame?.af ?? NOBODY, frame?.note ?? 0);
  if (of === NOBODY || s.objects.has(of, DEAD)) return;
  if (isFailure(status)) leaveAf(s, of);
  else if (status !== STATUS_MISSING) s.objects.setState(of, CREATION, CREATED);
}

/** A call on a VC that was deleted; true if it is. */
export function isUseOfDeleted(s: Scene, e: CodedEvent, frame: Frame, isBroken: boolean): boolean {
  const { id } = frame;
  if (!s.objects.has(id, DEAD)) return false;
  frame.ignored = true;
  if (!isBroken)
    s.breach(
      "vc/delete",
      e,
      id,
      `${TRACE_CALLS[frame.code]!.name} was called with the handle of a VC that was deleted.`,
    );
  return true;
}

/** NdisCoDeleteVc or NdisMCmDeleteVc. */
export function deleteIsCalled(s: Scene, e: CodedEvent, frame: Frame, isBroken: boolean): void {
  const { id } = frame;
  if (id === NOBODY || isUseOfDeleted(s, e, frame, isBroken)) return;
  const { objects } = s;
  const breach = (text: string): void => {
    frame.ignored = true;
    if (!isBroken) s.breach("vc/delete", e, id, text);
  };
  const caller = callerOf(e, frame);
  const creator = objects.state(id, CREATOR);
  if (caller !== 0 && creator !== 0 && caller !== creator)
    breach("A VC was deleted by a driver that had not created it.");
  else if (hasCall(s, id)) breach("A VC was deleted with a call on it.");
  else if (objects.state(id, ACTIVITY) !== INACTIVE) breach("A VC was deleted that was not inactive.");
}

/** ProtocolCoDeleteVc has returned. */
export function deleteIsAnswered(s: Scene, e: CodedEvent, id: number): void {
  if (e.statusClass === STATUS_PENDING)
    s.breach("vc/create", e, id, "ProtocolCoDeleteVc returned NDIS_STATUS_PENDING.");
  // NDIS deletes what could not be created.
  if (id !== NOBODY && s.objects.state(id, CREATION) === UNUSABLE) leaveAf(s, id);
}

export function deleteHasReturned(s: Scene, e: CodedEvent, frame: Frame | null, id: number): void {
  if (id === NOBODY || s.objects.has(id, DEAD)) return;
  const status = e.statusClass;
  if (status === STATUS_MISSING) s.doubt(id);
  if (status === STATUS_SUCCESS || (status === STATUS_MISSING && frame?.ignored !== true)) vcIsGone(s, e, id);
}

function vcIsGone(s: Scene, e: CodedEvent, id: number): void {
  if (s.objects.has(id, OWES_CLOSE)) {
    s.objects.unmark(id, OWES_CLOSE);
    s.breach(
      "call/incoming-close",
      e,
      id,
      "The client did not call NdisClCloseCall for a call that the network had closed.",
    );
  }
  leaveAf(s, id);
}

/** Ndis(M)CmActivateVc. */
export function activateIsCalled(s: Scene, e: CodedEvent, frame: Frame, isBroken: boolean): void {
  const { id } = frame;
  if (id === NOBODY || isUseOfDeleted(s, e, frame, isBroken)) return;
  if (s.objects.state(id, ACTIVITY) === INACTIVE) s.objects.setState(id, ACTIVITY, ACTIVATING);
}

export function activateHasReturned(s: Scene, e: CodedEvent, frame: Frame | null, id: number): void {
  if (id === NOBODY || frame?.ignored === true) return;
  const status = e.statusClass;
  if (s.objects.state(id, ACTIVITY) !== ACTIVATING || status === STATUS_PENDING) return;
  s.objects.setState(id, ACTIVITY, isFailure(status) ? INACTIVE : ACTIVE);
}

/** ProtocolCmActivateVcComplete. */
export function activateIsTold(s: Scene, e: CodedEvent, frame: Frame): void {
  const { id } = frame;
  if (id === NOBODY || s.objects.state(id, ACTIVITY) !== ACTIVATING) return;
  s.objects.setState(id, ACTIVITY, isFailure(e.statusClass) ? INACTIVE : ACTIVE);
}

/** Ndis(M)CmDeactivateVc. */
export function deactivateIsCalled(s: Scene, e: CodedEvent, frame: Frame, isBroken: boolean): void {
  const { id } = frame;
  if (id === NOBODY || isUseOfDeleted(s, e, frame, isBroken)) return;
  const { objects } = s;
  const activity = objects.state(id, ACTIVITY);
  const isRedundant = (activity === INACTIVE && !objects.has(id, UNKNOWN)) || activity === DEACTIVATING;
  if (isRedundant) {
    frame.ignored = true;
    const isMcm = TRACE_CALLS[frame.code]!.name.startsWith("NdisM");
    if (isMcm && !isBroken) s.breach("vc/deactivate", e, id, "An MCM deactivated a VC that was not active.");
    return;
  }
  objects.setState(id, ACTIVITY, DEACTIVATING);
}

export function deactivateHasReturned(s: Scene, e: CodedEvent, frame: Frame | null, id: number): void {
  if (id === NOBODY || frame?.ignored === true || s.objects.state(id, ACTIVITY) !== DEACTIVATING) return;
  const status = e.statusClass;
  if (status !== STATUS_PENDING) s.objects.setState(id, ACTIVITY, isFailure(status) ? ACTIVE : INACTIVE);
}

/** ProtocolCmDeactivateVcComplete. */
export function deactivateIsTold(s: Scene, _e: CodedEvent, frame: Frame): void {
  const { id } = frame;
  if (id !== NOBODY && s.objects.state(id, ACTIVITY) === DEACTIVATING) s.objects.setState(id, ACTIVITY, INACTIVE);
}

/** NdisCoSendNetBufferLists. */
export function dataIsSent(s: Scene, e: CodedEvent, frame: Frame, isBroken: boolean): void {
  const { id } = frame;
  if (id === NOBODY || isUseOfDeleted(s, e, frame, isBroken)) return;
  const { objects } = s;
  const isClosed = objects.state(id, CLOSE_CALL.state) !== OP_NONE;
  if (callerOf(e, frame) !== BY_CM) {
    if (isClosed)
      s.breach("call/close", e, id, `Data was sent after the close of the call, of line ${objects.get(id, LINE)}.`);
    objects.set(id, WORK, objects.get(id, WORK) + 1);
    if (isClosed) return;
  }
  judgeFlow(s, e, id, isBroken);
}

/** ProtocolCoReceiveNetBufferLists. */
export function dataIsReceived(s: Scene, e: CodedEvent, frame: Frame): void {
  if (frame.id !== NOBODY && !s.objects.has(frame.id, DEAD)) judgeFlow(s, e, frame.id, false);
}

function judgeFlow(s: Scene, e: CodedEvent, id: number, isBroken: boolean): void {
  const activity = s.objects.state(id, ACTIVITY);
  if (isBroken || activity >= ACTIVE || s.objects.has(id, UNKNOWN)) return;
  s.breach("vc/activate", e, id, "Data flowed on a VC that is not active.");
}

/** ProtocolCoSendNetBufferListsComplete. */
export function dataIsBack(s: Scene, _e: CodedEvent, frame: Frame): void {
  const { id } = frame;
  if (id === NOBODY) return;
  const sent = s.objects.get(id, WORK);
  if (sent > 0) s.objects.set(id, WORK, sent - 1);
}
