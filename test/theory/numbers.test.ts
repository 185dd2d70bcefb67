import { describe, expect, it } from "vitest";
import type { MachineOutcome } from "../../src/measure/outcome.js";
import { hasPlainDrivers } from "../../src/run/shard.js";
import type { ClientProfile, Distribution, Scenario } from "../../src/scenario/scenario.js";
import { PLAIN_CLIENT, plainScenario } from "../support/plain-scenario.js";
import { studentLimits } from "./batch-means.js";
import { binomialAtMost, poissonAtMost } from "./closed-forms.js";
import { formatTable, judge, MISS, type Claim, type Verdict } from "./judge.js";
import { simulateEnds } from "./simulate.js";

/** Machines are independent of each other: how each stands at its end is one observation. */
const MACHINES = 2_000;
const SERVICE_NS = 10_000;
const HOLD_NS = 15_000;
/** Until hardly anything of the start is left: of the heaviest tail here, a thousandth. */
const RUN_NS = 25 * SERVICE_NS;

const SERVICES: readonly Distribution[] = [
  { kind: "constant", ns: SERVICE_NS },
  { kind: "exponential", meanNs: SERVICE_NS },
  { kind: "lognormal", meanNs: SERVICE_NS, sigma: 1 },
];

function scenarioOf(service: Distribution, afsEach: number, client: Partial<ClientProfile>, perNs: number): Scenario {
  return plainScenario(
    {
      tickNs: 100,
      topology: { machines: MACHINES, adaptersPerMachine: 1, clientsPerAdapter: 1, afs: MACHINES * afsEach },
      arrivals: perNs === 0 ? null : { kind: "poisson", perSecond: MACHINES * perNs * 1e9 },
      client: { ...PLAIN_CLIENT, think: { kind: "constant", ns: 0 }, ...client },
      phases: [{ kind: "run", ns: RUN_NS }],
    },
    {},
    { service },
  );
}

/** What theory says of a number, and how far wrong theories are off. */
interface Numbers {
  readonly mean: number;
  readonly variance: number;
  readonly atMost: (k: number) => number;
}

/** A theory of so many on average, which is a whole number, is told from one of more or fewer, and from one that varies more or less. */
function judgeNumbers(numbers: readonly number[], { mean, variance, atMost }: Numbers): Verdict[] {
  const verdict = (what: string, predicted: number, wrong: readonly number[], of: (n: number) => number): Verdict => {
    const theories = wrong.map((value) => ({ theory: `${value} instead`, predicted: value }));
    const claim: Claim = { what: `pended at the end, ${what}`, predicted, wrong: theories };
    return judge(claim, studentLimits(numbers.map(of), MISS));
  };
  return [
    verdict("mean", mean, [0.95 * mean, 1.05 * mean], (n) => n),
    verdict("variance", variance, [0.7 * variance, 1.3 * variance], (n) => (n - mean) ** 2),
    verdict(`share of at most ${mean}`, atMost(mean), [atMost(mean - 1), atMost(mean + 1)], (n) => (n <= mean ? 1 : 0)),
  ];
}

interface JudgedNumbers {
  readonly name: string;
  readonly machines: readonly MachineOutcome[];
  readonly verdicts: readonly Verdict[];
}

const cache = new Map<string, JudgedNumbers>();

/** Simulates and judges once. */
function judged(name: string, scenario: Scenario, theory: Numbers): JudgedNumbers {
  const machines = cache.get(name)?.machines ?? simulateEnds(scenario);
  const numbers = machines.map(({ pendedAtEnd }) => pendedAtEnd);
  const result = { name, machines, verdicts: judgeNumbers(numbers, theory) };
  cache.set(name, result);
  return result;
}

function expectTold({ verdicts }: JudgedNumbers): void {
  expect(verdicts.filter(({ holds }) => !holds)).toEqual([]);
  expect(verdicts.filter(({ notExcluded }) => notExcluded.length > 0)).toEqual([]);
}

/** Poisson arrivals, held for a time that is not exponential either; 10 pended and 15 open on average. */
const PENDED = 10;
const OPEN = (PENDED * HOLD_NS) / SERVICE_NS;
const HOLD: Distribution = { kind: "uniform", fromNs: 0, toNs: 2 * HOLD_NS };

function openNumbers(service: Distribution): JudgedNumbers {
  const scenario = scenarioOf(service, 64, { reopen: false, hold: HOLD }, PENDED / SERVICE_NS);
  const theory = { mean: PENDED, variance: PENDED, atMost: (k: number) => poissonAtMost(PENDED, k) };
  return judged(`M/G/infinity, ${service.kind} services`, scenario, theory);
}

/** AFs that are held, closed and opened again, each on its own: 25 a machine, of which two fifths are pended. */
const POPULATION = 25;
const SHARE = SERVICE_NS / (SERVICE_NS + HOLD_NS);

function closedScenario(service: Distribution): Scenario {
  const hold: Distribution = { kind: "exponential", meanNs: HOLD_NS };
  return scenarioOf(service, POPULATION, { reopen: true, hold }, 0);
}

function closedNumbers(service: Distribution): JudgedNumbers {
  const mean = POPULATION * SHARE;
  const atMost = (k: number): number => binomialAtMost(POPULATION, SHARE, k);
  const theory = { mean, variance: mean * (1 - SHARE), atMost };
  return judged(`closed population of ${POPULATION}, ${service.kind} services`, closedScenario(service), theory);
}

const BY_KIND = SERVICES.map((service) => [service.kind, service] as const);

describe("without a limit of servers the number of pended closes", () => {
  it.each(BY_KIND)("is Poisson with open arrivals, with %s services as with any", (_, service) => {
    expectTold(openNumbers(service));
  });

  it.each(BY_KIND)(
    "is binomial in a closed population, in the plain loop, with %s services as with any",
    (_, service) => {
      expect(hasPlainDrivers(closedScenario(service))).toBe(true);
      expectTold(closedNumbers(service));
    },
  );

  it("does not depend on the number of open AFs, which is Poisson too", () => {
    const { machines } = openNumbers(SERVICES[1]!);
    const products = machines.map(({ openAtEnd, pendedAtEnd }) => (openAtEnd - OPEN) * (pendedAtEnd - PENDED));
    const wrong = [0.2, -0.2].map((r) => ({
      theory: `a correlation of ${r}`,
      predicted: r * Math.sqrt(OPEN * PENDED),
    }));
    const independent = judge({ what: "covariance", predicted: 0, wrong }, studentLimits(products, MISS));
    expect(independent).toMatchObject({ holds: true, notExcluded: [] });
    const squares = machines.map(({ openAtEnd }) => (openAtEnd - OPEN) ** 2);
    const varies = {
      what: "variance of the open",
      predicted: OPEN,
      wrong: [{ theory: "more", predicted: 1.3 * OPEN }],
    };
    expect(judge(varies, studentLimits(squares, MISS))).toMatchObject({ holds: true, notExcluded: [] });
  });

  it("is as the table shows it", async () => {
    const table = formatTable([...SERVICES.map(openNumbers), ...SERVICES.map(closedNumbers)]);
    await expect(table).toMatchFileSnapshot("numbers.md");
  });
});
