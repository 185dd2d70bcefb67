import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Handle } from "../../src/contract/checker/handle.js";
import { KIND_AF, KIND_SAP, ObjectTable } from "../../src/contract/checker/object-table.js";
import { SlotTable } from "../../src/contract/checker/slot-table.js";

const digits = fc.oneof(
  fc.nat(40).map(String),
  fc.bigInt({ min: 0n, max: 10n ** 12n }).map(String),
  fc.constant("012"),
);
/** Handles of our simulator, what is nearly one, and others. */
const texts = fc.oneof(
  fc
    .tuple(fc.constantFrom("AF#", "SAP#", "VC#", "PARTY#", "AF", "af#"), digits, fc.constantFrom("v", "", "w"), digits)
    .map((parts) => parts.join("")),
  fc.nat(99).map((n) => `AF#${n}v1 `),
  fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }).map((value) => `0x${value.toString(16)}`),
  fc.string({ unit: "binary", minLength: 1, maxLength: 40 }),
);

describe("a handle", () => {
  it("gives back the text that it was made of, whether it is kept as numbers or as text", () => {
    fc.assert(fc.property(texts, (text) => Handle.of(text).text === text));
    expect(Handle.of("AF#12v3")).toMatchObject({ slot: 12, isAf: true, isText: false });
    expect(Handle.of("SAP#12v3")).toMatchObject({ slot: 12, isAf: false, isText: false });
  });

  it("finds its object, and no other, among many that come and go", () => {
    const step = fc.record({
      isFreed: fc.boolean(),
      machine: fc.nat(1),
      kind: fc.constantFrom(KIND_AF, KIND_SAP),
      text: texts,
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const table = new ObjectTable();
        const model = new Map<string, number>();
        for (const { isFreed, machine, kind, text } of steps) {
          const key = `${machine} ${kind} ${text}`;
          const known = model.get(key);
          expect(table.find(machine, kind, Handle.of(text))).toBe(known ?? -1);
          if (known === undefined) model.set(key, table.add(machine, kind, Handle.of(text)));
          else if (isFreed) {
            table.free(known);
            model.delete(key);
          } else table.renew(known);
        }
        expect(table.count).toBe(model.size);
        for (const [key, id] of model)
          expect(`${table.machineOf(id)} ${table.kind(id)} ${table.handle(id).text}`).toBe(key);
      }),
    );
  });
});

it("the AF that a slot had last is that of its machine", () => {
  const take = fc.tuple(fc.nat(3), fc.oneof(fc.nat(20), fc.nat(1e8)));
  fc.assert(
    fc.property(fc.array(take, { maxLength: 400 }), (takes) => {
      const table = new SlotTable();
      const model = new Map<string, number>();
      for (const [id, [machine, slot]] of takes.entries()) {
        expect(table.take(machine, slot, id)).toBe(model.get(`${machine} ${slot}`) ?? -1);
        model.set(`${machine} ${slot}`, id);
      }
    }),
  );
});
