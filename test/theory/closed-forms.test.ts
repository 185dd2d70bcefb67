import { describe, expect, it } from "vitest";
import { buildSampler, type SamplerTable } from "../../src/contract/sampler.js";
import type { Distribution } from "../../src/scenario/scenario.js";
import {
  binomialAtMost,
  erlangB,
  erlangC,
  fullBatchNs,
  mg1SojournNs,
  mg1SojournSquare,
  mg1WaitNs,
  mg1WaitSquare,
  mm1SojournVariance,
  mmcSojournAtMost,
  mmcSojournNs,
  momentsOf,
  poissonAtMost,
  quantileNs,
  repairmanDown,
  repairmanSojournAtMost,
  repairmanSojournNs,
  timedBatchNs,
  type Moments,
} from "./closed-forms.js";

/** Integral by Simpson's rule. */
function integral(of: (x: number) => number, from: number, to: number, steps = 20_000): number {
  const width = (to - from) / steps;
  let sum = of(from) + of(to);
  for (let i = 1; i < steps; i++) sum += (i % 2 === 1 ? 4 : 2) * of(from + i * width);
  return (sum * width) / 3;
}

const relative = (value: number, to: number): number => Math.abs(value / to - 1);

describe("Erlang's formulas", () => {
  it("give the loads that traffic tables have for a loss of 1 %", () => {
    for (const [servers, load] of [
      [1, 0.0101],
      [2, 0.153],
      [5, 1.361],
      [10, 4.461],
      [20, 12.03],
      [50, 37.9],
      [100, 84.06],
    ] as const) {
      expect(erlangB(servers, load)).toBeCloseTo(0.01, 4);
    }
  });

  it("give the probabilities of a wait that can be worked out by hand", () => {
    expect(erlangC(1, 0.8)).toBeCloseTo(0.8, 12);
    expect(erlangC(2, 1)).toBeCloseTo(1 / 3, 12);
    expect(erlangC(3, 2)).toBeCloseTo(4 / 9, 12);
  });

  it("give the delay that tables have for 5 servers with 4 erlangs and for 10 with 8", () => {
    expect(erlangC(5, 4)).toBeCloseTo(0.5541, 4);
    expect(erlangC(10, 8)).toBeCloseTo(0.4092, 4);
  });
});

describe("M/M/c", () => {
  it("with one server has an exponential sojourn", () => {
    const queue = { rate: 0.08, servers: 1, serviceNs: 10 };
    expect(mmcSojournNs(queue)).toBeCloseTo(50, 9);
    for (const t of [1, 50, 300]) expect(mmcSojournAtMost(queue, t)).toBeCloseTo(1 - Math.exp(-t / 50), 12);
  });

  it("has a mean sojourn that is the integral of its distribution, also where wait and service end at the same rate", () => {
    for (const rate of [0.28, 0.3, 0.35]) {
      const queue = { rate, servers: 4, serviceNs: 10 };
      const mean = integral((t) => 1 - mmcSojournAtMost(queue, t), 0, 2_000);
      expect(relative(mean, mmcSojournNs(queue))).toBeLessThan(1e-6);
    }
  });
});

describe("M/G/1", () => {
  it("with exponential services is M/M/1, in its first and second moment", () => {
    const service = momentsOf({ kind: "exponential", meanNs: 10 });
    expect(mg1SojournNs(0.08, service)).toBeCloseTo(50, 9);
    expect(mg1SojournSquare(0.08, service, "fifo")).toBeCloseTo(2 * 50 ** 2, 6);
  });

  it("with constant services waits half as long", () => {
    const [constant, exponential] = [
      momentsOf({ kind: "constant", ns: 10 }),
      momentsOf({ kind: "exponential", meanNs: 10 }),
    ] as const;
    expect(mg1WaitNs(0.07, constant) / mg1WaitNs(0.07, exponential)).toBeCloseTo(0.5, 12);
  });

  it("newest first waits for the rest of a service and the busy periods of all who come meanwhile", () => {
    const service = momentsOf({ kind: "uniform", fromNs: 2, toNs: 18 });
    const rate = 0.07;
    const busy = rate * service.first;
    // The rest R of the service under way; in it closes come, each with a busy period of these moments.
    const rest = [service.second / (2 * service.first), service.third / (3 * service.first)] as const;
    const square = rest[1] / (1 - busy) ** 2 + (rate * service.second * rest[0]) / (1 - busy) ** 3;
    expect(mg1WaitSquare(rate, service, "lifo")).toBeCloseTo(busy * square, 6);
  });

  it("in random order waits, in the second moment, between oldest and newest first", () => {
    const service = momentsOf({ kind: "exponential", meanNs: 10 });
    const [fifo, random, lifo] = (["fifo", "random", "lifo"] as const).map((order) =>
      mg1WaitSquare(0.08, service, order),
    );
    expect(random! / fifo!).toBeCloseTo(1 / 0.6, 9);
    expect(lifo! / fifo!).toBeCloseTo(5, 9);
  });

  it("has a variance of the mean of M/M/1 that solves Poisson's equation", () => {
    // In services: after a sojourn t comes max(0, t - gap) + service; the expectation of g is taken over both.
    const u = 0.6;
    const g = (t: number): number => (u * t ** 2) / (2 * (1 - u)) + t;
    const afterService = (x: number): number => integral((s) => g(x + s) * Math.exp(-s), 0, 60, 2_000);
    for (const t of [0, 1, 4]) {
      const gaps = integral((gap) => afterService(t - gap) * u * Math.exp(-u * gap), 0, t, 400);
      const next = gaps + afterService(0) * Math.exp(-u * t);
      expect(g(t) - next).toBeCloseTo(t - 1 / (1 - u), 5);
    }
    const mean = 1 / (1 - u);
    const expectation = (of: (t: number) => number): number =>
      integral((t) => (of(t) * Math.exp(-t / mean)) / mean, 0, 60 * mean);
    const variance = 2 * expectation((t) => (t - mean) * g(t)) - expectation((t) => (t - mean) ** 2);
    expect(mm1SojournVariance({ rate: u, serviceNs: 1 })).toBeCloseTo(variance, 5);
  });
});

describe("the machine repairman", () => {
  const repairman = { population: 10, servers: 1, upNs: 80, serviceNs: 10 };

  it("with one member or as many servers as members never waits", () => {
    expect(repairmanSojournNs({ ...repairman, population: 1 })).toBeCloseTo(10, 9);
    expect(repairmanSojournNs({ ...repairman, servers: 10 })).toBeCloseTo(10, 9);
  });

  it("with two members, up as long as served, is worked out by hand", () => {
    const two = { population: 2, servers: 1, upNs: 10, serviceNs: 10 };
    expect(repairmanDown(two)).toEqual([0.2, 0.4, 0.4]);
    // One in three goes down while the other is down, and waits for its service.
    expect(repairmanSojournNs(two)).toBeCloseTo(15, 9);
  });

  it("with one server is idle as often as Erlang's loss formula says", () => {
    expect(repairmanDown(repairman)[0]).toBeCloseTo(erlangB(10, 8), 12);
  });

  it("has a mean that is the integral of its distribution", () => {
    const mean = integral((t) => 1 - repairmanSojournAtMost(repairman, t), 0, 600);
    expect(relative(mean, repairmanSojournNs(repairman))).toBeLessThan(1e-6);
  });

  it("with many members that are up for long is M/M/1", () => {
    const many = { population: 20_000, servers: 1, upNs: 20_000 / 0.05, serviceNs: 10 };
    expect(relative(repairmanSojournNs(many), 20)).toBeLessThan(1e-3);
  });
});

describe("distributions and batches", () => {
  it("have the moments that integration of their quantiles gives", () => {
    const quantiles: readonly (readonly [Distribution, (survival: number) => number])[] = [
      [{ kind: "constant", ns: 7 }, () => 7],
      [{ kind: "uniform", fromNs: 2, toNs: 12 }, (survival) => 12 - 10 * survival],
      [{ kind: "exponential", meanNs: 5 }, (survival) => -5 * Math.log(survival)],
      [{ kind: "pareto", minNs: 4, alpha: 5 }, (survival) => 4 / survival ** 0.2],
    ];
    for (const [distribution, quantile] of quantiles) {
      const { first, second, third } = momentsOf(distribution);
      [first, second, third].forEach((moment, i) => {
        // A survival of x^20 makes the heaviest tail finite at x = 0.
        const power = (x: number): number => (x === 0 ? 0 : quantile(x ** 20) ** (i + 1) * 20 * x ** 19);
        expect(relative(integral(power, 0, 1), moment)).toBeLessThan(1e-6);
      });
    }
    const { first, second, third } = momentsOf({ kind: "lognormal", meanNs: 5, sigma: 1 });
    [first, second, third].forEach((moment, i) => {
      const power = (z: number): number =>
        ((5 * Math.exp(z - 0.5)) ** (i + 1) * Math.exp((-z * z) / 2)) / Math.sqrt(2 * Math.PI);
      expect(relative(integral(power, -12, 15), moment)).toBeLessThan(1e-6);
    });
    expect(momentsOf({ kind: "pareto", minNs: 4, alpha: 3 }).third).toBe(Infinity);
  });

  it("have the percentiles that are known of the exponential, the Poisson and the binomial distribution", () => {
    expect(quantileNs((t) => 1 - Math.exp(-t), 0.99)).toBeCloseTo(Math.log(100), 6);
    expect(poissonAtMost(1, 1)).toBeCloseTo(2 / Math.E, 12);
    expect(poissonAtMost(10, 10)).toBeCloseTo(0.583, 3);
    expect(binomialAtMost(10, 0.5, 5)).toBeCloseTo(638 / 1024, 12);
  });

  it("lose what is worked out by hand in a batch of two and in one that hardly ever has a second", () => {
    expect(fullBatchNs(0.1, 2)).toBeCloseTo(5, 12);
    expect(timedBatchNs(1e-9, 10)).toBeCloseTo(10, 6);
    expect(timedBatchNs(0.1, 10)).toBeCloseTo(7.5, 12);
  });
});

/** Moments of the values that a table yields, in ticks: between two knots they are spread evenly. */
function tableMoments({ base, drop, octaves, cells }: SamplerTable): Moments {
  const sums = [0, 0, 0];
  for (let cell = 0; cell < octaves * cells; cell++) {
    const octave = Math.floor(cell / cells);
    // The last octave stands for all that is smaller.
    const weight = 2 ** -(Math.min(octave, octaves - 2) + 1) / cells;
    const high = Number(base[cell]) / 65_536;
    const low = high - Number(drop[cell]) / 65_536;
    sums[0]! += (weight * (high + low)) / 2;
    sums[1]! += (weight * (high ** 2 + high * low + low ** 2)) / 3;
    sums[2]! += (weight * (high ** 3 + high ** 2 * low + high * low ** 2 + low ** 3)) / 4;
  }
  const [first, second, third] = sums as [number, number, number];
  return { first, second, third };
}

describe("the tables from which times are drawn", () => {
  it("have the moments of their distributions, to a small part of the limits that simulation reaches", () => {
    const distributions: readonly Distribution[] = [
      { kind: "uniform", fromNs: 0, toNs: 20_000 },
      { kind: "exponential", meanNs: 10_000 },
      { kind: "lognormal", meanNs: 10_000, sigma: 1 },
      { kind: "pareto", minNs: 8_000, alpha: 5 },
    ];
    for (const distribution of distributions) {
      const table = tableMoments(buildSampler(distribution, 1));
      const exact = momentsOf(distribution);
      expect(relative(table.first, exact.first)).toBeLessThan(1e-6);
      expect(relative(table.second, exact.second)).toBeLessThan(5e-4);
      expect(relative(table.third, exact.third)).toBeLessThan(5e-4);
    }
  });
});
