import { describe, expect, it } from "vitest";
import { dealProfiles } from "../../src/contract/profiles.js";
import { placeOfSlot, slotsOfMachine } from "../../src/contract/reference-layout.js";
import { ReferenceQueue } from "../../src/contract/reference-queue.js";
import { runReference } from "../../src/contract/reference.js";
import { plainScenario } from "../support/plain-scenario.js";

describe("the layout", () => {
  it("shares AFs evenly and keeps neighbours on one adapter and client", () => {
    const scenario = plainScenario({ topology: { machines: 3, adaptersPerMachine: 2, clientsPerAdapter: 2, afs: 25 } });
    expect([0, 1, 2].map((machine) => slotsOfMachine(scenario, machine))).toEqual([
      { first: 0, count: 8 },
      { first: 8, count: 8 },
      { first: 16, count: 9 },
    ]);
    const places = Array.from({ length: 8 }, (_, slot) => placeOfSlot(scenario, slot, 8));
    expect(places.map(({ adapter }) => adapter)).toEqual([0, 0, 0, 0, 1, 1, 1, 1]);
    expect(places.map(({ client }) => client)).toEqual([0, 0, 1, 1, 2, 2, 3, 3]);
  });

  it("leaves a slot on the edge to the lower adapter where the division has a rest", () => {
    const scenario = plainScenario({
      topology: { machines: 1, adaptersPerMachine: 2, clientsPerAdapter: 1, afs: 6 },
    });
    const adapters = Array.from({ length: 6 }, (_, slot) => placeOfSlot(scenario, slot, 6).adapter);
    expect(adapters).toEqual([0, 0, 0, 0, 1, 1]);
  });

  it("deals profiles by smooth weighted round robin", () => {
    expect(dealProfiles([5, 1, 1], 7)).toEqual([0, 0, 1, 0, 2, 0, 0]);
    expect(dealProfiles([1, 1], 4)).toEqual([0, 1, 0, 1]);
  });

  it("refuses a time that is not a multiple of the tick", () => {
    expect(() => runReference(plainScenario({ deadlines: { openNs: 150, closeNs: 0 } }))).toThrow(RangeError);
  });
});

describe("the event queue", () => {
  it("gives events in (tick, insertion) order", () => {
    const queue = new ReferenceQueue();
    const given: number[] = [];
    const due = Array.from({ length: 200 }, (_, i) => (i * 37) % 11);
    due.forEach((tick, i) => queue.push(tick, () => given.push(i)));
    while (queue.size > 0) queue.pop().happen();
    const expected = due.map((tick, i) => ({ tick, i })).toSorted((a, b) => a.tick - b.tick || a.i - b.i);
    expect(given).toEqual(expected.map(({ i }) => i));
    expect(() => queue.pop()).toThrow();
  });
});
