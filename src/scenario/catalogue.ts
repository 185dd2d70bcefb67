/** The built-in scenarios, as a user would write them. Each answers one question, and ends within a few seconds. */
import { faultIds, objectFaultIds, type FaultId } from "../contract/faults.js";
import { InputError } from "./input-error.js";
import { callsAndParties, faultyCalls } from "./object-catalogue.js";
import type { ScenarioInput } from "./schema.js";
import { nearest } from "./suggest.js";
import { quote } from "./units.js";

/** The yardstick, whose figures are compared from version to version: it stays as it is. Half of the AFs are pended at any time, every AF lives about 25 lifecycles. 50M events. */
const churn: ScenarioInput = {
  name: "churn",
  description: "How fast do AFs open and close when half of them are pended at any time?",
  tick: "100ns",
  topology: { machines: 8, adaptersPerMachine: 8, clientsPerAdapter: 16, afs: "1M" },
  processors: { count: 8, completionCost: "0ns" },
  callManager: { kind: "mcm", open: { pend: 0 }, close: { pend: 1, inline: 0, service: { exponential: "1ms" } } },
  client: { hold: { exponential: "1ms" }, think: { constant: 0 } },
  phases: [{ run: "50ms" }],
};

/** 16k closes meet 4 servers of 50 us at every adapter: the last ones wait about 200 ms. 2M events. */
const closeStorm: ScenarioInput = {
  name: "close-storm",
  description: "How long do closes take when an adapter halt pends the close of every AF at once?",
  topology: { machines: 8, adaptersPerMachine: 8, clientsPerAdapter: 16, afs: "1M" },
  processors: { count: 8, dpcBudget: 64, completionCost: "200ns" },
  callManager: {
    close: { pend: 1, service: { lognormal: { mean: "50us", sigma: 0.5 } }, serve: { servers: 4, order: "fifo" } },
  },
  // Long holds leave the servers a fifth busy until the halt.
  client: { hold: { exponential: "1s" }, think: { constant: "10us" } },
  phases: [{ run: "10ms" }, { halt: { adapters: "all" } }, { drain: "1s" }],
};

/** One service in 1200 takes longer than the deadline. 4M events. */
const slowCallManager: ScenarioInput = {
  name: "slow-call-manager",
  description:
    "Which closes are overdue when service times have a heavy tail? Some miss the 12 s deadline and break close/owed.",
  tick: "10us",
  topology: { machines: 8, adaptersPerMachine: 4, clientsPerAdapter: 16, afs: "100k" },
  callManager: {
    kind: "standalone",
    irql: "PASSIVE_LEVEL",
    close: { pend: 1, service: { pareto: { min: "10ms", alpha: 1 } } },
  },
  client: { hold: { exponential: "1s" }, think: { constant: 0 } },
  phases: [{ run: "20s" }, { drain: "20s" }],
};

/** At every adapter 1000 AFs offer 4 servers about nine tenths of what they can do. 3M events. */
const lifoStarvation: ScenarioInput = {
  name: "lifo-starvation",
  description: "How long does the unluckiest close wait at a busy call manager that serves the newest first?",
  topology: { machines: 8, adaptersPerMachine: 8, clientsPerAdapter: 16, afs: "64k" },
  callManager: { close: { pend: 1, service: { exponential: "36us" }, serve: { servers: 4, order: "lifo" } } },
  client: { hold: { exponential: "10ms" }, think: { constant: 0 } },
  phases: [{ warmup: "50ms" }, { run: "200ms" }, { drain: "1s" }],
};

/** 4M events. */
const inlineRace: ScenarioInput = {
  name: "inline-race",
  description: "What changes when half of the completions come before ProtocolCmCloseAf has returned PENDING?",
  topology: { machines: 8, adaptersPerMachine: 8, clientsPerAdapter: 16, afs: "100k" },
  processors: { count: 8, dpcBudget: 64, completionCost: "200ns" },
  callManager: { close: { pend: 1, inline: 0.5, service: { exponential: "10us" } } },
  client: { hold: { exponential: "1ms" }, think: { constant: 0 } },
  phases: [{ run: "20ms" }, { drain: "100ms" }],
};

/** Two adapters share a processor and keep it half busy; a batch fills in about 20 us. 4M events. */
const coalesced: ScenarioInput = {
  name: "coalesced",
  description: "What do completions in interrupt batches cost in latency, and how do DPC budgets spread them?",
  topology: { machines: 8, adaptersPerMachine: 8, clientsPerAdapter: 16, afs: "200k" },
  processors: { count: 4, dpcBudget: 16, completionCost: "200ns" },
  callManager: { close: { pend: 1, service: { exponential: "50us" }, coalesce: { count: 32, timer: "100us" } } },
  client: { hold: { exponential: "2ms" }, think: { constant: 0 } },
  phases: [{ run: "20ms" }, { drain: "100ms" }],
};

/** 12M events. */
const mixedManagers: ScenarioInput = {
  name: "mixed-managers",
  description:
    "How do MCMs and stand-alone call managers, at DISPATCH_LEVEL and PASSIVE_LEVEL, get on beside each other?",
  topology: { machines: 8, adaptersPerMachine: 8, clientsPerAdapter: 16, afs: "256k" },
  processors: { count: 8, dpcBudget: 64, completionCost: "100ns" },
  callManager: [
    {
      kind: "mcm",
      weight: 3,
      open: { pend: 0.1, service: { exponential: "20us" } },
      close: { pend: 0.95, inline: 0.01, service: { lognormal: { mean: "50us", sigma: 0.5 } } },
    },
    {
      kind: "mcm",
      weight: 2,
      irql: "PASSIVE_LEVEL",
      open: { pend: 0.5, service: { uniform: { from: "10us", to: "100us" } } },
      close: { pend: 0.8, service: { exponential: "100us" }, coalesce: { count: 16, timer: "50us" } },
    },
    {
      kind: "standalone",
      weight: 2,
      open: { pend: 1, service: { exponential: "50us" } },
      // 4000 AFs offer these servers about half of what they can do.
      close: { pend: 1, service: { exponential: "4us" }, serve: { servers: 16, order: "random" } },
    },
    {
      kind: "standalone",
      weight: 1,
      irql: "PASSIVE_LEVEL",
      open: { pend: 0.2, service: { constant: "30us" } },
      close: {
        pend: 0.5,
        service: {
          empirical: [
            [0, "10us"],
            [0.5, "50us"],
            [0.99, "500us"],
            [1, "2ms"],
          ],
        },
      },
    },
  ],
  client: { hold: { exponential: "2ms" }, think: { exponential: "10us" } },
  phases: [{ warmup: "5ms" }, { run: "45ms" }, { drain: "100ms" }],
};

/** Four waves; in each a quarter of an adapter's clients leave it, and are bound again 5 ms later. 2.5M events. */
const rebind: ScenarioInput = {
  name: "rebind",
  description: "What becomes of AFs when waves of clients are unbound from their adapters and bound again?",
  topology: { machines: 8, adaptersPerMachine: 8, clientsPerAdapter: 16, afs: "64k" },
  callManager: {
    open: { pend: 0.3, service: { exponential: "50us" } },
    close: { pend: 0.9, service: { exponential: "200us" } },
    teardown: { service: { exponential: "100us" } },
  },
  client: { hold: { exponential: "2ms" }, think: { exponential: "20us" }, outstanding: { vcs: { poisson: 0.5 } } },
  phases: [
    { run: "5ms" },
    ...["0-3", "4-7", "8-11", "12-15"].flatMap((clients) => [
      { unbind: { clients } },
      { run: "5ms" },
      { bind: { clients } },
      { run: "5ms" },
    ]),
    { drain: "100ms" },
  ],
};

/** A close waits for three teardowns on the average, then for one of the servers, which are half busy. 1.7M events. */
const outstandingWork: ScenarioInput = {
  name: "outstanding-work",
  description: "How much of a close's latency is waiting for the calls and SAPs that were still on its AF?",
  topology: { machines: 8, adaptersPerMachine: 8, clientsPerAdapter: 16, afs: "64k" },
  callManager: {
    close: { pend: 1, service: { exponential: "20us" }, serve: { servers: 4, order: "fifo" } },
    teardown: { service: { lognormal: { mean: "1ms", sigma: 1 } } },
  },
  client: { hold: { exponential: "8ms" }, think: { constant: 0 }, outstanding: { vcs: { poisson: 2 }, saps: 1 } },
  phases: [{ warmup: "20ms" }, { run: "100ms" }, { drain: "1s" }],
};

/** Work items at PASSIVE_LEVEL and batches of them: a close takes a few times its service. 1.2M events. */
const waitingClients: ScenarioInput = {
  name: "waiting-clients",
  description: "How long do clients wait who close an AF in a thread of their own and then wait for its completion?",
  topology: { machines: 8, adaptersPerMachine: 8, clientsPerAdapter: 16, afs: "64k" },
  processors: { count: 8, dpcBudget: 16, completionCost: "1us" },
  callManager: {
    irql: "PASSIVE_LEVEL",
    close: { pend: 0.9, service: { exponential: "100us" }, coalesce: { count: 8, timer: "200us" } },
  },
  client: { wait: 1, hold: { exponential: "5ms" }, think: { exponential: "100us" } },
  phases: [{ run: "40ms" }, { unbind: { clients: "all" } }, { drain: "100ms" }],
};

/** Half of the adapters halt in the midst of work, then the others. 2M events. */
const batchHalt: ScenarioInput = {
  name: "batch-halt",
  description: "What does a halting adapter wait for: AFs that are open, opening, closing, or have work outstanding?",
  topology: { machines: 8, adaptersPerMachine: 8, clientsPerAdapter: 16, afs: "64k" },
  callManager: [
    {
      kind: "mcm",
      open: { pend: 0.2, service: { exponential: "100us" } },
      close: { pend: 0.8, service: { exponential: "200us" } },
      teardown: { service: { exponential: "500us" } },
      notify: { closing: true },
    },
    {
      kind: "standalone",
      open: { pend: 0.2, service: { exponential: "100us" } },
      close: { pend: 0.8, inline: 0.1, service: { exponential: "200us" }, serve: { servers: 8, order: "fifo" } },
      teardown: { service: { exponential: "500us" } },
    },
  ],
  client: {
    notify: { pend: 0.5 },
    hold: { exponential: "2ms" },
    think: { constant: 0 },
    outstanding: { vcs: { poisson: 0.5 }, saps: 1 },
  },
  phases: [
    { run: "20ms" },
    { halt: { adapters: "0-3" } },
    { run: "20ms" },
    { halt: { adapters: "all" } },
    { drain: "1s" },
  ],
};

/** Nine closes in ten have work left; half of these are refused once and asked for again. 1.7M events. */
const refusedCloses: ScenarioInput = {
  name: "refused-closes",
  description: "What does it cost to refuse a close while work is outstanding, so that the client must close again?",
  topology: { machines: 8, adaptersPerMachine: 8, clientsPerAdapter: 16, afs: "64k" },
  contract: { failedClose: "retry" },
  callManager: {
    close: { pend: 1, refuse: 0.5, service: { exponential: "20us" } },
    teardown: { service: { exponential: "1ms" } },
  },
  client: { hold: { exponential: "8ms" }, think: { constant: 0 }, outstanding: { vcs: { poisson: 2.3 } } },
  phases: [{ warmup: "20ms" }, { run: "100ms" }, { drain: "1s" }],
};

/** One AF an adapter, so that one handle is enough for a call manager. 1M events. */
const oneAf: ScenarioInput = {
  name: "one-af",
  description:
    "How fast do AFs come and go where an adapter has a single one, so that one handle and one flag will do?",
  topology: { machines: 8, adaptersPerMachine: 64, clientsPerAdapter: 1, afs: 512 },
  callManager: {
    open: { pend: 0.5, service: { exponential: "5us" } },
    close: { pend: 1, service: { exponential: "10us" } },
    habit: ["shared-flag", "one-handle"],
  },
  client: { hold: { exponential: "50us" }, think: { exponential: "10us" }, habit: "ignored-status" },
  phases: [{ run: "75ms" }, { drain: "1s" }],
};

/** One call manager of 64 calls a completion with its lock held, and the client's completion calls back in. 1M events. */
const heldLock: ScenarioInput = {
  name: "held-lock",
  description: "What is never completed when a call manager completes one close with its lock held and deadlocks?",
  topology: { machines: 8, adaptersPerMachine: 8, clientsPerAdapter: 16, afs: "64k" },
  callManager: {
    open: { pend: 0.1, service: { exponential: "50us" } },
    close: { pend: 1, service: { exponential: "200us" } },
    habit: "held-lock",
  },
  client: { hold: { exponential: "5ms" }, think: { exponential: "100us" } },
  phases: [{ run: "40ms" }, { drain: "1s" }],
  faults: [{ kind: "lock-deadlock", at: [0] }],
};

/** Faults whose opportunities are rare, or that stop a call manager for good, have rates of their own. */
const FAULT_RATES: Readonly<Partial<Record<FaultId, number>>> = {
  "register-late": 0.1,
  "register-twice": 0.1,
  "register-irql": 0.1,
  "forgotten-af": 0.01,
  "forgotten-notify": 0.01,
  "notify-irql": 0.01,
  "saps-first": 0.01,
  "notify-wait": 0.01,
  "notify-success": 0.01,
  "lost-notify-completion": 0.01,
  "early-notify-completion": 0.01,
  "double-notify-completion": 0.01,
  "early-close-adapter": 0.1,
  "cm-early-close-adapter": 0.5,
  "halted-completion": 0.01,
  "walk-skips": 0.01,
  "walk-repeats": 0.01,
  "close-adapter-irql": 0.05,
  "cm-close-adapter-irql": 0.5,
  "lock-deadlock": 2e-6,
};

/** Every fault there is but those with SAPs, VCs, calls and parties. 1.5M events. */
const faultyDrivers: ScenarioInput = {
  name: "faulty-drivers",
  description: "Which rules do drivers break that make every mistake there is, and what does each look like?",
  topology: { machines: 8, adaptersPerMachine: 8, clientsPerAdapter: 16, afs: "64k" },
  callManager: [
    {
      kind: "mcm",
      open: { pend: 0.5, fail: 0.05, service: { exponential: "50us" } },
      close: { pend: 0.7, inline: 0.1, refuse: 0.01, service: { exponential: "200us" } },
      teardown: { service: { exponential: "100us" } },
      notify: { closing: true },
    },
    {
      kind: "standalone",
      irql: "PASSIVE_LEVEL",
      open: { pend: 0.5, fail: 0.05, service: { exponential: "50us" } },
      close: { pend: 0.7, inline: 0.1, refuse: 0.01, service: { exponential: "200us" } },
      teardown: { service: { exponential: "100us" } },
    },
  ],
  client: {
    wait: 0.5,
    notify: { pend: 0.5 },
    hold: { exponential: "2ms" },
    think: { exponential: "20us" },
    outstanding: { vcs: { poisson: 0.3 }, saps: { poisson: 0.3 } },
  },
  phases: [
    { run: "10ms" },
    { unbind: { clients: "0-3" } },
    { run: "10ms" },
    { bind: { clients: "0-3" } },
    { run: "10ms" },
    { halt: { adapters: "all" } },
    { drain: "1s" },
  ],
  faults: faultIds.filter((id) => !objectFaultIds.has(id)).map((id) => ({ kind: id, rate: FAULT_RATES[id] ?? 1e-3 })),
};

const SCENARIOS: ReadonlyMap<string, ScenarioInput> = new Map(
  [
    churn,
    closeStorm,
    slowCallManager,
    lifoStarvation,
    inlineRace,
    coalesced,
    mixedManagers,
    rebind,
    outstandingWork,
    waitingClients,
    batchHalt,
    refusedCloses,
    oneAf,
    heldLock,
    faultyDrivers,
    callsAndParties,
    faultyCalls,
  ].map((scenario) => [scenario.name, scenario]),
);

/** Names of the built-in scenarios, in the order of the catalogue. */
export const catalogueNames: readonly string[] = [...SCENARIOS.keys()];

/** A built-in scenario in the user's shape. Throws InputError with the nearest name for one that does not exist. */
export function catalogueScenario(name: string): ScenarioInput {
  const scenario = SCENARIOS.get(name);
  if (scenario !== undefined) return scenario;
  const suggestion = nearest(name, catalogueNames);
  throw new InputError(
    `there is no scenario ${quote(name)}; built in are ${catalogueNames.join(", ")}, and a file's name ends in .yaml, .yml or .json`,
    suggestion === undefined ? {} : { suggestion },
  );
}
