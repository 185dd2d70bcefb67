import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { EventHeap, NaiveSimulator } from "../../bench/naive-simulator.js";

describe("the naive simulator that the bench compares with", () => {
  it("takes events out of its heap in (tick, sequence) order, whatever was pushed and taken before", () => {
    const step = fc.oneof(fc.record({ tick: fc.nat(20) }), fc.constant("pop" as const));
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
        const heap = new EventHeap();
        const model: { tick: number; sequence: number }[] = [];
        steps.forEach((wanted, sequence) => {
          if (wanted === "pop") {
            model.sort((a, b) => a.tick - b.tick || a.sequence - b.sequence);
            const { tick, sequence: order } = heap.pop() ?? {};
            const expected = model.shift();
            expect({ tick, order }).toEqual({ tick: expected?.tick, order: expected?.sequence });
          } else {
            heap.push({ tick: wanted.tick, sequence, kind: "hold", handle: sequence });
            model.push({ tick: wanted.tick, sequence });
          }
          expect(heap.size).toBe(model.length);
        });
      }),
    );
  });

  it("keeps every AF alive and its digest independent of how a run is cut into pieces", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 300 }),
        fc.nat(2000),
        fc.nat(2000),
        fc.integer({ min: 1 }),
        (afs, a, b, seed) => {
          const whole = new NaiveSimulator(afs, seed);
          const pieces = new NaiveSimulator(afs, seed);
          whole.run(a + b);
          pieces.run(a);
          pieces.run(b);
          expect(pieces.digest).toBe(whole.digest);
          expect(whole.liveAfs).toBe(afs);
        },
      ),
      { numRuns: 50 },
    );
  });

  it("has one event an AF and virtual millisecond, and half of the AFs pended", () => {
    const simulator = new NaiveSimulator(10_000, 7);
    simulator.run(200_000);
    expect(simulator.virtualMs).toBeCloseTo(20, 0);
    expect(simulator.pended / 10_000).toBeCloseTo(0.5, 1);
  });
});
