import type { CallManager, Slot } from "./reference-parts.js";

interface Processor {
  busy: boolean;
  /** Call managers whose DPC or work item has completions to call. */
  readonly dpcs: CallManager[];
  readonly workItems: CallManager[];
}

/** What dispatching a completion leads to. */
export interface CompletionSteps {
  /** The completion is called. */
  readonly begin: (slot: Slot) => void;
  /** The completion has done its work. */
  readonly finish: (slot: Slot) => void;
  /** Something happens this many ticks from now. */
  readonly after: (ticks: number, happen: () => void) => void;
}

/** A machine's processors, which take the completions of call managers from DPCs and work items. */
export class ReferenceDispatch {
  readonly #processors: readonly Processor[];

  constructor(
    processors: number,
    readonly dpcBudget: number,
    readonly completionCostTicks: number,
    readonly steps: CompletionSteps,
  ) {
    this.#processors = Array.from({ length: processors }, () => ({ busy: false, dpcs: [], workItems: [] }));
  }

  /** A slot's completion is due. */
  dispatch(slot: Slot): void {
    if (slot.callManager.deadlocked) return;
    if (this.completionCostTicks === 0) {
      this.steps.begin(slot);
      this.steps.finish(slot);
      return;
    }
    const { callManager } = slot;
    const processor = this.#processors[callManager.place.processor]!;
    callManager.completions.push(slot);
    if (!callManager.queued) {
      callManager.queued = true;
      callManager.takenAtHead = 0;
      this.#queueOf(processor, callManager).push(callManager);
    }
    if (!processor.busy) this.#next(processor);
  }

  /** The processor takes one completion of its next DPC or, when there is none, work item. */
  #next(processor: Processor): void {
    const callManager = processor.dpcs[0] ?? processor.workItems[0];
    const slot = callManager?.completions.shift();
    processor.busy = slot !== undefined;
    if (callManager === undefined || slot === undefined) return;

    callManager.takenAtHead++;
    const queue = this.#queueOf(processor, callManager);
    if (callManager.completions.length === 0) {
      queue.shift();
      callManager.queued = false;
    } else if (callManager.takenAtHead >= this.dpcBudget) {
      queue.shift();
      queue.push(callManager);
      callManager.takenAtHead = 0;
    }

    this.steps.begin(slot);
    this.steps.after(this.completionCostTicks, () => {
      this.steps.finish(slot);
      this.#next(processor);
    });
  }

  #queueOf(processor: Processor, callManager: CallManager): CallManager[] {
    return callManager.place.irql === "DISPATCH_LEVEL" ? processor.dpcs : processor.workItems;
  }
}
