import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fitScalability, type ScalingPoint } from "../../src/measure/scaling.js";

/** The law itself. */
function throughputOf(threads: number, single: number, contention: number, coherency: number): ScalingPoint {
  const divisor = 1 + contention * (threads - 1) + coherency * threads * (threads - 1);
  return { threads, throughput: (single * threads) / divisor };
}

const single = fc.double({ min: 1, max: 1e9, noNaN: true });
const share = fc.double({ min: 1e-4, max: 0.5, noNaN: true });
const threadCounts = (least: number) =>
  fc
    .uniqueArray(fc.integer({ min: 2, max: 64 }), { minLength: least - 1, maxLength: 8 })
    .map((counts) => [1, ...counts]);

describe("the Universal Scalability Law", () => {
  it("is found again in throughputs that follow it exactly", () => {
    fc.assert(
      fc.property(single, share, share, threadCounts(3), (lambda, sigma, kappa, counts) => {
        const fit = fitScalability(counts.map((threads) => throughputOf(threads, lambda, sigma, kappa)))!;
        expect(fit.single / lambda).toBeCloseTo(1, 6);
        expect(fit.contention).toBeCloseTo(sigma, 5);
        expect(fit.coherency).toBeCloseTo(kappa, 5);
        if (counts.length > 3) expect(fit.rSquared).toBeCloseTo(1, 6);
        else expect(fit.rSquared).toBeNull();
      }),
    );
  });

  it("has its peak where one thread more or less is slower", () => {
    fc.assert(
      fc.property(share, fc.double({ min: 1e-4, max: 0.01, noNaN: true }), (sigma, kappa) => {
        const at = (threads: number): number => throughputOf(threads, 1, sigma, kappa).throughput;
        const { peak } = fitScalability([1, 2, 4, 8].map((threads) => throughputOf(threads, 1, sigma, kappa)))!;
        expect(peak!.throughput).toBeGreaterThanOrEqual(at(Math.max(1, Math.floor(peak!.threads))) * (1 - 1e-9));
        expect(peak!.throughput).toBeGreaterThanOrEqual(at(Math.ceil(peak!.threads)) * (1 - 1e-9));
      }),
    );
  });

  it("never has a contention beyond its bounds or a coherency below nothing, whatever is measured", () => {
    const throughput = fc.double({ min: 1, max: 1e6, noNaN: true });
    fc.assert(
      fc.property(threadCounts(2), fc.array(throughput, { minLength: 9, maxLength: 9 }), (counts, throughputs) => {
        const fit = fitScalability(counts.map((threads, i) => ({ threads, throughput: throughputs[i]! })))!;
        expect(fit.single).toBeGreaterThan(0);
        expect(fit.contention).toBeGreaterThanOrEqual(0);
        expect(fit.contention).toBeLessThanOrEqual(1);
        expect(fit.coherency ?? 0).toBeGreaterThanOrEqual(0);
      }),
    );
  });

  it("cannot tell coherency from contention with two numbers of threads, and says nothing with one", () => {
    const two = fitScalability([throughputOf(1, 10, 0.2, 0), throughputOf(2, 10, 0.2, 0)]);
    expect(two).toMatchObject({ coherency: null, peak: null, rSquared: null });
    expect(two!.contention).toBeCloseTo(0.2, 9);
    expect(fitScalability([throughputOf(2, 10, 0.2, 0), throughputOf(2, 11, 0.2, 0)])).toBeNull();
  });

  it("says that everything is done one at a time where two threads do less than one, and gives coherency the rest where it can", () => {
    const slower = [100, 90].map((throughput, i) => ({ threads: i + 1, throughput }));
    expect(fitScalability(slower)).toMatchObject({ contention: 1, coherency: null });
    const [one, two, four] = [1, 2, 4].map((threads) => throughputOf(threads, 10, 1, 0.25));
    const fit = fitScalability([one!, two!, four!])!;
    expect(fit.contention).toBeCloseTo(1, 6);
    expect(fit.coherency).toBeCloseTo(0.25, 6);
    expect(fit.peak!.threads).toBe(1);
  });

  it("has no peak where threads do not hinder each other", () => {
    const linear = [1, 2, 4, 8].map((threads) => ({ threads, throughput: 5 * threads }));
    expect(fitScalability(linear)).toMatchObject({ peak: null });
    // Faster than linear: nothing but 0 is nearest.
    const faster = [1, 2, 4, 8].map((threads) => ({ threads, throughput: threads ** 1.2 }));
    expect(fitScalability(faster)).toMatchObject({ contention: 0, coherency: 0, peak: null });
  });
});
