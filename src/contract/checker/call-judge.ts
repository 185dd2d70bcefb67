import { NO_NUMBER } from "./event-code.js";
import type { CodedEvent } from "./event.js";
import type { Frame } from "./frames.js";
import { leaveToCm } from "./af-object.js";
import { KIND_PARTY, LEFT, LINE, NOBODY, WORK } from "./object-table.js";
import {
  answer,
  begin,
  complete,
  isUnderWay,
  NOT_YET,
  OP_ENDED,
  OP_NONE,
  OP_UNCLEAR,
  requestReturned,
  tell,
  WITH_FAILURE,
  WITH_SUCCESS,
} from "./operation.js";
import { bornFirstParty, firstPartyLeaves } from "./party-judge.js";
import { DEAD, type Scene, UNKNOWN } from "./scene.js";
import { isFailure, STATUS_SUCCESS } from "./status-class.js";
import { isUseOfDeleted } from "./vc-judge.js";
import {
  ACTIVE,
  ACTIVITY,
  BY_CM,
  CLOSE_CALL,
  CREATOR,
  endCall,
  HAD_CALL,
  HAS_FIRST_PARTY,
  hasCall,
  INACTIVE,
  MAKE,
  OFFER,
  OWES_CLOSE,
} from "./vc-state.js";
import { namelessCallIsClosed, teardownIsCompleted } from "./work-judge.js";

/** NdisClMakeCall. */
export function makeIsCalled(s: Scene, e: CodedEvent, frame: Frame, isBroken: boolean): void {
  const { id } = frame;
  if (id === NOBODY) return;
  const { objects } = s;
  const breach = (text: string): void => {
    frame.ignored = true;
    if (!isBroken) s.breach("call/make", e, id, text);
  };
  if (objects.has(id, DEAD)) breach("The client made a call on a VC that was deleted.");
  else if (objects.state(id, CREATOR) === BY_CM)
    breach("The client made a call on a VC that the call manager had created.");
  else if (hasCall(s, id)) breach("The client made a call on a VC that has one.");
  else if (objects.has(id, HAD_CALL) && s.readings.vcReuse === "never")
    breach("The client made a second call on a VC.");
  else {
    begin(s, e, id, MAKE);
    objects.setState(id, CLOSE_CALL.state, OP_NONE);
    if (e.party !== undefined) bornFirstParty(s, e, id);
  }
}

/** ProtocolCmMakeCall. */
export function makeIsAsked(s: Scene, e: CodedEvent, frame: Frame): void {
  const { id } = frame;
  if (id === NOBODY || s.objects.has(id, DEAD)) return;
  if (!isUnderWay(s.objects.state(id, MAKE.state))) begin(s, e, id, MAKE);
  if (e.party !== undefined && s.find(e.machine, KIND_PARTY, e.party) < 0) bornFirstParty(s, e, id);
  else if (e.party !== undefined && !s.objects.has(id, HAS_FIRST_PARTY)) bornFirstParty(s, e, id);
}

export function makeIsAnswered(s: Scene, e: CodedEvent, id: number): void {
  if (id === NOBODY) return;
  if (e.statusClass === STATUS_SUCCESS && s.objects.state(id, MAKE.state) < OP_ENDED) judgeActive(s, e, id);
  endMake(s, id, answer(s, e, id, MAKE));
}

export function makeIsCompleted(s: Scene, e: CodedEvent, frame: Frame, isBroken: boolean): void {
  const { id } = frame;
  if (id === NOBODY) return;
  const isSuccess = e.statusClass === STATUS_SUCCESS;
  const isUsual = isSuccess && !isBroken && !isLate(s, id);
  if (isUnderWay(s.objects.state(id, MAKE.state))) {
    if (isUsual) judgeActive(s, e, id);
    else if (isSuccess) s.objects.setState(id, ACTIVITY, ACTIVE);
  }
  endMake(s, id, complete(s, e, frame, id, MAKE, isBroken));
}

const isLate = (s: Scene, id: number): boolean => s.nowNs - s.objects.time(id) > s.options.closeNs;

function judgeActive(s: Scene, e: CodedEvent, id: number): void {
  if (s.objects.state(id, ACTIVITY) === ACTIVE || s.objects.has(id, UNKNOWN)) return;
  s.breach("vc/activate", e, id, "A call was completed with success on a VC that is not active.");
  // Taken as active, so that what follows is not said again.
  s.objects.setState(id, ACTIVITY, ACTIVE);
}

export function makeHasReturned(s: Scene, e: CodedEvent, frame: Frame | null, id: number): void {
  if (id !== NOBODY && frame?.ignored !== true) endMake(s, id, requestReturned(s, e, id, MAKE));
}

export function makeIsTold(s: Scene, e: CodedEvent, frame: Frame): void {
  const { id } = frame;
  if (id === NOBODY) return;
  const isUnclear = s.objects.state(id, MAKE.state) === OP_UNCLEAR;
  const how = tell(s, e, id, MAKE);
  if (isUnclear && how === WITH_SUCCESS) s.objects.setState(id, ACTIVITY, ACTIVE);
  endMake(s, id, how);
}

function endMake(s: Scene, id: number, how: number): void {
  if (how === WITH_FAILURE) firstPartyLeaves(s, id);
}

/** NdisClCloseCall. */
export function closeCallIsCalled(s: Scene, e: CodedEvent, frame: Frame, isBroken: boolean): void {
  const { id } = frame;
  if (id === NOBODY) {
    namelessCallIsClosed(s, e, frame);
    return;
  }
  const why = whyNotToClose(s, id);
  if (why !== null) {
    frame.ignored = true;
    if (!isBroken) s.breach("call/close", e, id, why);
    return;
  }
  begin(s, e, id, CLOSE_CALL);
  s.objects.unmark(id, OWES_CLOSE);
  leaveToCm(s, id);
}

/** What forbids the close of a call now, or null. */
function whyNotToClose(s: Scene, id: number): string | null {
  const { objects } = s;
  if (objects.has(id, DEAD)) return "The client closed a call on a VC that was deleted.";
  const close = objects.state(id, CLOSE_CALL.state);
  if (isUnderWay(close))
    return `The client closed a call whose close, of line ${objects.get(id, LINE)}, was under way.`;
  const offer = objects.state(id, OFFER.state);
  const isOffered = isUnderWay(offer) && objects.has(id, OWES_CLOSE);
  const make = objects.state(id, MAKE.state);
  const isConnected = make === OP_ENDED || make === OP_UNCLEAR || offer === OP_ENDED || isOffered;
  if (!isConnected && !objects.has(id, UNKNOWN)) return "The client closed a call on a VC that has none.";
  const sent = objects.get(id, WORK);
  if (sent > 0) return `The client closed a call with ${sent} of its sends not back.`;
  const parties = objects.get(id, LEFT);
  if (parties > (objects.has(id, HAS_FIRST_PARTY) ? 1 : 0))
    return "The client closed a call with more than one party on it.";
  return null;
}

export function closeCallIsAnswered(s: Scene, e: CodedEvent, frame: Frame | null, id: number): void {
  if (id === NOBODY || s.frames.find(e.machine, frame?.parent ?? NO_NUMBER)?.ignored === true) return;
  const state = s.objects.state(id, CLOSE_CALL.state);
  if (e.statusClass === STATUS_SUCCESS && state < OP_ENDED) judgeInactive(s, e, id);
  endClose(s, id, answer(s, e, id, CLOSE_CALL));
}

export function closeCallIsCompleted(s: Scene, e: CodedEvent, frame: Frame, isBroken: boolean): void {
  const { id } = frame;
  if (id === NOBODY) {
    teardownIsCompleted(s, frame.af);
    return;
  }
  const status = e.statusClass;
  const isUsual = status === STATUS_SUCCESS && isUnderWay(s.objects.state(id, CLOSE_CALL.state)) && !isLate(s, id);
  if (isUsual && !isBroken) judgeInactive(s, e, id);
  else if (isUnderWay(s.objects.state(id, CLOSE_CALL.state)) && !isFailure(status))
    s.objects.setState(id, ACTIVITY, INACTIVE);
  endClose(s, id, complete(s, e, frame, id, CLOSE_CALL, isBroken));
}

/** A call manager deactivates the VC before it says that the call is closed. */
function judgeInactive(s: Scene, e: CodedEvent, id: number): void {
  if (s.objects.state(id, ACTIVITY) !== ACTIVE) return;
  s.breach("call/close", e, id, "The close of a call was completed, and its VC was not deactivated.");
  s.objects.setState(id, ACTIVITY, INACTIVE);
}

export function closeCallHasReturned(s: Scene, e: CodedEvent, frame: Frame | null, id: number): void {
  if (id !== NOBODY && frame?.ignored !== true) endClose(s, id, requestReturned(s, e, id, CLOSE_CALL));
}

export function closeCallIsTold(s: Scene, e: CodedEvent, frame: Frame): void {
  if (frame.id !== NOBODY) endClose(s, frame.id, tell(s, e, frame.id, CLOSE_CALL));
}

function endClose(s: Scene, id: number, how: number): void {
  if (how === NOT_YET) return;
  if (how === WITH_FAILURE) {
    s.objects.setState(id, CLOSE_CALL.state, OP_NONE);
    return;
  }
  s.objects.mark(id, HAD_CALL);
  firstPartyLeaves(s, id);
  const close = s.objects.state(id, CLOSE_CALL.state);
  endCall(s, id);
  s.objects.setState(id, CLOSE_CALL.state, close);
}

/** Ndis(M)CmDispatchIncomingCall. */
export function offerIsCalled(s: Scene, e: CodedEvent, frame: Frame, isBroken: boolean): void {
  const { id } = frame;
  if (id === NOBODY || isUseOfDeleted(s, e, frame, isBroken)) return;
  const { objects } = s;
  if (objects.state(id, ACTIVITY) !== ACTIVE && !objects.has(id, UNKNOWN) && !isBroken) {
    s.breach("vc/order", e, id, "The call manager dispatched an incoming call before it had activated the VC.");
  }
  begin(s, e, id, OFFER);
  objects.setState(id, CLOSE_CALL.state, OP_NONE);
}

/** ProtocolClIncomingCall. */
export function offerIsAsked(s: Scene, e: CodedEvent, frame: Frame): void {
  const { id } = frame;
  if (id !== NOBODY && !s.objects.has(id, DEAD) && !isUnderWay(s.objects.state(id, OFFER.state)))
    begin(s, e, id, OFFER);
}

export function offerIsAnswered(s: Scene, e: CodedEvent, id: number): void {
  if (id !== NOBODY) endOffer(s, id, answer(s, e, id, OFFER));
}

/** NdisClIncomingCallComplete. */
export function offerIsCompleted(s: Scene, e: CodedEvent, frame: Frame, isBroken: boolean): void {
  if (frame.id !== NOBODY) endOffer(s, frame.id, complete(s, e, frame, frame.id, OFFER, isBroken));
}

export function offerHasReturned(s: Scene, e: CodedEvent, frame: Frame | null, id: number): void {
  if (id !== NOBODY && frame?.ignored !== true) endOffer(s, id, requestReturned(s, e, id, OFFER));
}

function endOffer(s: Scene, id: number, how: number): void {
  // A client that has rejected a call is done with the VC.
  if (how === WITH_FAILURE) leaveToCm(s, id);
}

/** Ndis(M)CmDispatchCallConnected. */
export function connectedIsCalled(s: Scene, e: CodedEvent, frame: Frame, isBroken: boolean): void {
  const { id } = frame;
  if (id === NOBODY || isUseOfDeleted(s, e, frame, isBroken)) return;
  const { objects } = s;
  if (objects.state(id, ACTIVITY) === ACTIVE || objects.has(id, UNKNOWN) || isBroken) return;
  s.breach("vc/activate", e, id, "The call manager said that a call is connected on a VC that is not active.");
}

/** ProtocolClIncomingCloseCall. */
export function incomingCloseIsCalled(s: Scene, _e: CodedEvent, frame: Frame): void {
  const { id } = frame;
  if (id === NOBODY || s.objects.has(id, DEAD)) return;
  if (s.objects.state(id, CLOSE_CALL.state) === OP_NONE) s.objects.mark(id, OWES_CLOSE);
}

/** It has returned: its page says that NdisClCloseCall is called in it, if need be after parties are dropped. */
export function incomingCloseHasReturned(s: Scene, e: CodedEvent, id: number): void {
  if (id === NOBODY || !s.objects.has(id, OWES_CLOSE) || s.objects.get(id, LEFT) > 1) return;
  s.objects.unmark(id, OWES_CLOSE);
  s.breach(
    "call/incoming-close",
    e,
    id,
    "The client returned from ProtocolClIncomingCloseCall without NdisClCloseCall.",
  );
}
