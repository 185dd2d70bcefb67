/**
 * The yardstick in TypeScript: the built-in scenario churn as one writes it without thinking of memory, a Map of
 * objects and a binary heap of events, with the checks and measures that the kernel makes: handle and state at every
 * step, a latency record for every pended close, a digest of every transition.
 */

const MEAN_TICKS = 10_000; // 1 ms of 100 ns ticks
const TICKS_PER_MS = 10_000;

type EventKind = "hold" | "closeDone";

interface Event {
  readonly tick: number;
  readonly sequence: number;
  readonly kind: EventKind;
  readonly handle: number;
}

interface AddressFamily {
  readonly slot: number;
  readonly generation: number;
  state: "open" | "close pended";
  requestTick: number;
}

/** A binary heap in (tick, sequence) order. */
export class EventHeap {
  readonly #events: Event[] = [];

  get size(): number {
    return this.#events.length;
  }

  push(event: Event): void {
    const events = this.#events;
    let hole = events.length;
    events.push(event);
    while (hole > 0) {
      const parent = (hole - 1) >> 1;
      const above = events[parent]!;
      if (isBefore(above, event)) break;
      events[hole] = above;
      hole = parent;
    }
    events[hole] = event;
  }

  /** The earliest event; undefined when there is none. */
  pop(): Event | undefined {
    const events = this.#events;
    const first = events[0];
    const last = events.pop();
    if (first === undefined || last === undefined || events.length === 0) return first;
    let hole = 0;
    for (let child = 1; child < events.length; child = 2 * hole + 1) {
      if (child + 1 < events.length && isBefore(events[child + 1]!, events[child]!)) child++;
      if (isBefore(last, events[child]!)) break;
      events[hole] = events[child]!;
      hole = child;
    }
    events[hole] = last;
    return first;
  }
}

function isBefore(a: Event, b: Event): boolean {
  return a.tick < b.tick || (a.tick === b.tick && a.sequence < b.sequence);
}

export class NaiveSimulator {
  readonly #table = new Map<number, AddressFamily>();
  readonly #queue = new EventHeap();
  /** Latency counts: index is the latency in ticks with its 8 leading bits kept. */
  readonly #latencies = new Map<number, number>();
  #random: number;
  #sequence = 0;
  #nextHandle = 1;
  #digest = 0;
  now = 0;
  pended = 0;
  completions = 0;

  /** Opens `afs` address families at tick 0; the seed decides all that follows. */
  constructor(afs: number, seed: number) {
    this.#random = seed | 0;
    for (let slot = 0; slot < afs; slot++) this.#open(slot, 1);
  }

  get virtualMs(): number {
    return this.now / TICKS_PER_MS;
  }

  get digest(): number {
    return this.#digest >>> 0;
  }

  get liveAfs(): number {
    return this.#table.size;
  }

  /** Handles the next `events` events: closes requested and closes reported. */
  run(events: number): void {
    for (let i = 0; i < events; i++) this.#step();
  }

  #step(): void {
    const event = this.#queue.pop();
    if (event === undefined) throw new Error("no event is left");
    this.now = event.tick;
    const af = this.#table.get(event.handle);
    if (af === undefined) throw new Error(`handle ${event.handle} is not open`);
    if (event.kind === "hold") {
      if (af.state !== "open") throw new Error(`handle ${event.handle} is closed twice`);
      af.state = "close pended";
      af.requestTick = this.now;
      this.pended++;
      this.#fold(af, 6);
      this.#schedule("closeDone", event.handle);
    } else {
      if (af.state !== "close pended") throw new Error(`handle ${event.handle} completes but is not pended`);
      this.#record(this.now - af.requestTick);
      this.pended--;
      this.completions++;
      this.#fold(af, 10);
      this.#table.delete(event.handle);
      this.#open(af.slot, af.generation + 1);
    }
  }

  #open(slot: number, generation: number): void {
    const handle = this.#nextHandle++;
    const af: AddressFamily = { slot, generation, state: "open", requestTick: 0 };
    this.#table.set(handle, af);
    this.#fold(af, 1);
    this.#schedule("hold", handle);
  }

  #schedule(kind: EventKind, handle: number): void {
    const tick = this.now + Math.round(-MEAN_TICKS * Math.log(this.#uniform()));
    this.#queue.push({ tick, sequence: this.#sequence++, kind, handle });
  }

  /** Marsaglia's xorshift32, as a number in (0, 1]. */
  #uniform(): number {
    let x = this.#random;
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    this.#random = x;
    return ((x >>> 0) + 1) / 2 ** 32;
  }

  #record(ticks: number): void {
    const shift = Math.max(0, 24 - Math.clz32(ticks));
    const bucket = (ticks >>> shift) << shift;
    this.#latencies.set(bucket, (this.#latencies.get(bucket) ?? 0) + 1);
  }

  #fold(af: AddressFamily, transition: number): void {
    const word = Math.imul(this.now, 0x9e3779b9) ^ Math.imul(af.slot, 0x85ebca6b) ^ (af.generation << 8) ^ transition;
    this.#digest = Math.imul(this.#digest ^ word, 0xc2b2ae35);
    this.#digest ^= this.#digest >>> 15;
  }
}
