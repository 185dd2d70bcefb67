import type { CodedEvent } from "./event.js";
import type { Frame } from "./frames.js";
import { ORDER_JUDGED, REFUSAL_UNCLEAR, SAP_DEREGISTERED, WAS_NOTIFIED } from "./address-family.js";
import { NOBODY, WORK } from "./object-table.js";
import type { Scene } from "./scene.js";

/** Work on an AF whose objects the trace does not name: the teardown of a VC or SAP is called. */
function teardownIsCalled(s: Scene, id: number): void {
  if (id === NOBODY) return;
  s.objects.set(id, WORK, s.objects.get(id, WORK) + 1);
  s.objects.unmark(id, REFUSAL_UNCLEAR);
}

/** It is completed. */
export function teardownIsCompleted(s: Scene, id: number): void {
  if (id === NOBODY) return;
  const work = s.objects.get(id, WORK);
  if (work > 0) s.objects.set(id, WORK, work - 1);
}

/** A call is closed without its VC's handle. */
export function namelessCallIsClosed(s: Scene, e: CodedEvent, frame: Frame): void {
  const id = frame.af;
  teardownIsCalled(s, id);
  if (id !== NOBODY && s.objects.has(id, SAP_DEREGISTERED)) judgeOrder(s, e, id);
}

/** A SAP is deregistered without its handle. */
export function namelessSapIsDeregistered(s: Scene, _e: CodedEvent, frame: Frame): void {
  const id = frame.af;
  teardownIsCalled(s, id);
  if (id !== NOBODY && s.objects.has(id, WAS_NOTIFIED)) s.objects.mark(id, SAP_DEREGISTERED);
}

/** A notified client closes a call after it has deregistered a SAP, or deregisters one before. */
export function judgeOrder(s: Scene, e: CodedEvent, id: number): void {
  if (s.objects.has(id, ORDER_JUDGED)) return;
  s.objects.mark(id, ORDER_JUDGED);
  s.breach("notify/order", e, id, "A notified client deregistered a SAP before it had closed all calls on the AF.");
}
