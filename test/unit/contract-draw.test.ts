import { describe, expect, it } from "vitest";
import {
  draw,
  drawNumbered,
  machineKey,
  mix,
  probabilityThreshold,
  PURPOSE,
  saysYes,
} from "../../src/contract/draw.js";

// Computed by a separate implementation of MODEL.md, "Draws", in Python.
const GOLDEN = [
  {
    seed: 0,
    machine: 0,
    purpose: 1,
    object: 0,
    generation: 1,
    n: 0,
    key: 0x369221e4e2f7ecb9n,
    expected: 0x7ed25ef1daf816d5n,
  },
  {
    seed: 1,
    machine: 0,
    purpose: 1,
    object: 0,
    generation: 1,
    n: 0,
    key: 0x6aa9a103d4494dcfn,
    expected: 0xc5f69f4cffe528dcn,
  },
  {
    seed: 42,
    machine: 7,
    purpose: 5,
    object: 123456,
    generation: 99,
    n: 3,
    key: 0x5572fd840a5e702dn,
    expected: 0x665ab384a9f51900n,
  },
  {
    seed: 9007199254740991,
    machine: 1023,
    purpose: 32,
    object: 4294967295,
    generation: 134217727,
    n: 31,
    key: 0x7a5d4280a1e8e35bn,
    expected: 0xf5da0cc91740ffcfn,
  },
] as const;

describe("a draw", () => {
  it.each(GOLDEN)(
    "for seed $seed, machine $machine, purpose $purpose, object $object v$generation, n $n is what MODEL.md says",
    ({ seed, machine, purpose, object, generation, n, key, expected }) => {
      const made = machineKey(seed, machine, purpose);
      expect(made).toBe(key);
      expect(draw(made, object, generation, n)).toBe(expected);
    },
  );

  it("of a numbered thing is the draw of an object with that number as its whole argument", () => {
    const key = machineKey(5, 1, PURPOSE.arrival);
    expect(drawNumbered(key, (7n << 32n) | (3n << 27n) | 9n)).toBe(draw(key, 7, 9, 3));
    expect(drawNumbered(key, 0n)).toBe(mix(key));
  });

  it("says yes with the probability of its threshold, never at 0 and always at 1", () => {
    const key = machineKey(1, 0, PURPOSE.closePends);
    const share = (probability: number): number => {
      const threshold = probabilityThreshold(probability);
      let yes = 0;
      for (let slot = 0; slot < 4_000; slot++) if (saysYes(draw(key, slot, 1, 0), threshold)) yes++;
      return yes / 4_000;
    };
    expect(share(0)).toBe(0);
    expect(share(1)).toBe(1);
    expect(share(0.25)).toBeCloseTo(0.25, 1);
    expect(saysYes(2n ** 64n - 1n, probabilityThreshold(1))).toBe(true);
  });
});
