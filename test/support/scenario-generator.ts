import fc from "fast-check";
import { faultIds } from "../../src/contract/faults.js";
import { CALL_MANAGER_HABITS, CLIENT_HABITS } from "../../src/scenario/habits.js";
import { DEFAULT_READINGS, READINGS, type Readings } from "../../src/scenario/readings.js";
import type {
  CallManagerObjects,
  CallManagerProfile,
  ClientObjects,
  ClientProfile,
  CountDistribution,
  Distribution,
  Fault,
  NumberRange,
  Phase,
  Scenario,
} from "../../src/scenario/scenario.js";

/** The tick of every generated scenario; its times are multiples of this. */
const TICK_NS = 100;
const MAX_TICKS = 3_000;
const NOTHING: CountDistribution = { kind: "constant", count: 0 };

function span(min: number, max: number): fc.Arbitrary<number> {
  return fc.integer({ min, max }).map((ticks) => ticks * TICK_NS);
}

/** A probability; 0 and 1 often. */
const probability = fc.oneof(fc.constantFrom(0, 1), fc.double({ min: 0, max: 1, noNaN: true }));

/** A probability that is mostly 0: of what changes much of the rest. */
const rare = fc.oneof(
  { weight: 2, arbitrary: fc.constant(0) },
  { weight: 1, arbitrary: fc.noBias(fc.integer({ min: 1, max: 10 })).map((tenths) => tenths / 10) },
);

/** How many VCs or SAPs are on an AF that has work: mostly few. */
const someOutstanding: fc.Arbitrary<CountDistribution> = fc.oneof(
  { weight: 4, arbitrary: fc.constant(NOTHING) },
  {
    weight: 8,
    arbitrary: fc.integer({ min: 1, max: 3 }).map((count): CountDistribution => ({ kind: "constant", count })),
  },
  {
    weight: 8,
    arbitrary: fc
      .integer({ min: 1, max: 20 })
      .map((tenths): CountDistribution => ({ kind: "poisson", mean: tenths / 10 })),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom<CountDistribution>({ kind: "constant", count: 31 }, { kind: "poisson", mean: 8 }),
  },
);

/** What is on an AF: often nothing, as inline completions need that, else often both. */
const outstanding: fc.Arbitrary<ClientProfile["outstanding"]> = fc.oneof(
  fc.constant({ vcs: NOTHING, saps: NOTHING }),
  fc.record({ vcs: someOutstanding, saps: someOutstanding }),
);

/** Distributions of every kind, around this many ticks; never always 0, so that time moves on. */
export function distribution(minTicks: number, maxTicks: number): fc.Arbitrary<Distribution> {
  const meanNs = span(minTicks, maxTicks);
  return fc.oneof(
    meanNs.map((ns) => ({ kind: "constant" as const, ns })),
    fc
      .tuple(span(0, maxTicks), meanNs)
      .map(([fromNs, widthNs]) => ({ kind: "uniform" as const, fromNs, toNs: fromNs + widthNs })),
    meanNs.map((mean) => ({ kind: "exponential" as const, meanNs: mean })),
    fc.record({
      kind: fc.constant("lognormal" as const),
      meanNs,
      sigma: fc.double({ min: 0, max: 2, noNaN: true }),
    }),
    fc.record({
      kind: fc.constant("pareto" as const),
      minNs: meanNs,
      alpha: fc.double({ min: 0.6, max: 5, noNaN: true }),
    }),
    fc
      .tuple(span(0, maxTicks), meanNs, span(0, maxTicks), fc.integer({ min: 1, max: 9 }))
      .map(([firstNs, riseNs, restNs, tenths]) => ({
        kind: "empirical" as const,
        points: [
          { p: 0, ns: firstNs },
          { p: tenths / 10, ns: firstNs + riseNs },
          { p: 1, ns: firstNs + riseNs + restNs },
        ],
      })),
  );
}

const operation = { pend: probability, service: distribution(1, 30) };

const callManagerObjects: fc.Arbitrary<CallManagerObjects> = fc.record({
  sap: fc.record(operation),
  call: fc.record({ ...operation, fail: rare }),
  vc: fc.record(operation),
  party: fc.record(operation),
});

/** Few of each, so that a case stays small; incoming calls only where there is a SAP. */
export const clientObjects: fc.Arbitrary<ClientObjects> = fc
  .record({
    saps: fc.nat(2),
    calls: fc.nat(2),
    incoming: fc.nat(2),
    parties: fc.nat(2),
    gap: distribution(1, 40),
    lasts: distribution(1, 60),
    remote: probability,
    answer: fc.record({ ...operation, reject: rare }),
  })
  .filter(({ saps, calls, incoming }) => saps + calls + incoming > 0 && (incoming === 0 || saps > 0));

const callManager: fc.Arbitrary<CallManagerProfile> = fc.record({
  kind: fc.constantFrom("mcm" as const, "standalone" as const),
  weight: fc.integer({ min: 1, max: 4 }),
  irql: fc.constantFrom("PASSIVE_LEVEL" as const, "DISPATCH_LEVEL" as const),
  open: fc.record({ pend: probability, fail: rare, service: distribution(1, 60) }),
  close: fc.record({
    pend: probability,
    inline: rare,
    refuse: rare,
    service: distribution(1, 80),
    serve: fc.option(
      fc.record({
        servers: fc.integer({ min: 1, max: 3 }),
        order: fc.constantFrom("fifo" as const, "lifo" as const, "random" as const),
      }),
    ),
    coalesce: fc.option(fc.record({ count: fc.integer({ min: 1, max: 5 }), timerNs: span(0, 60) })),
  }),
  teardown: fc.record({ service: distribution(1, 40) }),
  notify: fc.record({ closing: fc.boolean() }),
  objects: callManagerObjects,
  habit: fc.constant([]),
});

function ranges(count: number): fc.Arbitrary<NumberRange[]> {
  return fc
    .array(fc.tuple(fc.nat(count - 1), fc.nat(count - 1)), { minLength: 1, maxLength: 2 })
    .map((pairs) => pairs.map(([a, b]) => ({ from: Math.min(a, b), to: Math.max(a, b) })));
}

function phases(adapterCount: number, clientCount: number): fc.Arbitrary<readonly Phase[]> {
  const adapters = ranges(adapterCount);
  // Often all of them, so that what is unbound is also bound again, and a halt meets AFs.
  const orAll = (some: fc.Arbitrary<NumberRange[]>, count: number) =>
    fc.oneof(some, fc.constant<NumberRange[]>([{ from: 0, to: count }]));
  const halt = orAll(adapters, adapterCount - 1).map((halted): Phase => ({ kind: "halt", adapters: halted }));
  const bindings = (kind: "unbind" | "bind"): fc.Arbitrary<Phase> =>
    fc.record({
      kind: fc.constant(kind),
      adapters: orAll(adapters, adapterCount - 1),
      // Numbers that no client has are skipped.
      clients: orAll(ranges(clientCount), clientCount + 1),
    });
  const timed = (kind: "warmup" | "run" | "drain", max: number): fc.Arbitrary<Phase> =>
    fc.noBias(span(1, max)).map((ns) => ({ kind, ns }));
  const half = (phase: fc.Arbitrary<Phase>) => fc.option(phase, { freq: 2 });
  const seldom = (phase: fc.Arbitrary<Phase>) =>
    fc.oneof({ weight: 5, arbitrary: fc.constant(null) }, { weight: 1, arbitrary: phase });
  return fc
    .tuple(
      seldom(halt),
      fc.option(timed("warmup", 300), { freq: 2 }),
      // Sometimes over while the first AFs are open, so that a halt or an unbind meets them.
      fc.oneof(timed("run", MAX_TICKS / 3), timed("run", 100)),
      half(halt),
      fc.option(bindings("unbind"), { freq: 2 }),
      half(timed("run", MAX_TICKS / 10)),
      fc.option(bindings("bind"), { freq: 2 }),
      seldom(bindings("unbind")),
      fc.option(fc.oneof(timed("run", MAX_TICKS / 6), timed("run", 100))),
      half(halt),
      seldom(bindings("bind")),
      fc.option(fc.oneof(timed("drain", 200), timed("drain", MAX_TICKS))),
      seldom(bindings("unbind")),
      seldom(halt),
    )
    .map((list) => list.filter((phase) => phase !== null));
}

/** Mostly the first ones. */
const readings: fc.Arbitrary<Readings> = fc.oneof(
  fc.constant(DEFAULT_READINGS),
  fc.record({
    notAcceptedClose: fc.constantFrom(...READINGS.notAcceptedClose),
    handleExpiry: fc.constantFrom(...READINGS.handleExpiry),
    failedClose: fc.constantFrom(...READINGS.failedClose),
    outstandingClose: fc.constantFrom(...READINGS.outstandingClose),
    openScope: fc.constantFrom(...READINGS.openScope),
    clientRelease: fc.constantFrom(...READINGS.clientRelease),
    notifyDuringClose: fc.constantFrom(...READINGS.notifyDuringClose),
    vcReuse: fc.constantFrom(...READINGS.vcReuse),
  }),
);

/** Small resolved scenarios that together use every feature of MODEL.md but faults and habits, within 3 machines and 60 AFs. */
export const scenario: fc.Arbitrary<Scenario> = fc
  .record({
    machines: fc.integer({ min: 1, max: 3 }),
    adaptersPerMachine: fc.integer({ min: 1, max: 4 }),
    clientsPerAdapter: fc.integer({ min: 1, max: 5 }),
    extraAfs: fc.nat(57),
  })
  .chain(({ extraAfs, ...topology }) =>
    fc.record({
      name: fc.constant("generated"),
      description: fc.constant("A generated scenario."),
      seed: fc.maxSafeNat(),
      tickNs: fc.constant(TICK_NS),
      topology: fc.constant({ ...topology, afs: topology.machines + extraAfs }),
      processors: fc.record({
        count: fc.integer({ min: 1, max: 4 }),
        dpcBudget: fc.integer({ min: 1, max: 4 }),
        completionCostNs: fc.oneof(fc.constant(0), span(1, 20)),
      }),
      callManagers: fc.array(callManager, { minLength: 1, maxLength: 3 }),
      client: fc.record({
        hold: distribution(15, 120),
        think: fc.oneof(fc.constant({ kind: "constant" as const, ns: 0 }), distribution(1, 60)),
        reopen: fc.boolean(),
        wait: rare,
        notify: fc.record({ pend: probability }),
        habit: fc.constant([]),
        outstanding,
        objects: fc.constant(null),
      }),
      arrivals: fc.option(
        fc.record({
          kind: fc.constantFrom("poisson" as const, "constant" as const),
          perSecond: fc.integer({ min: 20_000, max: 5_000_000 }),
        }),
        { freq: 3 },
      ),
      contract: readings,
      deadlines: fc.oneof(
        fc.constant({ openNs: 12e9, closeNs: 12e9 }),
        fc.record({ openNs: span(0, 100), closeNs: span(0, 150) }),
      ),
      phases: phases(topology.machines * topology.adaptersPerMachine, topology.clientsPerAdapter),
      faults: fc.constant([]),
      thresholds: fc.constant([]),
    }),
  )
  .map((generated) =>
    generated.arrivals === null ? generated : { ...generated, client: { ...generated.client, reopen: false } },
  );

function fault(afs: number): fc.Arbitrary<Fault> {
  const places = fc.oneof(
    probability.map((rate) => ({ rate, at: null })),
    fc.array(fc.nat(afs - 1), { maxLength: 5 }).map((at) => ({ rate: null, at })),
  );
  return fc.tuple(fc.constantFrom(...faultIds), places).map(([kind, place]) => ({ kind, ...place }));
}

/** Many kinds that each strike now and then, so that they also meet. */
const manyFaults: fc.Arbitrary<readonly Fault[]> = fc
  .noBias(fc.shuffledSubarray([...faultIds], { minLength: 5, maxLength: 25 }))
  .chain((kinds) =>
    fc.tuple(
      ...kinds.map((kind) =>
        fc.noBias(fc.integer({ min: 1, max: 8 })).map((twentieths) => ({ kind, rate: twentieths / 20, at: null })),
      ),
    ),
  );

/** Mostly none, as mistakes that follow from habits leave little else to happen. */
const someHabits = <Habit>(habits: readonly Habit[]): fc.Arbitrary<readonly Habit[]> =>
  fc.oneof(
    { weight: 3, arbitrary: fc.constant([]) },
    { weight: 1, arbitrary: fc.noBias(fc.shuffledSubarray([...habits], { minLength: 1 })) },
  );

/** Such scenarios with some faults, also several of a kind, or with many, and sometimes with habits that lead to mistakes. */
export const faultyScenario: fc.Arbitrary<Scenario> = scenario.chain((faultless) =>
  fc
    .record({
      faults: fc.oneof(fc.array(fault(faultless.topology.afs), { minLength: 1, maxLength: 4 }), manyFaults),
      clientHabit: someHabits(CLIENT_HABITS),
      habits: fc.tuple(...faultless.callManagers.map(() => someHabits(CALL_MANAGER_HABITS))),
    })
    .map(({ faults, clientHabit, habits }): Scenario => ({
      ...faultless,
      callManagers: faultless.callManagers.map((profile, i) => ({ ...profile, habit: habits[i]! })),
      client: { ...faultless.client, habit: clientHabit },
      faults,
    })),
);

/** Such scenarios whose AFs have SAPs, VCs, calls and parties on them, in place of counts. */
export function withObjects(generated: fc.Arbitrary<Scenario>): fc.Arbitrary<Scenario> {
  const counts = { vcs: NOTHING, saps: NOTHING };
  return fc
    .tuple(generated, clientObjects)
    .map(([base, objects]) => ({ ...base, client: { ...base.client, outstanding: counts, objects } }));
}
