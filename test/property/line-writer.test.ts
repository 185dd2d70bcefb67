import fc from "fast-check";
import { expect, it } from "vitest";
import { LineWriter, pieceOf } from "../../src/kernel/line-writer.js";

it("writes pieces, texts and numbers as a template would", () => {
  const ascii = fc.string({ unit: "grapheme-ascii", maxLength: 20 });
  const number = fc.oneof(fc.nat(20), fc.nat(), fc.maxSafeNat(), fc.constantFrom(999_999_999, 1e9, 1e9 + 1, 1e10));
  const part = fc.oneof(
    ascii.map((text) => ({ text, write: (out: LineWriter) => out.piece(pieceOf(text)) })),
    ascii.map((text) => ({ text, write: (out: LineWriter) => out.text(text) })),
    number.map((value) => ({ text: String(value), write: (out: LineWriter) => out.number(value) })),
  );
  fc.assert(
    fc.property(fc.array(part, { maxLength: 20 }), (parts) => {
      const out = new LineWriter(1024);
      for (const { write } of parts) write(out);
      expect(new TextDecoder().decode(out.bytes.subarray(0, out.at))).toBe(parts.map(({ text }) => text).join(""));
    }),
  );
});
