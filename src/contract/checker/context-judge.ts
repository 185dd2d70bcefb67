import type { CodedEvent } from "./event.js";

import {
  CLIENT_RELEASED,
  CLOSE_CL,
  CLOSE_CM,
  CLOSE_COMPLETED,
  CM_RELEASED,
  isOver,
  OPEN,
  OPEN_CL,
} from "./address-family.js";

import { KIND_AF } from "./object-table.js";

import { type Scene } from "./scene.js";

/** A context is freed. */
export function contextIsReleased(s: Scene, e: CodedEvent): void {
  if (e.af === undefined || e.from === undefined) return;
  const id = s.known(e, KIND_AF, e.af);
  const { objects } = s;
  if (!s.hasReleases) {
    s.hasReleases = true;
    s.ledger.show("releases");
  }
  if (e.from.startsWith("cm")) objects.mark(id, CM_RELEASED);
  else if (e.from.startsWith("client")) {
    if (objects.has(id, CLIENT_RELEASED)) return;
    objects.mark(id, CLIENT_RELEASED);
    const isCalled =
      objects.state(id, CLOSE_CM) === CLOSE_COMPLETED && s.readings.clientRelease === "fromCompletionCall";
    if (isCalled || isOver(s, id) || (objects.state(id, CLOSE_CL) === 0 && objects.state(id, OPEN_CL) !== OPEN)) return;
    s.breach(
      "close/context-early",
      e,
      id,
      "The client released its context for an AF before it was told that the close had succeeded.",
    );
  }
}
