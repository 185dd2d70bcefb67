import { FIRST_OBJECT_FLAG } from "./af-object.js";
import { CHILD, KIND_VC, NEXT, NOBODY, stateByte } from "./object-table.js";
import { isUnderWay, OP_ENDED, OP_NONE, type Operation } from "./operation.js";
import { DEAD, type Scene } from "./scene.js";

export const MAKE: Operation = { state: stateByte(0), rule: "call/owed", text: "an outgoing call" };
export const CLOSE_CALL: Operation = { state: stateByte(1), rule: "call/owed", text: "the close of a call" };
export const OFFER: Operation = { state: stateByte(2), rule: "call/owed", text: "an incoming call" };

/** Whether data may flow. */
export const ACTIVITY = stateByte(3);
export const INACTIVE = 0;
export const ACTIVATING = 1;
export const ACTIVE = 2;
export const DEACTIVATING = 3;

/** Who has created the VC. */
export const CREATOR = stateByte(4);
export const BY_CLIENT = 1;
export const BY_CM = 2;

export const CREATION = stateByte(5);
export const CREATING = 1;
export const CREATED = 2;
/** The other driver has pended its creation, which it cannot. */
export const UNUSABLE = 3;

/** A call on it was closed. */
export const HAD_CALL = 1 << (FIRST_OBJECT_FLAG + 2);
/** ProtocolClIncomingCloseCall was called, and its client has not called NdisClCloseCall. */
export const OWES_CLOSE = 1 << (FIRST_OBJECT_FLAG + 3);
/** The trace names its first party. */
export const HAS_FIRST_PARTY = 1 << (FIRST_OBJECT_FLAG + 4);

/** Whether a call is on the VC: it is made, offered or connected, and its close has not ended. */
export function hasCall(s: Scene, id: number): boolean {
  const { objects } = s;
  const make = objects.state(id, MAKE.state);
  const offer = objects.state(id, OFFER.state);
  return isUnderWay(make) || make === OP_ENDED || isUnderWay(offer) || offer === OP_ENDED;
}

/** Whether its client has not called the close of a call on it. */
export function hasOpenCall(s: Scene, id: number): boolean {
  return !s.objects.has(id, DEAD) && hasCall(s, id) && s.objects.state(id, CLOSE_CALL.state) === OP_NONE;
}

/** The call on the VC is over. */
export function endCall(s: Scene, id: number): void {
  const { objects } = s;
  objects.setState(id, MAKE.state, OP_NONE);
  objects.setState(id, OFFER.state, OP_NONE);
  objects.setState(id, CLOSE_CALL.state, OP_NONE);
}

/** Whether something on an AF is under way, for which its client may have to wait before it can close the AF. */
export function isWaiting(s: Scene, af: number): boolean {
  const { objects } = s;
  for (let id = objects.get(af, CHILD); id !== NOBODY; id = objects.get(id, NEXT)) {
    if (objects.has(id, DEAD)) continue;
    const isVc = objects.kind(id) === KIND_VC;
    // The operations of every kind are its first states.
    for (let n = 0; n < (isVc ? 3 : 2); n++) if (isUnderWay(objects.state(id, stateByte(n)))) return true;
    if (!isVc) continue;
    const activity = objects.state(id, ACTIVITY);
    if (activity === ACTIVATING || activity === DEACTIVATING || isWaiting(s, id)) return true;
  }
  return false;
}
