import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { CALL_MANAGER_HABITS, CLIENT_HABITS } from "../../src/scenario/habits.js";
import { READINGS, type Readings } from "../../src/scenario/readings.js";
import { catalogueNames } from "../../src/scenario/catalogue.js";
import { describeScenario } from "../../src/scenario/describe.js";
import { InputError } from "../../src/scenario/input-error.js";
import { resultPaths } from "../../src/result/thresholds.js";
import { PROBABILITY_MIN } from "../../src/scenario/limits.js";
import { resolveScenario } from "../../src/scenario/resolve.js";
import { faultIds } from "../../src/contract/faults.js";
import type {
  CallManagerProfile,
  ClientObjects,
  CountDistribution,
  Distribution,
  Fault,
  NumberRange,
  Phase,
  Scenario,
} from "../../src/scenario/scenario.js";

/** For a computer busy with other things; each property takes about a second. */
const PATIENCE = { timeout: 60_000 };
/** Mistakes of call managers. */
const FAULT_IDS = ["double-complete", "lost-completion"];
const options = { faultIds, resultPaths };

const probability = fc.oneof(fc.constant(0), fc.double({ min: PROBABILITY_MIN, max: 1, noNaN: true }));
const outstanding: fc.Arbitrary<CountDistribution> = fc.oneof(
  fc.record({ kind: fc.constant("constant" as const), count: fc.nat(31) }),
  fc.record({ kind: fc.constant("poisson" as const), mean: fc.double({ min: PROBABILITY_MIN, max: 8, noNaN: true }) }),
);
const NOTHING: CountDistribution = { kind: "constant", count: 0 };
const anyNs = fc.integer({ min: 1, max: 2 ** 40 });

function distribution(tickNs: number): fc.Arbitrary<Distribution> {
  return fc.oneof(
    fc.integer({ min: 1, max: 1e6 }).map((ticks): Distribution => ({ kind: "constant", ns: ticks * tickNs })),
    fc
      .tuple(fc.nat(1e9), fc.nat(1e9))
      .map(([from, width]): Distribution => ({ kind: "uniform", fromNs: from, toNs: from + width })),
    anyNs.map((meanNs): Distribution => ({ kind: "exponential", meanNs })),
    fc.record({
      kind: fc.constant("lognormal" as const),
      meanNs: anyNs,
      sigma: fc.double({ min: 0, max: 5, noNaN: true }),
    }),
    fc.record({
      kind: fc.constant("pareto" as const),
      minNs: anyNs,
      alpha: fc.double({ min: 0.01, max: 1000, noNaN: true }),
    }),
    fc
      .tuple(
        fc.uniqueArray(fc.double({ min: 0.001, max: 0.999, noNaN: true }), { maxLength: 4 }),
        fc.array(anyNs, { minLength: 6, maxLength: 6 }),
      )
      .map(([middle, times]): Distribution => {
        const rising = times.toSorted((a, b) => a - b);
        return {
          kind: "empirical",
          points: [0, ...middle.toSorted((a, b) => a - b), 1].map((p, index) => ({ p, ns: rising[index] ?? 0 })),
        };
      }),
  );
}

function operation(tickNs: number) {
  return { pend: probability, service: distribution(tickNs) };
}

function clientObjects(tickNs: number): fc.Arbitrary<ClientObjects> {
  return fc.record({
    saps: fc.integer({ min: 1, max: 31 }),
    calls: fc.nat(31),
    incoming: fc.nat(31),
    parties: fc.nat(31),
    gap: distribution(tickNs),
    lasts: distribution(tickNs),
    remote: probability,
    answer: fc.record({ ...operation(tickNs), reject: probability }),
  });
}

function profile(tickNs: number): fc.Arbitrary<CallManagerProfile> {
  const count = fc.integer({ min: 1, max: 2 ** 27 });
  return fc.record({
    kind: fc.constantFrom("mcm" as const, "standalone" as const),
    weight: fc.integer({ min: 1, max: 1e6 }),
    irql: fc.constantFrom("PASSIVE_LEVEL" as const, "DISPATCH_LEVEL" as const),
    open: fc.record({ pend: probability, fail: probability, service: distribution(tickNs) }),
    close: fc.record({
      pend: probability,
      inline: probability,
      refuse: probability,
      service: distribution(tickNs),
      serve: fc.option(
        fc.record({ servers: count, order: fc.constantFrom("fifo" as const, "lifo" as const, "random" as const) }),
      ),
      coalesce: fc.option(fc.record({ count, timerNs: fc.nat(1e6).map((ticks) => ticks * tickNs) })),
    }),
    teardown: fc.record({ service: distribution(tickNs) }),
    notify: fc.record({ closing: fc.boolean() }),
    objects: fc.record({
      sap: fc.record(operation(tickNs)),
      call: fc.record({ ...operation(tickNs), fail: probability }),
      vc: fc.record(operation(tickNs)),
      party: fc.record(operation(tickNs)),
    }),
    habit: fc.subarray([...CALL_MANAGER_HABITS]),
  });
}

/** Ranges in order that neither overlap nor touch. */
function ranges(count: number): fc.Arbitrary<NumberRange[]> {
  return fc.uniqueArray(fc.nat(count - 1), { minLength: 1, maxLength: 20 }).map((list): NumberRange[] => {
    const joined: { from: number; to: number }[] = [];
    for (const number of list.toSorted((a, b) => a - b)) {
      const last = joined.at(-1);
      if (last?.to === number - 1) last.to = number;
      else joined.push({ from: number, to: number });
    }
    return joined;
  });
}

function phases(tickNs: number, adapterCount: number, clientCount: number): fc.Arbitrary<Phase[]> {
  const ns = fc.integer({ min: 1, max: 1e8 }).map((ticks) => ticks * tickNs);
  const timed = (kind: "warmup" | "run" | "drain") => ns.map((length): Phase => ({ kind, ns: length }));
  const adapters = ranges(adapterCount);
  const point = fc.oneof(
    adapters.map((halted): Phase => ({ kind: "halt", adapters: halted })),
    fc.record({ kind: fc.constantFrom("unbind" as const, "bind" as const), adapters, clients: ranges(clientCount) }),
  );
  return fc
    .tuple(
      fc.array(fc.oneof(timed("warmup"), point), { maxLength: 3 }),
      timed("run"),
      fc.array(fc.oneof(timed("run"), point), { maxLength: 3 }),
      fc.array(fc.oneof(timed("drain"), point), { maxLength: 2 }),
    )
    .map(([before, run, after, end]) => [...before, run, ...after, ...end]);
}

function faults(afs: number): fc.Arbitrary<Fault[]> {
  // Both kinds are mistakes of the call manager.
  const of = fc.option(fc.constant("cm" as const));
  const strikes = fc.oneof(
    probability.map((rate) => ({ rate, at: null })),
    fc.array(fc.nat(afs - 1)).map((at) => ({ rate: null, at })),
  );
  const fault = fc
    .tuple(fc.constantFrom(...FAULT_IDS), strikes, of)
    .map(([kind, where, who]): Fault => ({ kind, ...where, ...(who === null ? {} : { of: who }) }));
  return fc.array(fault, { maxLength: 3 });
}

const readings: fc.Arbitrary<Readings> = fc.record({
  notAcceptedClose: fc.constantFrom(...READINGS.notAcceptedClose),
  handleExpiry: fc.constantFrom(...READINGS.handleExpiry),
  failedClose: fc.constantFrom(...READINGS.failedClose),
  outstandingClose: fc.constantFrom(...READINGS.outstandingClose),
  openScope: fc.constantFrom(...READINGS.openScope),
  clientRelease: fc.constantFrom(...READINGS.clientRelease),
  notifyDuringClose: fc.constantFrom(...READINGS.notifyDuringClose),
  vcReuse: fc.constantFrom(...READINGS.vcReuse),
});

const scenario: fc.Arbitrary<Scenario> = fc
  .record({
    tickNs: fc.integer({ min: 10, max: 1e6 }),
    machines: fc.integer({ min: 1, max: 4096 }),
    adaptersPerMachine: fc.integer({ min: 1, max: 100 }),
    clientsPerAdapter: fc.integer({ min: 1, max: 65536 }),
    moreAfs: fc.nat(2 ** 27 - 1),
    arrivals: fc.option(
      fc.record({
        kind: fc.constantFrom("poisson" as const, "constant" as const),
        perSecond: fc.double({ min: 1e-3, max: 1e9, noNaN: true }),
      }),
    ),
    reopen: fc.boolean(),
    wantsObjects: fc.boolean(),
  })
  .filter(({ arrivals, tickNs, machines }) => ((arrivals?.perSecond ?? 0) * tickNs) / machines / 1e9 <= 256)
  .map((drawn) => ({
    ...drawn,
    // A table has at most 2^27 of them.
    hasObjects: drawn.wantsObjects && drawn.moreAfs / drawn.machines < 2 ** 16 - 1,
  }))
  .chain(({ tickNs, machines, adaptersPerMachine, clientsPerAdapter, moreAfs, arrivals, reopen, hasObjects }) =>
    fc.record({
      name: fc.stringMatching(/^[a-z][a-z0-9 :#-]{0,20}$/),
      description: fc.string({ maxLength: 100 }),
      seed: fc.maxSafeNat(),
      tickNs: fc.constant(tickNs),
      topology: fc.constant({ machines, adaptersPerMachine, clientsPerAdapter, afs: machines + moreAfs }),
      processors: fc.record({
        count: fc.integer({ min: 1, max: 4096 }),
        dpcBudget: fc.integer({ min: 1, max: 2 ** 27 }),
        completionCostNs: fc.nat(1e6).map((ticks) => ticks * tickNs),
      }),
      callManagers: fc.array(profile(tickNs), { minLength: 1, maxLength: 4 }),
      client: fc.record({
        // Longer than a tick on average, so that virtual time goes on.
        hold: fc
          .integer({ min: tickNs, max: 2 ** 40 })
          .map((meanNs): Distribution => ({ kind: "exponential", meanNs })),
        think: distribution(tickNs),
        reopen: fc.constant(arrivals === null && reopen),
        wait: probability,
        notify: fc.record({ pend: probability }),
        habit: fc.subarray([...CLIENT_HABITS]),
        outstanding: hasObjects
          ? fc.constant({ vcs: NOTHING, saps: NOTHING })
          : fc.record({ vcs: outstanding, saps: outstanding }),
        objects: hasObjects ? clientObjects(tickNs) : fc.constant(null),
      }),
      arrivals: fc.constant(arrivals),
      contract: readings,
      deadlines: fc.record({
        openNs: fc.integer({ min: tickNs, max: tickNs * (2 ** 32 - 1) }),
        closeNs: fc.integer({ min: tickNs, max: tickNs * (2 ** 32 - 1) }),
      }),
      phases: phases(tickNs, machines * adaptersPerMachine, clientsPerAdapter),
      faults: faults(machines + moreAfs),
      thresholds: fc.subarray([
        { text: "violations.total == 0", path: "violations.total", operator: "==" as const, value: 0 },
        { text: "latency.close.p99Ns < 500us", path: "latency.close.p99Ns", operator: "<" as const, value: 500_000 },
      ]),
    }),
  );

describe("describeScenario", () => {
  test("what it writes is read back to the same scenario, as a value and as JSON text", PATIENCE, async () => {
    await fc.assert(
      fc.asyncProperty(scenario, async (original) => {
        const described = describeScenario(original);
        expect(await resolveScenario({ value: described }, {}, options)).toEqual(original);
        const text = JSON.stringify(described);
        expect(await resolveScenario({ text, file: "described.json" }, {}, options)).toEqual(original);
      }),
    );
  });

  test.each(catalogueNames)("the built-in %s is read back from its description", async (name) => {
    const original = await resolveScenario({ name }, {}, options);
    expect(await resolveScenario({ value: describeScenario(original) }, {}, options)).toEqual(original);
  });
});

describe("resolveScenario", () => {
  const resolves = async (run: () => Promise<unknown>) => {
    try {
      await run();
    } catch (error) {
      expect(error).toBeInstanceOf(InputError);
    }
  };

  test("any text is a scenario or an InputError with a position", PATIENCE, async () => {
    const line = fc.stringMatching(/^ {0,4}(- )?[a-zA-Z_]{0,10}:? ?[-\w.&*!|>{}[\]",#%@`' ]{0,20}$/);
    const text = fc.oneof(
      fc.string({ unit: "binary" }),
      fc.array(line).map((lines) => lines.join("\n")),
    );
    await fc.assert(
      fc.asyncProperty(text, async (body) => {
        try {
          await resolveScenario({ text: body, file: "any.yaml" }, {}, options);
        } catch (error) {
          expect(error).toBeInstanceOf(InputError);
          const { position } = (error as InputError).details;
          expect(position?.file).toBe("any.yaml");
          expect(position?.line).toBeGreaterThanOrEqual(1);
          expect(position?.line).toBeLessThanOrEqual(body.split(/\r\n|\r|\n/).length + 1);
          expect(position?.column).toBeGreaterThanOrEqual(1);
        }
      }),
    );
  });

  test(
    "a described scenario in which any one part is replaced by anything is a scenario or an InputError",
    PATIENCE,
    async () => {
      const junk = fc.oneof(
        fc.jsonValue(),
        fc.constantFrom<unknown>(
          null,
          -1,
          0,
          1e300,
          Number.NaN,
          "",
          "0",
          "1ns",
          "1e99s",
          "all",
          [],
          {},
          [[]],
          true,
          "__proto__",
        ),
      );
      await fc.assert(
        fc.asyncProperty(scenario, fc.nat(), junk, async (original, choice, value) => {
          const described: unknown = JSON.parse(JSON.stringify(describeScenario(original)));
          const places: { container: object; name: string }[] = [];
          const visit = (node: unknown): void => {
            if (typeof node !== "object" || node === null) return;
            for (const [name, child] of Object.entries(node)) {
              places.push({ container: node, name });
              visit(child);
            }
          };
          visit(described);
          const place = places[choice % places.length];
          if (place !== undefined) Reflect.set(place.container, place.name, value);
          await resolves(() => resolveScenario({ value: described }, {}, options));
        }),
      );
    },
  );

  test("any override is taken or an InputError that names its flag", PATIENCE, async () => {
    const path = fc.oneof(
      fc.constantFrom(
        "topology.afs",
        "phases.0.run",
        "phases.1",
        "callManager.close",
        "client.hold",
        "faults.0.at",
        "name",
        "a.b.c",
      ),
      fc.string(),
    );
    const value = fc.oneof(fc.string(), fc.json(), fc.constantFrom("1k", "1ms", "[1, 2]", "{run: 5ms}", "null"));
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...catalogueNames), path, value, async (name, left, right) => {
        const assignment = `${left}=${right}`;
        try {
          await resolveScenario({ name }, { set: [assignment] }, options);
        } catch (error) {
          expect(error).toBeInstanceOf(InputError);
          expect((error as InputError).message).toContain("--set ");
        }
      }),
    );
  });
});
