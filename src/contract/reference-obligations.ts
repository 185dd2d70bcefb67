import type { FaultId } from "./faults.js";
import type { ReferenceDrivers } from "./reference-drivers.js";
import type { ReferenceSetup } from "./reference-layout.js";
import type { Slot } from "./reference-parts.js";
import type { State } from "./reference-states.js";
import type { RuleId } from "./rules.js";

/** What a call manager owes to a slot in this state. */
const OWED: Readonly<Partial<Record<State, "open" | "close">>> = {
  openPended: "open",
  closePended: "close",
};

/** Contexts that a driver does not release at the close, in the order in which they are judged. */
const LEAKS: readonly (readonly [FaultId, RuleId])[] = [
  ["context-leak", "close/context-leak"],
  ["cm-leak", "close/cm-leak"],
];

/** What must follow, and whether it did (MODEL.md, "Obligations at the end"). */
export class ReferenceObligations {
  readonly #deadlineTicks: Readonly<Record<"open" | "close", number>>;

  constructor(
    readonly drivers: ReferenceDrivers,
    { openDeadlineTicks, closeDeadlineTicks }: ReferenceSetup,
  ) {
    this.#deadlineTicks = { open: openDeadlineTicks, close: closeDeadlineTicks };
  }

  /** A completion is called, perhaps too late. */
  judgeLateness(slot: Slot): void {
    const kind = OWED[slot.state];
    if (kind !== undefined && this.#isOverdue(slot, kind)) this.drivers.breaks(slot, `${kind}/owed`);
  }

  /** The slot is opened again or retires: nothing can release what its last lifecycle has left. */
  judgeLeaks(slot: Slot): void {
    for (const rule of this.#leaksOf(slot)) this.drivers.breaks(slot, rule);
  }

  /**
   * The run has ended for a slot.
   * @param isFinal whether nothing was left that could still have happened
   */
  judgeEnd(slot: Slot, isFinal: boolean): void {
    const kind = OWED[slot.state];
    const owed: readonly RuleId[] = kind === undefined ? this.#owedByClosed(slot) : [`${kind}/owed`];
    const isBroken = isFinal || this.#isOverdue(slot, kind ?? "close");
    for (const rule of owed) {
      if (isBroken) this.drivers.breaks(slot, rule);
      else this.drivers.ledger.undecided++;
    }
  }

  /** What drivers owe to a slot whose close has ended, or has failed for good. */
  #owedByClosed(slot: Slot): readonly RuleId[] {
    if (slot.state !== "vacant" && slot.state !== "stranded") return [];
    const notification: readonly RuleId[] = slot.owesNotification ? ["notify/owed"] : [];
    return slot.state === "vacant" ? [...notification, ...this.#leaksOf(slot)] : notification;
  }

  #leaksOf(slot: Slot): readonly RuleId[] {
    if (slot.generation === 0 || this.drivers.luck.openFails(slot)) return [];
    return LEAKS.filter(([fault]) => this.drivers.strikes(fault, slot)).map(([, rule]) => rule);
  }

  #isOverdue(slot: Slot, kind: "open" | "close"): boolean {
    return this.drivers.clock.now - slot.requestTick > this.#deadlineTicks[kind];
  }
}
