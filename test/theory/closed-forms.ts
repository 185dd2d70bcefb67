/**
 * Closed forms of queueing theory: what is known about a scenario without simulating it. Times are in nanoseconds, rates in events a
 * nanosecond, loads in erlangs (arrival rate x mean service). Kendall's names: arrivals / service / servers; M is exponential (Poisson
 * arrivals), D constant, G any distribution. "Wait" is from request to the start of service, "sojourn" from request to the end of it.
 *
 * Sources, by the names used below:
 *   Kleinrock   L. Kleinrock, Queueing Systems, volume 1: Theory, 1975
 *   Cooper      R. B. Cooper, Introduction to Queueing Theory, second edition, 1981
 *   Takács      L. Takács, Delay distributions for one line with Poisson input, general holding times, and various orders of
 *               service, Bell System Technical Journal 42, 1963
 *   BCMP        F. Baskett, K. M. Chandy, R. R. Muntz, F. G. Palacios, Open, closed, and mixed networks of queues with different classes of
 *               customers, Journal of the ACM 22, 1975
 */
import type { Distribution, ServeOrder } from "../../src/scenario/scenario.js";

/** E[S], E[S^2] and E[S^3] of a time S, in ns, ns^2 and ns^3. */
export interface Moments {
  readonly first: number;
  readonly second: number;
  readonly third: number;
}

type MomentsOf = {
  readonly [K in Distribution["kind"]]?: (d: Extract<Distribution, { kind: K }>, power: number) => number;
};

/** E[S^k], from the textbook definition of each distribution. */
const MOMENT: MomentsOf = {
  constant: ({ ns }, k) => ns ** k,
  uniform: ({ fromNs, toNs }, k) => (toNs ** (k + 1) - fromNs ** (k + 1)) / ((k + 1) * (toNs - fromNs)),
  exponential: ({ meanNs }, k) => factorial(k) * meanNs ** k,
  lognormal: ({ meanNs, sigma }, k) => meanNs ** k * Math.exp((sigma ** 2 * k * (k - 1)) / 2),
  pareto: ({ minNs, alpha }, k) => (alpha > k ? (alpha * minNs ** k) / (alpha - k) : Infinity),
};

/** Moments of a distribution; Infinity where a moment does not exist. */
export function momentsOf(distribution: Distribution): Moments {
  const moment = MOMENT[distribution.kind] as ((d: Distribution, power: number) => number) | undefined;
  if (moment === undefined) throw new Error(`no closed form for the moments of ${distribution.kind}`);
  const [first, second, third] = [1, 2, 3].map((power) => moment(distribution, power)) as [number, number, number];
  return { first, second, third };
}

function factorial(n: number): number {
  let product = 1;
  for (let i = 2; i <= n; i++) product *= i;
  return product;
}

/** Probability of k under a Poisson distribution with this mean. */
export function poisson(mean: number, k: number): number {
  let probability = Math.exp(-mean);
  for (let i = 1; i <= k; i++) probability *= mean / i;
  return probability;
}

/** Probability of at most k under a Poisson distribution with this mean. */
export function poissonAtMost(mean: number, k: number): number {
  let sum = 0;
  for (let i = 0; i <= k; i++) sum += poisson(mean, i);
  return sum;
}

/** Probability of at most k successes in n tries. */
export function binomialAtMost(n: number, probability: number, k: number): number {
  let term = (1 - probability) ** n;
  let sum = 0;
  for (let i = 0; i <= k; i++) {
    sum += term;
    term *= ((n - i) / (i + 1)) * (probability / (1 - probability));
  }
  return sum;
}

/** Erlang's loss formula B(c, a): the probability that c servers without a queue are all busy (Cooper chapter 3, by his recursion). */
export function erlangB(servers: number, load: number): number {
  let blocked = 1;
  for (let c = 1; c <= servers; c++) blocked = (load * blocked) / (c + load * blocked);
  return blocked;
}

/** Erlang's delay formula C(c, a): the probability of a wait in M/M/c, with load a < c (Cooper chapter 3). */
export function erlangC(servers: number, load: number): number {
  const blocked = erlangB(servers, load);
  return blocked / (1 - (load / servers) * (1 - blocked));
}

/** M/M/c: arrival rate in closes a ns, mean service in ns. */
export interface MarkovQueue {
  readonly rate: number;
  readonly servers: number;
  readonly serviceNs: number;
}

/** Mean sojourn in M/M/c, in ns, in whatever order that does not look at service times (Cooper chapter 3). */
export function mmcSojournNs({ rate, servers, serviceNs }: MarkovQueue): number {
  return erlangC(servers, rate * serviceNs) / (servers / serviceNs - rate) + serviceNs;
}

/** Probability that a sojourn in M/M/c, first come first served, is at most t ns: a service, and with C(c, a) an exponential wait of rate c/s - rate. */
export function mmcSojournAtMost({ rate, servers, serviceNs }: MarkovQueue, t: number): number {
  const end = 1 / serviceNs;
  const drain = servers * end - rate;
  const waits = erlangC(servers, rate * serviceNs);
  // A wait and a service that end at nearly the same rate would divide rounding errors by nothing.
  const longWait =
    Math.abs(drain - end) < 1e-6 * end
      ? (1 + end * t) * Math.exp(-end * t)
      : (drain * Math.exp(-end * t) - end * Math.exp(-drain * t)) / (drain - end);
  return 1 - (1 - waits) * Math.exp(-end * t) - waits * longWait;
}

/** Mean wait in M/G/1, in ns: Pollaczek and Khinchine (Kleinrock chapter 5), in any order that does not look at service times. */
export function mg1WaitNs(rate: number, service: Moments): number {
  return (rate * service.second) / (2 * (1 - rate * service.first));
}

/** By how much the second moment of the wait in M/G/1 is that of first come first served, at a utilisation (Takács). */
const ORDER_FACTOR: Readonly<Record<ServeOrder, (utilisation: number) => number>> = {
  fifo: () => 1,
  random: (utilisation) => 1 / (1 - utilisation / 2),
  lifo: (utilisation) => 1 / (1 - utilisation),
};

/** Second moment of the wait in M/G/1, in ns^2: Takács' recursion for first come first served, and his factors for the other orders. */
export function mg1WaitSquare(rate: number, service: Moments, order: ServeOrder): number {
  const utilisation = rate * service.first;
  const fifo = 2 * mg1WaitNs(rate, service) ** 2 + (rate * service.third) / (3 * (1 - utilisation));
  return fifo * ORDER_FACTOR[order](utilisation);
}

/** Mean sojourn in M/G/1, in ns. */
export function mg1SojournNs(rate: number, service: Moments): number {
  return mg1WaitNs(rate, service) + service.first;
}

/** Second moment of the sojourn in M/G/1, in ns^2: a service does not depend on the wait before it. */
export function mg1SojournSquare(rate: number, service: Moments, order: ServeOrder): number {
  return mg1WaitSquare(rate, service, order) + 2 * mg1WaitNs(rate, service) * service.first + service.second;
}

/**
 * The variance of the mean of n sojourns in a row in a stationary M/M/1, first come first served, times n for large n, in ns^2. Neighbours
 * resemble each other, so it is more than the variance of one sojourn. In services, with utilisation u: a sojourn T becomes
 * T' = max(0, T - gap) + service, g(t) = u t^2 / (2 (1 - u)) + t solves g(t) - E[g(T') | T = t] = t - E[T] (Poisson's equation), and the
 * variance is 2 E[(T - E[T]) g(T)] - E[(T - E[T])^2] with T exponential.
 */
export function mm1SojournVariance({ rate, serviceNs }: Omit<MarkovQueue, "servers">): number {
  const u = rate * serviceNs;
  return (serviceNs ** 2 * (1 + u) ** 2) / (1 - u) ** 4;
}

/** The machine repairman: a closed population whose members are up for some time and then served, by so many servers. */
export interface Repairman {
  readonly population: number;
  readonly servers: number;
  readonly upNs: number;
  readonly serviceNs: number;
}

/**
 * Probability of k down, k = 0 … population, in M/M/c//N (Kleinrock chapter 3). It depends on the distribution of the up time through
 * its mean only, and up time may have several parts (BCMP, type 3: stations without limit); services must be exponential.
 */
export function repairmanDown({ population, servers, upNs, serviceNs }: Repairman): number[] {
  const weights = [1];
  for (let k = 1; k <= population; k++) {
    weights.push((weights[k - 1]! * (population - k + 1) * serviceNs) / (Math.min(k, servers) * upNs));
  }
  const sum = weights.reduce((a, b) => a + b);
  return weights.map((weight) => weight / sum);
}

/** Mean time from going down to up again, in ns: mean down ÷ rate of going down (Little). */
export function repairmanSojournNs(repairman: Repairman): number {
  const down = repairmanDown(repairman).reduce((sum, probability, k) => sum + k * probability, 0);
  return (down * repairman.upNs) / (repairman.population - down);
}

/**
 * Probability that one server, first come first served, has a member up again within t ns. Whoever goes down finds the others as they
 * would be without it (the arrival theorem: S. S. Lavenberg, M. Reiser, Journal of Applied Probability 17, 1980); with k of them down it
 * stays for k + 1 services.
 */
export function repairmanSojournAtMost(repairman: Omit<Repairman, "servers">, t: number): number {
  const found = repairmanDown({ ...repairman, servers: 1, population: repairman.population - 1 });
  return found.reduce((sum, probability, k) => sum + probability * (1 - poissonAtMost(t / repairman.serviceNs, k)), 0);
}

/** Mean time that Poisson arrivals lose in batches of `count`, in ns: number k waits for count - k more. */
export function fullBatchNs(rate: number, count: number): number {
  return (count - 1) / (2 * rate);
}

/** The same in batches that end `timerNs` after their first: that one waits all of it, the Poisson rest of them half on average. */
export function timedBatchNs(rate: number, timerNs: number): number {
  const others = rate * timerNs;
  return (timerNs + (others * timerNs) / 2) / (1 + others);
}

/** The time that is not exceeded with a probability, in ns, by halving an interval; `atMost` is the distribution function. */
export function quantileNs(atMost: (t: number) => number, probability: number): number {
  let low = 0;
  let high = 1;
  while (atMost(high) < probability) high *= 2;
  while (high - low > 1e-9 * high) {
    const middle = (low + high) / 2;
    if (atMost(middle) < probability) low = middle;
    else high = middle;
  }
  return high;
}
