import type { ReferenceObjectDrivers } from "./reference-object-drivers.js";
import { atClient, type Where } from "./reference-object-trace.js";
import type { Party } from "./reference-objects.js";
import type { ReferenceOperations } from "./reference-operations.js";
import type { Slot } from "./reference-parts.js";
import type { ReferenceVcCalls } from "./reference-vc-calls.js";

const SUCCESS = "NDIS_STATUS_SUCCESS";
const FAILURE = "NDIS_STATUS_FAILURE";

/** What parties lead to. */
export interface PartySteps {
  /** Lets the end of an operation's service happen, and what follows from it. */
  readonly after: (ticks: number, slot: Slot, happen: () => void) => void;
  /** A party has been added or dropped, after which the end of its call may go on. */
  readonly advance: (party: Party) => void;
}

/** Parties of multipoint calls beside the first (MODEL-OBJECTS.md, "Life"). */
export class ReferenceParties {
  constructor(
    readonly drivers: ReferenceObjectDrivers,
    readonly operations: ReferenceOperations,
    readonly calls: ReferenceVcCalls,
    readonly steps: PartySteps,
  ) {}

  /** The client adds a party to a call that is connected. */
  add(party: Party): void {
    const { slot } = party;
    party.generation = party.vc.generation;
    party.since = this.drivers.now;
    const pends = this.drivers.luck.pends(party, "add");
    this.operations.ask({ operation: "add", object: party, where: atClient(slot), pends, result: SUCCESS });
    this.drivers.transition<"party">(party, pends ? "addingPended" : "added");
    if (pends) this.steps.after(this.drivers.luck.service(party, "add"), slot, () => this.#added(party));
  }

  /** A party that is connected is dropped: the client asks for that, or is told that the network does and then asks for it. */
  drop(party: Party, where: Where): void {
    const { slot } = party;
    party.since = this.drivers.now;
    const pends = this.drivers.luck.pends(party, "drop");
    let place = where;
    const ask = (at: Where): void => {
      place = at;
      this.operations.ask({ operation: "drop", object: party, where: at, pends, result: SUCCESS });
    };
    if (party.vc.remote) this.calls.dispatchEnd("drop", party, ask);
    else ask(where);
    this.drivers.transition<"party">(party, pends ? "droppingPended" : "dropped");
    if (!pends) return;
    this.steps.after(this.drivers.luck.service(party, "drop"), slot, () => this.#dropped(party));
    if (this.drivers.strikes("drop-twice", party)) this.operations.askInVain("drop", party, place, FAILURE);
  }

  #added(party: Party): void {
    this.operations.complete("add", party, SUCCESS);
    this.drivers.transition<"party">(party, "addingCompleted");
    this.steps.advance(party);
  }

  #dropped(party: Party): void {
    if (this.drivers.strikes("lost-drop-completion", party)) return;
    this.operations.complete("drop", party, SUCCESS);
    this.drivers.transition<"party">(party, "droppingCompleted");
    this.steps.advance(party);
  }
}
