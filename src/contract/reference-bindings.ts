import type { Phase } from "../scenario/scenario.js";
import { ReferenceBindingCalls } from "./reference-binding-calls.js";
import type { ReferenceDrivers } from "./reference-drivers.js";
import { type Binding, holdsBinding, type Slot } from "./reference-parts.js";
import type { State } from "./reference-states.js";
import type { ReferenceTracer } from "./reference-trace.js";

/** States in which an unbinding waits for a slot; open is none, as what is open was closed. */
const LIVE: ReadonlySet<State> = new Set(["openPended", "openCompleted", "closePended", "reporting", "openFailed"]);

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
  readonly #calls: ReferenceBindingCalls;

  constructor(
    readonly drivers: ReferenceDrivers,
    tracer: ReferenceTracer,
    /** In the order of adapters and their clients. */
    readonly bindings: readonly Binding[],
    /** Number of the machine's first adapter among those of all machines. */
    readonly firstAdapter: number,
    readonly steps: BindingSteps,
  ) {
    this.#calls = new ReferenceBindingCalls(tracer);
  }

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
    this.#calls.unbind(clock.now, binding);
    binding.state = "unbinding";
    this.steps.leaveFreeList(binding);
    for (const slot of binding.slots) {
      if (slot.state !== "open") continue;
      if (this.drivers.strikes("forgotten-af", slot)) this.#forget(slot);
      else this.steps.close(slot);
    }
    const waitedFor = binding.slots.filter(({ state }) => LIVE.has(state));
    binding.live = waitedFor.length;
    const [lowest] = waitedFor;
    if (lowest === undefined) this.#scheduleDone(binding);
    else if (this.drivers.strikes("early-close-adapter", lowest)) this.#closeEarly(binding, lowest);
  }

  #forget(slot: Slot): void {
    const { clock, ledger } = this.drivers;
    this.drivers.breaks(slot, "close/unbind");
    ledger.transition(clock.now, slot, "passedOverAtUnbind");
  }

  #closeEarly(binding: Binding, lowest: Slot): void {
    this.drivers.judge(lowest, { call: "NdisCloseAdapterEx", place: binding.place });
    this.#calls.closeAdapter(this.drivers.clock.now, binding, "NDIS_STATUS_PENDING");
    binding.closedEarly = true;
  }

  #scheduleDone(binding: Binding): void {
    this.drivers.clock.after(0, () => this.#done(binding));
  }

  #done(binding: Binding): void {
    const { clock } = this.drivers;
    if (binding.closedEarly) {
      binding.closedEarly = false;
      this.#calls.completeCloseAdapter(clock.now, binding);
    } else {
      if (binding.slots.some(holdsBinding)) throw new Error("a binding is closed though AFs are on it");
      this.#calls.closeAdapter(clock.now, binding, "NDIS_STATUS_SUCCESS");
    }
    this.#calls.completeUnbind(clock.now, binding);
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
    this.#calls.bind(this.drivers.clock.now, binding);
    binding.state = "bound";
    for (const slot of binding.slots) if (slot.state === "vacant") this.steps.reopen(slot);
  }
}
