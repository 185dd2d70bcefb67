import type { Phase } from "../scenario/scenario.js";
import { boundClient, type ReferenceBindingCalls } from "./reference-binding-calls.js";
import type { ReferenceDrivers } from "./reference-drivers.js";
import { type Binding, holdsBinding, isOpen, isUnderWay, type Slot } from "./reference-parts.js";
import type { Place } from "./reference-trace.js";

/** What unbinding and binding lead to. */
export interface BindingSteps {
  /** The slots of a binding leave the free list, if there is one. */
  readonly leaveFreeList: (binding: Binding) => void;
  /** An AF that is open is closed. */
  readonly close: (slot: Slot) => void;
  /** A vacant slot may be opened again: at once, or by an arrival. */
  readonly reopen: (slot: Slot) => void;
}

/** Bindings of one machine: how they are closed and made again. */
export class ReferenceBindings {
  constructor(
    readonly drivers: ReferenceDrivers,
    readonly calls: ReferenceBindingCalls,
    /** In the order of adapters and their clients. */
    readonly bindings: readonly Binding[],
    /** Number of the machine's first adapter among those of all machines. */
    readonly firstAdapter: number,
    readonly steps: BindingSteps,
  ) {}

  /** An unbind or a bind, as a phase. */
  apply({ kind, adapters, clients }: Extract<Phase, { readonly kind: "unbind" | "bind" }>): void {
    for (const binding of this.bindings) {
      const adapter = this.firstAdapter + binding.callManager.adapter;
      if (!adapters.some(({ from, to }) => from <= adapter && adapter <= to)) continue;
      if (!clients.some(({ from, to }) => from <= binding.clientOfAdapter && binding.clientOfAdapter <= to)) continue;
      if (kind === "unbind") this.#unbind(binding);
      else this.#bind(binding);
    }
  }

  /** A slot is done with, and its binding is not bound. */
  leave({ binding }: Slot): void {
    if (binding.live === 0) return;
    binding.live--;
    if (binding.live === 0) this.#scheduleDone(binding);
  }

  #unbind(binding: Binding): void {
    if (binding.state !== "bound") {
      binding.bindNoted = false;
      return;
    }
    const { clock } = this.drivers;
    this.calls.endUnbind(clock.now, this.calls.beginUnbind(clock.now, boundClient(binding)));
    binding.state = "unbinding";
    this.steps.leaveFreeList(binding);
    for (const slot of binding.slots) {
      if (slot.forgotten) this.#remember(slot);
      if (!isOpen(slot)) continue;
      if (this.drivers.strikes("forgotten-af", slot)) this.#forget(slot);
      else this.steps.close(slot);
    }
    const waitedFor = binding.slots.filter(isUnderWay);
    binding.live = waitedFor.length;
    const [lowest] = waitedFor;
    if (lowest === undefined) this.#scheduleDone(binding);
    else if (this.drivers.strikes("early-close-adapter", lowest)) this.#closeEarly(binding, lowest);
  }

  /** A halt has passed over the AF, but its client has not. */
  #remember(slot: Slot): void {
    const { clock, ledger } = this.drivers;
    slot.forgotten = false;
    ledger.transition(clock.now, slot, "rememberedAtUnbind");
  }

  #forget(slot: Slot): void {
    const { clock, ledger } = this.drivers;
    this.drivers.breaks(slot, "close/unbind");
    ledger.transition(clock.now, slot, "passedOverAtUnbind");
  }

  #closeEarly(binding: Binding, lowest: Slot): void {
    this.drivers.judge(lowest, { call: "NdisCloseAdapterEx", place: binding.place });
    this.calls.closeAdapterEarly(this.drivers.clock.now, boundClient(binding));
    binding.closedEarly = true;
  }

  /** Where the client closes the adapter, judged. */
  #placeOfClose({ place, slots: [lowest] }: Binding): Place {
    if (lowest === undefined || !this.drivers.strikes("close-adapter-irql", lowest)) return place;
    const raised: Place = { ...place, irql: "DISPATCH_LEVEL" };
    this.drivers.judgeLast(lowest, { call: "NdisCloseAdapterEx", place: raised });
    return raised;
  }

  #scheduleDone(binding: Binding): void {
    this.drivers.clock.after(0, () => this.#done(binding));
  }

  #done(binding: Binding): void {
    const { clock } = this.drivers;
    const client = boundClient(binding);
    if (binding.closedEarly) {
      binding.closedEarly = false;
      this.calls.completeCloseAdapter(clock.now, client);
    } else {
      if (binding.slots.some(holdsBinding)) throw new Error("a binding is closed though AFs are on it");
      this.calls.closeAdapter(clock.now, client, this.#placeOfClose(binding));
    }
    this.calls.completeUnbind(clock.now, client);
    binding.state = "unbound";
    if (!binding.bindNoted) return;
    binding.bindNoted = false;
    this.#bind(binding);
  }

  #bind(binding: Binding): void {
    if (binding.callManager.halted || binding.state === "bound") return;
    if (binding.state === "unbinding") {
      binding.bindNoted = true;
      return;
    }
    const { now } = this.drivers.clock;
    const client = boundClient(binding);
    this.calls.endBind(now, this.calls.beginBind(now, client));
    this.calls.notifyOfRegistration(now, client);
    binding.state = "bound";
    binding.asked = false;
    for (const slot of binding.slots) if (slot.state === "vacant") this.steps.reopen(slot);
  }
}
