import fc from "fast-check";
import { expect, it } from "vitest";
import { checkRecords } from "../support/check-trace.js";
import { writeLives } from "../../bench/mutants/lives.js";
import { writeFileSync } from "node:fs";

it("lives are legal", () => {
  fc.assert(
    fc.property(fc.infiniteStream(fc.nat(1 << 20)), fc.integer({ min: 1, max: 4 }), fc.boolean(), (stream, afs, isMcm) => {
      const w = writeLives((n) => stream.next().value % n, afs, isMcm);
      const v = checkRecords(w.lines, { end: () => ({ timeNs: w.timeNs, isDrained: true }) });
      if (v.findings.length) { writeFileSync("/tmp/obj.jsonl", w.lines.map((l) => JSON.stringify(l)).join("\n")); }
      expect(v.findings).toEqual([]);
      expect(v.undecided).toBe(0);
      expect(v.cannotSay).toEqual([]);
    }),
    { numRuns: 300 },
  );
});
