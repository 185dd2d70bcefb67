import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { codeEvent, plainEvent } from "../../src/contract/checker/event-code.js";
import type { TraceEvent } from "../../src/contract/checker/event.js";
import { OrderWindow } from "../../src/trace/order-window.js";

type Key = Pick<TraceEvent, "timeNs" | "machine" | "seq" | "line">;

function put(keys: readonly Omit<Key, "line">[], window: number) {
  const given: TraceEvent[] = [];
  const late: number[] = [];
  const order = new OrderWindow(
    window,
    (event) => given.push(plainEvent(event)),
    ({ line }) => late.push(line),
  );
  keys.forEach((key, index) => order.take(codeEvent({ ...key, line: index + 1, op: "wake" })));
  order.finish();
  return { given, late, sorted: order.sorted };
}

const compare = (a: Key, b: Key): number =>
  a.timeNs - b.timeNs || a.machine - b.machine || (a.seq !== undefined && b.seq !== undefined ? a.seq - b.seq : 0);

const inOrder = (events: readonly Key[]): boolean =>
  events.every((event, index) => index === 0 || compare(events[index - 1]!, event) <= 0);

const key = fc.record({ timeNs: fc.nat(20), machine: fc.nat(1), seq: fc.nat(30) });

describe("records out of order", () => {
  it("come in order, none is lost, and none comes after a later one", () => {
    fc.assert(
      fc.property(fc.array(key, { maxLength: 40 }), fc.nat(10), (keys, window) => {
        const { given, late } = put(keys, window);
        expect(inOrder(given)).toBe(true);
        expect([...given.map(({ line }) => line), ...late].sort((a, b) => a - b)).toEqual(
          keys.map((_, index) => index + 1),
        );
      }),
    );
  });

  it("are all sorted when the window has them all", () => {
    fc.assert(
      fc.property(fc.array(key, { maxLength: 40 }), (keys) => {
        const { given, late } = put(keys, keys.length);
        expect(late).toEqual([]);
        const lines = keys.map((one, index) => ({ ...one, line: index + 1 })).toSorted(compare);
        expect(given.map(({ line }) => line)).toEqual(lines.map(({ line }) => line));
      }),
    );
  });

  it("are never late when they stand at most a window of records too far back", () => {
    const moved = fc
      .tuple(fc.array(fc.nat(1000), { minLength: 1, maxLength: 40 }), fc.nat(12))
      .chain(([times, window]) => {
        const ordered = times.toSorted((a, b) => a - b);
        return fc.array(fc.nat(window), { minLength: ordered.length, maxLength: ordered.length }).map((delays) => {
          // Each record moves back by at most a window.
          const order = ordered.map((timeNs, index) => ({ timeNs, at: index + (delays[index] ?? 0) }));
          return { times: order.toSorted((a, b) => a.at - b.at).map(({ timeNs }) => timeNs), window };
        });
      });
    fc.assert(
      fc.property(moved, ({ times, window }) => {
        expect(
          put(
            times.map((timeNs) => ({ timeNs, machine: 0, seq: undefined })),
            window,
          ).late,
        ).toEqual([]);
      }),
    );
  });

  it("are told with a window of nothing, and equal times stay as they came", () => {
    const keys = [5, 5, 4, 6].map((timeNs) => ({ timeNs, machine: 0, seq: undefined }));
    expect(put(keys, 0).late).toEqual([3]);
    const { given, sorted } = put(keys, 2);
    expect(given.map(({ line }) => line)).toEqual([3, 1, 2, 4]);
    expect(sorted).toBe(1);
  });
});
