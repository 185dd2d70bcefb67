/** What a user writes in a scenario file (README.md "A scenario of your own"), and how it is read: the zod schema and its JSON Schema. */
import * as z from "./zod.js";
import { DEFAULT_READINGS, READINGS } from "./readings.js";
import { distribution } from "./distribution-schema.js";
import { choice, count, duration, durationWithin, line, number, oneOf, probability, rate } from "./fields.js";
import {
  AFS_PER_MACHINE_MAX,
  MACHINES_MAX,
  OUTSTANDING_MAX,
  OUTSTANDING_MEAN_MAX,
  TICK_NS_MAX,
  TICK_NS_MIN,
} from "./limits.js";
import { CALL_MANAGER_HABITS, CLIENT_HABITS } from "./habits.js";
import { callManagerObjects, clientObjects } from "./object-schema.js";
import type { CountDistribution, NumberRange, Phase } from "./scenario.js";
import { formatDuration, quote } from "./units.js";

const ADAPTERS_PER_MACHINE_MAX = 65536;
const CLIENTS_PER_ADAPTER_MAX = 65536;
/** More than any computer that runs NDIS has. */
const PROCESSORS_MAX = 4096;
const PROFILES_MAX = 256;
const PHASES_MAX = 256;
/** Each has a draw purpose of its own, from 32 to 127 (src/contract/MODEL.md "Draws"). */
const FAULTS_MAX = 96;

const topology = z.strictObject({
  machines: count(1, MACHINES_MAX).prefault(8).meta({ description: "Simulated computers; nothing crosses machines." }),
  adaptersPerMachine: count(1, ADAPTERS_PER_MACHINE_MAX)
    .prefault(8)
    .meta({ description: "Each adapter has one call manager." }),
  clientsPerAdapter: count(1, CLIENTS_PER_ADAPTER_MAX)
    .prefault(16)
    .meta({ description: "Clients that share an adapter's AFs." }),
  afs: count(1, MACHINES_MAX * AFS_PER_MACHINE_MAX)
    .prefault("1M")
    .meta({ description: "Address families, all machines together." }),
});

const processors = z.strictObject({
  count: count(1, PROCESSORS_MAX).prefault(8).meta({ description: "Processors of each machine." }),
  dpcBudget: count(1, AFS_PER_MACHINE_MAX)
    .prefault(64)
    .meta({ description: "Completions that a DPC calls before it goes to the end of its processor's queue." }),
  completionCost: duration
    .prefault("0ns")
    .meta({ description: "A processor's time per completion; a multiple of the tick." }),
});

const serve = z.strictObject({
  servers: count(1, AFS_PER_MACHINE_MAX).meta({ description: "Closes served at the same time." }),
  order: choice(["fifo", "lifo", "random"])
    .prefault("fifo")
    .meta({ description: "Which waiting close is served next." }),
});

const coalesce = z.strictObject({
  count: count(1, AFS_PER_MACHINE_MAX).meta({ description: "Completions that fill a batch." }),
  timer: duration.prefault("100us").meta({
    description: "Age of a batch's first completion at which it is sent off unfilled; a multiple of the tick.",
  }),
});

const close = z.strictObject({
  pend: probability
    .prefault(1)
    .meta({ description: "Probability that ProtocolCmCloseAf returns NDIS_STATUS_PENDING." }),
  inline: probability.prefault(0).meta({
    description: "Probability that a pended close is completed inside ProtocolCmCloseAf, before PENDING is returned.",
  }),
  refuse: probability.prefault(0).meta({
    description: "Probability that ProtocolCmCloseAf returns NDIS_STATUS_NOT_ACCEPTED while work is outstanding.",
  }),
  service: distribution
    .prefault({ exponential: "1ms" })
    .meta({ description: "From the close (or a server's start) to its completion." }),
  serve: serve.nullable().prefault(null).meta({ description: "Servers that share the closes; null: no limit." }),
  coalesce: coalesce.nullable().prefault(null).meta({ description: "Completions in batches; null: each on its own." }),
});

const open = z.strictObject({
  pend: probability.prefault(0).meta({ description: "Probability that ProtocolCmOpenAf returns NDIS_STATUS_PENDING." }),
  fail: probability
    .prefault(0)
    .meta({ description: "Probability that an open, pended or not, fails with NDIS_STATUS_RESOURCES." }),
  service: distribution
    .prefault({ exponential: "20us" })
    .meta({ description: "From a pended open to its completion." }),
});

const teardown = z.strictObject({
  service: distribution
    .prefault({ exponential: "20us" })
    .meta({ description: "From the close of a call, or the deregistration of a SAP, to its completion." }),
});

/** One habit of a driver or a list of them, each once. */
function habits<const Name extends string>(names: readonly [Name, ...Name[]]) {
  return z
    .union([choice(names).transform((name) => [name]), z.array(choice(names))], {
      error: `expected one of ${names.join(", ")}, or a list of them`,
    })
    .transform((given): Name[] => [...new Set(given)])
    .prefault([]);
}

const callManager = z.strictObject({
  kind: choice(["mcm", "standalone"])
    .prefault("mcm")
    .meta({ description: "Miniport call manager or stand-alone call manager." }),
  weight: count(1, 1e6).prefault(1).meta({ description: "Share of the adapters, relative to the other profiles." }),
  irql: choice(["DISPATCH_LEVEL", "PASSIVE_LEVEL"])
    .prefault("DISPATCH_LEVEL")
    .meta({ description: "IRQL of its completions: DISPATCH_LEVEL from a DPC, PASSIVE_LEVEL from a work item." }),
  open: open.prefault({}).meta({ description: "How it opens AFs." }),
  close: close.prefault({}).meta({ description: "How it closes AFs." }),
  teardown: teardown.prefault({}).meta({ description: "How it tears down VCs and SAPs, before it completes a close." }),
  notify: z
    .strictObject({
      closing: z
        .boolean()
        .prefault(false)
        .meta({ description: "Whether its list of AFs at a halt still has those whose close it has pended." }),
    })
    .prefault({})
    .meta({
      description: "Of which AFs it notifies their clients when its adapter halts, beside those that are open.",
    }),
  objects: callManagerObjects
    .prefault({})
    .meta({ description: "How it serves SAPs, VCs, calls and parties, where clients have any." }),
  habit: habits(CALL_MANAGER_HABITS).meta({
    description: "Habits, one or a list, that are legal until circumstances make a mistake of them.",
  }),
});

const outstandingConstant = () =>
  count(0, OUTSTANDING_MAX).transform((number): CountDistribution => ({ kind: "constant", count: number }));

const outstandingCount = () =>
  z
    .union(
      [
        outstandingConstant(),
        oneOf({
          constant: outstandingConstant().meta({ description: "Always this number." }),
          poisson: number(0, OUTSTANDING_MEAN_MAX)
            .transform((mean): CountDistribution => ({ kind: "poisson", mean }))
            .meta({ description: `The mean; never more than ${OUTSTANDING_MAX} come.` }),
        }),
      ],
      { error: "expected a number, {constant: number} or {poisson: mean}" },
    )
    .prefault(0);

const outstanding = z.strictObject({
  vcs: outstandingCount().meta({ description: "VCs, each with a call that is closed." }),
  saps: outstandingCount().meta({ description: "SAPs, each of which is deregistered." }),
});

const client = z.strictObject({
  hold: distribution.prefault({ exponential: "1ms" }).meta({ description: "From an open to the close." }),
  think: distribution.prefault({ constant: 0 }).meta({ description: "From the end of a close to the next open." }),
  reopen: z.boolean().optional().meta({ description: "Open again after a close (default: true); not with arrivals." }),
  arrivals: oneOf({
    poisson: rate.transform((perSecond) => ({ kind: "poisson" as const, perSecond })),
    constant: rate.transform((perSecond) => ({ kind: "constant" as const, perSecond })),
  })
    .nullable()
    .prefault(null)
    .meta({ description: "Open arrivals of all machines together, instead of reopening." }),
  wait: probability.prefault(0).meta({
    description: "Probability that it waits for the completion of a close that is pended and not inline.",
  }),
  notify: z
    .strictObject({
      pend: probability.prefault(0).meta({
        description:
          "Probability that ProtocolClNotifyCloseAf returns NDIS_STATUS_PENDING before the client closes; else it closes inside.",
      }),
    })
    .prefault({})
    .meta({ description: "What it does when a halt notifies it that an AF is to be closed." }),
  habit: habits(CLIENT_HABITS).meta({
    description: "Habits, one or a list, that are legal until circumstances make a mistake of them.",
  }),
  outstanding: outstanding
    .prefault({})
    .meta({ description: "What is on an AF until the client closes it, and is torn down first: numbers only." }),
  objects: clientObjects
    .nullable()
    .prefault(null)
    .meta({ description: "SAPs, VCs, calls and parties on each AF, as objects with lives of their own; null: none." }),
});

const RANGE = /^(\d{1,15})\s*-\s*(\d{1,15})$/;

const numberRange = (what: string) =>
  z
    .union([z.number().meta({ type: "integer", minimum: 0 }), z.string().meta({ pattern: "^\\d+(\\s*-\\s*\\d+)?$" })], {
      error: `expected ${what} number or a range such as "0-31"`,
    })
    .transform((value, context): NumberRange => {
      const [, from = "", to = ""] =
        RANGE.exec(String(value)) ?? (/^\d{1,15}$/.test(String(value)) ? ["", value, value] : []);
      if (from !== "" && Number(from) <= Number(to)) return { from: Number(from), to: Number(to) };
      context.addIssue({
        code: "custom",
        message: `${quote(value)} is neither ${what} number nor a rising range such as "0-31"`,
      });
      return z.NEVER;
    });

const numberRanges = (what: string, plural: string) =>
  z.union([z.literal("all"), z.array(numberRange(what)), numberRange(what)], {
    error: `expected ${plural}: 5, "0-31", [0, "4-7"] or all`,
  });

const adapters = () =>
  numberRanges("an adapter", "adapters")
    .prefault("all")
    .meta({ description: 'Adapters, counted through all machines: 5, "0-31", [0, "4-7"] or all.' });

const bindings = () =>
  z.strictObject({
    adapters: adapters(),
    clients: numberRanges("a client", "clients")
      .prefault("all")
      .meta({ description: "Clients, counted within each adapter: as adapters." }),
  });

const phase = oneOf({
  warmup: duration
    .transform((ns): Phase => ({ kind: "warmup", ns }))
    .meta({ description: "Simulated but not measured." }),
  run: duration.transform((ns): Phase => ({ kind: "run", ns })).meta({ description: "Simulated and measured." }),
  halt: z
    .strictObject({ adapters: adapters() })
    .transform(({ adapters: halted }) => ({ kind: "halt" as const, adapters: halted }))
    .meta({
      description: "Adapters that halt at this point: clients are notified, and close every AF open on them at once.",
    }),
  unbind: bindings()
    .transform((ranges) => ({ kind: "unbind" as const, ...ranges }))
    .meta({ description: "Bindings that are closed at this point: every AF open on them is closed at once." }),
  bind: bindings()
    .transform((ranges) => ({ kind: "bind" as const, ...ranges }))
    .meta({ description: "Bindings that are made again at this point: their clients open all their AFs." }),
  drain: duration
    .transform((ns): Phase => ({ kind: "drain", ns }))
    .meta({ description: "Nothing new is opened; ends early when nothing is left to happen." }),
});

const contract = z.strictObject({
  notAcceptedClose: choice(READINGS.notAcceptedClose).prefault(DEFAULT_READINGS.notAcceptedClose).meta({
    description: "Whether a close may be refused while work is outstanding (legal), or never (table).",
  }),
  handleExpiry: choice(READINGS.handleExpiry).prefault(DEFAULT_READINGS.handleExpiry).meta({
    description: "A handle ends for an MCM when the completion of its close returns (perRole), or when it is called.",
  }),
  failedClose: choice(READINGS.failedClose).prefault(DEFAULT_READINGS.failedClose).meta({
    description: "After a close that failed the client's handle is dead, or may be closed again (retry).",
  }),
  outstandingClose: choice(READINGS.outstandingClose).prefault(DEFAULT_READINGS.outstandingClose).meta({
    description: "A close reaches the call manager once all teardowns were called, or always (forwarded).",
  }),
  openScope: choice(READINGS.openScope).prefault(DEFAULT_READINGS.openScope).meta({
    description: "While an open is pended the client leaves that AF alone, or every AF of the binding.",
  }),
  clientRelease: choice(READINGS.clientRelease).prefault(DEFAULT_READINGS.clientRelease).meta({
    description: "The client may release its context when it is told of its close, or from the completion call on.",
  }),
  notifyDuringClose: choice(READINGS.notifyDuringClose).prefault(DEFAULT_READINGS.notifyDuringClose).meta({
    description: "A close notification of an AF that is closing fails in NDIS, or is delivered all the same.",
  }),
  vcReuse: choice(READINGS.vcReuse).prefault(DEFAULT_READINGS.vcReuse).meta({
    description: "A VC whose call was closed makes no other call (never), or may make one (allowed).",
  }),
});

const fault = z.strictObject({
  kind: z
    .string({ error: "expected the name of a fault" })
    .meta({ description: "A fault of `condis-sim list faults`." }),
  rate: probability.optional().meta({ description: "Probability per opportunity; or give `at`." }),
  at: z
    .array(count(0, MACHINES_MAX * AFS_PER_MACHINE_MAX))
    .optional()
    .meta({ description: "AF indices that it always strikes." }),
  of: choice(["client", "cm"])
    .optional()
    .meta({ description: "Whose mistake it is: follows from the kind, and must agree with it." }),
});

function limited<Item extends z.ZodType>(item: Item, maximum: number, what: string) {
  return z
    .array(item)
    .meta({ maxItems: maximum })
    .refine((items) => items.length <= maximum, { error: `too many ${what}: at most ${maximum}` });
}

/** Fields of which a mapping has at most one; `--set` of one takes the others of its group away. */
export const ALTERNATIVES: readonly (readonly string[])[] = [
  ["constant", "uniform", "exponential", "lognormal", "pareto", "empirical"],
  ["poisson", "constant"],
  ["warmup", "run", "halt", "unbind", "bind", "drain"],
  ["rate", "at"],
];

/** Phases of a scenario that gives none, as a user would write them. */
export const DEFAULT_PHASES = [{ run: "50ms" }];

export const scenarioSchema = z
  .strictObject({
    name: line(100).meta({ description: "Name of the scenario." }),
    description: line(500).prefault("").meta({ description: "The question that the scenario answers, in a line." }),
    seed: count(0, Number.MAX_SAFE_INTEGER).prefault(1).meta({ description: "All draws are functions of it." }),
    tick: durationWithin(
      TICK_NS_MIN,
      TICK_NS_MAX,
      `from ${formatDuration(TICK_NS_MIN)} to ${formatDuration(TICK_NS_MAX)}`,
    )
      .prefault("100ns")
      .meta({ description: "Resolution of virtual time." }),
    topology: topology.prefault({}).meta({ description: "Machines, what they hold, and how many AFs share them." }),
    processors: processors.prefault({}).meta({ description: "Processors of a machine and their DPC queues." }),
    callManager: z
      .union([callManager, limited(callManager, PROFILES_MAX, "call manager profiles")], {
        error: "expected a call manager or a list of them",
      })
      .prefault({})
      .meta({ description: "How call managers behave: one profile, or several with weights." }),
    client: client.prefault({}).meta({ description: "What a client does with each of its AFs." }),
    contract: contract
      .prefault({})
      .meta({ description: "How to read the contract where the documents disagree or are silent." }),
    deadlines: z
      .strictObject({ open: duration.prefault("12s"), close: duration.prefault("12s") })
      .prefault({})
      .meta({ description: "How long a pended open or close may take before open/owed or close/owed is broken." }),
    phases: limited(phase, PHASES_MAX, "phases")
      .prefault(DEFAULT_PHASES)
      .meta({ description: "What happens, one after the other." }),
    faults: limited(fault, FAULTS_MAX, "faults").prefault([]).meta({ description: "Mistakes that drivers make." }),
    thresholds: limited(
      z.string({ error: "expected a threshold such as latency.close.p99Ns < 500us" }),
      1000,
      "thresholds",
    )
      .prefault([])
      .meta({ description: "Conditions on the result, such as latency.close.p99Ns < 500us." }),
  })
  .meta({ title: "condis-sim scenario" });

/** A scenario as a user writes it. */
export type ScenarioInput = z.input<typeof scenarioSchema>;
/** A scenario read field by field, before the checks across fields. */
export type ScenarioDraft = z.output<typeof scenarioSchema>;

/** The JSON Schema (draft 2020-12) of a scenario file, for editors. */
export function scenarioJsonSchema(): Record<string, unknown> {
  return { ...z.toJSONSchema(scenarioSchema, { io: "input" }) };
}
