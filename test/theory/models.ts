/**
 * Scenarios for which theory knows how long closes take.
 *
 * Closes come as a Poisson process where AFs arrive as one, open at once and are held for independent times: holds are a queue without limit,
 * and what leaves such a queue is Poisson again (N. M. Mirasol, Operations Research 11, 1963). Slots are plenty, so that no arrival is
 * refused; a machine has one adapter, as the free list deals slots to adapters in turn and not by chance. Machines are replications.
 *
 * Virtual time is counted in ticks of 10 ns, a thousandth of a mean service. Rounding leaves no trace: services are rounded to ticks without
 * bias, which adds at most a quarter of a square tick to E[S^2], less than a millionth of it; and arrivals that are cut to whole ticks shift arrivals and
 * departures alike, as a Poisson process looks the same from wherever the grid begins.
 */
import type { CallManagerProfile, Distribution, Scenario } from "../../src/scenario/scenario.js";
import { PLAIN_CLIENT, plainScenario } from "../support/plain-scenario.js";
import {
  fullBatchNs,
  mg1SojournNs,
  mg1SojournSquare,
  mg1WaitNs,
  mmcSojournAtMost,
  mmcSojournNs,
  momentsOf,
  quantileNs,
  repairmanSojournAtMost,
  repairmanSojournNs,
  timedBatchNs,
} from "./closed-forms.js";
import type { Claim, WrongTheory } from "./judge.js";

/** What of the latencies a claim is about: the mean of something over all closes, or a percentile in a unit. */
export type LatencyClaim = Claim &
  (
    | { readonly meanOf: (latencyNs: number) => number }
    | { readonly share: number; readonly unit: (latencyNs: number) => number }
  );

export interface Model {
  readonly name: string;
  readonly scenario: Scenario;
  readonly claims: readonly LatencyClaim[];
}

const TICK_NS = 10;
const MACHINES = 8;
/** Mean service of every queue here. */
const SERVICE_NS = 10_000;
/** Mean holds and services after which nothing of the empty start is left: at 80 % of M/M/1 what is left falls by e in 90 services. */
const WARMUP_NS = 3_000 * SERVICE_NS;
/** Far more than are ever busy at once. */
const SLOTS_EACH = 1_024;
const NO_TIME: Distribution = { kind: "constant", ns: 0 };

const exponential = (meanNs: number): Distribution => ({ kind: "exponential", meanNs });
const uniform = (fromNs: number, toNs: number): Distribution => ({ kind: "uniform", fromNs, toNs });
const lognormal = (meanNs: number, sigma: number): Distribution => ({ kind: "lognormal", meanNs, sigma });
const constant = (ns: number): Distribution => ({ kind: "constant", ns });
/** Its moments exist up to the fourth. */
const pareto = (meanNs: number): Distribution => ({ kind: "pareto", minNs: meanNs * 0.8, alpha: 5 });

const micros = (ns: number): number => ns / 1_000;
const squareMicros = (ns: number): number => (ns / 1_000) ** 2;

/** A mean in microseconds. */
function mean(predictedNs: number, wrong: Readonly<Record<string, number>>): LatencyClaim {
  return { what: "mean, us", predicted: micros(predictedNs), wrong: theories(wrong, micros), meanOf: micros };
}

/** A mean square in square microseconds. */
function meanSquare(predicted: number, wrong: Readonly<Record<string, number>>): LatencyClaim {
  const inSquareMicros = (value: number): number => value / 1e6;
  return {
    what: "mean square, us^2",
    predicted: inSquareMicros(predicted),
    wrong: theories(wrong, inSquareMicros),
    meanOf: squareMicros,
  };
}

/** A percentile in microseconds, from distribution functions. */
function percentile(
  share: number,
  atMost: (t: number) => number,
  wrong: Readonly<Record<string, (t: number) => number>>,
): LatencyClaim {
  const of = (distribution: (t: number) => number): number => micros(quantileNs(distribution, share));
  const predictions = Object.entries(wrong).map(([theory, other]) => ({ theory, predicted: of(other) }));
  return { what: `p${share * 100}, us`, predicted: of(atMost), wrong: predictions, share, unit: micros };
}

function theories(wrong: Readonly<Record<string, number>>, unit: (value: number) => number): WrongTheory[] {
  return Object.entries(wrong).map(([theory, value]) => ({ theory, predicted: unit(value) }));
}

interface OpenQueue {
  /** Closes a ns at each machine. */
  readonly rate: number;
  readonly closesEach: number;
  readonly close: Partial<CallManagerProfile["close"]>;
  readonly hold?: Distribution;
  readonly scenario?: Partial<Scenario>;
}

function openScenario({ rate, closesEach, close, hold = exponential(20 * SERVICE_NS), scenario }: OpenQueue): Scenario {
  const ticks = Math.round(closesEach / rate / TICK_NS);
  return plainScenario(
    {
      tickNs: TICK_NS,
      topology: { machines: MACHINES, adaptersPerMachine: 1, clientsPerAdapter: 1, afs: MACHINES * SLOTS_EACH },
      arrivals: { kind: "poisson", perSecond: MACHINES * rate * 1e9 },
      client: { ...PLAIN_CLIENT, reopen: false, hold, think: NO_TIME },
      phases: [
        { kind: "warmup", ns: WARMUP_NS },
        { kind: "run", ns: ticks * TICK_NS },
      ],
      ...scenario,
    },
    {},
    { service: exponential(SERVICE_NS), ...close },
  );
}

const ONE = (order: "fifo" | "lifo" | "random") => ({ servers: 1, order });
const MARKOV = momentsOf(exponential(SERVICE_NS));

/** M/M/1, first come first served. */
function mm1(utilisation: number, closesEach: number, hold: Distribution): Model {
  const queue = (share: number) => ({ rate: (utilisation * share) / SERVICE_NS, servers: 1, serviceNs: SERVICE_NS });
  const atMost = (share: number) => (t: number) => mmcSojournAtMost(queue(share), t);
  const wrongTails = { "10 % less busy": atMost(0.9), "10 % busier": atMost(1.1) };
  return {
    name: `M/M/1, ${utilisation * 100} % busy`,
    scenario: openScenario({ rate: queue(1).rate, closesEach, close: { serve: ONE("fifo") }, hold }),
    claims: [
      mean(mmcSojournNs(queue(1)), {
        "3 % less busy": mmcSojournNs(queue(0.97)),
        "3 % busier": mmcSojournNs(queue(1.03)),
        "two servers half as fast": mmcSojournNs({ ...queue(1), servers: 2, serviceNs: 2 * SERVICE_NS }),
      }),
      percentile(0.5, atMost(1), wrongTails),
      percentile(0.99, atMost(1), wrongTails),
    ],
  };
}

function mm1InOrder(order: "lifo" | "random", others: readonly ("fifo" | "lifo" | "random")[]): Model {
  const rate = 0.8 / SERVICE_NS;
  const square = (other: "fifo" | "lifo" | "random") => mg1SojournSquare(rate, MARKOV, other);
  return {
    name: `M/M/1, 80 % busy, ${order === "lifo" ? "newest first" : "in random order"}`,
    scenario: openScenario({ rate, closesEach: 48_000, close: { serve: ONE(order) } }),
    claims: [
      mean(mg1SojournNs(rate, MARKOV), { "3 % busier": mg1SojournNs(1.03 * rate, MARKOV) }),
      meanSquare(square(order), Object.fromEntries(others.map((other) => [`served ${other}`, square(other)]))),
    ],
  };
}

function mm4(): Model {
  const queue = (servers: number, share = 1) => ({ rate: (2.8 * share) / SERVICE_NS, servers, serviceNs: SERVICE_NS });
  const atMost = (servers: number) => (t: number) => mmcSojournAtMost(queue(servers), t);
  return {
    name: "M/M/4, 70 % busy",
    scenario: openScenario({
      rate: queue(4).rate,
      closesEach: 48_000,
      close: { serve: { servers: 4, order: "fifo" } },
      hold: lognormal(20 * SERVICE_NS, 1),
    }),
    claims: [
      mean(mmcSojournNs(queue(4)), {
        "3 servers": mmcSojournNs(queue(3)),
        "5 servers": mmcSojournNs(queue(5)),
        "3 % less busy": mmcSojournNs(queue(4, 0.97)),
        "3 % busier": mmcSojournNs(queue(4, 1.03)),
        "one server four times as fast": mmcSojournNs({ ...queue(1), serviceNs: SERVICE_NS / 4 }),
      }),
      percentile(0.99, atMost(4), { "3 servers": atMost(3), "5 servers": atMost(5) }),
    ],
  };
}

/** @param percent by how much a utilisation is off that the limits must exclude */
function mg1(name: string, service: Distribution, percent: number): Model {
  const rate = 0.7 / SERVICE_NS;
  const moments = momentsOf(service);
  return {
    name: `M/G/1, 70 % busy, ${name}`,
    scenario: openScenario({ rate, closesEach: 48_000, close: { service, serve: ONE("fifo") } }),
    claims: [
      mean(mg1SojournNs(rate, moments), {
        [`${percent} % less busy`]: mg1SojournNs((1 - percent / 100) * rate, moments),
        [`${percent} % busier`]: mg1SojournNs((1 + percent / 100) * rate, moments),
        "exponential services": mg1SojournNs(rate, MARKOV),
      }),
      meanSquare(mg1SojournSquare(rate, moments, "fifo"), {
        "newest first": mg1SojournSquare(rate, moments, "lifo"),
        "without the third moment": mg1SojournSquare(rate, { ...moments, third: 0 }, "fifo"),
      }),
    ],
  };
}

/** Without a limit of servers a close takes its service. */
function mgInfinity(name: string, service: Distribution, atMost: (t: number) => number): Model {
  const { first, second } = momentsOf(service);
  return {
    name: `M/G/infinity, ${name}`,
    scenario: openScenario({ rate: 5 / SERVICE_NS, closesEach: 20_000, close: { service } }),
    claims: [
      mean(first, { "2 % longer": 1.02 * first }),
      meanSquare(second, { "4 % more": 1.04 * second }),
      percentile(0.1, atMost, { "10 % longer": (t) => atMost(t / 1.1) }),
      percentile(0.5, atMost, { "5 % longer": (t) => atMost(t / 1.05) }),
      percentile(0.99, atMost, { "5 % longer": (t) => atMost(t / 1.05) }),
    ],
  };
}

/** Closes without a limit complete as a Poisson process, for one processor: M/D/1, whichever of the adapters' DPCs it takes first. */
function dispatch(adapters: number): Model {
  const costNs = 2_000;
  const rate = 0.6 / costNs;
  const cost = momentsOf(constant(costNs));
  const total = (factor: number): number => SERVICE_NS + mg1SojournNs(factor * rate, cost);
  return {
    name: `M/G/infinity, then M/D/1: completions of ${adapters === 1 ? "one adapter" : `${adapters} adapters`} on a processor`,
    scenario: openScenario({
      rate,
      closesEach: 24_000,
      close: { service: uniform(0, 2 * SERVICE_NS) },
      scenario: {
        processors: { count: 1, dpcBudget: 2, completionCostNs: costNs },
        topology: {
          machines: MACHINES,
          adaptersPerMachine: adapters,
          clientsPerAdapter: 1,
          afs: MACHINES * SLOTS_EACH,
        },
      },
    }),
    claims: [
      mean(total(1), {
        "no wait for the processor": SERVICE_NS + costNs,
        "5 % busier": total(1.05),
        "exponential costs": SERVICE_NS + mg1SojournNs(rate, momentsOf(exponential(costNs))),
      }),
    ],
  };
}

/** What leaves M/M/c is Poisson and does not depend on what it left behind (P. J. Burke, Operations Research 4, 1956). */
function serversThenProcessor(): Model {
  const costNs = 1_750;
  const queue = { rate: 2.8 / SERVICE_NS, servers: 4, serviceNs: SERVICE_NS };
  const cost = momentsOf(constant(costNs));
  const total = (factor: number): number => mmcSojournNs(queue) + mg1SojournNs(factor * queue.rate, cost);
  return {
    name: "M/M/4, then M/D/1: completions of four servers on a processor",
    scenario: openScenario({
      rate: queue.rate,
      closesEach: 32_000,
      close: { serve: { servers: 4, order: "fifo" } },
      scenario: { processors: { count: 1, dpcBudget: 64, completionCostNs: costNs } },
    }),
    claims: [
      mean(total(1), {
        "no wait for the processor": mmcSojournNs(queue) + costNs,
        "exponential costs": total(1) + mg1WaitNs(queue.rate, cost),
      }),
    ],
  };
}

function batches(
  name: string,
  coalesce: CallManagerProfile["close"]["coalesce"],
  delayNs: number,
  wrongNs: number,
): Model {
  return {
    name: `M/G/infinity, then batches ${name}`,
    scenario: openScenario({ rate: BATCH_RATE, closesEach: 20_000, close: { coalesce } }),
    claims: [
      mean(SERVICE_NS + delayNs, {
        "no wait for the batch": SERVICE_NS,
        "a slightly larger or shorter batch": SERVICE_NS + wrongNs,
      }),
    ],
  };
}

const BATCH_RATE = 1 / SERVICE_NS;
const BATCH_TIMER_NS = 8 * SERVICE_NS;

interface ClosedPopulation {
  readonly population: number;
  readonly servers: number;
  readonly hold: Distribution;
  readonly think: Distribution;
  readonly runNs: number;
}

function closedScenario({ population, servers, hold, think, runNs }: ClosedPopulation): Scenario {
  return plainScenario(
    {
      tickNs: TICK_NS,
      topology: { machines: MACHINES, adaptersPerMachine: 1, clientsPerAdapter: 1, afs: MACHINES * population },
      client: { ...PLAIN_CLIENT, reopen: true, hold, think },
      phases: [
        { kind: "warmup", ns: WARMUP_NS },
        { kind: "run", ns: runNs },
      ],
    },
    {},
    { service: exponential(SERVICE_NS), serve: { servers, order: "fifo" } },
  );
}

/** A population of AFs that hold, close and open again at once. */
function oneRepairman(): Model {
  const repairman = { population: 10, servers: 1, upNs: 8 * SERVICE_NS, serviceNs: SERVICE_NS };
  const atMost = (population: number) => (t: number) => repairmanSojournAtMost({ ...repairman, population }, t);
  const openRate = repairman.population / (repairman.upNs + repairmanSojournNs(repairman));
  return {
    name: "M/M/1//10: ten AFs, held for eight services on average",
    scenario: closedScenario({
      ...repairman,
      hold: exponential(repairman.upNs),
      think: NO_TIME,
      runNs: 48_000 * SERVICE_NS,
    }),
    claims: [
      mean(repairmanSojournNs(repairman), {
        "9 AFs": repairmanSojournNs({ ...repairman, population: 9 }),
        "11 AFs": repairmanSojournNs({ ...repairman, population: 11 }),
        "5 % longer holds": repairmanSojournNs({ ...repairman, upNs: 1.05 * repairman.upNs }),
        "2 servers": repairmanSojournNs({ ...repairman, servers: 2 }),
        "arrivals from outside, as many": mmcSojournNs({ rate: openRate, servers: 1, serviceNs: SERVICE_NS }),
      }),
      percentile(0.5, atMost(10), { "9 AFs": atMost(9), "11 AFs": atMost(11) }),
      percentile(0.99, atMost(10), { "9 AFs": atMost(9), "11 AFs": atMost(11) }),
    ],
  };
}

/** Up time in two parts, neither of them exponential: only their mean counts. */
function threeRepairmen(): Model {
  const repairman = { population: 20, servers: 3, upNs: 5 * SERVICE_NS, serviceNs: SERVICE_NS };
  return {
    name: "M/M/3//20: twenty AFs, lognormal holds, constant think",
    scenario: closedScenario({
      ...repairman,
      hold: lognormal(3 * SERVICE_NS, 1),
      think: constant(2 * SERVICE_NS),
      runNs: 16_000 * SERVICE_NS,
    }),
    claims: [
      mean(repairmanSojournNs(repairman), {
        "2 servers": repairmanSojournNs({ ...repairman, servers: 2 }),
        "4 servers": repairmanSojournNs({ ...repairman, servers: 4 }),
        "19 AFs": repairmanSojournNs({ ...repairman, population: 19 }),
        "21 AFs": repairmanSojournNs({ ...repairman, population: 21 }),
        "no think": repairmanSojournNs({ ...repairman, upNs: 3 * SERVICE_NS }),
      }),
    ],
  };
}

/** A number of servers, or one, and nothing after them. */
export const QUEUES: readonly Model[] = [
  mm1(0.5, 64_000, constant(20 * SERVICE_NS)),
  mm1(0.8, 48_000, exponential(20 * SERVICE_NS)),
  mm1InOrder("lifo", ["fifo", "random"]),
  mm1InOrder("random", ["fifo", "lifo"]),
  mm4(),
  mg1("constant services", constant(SERVICE_NS), 3),
  mg1("uniform services", uniform(0, 2 * SERVICE_NS), 3),
  mg1("lognormal services", lognormal(SERVICE_NS, 1), 5),
  mg1("Pareto services", pareto(SERVICE_NS), 3),
];

/** No limit of servers, what comes after the service, and closed populations. */
export const STAGES: readonly Model[] = [
  mgInfinity("exponential services", exponential(SERVICE_NS), (t) => 1 - Math.exp(-t / SERVICE_NS)),
  mgInfinity("uniform services", uniform(0, 2 * SERVICE_NS), (t) => Math.min(1, t / (2 * SERVICE_NS))),
  mgInfinity("Pareto services", pareto(SERVICE_NS), (t) => Math.max(0, 1 - ((0.8 * SERVICE_NS) / t) ** 5)),
  dispatch(1),
  dispatch(3),
  serversThenProcessor(),
  batches("of 8", { count: 8, timerNs: 1e9 }, fullBatchNs(BATCH_RATE, 8), fullBatchNs(BATCH_RATE, 9)),
  batches(
    "of 80 us",
    { count: 1_000_000, timerNs: BATCH_TIMER_NS },
    timedBatchNs(BATCH_RATE, BATCH_TIMER_NS),
    timedBatchNs(BATCH_RATE, 0.97 * BATCH_TIMER_NS),
  ),
  oneRepairman(),
  threeRepairmen(),
];
