import { ReferenceQueue } from "./reference-queue.js";

/** Virtual time of one machine, and what will happen in it. */
export class ReferenceClock {
  now = 0;
  /** Tick of the last event, also of one that no longer counted. */
  lastEventTick = 0;
  readonly #queue = new ReferenceQueue();
  #beyondEnd = 0;

  constructor(
    /** End of the last phase: what is due then or later is counted, and never happens. */
    readonly horizon: number,
  ) {}

  /** Whether nothing is left to happen, and nothing was beyond the end. */
  get isIdle(): boolean {
    return this.#queue.size + this.#beyondEnd === 0;
  }

  /** Lets something happen so many ticks from now. */
  after(ticks: number, happen: () => void): void {
    this.at(this.now + ticks, happen);
  }

  at(tick: number, happen: () => void): void {
    if (tick >= this.horizon) this.#beyondEnd++;
    else this.#queue.push(tick, happen);
  }

  /** Lets everything happen that is due before a tick. */
  runUntil(tick: number): void {
    while (this.#queue.nextTick < tick) {
      const event = this.#queue.pop();
      this.now = this.lastEventTick = event.tick;
      event.happen();
    }
  }
}
