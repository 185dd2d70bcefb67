import type { ObjectTotals } from "../measure/outcome.js";
import type { ReferenceLedger } from "./reference-ledger.js";
import type { Slot } from "./reference-parts.js";

const countLeft = (objects: readonly { readonly state: string }[]): number =>
  objects.filter(({ state }) => state !== "vacant").length;

/** What became of the SAPs, VCs, calls and parties of one machine. */
export function objectTotalsOf({ takenByObjects: taken }: ReferenceLedger, slots: readonly Slot[]): ObjectTotals {
  const saps = slots.flatMap((slot) => slot.saps);
  const vcs = slots.flatMap((slot) => slot.vcs);
  const parties = vcs.flatMap((vc) => vc.parties);
  return {
    saps: {
      registered: taken.registered + taken.registrationCompleted,
      deregistered: taken.deregistered + taken.deregistrationCompleted + taken.deregisteredWhileClosing,
      atEnd: countLeft(saps),
    },
    vcs: { created: taken.created, deleted: taken.deleted, atEnd: countLeft(vcs) },
    calls: {
      connected: taken.connected,
      failed: taken.callFailed,
      rejected: taken.callRejected,
      closed: taken.callClosed + taken.callCloseCompleted,
    },
    parties: {
      added: taken.added + taken.addingCompleted,
      dropped: taken.dropped + taken.droppingCompleted,
      atEnd: countLeft(parties),
    },
  };
}

/** The sum of two machines' objects. */
export function addObjectTotals(a: ObjectTotals, b: ObjectTotals): ObjectTotals {
  return {
    saps: addFields(a.saps, b.saps),
    vcs: addFields(a.vcs, b.vcs),
    calls: addFields(a.calls, b.calls),
    parties: addFields(a.parties, b.parties),
  };
}

function addFields<Fields extends Readonly<Record<keyof Fields, number>>>(a: Fields, b: Fields): Fields {
  const keys = Object.keys(a) as (keyof Fields)[];
  return Object.fromEntries(keys.map((key) => [key, a[key] + b[key]])) as Fields;
}
