import type { CodedEvent } from "./event.js";
import type { Frame } from "./frames.js";
import type { Handle } from "./handle.js";
import { CHILD, KIND_PARTY, KIND_VC, LEFT, NEXT, NOBODY, OWNER, stateByte } from "./object-table.js";
import {
  answer,
  begin,
  complete,
  OP_ENDED,
  OP_NONE,
  type Operation,
  requestReturned,
  tell,
  WITH_FAILURE,
  NOT_YET,
} from "./operation.js";
import { DEAD, type Scene, UNKNOWN } from "./scene.js";
import { HAS_FIRST_PARTY } from "./vc-state.js";

/** No page says more of a pended addition than that it is completed, and no rule of the contract is about it. */
const ADD: Operation = { state: stateByte(0), rule: null, text: "the addition of a party" };
export const DROP: Operation = { state: stateByte(1), rule: "party/drop", text: "the drop of a party" };
/** 1 of the party that came with its call. */
const IS_FIRST = stateByte(2);

function bornParty(s: Scene, e: CodedEvent, handle: Handle, vc: number): number {
  const id = s.born(e, KIND_PARTY, handle);
  if (vc !== NOBODY) {
    s.own(id, vc);
    s.objects.set(vc, LEFT, s.objects.get(vc, LEFT) + 1);
  }
  return id;
}

/** The party that a call brings with it. */
export function bornFirstParty(s: Scene, e: CodedEvent, vc: number): void {
  if (s.objects.has(vc, HAS_FIRST_PARTY)) return;
  const id = bornParty(s, e, e.party!, vc);
  s.objects.setState(id, ADD.state, OP_ENDED);
  s.objects.setState(id, IS_FIRST, 1);
  s.objects.mark(vc, HAS_FIRST_PARTY);
}

/** The call has ended, or has come to nothing: so has its first party. */
export function firstPartyLeaves(s: Scene, vc: number): void {
  const { objects } = s;
  if (!objects.has(vc, HAS_FIRST_PARTY)) return;
  objects.unmark(vc, HAS_FIRST_PARTY);
  for (let id = objects.get(vc, CHILD); id !== NOBODY; id = objects.get(id, NEXT)) {
    if (objects.state(id, IS_FIRST) === 1 && !objects.has(id, DEAD)) {
      if (objects.state(id, DROP.state) === OP_NONE) uncount(s, id);
      s.die(id);
    }
  }
}

function uncount(s: Scene, id: number): void {
  const vc = s.objects.get(id, OWNER);
  if (vc === NOBODY || s.objects.kind(vc) !== KIND_VC) return;
  const left = s.objects.get(vc, LEFT);
  if (left > 0) s.objects.set(vc, LEFT, left - 1);
}

/** NdisClAddParty: mostly the party has no handle yet. */
export function addIsCalled(s: Scene, e: CodedEvent, frame: Frame): void {
  frame.id = NOBODY;
  frame.vc = s.find(e.machine, KIND_VC, e.vc);
  if (e.party !== undefined) frame.id = bornAdded(s, e, frame.vc);
}

function bornAdded(s: Scene, e: CodedEvent, vc: number): number {
  const id = bornParty(s, e, e.party!, vc < 0 ? NOBODY : vc);
  begin(s, e, id, ADD);
  return id;
}

/** ProtocolCmAddParty. */
export function addIsAsked(s: Scene, e: CodedEvent, frame: Frame): void {
  if (e.party === undefined) return;
  const outer = s.frames.find(e.machine, e.parent);
  const isRequested = outer !== null && outer.id !== NOBODY && outer.id === s.find(e.machine, KIND_PARTY, e.party);
  const vc = s.find(e.machine, KIND_VC, e.vc);
  frame.id = isRequested ? outer.id : bornAdded(s, e, vc >= 0 ? vc : (outer?.vc ?? -1));
  if (outer !== null) outer.id = frame.id;
}

export function addIsAnswered(s: Scene, e: CodedEvent, id: number): void {
  if (id !== NOBODY) endAdd(s, id, answer(s, e, id, ADD));
}

export function addIsCompleted(s: Scene, e: CodedEvent, frame: Frame, isBroken: boolean): void {
  if (frame.id !== NOBODY) endAdd(s, frame.id, complete(s, e, frame, frame.id, ADD, isBroken));
}

export function addHasReturned(s: Scene, e: CodedEvent, frame: Frame | null, id: number): void {
  let of = id;
  if (of === NOBODY && e.party !== undefined) of = bornAdded(s, e, frame?.vc ?? s.find(e.machine, KIND_VC, e.vc));
  if (of !== NOBODY) endAdd(s, of, requestReturned(s, e, of, ADD));
}

export function addIsTold(s: Scene, e: CodedEvent, frame: Frame): void {
  if (frame.id !== NOBODY) endAdd(s, frame.id, tell(s, e, frame.id, ADD));
}

function endAdd(s: Scene, id: number, how: number): void {
  if (how !== WITH_FAILURE) return;
  uncount(s, id);
  s.die(id);
}

/** NdisClDropParty. */
export function dropIsCalled(s: Scene, e: CodedEvent, frame: Frame, isBroken: boolean): void {
  const { id } = frame;
  if (id === NOBODY) return;
  const why = whyNotToDrop(s, id);
  if (why !== null) {
    frame.ignored = true;
    if (!isBroken) s.breach("party/drop", e, id, why);
    return;
  }
  begin(s, e, id, DROP);
  uncount(s, id);
}

function whyNotToDrop(s: Scene, id: number): string | null {
  const { objects } = s;
  if (objects.has(id, DEAD) || objects.state(id, DROP.state) !== OP_NONE)
    return "The client used the handle of a party after it had dropped it.";
  if (objects.has(id, UNKNOWN)) return null;
  if (objects.state(id, ADD.state) !== OP_ENDED) return "The client dropped a party that was not added yet.";
  const vc = objects.get(id, OWNER);
  if (vc === NOBODY || !objects.has(vc, HAS_FIRST_PARTY) || objects.get(vc, LEFT) > 1) return null;
  return "The client dropped the last party of a call, which goes with the close of the call.";
}

export function dropIsAnswered(s: Scene, e: CodedEvent, id: number): void {
  if (id !== NOBODY) endDrop(s, id, answer(s, e, id, DROP));
}

export function dropIsCompleted(s: Scene, e: CodedEvent, frame: Frame, isBroken: boolean): void {
  if (frame.id !== NOBODY) endDrop(s, frame.id, complete(s, e, frame, frame.id, DROP, isBroken));
}

export function dropHasReturned(s: Scene, e: CodedEvent, frame: Frame | null, id: number): void {
  if (id !== NOBODY && frame?.ignored !== true) endDrop(s, id, requestReturned(s, e, id, DROP));
}

export function dropIsTold(s: Scene, e: CodedEvent, frame: Frame): void {
  if (frame.id !== NOBODY) endDrop(s, frame.id, tell(s, e, frame.id, DROP));
}

function endDrop(s: Scene, id: number, how: number): void {
  if (how !== NOT_YET) s.die(id);
}
