/** Something that will happen at a tick. */
interface ReferenceEvent {
  readonly tick: number;
  readonly insertion: number;
  readonly happen: () => void;
}

function comesBefore(a: ReferenceEvent, b: ReferenceEvent): boolean {
  return a.tick < b.tick || (a.tick === b.tick && a.insertion < b.insertion);
}

/** Events in strict (tick, insertion) order: a binary heap. */
export class ReferenceQueue {
  readonly #heap: ReferenceEvent[] = [];
  #insertions = 0;

  get size(): number {
    return this.#heap.length;
  }

  /** Tick of the next event, or Infinity. */
  get nextTick(): number {
    return this.#heap[0]?.tick ?? Infinity;
  }

  push(tick: number, happen: () => void): void {
    const heap = this.#heap;
    const event = { tick, insertion: this.#insertions++, happen };
    let index = heap.push(event) - 1;
    while (index > 0) {
      const above = (index - 1) >> 1;
      if (!comesBefore(event, heap[above]!)) break;
      heap[index] = heap[above]!;
      index = above;
    }
    heap[index] = event;
  }

  /** Takes the next event out. The queue must not be empty. */
  pop(): ReferenceEvent {
    const heap = this.#heap;
    const first = heap[0];
    const last = heap.pop();
    if (first === undefined || last === undefined) throw new Error("the event queue is empty");
    if (heap.length === 0) return first;
    let index = 0;
    for (;;) {
      let below = 2 * index + 1;
      if (below >= heap.length) break;
      if (below + 1 < heap.length && comesBefore(heap[below + 1]!, heap[below]!)) below++;
      if (!comesBefore(heap[below]!, last)) break;
      heap[index] = heap[below]!;
      index = below;
    }
    heap[index] = last;
    return first;
  }
}
